// `npm run build`: everything of the firmware as JavaScript modules and, for each app, a manifest that lists and preloads
// each of them, made from what is there, so that none can be forgotten. For mcconfig, check:esp32 and flash.

import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { publicRoots } from "./public-roots.js";
import { macPackages, mqttPacket, ROOT, reached } from "./xs/modules.js";

export const BUILD = join(ROOT, "build");
export const APPS = Object.freeze(["charger", "meter"] as const);
export type App = (typeof APPS)[number];

export const BOARDS_FOLDER = join(ROOT, "hal", "esp32", "boards");
export const boards = (): readonly string[] =>
  readdirSync(BOARDS_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();

/** The charger's has the usual name. Each has what its programs import. */
export const manifestOf = (app: App): string => join(BUILD, app === "charger" ? "manifest.json" : `${app}.json`);

const rootOf = (app: App): string => `hal/esp32/main-${app}`;
/** What runs first on each: a charger's second machine is another program. */
const STARTS: Readonly<Record<App, readonly string[]>> = Object.freeze({
  charger: [rootOf("charger"), "hal/esp32/evse-worker"],
  meter: [rootOf("meter")],
});
/** What the SDK starts under the name "main", which has no folder for relative imports. */
const entryOf = (app: App): string => (app === "charger" ? "main" : `${app}/main`);

function compiled(folder: string): readonly string[] {
  return readdirSync(join(BUILD, "js", folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      return entry.isDirectory() ? compiled(path) : path.endsWith(".js") ? [path] : [];
    })
    .sort();
}

const codeOf = (name: string): string => readFileSync(join(BUILD, "js", `${name}.js`), "utf8");
/** A file of data that lies in the image, as hal/esp32/tls-session.ts asks for it. */
const ROOTS = "roots";
/** XS gives each module a `meta` that may be changed, which costs RAM even when nobody asks for it: an alias a module. */
const FREEZE_META = "Object.freeze(import.meta);\n";

/** A file of types leaves nothing behind. */
const isEmpty = (name: string): boolean => codeOf(name).trim() === "export {};";

/** Every module that these import, themselves included, among those that were compiled. */
function reachedOf(from: readonly string[], known: ReadonlySet<string>): readonly string[] {
  const nameOf = (path: string): string => path.replace(/\.js$/, "");
  const codeIn = (path: string): string | undefined => (known.has(nameOf(path)) ? codeOf(nameOf(path)) : undefined);
  return [...new Set([...reached(from, codeIn)].map(nameOf))];
}

function manifest(app: App, names: readonly string[]): void {
  const base = JSON.parse(readFileSync(join(ROOT, "manifest.json"), "utf8"));
  const places = Object.fromEntries(names.map((name) => [name, `./js/${name === "main" ? entryOf(app) : name}`]));
  const ffi = { ...base.ffi, sources: base.ffi.sources.map((source: string) => source.replace(/^\.\//, "../")) };
  // The SDK's own modules are in a manifest of their own: what is in this one is ours, and is counted.
  const { modules, preload, ...rest } = base;
  writeFileSync(join(BUILD, "sdk.json"), `${JSON.stringify({ modules, preload }, null, 2)}\n`);
  const include = [...base.include, "./sdk.json"];
  const data = { "*": `./${ROOTS}` };
  const own = { ...rest, include, ffi, data, modules: places, preload: Object.keys(places) };
  writeFileSync(manifestOf(app), `${JSON.stringify(own, null, 2)}\n`);
}

/** Compiles, writes a manifest for each app and gives the names of all modules. */
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
  const all = compiled(".")
    .map((file) => file.replace(/\.js$/, ""))
    .filter((name) => !isEmpty(name));
  for (const app of APPS) {
    const file = join(BUILD, "js", `${entryOf(app)}.js`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `export { default } from "${rootOf(app)}";\n`);
  }
  for (const name of [...all, ...APPS.map(entryOf)]) appendFileSync(join(BUILD, "js", `${name}.js`), FREEZE_META);
  writeFileSync(join(BUILD, `${ROOTS}.der`), publicRoots());
  const known = new Set(all);
  for (const app of APPS) manifest(app, [...reachedOf(STARTS[app], known), "main"].sort());
  return all;
}

/** The modules of an app's manifest, as `build` wrote it. */
export function modulesOf(app: App): readonly string[] {
  const { modules }: { modules: Record<string, string> } = JSON.parse(readFileSync(manifestOf(app), "utf8"));
  return Object.keys(modules);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  build();
  for (const app of APPS) console.log(`${manifestOf(app)}: ${modulesOf(app).length} modules, all preloaded`);
}
