// A device measures its limits with its own crystal. These make a limit hold for the world's seconds all the same, with a
// clock that is up to 1.4 % fast or slow.

import { type Millis, millis } from "./units.js";

/** At least so long in the world, even when the clock is fast. Rounded up. */
export const lastingAtLeast = (ms: number): Millis => millis(Math.ceil(ms * 1.015));

/** At most so long in the world, even when the clock is slow. Rounded down. */
export const lastingAtMost = (ms: number): Millis => millis(Math.floor(ms * 0.985));
