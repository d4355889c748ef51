import assert from "node:assert/strict";
import fc from "fast-check";
import { money } from "../src/money.js";
import type { ClosedSession } from "../src/session-record.js";
import { change, DEFAULTS, type Settings } from "../src/settings.js";
import {
  csvFoot,
  csvHead,
  csvRow,
  isWanted,
  jsonFoot,
  jsonHead,
  monthIn,
  monthText,
  NO_SUMS,
  type Report,
  sessionJson,
  totalOf,
  withSession,
} from "../src/statement.js";
import { deciamps, unixSeconds, wattHours } from "../src/units.js";

const changed = change(DEFAULTS, {
  id: "charger-1",
  timeZone: "Europe/Lisbon",
  tariff: { currency: "EUR", vatPct: 23, plan: "pt-bi-daily", prices: [0.1, 0.2] },
});
assert.ok(changed.ok);
const SETTINGS: Settings = changed.settings;
const SESSION: ClosedSession = {
  id: 12,
  person: 7,
  idToken: "04A1B2C3D4E5F6",
  stop: "unplugged",
  startedAt: unixSeconds(Date.UTC(2026, 6, 31, 22, 58, 0) / 1_000),
  durationS: 7_200,
  idleS: 1_800,
  energy: [7_003, 40, 0].map(wattHours),
  meterStart: wattHours(1_000),
  peak: deciamps(161),
  cost: money(12_300),
  vat: 2_300,
  currency: 0,
  disturbed: false,
  published: true,
};
const REPORT: Report = { format: "csv", person: null, month: null, decimal: "." };
const around = (name: string | null) => ({ charger: "charger-1", name, settings: SETTINGS });

describe("statement", () => {
  it("has a line of CSV for each session, in local time, with the energy of each period of the tariff", () => {
    assert.equal(
      csvHead(REPORT, SETTINGS) + csvRow(SESSION, REPORT, around("Ana")),
      "session,charger,person,started,ended,energy_kWh,peak_A,idle_h,ended_because,cost,currency,vazio_kWh,fora de vazio_kWh\r\n" +
        "12,charger-1,Ana,2026-07-31 23:58,2026-08-01 01:58,7.043,16.1,0.50,unplugged,1.23,EUR,7.003,0.040\r\n",
    );
  });
  it("opens in a spreadsheet that writes decimals with a comma", () => {
    const report: Report = { ...REPORT, decimal: "," };
    assert.match(
      csvRow(SESSION, report, around("Ana, B.")),
      /^12;charger-1;Ana, B\.;.*;7,043;16,1;0,50;unplugged;1,23;EUR;/,
    );
  });
  it("quotes what RFC 4180 wants quoted, and is no formula for a spreadsheet", () => {
    assert.match(csvRow(SESSION, REPORT, around('A "b", c')), /,"A ""b"", c",/);
    for (const name of ["=1+1", "+1", "-1", "@a"])
      assert.ok(csvRow(SESSION, REPORT, around(name)).includes(`,'${name},`));
  });
  it("leaves out what nobody knows", () => {
    const unknown = { ...SESSION, startedAt: null, cost: null };
    assert.match(csvRow(unknown, REPORT, around(null)), /^12,charger-1,,,,7\.043,16\.1,0\.50,unplugged,,,/);
    const told = JSON.parse(sessionJson(unknown, around(null)));
    assert.deepEqual(
      [told.startedAt, told.endedAt, told.cost, told.currency, told.name],
      [null, null, null, null, null],
    );
  });
  it("tells a session as JSON with units in the names, and no UID that could be copied to a card", () => {
    const text = sessionJson(SESSION, around("Ana"));
    assert.deepEqual(JSON.parse(text), {
      id: "charger-1-12",
      charger: "charger-1",
      startedAt: "2026-07-31T23:58:00+01:00",
      endedAt: "2026-08-01T01:58:00+01:00",
      durationS: 7_200,
      idleS: 1_800,
      stop: "unplugged",
      person: 7,
      name: "Ana",
      energyWh: 7_043,
      byPeriodWh: [7_003, 40],
      meterStartWh: 1_000,
      peakA: 16.1,
      cost: 1.23,
      currency: "EUR",
      disturbed: false,
    });
    assert.doesNotMatch(text, /04A1B2/);
  });
  it("takes the sessions that began in its local month, of one person or of all", () => {
    const of = (over: Partial<Report>) => isWanted(SESSION, { ...REPORT, ...over }, SETTINGS);
    assert.deepEqual(
      [of({}), of({ month: 78 }), of({ month: 79 }), of({ person: 7 }), of({ person: 0 })],
      [true, true, false, true, false],
    );
    assert.equal(isWanted({ ...SESSION, startedAt: null }, { ...REPORT, month: 78 }, SETTINGS), false);
  });
  it("sums to the last watt-hour and the last cent, a currency at a time", () => {
    const cents = fc.record({ Wh: fc.nat(100_000), cents: fc.nat(10_000), currency: fc.constantFrom(0, 1) });
    fc.assert(
      fc.property(fc.array(cents, { maxLength: 40 }), (list) => {
        const sessions = list.map(({ Wh, cents: cost, currency }) => ({
          ...SESSION,
          energy: [wattHours(Wh)],
          cost: money(cost * 100),
          currency,
        }));
        const sums = sessions.reduce(withSession, NO_SUMS);
        const ofCurrency = (wanted: number) =>
          list.reduce((sum, { cents: cost, currency }) => sum + (currency === wanted ? cost : 0), 0);
        assert.equal(
          sums.energy,
          sessions.reduce((sum, one) => sum + totalOf(one), 0),
        );
        assert.equal(sums.sessions, list.length);
        for (const [currency, cost] of sums.costs) assert.equal(cost, ofCurrency(currency) * 100);
        const { totals } = JSON.parse(`${jsonHead({ ...REPORT, month: 82 }, SETTINGS)}${jsonFoot(sums)}`);
        assert.deepEqual([totals.sessions, totals.energyWh], [sums.sessions, sums.energy]);
        const lines = csvFoot(sums, REPORT, SETTINGS)
          .split("\r\n")
          .filter((line) => line !== "");
        assert.equal(lines.length, Math.max(1, sums.costs.length));
        assert.ok(lines.every((line) => line.startsWith("total,,,,,")));
      }),
    );
  });
  it("reads and writes months", () => {
    assert.deepEqual(["2026-11", "2020-01", "2026-13", "2019-12", "2026-1", ""].map(monthIn), [
      82,
      0,
      null,
      null,
      null,
      null,
    ]);
    assert.deepEqual([monthText(82), monthText(0)], ["2026-11", "2020-01"]);
  });
});
