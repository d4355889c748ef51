// Builds an app for a board with the Moddable SDK and the ESP-IDF, and flashes it:
// --board B --app A [--port P] [--factory F.nvs.bin]. Says what is missing and how to get it, and then ends with 2.
// --factory: the image that tools/provision wrote for this device; it becomes its NVS partition.

import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { parseOptions } from "./arguments.js";
import { APPS, type App, boards, build, manifestOf } from "./build.js";
import { missingOfIdf, platformOf, sdkTools, surroundings } from "./esp32-sdk.js";
import { partitionOf } from "./partitions.js";

const USAGE = `--board ${boards().join("|")} --app ${APPS.join("|")} [--port PORT] [--factory FILE.nvs.bin]`;

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

/** Why this file is no image for the NVS partition, null when its length is that. */
export function factoryRefusal(file: string): string | null {
  const { size } = partitionOf("nvs");
  const found = statSync(file, { throwIfNoEntry: false })?.size;
  if (found === undefined) return `--factory: there is no ${file}`;
  return found === size ? null : `--factory: ${file} has ${found} bytes, and the NVS partition ${size}`;
}

/** The command that writes it, as one flashes it by hand too. */
export const factoryCommand = (file: string, port: string | null): readonly string[] => [
  "esptool.py",
  ...(port === null ? [] : ["--port", port]),
  "write_flash",
  `0x${partitionOf("nvs").offset.toString(16)}`,
  file,
];

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): number {
  console.log([command, ...args].join(" "));
  return spawnSync(command, [...args], { env, stdio: "inherit" }).status ?? 1;
}

/** The exit code. `say` gets what is missing. */
export function flash(args: readonly string[], environment: NodeJS.ProcessEnv, say: (line: string) => void): number {
  const wanted = wantedIn(args);
  if (!("board" in wanted)) {
    for (const line of wanted) say(line);
    return 2;
  }
  const tools = sdkTools(environment.MODDABLE);
  const refused = wanted.factory === null ? null : factoryRefusal(wanted.factory);
  const missing = [
    ...(refused === null ? [] : [refused]),
    ...(tools.ok ? [] : tools.why),
    ...missingOfIdf(environment),
  ];
  if (!tools.ok || missing.length > 0) {
    say(`cannot flash ${wanted.app} to ${wanted.board}:`);
    for (const line of missing) say(line);
    return 2;
  }
  build();
  const env = surroundings(tools.bin, wanted.port === null ? {} : { UPLOAD_PORT: wanted.port });
  const code = run("mcconfig", ["-m", "-p", platformOf(wanted.board), manifestOf(wanted.app)], env);
  if (code !== 0 || wanted.factory === null) return code;
  const [command = "", ...rest] = factoryCommand(wanted.factory, wanted.port);
  return run(command, rest, env);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.exitCode = flash(process.argv.slice(2), process.env, (line) => console.error(line));
}
