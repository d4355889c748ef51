// The bounds in which the reckoning of the house behind a grid-side meter is searched, as it ships and switched off.

import type { GridBound } from "./grid.js";
import type { Change } from "./rules.js";

/** A charger that fell silent counts for 5 s; a car that went down just before hides a reading more, and the grid is read
 *  once a second. */
const ONE_SILENCE_S = 7.5;

const LOST: GridBound = { cars: 1, steps: 28, acts: 3, until: 12, windowS: ONE_SILENCE_S, late: false, calm: false };

interface GridWorld {
  readonly name: string;
  readonly bound: GridBound;
}

/** What `npm test` visits. */
export const GRID_AS_SHIPPED: readonly GridWorld[] = Object.freeze([
  { name: "a grid-side meter and a car, three acts", bound: LOST },
  { name: "a grid-side meter and two cars, two acts", bound: { ...LOST, cars: 2, acts: 2 } },
  { name: "a grid-side meter and a car whose words come late, three acts", bound: { ...LOST, late: true, calm: true } },
]);

/** For `npm run model -- --large`. One charger after the other may fall silent, so two hide a load for twice as long. */
export const GRID_LARGE: readonly GridWorld[] = Object.freeze([
  {
    name: "a grid-side meter and two cars, three acts",
    bound: { ...LOST, cars: 2, steps: 36, windowS: ONE_SILENCE_S + 5 },
  },
  {
    name: "a grid-side meter and a car, four acts",
    bound: { ...LOST, steps: 32, acts: 4, until: 13, calm: true },
  },
]);

export interface GridSwitchedOff extends Change {
  readonly bound: GridBound;
}

export const GRID_SWITCHED_OFF: readonly GridSwitchedOff[] = Object.freeze([
  {
    rule: "8: a car's last reading is taken off the grid's, older or not",
    file: "house.ts",
    from: "least: covered ? Math.min(...draws) : 0,",
    to: "least: Math.min(...draws),",
    bound: LOST,
  },
  {
    rule: "8: a charger that fell silent still counts",
    file: "house.ts",
    from: "newest === undefined || minus(at, newest.at) > unseen",
    to: "newest === undefined",
    bound: LOST,
  },
]);
