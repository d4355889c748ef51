// Does the car take more than it is offered, for long? Judged on the charger's own meter.

import { frozen } from "./frozen.js";
import { type Deciamps, deciamps, higher, type Milliamps, type Millis, millis, minus } from "./units.js";

/** An offer that the car may still be following, because it was lowered only a moment ago. */
interface Following {
  readonly offer: Deciamps;
  readonly until: Millis;
}

export interface OverCurrent {
  readonly offer: Deciamps;
  /** In order of time, each higher than all behind it. */
  readonly following: readonly Following[];
  readonly overSince: Millis | null;
}

/** After a decrease: 5 s for the car, 2.6 s until the PZEM shows it, the rest for a read and its period. */
const FOLLOWS_WITHIN: Millis = millis(9_000);
const TOLERATED: Millis = millis(7_000);

export const NO_OVER_CURRENT: OverCurrent = frozen({ offer: deciamps(0), following: [], overSince: null });

/** More than (offer + 0.5 A) x 1.10. */
export const exceeds = (draw: Milliamps, offer: Deciamps): boolean => draw > (offer + 5) * 110;

/** The draw counts against the highest offer of the last 9 s: so an offer that falls in small steps, again and again,
 *  gives no more time than one that falls once. */
export function watchDraw(last: OverCurrent, offer: Deciamps, draw: Milliamps | null, now: Millis): OverCurrent {
  const following = follow(last, offer, now);
  const reference = following.reduce((most, one) => higher(most, one.offer), offer);
  const overSince = draw !== null && exceeds(draw, reference) ? (last.overSince ?? now) : null;
  if (offer === last.offer && following === last.following && overSince === last.overSince) return last;
  return { offer, following, overSince };
}

function follow(last: OverCurrent, offer: Deciamps, now: Millis): readonly Following[] {
  const ended = last.following.some((one) => now >= one.until);
  const left = ended ? last.following.filter((one) => now < one.until) : last.following;
  if (offer >= last.offer) return left;
  const higherOnes = left.filter((one) => one.offer > last.offer);
  return [...higherOnes, { offer: last.offer, until: millis(now + FOLLOWS_WITHIN) }];
}

/** True when the pause is due. */
export const overTooLong = (state: OverCurrent, now: Millis): boolean =>
  state.overSince !== null && minus(now, state.overSince) >= TOLERATED;
