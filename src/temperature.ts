// The board's temperature as a limit of the current. It knows no sensor.

import { MIN_OFFER } from "./pilot.js";
import { type Deciamps, type Decicelsius, deciamps, decicelsius } from "./units.js";

const DERATE_FROM: Decicelsius = decicelsius(650);
const MINIMUM_FROM: Decicelsius = decicelsius(750);
const OFF_ABOVE: Decicelsius = decicelsius(800);
const BACK_BELOW: Decicelsius = decicelsius(600);

/** Once above 80 C the charger stays off until it is below 60 C. */
export const tooHot = (was: boolean, board: Decicelsius): boolean => (was ? board >= BACK_BELOW : board > OFF_ABOVE);

/** A straight line from the rating at 65 C to 6 A at 75 C, 6 A up to 80 C, nothing while too hot. Rounded down to 0.1 A. */
export function temperatureLimit(board: Decicelsius, off: boolean, rating: Deciamps): Deciamps {
  if (off) return deciamps(0);
  if (board <= DERATE_FROM) return rating;
  if (board >= MINIMUM_FROM) return MIN_OFFER;
  const part = (board - DERATE_FROM) / (MINIMUM_FROM - DERATE_FROM);
  return deciamps(Math.floor(rating - part * (rating - MIN_OFFER)));
}
