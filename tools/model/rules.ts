// What the check is run on: the rules as they ship, and each rule switched off in a copy of src, with a bound in which that
// must be found. A change that does not apply any more is an error.

import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../xs/modules.js";
import type { Bound } from "./explore.js";
import type { Setup } from "./world.js";

/** One rule switched off: a piece of a file of src, and what stands there instead. */
export interface Change {
  readonly rule: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

export interface SwitchedOff extends Change {
  readonly bound: Bound;
}

const METERED: Setup = {
  chargers: 2,
  metered: true,
  budget: 180,
  plugs: [0, 14],
  carSteps: 2,
  judgesDraw: false,
  leaseS: 3,
  failsafeA: [0, 0],
  modes: ["auto", "auto"],
  reconfiguresAt: null,
  drift: [14, -14],
};
const ELECTED: Setup = {
  ...METERED,
  chargers: 3,
  metered: false,
  plugs: [0, 0, 18],
  failsafeA: [0, 0, 0],
  modes: ["auto", "auto", "auto"],
  drift: [14, -14, 0],
};
const MOST = 5_000_000;

const metered = (kinds: readonly string[], faults: number, steps = 26): Bound => ({
  setup: METERED,
  steps,
  faults,
  kinds,
  from: 10,
  states: MOST,
});

/** What `npm test` visits. */
export const AS_SHIPPED: readonly { readonly name: string; readonly bound: Bound }[] = Object.freeze([
  {
    name: "a meter and two chargers, two faults",
    bound: metered(["cut", "crash", "hang", "keep", "copy", "forge"], 2, 24),
  },
  {
    name: "three chargers that elect their arbiter, two faults",
    bound: { setup: ELECTED, steps: 22, faults: 2, kinds: ["cut", "crash", "hang"], from: 12, states: MOST },
  },
]);

/** For `npm run model`: more faults, longer. */
export const LARGE: readonly { readonly name: string; readonly bound: Bound }[] = Object.freeze([
  {
    name: "a meter and two chargers, three faults",
    bound: metered(["cut", "crash", "hang", "keep", "copy", "forge"], 3, 28),
  },
  {
    name: "three chargers that elect their arbiter, three faults",
    bound: { setup: ELECTED, steps: 32, faults: 3, kinds: ["cut", "crash", "hang", "keep"], from: 10, states: MOST },
  },
]);

const elected = (kinds: readonly string[], faults: number, steps: number): Bound => ({
  setup: ELECTED,
  steps,
  faults,
  kinds,
  from: 10,
  states: MOST,
});

export const SWITCHED_OFF: readonly SwitchedOff[] = Object.freeze([
  {
    rule: "1: lease times are counted from receipt",
    file: "member.ts",
    from: "const ends = earliest(clock, entry.until);",
    to: "const ends = plus(now, minus(entry.until, report.stamp));",
    bound: metered(["keep", "cut"], 2, 34),
  },
  {
    rule: "2: the EVSE machine's deadline is a new one",
    file: "current-limits.ts",
    from: "const until = lower(plus(now, LEASE), answer.until);",
    to: "const until = plus(now, LEASE);",
    bound: metered(["hang"], 1, 34),
  },
  {
    rule: "3: an older report is obeyed again",
    file: "member.ts",
    from: "!isNewer(member, report, now)",
    to: "false",
    bound: { ...metered(["copy"], 1, 30), setup: { ...METERED, carSteps: 0, leaseS: 6 } },
  },
  {
    rule: "5: what was said to an earlier boot is obeyed, and its echo counted from",
    file: "member.ts",
    from: "const entry = report.entries[site.place];",
    to: "const said = report.entries[site.place];\n  const entry = said && { ...said, nonce: member.nonce };",
    bound: { ...metered(["crash", "cut"], 2, 20), from: 6, setup: { ...METERED, plugs: [0, 12], leaseS: 6 } },
  },
  {
    rule: "6: a version is acknowledged before the car has followed",
    file: "member.ts",
    from: "const fits = offer <= granted && draw !== null && drawAtMost(draw) <= granted + TOLERANCE;",
    to: "const fits = offer >= 0 || draw === null || drawAtMost(draw) <= granted + TOLERANCE;",
    bound: { ...metered([], 0, 30), setup: { ...METERED, carSteps: 4, judgesDraw: true } },
  },
  {
    rule: "7: an ampere goes on without its owner's word",
    file: "line.ts",
    from: "line[at] = mine | LEAVING;",
    to: "line[at] = 0;",
    bound: metered(["cut"], 1, 30),
  },
  {
    rule: "10: manual mode is a source",
    file: "current-limits.ts",
    from: "if (settings.member) return",
    to: 'if (settings.member && settings.mode !== "manual") return',
    bound: { ...metered([], 0, 30), setup: { ...METERED, modes: ["manual", "auto"] } },
  },
  {
    rule: "11: a smaller fail-safe current is believed before its owner shows it",
    file: "books.ts",
    from: "failsafe: higher(row.failsafe, before?.books[place]?.failsafe ?? deciamps(0)),",
    to: "failsafe: row.failsafe,",
    bound: {
      ...metered(["cut"], 1, 40),
      setup: { ...METERED, failsafeA: [6, 0], plugs: [0, 0], reconfiguresAt: 14 },
    },
  },
  {
    rule: "12: a charger leads without a majority",
    file: "shared-site.ts",
    from: "Math.floor(roster.length / 2) + 1",
    to: "1",
    bound: elected(["cut"], 1, 34),
  },
  {
    rule: "13: a message needs no proof",
    file: "mac.ts",
    from: "return difference === 0;",
    to: "return difference >= 0;",
    bound: metered(["forge"], 1, 24),
  },
]);

/** A copy of src with one rule switched off; gives its folder. */
export function switchedOff(one: Change, index: number): string {
  const folder = join(ROOT, "node_modules", ".cache", "ievcc-model", `${index}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, "src"), join(folder, "src"), { recursive: true });
  symlinkSync(join(ROOT, "hal"), join(folder, "hal"));
  writeFileSync(join(folder, "package.json"), '{"type":"module"}\n');
  const file = join(folder, "src", one.file);
  const text = readFileSync(file, "utf8");
  if (text.split(one.from).length !== 2)
    throw new Error(`rule ${one.rule}: ${one.file} does not hold ${one.from} once`);
  writeFileSync(file, text.replace(one.from, one.to));
  return join(folder, "src");
}
