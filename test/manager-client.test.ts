import assert from "node:assert/strict";
import fc from "fast-check";
import {
  grantOf,
  type ManagerClient,
  type ManagerClientEffect,
  type ManagerClientEvent,
  startManagerClient,
  stepManagerClient,
} from "../src/manager-client.js";
import { ANSWERS, CODES, encodeManager, HELLO_TOPIC, type ManagerMessage } from "../src/manager-message.js";
import { encodeText } from "../src/text.js";
import { fromAmps, milliamps, millis } from "../src/units.js";

const TOPIC = "site/charger-1";

interface Bench {
  state: ManagerClient;
  now: number;
}

const charger = (): Bench => ({
  state: startManagerClient({ device: "charger", id: "charger-1", topic: TOPIC }),
  now: 1_000,
});
const meter = (): Bench => ({
  state: startManagerClient({ device: "counter", id: "meter", topic: "site/meter" }),
  now: 1_000,
});

function does(on: Bench, event: ManagerClientEvent): readonly ManagerClientEffect[] {
  const { state, effects } = stepManagerClient(on.state, event, millis(on.now));
  on.state = state;
  return effects;
}

const heard = (on: Bench, message: ManagerMessage, retain = false): ManagerClientEvent => ({
  kind: "message",
  topic: on.state.config.topic,
  payload: encodeText(encodeManager(message)),
  retain,
});

const hears = (on: Bench, message: ManagerMessage, retain = false): readonly ManagerClientEffect[] =>
  does(on, heard(on, message, retain));

const answers = (on: Bench, code: number, answer: string): readonly ManagerClientEffect[] =>
  hears(on, { kind: "answer", code, id: on.state.config.id, answer });

const welcomes = (on: Bench): readonly ManagerClientEffect[] =>
  answers(on, CODES.new[on.state.config.device], ANSWERS.ok);

const grants = (on: Bench, amps: number, retain = false): readonly ManagerClientEffect[] =>
  hears(on, { kind: "available", id: on.state.config.id, load: fromAmps(amps) }, retain);

/** Ticks each 100 ms; the payloads that were published meanwhile. */
function passes(on: Bench, ms: number): readonly string[] {
  const said: string[] = [];
  for (const end = on.now + ms; on.now < end; ) {
    on.now += 100;
    said.push(...payloads(does(on, { kind: "tick" })));
  }
  return said;
}

const payloads = (effects: readonly ManagerClientEffect[]): readonly string[] =>
  effects.flatMap((one) => (one.kind === "publish" ? [one.payload] : []));

function joined(on: Bench): Bench {
  does(on, { kind: "online" });
  welcomes(on);
  return on;
}

const amps = (on: Bench): number => grantOf(on.state, millis(on.now)).amps;

const NEW = '{"code":2,"id":"charger-1","topic":"site/charger-1"}';

describe("manager client", () => {
  it("listens on its own topic, and then names it to the Manager on hello/new", () => {
    assert.deepEqual(does(charger(), { kind: "online" }), [
      { kind: "subscribe", topic: TOPIC },
      { kind: "publish", topic: HELLO_TOPIC, payload: NEW },
    ]);
  });

  it("says hello each 5 s until it is answered, and 15 s after a refusal", () => {
    const on = charger();
    does(on, { kind: "online" });
    assert.deepEqual(passes(on, 4_900), []);
    assert.deepEqual(passes(on, 5_100), [NEW, NEW]);
    answers(on, CODES.new.charger, ANSWERS.chargers);
    assert.equal(on.state.refusal, "Max registered chargers achieved");
    assert.deepEqual(passes(on, 14_900), []);
    assert.deepEqual(passes(on, 100), [NEW]);
    welcomes(on);
    assert.equal(on.state.phase, "joined");
    assert.equal(on.state.refusal, "");
  });

  it("tells status and load each 5 s, and at once when the status changes", () => {
    const on = joined(charger());
    assert.deepEqual(payloads(does(on, { kind: "charger", wants: true, load: [milliamps(0)] })), [
      '{"code":34,"id":"charger-1","status":"asking"}',
      '{"code":50,"id":"charger-1","load":0}',
    ]);
    const draws = does(on, { kind: "charger", wants: true, load: [milliamps(6_000)] });
    assert.deepEqual(draws[0], {
      kind: "publish",
      topic: TOPIC,
      payload: '{"code":34,"id":"charger-1","status":"charging"}',
    });
    assert.deepEqual(does(on, { kind: "charger", wants: true, load: [milliamps(9_000)] }), []);
    grants(on, 9);
    assert.deepEqual(passes(on, 4_900), []);
    assert.deepEqual(passes(on, 100), [
      '{"code":34,"id":"charger-1","status":"charging"}',
      '{"code":50,"id":"charger-1","load":9}',
    ]);
    assert.deepEqual(payloads(does(on, { kind: "charger", wants: false, load: [milliamps(0)] })), [
      '{"code":34,"id":"charger-1","status":"idle"}',
      '{"code":50,"id":"charger-1","load":0}',
    ]);
  });

  it("tells the house's load as a counter, and that it failed when it cannot read", () => {
    const on = joined(meter());
    assert.deepEqual(payloads(does(on, { kind: "counter", load: [milliamps(3_200)] })), [
      '{"code":33,"id":"meter","status":"ok"}',
      '{"code":49,"id":"meter","load":3.2}',
    ]);
    assert.deepEqual(payloads(does(on, { kind: "counter", load: null })), [
      '{"code":33,"id":"meter","status":"failed"}',
    ]);
  });

  it("is granted nothing as a counter", () => {
    const on = joined(meter());
    grants(on, 26);
    assert.equal(amps(on), 0);
  });

  it("holds what it is granted until the Manager has been silent for 15 s", () => {
    const on = joined(charger());
    assert.equal(amps(on), 0);
    grants(on, 26);
    assert.deepEqual(grantOf(on.state, millis(on.now)), { amps: 260, until: on.now + 15_000 });
    passes(on, 14_900);
    assert.equal(amps(on), 260);
    const said = passes(on, 100);
    assert.equal(amps(on), 0);
    assert.ok(said.includes(NEW), "it does not register again");
  });

  it("holds no longer when only its own words, or others', come back to it", () => {
    const on = joined(charger());
    grants(on, 26);
    for (let period = 0; period < 3; period++) {
      for (const payload of passes(on, 5_000)) {
        does(on, { kind: "message", topic: TOPIC, payload: encodeText(payload), retain: false });
      }
      hears(on, { kind: "available", id: "charger-2", load: fromAmps(16) });
    }
    assert.equal(amps(on), 0);
    assert.equal(on.state.phase, "joining");
  });

  it("takes no grant that the broker kept, that is on another topic, or before it is registered", () => {
    const on = joined(charger());
    grants(on, 26, true);
    const payload = encodeText(encodeManager({ kind: "available", id: "charger-1", load: fromAmps(26) }));
    does(on, { kind: "message", topic: "site/charger-2", payload, retain: false });
    assert.equal(amps(on), 0);
    const early = charger();
    does(early, { kind: "online" });
    grants(early, 26);
    assert.equal(amps(early), 0);
  });

  it("registers again when the Manager does not know it any more", () => {
    const on = joined(charger());
    grants(on, 26);
    answers(on, CODES.status.charger, ANSWERS.unknown);
    assert.equal(on.state.phase, "joining");
    assert.deepEqual(passes(on, 5_000), [NEW]);
  });

  it("publishes nothing while there is no broker, and registers anew after it", () => {
    const on = joined(charger());
    grants(on, 26);
    does(on, { kind: "offline" });
    assert.deepEqual(passes(on, 14_900), []);
    assert.equal(amps(on), 260);
    passes(on, 100);
    assert.equal(amps(on), 0);
    assert.deepEqual(payloads(does(on, { kind: "online" })), [NEW]);
  });

  it("says goodbye once, and is granted nothing from then on", () => {
    const on = joined(charger());
    grants(on, 26);
    assert.deepEqual(payloads(does(on, { kind: "leave" })), ['{"code":18,"id":"charger-1"}']);
    assert.equal(amps(on), 0);
    assert.deepEqual(does(on, { kind: "online" }), []);
  });

  it("grants nothing that the Manager did not grant in the last 15 s, whatever happens", () => {
    const event = fc.oneof(
      fc.constantFrom<ManagerClientEvent>({ kind: "online" }, { kind: "offline" }, { kind: "tick" }),
      fc.uint8Array({ maxLength: 20 }).map(
        (payload): ManagerClientEvent => ({
          kind: "message",
          topic: TOPIC,
          payload,
          retain: false,
        }),
      ),
      fc.constantFrom<Extract<ManagerMessage, { kind: "answer" | "available" }>>(
        { kind: "answer", code: 2, id: "charger-1", answer: ANSWERS.ok },
        { kind: "answer", code: 34, id: "charger-1", answer: ANSWERS.unknown },
        { kind: "available", id: "charger-1", load: fromAmps(13) },
        { kind: "available", id: "charger-1", load: fromAmps(0) },
      ),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(event, fc.constantFrom(0, 100, 5_000, 14_999, 15_000)), { maxLength: 30 }),
        (run) => {
          const on = charger();
          let last = { amps: 0, at: 0 };
          for (const [one, ms] of run) {
            on.now += ms;
            if (one.kind === "available") last = { amps: one.load, at: on.now };
            if (one.kind === "available" || one.kind === "answer") hears(on, one);
            else does(on, one);
            assert.ok(amps(on) === 0 || (amps(on) <= 130 && on.now < last.at + 15_000));
            if (last.amps === 0 && last.at === on.now && on.state.phase === "joined") assert.equal(amps(on), 0);
          }
        },
      ),
    );
  });
});
