// Does the car take more than it is offered, for long? Judged on the charger's own meter.

import { type Deciamps, deciamps, type Milliamps, type Millis, millis, minus } from "./units.js";

export interface OverCurrent {
  /** The offer that the draw is measured against, and when it last fell. */
  readonly offer: Deciamps;
  readonly fellAt: Millis;
  readonly overSince: Millis | null;
}

/** After a decrease: 5 s for the car, 2.6 s until the PZEM shows it, the rest for a read and its period. */
const FOLLOWS_WITHIN: Millis = millis(9_000);
const TOLERATED: Millis = millis(7_000);

export const NO_OVER_CURRENT = (now: Millis): OverCurrent => ({ offer: deciamps(0), fellAt: now, overSince: null });

/** More than (offer + 0.5 A) x 1.10. */
export const exceeds = (draw: Milliamps, offer: Deciamps): boolean => draw > (offer + 5) * 110;

export function watchDraw(last: OverCurrent, offer: Deciamps, draw: Milliamps | null, now: Millis): OverCurrent {
  const fellAt = offer < last.offer ? now : last.fellAt;
  const counts = draw !== null && exceeds(draw, offer) && minus(now, fellAt) >= FOLLOWS_WITHIN;
  const overSince = counts ? (last.overSince ?? now) : null;
  return { offer, fellAt, overSince };
}

/** True when the pause is due. */
export const overTooLong = (state: OverCurrent, now: Millis): boolean =>
  state.overSince !== null && minus(now, state.overSince) >= TOLERATED;
