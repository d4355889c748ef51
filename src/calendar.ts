// Civil time: what the clock on the wall shows at a moment, and which moment a wall clock means. Own arithmetic on whole
// numbers, right beyond 2^31 seconds. It knows no tariff and no schedule.

import { frozen } from "./frozen.js";
import { bad, type Check, type Checked, good } from "./settings-checks.js";
import { type UnixSeconds, unixSeconds } from "./units.js";

const DAY = 86_400;
const HOUR = 3_600;
/** Days from 1 March of the year 0, where the arithmetic starts because a leap day ends its year, to 1 January 1970. */
const EPOCH = 719_468;

export interface CivilDate {
  readonly year: number;
  /** 1-12. */
  readonly month: number;
  readonly day: number;
}

export interface LocalTime extends CivilDate {
  /** 1 Monday to 7 Sunday, as ISO 8601. */
  readonly weekday: number;
  /** Of the day, 0-1439. */
  readonly minute: number;
  readonly second: number;
  /** Legal summer time holds. */
  readonly summer: boolean;
}

/** The last (week 5) or n-th such weekday of a month, and seconds from its midnight. */
interface YearDay {
  readonly month: number;
  readonly week: number;
  /** 0 Sunday to 6 Saturday, as POSIX. */
  readonly weekday: number;
  readonly time: number;
}

export interface Zone {
  /** Seconds ahead of UTC, in winter and in summer; summer is the larger. */
  readonly standard: number;
  readonly summer: number;
  /** When summer time begins and ends, null where there is none. Each by the clock that held until then. */
  readonly change: { readonly begins: YearDay; readonly ends: YearDay } | null;
}

const WESTERN = "WET0WEST,M3.5.0/1,M10.5.0";
const CENTRAL = "CET-1CEST,M3.5.0,M10.5.0/3";
const EASTERN = "EET-2EEST,M3.5.0/3,M10.5.0/4";

/** Legal time of each zone as it has been since 2020. A list, not a record: on the device a name that is asked for and not
 *  there would stay in the table of keys. */
export const ZONES: readonly (readonly [name: string, posix: string])[] = frozen([
  ["UTC", "UTC0"],
  ["Europe/Lisbon", WESTERN],
  ["Atlantic/Madeira", WESTERN],
  ["Atlantic/Azores", "<-01>1<+00>,M3.5.0/0,M10.5.0/1"],
  ["Atlantic/Canary", WESTERN],
  ["Europe/London", "GMT0BST,M3.5.0/1,M10.5.0"],
  ["Europe/Dublin", "GMT0IST,M3.5.0/1,M10.5.0"],
  ["Europe/Madrid", CENTRAL],
  ["Europe/Paris", CENTRAL],
  ["Europe/Brussels", CENTRAL],
  ["Europe/Luxembourg", CENTRAL],
  ["Europe/Amsterdam", CENTRAL],
  ["Europe/Berlin", CENTRAL],
  ["Europe/Zurich", CENTRAL],
  ["Europe/Vienna", CENTRAL],
  ["Europe/Rome", CENTRAL],
  ["Europe/Copenhagen", CENTRAL],
  ["Europe/Oslo", CENTRAL],
  ["Europe/Stockholm", CENTRAL],
  ["Europe/Prague", CENTRAL],
  ["Europe/Warsaw", CENTRAL],
  ["Europe/Budapest", CENTRAL],
  ["Europe/Athens", EASTERN],
  ["Europe/Bucharest", EASTERN],
  ["Europe/Sofia", EASTERN],
  ["Europe/Helsinki", EASTERN],
  ["Europe/Kyiv", EASTERN],
  ["Europe/Istanbul", "<+03>-3"],
  ["America/Sao_Paulo", "<-03>3"],
  ["America/Manaus", "<-04>4"],
  ["America/New_York", "EST5EDT,M3.2.0,M11.1.0"],
  ["America/Chicago", "CST6CDT,M3.2.0,M11.1.0"],
  ["America/Denver", "MST7MDT,M3.2.0,M11.1.0"],
  ["America/Los_Angeles", "PST8PDT,M3.2.0,M11.1.0"],
  ["Atlantic/Cape_Verde", "<-01>1"],
  ["Africa/Luanda", "WAT-1"],
  ["Africa/Maputo", "CAT-2"],
  ["Australia/Sydney", "AEST-10AEDT,M10.1.0,M4.1.0/3"],
]);

export type ZoneParsed = { readonly ok: true; readonly zone: Zone } | { readonly ok: false; readonly why: string };

const POSIX =
  /^(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)([+-]?[\d:]+)(?:(?:[A-Za-z]{3,}|<[A-Za-z0-9+-]{3,}>)([+-]?[\d:]+)?,([^,]+),([^,]+))?$/;
const CLOCK = /^([+-]?)(\d{1,3})(?::([0-5]\d))?$/;
const YEAR_DAY = /^M(\d{1,2})\.([1-5])\.([0-6])(?:\/(.+))?$/;
const TEXT_LIMIT = 64;
/** Between two changes of a zone's clock there is this long at the least. */
const STEADY = 30 * DAY;
const UNKNOWN_ZONE = "must be a known zone (Europe/Lisbon) or POSIX text (WET0WEST,M3.5.0/1,M10.5.0)";

/** A zone by its name in ZONES, or as POSIX.1 TZ text: offset, or offsets and the days (Mm.w.d) on which summer time begins
 *  and ends, times in whole minutes from -167 to 167 h (RFC 8536, 3.3.1). Of a pair of offsets the larger is summer,
 *  whichever the text calls so. */
export function parseZone(text: string): ZoneParsed {
  const known = ZONES.find(([name]) => name === text);
  const parts = text.length > TEXT_LIMIT ? null : POSIX.exec(known?.[1] ?? text);
  if (parts === null) return { ok: false, why: UNKNOWN_ZONE };
  const behind = seconds(parts[1] ?? "", 24);
  if (behind === null) return { ok: false, why: "offset must be hours, or hours and minutes, up to 24" };
  if (parts[3] === undefined) return { ok: true, zone: { standard: 0 - behind, summer: 0 - behind, change: null } };
  const other = parts[2] === undefined ? behind - HOUR : seconds(parts[2], 24);
  if (other === null) return { ok: false, why: "summer's offset must be hours, or hours and minutes, up to 24" };
  const [first, second] = [yearDay(parts[3]), yearDay(parts[4] ?? "")];
  if (first === null || second === null) return { ok: false, why: "changes must read Mm.w.d or Mm.w.d/time" };
  if (other === behind) return { ok: true, zone: { standard: 0 - behind, summer: 0 - behind, change: null } };
  const [begins, ends] = other < behind ? [first, second] : [second, first];
  const summerLasts = Math.abs(changeOn(2001, ends) - changeOn(2001, begins));
  if (summerLasts < STEADY || summerLasts > 365 * DAY - STEADY)
    return { ok: false, why: "changes must be 30 days apart or more" };
  const [standard, summer] = [0 - Math.max(behind, other), 0 - Math.min(behind, other)];
  return { ok: true, zone: { standard, summer, change: { begins, ends } } };
}

/** Signed hours and minutes in seconds, null when it is none or beyond so many hours. */
function seconds(text: string, hours: number): number | null {
  const parts = CLOCK.exec(text);
  if (parts === null) return null;
  const size = Number(parts[2]) * HOUR + Number(parts[3] ?? 0) * 60;
  return size > hours * HOUR ? null : parts[1] === "-" ? 0 - size : size;
}

function yearDay(text: string): YearDay | null {
  const parts = YEAR_DAY.exec(text);
  const time = parts?.[4] === undefined ? 2 * HOUR : seconds(parts[4], 167);
  const month = Number(parts?.[1] ?? 0);
  if (parts === null || time === null || month < 1 || month > 12) return null;
  return { month, week: Number(parts[2]), weekday: Number(parts[3]), time };
}

const yearStart = (year: number): number =>
  365 * year + Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);

/** Days since 1970-01-01. A day beyond the month's end counts on into the next; so does a month. */
export function dayNumber(year: number, month: number, day: number): number {
  const months = year * 12 + month - 3;
  const sinceMarch = months - Math.floor(months / 12) * 12;
  return yearStart(Math.floor(months / 12)) + Math.floor((153 * sinceMarch + 2) / 5) + day - 1 - EPOCH;
}

/** The date so many days after 1970-01-01. */
export function dateOf(days: number): CivilDate {
  const sinceStart = days + EPOCH;
  const guess = Math.floor((sinceStart * 400) / 146_097);
  const year = yearStart(guess + 1) <= sinceStart ? guess + 1 : yearStart(guess) > sinceStart ? guess - 1 : guess;
  const inYear = sinceStart - yearStart(year);
  const month = Math.floor((5 * inYear + 2) / 153);
  const day = inYear - Math.floor((153 * month + 2) / 5) + 1;
  return month < 10 ? { year, month: month + 3, day } : { year: year + 1, month: month - 9, day };
}

/** 1 Monday to 7 Sunday, of a day counted from 1970-01-01. */
export const weekdayOf = (days: number): number => days + 4 - Math.floor((days + 3) / 7) * 7;

/** Midnight of the day by the wall, in seconds as if the wall showed UTC, and the time of the change added. */
function changeOn(year: number, { month, week, weekday, time }: YearDay): number {
  const first = dayNumber(year, month, 1);
  const day = first + ((weekday - weekdayOf(first) + 7) % 7) + (week - 1) * 7;
  return (day < dayNumber(year, month + 1, 1) ? day : day - 7) * DAY + time;
}

function isSummer(unix: number, { standard, summer, change }: Zone): boolean {
  if (change === null) return false;
  const { year } = dateOf(Math.floor((unix + standard) / DAY));
  const begin = changeOn(year, change.begins) - standard;
  const end = changeOn(year, change.ends) - summer;
  return begin < end ? unix >= begin && unix < end : unix < end || unix >= begin;
}

/** What the wall clock shows. */
export function localTime(unix: UnixSeconds, zone: Zone): LocalTime {
  const summer = isSummer(unix, zone);
  return shown(unix + (summer ? zone.summer : zone.standard), summer);
}

function shown(wall: number, summer: boolean): LocalTime {
  const days = Math.floor(wall / DAY);
  const inDay = wall - days * DAY;
  const { year, month, day } = dateOf(days);
  return { year, month, day, weekday: weekdayOf(days), minute: Math.floor(inDay / 60), second: inDay % 60, summer };
}

/** A zone's clock for a while: made once where many times about one moment are asked for. */
export interface Clock {
  /** When it jumps next, infinite where it never does. */
  readonly jump: number;
  /** Seconds ahead of UTC until then, and after. */
  readonly before: number;
  readonly after: number;
  /** Seconds ahead of UTC that are summer time, infinite where there is none. */
  readonly summer: number;
}

/** Right from this moment on for 30 days or more. */
export function clockFrom(unix: UnixSeconds, zone: Zone): Clock {
  const { standard, summer } = zone;
  const jump = nextZoneChange(unix, zone);
  if (jump === null)
    return { jump: Number.POSITIVE_INFINITY, before: standard, after: standard, summer: Number.POSITIVE_INFINITY };
  return isSummer(unix, zone)
    ? { jump, before: summer, after: standard, summer }
    : { jump, before: standard, after: summer, summer };
}

const ahead = (unix: number, { jump, before, after }: Clock): number => (unix < jump ? before : after);

/** As localTime. */
export const localOn = (unix: UnixSeconds, clock: Clock): LocalTime =>
  shown(unix + ahead(unix, clock), ahead(unix, clock) === clock.summer);

/** The day by the wall, counted from 1970-01-01. */
export const dayOn = (unix: UnixSeconds, clock: Clock): number => Math.floor((unix + ahead(unix, clock)) / DAY);

/** As unixOf, the day counted from 1970-01-01. */
export function momentOn(days: number, minute: number, { jump, before, after }: Clock): UnixSeconds {
  const wall = days * DAY + minute * 60;
  return unixSeconds(wall - before < jump ? wall - before : Math.max(jump, wall - after));
}

/** The first moment after `unix` at which the zone's clock jumps, null where it never does. */
export function nextZoneChange(unix: UnixSeconds, { standard, summer, change }: Zone): UnixSeconds | null {
  if (change === null) return null;
  const { year } = dateOf(Math.floor((unix + standard) / DAY));
  let next = Number.POSITIVE_INFINITY;
  for (const one of [year, year + 1]) {
    const [begin, end] = [changeOn(one, change.begins) - standard, changeOn(one, change.ends) - summer];
    if (begin > unix && begin < next) next = begin;
    if (end > unix && end < next) next = end;
  }
  return unixSeconds(next);
}

/** The moment at which the wall shows this minute of this date; minutes and days beyond their ends count on. A time that
 *  the clock jumps over is the first moment after the jump; of a time that comes twice it is the first. */
export function unixOf({ year, month, day }: CivilDate, minute: number, zone: Zone): UnixSeconds {
  const wall = dayNumber(year, month, day) * DAY + minute * 60;
  const early = unixSeconds(wall - zone.summer);
  const late = unixSeconds(wall - zone.standard);
  if (zone.change === null || isSummer(early, zone)) return early;
  return isSummer(late, zone) ? (nextZoneChange(early, zone) ?? late) : late;
}

/** The first moment of the month that `unix` is in, or of the one so many months later. */
export function monthStart(unix: UnixSeconds, zone: Zone, later = 0): UnixSeconds {
  const { year, month } = localTime(unix, zone);
  return unixOf({ year, month: month + later, day: 1 }, 0, zone);
}

const two = (value: number): string => (value < 10 ? `0${value}` : `${value}`);

/** "2026-10-25", four digits of the year at least. */
export const dateText = ({ year, month, day }: CivilDate): string =>
  `${`${year}`.padStart(4, "0")}-${two(month)}-${two(day)}`;

/** "07:30" of a minute of the day; 1440 is "24:00". */
export const minuteText = (minute: number): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;

/** "2026-10-25 01:30" as the wall shows it. */
export function localText(unix: UnixSeconds, zone: Zone): string {
  const local = localTime(unix, zone);
  return `${dateText(local)} ${minuteText(local.minute)}`;
}

/** ISO 8601 with the offset: "2026-10-25T01:30:00+01:00". */
export function isoText(unix: UnixSeconds, zone: Zone): string {
  const local = localTime(unix, zone);
  const minutes = (local.summer ? zone.summer : zone.standard) / 60;
  const offset = `${minutes < 0 ? "-" : "+"}${minuteText(Math.abs(minutes))}`;
  return `${dateText(local)}T${minuteText(local.minute)}:${two(local.second)}${offset}`;
}

const WRITTEN = /^([01]\d|2[0-4]):([0-5]\d)$/;

/** A minute of the day as typed, "07:30", or as a number from 0 to 1440; "24:00" is the day's end. */
export const minuteOfDay: Check<number> = (value): Checked<number> => {
  const parts = typeof value === "string" ? WRITTEN.exec(value) : null;
  const minute = parts === null ? value : Number(parts[1]) * 60 + Number(parts[2]);
  return typeof minute === "number" && Number.isInteger(minute) && minute >= 0 && minute <= 1_440
    ? good(minute)
    : bad("must be a time from 00:00 to 24:00");
};

/** Days of the week by their digits, 1 Monday to 7 Sunday: "12345" is Monday to Friday. */
export const weekdays: Check<string> = (value): Checked<string> =>
  typeof value === "string" && /^(?=.)1?2?3?4?5?6?7?$/.test(value)
    ? good(value)
    : bad("must be days as digits in order, 1 Monday to 7 Sunday");

const DIGITS: readonly string[] = frozen(["", "1", "2", "3", "4", "5", "6", "7"]);

/** Whether such days have this one, 1 Monday to 7 Sunday. */
export const isAmong = (days: string, weekday: number): boolean => days.includes(DIGITS[weekday] ?? "");
