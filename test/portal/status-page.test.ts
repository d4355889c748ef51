import assert from "node:assert/strict";
import type { ChargerModel } from "../../src/portal/model.js";
import { chargerFacts, localTime, meterBody, reasonOf, statusFacts, warnings } from "../../src/portal/status-page.js";
import { textsOf } from "../../src/portal/texts/texts.js";
import { deciamps, milliamps, millis, unixSeconds } from "../../src/units.js";
import { CHARGER, METER, viewOf } from "./model.js";

const EN = textsOf("en");

const charger = (over: Partial<ChargerModel["charger"]>, more: Partial<ChargerModel> = {}): ChargerModel => ({
  ...CHARGER,
  ...more,
  charger: { ...CHARGER.charger, ...over },
});

describe("status page", () => {
  it("says in a sentence why the car gets what it gets, since when, and what would hold next", () => {
    assert.equal(
      reasonOf(EN, CHARGER),
      "Because of what the house leaves free, for 12 s. Next limit: the rating of this charger, 32.0 A.",
    );
    assert.equal(
      reasonOf(EN, charger({ because: "failsafe", offer: deciamps(0), runnerUp: null, heldFor: null })),
      "Because of the fail-safe current: the site is silent.",
    );
    const paused = { because: "paused", offer: deciamps(0), runnerUp: { name: "paused", amps: deciamps(0) } } as const;
    assert.ok(!reasonOf(EN, charger(paused)).includes("Next limit"));
  });
  it("says in proper words that no limit decides: no car, nobody who asks, an EVSE that does not answer", () => {
    const idle = { offer: deciamps(0), because: "none", runnerUp: null } as const;
    assert.equal(reasonOf(EN, charger({ ...idle, state: "available" })), "No car is plugged in.");
    assert.equal(reasonOf(EN, charger({ ...idle, state: "preparing" })), "Nothing asks for current.");
    assert.equal(reasonOf(EN, charger({ because: "fault", evse: false })), "The EVSE does not answer.");
  });
  it("names the mode before the amps that are set for one of its kinds, and the offer in its row", () => {
    const body = chargerFacts(viewOf(charger({})));
    assert.match(body, /<dt>Mode<\/dt><dd>Automatic<\/dd><dt>Amps set<\/dt><dd>10\.0 A for manual mode<\/dd>/);
    assert.equal(body.match(/9\.0 A/g)?.length, 1);
    for (const row of ["Amps set", "Amps offered", "House", "Wi-Fi", "EVSE", "Mode", "Timer"]) {
      assert.ok(body.includes(`<dt>${row}</dt>`), row);
    }
  });
  it("counts in seconds up to 2 minutes, in minutes up to 2 hours, then in hours, rounded down", () => {
    const held = (ms: number) => /for (.*)\./.exec(reasonOf(EN, charger({ runnerUp: null, heldFor: millis(ms) })))?.[1];
    assert.deepEqual([0, 999, 119_999, 120_000, 7_199_999, 7_200_000, 90_000_000].map(held), [
      "0 s",
      "0 s",
      "119 s",
      "2 min",
      "119 min",
      "2 h",
      "25 h",
    ]);
  });
  it("names a fault, and no fault where there is none", () => {
    assert.match(
      chargerFacts(viewOf(charger({ fault: "no-diode" }))),
      /<dt>Fault<\/dt><dd>What is plugged in is not a car: it has no diode<\/dd>/,
    );
    assert.doesNotMatch(chargerFacts(viewOf(CHARGER)), /<dt>Fault<\/dt>/);
  });
  it("says what it does not know", () => {
    const body = chargerFacts(viewOf(charger({ draw: null, evse: false }, { house: null, address: null })));
    assert.match(body, /<dt>Amps drawn<\/dt><dd>Unknown<\/dd>/);
    assert.match(body, /<dt>House<\/dt><dd>Unknown<\/dd>/);
    assert.doesNotMatch(body, /<dt>Address</);
    assert.match(body, /<dt>EVSE<\/dt><dd>Silent<\/dd>/);
  });
  it("names the phases where there are several", () => {
    const body = chargerFacts(viewOf(charger({ draw: [6_000, 7_000, 8_040].map(milliamps) })));
    assert.match(body, /<dd>L1 6\.0 A, L2 7\.0 A, L3 8\.0 A<\/dd>/);
  });
  it("says so when the charger is away from its site, or has no meter", () => {
    const away = { ...CHARGER.settings, member: false, meter: "none" } as const;
    const body = chargerFacts(viewOf(charger({}, { settings: away })));
    assert.match(body, /Automatic, away from its site/);
    assert.match(body, /None: fixed limit/);
  });
  it("says what somebody else's meter said last and how long ago, where the site has one", () => {
    const settings = { ...CHARGER.settings, meter: "other" } as const;
    const body = (otherMeter: ChargerModel["otherMeter"]) =>
      /<dt>Other meter, last<.dt><dd>(.*?)</.exec(chargerFacts(viewOf(charger({}, { settings, otherMeter }))))?.[1];
    assert.equal(body(null), "Unknown");
    assert.equal(
      body({ currents: [3_240, -1_000, 0].map(milliamps), age: millis(4_900) }),
      "L1 3.2 A, L2 -1.0 A, L3 0.0 A, 4 s ago",
    );
    assert.doesNotMatch(chargerFacts(viewOf(charger({}))), /Other meter/);
  });
  it("shows every warning, as text", () => {
    const body = warnings(viewOf({ ...METER, warnings: ["<one>", "two"] }));
    assert.equal(body.match(/role="alert"/g)?.length, 2);
    assert.ok(body.includes("&lt;one&gt;"));
  });
  it("shows a PZEM that was not read yet, or did not answer", () => {
    const [first] = METER.meter.pzems;
    assert.ok(first);
    const pzems = (["notYet", "timeout", "badCrc"] as const).map((why) => ({
      ...first,
      reading: { ok: false, why } as const,
    }));
    const body = meterBody(viewOf({ ...METER, meter: { ...METER.meter, pzems } }));
    for (const words of ["Not read yet", "No answer", "Answer damaged"])
      assert.ok(body.includes(`<dt>Link</dt><dd>${words}</dd>`));
  });
  it("gives programs the same, with null for what is unknown", () => {
    const facts = JSON.parse(JSON.stringify(statusFacts(charger({ draw: null, runnerUp: null, heldFor: null }))));
    assert.deepEqual(
      [facts.device, facts.offerA, facts.because, facts.runnerUp, facts.runnerUpA, facts.heldForS, facts.drawA],
      ["charger", 9, "site", null, null, null, null],
    );
    const meter = JSON.parse(JSON.stringify(statusFacts(METER)));
    assert.deepEqual([meter.budgetA, meter.chargers, meter.houseA], [[27], 2, [3, 4, 5]]);
    assert.deepEqual(meter.pzems[1], {
      address: 2,
      role: "solar",
      phase: 1,
      link: "timeout",
      voltageV: null,
      currentA: null,
      powerW: null,
    });
  });
  it("tells the local time, of now and of what has been, and none that nobody has told", () => {
    const at = (utcOffsetMinutes: number, unix: number | null = 1_795_300_500) =>
      localTime({
        ...CHARGER,
        unix: unix === null ? null : unixSeconds(unix),
        settings: { ...CHARGER.settings, utcOffsetMinutes },
      });
    assert.deepEqual([at(0), at(60), at(-840), at(840), at(0, null)], ["22:35", "23:35", "08:35", "12:35", null]);
    assert.equal(localTime(CHARGER, millis(7_200_000 - 600_000)), "22:25");
  });
  it("speaks Portuguese with a comma in its numbers", () => {
    const settings = { ...CHARGER.settings, language: "pt" } as const;
    assert.equal(
      reasonOf(textsOf("pt"), CHARGER),
      "Motivo: o que a casa deixa livre, há 12 s. Limite seguinte: a corrente máxima deste carregador, 32,0 A.",
    );
    assert.match(chargerFacts(viewOf({ ...CHARGER, settings })), /<dt>Casa<\/dt><dd>12,3 A<\/dd>/);
  });
});
