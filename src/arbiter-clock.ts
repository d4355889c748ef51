// What time it can be at the arbiter, at the latest: the clock in which every lease of the site ends.
// Each demand carries a fresh number; the report echoes it with the stamp at which it was heard. Nothing is ever counted
// from a receipt, so a late message is an old message.

import { frozen } from "./frozen.js";
import { type Millis, millis, minus } from "./units.js";

/** Two crystals may run apart by this much. */
const MARGIN_PERCENT = 103;
const SENT_LIMIT = 8;

interface Sent {
  readonly number: number;
  readonly at: Millis;
}

/** At `at` on our clock it was at most `stamp` on the arbiter's. */
interface Anchor {
  readonly stamp: Millis;
  readonly at: Millis;
}

export interface ArbiterClock {
  /** Boot of the arbiter that the anchor belongs to. */
  readonly boot: number;
  readonly anchor: Anchor | null;
  /** Demands that may still be echoed, newest last. */
  readonly sent: readonly Sent[];
}

export const NO_CLOCK: ArbiterClock = frozen({ boot: -1, anchor: null, sent: [] });

/** The latest that it can be at the arbiter now; null while nothing bounds it. Rounded up. */
export function boundOf(clock: ArbiterClock, now: Millis): Millis | null {
  return clock.anchor === null ? null : boundBy(clock.anchor, now);
}

const boundBy = (anchor: Anchor, now: Millis): Millis =>
  millis(anchor.stamp + Math.ceil((minus(now, anchor.at) * MARGIN_PERCENT) / 100));

/** When, on our clock, it may be `stamp` at the arbiter for the first time. Rounded down; null without a bound. */
export function earliest(clock: ArbiterClock, stamp: Millis): Millis | null {
  if (clock.anchor === null) return null;
  return millis(clock.anchor.at + Math.floor((minus(stamp, clock.anchor.stamp) * 100) / MARGIN_PERCENT));
}

export const sentDemand = (clock: ArbiterClock, number: number, now: Millis): ArbiterClock => ({
  ...clock,
  sent: [...clock.sent, { number, at: now }].slice(-SENT_LIMIT),
});

/** The arbiter heard our demand `number` at `stamp`. Of two bounds the smaller one is kept; another boot keeps none. */
export function heardEcho(clock: ArbiterClock, boot: number, number: number, stamp: Millis, now: Millis): ArbiterClock {
  const known = boot === clock.boot ? clock : { ...clock, boot, anchor: null };
  const sent = clock.sent.find((one) => one.number === number);
  if (sent === undefined) return known;
  const anchor: Anchor = { stamp, at: sent.at };
  const bound = boundOf(known, now);
  if (bound !== null && bound <= boundBy(anchor, now)) return known;
  return { ...known, anchor };
}
