import assert from "node:assert/strict";
import { type ChargerFacts, chargerModel, stateJson } from "../src/charger-view.js";
import { factsOf, startController } from "../src/controller.js";
import { deciamps, milliamps, millis } from "../src/units.js";
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
      mode: "manual",
      offerA: 9.3,
      because: "site",
      runnerUp: "rating",
      runnerUpA: 32,
      sinceS: 12,
      contactorClosed: true,
      fault: null,
      session: null,
      person: null,
      card: null,
      schedule: null,
      drawA: [9.25],
      report: "none",
      restarted: "power",
    });
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
