// Faults of the EVSE machine: which one is there, and when it may be forgotten. One rule clears them all:
// the cause is gone and the car has been unplugged for a second.

import { lastingAtLeast } from "./clock-margin.js";
import type { Fault } from "./lease.js";
import type { PilotState } from "./pilot.js";
import { type Millis, millis, minus } from "./units.js";

export interface FaultState {
  readonly fault: Fault | null;
  readonly since: Millis;
  /** Since when the line shows A without any cause of a fault, null while it does not. */
  readonly calmSince: Millis | null;
}

/** State F after a fault lasts at least this long. IEC 61851-1 Table A.5. */
export const STATE_F_FOR: Millis = lastingAtLeast(300);
const CLEARS_AFTER: Millis = millis(1_000);

export const NO_FAULT = (now: Millis): FaultState => ({ fault: null, since: now, calmSince: null });

/** What the line itself says is wrong. */
export function pilotFault(pilot: PilotState | null, readable: boolean): Fault | null {
  if (!readable) return "pilot-unreadable";
  if (pilot === "E") return "pilot-short";
  if (pilot === "F") return "pilot-below-zero";
  return pilot === "no-diode" ? "no-diode" : null;
}

/** `cause` is what is wrong now, in order of weight; the first fault keeps its name until it clears. */
export function nextFault(last: FaultState, cause: Fault | null, pilot: PilotState | null, now: Millis): FaultState {
  if (last.fault === null) return cause === null ? last : { fault: cause, since: now, calmSince: null };
  if (cause !== null || pilot !== "A") return last.calmSince === null ? last : { ...last, calmSince: null };
  if (last.calmSince === null) return { ...last, calmSince: now };
  return minus(now, last.calmSince) >= CLEARS_AFTER ? NO_FAULT(now) : last;
}

export const showsStateF = (state: FaultState, now: Millis): boolean =>
  state.fault !== null && minus(now, state.since) < STATE_F_FOR;
