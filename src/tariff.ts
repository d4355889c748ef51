// Tariffs: in which period of a tariff a moment lies, when that changes, and what a session costs.
// It knows no session and no meter; it gets energy by period and says money.

import {
  type Clock,
  clockFrom,
  isAmong,
  type LocalTime,
  localOn,
  minuteOfDay,
  weekdays,
  type Zone,
} from "./calendar.js";
import { frozen } from "./frozen.js";
import { type Currency, currencyOf, type Money, money, moneyOf, type Price, priceUpTo } from "./money.js";
import { bad, between, type Check, good, isRecord, listOf, oneOf, text, whole } from "./settings-checks.js";
import type { SettingsError } from "./settings-rules.js";
import { PRESETS, type PresetName } from "./tariff-presets.js";
import { textLength } from "./text.js";
import { type UnixSeconds, unixSeconds, type WattHours } from "./units.js";

/** On these days, in this season and these months, from a minute of the day to another, a period holds. */
export interface Rule {
  /** Place in the plan's list of periods. */
  readonly period: number;
  readonly days: string;
  /** Minutes of the day. Where `to` is not after `from` the rule ends on the day after each of its days. */
  readonly from: number;
  readonly to: number;
  /** By the zone's legal time; left out: both. */
  readonly season?: "summer" | "winter";
  /** First and last month, both included; [11, 2] goes over the turn of the year. Left out: all. */
  readonly months?: readonly number[];
}

export interface Plan {
  /** Names, 1-3. */
  readonly periods: readonly string[];
  /** The first that fits decides. */
  readonly rules: readonly Rule[];
  /** The period where no rule fits. */
  readonly other: number;
}

/** A plain JSON value, as typed and stored; parseTariff gives it back unchanged. */
export interface Tariff {
  readonly currency: Currency;
  /** VAT in percent, at most two decimals. */
  readonly vatPct: number;
  readonly plan: PresetName | Plan;
  /** Of a kWh, one for each period of the plan. Prices and fees are without VAT. */
  readonly prices: readonly Price[];
  /** Once a session. */
  readonly sessionFee: Price;
  /** Of an hour plugged in after full. */
  readonly idleFee: Price;
}

export const planOf = ({ plan }: Tariff): Plan => (typeof plan === "string" ? PRESETS[plan] : plan);

/** Place in the plan's list of periods. */
export function periodAt(tariff: Tariff, local: LocalTime): number {
  const { rules, other } = planOf(tariff);
  for (const rule of rules) if (fits(rule, local)) return rule.period;
  return other;
}

/** Price of a kWh without VAT. */
export const priceOf = ({ prices }: Tariff, period: number): Money => {
  const price = prices[period];
  return price === undefined ? money(0) : moneyOf(price);
};

function fits({ days, from, to, season, months }: Rule, local: LocalTime): boolean {
  if (season !== undefined && (season === "summer") !== local.summer) return false;
  if (months !== undefined && !isWithin(local.month, months[0] ?? 1, (months[1] ?? 12) + 1)) return false;
  const { minute, weekday } = local;
  if (from < to) return minute >= from && minute < to && isAmong(days, weekday);
  return (minute >= from && isAmong(days, weekday)) || (minute < to && isAmong(days, weekday === 1 ? 7 : weekday - 1));
}

/** `end` is the first that is not within; a range that ends before it starts goes round. */
const isWithin = (value: number, start: number, end: number): boolean =>
  start < end ? value >= start && value < end : value >= start || value < end;

const DAY_END = 1_440;
/** So far nextChange looks ahead: each day of the week once, and the clock's jumps on top. */
const HORIZON = 8 * 86_400;

/** The next moment at which the period changes, to the second. Where it holds for 8 days or longer: the moment in 8 days,
 *  to ask again then. */
export const nextChange = (tariff: Tariff, unix: UnixSeconds, zone: Zone): UnixSeconds =>
  nextChangeOn(tariff, unix, clockFrom(unix, zone));

/** The same by a clock that is right for those 8 days. */
export function nextChangeOn(tariff: Tariff, unix: UnixSeconds, clock: Clock): UnixSeconds {
  const plan = planOf(tariff);
  const end = unixSeconds(unix + HORIZON);
  if (plan.rules.length === 0) return end;
  let local = localOn(unix, clock);
  const period = periodAt(tariff, local);
  for (let at = unix; ; ) {
    const edge = at + (edgeAfter(plan, local.minute) - local.minute) * 60 - local.second;
    at = unixSeconds(at < clock.jump && clock.jump < edge ? clock.jump : edge);
    if (at >= end) return end;
    local = localOn(at, clock);
    if (periodAt(tariff, local) !== period) return at;
  }
}

/** The first minute of the day after this one at which any rule begins or ends. */
function edgeAfter({ rules }: Plan, minute: number): number {
  let next = DAY_END;
  for (const { from, to } of rules) {
    if (from > minute && from < next) next = from;
    if (to > minute && to < next) next = to;
  }
  return next;
}

/** What is paid for, at most 1,000,000 kWh in each period and 100,000,000 s. */
export interface Usage {
  /** One for each period of the plan; a missing one counts 0. */
  readonly energyWh: readonly WattHours[];
  /** Plugged in after full. */
  readonly idleSeconds: number;
  /** How often the fee of a session is due. */
  readonly sessions: number;
}

export interface Cost {
  readonly net: Money;
  readonly vat: Money;
  readonly total: Money;
}

const WH_PER_KWH = 1_000;
const HOUR = 3_600;
/** What both a watt-hour's and a second's share of a price come out whole in. */
const PARTS = 18_000;
const FULL = 10_000;
const CENT = 100;
/** From ten-thousandths with VAT in ten-thousandths to whole cents. */
const TO_CENTS = FULL * CENT;

/** What it costs. The one rounding of money: energy, fees and VAT are added exactly, and that total is rounded half up to a
 *  whole cent, once for each call, which is once for each session; statements add up such totals and round nothing.
 *  The VAT is the part of the total that it is, to the nearest cent, and net + vat = total. */
export function costOf(usage: Usage, tariff: Tariff): Cost {
  const { whole: amount, parts } = exactly(usage, tariff);
  const factor = FULL + Math.round(tariff.vatPct * 100);
  const high = Math.floor(amount / TO_CENTS);
  // Below 2^53 all through: amount < 4e12, factor <= 20,000, parts < 18,000.
  const low = (amount - high * TO_CENTS) * factor * PARTS + parts * factor;
  const cents = high * factor + halfUp(low, TO_CENTS * PARTS);
  const net = cents - vatIn(cents, factor);
  return { net: money(net * CENT), vat: money((cents - net) * CENT), total: money(cents * CENT) };
}

/** Sum before VAT: whole ten-thousandths, and the rest in 18,000ths of one. */
function exactly({ energyWh, idleSeconds, sessions }: Usage, tariff: Tariff): { whole: number; parts: number } {
  const perHour = moneyOf(tariff.idleFee) * idleSeconds;
  let energy = 0;
  for (const [period, wh] of energyWh.entries()) energy += wh * priceOf(tariff, period);
  const parts = (energy % WH_PER_KWH) * (PARTS / WH_PER_KWH) + (perHour % HOUR) * (PARTS / HOUR);
  const whole =
    Math.floor(energy / WH_PER_KWH) +
    Math.floor(perHour / HOUR) +
    Math.floor(parts / PARTS) +
    moneyOf(tariff.sessionFee) * sessions;
  return { whole, parts: parts % PARTS };
}

const halfUp = (value: number, by: number): number => Math.floor((2 * value + by) / (2 * by));

/** Nearest cent, half up, in two steps so that no product passes 2^53. */
export function vatIn(cents: number, factor: number): number {
  const rate = factor - FULL;
  const high = Math.floor(cents / factor);
  return high * rate + halfUp((cents - high * factor) * rate, factor);
}

export type TariffParsed =
  | { readonly ok: true; readonly tariff: Tariff }
  | { readonly ok: false; readonly errors: readonly SettingsError[] };

/** The longest tariff as JSON, in bytes. */
export const TARIFF_LIMIT = 1_000;
const RULES_LIMIT = 16;

/** What somebody typed as one record: its fields are taken one by one, and what is wrong is noted beside the field. */
export interface Typed {
  readonly row: Readonly<Record<string, unknown>>;
  /** Of the record itself, with a dot behind it; "" for the outermost. */
  readonly path: string;
  readonly errors: SettingsError[];
}

/** One field, or `otherwise` where it was left out; undefined, with the error noted, when it does not pass. */
export function take<T>(
  { row, path, errors }: Typed,
  name: string,
  check: Check<T>,
  otherwise?: unknown,
): T | undefined {
  const value = row[name] === undefined ? otherwise : row[name];
  const checked = value === undefined ? bad("is missing") : check(value);
  if (checked.ok) return checked.value;
  errors.push({ field: `${path}${name}`, why: checked.why });
  return undefined;
}

/** A record of these fields and no other, null with the error noted where it is none. */
export function typed(value: unknown, names: readonly string[], path: string, errors: SettingsError[]): Typed | null {
  const field = path.slice(0, -1);
  if (!isRecord(value)) errors.push({ field, why: "must be an object" });
  else {
    const stranger = Object.keys(value).find((key) => !names.includes(key));
    if (stranger === undefined) return { row: value, path, errors };
    errors.push({ field: `${path}${stranger.slice(0, 40)}`, why: "unknown" });
  }
  return null;
}

const TARIFF_KEYS: readonly string[] = frozen(["currency", "vatPct", "plan", "prices", "sessionFee", "idleFee"]);
const PLAN_KEYS: readonly string[] = frozen(["periods", "rules", "other"]);
const RULE_KEYS: readonly string[] = frozen(["period", "days", "from", "to", "season", "months"]);
/** Every name that a tariff's JSON may hold. */
export const TARIFF_NAMES: readonly string[] = frozen([...TARIFF_KEYS, ...PLAN_KEYS, ...RULE_KEYS]);

const percent: Check<number> = (value) => {
  const checked = between(0, 100)(value);
  return checked.ok && Math.abs(checked.value * 100 - Math.round(checked.value * 100)) > 1e-6
    ? bad("must have at most two decimals")
    : checked;
};
const upTo100 = priceUpTo(100);
const pricesOf = listOf(1, 3, upTo100);
const namesOf = listOf(1, 3, text(1, 24, /\S/, "must be a name of 1 to 24 characters"));
const seasonOf = oneOf("summer", "winter");
const monthsOf = listOf(2, 2, whole(1, 12));
const presetOf = oneOf<PresetName>("flat", "pt-bi-daily", "pt-bi-weekly", "pt-tri-daily", "pt-tri-weekly");
const periodOf = whole(0, 2);

/** A tariff from its JSON. Left out: vatPct and the fees are 0. `plan` is a preset's name, or periods and rules of one's own;
 *  prices may be typed as text, "0,1534". On failure each error with its field, "plan.rules.2.from" inside a list. */
export function parseTariff(value: unknown): TariffParsed {
  const errors: SettingsError[] = [];
  const fields = typed(value, TARIFF_KEYS, "", errors);
  if (fields === null) return { ok: false, errors };
  const currency = take(fields, "currency", currencyOf);
  const vatPct = take(fields, "vatPct", percent, 0);
  const plan = isRecord(fields.row.plan) ? ownPlan(fields) : take(fields, "plan", presetOf);
  const prices = take(fields, "prices", pricesOf);
  const sessionFee = take(fields, "sessionFee", upTo100, 0);
  const idleFee = take(fields, "idleFee", upTo100, 0);
  if (!currency || vatPct === undefined || !plan || !prices || sessionFee === undefined || idleFee === undefined)
    return { ok: false, errors };
  const tariff: Tariff = { currency, vatPct, plan, prices, sessionFee, idleFee };
  const periods = planOf(tariff).periods.length;
  if (prices.length !== periods) errors.push({ field: "prices", why: `must be ${periods}, one for each period` });
  if (errors.length > 0) return { ok: false, errors };
  const length = textLength(JSON.stringify(tariff));
  if (length <= TARIFF_LIMIT) return { ok: true, tariff };
  return { ok: false, errors: [{ field: "plan", why: `makes the tariff ${length} bytes, more than ${TARIFF_LIMIT}` }] };
}

function ownPlan({ row, errors }: Typed): Plan | undefined {
  const fields = typed(row.plan, PLAN_KEYS, "plan.", errors);
  if (fields === null) return undefined;
  const periods = take(fields, "periods", namesOf);
  const other = take(fields, "other", periodOf, 0);
  const given = take(fields, "rules", listOf(0, RULES_LIMIT, good), []);
  if (!periods || other === undefined || !given) return undefined;
  const rules: Rule[] = [];
  for (let place = 0; place < given.length; place++) {
    const rule = ownRule(given[place], `plan.rules.${place}.`, errors);
    if (rule !== undefined) rules.push(rule);
  }
  const highest = rules.reduce((most, { period }) => Math.max(most, period), other);
  if (highest >= periods.length)
    errors.push({ field: "plan", why: `names period ${highest}, which is not in the list` });
  return { periods, rules, other };
}

function ownRule(value: unknown, path: string, errors: SettingsError[]): Rule | undefined {
  const fields = typed(value, RULE_KEYS, path, errors);
  if (fields === null) return undefined;
  const period = take(fields, "period", periodOf);
  const days = take(fields, "days", weekdays, "1234567");
  const from = take(fields, "from", minuteOfDay);
  const to = take(fields, "to", minuteOfDay);
  const season = fields.row.season === undefined ? null : take(fields, "season", seasonOf);
  const months = fields.row.months === undefined ? null : take(fields, "months", monthsOf);
  if (period === undefined || !days || from === undefined || to === undefined) return undefined;
  return { period, days, from, to, ...(season && { season }), ...(months && { months }) };
}
