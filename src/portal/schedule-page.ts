// The schedule: what holds now, what is asked for once, and the hours and departures of each week, each with a form of its own.

import { currencyAt, moneyText, numberOfCurrency } from "../money.js";
import { tariffOf } from "../rights.js";
import type { WeeklyDeparture, Window } from "../schedule.js";
import { toAmps } from "../units.js";
import type { Shown } from "./charger-pages.js";
import { choicesOf } from "./fields.js";
import { escapeHtml, type Fields, fieldOf } from "./form.js";
import {
  alertOf,
  button,
  formOf,
  numberInput,
  plainSelect,
  type Refused,
  savedNotice,
  timeInput,
  type Words,
} from "./form-page.js";
import { SCHEDULE } from "./layout.js";
import type { ChargerModel, PlanView } from "./model.js";
import { GO_FIELD } from "./patch.js";
import { filled, numeral, type Texts } from "./texts/texts.js";
import { clockText, dayBoxes, daysText, hoursInputs, whenText } from "./times.js";
import type { View } from "./view.js";

/** Of a row in its list, from 1; 0: a new one. */
export const ROW_FIELD = "row";
/** The row as it was when the form was made: somebody else may have changed the list meanwhile. */
export const WAS_FIELD = "was";

const go = (name: string, more = ""): string => ` name="${GO_FIELD}" value="${name}"${more}`;
const SECOND = ' class="second"';
const link = (words: string, query: string): string =>
  `<a class="button second" href="${SCHEDULE.path}${query}">${escapeHtml(words)}</a>`;

export function scheduleBody(view: View<ChargerModel>, { refused, saved }: Shown): string {
  const { texts } = view;
  const { schedule } = texts;
  const notice = savedNotice(texts, saved && refused === null) + alertOf(texts, refused, ONCE);
  const heading = (words: string): string => `<h2>${escapeHtml(words)}</h2>`;
  return `${notice}<div class="card">${planWords(view)}</div>${heading(schedule.once)}${once(view, refused)}${heading(schedule.windows)}${windows(view)}${heading(schedule.departures)}${departures(view)}`;
}

/** What the schedule does now, until when, and what becomes of the departure; HTML. */
export function planWords(view: View<ChargerModel>): string {
  const { texts, model } = view;
  const { plan } = model.charger;
  if (plan === null) return `<p>${escapeHtml(texts.schedule.none)}</p>`;
  const said = [nowWords(texts, plan), untilWords(view, plan)].filter((one) => one !== "").join(" ");
  return `<p>${escapeHtml(said)}</p>${departureWords(view, plan)}`;
}

function nowWords(texts: Texts, { name, limit }: PlanView): string {
  const { schedule } = texts;
  if (name !== "window") return schedule[name];
  return limit === null || limit === 0 ? schedule.off : filled(schedule.most, numeral(texts, toAmps(limit)));
}

const untilWords = (view: View, { until }: PlanView): string =>
  until === null ? "" : filled(view.texts.schedule.until, whenText(view, until));

function departureWords(view: View<ChargerModel>, { departure, plan }: PlanView): string {
  const { texts, model } = view;
  const { schedule } = texts;
  if (departure === null || plan === null) return "";
  const { settings } = model;
  const tariff = tariffOf(settings);
  const kWh = (energy: number): string => numeral(texts, energy / 1_000);
  const cost =
    tariff === null ? "" : moneyText(plan.cost, currencyAt(numberOfCurrency(tariff.currency)), texts.decimal);
  const lines = [
    filled(schedule.ready, whenText(view, departure.by), kWh(departure.need)),
    ...(cost === "" ? [] : [filled(schedule.cost, cost)]),
  ];
  const missing = plan.reachable
    ? ""
    : `<p class="error">${escapeHtml(filled(schedule.unreachable, kWh(plan.missing)))}</p>`;
  return `<p>${escapeHtml(lines.join(" "))}</p>${missing}`;
}

/** On the page of every day, while the schedule holds the car: why, and the button that lets it charge at once. */
export function heldCard(view: View<ChargerModel>): string {
  const { plan, state } = view.model.charger;
  if (plan === null || plan.limit !== 0 || state === "available" || state === "finishing") return "";
  const now = button(view.texts.schedule.boostNow, go("boostHere"));
  return formOf(view, SCHEDULE.path, planWords(view) + now);
}

/** Inputs of what is asked for once. */
const ONCE: readonly string[] = Object.freeze(["delayDay", "delayAt", "readyDay", "readyAt", "kWh"]);

function once(view: View<ChargerModel>, refused: Refused | null): string {
  const { texts, model } = view;
  const { schedule } = texts;
  const shot = model.charger.plan?.shot ?? null;
  const boost = shot?.boost ? button(schedule.boostEnd, go("noBoost", SECOND)) : button(schedule.boostNow, go("boost"));
  const hint = `<p class="hint">${escapeHtml(schedule.onceHint)}</p>`;
  if (model.unix === null) return formOf(view, SCHEDULE.path, hint + boost);
  const delayed = shot?.delayUntil ?? null;
  const ready = shot?.departure ?? null;
  const forget = (words: string, act: string): string =>
    `<p>${escapeHtml(words)}</p>${button(schedule.forget, go(act, SECOND))}`;
  const delay =
    delayed === null || refused !== null
      ? `${moment(texts, "delay", texts.schedule.delayTitle, refused)}${button(schedule.delayNow, go("delay", SECOND))}`
      : forget(filled(schedule.delaySet, whenText(view, delayed)), "noDelay");
  const readyBy =
    ready === null || refused !== null
      ? `${moment(texts, "ready", texts.schedule.readyTitle, refused)}${numberInput("kWh", texts.inputs.kWh, "", refused)}${button(schedule.readyNow, go("ready", SECOND))}`
      : forget(filled(schedule.readySet, whenText(view, ready.by), numeral(texts, ready.need / 1_000)), "noReady");
  return [hint + boost, delay, readyBy].map((inside) => formOf(view, SCHEDULE.path, inside)).join("");
}

/** A day, today or tomorrow, and a time of it. */
function moment(texts: Texts, what: "delay" | "ready", label: string, refused: Refused | null): string {
  const days = choicesOf(texts, { choices: "day" });
  const words: Words = { label, hint: "" };
  return (
    plainSelect(`${what}Day`, texts.inputs.day, days, "today", refused) + timeInput(`${what}At`, words, "", refused)
  );
}

function windows(view: View<ChargerModel>): string {
  const { texts, model } = view;
  const { schedule } = texts;
  const rows = model.settings.schedule.windows.map(({ days, from, to, limitA }, at) => {
    const when = filled(schedule.row, daysText(texts, days), clockText(from), clockText(to));
    const what = limitA < 6 ? schedule.rowOff : filled(schedule.rowMost, numeral(texts, limitA));
    return item(`?window=${at + 1}`, what, when);
  });
  return list(rows, schedule.windowsHint) + (rows.length < WINDOWS ? link(schedule.addWindow, "?window=0") : "");
}

function departures(view: View<ChargerModel>): string {
  const { texts, model } = view;
  const { schedule } = texts;
  const rows = model.settings.schedule.departures.map(({ days, at: minute, needWh }, at) => {
    const when = filled(schedule.rowReady, daysText(texts, days), clockText(minute));
    return item(`?departure=${at + 1}`, `${numeral(texts, needWh / 1_000)} kWh`, when);
  });
  return (
    list(rows, schedule.departuresHint) + (rows.length < DEPARTURES ? link(schedule.addDeparture, "?departure=0") : "")
  );
}
/** As schedule.ts takes them. */
const WINDOWS = 14;
const DEPARTURES = 7;

const item = (query: string, words: string, small: string): string =>
  `<li><a href="${SCHEDULE.path}${query}">${escapeHtml(words)}<small>${escapeHtml(small)}</small></a></li>`;
const list = (rows: readonly string[], hint: string): string =>
  `<p class="hint">${escapeHtml(hint)}</p>${rows.length === 0 ? "" : `<ul class="list">${rows.join("")}</ul>`}`;

export interface RowPage {
  readonly heading: string;
  readonly body: string;
}

/** The form of one row; null: the query names none. */
export function scheduleRowBody(view: View<ChargerModel>, query: Fields, refused: Refused | null): RowPage | null {
  const { texts, model } = view;
  const { windows: times, departures: leaves } = model.settings.schedule;
  const [window, departure] = [numberIn(query, "window"), numberIn(query, "departure")];
  if (window !== null && window <= times.length)
    return { heading: texts.schedule.window, body: windowForm(view, window, times[window - 1] ?? null, refused) };
  if (departure !== null && departure <= leaves.length) {
    const body = departureForm(view, departure, leaves[departure - 1] ?? null, refused);
    return { heading: texts.schedule.departureTitle, body };
  }
  return null;
}

function numberIn(query: Fields, name: string): number | null {
  const typed = fieldOf(query, name);
  return typed !== null && /^\d{1,2}$/.test(typed) ? Number(typed) : null;
}

export const rowText = (row: Window | WeeklyDeparture | null): string => (row === null ? "" : JSON.stringify(row));

const hiddenRow = (row: number, was: Window | WeeklyDeparture | null): string =>
  `<input type="hidden" name="${ROW_FIELD}" value="${row}"><input type="hidden" name="${WAS_FIELD}" value="${escapeHtml(rowText(was))}">`;

const BESIDE: readonly string[] = Object.freeze(["days", "from", "to", "limitA", "at", "kWh"]);

function windowForm(view: View, row: number, window: Window | null, refused: Refused | null): string {
  const { texts } = view;
  const hours =
    window === null
      ? { days: "1234567", from: "", to: "" }
      : { days: window.days, from: clockText(window.from), to: clockText(window.to) };
  const limit = numberInput("limitA", texts.inputs.limitA, numeral(texts, window?.limitA ?? 0), refused);
  return rowForm(view, "window", hiddenRow(row, window) + hoursInputs(texts, hours, refused) + limit, row, refused);
}

function departureForm(view: View, row: number, one: WeeklyDeparture | null, refused: Refused | null): string {
  const { texts } = view;
  const need = one === null ? "" : numeral(texts, one.needWh / 1_000, 3);
  const inside = `${hiddenRow(row, one)}${dayBoxes(texts, one?.days ?? "12345", refused)}${timeInput("at", texts.inputs.at, one === null ? "" : clockText(one.at), refused)}${numberInput("kWh", texts.inputs.kWh, need, refused)}`;
  return rowForm(view, "departure", inside, row, refused);
}

function rowForm(
  view: View,
  what: "window" | "departure",
  inside: string,
  row: number,
  refused: Refused | null,
): string {
  const { texts } = view;
  const { words } = texts;
  const remove = what === "window" ? "removeWindow" : "removeDeparture";
  const more = row === 0 ? "" : button(words.remove, go(remove, SECOND));
  const form = formOf(view, SCHEDULE.path, `${inside}${button(words.save, go(what))}${more}`);
  return `${alertOf(texts, refused, BESIDE)}${form}${link(words.back, "")}`;
}

/** For the sentence of the daily page: from when on it charges; null: nobody can tell. */
export function chargesFrom(view: View<ChargerModel>): string | null {
  const { plan } = view.model.charger;
  return plan === null || plan.limit !== 0 || plan.until === null ? null : whenText(view, plan.until);
}
