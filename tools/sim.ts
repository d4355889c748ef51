// One scenario in virtual time: `npm run -s sim -- FILE [--jsonl OUT] [--svg OUT] [--engine v8|xs] [--seed N]`.
// Exit 0; 1 when a safety rule broke or the main tripped; 2 when the scenario or the command is wrong.

import { readFileSync, writeFileSync } from "node:fs";
import { simulate } from "../hal/sim/simulation.js";
import { parseOptions, wholeOption } from "./arguments.js";
import { engineNamed } from "./engines.js";
import { type PlotSample, plotSvg } from "./plot.js";

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}

const parsed = parseOptions(process.argv.slice(2), { jsonl: "value", svg: "value", engine: "value", seed: "value" });
if (!parsed.ok) refuse(parsed.why);
const { options } = parsed;
const [file, ...others] = options.files;
if (file === undefined || others.length > 0) refuse("give one scenario file: npm run -s sim -- scenarios/oven-on.json");
const seed = wholeOption(options, "seed", 0, 0xffff_ffff);
if (typeof seed === "string") refuse(seed);
const engine = await engineNamed(options.values.get("engine") ?? "v8", 0);
if (typeof engine === "string") refuse(engine);

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return refuse(`${path}: cannot be read`);
  }
}

const lines: string[] = [];
const samples: PlotSample[] = [];
const keepsLines = options.values.has("jsonl");
const keepsSamples = options.values.has("svg");
const run = simulate(read(file), {
  seed,
  engine,
  onRecord(record) {
    if (keepsLines) lines.push(JSON.stringify(record));
    if (keepsSamples && record.kind === "sample") samples.push(record);
  },
});
if (!run.ok) refuse(`${file}: ${run.key}: ${run.why}`);
engine.close();
const { summary, site } = run;
const last = JSON.stringify(summary);
const jsonl = options.values.get("jsonl");
if (jsonl !== undefined) writeFileSync(jsonl, `${[...lines, last].join("\n")}\n`);
const svg = options.values.get("svg");
if (svg !== undefined) {
  const { contractedA, bufferA } = site;
  writeFileSync(svg, plotSvg({ title: summary.name, contractedA, limitA: contractedA - bufferA }, samples));
}
for (const one of summary.broken) console.error(`broken at ${one.t} s: ${one.rule} ${one.charger} ${one.saw}`);
if (summary.tripped) console.error("the main tripped");
console.log(last);
process.exitCode = summary.broken.length > 0 || summary.tripped ? 1 : 0;
