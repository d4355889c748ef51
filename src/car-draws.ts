// What the cars of a site draw, as their chargers' demands tell it: a grid-side meter must take it off what it sees.

import { frozen } from "./frozen.js";
import { addDraw, type DrawSample, drawSpan, houseBehind } from "./house.js";
import type { Site } from "./shared-site.js";
import type { Demand } from "./sharing-message.js";
import { type Milliamps, type Millis, milliamps, millis, minus, plus } from "./units.js";

export interface CarDraws {
  readonly id: string;
  readonly nonce: number;
  readonly number: number;
  readonly heardAt: Millis;
  /** The phases of the site (1-3) that the charger is wired to: on the others it cannot draw. */
  readonly wiring: readonly number[];
  readonly draws: readonly DrawSample[];
}

/** A car whose charger was not heard for so long counts as drawing nothing. */
const UNSEEN: Millis = millis(5_000);
const FORGOTTEN: Millis = millis(60_000);
/** A demand says which report its charger heard last: on time that is the newest, or the one before. */
const LATE: Millis = millis(1_000);
const CARS_LIMIT = 64;
const ALL_PHASES: readonly number[] = frozen([1, 2, 3]);

/** Who reckons: its site, and its boot, in whose time the demands' echoes are. */
interface Reckoner {
  readonly site: Site;
  readonly boot: number;
}

/** Takes what a demand tells. One that was long on its way tells of a moment that nobody knows: it is passed over. */
export function withDraw(
  cars: readonly CarDraws[],
  demand: Demand,
  { site, boot }: Reckoner,
  now: Millis,
): readonly CarDraws[] {
  if (demand.boot === boot && minus(now, demand.echo) > plus(site.period, LATE)) return cars;
  const known = cars.find((one) => one.id === demand.id && one.nonce === demand.nonce);
  if (known !== undefined && demand.number <= known.number) return cars;
  const sample: DrawSample = {
    at: minus(now, demand.age),
    draw: demand.draws,
    offer: milliamps(demand.offer * 100),
  };
  const car: CarDraws = {
    id: demand.id,
    nonce: demand.nonce,
    number: demand.number,
    heardAt: now,
    wiring: site.roster.find((row) => row.id === demand.id)?.wiring ?? ALL_PHASES,
    draws: addDraw(known?.draws ?? [], sample),
  };
  const others = cars.filter((one) => one.id !== demand.id);
  return others.length < CARS_LIMIT ? [...others, car] : cars;
}

/** Without the chargers that have not been heard for a minute. */
export function withoutSilent(cars: readonly CarDraws[], now: Millis): readonly CarDraws[] {
  const heard = cars.filter((one) => minus(now, one.heardAt) < FORGOTTEN);
  return heard.length === cars.length ? cars : heard;
}

/** What all cars draw on a phase (0-2), by the newest demands. */
export const drawnOn = (cars: readonly CarDraws[], phase: number): Milliamps =>
  milliamps(cars.reduce((sum, one) => sum + (one.draws.at(-1)?.draw[phase] ?? 0), 0));

/** Per phase what the house takes, when `grid` is what flowed at `at` and `last` the estimate by the sample before. */
export const houseWithout = (
  cars: readonly CarDraws[],
  grid: readonly Milliamps[],
  last: readonly Milliamps[] | null,
  at: readonly Millis[],
): readonly Milliamps[] =>
  grid.map((measured, phase) => {
    const wired = cars.filter((one) => one.wiring.includes(phase + 1));
    const spans = wired.map((one) => drawSpan(one.draws, phase, at[phase] ?? millis(0), UNSEEN));
    return houseBehind(last?.[phase] ?? null, measured, spans);
  });
