// Random fault runs: `npm run soak -- --runs N --seed S --chargers n [--fine] [--out FILE]`. Judged by the plant alone.
// Exit 1 when a guarantee broke: prints the seed and writes the smallest scenario that still breaks it.

import { writeFileSync } from "node:fs";
import { parseOptions, wholeOption } from "./arguments.js";
import { judgeRun, shrunk } from "./soak/judge-run.js";
import { randomScenario } from "./soak/random-scenario.js";

const RUNS = 100;
const TRIES = 120;

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}

const parsed = parseOptions(process.argv.slice(2), {
  runs: "value",
  seed: "value",
  chargers: "value",
  out: "value",
  fine: "flag",
});
if (!parsed.ok) refuse(parsed.why);
const { options } = parsed;
const option = (name: string, from: number, to: number): number | null => {
  const value = wholeOption(options, name, from, to);
  return typeof value === "string" ? refuse(value) : value;
};
const runs = option("runs", 1, 1_000_000) ?? RUNS;
const first = option("seed", 0, 4_000_000_000) ?? 1;
const chargers = option("chargers", 1, 64);
const coarse = !options.flags.has("fine");

let broken = 0;
let messages = 0;
for (let seed = first; seed < first + runs; seed++) {
  const scenario = randomScenario(seed, chargers);
  const verdict = judgeRun(scenario, coarse);
  if (verdict.kind === "kept") messages += verdict.messages;
  if (verdict.kind === "refused") {
    broken += 1;
    console.error(`seed ${seed}: the scenario was refused: ${verdict.why}`);
  }
  if (verdict.kind !== "broken") continue;
  broken += 1;
  const smallest = shrunk(scenario, verdict.rule, (one) => judgeRun(one, coarse), TRIES);
  const file = options.values.get("out") ?? `soak-${seed}.json`;
  writeFileSync(file, `${JSON.stringify(smallest, null, 2)}\n`);
  console.error(
    `seed ${seed}: ${verdict.rule} at ${verdict.t} s: ${verdict.saw}; the smallest that still fails: ${file}`,
  );
}
console.log(
  `${runs} runs of 10 minutes, seeds ${first} to ${first + runs - 1}: ${broken} broken, ${messages} messages`,
);
process.exitCode = broken > 0 ? 1 : 0;
