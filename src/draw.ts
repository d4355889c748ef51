// What the charger's own PZEMs said last: how long it counts, its largest phase, and as the site numbers the phases.

import type { Settings } from "./settings.js";
import { type Milliamps, type Millis, milliamps, millis, minus } from "./units.js";

/** In the order of the wiring. */
export interface Draw {
  readonly at: Millis;
  readonly phases: readonly Milliamps[];
}

/** A draw older than this is not known any more. */
const KEPT: Millis = millis(3_000);
/** A change that the site should hear of at once. */
const CHANGE = 300;

/** The phases of a draw that still counts, null otherwise. */
export const phasesNow = (draw: Draw | null, now: Millis): readonly Milliamps[] | null =>
  draw === null || minus(now, draw.at) > KEPT ? null : draw.phases;

/** The phase that draws most, null while none is known. */
export function largestDraw(draw: Draw | null, now: Millis): Milliamps | null {
  const phases = phasesNow(draw, now);
  return phases === null ? null : milliamps(Math.max(...phases));
}

/** Whether a phase has moved by 0.3 A or more since it was told. */
export function drawMoved(draw: Draw | null, told: Draw | null): boolean {
  if (draw === null || told === null) return draw !== told;
  return draw.phases.some((one, index) => Math.abs(one - (told.phases[index] ?? 0)) >= CHANGE);
}

/** The last draw on the phases of the site: 0 where the charger is not wired to. */
export function siteDraw(settings: Settings, draw: Draw | null): readonly Milliamps[] {
  const phases = settings.phases === 1 ? [1] : [1, 2, 3];
  return phases.map((phase) => draw?.phases[settings.wiring.indexOf(phase)] ?? milliamps(0));
}
