// Every way in which an adversary with so many faults can act within so many steps, each world visited once.

import { createHash } from "node:crypto";
import {
  type Act,
  actsOf,
  type Firmware,
  isFault,
  keyOf,
  next,
  type Setup,
  startWorld,
  totals,
  type World,
} from "./world.js";

export interface Bound {
  readonly setup: Setup;
  readonly steps: number;
  readonly faults: number;
  /** Kinds of faults that the adversary has. */
  readonly kinds: readonly string[];
  /** The adversary may act from this step on. */
  readonly from: number;
  readonly states: number;
}

export interface Found {
  readonly states: number;
  /** The acts that led to more than the budget, null when none did. */
  readonly violation: { readonly acts: readonly string[]; readonly saw: string } | null;
  /** Every world within the bound was visited. */
  readonly whole: boolean;
}

interface Path {
  readonly world: World;
  readonly faults: number;
  readonly acts: readonly string[];
}

const words = (step: number, act: Act): string => `${step}: ${JSON.stringify(act)}`;

export function explore(firmware: Firmware, bound: Bound): Found {
  const { setup, steps, faults, from } = bound;
  const kinds = new Set(bound.kinds);
  const seen = new Set<string>();
  const stack: Path[] = [{ world: startWorld(firmware, setup), faults: 0, acts: [] }];
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    if (seen.size >= bound.states) return { states: seen.size, violation: null, whole: false };
    const { world } = path;
    if (world.step >= steps) continue;
    const acts = world.step < from ? [{ kind: "none" } as const] : actsOf(world, setup, kinds);
    for (const act of acts) {
      const spent = path.faults + (isFault(act) ? 1 : 0);
      if (spent > faults) continue;
      const after = next(firmware, setup, world, act);
      const taken = act.kind === "none" ? path.acts : [...path.acts, words(world.step, act)];
      const saw = excess(after, setup);
      if (saw !== null)
        return { states: seen.size, violation: { acts: taken, saw: `${saw} at step ${after.step}` }, whole: false };
      const key = createHash("md5")
        .update(`${spent} ${keyOf(after)}`)
        .digest("base64");
      if (seen.has(key)) continue;
      seen.add(key);
      stack.push({ world: after, faults: spent, acts: taken });
    }
  }
  return { states: seen.size, violation: null, whole: true };
}

/** 0.5 A for each car: what an acknowledgement tolerates. */
function excess(world: World, setup: Setup): string | null {
  const { offered, drawn } = totals(world, setup);
  if (offered > setup.budget) return `${offered / 10} A offered of ${setup.budget / 10} A`;
  const slack = 5 * setup.chargers;
  return setup.judgesDraw && drawn > setup.budget + slack ? `${drawn / 10} A drawn of ${setup.budget / 10} A` : null;
}
