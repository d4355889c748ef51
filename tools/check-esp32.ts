// `npm run check:esp32`: links the firmware's byte code for each board and app with the Moddable SDK ($MODDABLE), without
// ESP-IDF and without any C. Fails with the name of a module that is missing or not preloaded, above 200 aliases, above
// 500 KB of byte code, and when a setting of the board did not reach the ESP-IDF's. Exit 2 when the SDK is not there.
// `-- --board B --app A` for one alone.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseOptions } from "./arguments.js";
import { APPS, type App, BOARDS_FOLDER, boards, build, manifestOf, modulesOf } from "./build.js";
import { platformOf, sdkTools, standInForIdf, surroundings } from "./esp32-sdk.js";
import { aliasesOf, byteCodeOf, flashSlotsOf, notPreloaded } from "./linked.js";
import { lostSettings } from "./sdkconfig.js";

/** Each costs 4 bytes of RAM on the device. docs/decisions/0006. */
const ALIASES_LIMIT = 200;
const BYTE_CODE_LIMIT = 500_000;

function refuse(lines: readonly string[]): never {
  for (const line of lines) console.error(line);
  process.exit(2);
}

const parsed = parseOptions(process.argv.slice(2), { board: "value", app: "value" });
if (!parsed.ok) refuse([parsed.why]);
const { values } = parsed.options;
const wantedBoards = boards().filter((board) => board === (values.get("board") ?? board));
const wantedApps = APPS.filter((app) => app === (values.get("app") ?? app));
if (wantedBoards.length * wantedApps.length === 0) {
  refuse([`there are the boards ${boards().join(", ")} and the apps ${APPS.join(", ")}`]);
}
const tools = sdkTools(process.env.MODDABLE);
if (!tools.ok) refuse(tools.why);

const work = mkdtempSync(join(tmpdir(), "ievcc-esp32-"));
const idf = join(work, "idf");
const env = surroundings(tools.bin, { IDF_PATH: idf });

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, [...args], { cwd: work, env, encoding: "utf8" });
  const said = `${stdout ?? ""}${stderr ?? ""}`;
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${said}`);
  return said;
}

/** The only file of this name below the folder. */
function fileBelow(folder: string, name: string): string {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const found = entry.isDirectory() ? fileBelow(path, name) : entry.name === name ? path : "";
    if (found !== "") return found;
  }
  return "";
}

interface Linked {
  readonly said: string;
  /** The C file that the linker made: byte code, preloaded slots, aliases. */
  readonly source: string;
  readonly lost: readonly string[];
}

function link(board: string, app: App): Linked {
  const out = join(work, `${board}-${app}`);
  mkdirSync(out);
  run("mcconfig", ["-p", platformOf(board), "-o", out, manifestOf(app)]);
  const makefile = fileBelow(out, "makefile");
  const folder = join(makefile, "..");
  const asks = join(work, "ask.mk");
  spawnSync("sh", ["-c", `echo 'ask:;@echo $(SDKCONFIG_H)' > ${asks}`]);
  const sdkconfig = run("make", ["-s", "-f", makefile, "-f", asks, "ask"]).trim();
  const target = join(folder, "mc.xs.c");
  const said = run("make", ["-f", makefile, "-o", sdkconfig, target]);
  const wanted = readFileSync(join(BOARDS_FOLDER, board, "sdkconfig.defaults"), "utf8");
  const merged = fileBelow(out, "sdkconfig.mc");
  const lost = existsSync(merged) ? lostSettings(wanted, readFileSync(merged, "utf8")) : ["all of sdkconfig.defaults"];
  return { said, source: readFileSync(target, "utf8"), lost };
}

function check(board: string, app: App): boolean {
  const { said, source, lost } = link(board, app);
  const bytes = byteCodeOf(source);
  const modules = modulesOf(app);
  const aliases = aliasesOf(source);
  const left = notPreloaded(source, modules);
  const tooMany = aliases === null || aliases > ALIASES_LIMIT;
  const tooLong = bytes === 0 || bytes > BYTE_CODE_LIMIT;
  if (tooMany) for (const line of said.split("\n")) if (line.startsWith("### warning")) console.log(line);
  console.log(
    `${board} ${app}: ${modules.length} modules linked; ${aliases} aliases (<= ${ALIASES_LIMIT}); ` +
      `${bytes} bytes of byte code (<= ${BYTE_CODE_LIMIT}); ${flashSlotsOf(source)} objects in flash`,
  );
  for (const name of left) console.log(`  not preloaded: ${name}`);
  for (const name of lost) console.log(`  not in the ESP-IDF's configuration: ${name}`);
  return left.length === 0 && !tooMany && !tooLong && lost.length === 0;
}

try {
  build();
  standInForIdf(idf);
  const all = wantedBoards.flatMap((board) => wantedApps.map((app) => check(board, app)));
  process.exitCode = all.every((good) => good) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
