// A charger of a condominium as its pages show it: people with cards and rights, a tariff, a schedule, sessions.

import assert from "node:assert/strict";
import { money } from "../../src/money.js";
import { enterPerson, type Person, parsePerson, peopleOf } from "../../src/people.js";
import type { ChargerModel, PlanView } from "../../src/portal/model.js";
import { statementFoot, statementRow } from "../../src/portal/statement-page.js";
import { NOTHING_ASKED } from "../../src/schedule.js";
import type { ClosedSession } from "../../src/session-record.js";
import { change, type Settings } from "../../src/settings.js";
import { type Book, merged } from "../../src/site-book.js";
import { NO_SUMS, type Report, withSession } from "../../src/statement.js";
import { deciamps, millis, unixSeconds, wattHours } from "../../src/units.js";
import { monthNumber, usageRecord } from "../../src/usage.js";
import { CHARGER, SET_UP } from "./model.js";

/** A book of these people, as JSON; their ids are by their places, from 1. */
export function bookOf(...people: readonly object[]): Book {
  let book: Book = new Uint8Array(0);
  for (const [at, one] of people.entries()) {
    const parsed = parsePerson(one);
    assert.ok(parsed.ok, JSON.stringify(parsed));
    const entered = enterPerson(book, parsed.person, { chance: at });
    assert.ok(entered.ok, JSON.stringify(entered));
    book = merged(book, entered.records).book;
  }
  return book;
}

export const ANA = "04A1B2C3D4E5F6";
export const BRUNO = "5CBBE5D5";
export const STRANGE = "1122AABB";

export const MONTH = monthNumber(2026, 11);
export const BOOK: Book = merged(
  bookOf(
    { name: "Ana", cards: [ANA], maxA: 16, monthlyKWh: 100, priority: 3 },
    {
      name: "Bruno <3",
      cards: [BRUNO],
      hours: { days: [1, 2, 3, 4, 5], from: "08:00", to: "24:00" },
      active: false,
      maxA: 5.5,
    },
    { name: "Érica" },
  ),
  usageRecord(7, 1, MONTH, wattHours(12_340)),
).book;

export const personNamed = (book: Book, name: string): Person => {
  const found = [...peopleOf(book)].find((one) => one.name === name);
  assert.ok(found, name);
  return found;
};

/** Settings with what is given, which must be right. */
export function withPatch(settings: Settings, patch: object): Settings {
  const changed = change(settings, patch);
  assert.ok(changed.ok, JSON.stringify(changed));
  return changed.settings;
}

const TARIFF = { currency: "EUR", vatPct: 23, plan: "pt-tri-weekly", prices: [0.09, 0.15, 0.2], sessionFee: 0.2 };
export const SETTINGS: Settings = withPatch(SET_UP, {
  freeCharging: false,
  timeZone: "Europe/Lisbon",
  tariff: TARIFF,
  schedule: {
    windows: [
      { days: "12345", from: "08:00", to: "22:00", limitA: 0 },
      { days: "67", from: "10:00", to: "24:00", limitA: 10 },
    ],
    departures: [{ days: "12345", at: "07:30", needWh: 12_500 }],
  },
});

/** 2026-11-21 22:35 in Lisbon, as the model says it. */
const NOW = CHARGER.unix ?? unixSeconds(0);

export const PLAN: PlanView = {
  limit: deciamps(0),
  name: "departure",
  until: unixSeconds(NOW + 7_200),
  departure: { by: unixSeconds(NOW + 32_100), need: wattHours(12_500) },
  plan: {
    chargeNow: false,
    until: unixSeconds(NOW + 7_200),
    reachable: false,
    missing: wattHours(3_210),
    cost: money(11_000),
  },
  shot: { ...NOTHING_ASKED, delayUntil: unixSeconds(NOW + 7_200) },
};

export const CONDOMINIUM: ChargerModel = {
  ...CHARGER,
  settings: SETTINGS,
  charger: {
    ...CHARGER.charger,
    state: "suspendedEVSE",
    because: "schedule",
    offer: deciamps(0),
    session: {
      id: 12,
      name: "Ana",
      cost: money(12_300),
      currency: 0,
      since: millis(3_600_000),
      energyWh: wattHours(12_340),
    },
    card: { uid: STRANGE, answer: "unknown", at: millis(7_180_000) },
    people: { book: BOOK, month: MONTH, enrolling: null, enrolled: null, refused: [] },
    plan: PLAN,
    kept: 312,
  },
};

/** The same with other facts of the charger. */
export const condominium = (over: Partial<ChargerModel["charger"]>, settings: object = {}): ChargerModel => ({
  ...CONDOMINIUM,
  settings: withPatch(SETTINGS, settings),
  charger: { ...CONDOMINIUM.charger, ...over },
});

export const session = (over: Partial<ClosedSession> = {}): ClosedSession => ({
  id: 3,
  person: 1,
  idToken: ANA,
  meterStart: wattHours(1_000),
  energy: [wattHours(10_000), wattHours(2_340), wattHours(0)],
  peak: deciamps(160),
  durationS: 5_400,
  idleS: 600,
  startedAt: unixSeconds(NOW),
  disturbed: false,
  stop: "unplugged",
  cost: money(19_100),
  vat: 2_300,
  currency: 0,
  published: false,
  ...over,
});

/** What the charger writes behind the head of a statement. */
export function restOf(report: Report, settings: Settings, sessions: readonly ClosedSession[]): string {
  const sums = sessions.reduce(withSession, NO_SUMS);
  const rows = sessions.map((one) => {
    const name = one.person === 1 ? "Ana" : null;
    return statementRow(one, { charger: settings.id, name, settings }, report);
  });
  return rows.join("") + statementFoot(sums, settings, report);
}
