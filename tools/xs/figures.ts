// The bench's figures of XS: what the firmware costs, and hours in the device's RAM without growth.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { atMost, type Figure, shown } from "../figure.js";
import { byteCode, costOf, type ModuleSize, ramOf, smallestRam } from "./cost.js";
import { type HourEnd, PROGRAMS } from "./day.js";
import { CREATIONS, type ProgramName, startXs } from "./engine.js";
import { manyFigures } from "./many.js";
import { ROOT } from "./modules.js";
import { pageFigures } from "./page-cost.js";
import { proofFigures } from "./proof-cost.js";
import { stormFigures } from "./storm.js";

const LIVE_SHARE = 40;
const BYTE_CODE_LIMIT = 500_000;
const ALIASES_LIMIT = 200;
const KEYS_LIMIT = 32;
/** Slots that may come and go between two hours: what is in flight when the hour ends. */
const IN_FLIGHT = 200;

interface Hours {
  readonly ends: readonly HourEnd[];
  readonly troubles: readonly string[];
}

/** Lives through the hours in a process of its own, with a share of the device's RAM. */
function hoursWith(hours: number, share: number, core: number): Promise<Hours> {
  const args = [
    "--import",
    "./tools/typescript.mjs",
    "tools/xs/check.ts",
    "hours",
    String(hours),
    String(share),
    String(core),
  ];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const ends: HourEnd[] = [];
  let troubles: readonly string[] = ["it ended before its hours"];
  createInterface({ input: child.stdout }).on("line", (line) => {
    const said = JSON.parse(line);
    if ("hour" in said) ends.push(said);
    else ({ troubles } = said);
  });
  return new Promise((resolve) => child.once("close", () => resolve({ ends, troubles })));
}

/** What is live at the end of the last hour beyond that of the second. */
function growth({ ends }: Hours, program: ProgramName, what: "slots" | "keys"): number | null {
  const [from, to] = [ends[1]?.memory[program][what], ends.at(-1)?.memory[program][what]];
  return from === undefined || to === undefined ? null : to - from;
}

function ofHours(hours: number, whole: Hours, part: Hours): readonly Figure[] {
  const rows: Figure[] = [];
  for (const program of PROGRAMS) {
    const memory = whole.ends.at(-1)?.memory[program];
    const { heap, chunk, stack } = CREATIONS[program];
    const share = (value: number | undefined, of: number): number | null =>
      value === undefined ? null : Math.round((value / of) * 1_000) / 10;
    rows.push(
      atMost(
        `${program}, ${hours} h: live slots after collection, of ${heap}`,
        share(memory?.slots, heap),
        LIVE_SHARE,
        "%",
      ),
      atMost(`${program}: live chunks, of ${chunk} bytes`, share(memory?.chunks, chunk), LIVE_SHARE, "%"),
      atMost(`${program}: growth of live slots, hour 2 to ${hours}`, growth(whole, program, "slots"), IN_FLIGHT, ""),
      atMost(`${program}: growth of keys, hour 2 to ${hours}`, growth(whole, program, "keys"), 0, ""),
      atMost(`${program}: keys made at run time`, memory?.keys ?? null, KEYS_LIMIT, ""),
      atMost(`${program}: stack peak, of ${stack} slots`, memory?.stackPeak ?? null, stack, "slots"),
      shown(`${program}: largest collection`, Math.round(memory?.collectedUs ?? 0), "us here"),
    );
  }
  rows.push(atMost("aliases in the XS host", whole.ends.at(-1)?.memory.controller.aliases ?? null, ALIASES_LIMIT, ""));
  rows.push(atMost(`restarts and broken rules in ${hours} h`, whole.troubles.length, 0, ""));
  rows.push(atMost(`restarts and broken rules in ${hours} h with 75 % of the RAM`, part.troubles.length, 0, ""));
  return rows;
}

const sumOf = (sizes: readonly ModuleSize[]): number => sizes.reduce((sum, one) => sum + one.bytes, 0);
/** A hundredth of what there may be. */
const isLarge = ({ bytes }: ModuleSize): boolean => bytes >= BYTE_CODE_LIMIT / 100;

/** Null without a C compiler. */
export async function xsFigures(hours: number): Promise<readonly Figure[] | null> {
  const xs = await startXs({ lines: false });
  if (xs === null) return null;
  const sizes = byteCode(xs, "charger");
  const meter = byteCode(xs, "meter");
  const proof = proofFigures(xs);
  const many = [...manyFigures(xs), ...stormFigures(xs)];
  const pages = pageFigures(xs);
  xs.close();
  const cost = await costOf();
  if (cost === null) return null;
  const living = [hoursWith(hours, 1, 0), hoursWith(hours, 0.75, 1)] as const;
  const ms = (computrons: number): string => ((computrons * cost.nsPerComputron) / 1e6).toFixed(2);
  const smallest: Figure[] = [];
  for (const program of PROGRAMS) {
    smallest.push(
      atMost(
        `${program}: smallest RAM that lives, with its stack`,
        await smallestRam(program),
        ramOf(program),
        "bytes",
      ),
    );
  }
  const [whole, part] = await Promise.all(living);
  const rest = sizes.filter((one) => !isLarge(one));
  const share = (computrons: number): string => `${Math.round((computrons / cost.charging) * 100)} %`;
  return [
    shown("computrons a second, idle", cost.idle, ""),
    shown("computrons a second, steady charging", cost.charging, ""),
    ...cost.parts.map(([name, computrons]) => shown(`  of it ${name}`, computrons, `(${share(computrons)})`)),
    ...pages,
    shown("computrons of a publish", cost.publish, ""),
    ...PROGRAMS.map((program) =>
      shown(
        `${program}: longest turn`,
        cost.longestTurn[program],
        `computrons, ${ms(cost.longestTurn[program])} ms here`,
      ),
    ),
    shown("simulated time / wall time, one charger, XS", cost.speed, "x"),
    atMost("meter: byte code of all modules", sumOf(meter), BYTE_CODE_LIMIT, "bytes"),
    atMost("charger: byte code of all modules", sumOf(sizes), BYTE_CODE_LIMIT, "bytes"),
    shown(
      "strings of their tables beside it, most of them the texts of the pages",
      sizes.reduce((sum, { strings }) => sum + strings, 0),
      "bytes",
    ),
    ...sizes.filter(isLarge).map(({ module, bytes }) => shown(`  of it ${module}`, bytes, "bytes")),
    shown(`  of it ${rest.length} smaller modules`, sumOf(rest), "bytes"),
    ...proof,
    ...smallest,
    ...many,
    ...ofHours(hours, whole, part),
  ];
}
