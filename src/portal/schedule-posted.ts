// What the forms of the schedule do: change one of its rows, or ask for something once.

import { localTime, minuteOfDay, unixOf } from "../calendar.js";
import { zoneOf } from "../rights.js";
import { type OneShot, parseSchedule, type Schedule } from "../schedule.js";
import { change, type SettingsError } from "../settings.js";
import { type UnixSeconds, type WattHours, wattHours } from "../units.js";
import { type Answer, html, redirect, SAVED } from "./answers.js";
import { type Fields, fieldOf } from "./form.js";
import { layout, SCHEDULE, STATUS } from "./layout.js";
import type { ChargerModel } from "./model.js";
import { numberOf } from "./patch.js";
import { ROW_FIELD, rowText, scheduleBody, scheduleRowBody, WAS_FIELD } from "./schedule-page.js";
import { translated } from "./texts/texts.js";
import { clockTyped, daysTyped } from "./times.js";
import type { View } from "./view.js";

const GOES = Object.freeze([
  "boost",
  "boostHere",
  "noBoost",
  "delay",
  "noDelay",
  "ready",
  "noReady",
  "window",
  "removeWindow",
  "departure",
  "removeDeparture",
] as const);
type ScheduleGo = (typeof GOES)[number];
export const isScheduleGo = (go: string): go is ScheduleGo => GOES.some((one) => one === go);

export function schedulePosted(view: View<ChargerModel>, fields: Fields, go: ScheduleGo): Answer {
  switch (go) {
    case "boost":
      return asking({ boost: true });
    case "boostHere":
      return asking({ boost: true }, STATUS.path);
    case "noBoost":
      return asking({ boost: false });
    case "noDelay":
      return asking({ delayUntil: null });
    case "noReady":
      return asking({ departure: null });
    case "delay":
      return delayPosted(view, fields);
    case "ready":
      return readyPosted(view, fields);
    case "window":
    case "removeWindow":
      return rowPosted(view, fields, "windows", go === "window");
    case "departure":
    case "removeDeparture":
      return rowPosted(view, fields, "departures", go === "departure");
  }
}

const DONE = `${SCHEDULE.path}?${SAVED}`;

const asking = (shot: Partial<OneShot>, to = DONE): Answer => ({ ...redirect(to), acts: [{ kind: "shot", shot }] });

function delayPosted(view: View<ChargerModel>, fields: Fields): Answer {
  const until = momentTyped(view, fields, "delay");
  if (typeof until !== "number") return onceRefused(view, fields, [until]);
  return asking({ delayUntil: until });
}

function readyPosted(view: View<ChargerModel>, fields: Fields): Answer {
  const by = momentTyped(view, fields, "ready");
  const need = energyTyped(view, fields);
  const wrong = [by, need].filter((one) => typeof one !== "number");
  if (typeof by !== "number" || typeof need !== "number") return onceRefused(view, fields, wrong);
  return asking({ departure: { by, need } });
}

function onceRefused(view: View<ChargerModel>, fields: Fields, errors: readonly SettingsError[]): Answer {
  const body = scheduleBody(view, { query: [], refused: { fields, errors }, saved: false });
  return html(422, layout(view, { page: SCHEDULE }, body));
}

/** A time of today or tomorrow that lies ahead. */
function momentTyped({ model, texts }: View, fields: Fields, what: "delay" | "ready"): UnixSeconds | SettingsError {
  const field = `${what}At`;
  const minute = minuteOfDay(clockTyped(fieldOf(fields, field) ?? ""));
  if (!minute.ok) return { field, why: translated(texts, minute.why) };
  if (model.unix === null) return { field, why: texts.schedule.timeUnknown };
  const zone = zoneOf(model.settings);
  const today = localTime(model.unix, zone);
  const later = fieldOf(fields, `${what}Day`) === "tomorrow" ? 1 : 0;
  const unix = unixOf({ ...today, day: today.day + later }, minute.value, zone);
  return unix > model.unix ? unix : { field, why: texts.schedule.past };
}

const MOST_KWH = 200;

function energyTyped({ texts }: View, fields: Fields): WattHours | SettingsError {
  const kWh = numberOf(fieldOf(fields, "kWh")?.trim() ?? "");
  if (typeof kWh === "number" && kWh >= 0.1 && kWh <= MOST_KWH) return wattHours(Math.round(kWh * 1_000));
  return { field: "kWh", why: translated(texts, `must be from 0.1 to ${MOST_KWH}`) };
}

type List = keyof Schedule;

/** One row is changed, added or taken out; the others stay as they are. */
function rowPosted(view: View<ChargerModel>, fields: Fields, list: List, stays: boolean): Answer {
  const { model, texts } = view;
  const { schedule } = model.settings;
  const all = schedule[list];
  const place = Number(fieldOf(fields, ROW_FIELD) ?? "x");
  const isThere = Number.isInteger(place) && place >= 0 && place <= all.length;
  if (!isThere || (fieldOf(fields, WAS_FIELD) ?? "") !== rowText(all[place - 1] ?? null)) {
    const errors = [{ field: "", why: texts.schedule.changed }];
    return onceRefused(view, [], errors);
  }
  const energy = stays && list === "departures" ? energyTyped(view, fields) : wattHours(1);
  const row = list === "windows" ? windowTyped(fields) : departureTyped(fields, energy);
  const rows: readonly unknown[] = changedRows(all, place, stays ? row : null);
  const next = { ...schedule, [list]: rows };
  const parsed = parseSchedule(next);
  const errors = [
    ...(typeof energy === "number" ? [] : [energy]),
    ...(parsed.ok
      ? []
      : parsed.errors.map(({ field, why }) => ({ field: partOf(field), why: translated(texts, why) }))),
  ];
  const changed = change(model.settings, { schedule: next });
  const more =
    changed.ok || errors.length > 0
      ? []
      : changed.errors.map(({ why }) => ({ field: "", why: translated(texts, why) }));
  if (errors.length + more.length === 0) return { ...redirect(DONE), change: { schedule: next } };
  return rowRefused(view, fields, list, place, [...errors, ...more]);
}

/** "windows.3.from" is beside its input. */
const partOf = (field: string): string => field.slice(field.lastIndexOf(".") + 1);

function changedRows(all: readonly unknown[], place: number, row: unknown): readonly unknown[] {
  if (place === 0) return row === null ? all : [...all, row];
  return all.flatMap((one, at) => (at + 1 !== place ? [one] : row === null ? [] : [row]));
}

const windowTyped = (fields: Fields): object => ({
  days: daysTyped(fields),
  from: clockTyped(fieldOf(fields, "from") ?? ""),
  to: clockTyped(fieldOf(fields, "to") ?? ""),
  limitA: numberOf(fieldOf(fields, "limitA")?.trim() ?? ""),
});

/** Where the energy is none, that is said already. */
const departureTyped = (fields: Fields, energy: WattHours | SettingsError): object => ({
  days: daysTyped(fields),
  at: clockTyped(fieldOf(fields, "at") ?? ""),
  needWh: typeof energy === "number" ? energy : 1,
});

function rowRefused(
  view: View<ChargerModel>,
  fields: Fields,
  list: List,
  place: number,
  errors: readonly SettingsError[],
): Answer {
  const query: Fields = [[list === "windows" ? "window" : "departure", String(place)]];
  const row = scheduleRowBody(view, query, { fields, errors });
  if (row === null) return onceRefused(view, fields, errors);
  return html(422, layout(view, { page: SCHEDULE, heading: row.heading }, row.body));
}
