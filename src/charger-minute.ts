// What the wall clock says to a charger: the period of its tariff and the month. Both change at whole minutes only, whatever the
// zone, and are reckoned once a minute and not at each of the events between.

import { localTime } from "./calendar.js";
import type { Controller } from "./controller-state.js";
import { wallClock } from "./device-state.js";
import { monthOf, periodNow, tariffOf, zoneOf } from "./rights.js";
import type { Settings } from "./settings.js";
import type { Millis } from "./units.js";

export interface Minute {
  /** What it was reckoned with; null: nothing yet. */
  readonly settings: Settings | null;
  /** Whole minutes since 1970, null while nobody knows the time. */
  readonly at: number | null;
  readonly period: number;
  /** As usage.ts numbers them, null while nobody knows the time. */
  readonly month: number | null;
}

export const NO_MINUTE: Minute = Object.freeze({ settings: null, at: null, period: 0, month: null });

/** The charger in the minute that it is, with the settings that it has. */
export function inMinute(state: Controller, now: Millis): Controller {
  const { settings } = state.device;
  const unix = wallClock(state.device, now);
  const at = unix === null ? null : Math.floor(unix / 60);
  if (at === state.minute.at && settings === state.minute.settings) return state;
  const zone = zoneOf(settings);
  const local = unix === null ? null : localTime(unix, zone);
  const month = unix === null ? null : monthOf(unix, zone);
  return { ...state, minute: { settings, at, period: periodNow(tariffOf(settings), local), month } };
}
