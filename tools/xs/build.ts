// Makes the XS host from host.c and the engine's C sources in the package @agoric/xsnap, once for each compiler, set of
// flags and sources; later calls find it in the cache.

import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { compiler } from "../machine.js";
import { ROOT } from "./modules.js";

const XS = join(ROOT, "node_modules", "@agoric", "xsnap", "moddable", "xs");
const OWN = join(ROOT, "tools", "xs");
const CACHE = join(ROOT, "node_modules", ".cache", "ievcc-xs");

/** As the ESP32's build of XS has them, and metering. */
const DEFINES = {
  INCLUDE_XSPLATFORM: "1",
  XSPLATFORM: '"platform.h"',
  mxMetering: "1",
  mxInstrument: "1",
  mxNoConsole: "1",
  mxBoundsCheck: "1",
  mxParse: "1",
  mxRun: "1",
  mxSloppy: "1",
  mxLockdown: "1",
  mxMinusZero: "1",
  mxStringNormalize: "1",
  mxRegExpUnicodePropertyEscapes: "1",
};

export interface HostBuild {
  readonly path: string;
  /** Of the machine: slots of 16 or 32 bytes. */
  readonly bits: 32 | 64;
}

export interface HostOptions {
  /** Errors name TypeScript file and line; costs computrons, so not for counting. */
  readonly lines: boolean;
  /** Told while it compiles. */
  readonly onProgress?: (done: number, of: number) => void;
}

function buildsFor32(cc: string): boolean {
  const file = join(tmpdir(), `ievcc-m32-${process.pid}`);
  writeFileSync(`${file}.c`, "#include <math.h>\n#include <stdio.h>\nint main(void) { return sizeof(void*) != 4; }\n");
  try {
    execFileSync(cc, ["-m32", `${file}.c`, "-lm", "-o", file], { stdio: "ignore" });
    execFileSync(file);
    return true;
  } catch {
    return false;
  } finally {
    for (const one of [file, `${file}.c`]) rmSync(one, { force: true });
  }
}

function sources(): readonly string[] {
  const engine = readdirSync(join(XS, "sources")).filter((name) => name.endsWith(".c") && name !== "xsSnapshot.c");
  return [join(OWN, "host.c"), ...engine.map((name) => join(XS, "sources", name))];
}

function flagsOf(bits: 32 | 64, lines: boolean): readonly string[] {
  const defines = { ...DEFINES, ...(lines ? { mxDebug: "1" } : {}) };
  return [
    ...(bits === 32 ? ["-m32"] : []),
    "-O3",
    "-w",
    "-fno-common",
    "-fno-pie",
    ...Object.entries(defines).map(([name, value]) => `-D${name}=${value}`),
    ...[OWN, join(XS, "includes"), join(XS, "platforms"), join(XS, "sources")].map((folder) => `-I${folder}`),
  ];
}

function keyOf(cc: string, flags: readonly string[]): string {
  const hash = createHash("sha256");
  hash.update(execFileSync(cc, ["--version"])).update(flags.join(" "));
  for (const file of [...sources(), join(OWN, "platform.h")]) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

/** Null without a C compiler. Rejects with the compiler's own words when it fails. */
export async function buildHost({ lines, onProgress }: HostOptions): Promise<HostBuild | null> {
  const cc = compiler();
  if (cc === null) return null;
  const bits = buildsFor32(cc) ? 32 : 64;
  const flags = flagsOf(bits, lines);
  const folder = join(CACHE, keyOf(cc, flags));
  const path = join(folder, "host");
  if (!existsSync(path)) await compileAll(cc, flags, folder, path, onProgress ?? (() => undefined));
  return { path, bits };
}

async function compileAll(
  cc: string,
  flags: readonly string[],
  folder: string,
  path: string,
  onProgress: (done: number, of: number) => void,
): Promise<void> {
  const run = promisify(execFile);
  const work = `${folder}-${process.pid}`;
  mkdirSync(work, { recursive: true });
  const files = sources();
  const waiting = [...files];
  const objects: string[] = [];
  async function worker(): Promise<void> {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
      const object = join(work, `${basename(file, ".c")}.o`);
      await run(cc, [...flags, "-c", file, "-o", object]);
      objects.push(object);
      onProgress(objects.length, files.length);
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  const program = join(work, "host");
  await run(cc, [
    ...flags.filter((flag) => flag === "-m32"),
    "-no-pie",
    ...objects,
    "-lm",
    "-lpthread",
    "-ldl",
    "-o",
    program,
  ]);
  mkdirSync(folder, { recursive: true });
  renameSync(program, path);
  rmSync(work, { recursive: true });
}

/** One line that grows on a terminal, one line at its beginning elsewhere. */
export function showProgress(done: number, of: number): void {
  const text = `compiling the XS engine: ${done} of ${of} files`;
  if (process.stderr.isTTY) process.stderr.write(`\r${text}${done === of ? "\n" : ""}`);
  else if (done === 1) process.stderr.write(`compiling the XS engine (${of} files, once)\n`);
}
