import assert from "node:assert/strict";
import { stateJson } from "../src/charger-view.js";
import { LEASE_S, readCommand } from "../src/commands.js";
import { factsOf, startController } from "../src/controller.js";
import { leaseOf } from "../src/current-limits.js";
import { led, outsideLimit } from "../src/outside.js";
import { encodeText } from "../src/text.js";
import { commandOf, topicOf } from "../src/topics.js";
import { deciamps, millis } from "../src/units.js";
import { brokerDesk } from "./broker-desk.js";
import { evccOf, GETTERS, SETTERS } from "./evcc-yaml.js";
import { bootOf, settingsOf } from "./site.js";

const SETTINGS = settingsOf({ id: "charger-1" });
const { charger, has, paths } = evccOf("Over MQTT");

describe("the configuration of evcc over MQTT in docs/evcc.md", () => {
  it("is a custom charger that reads the retained state by names that it has", () => {
    assert.equal(charger("type"), "custom");
    const { state } = startController(bootOf(SETTINGS, 1), millis(0));
    const told = Object.keys(JSON.parse(stateJson(factsOf(state, millis(1)))));
    for (const getter of GETTERS) {
      assert.equal(charger(`${getter}.source`), "mqtt");
      assert.equal(charger(`${getter}.topic`), topicOf("state", SETTINGS));
      const [, name = ""] = /^\.(\w+)/.exec(charger(`${getter}.jq`)) ?? [];
      assert.ok(told.includes(name), name);
    }
    assert.equal(charger("energy.scale"), "0.001"); // evcc counts in kWh
  });
  it("waits longer for a state than the charger needs to say it again", () => {
    for (const getter of GETTERS) assert.ok(Number.parseInt(charger(`${getter}.timeout`), 10) >= 3 * 10);
  });
  it("sends commands that the charger takes, and again before the lease is over", () => {
    for (const [setter, samples] of Object.entries(SETTERS)) {
      assert.equal(charger(`${setter}.source`), "watchdog");
      // evcc's watchdog says it again each half of its time.
      assert.ok(Number.parseInt(charger(`${setter}.timeout`), 10) / 2 <= LEASE_S / 2);
      const name = commandOf(charger(`${setter}.set.topic`), SETTINGS) ?? assert.fail(setter);
      for (const sample of samples) {
        const payload = charger(`${setter}.set.payload`).replace(`\${${setter}}`, sample);
        assert.ok(readCommand(name, encodeText(payload), null).asked.ok, payload);
      }
      assert.ok(!has(`${setter}.set.retained`));
    }
  });
  it("names every topic once it is checked here", () => {
    const topics = paths.filter((path) => path.endsWith("topic"));
    assert.equal(topics.length, GETTERS.length + Object.keys(SETTERS).length);
  });
});

const OWN_A = 13;
const BASE = "ievcc/home/c1";

/** Somebody who does what evcc does each 30 s: reads the state, enables from 6 A of surplus on, follows it. Says all again
 *  each 30 s as its watchdog does. */
function day() {
  const desk = brokerDesk({ id: "c1", mqttHost: "broker", member: false, mode: "manual", manualA: OWN_A });
  let saidA = 0;
  let saidAt = 0;
  const state = (): Record<string, unknown> =>
    JSON.parse(
      desk
        .said()
        .filter(({ topic }) => topic === `${BASE}/state`)
        .at(-1)?.text ?? "",
    );
  return {
    desk,
    state,
    /** The most that is allowed now: by what was said in the last minute, and of its own. */
    allowedA: (): number => (desk.now() - saidAt < 60_000 ? Math.min(saidA, OWN_A) : OWN_A),
    says(surplusA: number): void {
      saidA = surplusA < 6 ? 0 : surplusA;
      saidAt = desk.now();
      desk.hears(`${BASE}/command/enable`, String(surplusA >= 6));
      if (surplusA >= 6) desk.hears(`${BASE}/command/current`, String(surplusA));
    },
    /** The car takes what it is offered. */
    passes(ms: number, check: () => void): void {
      for (let passed = 0; passed < ms; passed += 1_000) {
        desk.waits(1_000);
        const { offer } = desk.lease();
        desk.status({ offer, mode: offer > 0 ? "charging" : "suspendedEVSE", contactorClosed: offer > 0 });
        check();
      }
    },
  };
}

/** A of the roof beyond the house in each half minute of a day that lasts a quarter of an hour. */
const SURPLUS = Array.from({ length: 30 }, (_, at) => Math.round(1_900 * Math.sin((Math.PI * at) / 29)) / 100);

describe("a controller like evcc on a day of sun", () => {
  it("leads the charger within the charger's own limits, up and down and through a pause", () => {
    const one = day();
    const seen: number[] = [];
    for (const surplus of SURPLUS) {
      one.says(surplus);
      one.passes(30_000, () => assert.ok(one.desk.lease().offer / 10 <= one.allowedA() + 1e-9));
      const { enabled, status, maxA } = one.state();
      assert.equal(enabled, surplus >= 6);
      assert.equal(status, surplus >= 6 ? "C" : "B");
      if (surplus >= 6) assert.equal(maxA, Math.floor(surplus * 10 + 1e-6) / 10);
      seen.push(one.desk.lease().offer / 10);
    }
    assert.deepEqual([seen[0], Math.max(...seen), seen.at(-1)], [0, OWN_A, 0]);
    assert.ok(seen.some((amps) => amps > 6 && amps < 10));
    assert.ok(one.desk.said().filter(({ topic }) => topic === `${BASE}/result`).length >= 30);
  });
  it("is obeyed to the end of its lease when it falls silent, and not for longer", () => {
    const one = day();
    one.says(7);
    one.passes(59_000, () => assert.equal(one.desk.lease().offer, 70));
    one.passes(2_000, () => undefined);
    assert.equal(one.desk.lease().offer, OWN_A * 10);
    assert.deepEqual([one.state().enabled, one.state().maxA], [true, 32]);
  });
  it("lets the car charge on the charger's own account when it falls silent in a pause", () => {
    const one = day();
    one.says(0);
    one.passes(59_000, () => assert.equal(one.desk.lease().offer, 0));
    one.passes(2_000, () => undefined);
    assert.equal(one.desk.lease().offer, OWN_A * 10);
  });
  it("never lifts what the site, a person or the schedule leaves", () => {
    const settings = settingsOf({});
    const outside = outsideLimit(led(null, { amps: deciamps(320) }, millis(60_000), millis(0)));
    const answer = { amps: deciamps(90), because: "share", until: millis(9_000), freshness: "fresh" } as const;
    const rights = { may: { person: 0, idToken: "" }, limits: outside, priority: 0 };
    const lease = leaseOf(settings, answer, rights, null, millis(0));
    assert.deepEqual([lease.offer, lease.because], [90, "share"]);
    const held = { ...rights, limits: [{ name: "schedule", amps: deciamps(0) } as const, ...outside] };
    const nothing = leaseOf(settings, answer, held, null, millis(0));
    assert.deepEqual([nothing.offer, nothing.because], [0, "schedule"]);
  });
});
