// What the house takes, from PZEM currents per phase and, for a grid-side meter, from the cars' draws beside them.
// It knows no bus, no message and no budget.

import { type Deciamps, deciamps, drawAtMost, type Milliamps, type Millis, milliamps, millis, minus } from "./units.js";

/** A charger's draw as it was measured, placed on the meter's clock. Newest last. */
export interface DrawSample {
  readonly at: Millis;
  readonly draw: readonly Milliamps[];
  /** What the pilot offered then: no obeying car can have drawn more since. */
  readonly offer: Milliamps;
}

const KEPT: Millis = millis(10_000);
const SAMPLES_LIMIT = 48;

export const addDraw = (samples: readonly DrawSample[], one: DrawSample): readonly DrawSample[] =>
  [...samples.filter((old) => minus(one.at, old.at) < KEPT), one].slice(-SAMPLES_LIMIT);

interface Span {
  readonly least: number;
  readonly most: number;
}

/** Both PZEMs see a load late and as a mean; two readings taken within this time of each other may differ by it. */
const APART: Millis = millis(400);

/** Between what and what a car can have drawn on a phase in the sample of the grid taken at `at`. A car nobody has heard
 *  of for `unseen` counts 0: then all that flows is the house's. While no reading later than `at` has come, the car may
 *  have gone up to its offer, or stopped. */
export function drawSpan(samples: readonly DrawSample[], phase: number, at: Millis, unseen: Millis): Span {
  const newest = samples.at(-1);
  if (newest === undefined || minus(at, newest.at) > unseen) return { least: 0, most: 0 };
  const near = samples.filter((one) => Math.abs(one.at - at) <= APART);
  const before = samples.filter((one) => one.at <= at - APART).at(-1);
  const after = samples.find((one) => one.at >= at + APART);
  const around = [...(before ? [before] : []), ...near, ...(after ? [after] : [])];
  const draws = around.map((one) => one.draw[phase] ?? 0);
  const covered = newest.at >= at;
  return {
    least: covered ? Math.min(...draws) : 0,
    most: covered ? Math.max(...draws) : Math.max(...draws, newest.draw[phase] === undefined ? 0 : newest.offer),
  };
}

/** The house behind a grid-side meter. What the cars can have drawn leaves a span for the house; the last estimate moves
 *  only as far as that span forces it, so that a car's own ramp alone never moves it. Never below 0. */
export function houseBehind(last: Milliamps | null, grid: Milliamps, cars: readonly Span[]): Milliamps {
  const most = Math.max(0, grid - cars.reduce((sum, car) => sum + car.least, 0));
  const least = Math.max(0, grid - cars.reduce((sum, car) => sum + car.most, 0));
  return milliamps(last === null ? most : Math.min(Math.max(last, least), most));
}

/** A PZEM's last digit jitters by this much. */
const JITTER = 20;
/** The last digit may be one more than what flows. */
const LAST_DIGIT = 1;

/** What the house takes in 0.1 A, rounded up; a value that falls by less than the jitter keeps its tenth, so that a load
 *  beside a tenth's edge does not move the offer up and down for ever. */
export function steadyTenths(last: Deciamps | null, house: Milliamps): Deciamps {
  const tenths = drawAtMost(milliamps(Math.max(0, house - LAST_DIGIT)));
  const falls = last !== null && tenths === last - 1;
  return falls && tenths * 100 - house < JITTER ? deciamps(last) : tenths;
}
