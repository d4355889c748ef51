// The unit tests of src inside the frozen machine, unchanged: each file in a machine of its own.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { buildHost, showProgress } from "./build.js";
import { freezing } from "./engine.js";
import { type Creation, startHost, type XsHost } from "./host.js";
import { filesBelow, firmware, type Module, moduleOf, ROOT, wholeMqttPacket } from "./modules.js";
import { sourceLines } from "./source-lines.js";

export interface FileOutcome {
  readonly file: string;
  readonly passed: number;
  /** "title: why", or why the whole file could not run. */
  readonly failed: readonly string[];
}

/** What a test may import to be one of src alone. */
const ALLOWED =
  /^(?:\.\.\/(?:\.\.\/)?src\/.*|\.{1,2}\/(?:(?:portal\/)?model|flash-model|meter-payloads|site|town)\.js|node:assert\/strict|fast-check|mqtt-packet)$/;

/** Tests that cannot be had on XS, each with the reason. */
export const LEFT_OUT: Readonly<Record<string, string>> = Object.freeze({
  "settings answers any value at all without a throw, and what it accepts it accepts again after JSON":
    "fast-check assigns to names of the frozen Object.prototype",
  "settings store leaves the old settings or the new ones after a power cut at any byte, and can save again":
    "4,000 million computrons: a minute",
  "text accepts exactly the bytes that the platform's strict decoder accepts, and reads the same":
    "compares with the TextDecoder of a platform that has one",
  "who asks changes nothing and throws nothing for 10,000 hostile requests, and answers each at most once":
    "renders thousands of pages: a minute",
  "portal form reads every form as the platform's parser does, and back":
    "compares with the URLSearchParams of a platform that has one",
  "calendar beside the platform's shows in each of its zones from 2020 to 2040 what the platform's table of zones shows":
    "compares with the Intl of a platform that has one",
  "calendar beside the platform's misses none of the platform's changes of the clock":
    "compares with the Intl of a platform that has one",
  "tariff changes exactly when a scan of each minute of a year sees it change, in each preset":
    "5,300,000 readings of the clock: minutes",
});

/** Room for fast-check and what it generates; the firmware itself runs in the device's RAM in the scenarios. */
const ROOMY: Creation = { chunk: 32 << 20, heap: 4_000_000, stack: 4_096, keys: 30_000 };
const NO_LIMIT = 0xffff_0000;

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/^import (?!type )[^;]*?"([^"]+)";/gms)].map(([, from = ""]) => from);
}

export const unitTestFiles = (): readonly string[] =>
  filesBelow("test").filter((file) => file.endsWith(".test.ts") && importsOf(file).every((from) => ALLOWED.test(from)));

function fastCheck(): Module {
  const built = buildSync({
    stdin: { contents: 'export * from "fast-check"; export { default } from "fast-check";', resolveDir: ROOT },
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    define: { setTimeout: "undefined", clearTimeout: "undefined" },
    write: false,
    logLevel: "silent",
  });
  return { path: "fast-check", code: built.outputFiles[0]?.text ?? "", map: null };
}

function runFile(host: XsHost, file: string, readable: (text: string) => string): FileOutcome {
  const { path } = moduleOf(file);
  const entry = `run/${path}`;
  const code = `import { outcomesOf, run } from "tools/xs/adapter.js"; import "${path}"; export { outcomesOf, run };`;
  host.add({ path: entry, code, map: null });
  try {
    const machine = host.open(ROOMY);
    host.call(machine, 0, entry, "run", [Object.keys(LEFT_OUT)]);
    const outcomes = host.call(machine, 0, entry, "outcomesOf", []).value as readonly {
      readonly title: string;
      readonly why: string | null;
    }[];
    host.end(machine);
    const failed = outcomes.flatMap(({ title, why }) => (why === null ? [] : [`${title}: ${readable(why)}`]));
    return { file, passed: outcomes.length - failed.length, failed };
  } catch (error) {
    return { file, passed: 0, failed: [readable(error instanceof Error ? error.message : String(error))] };
  }
}

/** Null without a C compiler. */
export async function runUnitTests(
  files: readonly string[],
  onFile: (outcome: FileOutcome) => void,
): Promise<boolean | null> {
  const built = await buildHost({ lines: true, onProgress: showProgress });
  if (built === null) return null;
  const host = startHost(built.path, { turnLimit: NO_LIMIT });
  const own = firmware().map((one) => (one.path === "mqtt-packet" ? wholeMqttPacket() : one));
  host.preload([freezing(), ...own]);
  const tests = [
    ...files,
    "test/portal/model.ts",
    "test/flash-model.ts",
    "test/meter-payloads.ts",
    "test/site.ts",
    "test/town.ts",
  ].map(moduleOf);
  const parts = ["tools/xs/adapter.ts", "hal/node-parts/buffer.ts"].map(moduleOf);
  const assert = { ...moduleOf("tools/xs/assert.ts"), path: "node:assert/strict" };
  for (const module of [fastCheck(), assert, ...parts, ...tests]) host.add(module);
  const readable = sourceLines([...own, ...tests]);
  const outcomes = files.map((file) => {
    const outcome = runFile(host, file, readable);
    onFile(outcome);
    return outcome;
  });
  host.close();
  return outcomes.every(({ failed }) => failed.length === 0);
}
