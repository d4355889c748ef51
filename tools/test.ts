// Runs every test of the project and ends with one line that counts them. What this machine cannot run is named;
// under CI that is a failure, so that nothing is left out unseen.

import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import Mocha from "mocha";
import { missingParts } from "./machine.js";

function testFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? testFiles(path) : path.endsWith(".test.ts") ? [path] : [];
    })
    .sort();
}

/** Whether anything is red is all that is asked: the first red test ends the run, and nothing is made smaller. */
const BAIL = "--bail";
const bail = process.argv.includes(BAIL);
const named = process.argv.slice(2).filter((one) => one !== BAIL);
if (bail) fc.configureGlobal({ endOnFailure: true });
const mocha = new Mocha({ timeout: 180_000, reporter: process.env.CI ? "dot" : "spec", bail });
/** Files that take long and need nobody: each in a process of its own, so that both cores work. */
const APART: readonly string[] = Object.freeze([join("test", "month.test.ts")]);

interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** What a file came to in a process of its own; all that it says is said once it has ended. */
function runApart(file: string): Promise<Count> {
  return new Promise((resolve) => {
    const args = ["--import", "./tools/typescript.mjs", "tools/test.ts", file];
    execFile(process.execPath, args, { maxBuffer: 1 << 24 }, (_error, stdout) => {
      const [, passed, failed] = /^(\d+) passed, (\d+) failed$/m.exec(stdout) ?? [];
      console.log(stdout.replace(/^\d+ passed, \d+ failed$/m, "").trimEnd());
      resolve({ passed: Number(passed ?? 0), failed: Number(failed ?? 1) });
    });
  });
}

const isWhole = named.length === 0;
const apart = Promise.all((isWhole ? APART : []).map(runApart));
const here = isWhole ? testFiles("test").filter((file) => !APART.includes(file)) : named;
for (const file of here) mocha.addFile(file);
await mocha.loadFilesAsync();

const missing = isWhole ? missingParts() : [];
for (const part of missing) console.log(`left out: ${part}`);
const runner = mocha.run(async (failures) => {
  const { passes = 0 } = runner.stats ?? {};
  const left = process.env.CI ? missing.length : 0;
  const all: readonly Count[] = [{ passed: passes, failed: failures + left }, ...(await apart)];
  const passed = all.reduce((sum, one) => sum + one.passed, 0);
  const failed = all.reduce((sum, one) => sum + one.failed, 0);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed > 0 ? 1 : 0);
});
