// `npm run build`: everything of the firmware as JavaScript modules and, for each app, a manifest that lists and preloads
// each of them, made from what is there, so that none can be forgotten. For mcconfig, check:esp32 and flash.

import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { macPackages, mqttPacket, ROOT } from "./xs/modules.js";

export const BUILD = join(ROOT, "build");
export const APPS = Object.freeze(["charger", "meter"] as const);
export type App = (typeof APPS)[number];

export const BOARDS_FOLDER = join(ROOT, "hal", "esp32", "boards");
export const boards = (): readonly string[] =>
  readdirSync(BOARDS_FOLDER, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();

/** The charger's has the usual name, and every module there is; another app's has what its program imports. */
export const manifestOf = (app: App): string => join(BUILD, app === "charger" ? "manifest.json" : `${app}.json`);

const rootOf = (app: App): string => `hal/esp32/main-${app}`;
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
/** XS gives each module a `meta` that may be changed, which costs RAM even when nobody asks for it: an alias a module. */
const FREEZE_META = "Object.freeze(import.meta);\n";

/** A file of types leaves nothing behind. */
const isEmpty = (name: string): boolean => codeOf(name).trim() === "export {};";

/** Every module that is imported from there, itself included. */
function reached(from: string, known: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set<string>([from]);
  for (const name of found) {
    for (const [, to = ""] of codeOf(name).matchAll(/(?:from|import) "([^"]+)"/g)) {
      const path = to.startsWith(".") ? posix.join(posix.dirname(name), to).replace(/\.js$/, "") : to;
      if (known.has(path)) found.add(path);
    }
  }
  return found;
}

function manifest(app: App, names: readonly string[]): void {
  const base = JSON.parse(readFileSync(join(ROOT, "manifest.json"), "utf8"));
  const places = Object.fromEntries(names.map((name) => [name, `./js/${name === "main" ? entryOf(app) : name}`]));
  const ffi = { ...base.ffi, sources: base.ffi.sources.map((source: string) => source.replace(/^\.\//, "../")) };
  // The SDK's own modules are in a manifest of their own: what is in this one is ours, and is counted.
  const { modules, preload, ...rest } = base;
  writeFileSync(join(BUILD, "sdk.json"), `${JSON.stringify({ modules, preload }, null, 2)}\n`);
  const include = [...base.include, "./sdk.json"];
  const own = { ...rest, include, ffi, modules: places, preload: Object.keys(places) };
  writeFileSync(manifestOf(app), `${JSON.stringify(own, null, 2)}\n`);
}

/** Compiles, writes a manifest for each app and gives the names of the charger's modules. */
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
  const others = APPS.filter((app) => app !== "charger").flatMap((app) => [...onlyOf(app, all)]);
  const charger = [...all.filter((name) => !others.includes(name)), "main"].sort();
  manifest("charger", charger);
  manifest("meter", modulesOfMeter(all));
  return charger;
}

const modulesOfMeter = (all: readonly string[]): readonly string[] =>
  [...reached(rootOf("meter"), new Set(all)), "main"].sort();

/** Drivers that this app alone has; what is in src is in every charger, so that one list shows that nothing is missing. */
function onlyOf(app: App, all: readonly string[]): readonly string[] {
  const known = new Set(all);
  const charger = new Set([...reached(rootOf("charger"), known), ...reached("hal/esp32/evse-worker", known)]);
  return [...reached(rootOf(app), known)].filter((name) => name.startsWith("hal/") && !charger.has(name));
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
