// Is a PZEM still measuring? Some keep answering with the last values for ever. A real one's last digits never stay
// still for long, and a grid-side one must move when a car does.

import { frozen } from "./frozen.js";
import type { PzemReading } from "./pzem.js";
import { type Milliamps, type Millis, milliamps, millis, minus } from "./units.js";

/** What a meter that measures never says twice for long. */
type Values = Pick<PzemReading, "voltage" | "current" | "frequency">;

export interface StuckWatch {
  readonly last: Values | null;
  /** Reads in a row with voltage, current and frequency the same to the last bit. */
  readonly same: number;
  /** The cars' draw when the row began, and since when it has been another. */
  readonly carsThen: Milliamps;
  readonly carsMovedAt: Millis | null;
}

export const NEVER_READ: StuckWatch = frozen({
  last: null,
  same: 0,
  carsThen: milliamps(0),
  carsMovedAt: null,
});

const SAME_LIMIT = 60;
/** A car's draw that moved by this much must show on a grid-side meter ... */
const MOVE = 2_000;
/** ... once both meters have settled. */
const SETTLED: Millis = millis(4_000);

/** `cars` is the sum of their draws on the phase of a grid-side PZEM, null for one that does not see cars. */
export function watchStuck(last: StuckWatch, reading: Values, cars: Milliamps | null, now: Millis): StuckWatch {
  if (last.last === null || !sameValues(last.last, reading)) {
    return { last: reading, same: 1, carsThen: cars ?? milliamps(0), carsMovedAt: null };
  }
  const moved = cars !== null && Math.abs(cars - last.carsThen) >= MOVE;
  const carsMovedAt = moved ? (last.carsMovedAt ?? now) : null;
  return { ...last, same: Math.min(last.same + 1, SAME_LIMIT), carsMovedAt };
}

const sameValues = (a: Values, b: Values): boolean =>
  a.voltage === b.voltage && a.current === b.current && a.frequency === b.frequency;

export const isStuck = (watch: StuckWatch, now: Millis): boolean =>
  watch.same >= SAME_LIMIT || isUnmoved(watch, millis(0), now);

/** The cars have moved, and it has not: `late` is how much later than a PZEM it may show them. */
export const isUnmoved = ({ carsMovedAt }: StuckWatch, late: Millis, now: Millis): boolean =>
  carsMovedAt !== null && minus(now, carsMovedAt) >= SETTLED + late;
