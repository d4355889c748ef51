// From readings to a pilot state that can be trusted: how often a new state must be seen before it counts.
// It decides nothing about charging.

import { frozen } from "./frozen.js";
import { type PilotReading, type PilotState, pilotStateOf } from "./pilot.js";

export interface PilotWatch {
  /** The state that counts; null before the first, and when the line cannot be read. */
  readonly state: PilotState | null;
  readonly seen: PilotState | null;
  readonly times: number;
  readonly missed: number;
}

export const PILOT_UNKNOWN: PilotWatch = frozen({ state: null, seen: null, times: 0, missed: 0 });

/** Readings come each 20 ms. Leaving C or D counts at the second, so that the contactor is open well within 100 ms;
 *  any other change waits for five (100 ms), so that a plug's bounce neither closes the contactor nor makes a fault. */
const LEAVING = 2;
const OTHERWISE = 5;
/** So many windows without a reading and the state is unknown: 60 ms. */
const MISSED_LIMIT = 3;

export const draws = (state: PilotState | null): boolean => state === "C" || state === "D";

export function watchPilot(last: PilotWatch, reading: PilotReading): PilotWatch {
  if (!reading.ok) {
    const missed = Math.min(last.missed + 1, MISSED_LIMIT);
    return missed < MISSED_LIMIT ? { ...last, missed } : { ...PILOT_UNKNOWN, missed };
  }
  const seen = pilotStateOf(reading.high, reading.low, last.seen);
  const times = seen === last.seen ? Math.min(last.times + 1, OTHERWISE) : 1;
  if (times === last.times && seen === last.seen && last.state === seen && last.missed === 0) return last;
  const needed = draws(last.state) && !draws(seen) ? LEAVING : OTHERWISE;
  return { state: times >= needed ? seen : last.state, seen, times, missed: 0 };
}
