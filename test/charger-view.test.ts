import assert from "node:assert/strict";
import { type ChargerFacts, chargerModel, stateJson, stateKey } from "../src/charger-view.js";
import { factsOf, startController } from "../src/controller.js";
import { beginSession, metered } from "../src/session.js";
import { deciamps, decivolts, deciwatts, milliamps, millis, wattHours } from "../src/units.js";
import { bootOf, CHARGING, reportOf, settingsOf } from "./site.js";

const STATUS = { ...CHARGING, offer: deciamps(93), since: millis(10_000) };

function facts(over: Partial<ChargerFacts> = {}, patch: object = {}): ChargerFacts {
  const { state } = startController(bootOf(settingsOf(patch), 1), millis(0));
  return { ...factsOf(state, millis(22_999)), status: STATUS, ...over };
}

describe("charger's view", () => {
  it("tells offer, reason, runner-up and since when, with units in the names", () => {
    const draw = { at: millis(22_000), phases: [milliamps(9_250)] };
    assert.deepEqual(JSON.parse(stateJson(facts({ draw }, { mode: "manual" }))), {
      state: "charging",
      status: "C",
      plugged: true,
      mode: "manual",
      manualA: 10,
      freeCharging: true,
      priority: 0,
      enabled: true,
      maxA: 32,
      boost: false,
      offerA: 9.3,
      because: "site",
      runnerUp: "rating",
      runnerUpA: 32,
      sinceS: 12,
      contactorClosed: true,
      fault: null,
      session: null,
      sessionWh: null,
      sessionS: null,
      person: null,
      card: null,
      schedule: null,
      drawA: [9.25],
      voltageV: [null],
      powerW: null,
      totalWh: null,
      report: "none",
      restarted: "power",
    });
  });
  it("tells voltage, power, the registers and what the session had, and no power while a module does not answer", () => {
    const reading = {
      ok: true,
      address: 1,
      voltage: decivolts(2_314),
      current: milliamps(9_250),
      power: deciwatts(21_405),
      energy: wattHours(1_000),
      frequency: 500,
      powerFactor: 100,
      alarm: false,
    } as const;
    const three = { phases: 3, wiring: [1, 2, 3] };
    const said = (answers: ChargerFacts["answers"]) => {
      const told = JSON.parse(stateJson(facts({ answers }, three)));
      return [told.voltageV, told.powerW];
    };
    assert.deepEqual(said([reading, reading, reading]), [[231.4, 231.4, 231.4], 6_421.5]);
    assert.deepEqual(said([reading, { ok: false, address: 2, why: "timeout" }, reading]), [[231.4, null, 231.4], null]);
    assert.deepEqual(said([]), [[null, null, null], null]);
    const { sessions } = facts();
    const begun = beginSession(7, { person: 0, idToken: "" }, [wattHours(1_000)], null, millis(0));
    const current = metered(begun, [wattHours(1_060)], 0, deciamps(90), millis(20_000));
    const told = JSON.parse(stateJson(facts({ sessions: { ...sessions, current } })));
    assert.deepEqual([told.session, told.sessionWh, told.sessionS, told.totalWh], [7, 60, 22, 1_060]);
    assert.equal(JSON.parse(stateJson(facts({ sessions: { ...sessions, registers: [wattHours(9)] } }))).totalWh, 9);
  });
  it("tells the state of the line in letters: C and D only while current can flow, E and F for faults", () => {
    const letter = (over: Partial<typeof CHARGING>) =>
      JSON.parse(stateJson(facts({ status: { ...CHARGING, ...over } }))).status;
    assert.equal(letter({}), "C");
    assert.equal(letter({ pilot: "D" }), "D");
    assert.equal(letter({ contactorClosed: false }), "B");
    assert.equal(letter({ mode: "finishing", pilot: "B", contactorClosed: false }), "B");
    assert.equal(letter({ mode: "available", pilot: "A", contactorClosed: false }), "A");
    assert.equal(letter({ mode: "faulted", pilot: "E" }), "E");
    assert.equal(letter({ mode: "faulted", pilot: "no-diode" }), "F");
    assert.equal(JSON.parse(stateJson(facts({ status: null }))).status, "F");
  });
  it("has the same key while only measured values change, and another when what somebody decided does", () => {
    const key = stateKey(facts());
    assert.equal(stateKey(facts({ draw: { at: millis(22_000), phases: [milliamps(1)] }, readAt: millis(9) })), key);
    const others = [
      facts({ outside: { enabled: false, amps: null, until: millis(1) } }),
      facts({ outside: { enabled: true, amps: deciamps(80), until: millis(1) } }),
      facts({ status: { ...STATUS, contactorClosed: false } }),
      facts({}, { manualA: 11 }),
      facts({ shot: { delayUntil: null, boost: true, departure: null } }),
    ];
    for (const one of others) assert.notEqual(stateKey(one), key);
  });
  it("claims no draw that is older than 3 s", () => {
    const draw = { at: millis(19_998), phases: [milliamps(9_250)] };
    assert.equal(JSON.parse(stateJson(facts({ draw }))).drawA, null);
    assert.equal(chargerModel(facts({ draw })).charger.draw, null);
  });
  it("tells a fault by its name", () => {
    const told = JSON.parse(stateJson(facts({ status: { ...STATUS, mode: "faulted", fault: "no-diode" } })));
    assert.deepEqual([told.state, told.fault], ["faulted", "no-diode"]);
  });
  it("claims nothing while the EVSE machine has not been heard", () => {
    const told = JSON.parse(stateJson(facts({ status: null })));
    assert.deepEqual(
      [told.state, told.offerA, told.because, told.runnerUp, told.runnerUpA, told.sinceS, told.contactorClosed],
      ["faulted", 0, "fault", null, null, null, false],
    );
    const { charger } = chargerModel(facts({ status: null }));
    assert.deepEqual([charger.evse, charger.state, charger.offer, charger.heldFor], [false, "faulted", 0, null]);
  });
  it("shows the same on the pages", () => {
    const { device, charger, house } = chargerModel(facts());
    assert.deepEqual([device, charger.offer, charger.because, charger.heldFor], ["charger", 93, "site", 12_999]);
    assert.deepEqual([charger.draw, house, charger.evse], [null, null, true]);
  });
  it("shows the house as the last report had it", () => {
    const { sharing } = facts();
    const report = reportOf(1, [], { house: [deciamps(51)] });
    const heard = { ...sharing, member: { ...sharing.member, report } };
    assert.deepEqual(chargerModel(facts({ sharing: heard })).house, [5_100]);
  });
  it("shows how its PZEMs and its card reader answer, and what was measured at the last look", () => {
    const { tallies, charger, restarted } = chargerModel(facts({}, { phases: 3, wiring: [1, 2, 3] }));
    assert.deepEqual(
      tallies.map((one) => [one.address, one.read, one.failed]),
      [
        [1, 0, 0],
        [2, 0, 0],
        [3, 0, 0],
      ],
    );
    assert.deepEqual([charger.reader.phase, charger.reader.heardAt, charger.measured], ["waking", null, null]);
    assert.equal(restarted, "power");
  });
  it("never shows a password", () => {
    const secret = facts(
      {},
      {
        wifiPassword: "hush-hush-1",
        mqttPassword: "hush-hush-2",
        siteKey: "a1".repeat(16),
      },
    );
    assert.doesNotMatch(stateJson(secret), /hush|a1a1/);
  });
});
