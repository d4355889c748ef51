// How long it takes from the last byte of a meter's reply, after which a duty must fall, to that fall.

import { tenthsDown, type View } from "./judged.js";

/** A grid-side meter knows the cars' part only roughly. */
const GRID_SLACK_A = 1;
/** The last digit of a reading says nothing, A. */
const LAST_DIGIT_A = 0.0011;

export interface Reactions {
  readonly p50: number | null;
  readonly p99: number | null;
  readonly max: number | null;
}

export function createReactions(view: View) {
  const { site, room } = view;
  const isGrid = site.meter?.measures === "grid";
  const times: number[] = [];
  let since: number | null = null;

  const percentile = (part: number): number | null => {
    const sorted = [...times].sort((a, b) => a - b);
    return sorted.length === 0 ? null : (sorted[Math.ceil(part * sorted.length) - 1] ?? null);
  };

  return {
    /** What a reply says of a phase, A. */
    reply(phase: number, amps: number): void {
      const reads = isGrid ? amps - (view.drawn()[phase] ?? 0) : amps;
      const free = tenthsDown(room - Math.max(0, reads - LAST_DIGIT_A)) + (isGrid ? GRID_SLACK_A : 0);
      const mustFall = (view.offered()[phase] ?? 0) > free + 1e-6;
      since = mustFall ? (since ?? view.now()) : null;
    },
    /** Some offer has become smaller. */
    fell(): void {
      if (since !== null) times.push(view.now() - since);
      since = null;
    },
    figures: (): Reactions => ({ p50: percentile(0.5), p99: percentile(0.99), max: percentile(1) }),
  };
}
