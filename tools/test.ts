// Runs every test of the project and ends with one line that counts them. What this machine cannot run is named;
// under CI that is a failure, so that nothing is left out unseen.

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
for (const file of named.length > 0 ? named : testFiles("test")) mocha.addFile(file);
await mocha.loadFilesAsync();

const missing = named.length > 0 ? [] : missingParts();
for (const part of missing) console.log(`left out: ${part}`);
const runner = mocha.run((failures) => {
  const { passes = 0 } = runner.stats ?? {};
  const left = process.env.CI ? missing.length : 0;
  console.log(`${passes} passed, ${failures + left} failed`);
  process.exit(failures + left > 0 ? 1 : 0);
});
