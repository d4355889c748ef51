// docs/conformance.md, made from a run of all scenarios and from the titles of the tests: `npm run -s conformance`.
// A limit whose test is not found is a failure, so that the page cannot drift.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Worst } from "../hal/sim/plant/rules.js";
import { simulate } from "../hal/sim/simulation.js";

const ROOT = new URL("..", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");

interface Row {
  readonly limit: string;
  readonly clause: string;
  /** File and title of the test that executes it. */
  readonly test: readonly [file: string, title: string];
  /** The plant's record of it, where a run shows it. */
  readonly worst: keyof Worst | null;
}

const row = (limit: string, clause: string, file: string, title: string, worst: keyof Worst | null = null): Row => ({
  limit,
  clause,
  test: [`test/${file}.test.ts`, title],
  worst,
});

const ROWS: readonly Row[] = [
  row(
    "Bands at 10.5 / 7.5 / 4.5 / 1.5 V, 0.25 V of hysteresis",
    "IEC 61851-1 A.4",
    "pilot",
    "V, with 0.25 V of hysteresis either way",
  ),
  row(
    "Low half -12 V with PWM (diode)",
    "IEC 61851-1 A.4",
    "pilot",
    "finds the diode missing when the low half is above -10.5 V with PWM, and judges no low half without",
  ),
  row(
    "Fewer than 3 samples on the high level: no reading",
    "-",
    "pilot",
    "is no reading with fewer than three samples on the high level, never state E",
  ),
  row(
    "Duty never says more than was granted",
    "IEC 61851-1 Table A.8",
    "pilot",
    "never says more than was granted, by the formula of the standard",
    "read",
  ),
  row(
    "Never an offer between 0 and 6 A, never 3-7 %",
    "IEC 61851-1 Table A.8",
    "pilot",
    "never sends the duties of digital communication or state F",
    "offer",
  ),
  row(
    "Car leaves C or D: contactor open in 100 ms",
    "IEC 61851-1 Table A.6, 8.1",
    "evse",
    "ms of the car going from C to",
    "100 ms",
  ),
  row(
    "C with an offer: contactor closed in 3 s",
    "IEC 61851-1 Table A.6, 4",
    "evse",
    "closes the contactor within 3 s of C with an offer",
    "3 s",
  ),
  row(
    "Offer withdrawn: forced open in 6 s",
    "IEC 61851-1 Table A.6, 10.2",
    "evse",
    "forces the contactor open within 6 s of the loss of the offer, when the car stays in C",
    "6 s",
  ),
  row(
    "Upward duty changes 5 s apart, downward at once",
    "IEC 61851-1 A.4",
    "evse",
    "never raises the duty within 5 s of the last change, and lowers it at once",
    "5 s",
  ),
  row(
    "Over-current: (offer + 0.5 A) x 1.10 for 7 s",
    "-",
    "evse",
    "pauses a car that draws more than (offer + 0.5 A) x 1.10 for 7 s, counted from 9 s after a decrease",
  ),
  row(
    "Wake-up: state F for 4 s after 30 s, once",
    "IEC 61851-1 A.5.3",
    "evse",
    "wakes a car that never asks, once, with 4 s of state F after 30 s",
  ),
  row(
    "Fault: state F for 300 ms, cleared by 1 s of A",
    "IEC 61851-1 Table A.5",
    "evse",
    "shows state F for at least 300 ms after a fault, and forgets it after 1 s of A",
    "state F",
  ),
  row("D open, unless ventilated", "IEC 61851-1 6.3", "evse", "stays open in D, unless set up as ventilated"),
  row(
    "Residual current: open in 20 ms, latched",
    "IEC 62955",
    "evse",
    "opens at the residual-current input in the same step, and stays so until unplugged",
    "20 ms",
  ),
  row(
    "Residual self-test before each closing",
    "IEC 62955",
    "evse",
    "tests the residual-current device before each closing, and does not close when the test fails",
  ),
  row(
    "Board temperature: line from 65 C to 6 A at 75 C",
    "-",
    "temperature",
    "goes in a straight line from the rating at 65 C to 6 A at 75 C",
  ),
  row("Board temperature: off above 80 C until below 60 C", "-", "temperature", "is off above 80 C, until below 60 C"),
  row(
    "Boot to +12 V with the contactor open in 2 s",
    "-",
    "evse",
    "keeps the pilot static while nothing is plugged in",
    "2 s",
  ),
  row(
    "Controller silent: fail-safe at the lease's end",
    "-",
    "evse",
    "falls to the fail-safe current at the lease's end, and to nothing when that is 0",
  ),
  row(
    "Controller silent for 30 s: open in order, restart",
    "-",
    "evse",
    "opens in order and restarts the device after 30 s without the controller machine",
  ),
  row(
    "Contactor feedback: welded, stuck open",
    "IEC 61851-1 Annex",
    "evse",
    "names a welded contactor and one that does not close",
  ),
  row(
    "5 s from open to closed after a normal stop",
    "-",
    "evse",
    "rests 5 s between open and closed after a stop of the car's own",
    "rest",
  ),
  row("A pause of the charger lasts 60 s", "-", "evse", "keeps a pause of its own for 60 s", "pause"),
];

/** Records of which the smallest is the worst. */
const LEAST: readonly (keyof Worst)[] = ["5 s", "offer", "rest", "state F", "pause"];
const UNITS: Partial<Record<keyof Worst, (value: number) => string>> = {
  offer: (value) => `${(value / 10).toFixed(1)} A`,
  read: (value) => `${(value / 10).toFixed(1)} A`,
};

/** The worst of all scenarios for a limit, with the scenario that had it. */
function worstOf(name: keyof Worst, worsts: readonly { name: string; worst: Worst }[]): string {
  const seen = worsts.flatMap((one) => (one.worst[name] === null ? [] : [{ name: one.name, value: one.worst[name] }]));
  const [first] = seen.sort((a, b) => (LEAST.includes(name) ? a.value - b.value : b.value - a.value));
  const inWords = UNITS[name] ?? ((value: number) => `${value} ms`);
  return first === undefined ? "-" : `${inWords(first.value)} (${first.name})`;
}

const names = readdirSync(new URL("scenarios/", ROOT)).filter(
  (name) => name.endsWith(".json") && !name.includes("schema"),
);
const worsts = names.flatMap((name) => {
  const result = simulate(read(`scenarios/${name}`));
  if (!result.ok) throw new Error(`${name}: ${result.key}: ${result.why}`);
  return Object.values(result.worst).map((worst) => ({ name: name.replace(".json", ""), worst }));
});

/** The whole title that holds these words; what a loop puts into it shows as "...". Throws when no test has them. */
function titleOf(file: string, words: string): string {
  const titles = [...read(file).matchAll(/\bit\((["`])(.*?)\1,/gs)].map(([, , title = ""]) => title);
  const found = titles.find((title) => title.includes(words));
  if (found === undefined) throw new Error(`${file} has no test "${words}"`);
  return found.replace(/\$\{[^}]*\}/g, "...");
}

const lines = ROWS.map(
  ({ limit, clause, test: [file, words], worst }) =>
    `| ${limit} | ${clause} | ${file}: ${titleOf(file, words)} | ${worst === null ? "-" : worstOf(worst, worsts)} |`,
);
const page = `# Conformance

Made by \`npm run -s conformance\` from a run of ${names.length} scenarios; do not edit. Clauses are named, not quoted; the worst value is the
plant's own record, contact rules resting while it welds or jams a contactor. Nothing here was measured on a board.

| limit | clause | test | worst seen |
|---|---|---|---|
${lines.join("\n")}
`;
writeFileSync(new URL("docs/conformance.md", ROOT), page);
console.log(`docs/conformance.md: ${ROWS.length} limits, ${names.length} scenarios`);
