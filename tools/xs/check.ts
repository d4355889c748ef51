// Checks on XS, as a program of its own so that they run beside others: `check.ts units`, `check.ts scenarios FILE...`,
// `check.ts hours N SHARE CORE` (share of the device's RAM). Prints one JSON object a line.

import { readFileSync } from "node:fs";
import { liveThrough, scaled } from "./day.js";
import { startXs } from "./engine.js";
import { differenceOn } from "./same.js";
import { runUnitTests, unitTestFiles } from "./unit-tests.js";

/** All scenarios live in so much of the device's RAM: the rest is for what none of them does. */
const PART = 0.75;

const tell = (outcome: object): void => console.log(JSON.stringify(outcome));
const [what, ...files] = process.argv.slice(2);
if (what === "units") await runUnitTests(unitTestFiles(), tell);
if (what === "scenarios") {
  const xs = await startXs({ lines: true, core: 0, creations: scaled(PART) });
  for (const file of xs === null ? [] : files) {
    const difference = xs === null ? null : differenceOn(readFileSync(file, "utf8"), xs);
    tell({ file, failed: difference === null ? [] : [JSON.stringify(difference)] });
  }
  xs?.close();
}
if (what === "hours") {
  const [hours, share, core] = files.map(Number);
  const xs = await startXs({ lines: false, core: core ?? 0, creations: scaled(share ?? 1) });
  if (xs !== null) tell(liveThrough(xs, hours ?? 1, tell));
  xs?.close();
}
