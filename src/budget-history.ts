// What the house left in the last seconds and minutes, phase by phase: shed at once, grow calmly, distrust what is old.
// It knows no owner and no message.

import { frozen } from "./frozen.js";
import { type Deciamps, deciamps, higher, lower, type Millis, millis, minus, plus } from "./units.js";

/** What one report said, with when it was heard. */
interface Heard {
  readonly at: Millis;
  readonly budget: readonly Deciamps[];
}

interface Minute {
  readonly since: Millis;
  readonly lowest: readonly Deciamps[];
}

export interface BudgetHistory {
  /** The reports of the last seconds, newest last. */
  readonly recent: readonly Heard[];
  /** The smallest budget of each of the last 15 minutes. */
  readonly minutes: readonly Minute[];
  readonly firstAt: Millis | null;
}

export const NO_HISTORY: BudgetHistory = frozen({ recent: [], minutes: [], firstAt: null });

const CALM: Millis = millis(6_000);
/** From the first sign of a load on a PZEM to all of it. */
const SETTLING: Millis = millis(1_500);
const MINUTE: Millis = millis(60_000);
const HISTORY = 15;
const RECENT_LIMIT = 64;
const NOTHING: Deciamps = deciamps(0);

/** Growth waits so long, where reports come each period. */
export const calmFor = (period: Millis): Millis => higher(CALM, plus(period, millis(1_000)));

const leastOf = (a: readonly Deciamps[], b: readonly Deciamps[]): readonly Deciamps[] =>
  a.map((amps, phase) => lower(amps, b[phase] ?? NOTHING));

export function rememberBudget(
  history: BudgetHistory,
  budget: readonly Deciamps[],
  period: Millis,
  now: Millis,
): BudgetHistory {
  const kept = lifted(history.recent, budget, now).filter((one) => minus(now, one.at) < calmFor(period));
  const last = history.minutes.at(-1);
  const minutes =
    last !== undefined && minus(now, last.since) < MINUTE
      ? [...history.minutes.slice(0, -1), { since: last.since, lowest: leastOf(last.lowest, budget) }]
      : [...history.minutes, { since: now, lowest: budget }].slice(-HISTORY - 1);
  return {
    recent: [...kept, { at: now, budget }].slice(-RECENT_LIMIT),
    minutes,
    firstAt: history.firstAt ?? now,
  };
}

/** A PZEM shows one fall of the house in up to two readings. A figure between a smaller one before and a greater one after
 *  it is that fall on its way, and counts as what it became: else the offer would grow by half, and wait 5 s for the rest. */
function lifted(recent: readonly Heard[], budget: readonly Deciamps[], now: Millis): readonly Heard[] {
  const [before, middle] = recent.slice(-2);
  if (before === undefined || middle === undefined || minus(now, middle.at) > SETTLING) return recent;
  const raised = middle.budget.map((amps, phase) => {
    const newest = budget[phase] ?? NOTHING;
    return (before.budget[phase] ?? NOTHING) < amps && amps < newest ? newest : amps;
  });
  return [...recent.slice(0, -1), { ...middle, budget: raised }];
}

/** Per phase: growth waits until the smallest budget of so many milliseconds allows it; what falls is the newest. */
export function calmBudget({ recent }: BudgetHistory, calm: Millis, now: Millis): readonly Deciamps[] {
  const newest = recent.at(-1);
  if (newest === undefined) return [];
  const counted = recent.filter((one) => minus(now, one.at) < calm);
  return counted.reduce((least, one) => leastOf(least, one.budget), newest.budget);
}

/** Per phase the lowest budget of 15 minutes; with less history than that, not more than what is assured even then. */
export function lowestBudget(history: BudgetHistory, assured: Deciamps, now: Millis): readonly Deciamps[] {
  const { firstAt, minutes } = history;
  const whole = firstAt !== null && minus(now, firstAt) >= MINUTE * HISTORY;
  const seen = minutes.filter((one) => minus(now, one.since) <= MINUTE * (HISTORY + 1)).map((one) => one.lowest);
  const [first, ...rest] = seen;
  if (first === undefined) return [];
  const lowest = rest.reduce(leastOf, first);
  return whole ? lowest : lowest.map((amps) => lower(amps, assured));
}
