// When a charger charges: weekly windows with a limit, a one-shot delay or boost, and a departure by which energy is needed.
// Without the time it holds nothing back. It knows no site and no person; what it says is one more named limit.

import {
  type Clock,
  clockFrom,
  dayOn,
  isAmong,
  localOn,
  minuteOfDay,
  momentOn,
  weekdayOf,
  weekdays,
  type Zone,
} from "./calendar.js";
import { frozen } from "./frozen.js";
import type { Money } from "./money.js";
import { MIN_OFFER } from "./pilot.js";
import { current, good, listOf, whole } from "./settings-checks.js";
import type { SettingsError } from "./settings-rules.js";
import { costOf, nextChangeOn, periodAt, priceOf, type Tariff, type Typed, take, typed } from "./tariff.js";
import {
  type Amps,
  type Deciamps,
  deciamps,
  fromAmps,
  lower,
  type UnixSeconds,
  unixSeconds,
  type WattHours,
  type Watts,
  wattHours,
} from "./units.js";

/** On each of these days from a minute of the day to another, on the day after where `to` is not after `from`. */
export interface Window {
  readonly days: string;
  readonly from: number;
  readonly to: number;
  /** Below 6 A: off. */
  readonly limitA: Amps;
}

/** On each of these days, by this minute of the day, so much energy. */
export interface WeeklyDeparture {
  readonly days: string;
  readonly at: number;
  readonly needWh: WattHours;
}

/** A plain JSON value, as typed and stored; parseSchedule gives it back unchanged. */
export interface Schedule {
  readonly windows: readonly Window[];
  readonly departures: readonly WeeklyDeparture[];
}

export interface Departure {
  readonly by: UnixSeconds;
  /** Counted from when the car was plugged in, or from the departure before this one. */
  readonly need: WattHours;
}

/** What somebody asked for once; it ends with the unplugging. */
export interface OneShot {
  /** Nothing is charged before. */
  readonly delayUntil: UnixSeconds | null;
  /** Charge now, whatever windows, delay and departure say. */
  readonly boost: boolean;
  /** In place of the weekly ones until it is over. */
  readonly departure: Departure | null;
}

export const NO_SCHEDULE: Schedule = frozen({ windows: [], departures: [] });
export const NOTHING_ASKED: OneShot = frozen({ delayUntil: null, boost: false, departure: null });

export interface ScheduleLimit {
  /** Null: no limit; 0, or 6.0 A and up. */
  readonly limit: Deciamps | null;
  readonly name: "none" | "window" | "delay" | "boost" | "departure" | "timeUnknown";
  /** When it changes, null: not by itself, or not within 8 days. */
  readonly until: UnixSeconds | null;
}

const OFF: Deciamps = deciamps(0);
const DAY_MINUTES = 1_440;
/** So far ahead windows and departures are looked for: each day of the week, and today again. */
const DAYS_AHEAD = 8;
const DAY = 86_400;
const HORIZON = DAYS_AHEAD * DAY;

/** A clock for all that is looked for from this moment on: it begins with the windows of the day before. */
const clockAbout = (unix: UnixSeconds, zone: Zone): Clock => clockFrom(unixSeconds(unix - 3 * DAY), zone);

/** What windows, delay and boost allow at a moment. Of windows that overlap the lowest limit holds. While the time is
 *  unknown nothing is held back, and the name says so. */
export function limitAt(schedule: Schedule, shot: OneShot, unix: UnixSeconds | null, zone: Zone): ScheduleLimit {
  if (shot.boost) return { limit: null, name: "boost", until: null };
  if (unix === null) return { limit: null, name: "timeUnknown", until: null };
  return limitOn(schedule, shot, unix, clockAbout(unix, zone));
}

function limitOn(schedule: Schedule, shot: OneShot, unix: UnixSeconds, clock: Clock): ScheduleLimit {
  if (shot.delayUntil !== null && unix < shot.delayUntil) return { limit: OFF, name: "delay", until: shot.delayUntil };
  if (schedule.windows.length === 0) return { limit: null, name: "none", until: null };
  const { limit, edge } = windowsAt(schedule, unix, clock);
  const name = limit === null ? "none" : "window";
  for (let at = edge; at !== null && at < unix + HORIZON; ) {
    const next = windowsAt(schedule, at, clock);
    if (next.limit !== limit) return { limit, name, until: at };
    at = next.edge;
  }
  return { limit, name, until: null };
}

interface Moment {
  readonly limit: Deciamps | null;
  /** The next moment at which any window begins or ends. */
  readonly edge: UnixSeconds | null;
}

/** Windows run between moments, not between readings of the clock: in a night with a doubled hour each begins and ends once. */
function windowsAt({ windows }: Schedule, unix: UnixSeconds, clock: Clock): Moment {
  const today = dayOn(unix, clock);
  let limit: Deciamps | null = null;
  let edge: UnixSeconds | null = null;
  for (const { days, from, to, limitA } of windows) {
    const length = from < to ? 0 : DAY_MINUTES;
    for (let day = today - 1; day <= today + DAYS_AHEAD; day += 1) {
      if (!isAmong(days, weekdayOf(day))) continue;
      const end = momentOn(day, to + length, clock);
      const start = momentOn(day, from, clock);
      if (end <= unix || start === end) continue;
      const isOn = start <= unix;
      const next = isOn ? end : start;
      if (isOn) limit = limit === null ? limitOf(limitA) : lower(limit, limitOf(limitA));
      if (edge === null || next < edge) edge = next;
      break;
    }
  }
  return { limit, edge };
}

function limitOf(limitA: Amps): Deciamps {
  const limit = fromAmps(limitA);
  return limit < MIN_OFFER ? OFF : limit;
}

/** The departure to plan for: the one asked for once while it lies ahead, else the first of the weekly ones. */
export function nextDeparture(schedule: Schedule, shot: OneShot, unix: UnixSeconds, zone: Zone): Departure | null {
  if (shot.departure !== null && shot.departure.by > unix) return shot.departure;
  const clock = clockFrom(unixSeconds(unix - DAY), zone);
  const today = dayOn(unix, clock);
  let next: Departure | null = null;
  for (const { days, at, needWh } of schedule.departures) {
    for (let day = today; day <= today + DAYS_AHEAD; day += 1) {
      const by = isAmong(days, weekdayOf(day)) ? momentOn(day, at, clock) : unix;
      if (by <= unix) continue;
      if (next === null || by < next.by) next = { by, need: needWh };
      break;
    }
  }
  return next;
}

/** What a plan goes by. */
export interface Aim {
  readonly now: UnixSeconds;
  readonly by: UnixSeconds;
  /** Still to be charged. */
  readonly need: WattHours;
  /** At the most, when nothing but the schedule limits it; a steady figure, for the plan follows it. */
  readonly power: Watts;
  /** The current of that power. */
  readonly max: Deciamps;
  readonly tariff: Tariff;
  readonly zone: Zone;
  readonly schedule: Schedule;
  readonly shot: OneShot;
  /** The plan made it charge until now. */
  readonly charging: boolean;
}

export interface DeparturePlan {
  readonly chargeNow: boolean;
  /** When that changes, as things are now. */
  readonly until: UnixSeconds;
  readonly reachable: boolean;
  /** 0 when reachable. */
  readonly missing: WattHours;
  /** Of what is still to be charged, with VAT and without fees. */
  readonly cost: Money;
}

/** A charge that runs in a dearer period goes on for so long although the cheaper time would do again: power that wavers
 *  about the plan's figure does not switch it each minute. */
const CALM = 300;
const HOUR = 3_600;

/** A time of one price and one power. */
interface Stretch {
  readonly from: UnixSeconds;
  readonly until: UnixSeconds;
  readonly period: number;
  readonly watts: number;
}

/** Charges in the cheapest time before the departure that suffices, and of equally cheap time in the earliest: so what was
 *  begun goes on when it is planned again, and what a car takes slower than thought still has the rest of the night. More
 *  than 8 days before the departure it is planned for 8 days. Once the departure is past, what is missing is charged at once. */
export function planDeparture(aim: Aim): DeparturePlan {
  const { now, need, power, charging, tariff } = aim;
  const prices = tariff.prices.map((_, period) => priceOf(tariff, period));
  const room = prices.map(() => 0);
  const clock = clockAbout(now, aim.zone);
  walk(aim, clock, ({ from, until, period, watts }) => {
    room[period] = (room[period] ?? 0) + watts * (until - from);
    return true;
  });
  const wanted = Math.max(0, need * HOUR);
  const current = prices[periodAt(tariff, localOn(now, clock))];
  // What falls to all time of a price, in watt-seconds: what the cheaper time cannot give.
  const shares = prices.map((price) => {
    const cheaper = room.reduce((sum, one, period) => ((prices[period] ?? 0) < price ? sum + one : sum), 0);
    const more = charging && price === current && cheaper > 0 ? CALM * power : 0;
    return Math.min(wanted, Math.max(0, wanted - cheaper + more));
  });
  const lacking = Math.max(0, wanted - room.reduce((sum, one) => sum + one, 0));
  const missing = wattHours(Math.ceil(lacking / HOUR));
  return {
    ...follow(aim, clock, { wanted, prices, shares }),
    reachable: missing === 0,
    missing,
  };
}

interface Shares {
  /** Watt-seconds in all. */
  readonly wanted: number;
  /** One of each for each period of the tariff. */
  readonly prices: readonly Money[];
  readonly shares: readonly number[];
}

/** Goes through the time to the departure as planned, and tells when the charging begins or pauses and what it all costs. */
function follow(
  aim: Aim,
  clock: Clock,
  { wanted, prices, shares }: Shares,
): Omit<DeparturePlan, "reachable" | "missing"> {
  const left = [...shares];
  const used = prices.map(() => 0);
  let rest = wanted;
  let chargeNow: boolean | null = null;
  let change: UnixSeconds | null = null;
  walk(aim, clock, ({ from, until, period, watts }) => {
    const most = watts * (until - from);
    const taken = Math.min(most, left[period] ?? 0, rest);
    for (const [one, price] of prices.entries()) if (price === prices[period]) left[one] = (left[one] ?? 0) - taken;
    used[period] = (used[period] ?? 0) + taken;
    rest -= taken;
    chargeNow ??= taken > 0;
    if (change === null && chargeNow && taken < most)
      change = taken > 0 ? unixSeconds(from + Math.ceil(taken / watts)) : from;
    if (change === null && !chargeNow && taken > 0) change = from;
    return rest > 0 || change === null;
  });
  const energyWh = used.map((one) => wattHours(Math.round(one / HOUR)));
  const cost = costOf({ energyWh, idleSeconds: 0, sessions: 0 }, aim.tariff).total;
  return { chargeNow: chargeNow ?? wanted > 0, until: change ?? aim.by, cost };
}

/** All stretches from now to the departure, in order, until `visit` has seen enough. */
function walk(
  { now, by, power, max, tariff, schedule, shot }: Aim,
  clock: Clock,
  visit: (stretch: Stretch) => boolean,
): void {
  const end = lower(by, unixSeconds(now + HORIZON));
  let held = limitOn(schedule, shot, now, clock);
  let change = nextChangeOn(tariff, now, clock);
  let period = periodAt(tariff, localOn(now, clock));
  for (let from = now; from < end; ) {
    const until = lower(lower(end, change), held.until ?? end);
    const watts = held.limit === null || held.limit >= max ? power : Math.floor((power * held.limit) / max);
    if (!visit({ from, until, period, watts })) return;
    if (until >= end) return;
    if (until === held.until) held = limitOn(schedule, shot, until, clock);
    if (until === change) {
      change = nextChangeOn(tariff, until, clock);
      period = periodAt(tariff, localOn(until, clock));
    }
    from = until;
  }
}

export interface Wish extends Omit<Aim, "now" | "by" | "need"> {
  /** Null: unknown. */
  readonly now: UnixSeconds | null;
  /** Since the car was plugged in, or since the last departure. */
  readonly charged: WattHours;
}

export interface Scheduled extends ScheduleLimit {
  readonly departure: Departure | null;
  readonly plan: DeparturePlan | null;
}

/** What the whole schedule allows now, and what it plans. No departure is planned while the time is unknown or somebody
 *  wants to charge now. */
export function scheduled(wish: Wish): Scheduled {
  const { now, schedule, shot, zone } = wish;
  const held = limitAt(schedule, shot, now, zone);
  const departure = now === null || shot.boost ? null : nextDeparture(schedule, shot, now, zone);
  if (now === null || departure === null) return { ...held, departure, plan: null };
  const need = wattHours(Math.max(0, departure.need - wish.charged));
  const plan = planDeparture({ ...wish, now, by: departure.by, need });
  if (plan.chargeNow || held.limit === OFF) return { ...held, departure, plan };
  return { limit: OFF, name: "departure", until: plan.until, departure, plan };
}

export type ScheduleParsed =
  | { readonly ok: true; readonly schedule: Schedule }
  | { readonly ok: false; readonly errors: readonly SettingsError[] };

const WINDOWS_LIMIT = 14;
const DEPARTURES_LIMIT = 7;
const KEYS: readonly string[] = frozen(["windows", "departures"]);
const WINDOW_KEYS: readonly string[] = frozen(["days", "from", "to", "limitA"]);
const DEPARTURE_KEYS: readonly string[] = frozen(["days", "at", "needWh"]);
/** Every name that a schedule's JSON may hold. */
export const SCHEDULE_NAMES: readonly string[] = frozen([...KEYS, ...WINDOW_KEYS, ...DEPARTURE_KEYS]);
const limitTyped = current(0, 80);
const needTyped = whole(1, 200_000);

/** A schedule from its JSON; both lists may be left out, and times typed as "07:30". On failure each error with its field,
 *  such as "windows.3.from". */
export function parseSchedule(value: unknown): ScheduleParsed {
  const errors: SettingsError[] = [];
  const fields = typed(value, KEYS, "", errors);
  if (fields === null) return { ok: false, errors };
  const windows = rows(fields, "windows", WINDOWS_LIMIT, ownWindow);
  const departures = rows(fields, "departures", DEPARTURES_LIMIT, ownDeparture);
  return errors.length > 0 ? { ok: false, errors } : { ok: true, schedule: { windows, departures } };
}

function rows<T>(
  fields: Typed,
  name: string,
  most: number,
  rowOf: (value: unknown, path: string, errors: SettingsError[]) => T | null,
): readonly T[] {
  const given = take(fields, name, listOf(0, most, good), []) ?? [];
  return given.map((one, place) => rowOf(one, `${name}.${place}.`, fields.errors)).filter((row) => row !== null);
}

function ownWindow(value: unknown, path: string, errors: SettingsError[]): Window | null {
  const fields = typed(value, WINDOW_KEYS, path, errors);
  if (fields === null) return null;
  const days = take(fields, "days", weekdays, "1234567");
  const from = take(fields, "from", minuteOfDay);
  const to = take(fields, "to", minuteOfDay);
  const limitA = take(fields, "limitA", limitTyped);
  if (days === undefined || from === undefined || to === undefined || limitA === undefined) return null;
  return { days, from, to, limitA };
}

function ownDeparture(value: unknown, path: string, errors: SettingsError[]): WeeklyDeparture | null {
  const fields = typed(value, DEPARTURE_KEYS, path, errors);
  if (fields === null) return null;
  const days = take(fields, "days", weekdays, "1234567");
  const at = take(fields, "at", minuteOfDay);
  const needWh = take(fields, "needWh", needTyped);
  if (days === undefined || at === undefined || needWh === undefined) return null;
  return { days, at, needWh: wattHours(needWh) };
}
