// Builds an app for a board with the Moddable SDK and the ESP-IDF, and flashes it:
// --board B --app A [--port P] [--factory F.json]. Says what is missing and how to get it, and then ends with 2.
// --factory: the file that tools/provision wrote for this device; its settings go into the device's factory sector.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseOptions } from "./arguments.js";
import { APPS, type App, boards, build, manifestOf } from "./build.js";
import { missingOfIdf, platformOf, sdkTools, surroundings } from "./esp32-sdk.js";

const USAGE = `--board ${boards().join("|")} --app ${APPS.join("|")} [--port PORT] [--factory FILE.json]`;
/** hal/esp32/boards/partitions.csv and FACTORY_SECTOR of hal/esp32/storage.ts. */
const SECTOR = 4_096;
export const FACTORY_OFFSET = 0x3f0000 + 6 * SECTOR;

export interface Wanted {
  readonly board: string;
  readonly app: App;
  readonly port: string | null;
  readonly factory: string | null;
}

/** What is to be flashed, or the lines that say what is wrong with the command. */
export function wantedIn(args: readonly string[]): Wanted | readonly string[] {
  const parsed = parseOptions(args, { board: "value", app: "value", port: "value", factory: "value" });
  if (!parsed.ok) return [parsed.why, USAGE];
  const { values } = parsed.options;
  const board = values.get("board");
  const app = APPS.find((one) => one === values.get("app"));
  if (board === undefined || !boards().includes(board)) return [`--board: ${board ?? "missing"}`, USAGE];
  if (app === undefined) return [`--app: ${values.get("app") ?? "missing"}`, USAGE];
  return { board, app, port: values.get("port") ?? null, factory: values.get("factory") ?? null };
}

/** The factory's sector: the JSON, then FF. A string: why it cannot be one. */
export function factoryImage(json: string): Uint8Array | string {
  const bytes = new TextEncoder().encode(json);
  if (bytes.some((byte) => byte > 0x7e)) return "the factory's settings must be plain ASCII";
  if (bytes.length > SECTOR) return `the factory's settings are ${bytes.length} bytes; a sector has ${SECTOR}`;
  const image = new Uint8Array(SECTOR).fill(0xff);
  image.set(bytes);
  return image;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): number {
  console.log([command, ...args].join(" "));
  return spawnSync(command, [...args], { env, stdio: "inherit" }).status ?? 1;
}

function writeFactory(file: string, port: string | null, env: NodeJS.ProcessEnv): number {
  const image = factoryImage(readFileSync(file, "utf8"));
  if (typeof image === "string") {
    console.error(image);
    return 2;
  }
  const folder = mkdtempSync(join(tmpdir(), "ievcc-factory-"));
  try {
    const path = join(folder, "factory.bin");
    writeFileSync(path, image, { mode: 0o600 });
    const where = port === null ? [] : ["--port", port];
    return run("esptool.py", [...where, "write_flash", `0x${FACTORY_OFFSET.toString(16)}`, path], env);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The exit code. `say` gets what is missing. */
export function flash(args: readonly string[], environment: NodeJS.ProcessEnv, say: (line: string) => void): number {
  const wanted = wantedIn(args);
  if (!("board" in wanted)) {
    for (const line of wanted) say(line);
    return 2;
  }
  const tools = sdkTools(environment.MODDABLE);
  const missing = [...(tools.ok ? [] : tools.why), ...missingOfIdf(environment)];
  if (!tools.ok || missing.length > 0) {
    say(`cannot flash ${wanted.app} to ${wanted.board}:`);
    for (const line of missing) say(line);
    return 2;
  }
  build();
  const env = surroundings(tools.bin, wanted.port === null ? {} : { UPLOAD_PORT: wanted.port });
  const code = run("mcconfig", ["-m", "-p", platformOf(wanted.board), manifestOf(wanted.app)], env);
  return code === 0 && wanted.factory !== null ? writeFactory(wanted.factory, wanted.port, env) : code;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.exitCode = flash(process.argv.slice(2), process.env, (line) => console.error(line));
}
