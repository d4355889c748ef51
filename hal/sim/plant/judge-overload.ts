// By how much, how long and how needlessly the cars drew more than the house left.

import { SETTLES } from "./judge-offers.js";
import type { View } from "./judged.js";

const CAR = 1_000;
const ENVELOPE_APS = 5;
const KEPT_MS = 60_000;

/** A value of each phase, and until when it held. */
interface Past {
  readonly until: number;
  readonly amps: readonly number[];
}

export function createOverload(view: View) {
  const { phases, room } = view;
  const over = { as: 0, maxA: 0, maxS: 0, runS: 0, avoidable: 0 };
  let rooms: Past[] = [];

  /** What the cars may still draw after the house rose: the old room for 4.7 s, then 5 A/s less. */
  function envelope(phase: number): number {
    const grace = SETTLES + 1_000 + CAR;
    const now = view.now();
    return rooms.reduce(
      (most, past) => {
        const since = now - past.until - grace;
        return Math.max(most, (past.amps[phase] ?? 0) - (Math.max(0, since) / 1_000) * ENVELOPE_APS);
      },
      room - (view.house()[phase] ?? 0),
    );
  }

  return {
    /** Adds up a stretch in which nothing changed, before the time moves over it. */
    pass(seconds: number): void {
      const drawn = view.drawn();
      const house = view.house();
      let excess = Number.NEGATIVE_INFINITY;
      let avoidable = 0;
      let draws = false;
      for (const phase of phases) {
        const amps = drawn[phase] ?? 0;
        excess = Math.max(excess, (house[phase] ?? 0) + amps - room);
        if (amps <= 0) continue;
        draws = true;
        avoidable = Math.max(avoidable, amps - Math.max(0, envelope(phase)));
      }
      over.avoidable += avoidable * seconds;
      if (!draws || excess <= 1e-9) {
        over.runS = 0;
        return;
      }
      over.as += excess * seconds;
      over.maxA = Math.max(over.maxA, excess);
      over.runS += seconds;
      over.maxS = Math.max(over.maxS, over.runS);
    },
    second(): void {
      if (rooms.length > 0) rooms = rooms.filter((one) => view.now() - one.until < KEPT_MS);
    },
    /** To be called before the house changes. */
    houseChanges(): void {
      rooms.push({ until: view.now(), amps: phases.map((phase) => room - (view.house()[phase] ?? 0)) });
    },
    figures: (): { readonly as: number; readonly maxA: number; readonly maxS: number; readonly avoidable: number } =>
      over,
  };
}
