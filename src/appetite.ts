// How much a car would take if it were offered more: from what it draws of what it is offered. A car that leaves some of its
// offer for long needs no more than its draw and a little room; one that takes all may want more.

import { frozen } from "./frozen.js";
import { type Deciamps, deciamps, type Millis, millis, minus } from "./units.js";

export interface Appetite {
  /** What it needs; null: as much as there is, for all that is known. */
  readonly limit: Deciamps | null;
  /** Since when it has left more of its offer than room and gap together. */
  readonly underSince: Millis | null;
  readonly limitedAt: Millis | null;
  /** A car that stays this far below whatever it is offered: it takes all all the same. */
  readonly gap: Deciamps;
}

export const UNKNOWN_APPETITE: Appetite = frozen({ limit: null, underSince: null, limitedAt: null, gap: deciamps(0) });

/** Room above the draw, so that a car that wants more can show it. */
const ROOM = 5;
/** So near to its offer a car takes all of it. */
const NEAR = 3;
const UNDER = 7;
/** A car has ramped and its meter has settled after this. */
const SETTLED: Millis = millis(8_000);
/** Who goes down with its offer so soon after a cut keeps a distance; a full battery goes down slowly. */
const FOLLOWS_WITHIN: Millis = millis(20_000);
const LARGEST_GAP = 30;

/** `draw`: of the phase that draws most, rounded up. Call it with each reading while the contactor is closed. */
export function watchAppetite(last: Appetite, offer: Deciamps, draw: Deciamps, now: Millis): Appetite {
  const left = offer - draw - last.gap;
  if (left <= NEAR) {
    return last.limit === null && last.underSince === null ? last : { ...last, limit: null, underSince: null };
  }
  if (left <= UNDER) return last.underSince === null ? last : { ...last, underSince: null };
  const underSince = last.underSince ?? now;
  if (minus(now, underSince) < SETTLED) return last.underSince === null ? { ...last, underSince } : last;
  if (last.limitedAt !== null && minus(now, last.limitedAt) < FOLLOWS_WITHIN) {
    return { limit: null, underSince: null, limitedAt: null, gap: deciamps(Math.min(LARGEST_GAP, offer - draw)) };
  }
  return { ...last, limit: deciamps(draw + last.gap + ROOM), underSince: null, limitedAt: now };
}
