// The figures of the project in one run: `npm run -s bench [-- --json] [--hours N]`. Exit 1 when one misses its target.

import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { type Summary, simulate } from "../hal/sim/simulation.js";
import { parseOptions, wholeOption } from "./arguments.js";
import { SCENARIOS, sharingFigures, sharingRow, sharingTable } from "./bench-sharing.js";
import { atMost, type Figure, shown } from "./figure.js";
import { xsFigures } from "./xs/figures.js";

const PROTECTIONS = ["none", "rcbo", "smart-meter"] as const;
const COOKING = "bench/bench-1-cooking-family.json";

const textOf = (name: string): string => readFileSync(new URL(`../scenarios/${name}`, import.meta.url), "utf8");

function run(text: string): Summary {
  const result = simulate(text);
  if (!result.ok) throw new Error(`${result.key}: ${result.why}`);
  return result.summary;
}

const under = (protection: string): Summary =>
  run(textOf(COOKING).replace(/"protection": "[a-z-]+"/, () => `"protection": "${protection}"`));

function figures(): readonly Figure[] {
  const oven = run(textOf("oven-on.json"));
  const grid = run(textOf("grid-ramp.json"));
  const started = performance.now();
  const runs = PROTECTIONS.map(under);
  const wallS = (performance.now() - started) / 1_000;
  const [cooking] = runs;
  if (cooking === undefined) throw new Error("no run");
  const trips = runs.filter((one) => one.tripped).length;
  const broken = [...runs, oven, grid].reduce((sum, one) => sum + one.broken.length, 0);
  return [
    atMost("meter's reply to new duty, p99, house-side meter", oven.reactionMs.p99, 100, "ms"),
    atMost("meter's reply to new duty, p99, grid-side meter", grid.reactionMs.p99, 100, "ms"),
    atMost("bench 1 cooking: trips under three protection models", trips, 0, ""),
    atMost("contactor closings, bench 1", cooking.contactorCycles["charger-1"] ?? null, 2, ""),
    atMost("rules broken", broken, 0, ""),
    shown("simulated time / wall time, one charger, V8", Math.round((7_200 * PROTECTIONS.length) / wallS), "x"),
  ];
}

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}

/** Those that a test run has time for. */
const QUICK = SCENARIOS.filter((name) => /bench-[125]/.test(name));
/** Simulated hours in the device's RAM; 24 take some ten minutes. */
const HOURS = 3;

const parsed = parseOptions(process.argv.slice(2), { json: "flag", hours: "value", all: "flag" });
if (!parsed.ok) refuse(parsed.why);
if (parsed.options.files.length > 0) refuse("bench takes no files");
const hours = wholeOption(parsed.options, "hours", 2, 240);
if (typeof hours === "string") refuse(hours);
const plain = figures();
const xs = await xsFigures(hours ?? HOURS);
const all = parsed.options.flags.has("all");
const rows = (all ? SCENARIOS : QUICK).map(sharingRow);
const list = [...plain, ...sharingFigures(rows), ...(xs ?? [])];
for (const { name, value, unit, target, ok } of list) {
  console.log(`${ok ? "ok  " : "MISS"} ${name}: ${value} ${unit}${target === null ? "" : ` (${target})`}`);
}
console.log(`\n${sharingTable(rows)}`);
if (xs === null) console.log("Left out: all figures of XS (no C compiler found).");
if (!all) console.log("Left out for their time: bench 3, 4 and 6 (npm run -s bench -- --all, some 20 minutes).");
if (parsed.options.flags.has("json")) console.log(JSON.stringify({ figures: list }));
process.exit(list.every((one) => one.ok) ? 0 : 1);
