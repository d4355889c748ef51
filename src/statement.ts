// Statements of what a charger's sessions took and cost: each session as a line of CSV, of JSON or of a page, and their sums.
// It knows no flash and no connection.

import { isoText, localText } from "./calendar.js";
import { currencyAt, decimals, type Money, money } from "./money.js";
import { monthOf, planNames, zoneOf } from "./rights.js";
import type { ClosedSession } from "./session-record.js";
import type { Settings } from "./settings.js";
import { vatIn } from "./tariff.js";
import { toAmps, type UnixSeconds, unixSeconds, type WattHours, wattHours } from "./units.js";

/** What somebody wants to see. */
export interface Report {
  readonly format: "page" | "print" | "csv" | "json";
  /** Null: everybody's; 0: those of nobody in particular. */
  readonly person: number | null;
  /** Months since January 2020; null: all sessions there are. */
  readonly month: number | null;
  /** In numbers of the CSV; with a comma its columns are parted by semicolons. */
  readonly decimal: "." | ",";
}

export interface Sums {
  readonly sessions: number;
  readonly energy: WattHours;
  /** For each period of the tariff. */
  readonly byPeriod: readonly WattHours[];
  /** By the number of the currency: a charger that changed it has more than one. `vat` is within the cost. */
  readonly costs: readonly (readonly [currency: number, cost: Money, vat: Money])[];
}

export const NO_SUMS: Sums = Object.freeze({
  sessions: 0,
  energy: wattHours(0),
  byPeriod: Object.freeze([]),
  costs: Object.freeze([]),
});

export const totalOf = ({ energy }: ClosedSession): WattHours => wattHours(energy.reduce((sum, one) => sum + one, 0));

const FULL = 10_000;
const CENT = 100;

/** The part of a session's cost, which is whole cents, that is VAT. */
export function vatWithin({ cost, vat }: Pick<ClosedSession, "cost" | "vat">): Money {
  return money(vatIn((cost ?? 0) / CENT, FULL + vat) * CENT);
}

export function withSession(last: Sums, session: ClosedSession): Sums {
  const { cost, currency } = session;
  const tax = vatWithin(session);
  const known = last.costs.some(([one]) => one === currency);
  const costs =
    cost === null
      ? last.costs
      : known
        ? last.costs.map(([one, sum, vat]) =>
            one === currency ? ([one, money(sum + cost), money(vat + tax)] as const) : ([one, sum, vat] as const),
          )
        : [...last.costs, [currency, cost, tax] as const];
  const byPeriod = session.energy.map((one, period) => wattHours(one + (last.byPeriod[period] ?? 0)));
  return { sessions: last.sessions + 1, energy: wattHours(last.energy + totalOf(session)), byPeriod, costs };
}

/** Whether a session belongs to a report. One whose time nobody knew is in no month. */
export function isWanted(session: ClosedSession, { person, month }: Report, settings: Settings): boolean {
  if (person !== null && session.person !== person) return false;
  if (month === null) return true;
  return session.startedAt !== null && monthOf(session.startedAt, zoneOf(settings)) === month;
}

export const endOf = ({ startedAt, durationS }: ClosedSession): UnixSeconds | null =>
  startedAt === null ? null : unixSeconds(startedAt + durationS);

export interface Around {
  readonly charger: string;
  /** Of the person; null: nobody in particular, or not known any more. */
  readonly name: string | null;
  readonly settings: Settings;
}

/** Without the UID of the card: whoever reads it could clone the card. */
export function sessionJson(session: ClosedSession, { charger, name, settings }: Around): string {
  const zone = zoneOf(settings);
  const { startedAt, energy, cost } = session;
  const time = (unix: UnixSeconds | null): string | null => (unix === null ? null : isoText(unix, zone));
  return JSON.stringify({
    id: `${charger}-${session.id}`,
    charger,
    startedAt: time(startedAt),
    endedAt: time(endOf(session)),
    durationS: session.durationS,
    idleS: session.idleS,
    stop: session.stop,
    person: session.person === 0 ? null : session.person,
    name,
    energyWh: totalOf(session),
    byPeriodWh: energy.slice(0, planNames(settings).length),
    meterStartWh: session.meterStart,
    peakA: toAmps(session.peak),
    cost: cost === null ? null : Number(decimals(cost)),
    currency: cost === null ? null : currencyAt(session.currency),
    disturbed: session.disturbed,
  });
}

/** Three decimals, exact. */
export const kWh = (energy: WattHours, decimal: "." | ","): string =>
  `${Math.floor(energy / 1_000)}${decimal}${`${energy % 1_000}`.padStart(3, "0")}`;

/** A field of RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe. */
function field(text: string, separator: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /["\r\n]/.test(safe) || safe.includes(separator) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const separatorOf = ({ decimal }: Report): string => (decimal === "," ? ";" : ",");

const COLUMNS = Object.freeze([
  "session",
  "charger",
  "person",
  "started",
  "ended",
  "energy_kWh",
  "peak_A",
  "idle_h",
  "ended_because",
  "cost",
  "currency",
]);

const csvLine = (fields: readonly string[], report: Report): string => {
  const separator = separatorOf(report);
  return `${fields.map((one) => field(one, separator)).join(separator)}\r\n`;
};

export function csvHead(report: Report, settings: Settings): string {
  const periods = planNames(settings).map((name) => `${name}_kWh`);
  return csvLine([...COLUMNS, ...periods], report);
}

/** Seconds as hours of two decimals. */
const hours = (seconds: number, decimal: string): string => (seconds / 3_600).toFixed(2).replace(".", decimal);

export function csvRow(session: ClosedSession, report: Report, { charger, name, settings }: Around): string {
  const { decimal } = report;
  const zone = zoneOf(settings);
  const time = (unix: UnixSeconds | null): string => (unix === null ? "" : localText(unix, zone));
  const { cost } = session;
  const periods = planNames(settings).map((_, index) => kWh(session.energy[index] ?? wattHours(0), decimal));
  return csvLine(
    [
      `${session.id}`,
      charger,
      name ?? "",
      time(session.startedAt),
      time(endOf(session)),
      kWh(totalOf(session), decimal),
      `${toAmps(session.peak)}`.replace(".", decimal),
      hours(session.idleS, decimal),
      session.stop,
      cost === null ? "" : decimals(cost, decimal),
      cost === null ? "" : currencyAt(session.currency),
      ...periods,
    ],
    report,
  );
}

/** A last line for each currency: sums under their columns. */
export function csvFoot(sums: Sums, report: Report, settings: Settings): string {
  const { decimal } = report;
  const line = (cost: string, currency: string): string => {
    const known: Readonly<Record<string, string>> = {
      session: "total",
      energy_kWh: kWh(sums.energy, decimal),
      cost,
      currency,
    };
    return csvLine([...COLUMNS.map((name) => known[name] ?? ""), ...planNames(settings).map(() => "")], report);
  };
  if (sums.costs.length === 0) return line("", "");
  return sums.costs.map(([currency, cost]) => line(decimals(cost, decimal), currencyAt(currency))).join("");
}

/** "2026-11". */
export const monthText = (month: number): string =>
  `${2020 + Math.floor(month / 12)}-${`${(month % 12) + 1}`.padStart(2, "0")}`;

/** Of "2026-11"; null: it is none from 2020 to 2105. */
export function monthIn(text: string): number | null {
  const [, year = "", month = ""] = /^(\d{4})-(\d{2})$/.exec(text) ?? [];
  const number = (Number(year) - 2020) * 12 + Number(month) - 1;
  const isMonth = Number(month) >= 1 && Number(month) <= 12;
  return isMonth && number >= 0 && number < 1_024 ? number : null;
}

export const jsonHead = ({ month }: Report, { id }: Settings): string =>
  `{"charger":${JSON.stringify(id)},"month":${month === null ? "null" : JSON.stringify(monthText(month))},"sessions":[`;

export function jsonFoot({ sessions, energy, costs }: Sums): string {
  const cost = costs.map(([currency, sum]) => ({ currency: currencyAt(currency), cost: Number(decimals(sum)) }));
  return `],"totals":${JSON.stringify({ sessions, energyWh: energy, costs: cost })}}`;
}
