// The contactor: when the coil may be switched on, and what its feedback or a draw after opening says about its health.
// Whether charging is wanted is not decided here.

import { lastingAtLeast } from "./clock-margin.js";
import type { Fault } from "./lease.js";
import { type Milliamps, type Millis, millis, minus } from "./units.js";

export type ResidualTest = "none" | "running" | "passed" | "failed";

export interface ContactorState {
  readonly closed: boolean;
  /** When the coil was last switched. */
  readonly since: Millis;
  readonly test: ResidualTest;
  readonly testSince: Millis;
}

/** From open to closed again after a normal stop. */
export const REST: Millis = lastingAtLeast(5_000);
/** The residual-current device has this long to answer its self-test. */
const TEST_LIMIT: Millis = millis(1_000);
/** Contacts follow the coil within 20-30 ms; later than this they do not follow. */
const FOLLOW_LIMIT: Millis = millis(300);
/** A PZEM shows a load up to 2.7 s after it ended; a draw later than this flows through open contacts. */
const DRAW_GONE: Millis = millis(5_000);
const NO_DRAW = 500;

/** At boot the coil is off; a car that was charging before has rested when REST has passed. */
export const OPEN_AT_BOOT = (now: Millis): ContactorState => ({
  closed: false,
  since: now,
  test: "none",
  testSince: now,
});

export interface ContactorInput {
  readonly wanted: boolean;
  readonly residualFitted: boolean;
}

/** Opening is at once; closing waits for REST and for a self-test passed since the contacts were last closed. */
export function nextContactor(last: ContactorState, input: ContactorInput, now: Millis): ContactorState {
  if (!input.wanted) {
    if (last.closed) return { ...last, closed: false, since: now, test: "none" };
    return last.test === "none" ? last : { ...last, test: "none" };
  }
  if (last.closed || minus(now, last.since) < REST) return last;
  if (!input.residualFitted || last.test === "passed") return { ...last, closed: true, since: now };
  if (last.test === "none") return { ...last, test: "running", testSince: now };
  if (last.test === "running" && minus(now, last.testSince) > TEST_LIMIT) return { ...last, test: "failed" };
  return last;
}

/** What is wrong with the contactor, null when nothing is. `feedback` is null on a board without it: then only a draw
 *  after opening tells, and a contactor that does not close is not seen (the car just does not charge). */
export function contactorFault(
  state: ContactorState,
  feedback: boolean | null,
  draw: Milliamps | null,
  now: Millis,
): Fault | null {
  const held = minus(now, state.since);
  if (feedback !== null) {
    if (feedback === state.closed || held < FOLLOW_LIMIT) return null;
    return feedback ? "contactor-welded" : "contactor-stuck-open";
  }
  return !state.closed && held > DRAW_GONE && (draw ?? 0) > NO_DRAW ? "contactor-welded" : null;
}
