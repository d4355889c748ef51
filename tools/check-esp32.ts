// `npm run check:esp32`: links the firmware's byte code for the ESP32 with the Moddable SDK ($MODDABLE), without ESP-IDF
// and without any C. Fails with the name of a module that is missing or not preloaded, and above 200 aliases.
// Exit 2 when the SDK is not there.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUILD, build } from "./build.js";
import { aliasesOf, notPreloaded } from "./linked.js";

/** Each costs 4 bytes of RAM on the device. docs/decisions/0006. */
const ALIASES_LIMIT = 200;
/** The SDK asks git for this tag of whatever $IDF_PATH names. */
const IDF_TAG = "v6.0";

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}

const sdk = process.env.MODDABLE;
if (sdk === undefined) refuse("$MODDABLE is not set: it names the folder of the Moddable SDK, built for this machine");
const tools = join(sdk, "build", "bin", "lin", "release");
const mac = join(sdk, "build", "bin", "mac", "release");
const bin = existsSync(tools) ? tools : mac;
if (!existsSync(join(bin, "mcconfig"))) refuse(`${bin}: no mcconfig there; build the SDK's tools first (xs-dev setup)`);

const work = mkdtempSync(join(tmpdir(), "ievcc-esp32-"));
const idf = join(work, "idf");
const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, IDF_PATH: idf };

function run(command: string, args: readonly string[], cwd = work): string {
  const { status, stdout, stderr } = spawnSync(command, [...args], { cwd, env, encoding: "utf8" });
  const said = `${stdout ?? ""}${stderr ?? ""}`;
  if (status !== 0) throw new Error(`${command} ended with ${status}:\n${said}`);
  return said;
}

/** An empty git folder that answers for the ESP-IDF, which linking byte code does not need. */
function standInForIdf(): void {
  mkdirSync(idf);
  const as = ["-c", "user.name=ievcc", "-c", "user.email=ievcc@localhost"];
  for (const args of [
    ["init", "-q"],
    [...as, "commit", "-q", "--allow-empty", "-m", IDF_TAG],
    ["tag", IDF_TAG],
  ]) {
    execFileSync("git", args, { cwd: idf });
  }
}

interface Linked {
  readonly said: string;
  /** The C file that the linker made: byte code, preloaded slots, aliases. */
  readonly source: string;
}

function link(): Linked {
  const out = join(work, "out");
  mkdirSync(out);
  run("mcconfig", ["-p", "esp32", "-o", out, join(BUILD, "manifest.json")]);
  const folder = join(out, "tmp", "esp32", "release", "build");
  const makefile = join(folder, "makefile");
  const asks = join(work, "ask.mk");
  execFileSync("sh", ["-c", `echo 'ask:;@echo $(SDKCONFIG_H)' > ${asks}`]);
  const sdkconfig = run("make", ["-s", "-f", makefile, "-f", asks, "ask"]).trim();
  const target = join(folder, "mc.xs.c");
  return { said: run("make", ["-f", makefile, "-o", sdkconfig, target]), source: readFileSync(target, "utf8") };
}

try {
  const modules = build();
  standInForIdf();
  const { said, source } = link();
  const aliases = aliasesOf(source);
  const tooMany = aliases === null || aliases > ALIASES_LIMIT;
  if (tooMany) for (const line of said.split("\n")) if (line.startsWith("### warning")) console.log(line);
  const left = notPreloaded(source, modules);
  console.log(`${modules.length} modules linked for esp32; ${aliases} aliases (<= ${ALIASES_LIMIT})`);
  for (const name of left) console.log(`not preloaded: ${name}`);
  process.exitCode = left.length > 0 || tooMany ? 1 : 0;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
