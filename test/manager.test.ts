import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import net from "node:net";
import { Aedes } from "aedes";
import fc from "fast-check";
import { ANSWERS, decodeManager, encodeManager, HELLO_TOPIC, type ManagerMessage } from "../src/manager-message.js";
import { encodeText } from "../src/text.js";
import { fromAmps, milliamps, millis, toAmps } from "../src/units.js";
import { fixedRow } from "../tools/fixed-split.js";
import { socketsTo, startLiveManager } from "../tools/manager/live.js";
import { type Manager, type ManagerEffect, startManager, stepManager } from "../tools/manager/manager.js";
import { createMember } from "../tools/manager/member.js";
import { managerRow } from "../tools/manager/row.js";

interface Bench {
  state: Manager;
  now: number;
}

const bench = (maxChargers = 8, maxCounters = 1): Bench => ({
  state: startManager({ contracted: fromAmps(30), maxChargers, maxCounters }),
  now: 0,
});

function does(on: Bench, topic: string, payload: string): readonly ManagerEffect[] {
  const event = { kind: "message", topic, payload: encodeText(payload) } as const;
  const { state, effects } = stepManager(on.state, event, millis(on.now));
  on.state = state;
  return effects;
}

/** What is answered, and where. */
const answersOf = (effects: readonly ManagerEffect[]): readonly (readonly [string, string])[] =>
  effects.flatMap((one) => {
    if (one.kind !== "publish") return [];
    const read = decodeManager(encodeText(one.payload));
    return read.ok && read.message.kind === "answer" ? [[one.topic, read.message.answer] as const] : [];
  });

const says = (on: Bench, message: ManagerMessage, topic = `t/${message.id}`): readonly (readonly [string, string])[] =>
  answersOf(does(on, message.kind === "new" ? HELLO_TOPIC : topic, encodeManager(message)));

const registers = (on: Bench, id: string, device: "charger" | "counter" = "charger") =>
  says(on, { kind: "new", device, id, topic: `t/${id}` });
const house = (on: Bench, amps: number) => {
  says(on, { kind: "status", device: "counter", id: "meter", status: "ok" });
  says(on, { kind: "load", device: "counter", id: "meter", load: [milliamps(Math.round(amps * 1_000))] });
};
const starts = (on: Bench, id: string) => says(on, { kind: "status", device: "charger", id, status: "asking" });
const stops = (on: Bench, id: string) => says(on, { kind: "status", device: "charger", id, status: "idle" });

/** What each charger is granted, in the order of registration; all devices keep telling. */
function shares(on: Bench): readonly number[] {
  const { state, effects } = stepManager(on.state, { kind: "share" }, millis(on.now));
  on.state = state;
  return effects.flatMap((one) => {
    const read = one.kind === "publish" ? decodeManager(encodeText(one.payload)) : null;
    return read?.ok && read.message.kind === "available" ? [toAmps(read.message.load)] : [];
  });
}

function site(...chargers: readonly string[]): Bench {
  const on = bench();
  registers(on, "meter", "counter");
  for (const id of chargers) registers(on, id);
  return on;
}

describe("manager, the published system", () => {
  it("lives through the published day", () => {
    const on = site("1", "2", "3");
    const then = (act: () => void): readonly number[] => {
      act();
      return shares(on);
    };
    house(on, 3.2);
    assert.deepEqual(
      then(() => starts(on, "1")),
      [26, 0, 0],
    );
    assert.deepEqual(
      then(() => house(on, 5)),
      [25, 0, 0],
    );
    assert.deepEqual(
      then(() => starts(on, "2")),
      [12, 12, 0],
    );
    assert.deepEqual(
      then(() => starts(on, "3")),
      [8, 8, 8],
    );
    assert.deepEqual(
      then(() => house(on, 12)),
      [6, 6, 6],
    );
    assert.deepEqual(
      then(() => house(on, 12.1)),
      [8, 8, 0],
    );
    assert.deepEqual(
      then(() => house(on, 13.5)),
      [8, 8, 0],
    );
    assert.deepEqual(
      then(() => stops(on, "3")),
      [8, 8, 0],
    );
    assert.deepEqual(
      then(() => house(on, 16.4)),
      [6, 6, 0],
    );
    assert.deepEqual(
      then(() => stops(on, "2")),
      [13, 0, 0],
    );
    house(on, 4.3);
    starts(on, "2");
    assert.deepEqual(
      then(() => starts(on, "3")),
      [8, 8, 8],
    );
    assert.deepEqual(
      then(() => stops(on, "3")),
      [12, 12, 0],
    );
    assert.deepEqual(
      then(() => stops(on, "2")),
      [25, 0, 0],
    );
  });

  it("lives through the published second run: the last to have registered waits first", () => {
    const on = site("1", "3", "2");
    const at = (amps: number): readonly number[] => {
      house(on, amps);
      return shares(on);
    };
    starts(on, "1");
    assert.deepEqual(at(10.1), [19, 0, 0]);
    assert.deepEqual(at(12), [18, 0, 0]);
    starts(on, "3");
    assert.deepEqual(at(12), [9, 9, 0]);
    starts(on, "2");
    assert.deepEqual(at(4), [8, 8, 8]);
    assert.deepEqual(at(13.9), [8, 8, 0]);
    assert.deepEqual(at(19), [11, 0, 0]);
    assert.deepEqual(at(25), [0, 0, 0]);
    assert.deepEqual(at(18.5), [11, 0, 0]);
    assert.deepEqual(at(13.9), [8, 8, 0]);
    assert.deepEqual(at(4), [8, 8, 8]);
  });

  it("takes the worst phase of a counter of three", () => {
    const on = site("1");
    starts(on, "1");
    says(on, { kind: "status", device: "counter", id: "meter", status: "ok" });
    const load = [milliamps(3_000), milliamps(14_000), milliamps(0)];
    says(on, { kind: "load", device: "counter", id: "meter", load });
    assert.deepEqual(shares(on), [16]);
  });

  it("shares no more than the contract while the house gives", () => {
    const on = site("1");
    starts(on, "1");
    house(on, -20);
    assert.deepEqual(shares(on), [30]);
  });

  it("grants nothing without a counter, while it failed, and from 15 s after its last word", () => {
    const on = bench();
    registers(on, "1");
    starts(on, "1");
    assert.deepEqual(shares(on), [0]);
    registers(on, "meter", "counter");
    assert.deepEqual(shares(on), [0]);
    house(on, 5);
    assert.deepEqual(shares(on), [25]);
    says(on, { kind: "status", device: "counter", id: "meter", status: "failed" });
    assert.deepEqual(shares(on), [0]);
    house(on, 5);
    on.now = 14_999;
    starts(on, "1");
    assert.deepEqual(shares(on), [25]);
    on.now = 15_000;
    assert.deepEqual(shares(on), [0]);
  });

  it("counts a charger no longer when it has been silent for 15 s", () => {
    const on = site("1", "2");
    starts(on, "1");
    starts(on, "2");
    on.now = 15_000;
    house(on, 5);
    starts(on, "1");
    assert.deepEqual(shares(on), [25, 0]);
  });

  it("answers on the topic that the device named, and listens there", () => {
    const effects = does(bench(), HELLO_TOPIC, '{"code":2,"id":"c","topic":"my/own"}');
    assert.deepEqual(effects, [
      { kind: "subscribe", topic: "my/own" },
      { kind: "publish", topic: "my/own", payload: '{"code":2,"id":"c","answer":"OK"}' },
    ]);
  });

  it("refuses more devices than it is set up for, with the published words", () => {
    const on = bench(1, 1);
    registers(on, "meter", "counter");
    registers(on, "1");
    assert.deepEqual(registers(on, "meter-2", "counter"), [["t/meter-2", "Max registered counters achieved"]]);
    assert.deepEqual(registers(on, "2"), [["t/2", "Max registered chargers achieved"]]);
    assert.deepEqual(says(on, { kind: "del", device: "charger", id: "1" }), [["t/1", "OK"]]);
    assert.deepEqual(registers(on, "2"), [["t/2", "OK"]]);
  });

  it("refuses unknown devices, wherever they speak", () => {
    const on = site("1");
    const unknown = ANSWERS.unknown;
    assert.deepEqual(starts(on, "2"), [["t/2", unknown]]);
    const status = { kind: "status", device: "charger", status: "asking" } as const;
    assert.deepEqual(says(on, { ...status, id: "1" }, "t/other"), [["t/other", unknown]]);
    assert.deepEqual(says(on, { ...status, id: "2" }, "t/1"), [["t/1", unknown]]);
    assert.deepEqual(says(on, { kind: "load", device: "counter", id: "1", load: [milliamps(0)] }), [["t/1", unknown]]);
  });

  it("names a message code that it does not know, or that is said in the wrong place", () => {
    const on = site("1");
    assert.deepEqual(answersOf(does(on, "t/1", '{"code":64,"id":"1"}')), [["t/1", "Invalid Message: message code"]]);
    assert.deepEqual(answersOf(does(on, HELLO_TOPIC, '{"code":34,"id":"1","status":"idle"}')), [
      [HELLO_TOPIC, "Invalid Message: message code"],
    ]);
    assert.deepEqual(answersOf(does(on, "t/1", '{"code":34,"id":"1"}')), [["t/1", ANSWERS.field]]);
    assert.deepEqual(does(on, "t/1", "noise"), []);
  });

  it("keeps the place of a device that registers again, and refuses a second one by its id or on its topic", () => {
    const on = site("1", "2");
    house(on, 20);
    assert.deepEqual(registers(on, "1"), [["t/1", "OK"]]);
    starts(on, "2");
    starts(on, "1");
    assert.deepEqual(shares(on), [10, 0]);
    const charger = { kind: "new", device: "charger" } as const;
    assert.deepEqual(says(on, { ...charger, id: "1", topic: "t/x" }), [[HELLO_TOPIC, ANSWERS.taken]]);
    assert.deepEqual(says(on, { ...charger, id: "3", topic: "t/1" }), [[HELLO_TOPIC, ANSWERS.taken]]);
    assert.deepEqual(registers(on, "1", "counter"), [[HELLO_TOPIC, ANSWERS.taken]]);
  });

  it("does not answer itself", () => {
    const on = site("1");
    house(on, 5);
    starts(on, "1");
    const { effects } = stepManager(on.state, { kind: "share" }, millis(0));
    for (const one of effects) if (one.kind === "publish") assert.deepEqual(does(on, one.topic, one.payload), []);
    for (const one of does(on, HELLO_TOPIC, '{"code":34,"id":"1"}')) {
      if (one.kind === "publish") assert.deepEqual(does(on, one.topic, one.payload), []);
    }
  });

  it("never grants more than the house leaves, whoever wants", () => {
    const ids = ["1", "2", "3", "4", "5"];
    const act = fc.tuple(fc.constantFrom(...ids), fc.boolean(), fc.constantFrom(0, 3.2, 11.9, 12, 12.1, 24, 24.1, 31));
    fc.assert(
      fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
        const on = site(...ids);
        for (const [id, wants, amps] of acts) {
          if (wants) starts(on, id);
          else stops(on, id);
          house(on, amps);
          const given = shares(on);
          assert.ok(given.reduce((sum, one) => sum + one, 0) <= Math.max(0, 30 - amps) + 1e-9);
          assert.ok(given.every((one) => Number.isInteger(one) && (one === 0 || one >= 6)));
        }
      }),
    );
  });
});

/** Until something holds; the test's own time limit ends it otherwise. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe("manager over MQTT", () => {
  it("registers a charger and a meter, and grants, over real sockets and a real broker", async () => {
    const broker = await Aedes.createBroker();
    const server = net.createServer(broker.handle);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const target = { host: "127.0.0.1", port: address.port };
    let now = 0;
    const nowMs = (): number => now;
    const station = startLiveManager(target, { contracted: fromAmps(30), maxChargers: 1, maxCounters: 1 }, nowMs);
    const open = socketsTo(target);
    const meter = createMember({ device: "counter", id: "meter", topic: "site/meter" }, nowMs, open);
    const charger = createMember({ device: "charger", id: "charger-1", topic: "site/charger-1" }, nowMs, open);
    const timer = setInterval(() => {
      now += 100;
      meter.tick();
      charger.tick();
    }, 5);
    meter.tell({ kind: "counter", load: [milliamps(3_200)] });
    charger.tell({ kind: "charger", wants: true, load: [milliamps(0)] });
    await until(() => charger.grantedA() === 26);
    assert.deepEqual([...station.devices()].sort(), ["charger-1", "meter"]);
    charger.leave();
    await until(() => station.devices().length === 1);
    clearInterval(timer);
    meter.leave();
    station.close();
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});

const scenario = (name: string): string =>
  readFileSync(new URL(`../scenarios/bench/${name}.json`, import.meta.url), "utf8");

describe("peers on the bench", () => {
  it("has the Manager's known figures for the shower, over the simulated network", () => {
    const row = managerRow(scenario("bench-5-shower"));
    assert.ok(Math.abs((row.utilisation ?? 0) - 0.954) < 0.005, `${row.utilisation}`);
    assert.ok(Math.abs(row.longestWaitS - 358) <= 2, `${row.longestWaitS} s`);
    assert.ok(row.avoidableAs > 20 && row.avoidableAs < 80, `${row.avoidableAs} As`);
    assert.equal(row.cyclesPerCarHour.toFixed(1), "3.0");
  });

  it("has the figures of the fixed split", () => {
    const cooking = fixedRow(scenario("bench-1-cooking-family"));
    assert.deepEqual([cooking.utilisation?.toFixed(3), cooking.longestWaitS, cooking.fairness], ["0.304", 1, null]);
    const five = fixedRow(scenario("bench-3-five-cars-16A"));
    assert.deepEqual([five.longestWaitS, five.fairness, five.avoidableAs], [14_385, 0, 0]);
    const group = fixedRow(scenario("bench-4-eight-cars-group"));
    assert.equal(group.longestWaitS, 20_400);
  });
});
