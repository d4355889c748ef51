// All limits of a current meet here: named limits in, the smallest out, with the name that won and the runner-up.
// It knows no limit by itself; a limit that cannot be known must be passed as its safe value, never left out.

import { MIN_OFFER } from "./pilot.js";
import { type Deciamps, deciamps } from "./units.js";

/** Why a car gets what it gets, in the words of the timeline. */
export type Because =
  | "share"
  | "site"
  | "rating"
  | "cable"
  | "manual"
  | "solar"
  | "person"
  | "schedule"
  | "temperature"
  | "failsafe"
  | "paused"
  | "fault"
  | "none";

export interface Limit {
  readonly name: Because;
  readonly amps: Deciamps;
}

export interface Decision {
  /** 0, or 6.0 A and up. */
  readonly offer: Deciamps;
  readonly because: Because;
  /** The limit that would hold next if the winner went away. */
  readonly runnerUp: Limit | null;
}

const NOTHING: Deciamps = deciamps(0);

/** The smallest of the limits, 0 when that is below 6 A. Of equal limits the one listed first wins. No limits at all is
 *  no permission: offer 0 because "none". */
export function decide(limits: readonly Limit[]): Decision {
  const [winner, runnerUp] = twoSmallest(limits);
  if (winner === undefined) return { offer: NOTHING, because: "none", runnerUp: null };
  const offer = winner.amps < MIN_OFFER ? NOTHING : winner.amps;
  return { offer, because: winner.name, runnerUp: runnerUp ?? null };
}

function twoSmallest(limits: readonly Limit[]): readonly [Limit?, Limit?] {
  let first: Limit | undefined;
  let second: Limit | undefined;
  for (const limit of limits) {
    if (first === undefined || limit.amps < first.amps) [first, second] = [limit, first];
    else if (second === undefined || limit.amps < second.amps) second = limit;
  }
  return first === undefined ? [] : second === undefined ? [first] : [first, second];
}
