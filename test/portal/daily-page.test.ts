import assert from "node:assert/strict";
import { type Money, money } from "../../src/money.js";
import { dailyBody, liveFragment, stateSentence } from "../../src/portal/daily-page.js";
import type { ChargerModel } from "../../src/portal/model.js";
import { amps, deciamps, milliamps, millis } from "../../src/units.js";
import { CHARGER, viewOf } from "./model.js";

type Over = Partial<ChargerModel["charger"]>;

const charger = (over: Over, more: Partial<ChargerModel> = {}): ChargerModel => ({
  ...CHARGER,
  ...more,
  charger: { ...CHARGER.charger, ...over },
});
const MANUAL = { ...CHARGER.settings, mode: "manual" } as const;
const said = (over: Over, more: Partial<ChargerModel> = {}): string => stateSentence(viewOf(charger(over, more)));

describe("daily page", () => {
  it("says in one sentence what happens and why", () => {
    assert.equal(said({}), "Charging 9 A of 32: the house takes 12.3 A");
    assert.equal(said({ offer: deciamps(165), because: "share" }), "Charging 16.5 A of 32: the house takes 12.3 A");
    assert.equal(said({}, { house: null }), "Charging 9 A of 32: that is what the house leaves");
    assert.equal(said({ because: "manual" }, { settings: MANUAL }), "Charging 9 A of 32: the amps that you set");
    assert.equal(said({ state: "available", because: "none" }), "Ready: no car is plugged in");
    assert.equal(
      said({ state: "preparing", because: "person", session: null }),
      "A car is plugged in: a known card has to start it",
    );
    assert.equal(said({ state: "suspendedEVSE", offer: deciamps(0) }), "Waiting to charge: the house takes 12.3 A");
    assert.equal(said({ state: "suspendedEV" }), "The car takes nothing now; 9 A are offered");
    assert.equal(said({ state: "finishing" }), "Finished: the car can be unplugged");
    assert.equal(said({ state: "faulted", fault: "pilot-short" }), "Stopped by a fault: the pilot wire touches ground");
    assert.equal(said({ evse: false }), "The EVSE does not answer");
  });

  it("names the busiest phase of the house", () => {
    assert.match(said({}, { house: [3_000, 9_000, 1_000].map(milliamps) }), /the house takes 9 A/);
  });

  it("has a sentence for every state and every reason, in both languages, with no gap left", () => {
    const states = [
      "available",
      "preparing",
      "charging",
      "stopping",
      "suspendedEV",
      "suspendedEVSE",
      "finishing",
      "faulted",
    ] as const;
    const reasons = [
      "share",
      "site",
      "rating",
      "cable",
      "manual",
      "solar",
      "person",
      "schedule",
      "temperature",
      "failsafe",
      "paused",
      "fault",
      "none",
    ] as const;
    for (const language of ["en", "pt"] as const) {
      const settings = { ...CHARGER.settings, language };
      for (const state of states) {
        for (const because of reasons) {
          const body = liveFragment(viewOf(charger({ state, because }, { settings })), false);
          assert.doesNotMatch(body, /undefined|\{\d\}|: ?</, `${state} ${because}`);
        }
      }
    }
  });

  it("says what would change it", () => {
    const changes = (because: ChargerModel["charger"]["because"]) =>
      dailyBody(viewOf(charger({ because, session: null }, { settings: MANUAL })), null, false);
    assert.match(changes("site"), /It grows when the house takes less/);
    assert.match(changes("manual"), /Raise the amps below, or choose Automatic/);
    assert.match(changes("person"), /Hold a known card to the reader/);
  });

  it("tells a person's maximum from a card that nobody has shown, and a tool that leads from the amps on the page", () => {
    const session = { id: 1, name: "Bea", cost: null, currency: 0, since: millis(0), energyWh: 0 };
    const shown = (over: object, mode: "auto" | "manual") =>
      stateSentence(viewOf(charger({ state: "suspendedEVSE", ...over }, { settings: { ...CHARGER.settings, mode } })));
    assert.match(shown({ because: "person", session }, "auto"), /the maximum of whoever charges/);
    assert.match(shown({ because: "person", session: null }, "auto"), /a known card has to start it/);
    assert.match(shown({ because: "manual" }, "auto"), /another tool leads it/);
    assert.match(shown({ because: "manual" }, "manual"), /the amps that you set/);
  });

  it("shows the session with time and energy, and its cost when a price is set", () => {
    const body = (cost: Money | null, energyWh: number | null = 12_340) => {
      const settings = { ...CHARGER.settings, language: "pt" } as const;
      const session = { id: 1, name: "Ana", cost, currency: 0, since: millis(0), energyWh };
      return liveFragment(viewOf(charger({ session }, { settings })), false);
    };
    assert.match(body(money(19_100)), /<dd>Ana<\/dd>.*<dd>2 h<\/dd>.*<dd>12,34 kWh<\/dd>.*<dd>1,91 €<\/dd>/);
    assert.doesNotMatch(body(null), /€/);
    assert.doesNotMatch(body(null, null), /€|kWh/);
    assert.doesNotMatch(liveFragment(viewOf(charger({ session: null })), false), /This session/);
  });

  it("has mode, amps and a slider in one form, as they are in force", () => {
    const settings = { ...CHARGER.settings, mode: "manual", manualA: amps(13.5) } as const;
    const body = dailyBody(viewOf({ ...CHARGER, settings }), null, false);
    assert.match(body, /<input type="radio" name="mode" value="manual" checked>/);
    assert.match(body, /id="manualA" name="manualA" value="13\.5"/);
    assert.match(body, /id="slide" name="slide" type="range" min="6" max="32" value="14"/);
  });
});
