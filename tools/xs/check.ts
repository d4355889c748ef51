// Checks on XS, as a program of its own so that they run beside the other tests: `check.ts units` or
// `check.ts scenarios FILE...`. Prints one JSON object a line.

import { readFileSync } from "node:fs";
import { startXs } from "./engine.js";
import { differenceOn } from "./same.js";
import { runUnitTests, unitTestFiles } from "./unit-tests.js";

const tell = (outcome: object): void => console.log(JSON.stringify(outcome));
const [what, ...files] = process.argv.slice(2);
if (what === "units") await runUnitTests(unitTestFiles(), tell);
if (what === "scenarios") {
  const xs = await startXs({ lines: true, onOneCore: true });
  for (const file of xs === null ? [] : files) {
    const difference = xs === null ? null : differenceOn(readFileSync(file, "utf8"), xs);
    tell({ file, failed: difference === null ? [] : [JSON.stringify(difference)] });
  }
  xs?.close();
}
