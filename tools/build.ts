// `npm run build`: everything of the firmware as JavaScript modules and a manifest that lists and preloads each of them,
// made from what is there, so that none can be forgotten. For mcconfig, and for check:esp32.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { macPackages, mqttPacket, ROOT } from "./xs/modules.js";

export const BUILD = join(ROOT, "build");
/** What the SDK starts under the name "main", which has no folder for relative imports. */
const ENTRY = "hal/esp32/link";

function compiled(folder: string): readonly string[] {
  return readdirSync(join(BUILD, "js", folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      return entry.isDirectory() ? compiled(path) : path.endsWith(".js") ? [path] : [];
    })
    .sort();
}

/** A file of types leaves nothing behind. */
const isEmpty = (file: string): boolean => readFileSync(join(BUILD, "js", file), "utf8").trim() === "export {};";

/** Compiles, writes build/manifest.json and gives the names of the modules. */
export function build(): readonly string[] {
  rmSync(BUILD, { recursive: true, force: true });
  execFileSync(
    process.execPath,
    [join(ROOT, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"],
    {
      cwd: ROOT,
      stdio: "inherit",
    },
  );
  for (const { path, code } of [mqttPacket(), ...macPackages()]) {
    const file = join(BUILD, "js", `${path}.js`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
  writeFileSync(join(BUILD, "js", "main.js"), `import "${ENTRY}";\n`);
  const modules = compiled(".")
    .filter((file) => !isEmpty(file))
    .map((file) => file.replace(/\.js$/, ""));
  const base = JSON.parse(readFileSync(join(ROOT, "manifest.json"), "utf8"));
  const places = Object.fromEntries(modules.map((name) => [name, `./js/${name}`]));
  const preload = Object.keys(places);
  writeFileSync(join(BUILD, "manifest.json"), `${JSON.stringify({ ...base, modules: places, preload }, null, 2)}\n`);
  return preload;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  console.log(`build/manifest.json: ${build().length} modules, all preloaded`);
}
