// Days, times and months in words, and the inputs for days and times that several forms have.

import { dayNumber, type LocalTime, localText, localTime, minuteText } from "../calendar.js";
import { zoneOf } from "../rights.js";
import type { UnixSeconds } from "../units.js";
import { escapeHtml, type Fields } from "./form.js";
import { errorLine, marks, type Refused, timeInput } from "./form-page.js";
import { filled, type Texts } from "./texts/texts.js";
import type { View } from "./view.js";

const DAYS_FIELD = "days";

/** One of the week's days, 1 Monday to 7 Sunday. */
const dayName = ({ days }: Texts, digit: string): string =>
  Object.entries(days).find(([one]) => one === digit)?.[1] ?? "";

/** "12345" as "Mon-Fri": of three days or more in a row the first and the last. */
export function daysText(texts: Texts, digits: string): string {
  if (digits.length === 7) return texts.dayWords.every;
  const parts: string[] = [];
  for (let at = 0; at < digits.length; ) {
    let end = at;
    while (Number(digits[end + 1]) === Number(digits[end]) + 1) end++;
    if (end - at < 2) parts.push(dayName(texts, digits[at++] ?? ""));
    else {
      parts.push(`${dayName(texts, digits[at] ?? "")}-${dayName(texts, digits[end] ?? "")}`);
      at = end + 1;
    }
  }
  return parts.join(", ");
}

const dayOf = ({ year, month, day }: LocalTime): number => dayNumber(year, month, day);

/** "22:00", "tomorrow 07:30", "Fri 07:30", or with its date. */
export function whenText({ model, texts }: View, unix: UnixSeconds): string {
  const zone = zoneOf(model.settings);
  const then = localTime(unix, zone);
  const clock = minuteText(then.minute);
  const ahead = model.unix === null ? -1 : dayOf(then) - dayOf(localTime(model.unix, zone));
  if (ahead === 0) return clock;
  if (ahead === 1) return filled(texts.dayWords.tomorrow, clock);
  return ahead > 1 && ahead < 7 ? `${dayName(texts, String(then.weekday))} ${clock}` : localText(unix, zone);
}

/** "November 2026"; months since January 2020. */
export const monthName = ({ months }: Texts, month: number): string =>
  `${Object.entries(months).find(([one]) => one === String((month % 12) + 1))?.[1] ?? ""} ${2020 + Math.floor(month / 12)}`;

/** The days that were ticked, as digits. */
export const daysTyped = (fields: Fields): string =>
  fields
    .filter(([name]) => name === DAYS_FIELD)
    .map(([, value]) => value.slice(0, 1))
    .join("");

export function dayBoxes(texts: Texts, inForce: string, refused: Refused | null): string {
  const digits = refused === null ? inForce : daysTyped(refused.fields);
  const boxes = Object.entries(texts.days).map(
    ([digit, word]) =>
      `<label><input type="checkbox" name="${DAYS_FIELD}" value="${digit}"${digits.includes(digit) ? " checked" : ""}> ${escapeHtml(word)}</label>`,
  );
  return `<fieldset class="days"${marks(DAYS_FIELD, refused, "").replace(' aria-invalid="true"', "")}><legend>${escapeHtml(texts.dayWords.legend)}</legend><div>${boxes.join("")}</div>${errorLine(DAYS_FIELD, refused)}</fieldset>`;
}

/** The day's end as the inputs of a browser have it. */
export const clockText = (minute: number): string => minuteText(minute % 1_440);

/** Days, and from when to when. */
export const hoursInputs = (
  texts: Texts,
  { days, from, to }: { readonly days: string; readonly from: string; readonly to: string },
  refused: Refused | null,
): string =>
  `${dayBoxes(texts, days, refused)}${timeInput("from", texts.inputs.from, from, refused)}${timeInput("to", texts.inputs.to, to, refused)}`;

/** A time as browsers send it: some with seconds. */
export const clockTyped = (typed: string): string => typed.replace(/^(\d{1,2}:\d\d):\d\d$/, "$1").padStart(5, "0");
