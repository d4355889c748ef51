import assert from "node:assert/strict";
import fc from "fast-check";
import { localTime } from "../src/calendar.js";
import type { Person } from "../src/people.js";
import {
  monthOf,
  periodNow,
  personLimit,
  planNames,
  priced,
  rightOf,
  smallestOf,
  tariffOf,
  zoneOf,
} from "../src/rights.js";
import { beginSession } from "../src/session.js";
import { change, DEFAULTS, type Settings } from "../src/settings.js";
import { deciamps, millis, unixSeconds, wattHours } from "../src/units.js";

const ANA: Person = {
  id: 7,
  name: "Ana",
  cards: ["04A1B2C3D4E5F6"],
  max: deciamps(0),
  priority: 3,
  hours: null,
  monthlyKWh: 0,
  active: true,
};

function settings(patch: object): Settings {
  const changed = change(DEFAULTS, patch);
  assert.ok(changed.ok, JSON.stringify(changed));
  return changed.settings;
}
const LISBON = settings({ timeZone: "Europe/Lisbon" });
/** Friday, 20 November 2026, 22:59:59 in Lisbon. */
const LATE = unixSeconds(Date.UTC(2026, 10, 20, 22, 59, 59) / 1_000);
const local = (after = 0) => localTime(unixSeconds(LATE + after), zoneOf(LISBON));
const right = (
  person: Person | null,
  used = 0,
  at: ReturnType<typeof local> | null = local(),
  uid = "04A1B2C3D4E5F6",
) => rightOf(uid, ["5CBBE5D5"], person, wattHours(used), at);

describe("rights", () => {
  it("are those of the card's person, or of nobody in particular for a card of the settings", () => {
    assert.equal(right(ANA), 7);
    assert.equal(right(null, 0, null, "5CBBE5D5"), 0);
  });
  it("are none for a card that nobody has, and a random one is called so", () => {
    assert.equal(right(null), "unknown");
    assert.equal(right(null, 0, null, "08ABCDEF"), "random");
  });
  it("are none for somebody who is not active", () => assert.equal(right({ ...ANA, active: false }), "inactive"));
  it("end with the hours, to the minute", () => {
    const person = { ...ANA, hours: { days: 0b001_1111, from: 7 * 60, to: 23 * 60 } };
    assert.equal(right(person, 0, local(0)), 7);
    assert.equal(right(person, 0, local(1)), "hours");
    // Saturday.
    assert.equal(right(person, 0, local(12 * 3_600)), "hours");
  });
  it("end with the energy of the month, at its last watt-hour", () => {
    const person = { ...ANA, monthlyKWh: 100 };
    assert.equal(right(person, 99_999), 7);
    assert.equal(right(person, 100_000), "energyLimit");
  });
  it("that depend on the time are none while nobody knows it, and others are not touched by that", () => {
    const hours = { days: 127, from: 0, to: 1_440 };
    assert.equal(right({ ...ANA, hours }, 0, null), "timeUnknown");
    assert.equal(right({ ...ANA, monthlyKWh: 1 }, 0, null), "timeUnknown");
    assert.equal(right(ANA, 0, null), 7);
  });
  it("make a maximum one limit by name, and no maximum none", () => {
    assert.deepEqual(personLimit({ ...ANA, max: deciamps(45) }), [{ name: "person", amps: 45 }]);
    assert.deepEqual([personLimit(ANA), personLimit(null)], [[], []]);
    assert.equal(smallestOf([]), null);
    fc.assert(
      fc.property(fc.array(fc.nat(320), { minLength: 1 }), (list) =>
        assert.equal(smallestOf(list.map((amps) => ({ name: "person", amps: deciamps(amps) }))), Math.min(...list)),
      ),
    );
  });
  it("count a month in local time", () => {
    const midnight = unixSeconds(Date.UTC(2026, 6, 31, 23, 0, 0) / 1_000);
    assert.equal(monthOf(unixSeconds(midnight - 1), zoneOf(LISBON)), 78);
    assert.equal(monthOf(midnight, zoneOf(LISBON)), 79);
    assert.equal(monthOf(midnight, zoneOf(settings({ utcOffsetMinutes: -60 }))), 78);
  });
});

describe("price of a session", () => {
  const session = {
    ...beginSession(1, { person: 0, idToken: "" }, null, null, millis(0)),
    energy: [7_003, 0, 0].map(wattHours),
  };
  it("is none without a tariff, and nobody's period then", () => {
    assert.deepEqual(priced(session, tariffOf(DEFAULTS), 0), { cost: null, vat: 0, currency: 0 });
    assert.deepEqual([planNames(DEFAULTS), periodNow(null, local())], [[], 0]);
  });
  it("is that of a price alone, in cents, without VAT", () => {
    const flat = tariffOf(settings({ priceCents: 15.34 }));
    assert.deepEqual(priced(session, flat, 3_600), { cost: 10_700, vat: 0, currency: 0 });
  });
  it("is the tariff's, with fees and VAT, in its periods", () => {
    const tariff = {
      currency: "EUR",
      vatPct: 23,
      plan: "pt-bi-daily",
      prices: [0.1, 0.2],
      sessionFee: 0.5,
      idleFee: 1,
    };
    const set = settings({ tariff, priceCents: 99 });
    assert.deepEqual(planNames(set), ["vazio", "fora de vazio"]);
    // (7.003 x 0.10 + 0.50 + 0.5 h x 1.00) x 1.23 = 2.0914, to the cent.
    assert.deepEqual(priced(session, tariffOf(set), 1_800), { cost: 20_900, vat: 2_300, currency: 0 });
    assert.deepEqual([periodNow(tariffOf(set), local()), periodNow(tariffOf(set), null)], [0, 0]);
  });
});
