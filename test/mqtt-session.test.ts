import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { Aedes } from "aedes";
import fc from "fast-check";
import { generate, type Packet, parser } from "mqtt-packet";
import {
  isOnline,
  type Message,
  type Session,
  type SessionConfig,
  type SessionEffect,
  type SessionEvent,
  start,
  step,
} from "../src/mqtt-session.js";
import { millis } from "../src/units.js";

const CONFIG: SessionConfig = {
  clientId: "charger-1",
  host: "broker",
  port: 1883,
  user: "u",
  password: "p",
  keepAliveS: 20,
  connectLimit: millis(10_000),
  will: { topic: "x/availability", payload: "offline", retain: true },
  subscriptions: ["x/report", "x/set/#"],
};

/** A session on a bench: time is set by hand, and what it sends is read back as packets. */
interface Bench {
  state: Session;
  now: number;
}

const bench = (config: SessionConfig = CONFIG, seed = 1): Bench => ({ state: start(config, seed), now: 0 });

function does(on: Bench, event: SessionEvent): readonly SessionEffect[] {
  const { state, effects } = step(on.state, event, millis(on.now));
  on.state = state;
  return effects;
}

function packetsOf(effects: readonly SessionEffect[]): readonly Packet[] {
  const packets: Packet[] = [];
  const feed = parser();
  feed.on("packet", (packet) => packets.push(packet));
  for (const effect of effects) if (effect.kind === "send") feed.parse(Buffer.from(effect.bytes));
  return packets;
}

const kinds = (effects: readonly SessionEffect[]): readonly string[] => effects.map((one) => one.kind);
const hears = (on: Bench, packet: Packet): readonly SessionEffect[] =>
  does(on, { kind: "bytes", id: on.state.id, bytes: Uint8Array.from(generate(packet)) });
const opens = (on: Bench): readonly SessionEffect[] => does(on, { kind: "opened", id: on.state.id });
const closes = (on: Bench): readonly SessionEffect[] => does(on, { kind: "closed", id: on.state.id });
const says = (on: Bench, message: Partial<Message>): readonly SessionEffect[] =>
  does(on, { kind: "publish", topic: "x/state", payload: "1", qos: 0, retain: false, ...message });

function passes(on: Bench, ms: number): readonly SessionEffect[] {
  const effects: SessionEffect[] = [];
  for (const end = on.now + ms; on.now < end; ) {
    on.now = Math.min(end, on.now + 100);
    effects.push(...does(on, { kind: "tick" }));
  }
  return effects;
}

function greets(on: Bench): readonly SessionEffect[] {
  opens(on);
  return hears(on, { cmd: "connack", returnCode: 0, sessionPresent: false });
}

function online(config: SessionConfig = CONFIG): Bench {
  const on = bench(config);
  does(on, { kind: "link", up: true });
  greets(on);
  return on;
}

/** Waits out the back-off and greets again. */
function comesBack(on: Bench): readonly SessionEffect[] {
  for (let turn = 0; on.state.phase.kind === "waiting" && turn < 700; turn++) passes(on, 100);
  return greets(on);
}

describe("mqtt session", () => {
  it("connects when the link is up, greets with its will, and is online after CONNACK", () => {
    const on = bench();
    assert.deepEqual(does(on, { kind: "tick" }), []);
    assert.deepEqual(does(on, { kind: "link", up: true }), [{ kind: "connect", id: 1, host: "broker", port: 1883 }]);
    const [connect] = packetsOf(opens(on));
    assert.ok(connect?.cmd === "connect");
    assert.deepEqual(
      [connect.clientId, connect.clean, connect.username, connect.keepalive],
      ["charger-1", true, "u", 20],
    );
    assert.deepEqual([connect.will?.topic, connect.will?.retain], ["x/availability", true]);
    const effects = hears(on, { cmd: "connack", returnCode: 0, sessionPresent: false });
    assert.equal(effects[0]?.kind, "online");
    const [subscribe] = packetsOf(effects);
    assert.ok(subscribe?.cmd === "subscribe");
    assert.deepEqual(
      subscribe.subscriptions.map((one) => one.topic),
      CONFIG.subscriptions,
    );
  });

  it("hands on messages, acknowledges QoS 1, and counts what each subscription brought", () => {
    const on = online();
    on.now = 500;
    const effects = hears(on, {
      cmd: "publish",
      topic: "x/set/mode",
      payload: "auto",
      qos: 1,
      messageId: 9,
      dup: false,
      retain: true,
    });
    assert.deepEqual(effects[0], {
      kind: "message",
      topic: "x/set/mode",
      payload: new TextEncoder().encode("auto"),
      retain: true,
    });
    assert.equal(packetsOf(effects)[0]?.messageId, 9);
    assert.deepEqual(
      on.state.heard.map((one) => [one.filter, one.count, one.lastAt]),
      [
        ["x/report", 0, null],
        ["x/set/#", 1, 500],
      ],
    );
  });

  it("says which subscription the broker refuses, and stays", () => {
    const on = online();
    const effects = hears(on, { cmd: "suback", messageId: on.state.subscribeId, granted: [128, 1] });
    assert.deepEqual(effects, [{ kind: "refused", topic: "x/report" }]);
    assert.deepEqual(
      on.state.heard.map((one) => one.answer),
      ["refused", "granted"],
    );
    assert.ok(isOnline(on.state));
  });

  it("gives up on a connection or a CONNACK that does not come within 10 s", () => {
    const on = bench();
    does(on, { kind: "link", up: true });
    assert.deepEqual(passes(on, 9_900), []);
    assert.deepEqual(kinds(passes(on, 100)), ["close", "log", "log"]);
    comesBack(bench());
    const mute = bench();
    does(mute, { kind: "link", up: true });
    opens(mute);
    assert.deepEqual(passes(mute, 9_900), []);
    assert.deepEqual(kinds(passes(mute, 100)), ["close", "log", "log"]);
  });

  it("waits 1 s, 2 s, 4 s up to 60 s between attempts, less up to half by chance", () => {
    const on = bench();
    does(on, { kind: "link", up: true });
    for (const longest of [1, 2, 4, 8, 16, 32, 60, 60, 60]) {
      closes(on);
      assert.ok(on.state.phase.kind === "waiting");
      const wait = on.state.phase.until - on.now;
      assert.ok(wait >= longest * 500 && wait <= longest * 1_000, `${wait} of ${longest} s`);
      on.now = on.state.phase.until;
      does(on, { kind: "tick" });
    }
  });

  it("waits short again only after 10 s of a stable connection", () => {
    for (const [lived, longest] of [
      [9_000, 8],
      [11_000, 1],
    ] as const) {
      const on = bench();
      does(on, { kind: "link", up: true });
      for (let turn = 0; turn < 3; turn++) {
        closes(on);
        passes(on, 4_100);
      }
      greets(on);
      for (let passed = 0; passed < lived; passed += 1_000) {
        passes(on, 1_000);
        hears(on, { cmd: "pingresp" });
      }
      closes(on);
      assert.ok(on.state.phase.kind === "waiting");
      const wait = on.state.phase.until - on.now;
      assert.ok(wait > longest * 490 && wait <= longest * 1_000, `${wait}`);
    }
  });

  it("gives two seeds different waits, and one seed the same", () => {
    const wait = (seed: number): string => {
      const on = bench(CONFIG, seed);
      does(on, { kind: "link", up: true });
      closes(on);
      return JSON.stringify(on.state.phase);
    };
    assert.equal(wait(1), wait(1));
    assert.notEqual(wait(1), wait(2));
  });

  it("pings at half of the keep-alive, and takes 1.5 of it in silence for death", () => {
    const on = online();
    assert.deepEqual(packetsOf(passes(on, 9_900)), []);
    assert.deepEqual(
      packetsOf(passes(on, 100)).map((one) => one.cmd),
      ["pingreq"],
    );
    hears(on, { cmd: "pingresp" });
    const effects = passes(on, 30_000);
    assert.ok(effects.some((one) => one.kind === "offline" && one.why === "the broker has gone silent"));
  });

  it("pings a broker that only ever takes, so that its death is noticed", () => {
    const on = online();
    let pings = 0;
    for (let turn = 0; turn < 12; turn++) {
      pings += packetsOf(passes(on, 1_000)).filter((one) => one.cmd === "pingreq").length;
      says(on, {});
    }
    assert.equal(pings, 1);
  });

  it("sends QoS 0 now or never, and counts the never", () => {
    const on = bench();
    assert.deepEqual(says(on, {}), []);
    assert.equal(on.state.dropped, 1);
    assert.equal(packetsOf(says(online(), {}))[0]?.cmd, "publish");
  });

  it("keeps QoS 1 until the broker has it, and repeats it as a duplicate after a reconnect", () => {
    const on = online();
    const [first] = packetsOf(says(on, { qos: 1, payload: "a" }));
    assert.ok(first?.cmd === "publish" && !first.dup);
    on.now += 2_000;
    closes(on);
    says(on, { qos: 1, payload: "b" });
    const resent = packetsOf(comesBack(on)).filter((one) => one.cmd === "publish");
    assert.deepEqual(
      resent.map((one) => [String(one.payload), one.dup]),
      [
        ["a", true],
        ["b", false],
      ],
    );
    for (const one of resent) hears(on, { cmd: "puback", messageId: one.messageId ?? 0 });
    assert.deepEqual(on.state.queue, []);
  });

  it("keeps the newest 16 and counts the older ones it dropped", () => {
    const on = bench();
    for (let count = 0; count < 20; count++) says(on, { qos: 1, payload: String(count) });
    assert.deepEqual(
      on.state.queue.map((one) => one.payload),
      Array.from({ length: 16 }, (_, index) => String(index + 4)),
    );
    assert.equal(on.state.dropped, 4);
  });

  it("keeps of what is retained the last word of a topic alone, so that it pushes nothing else out", () => {
    const on = bench();
    says(on, { qos: 1, topic: "x/result", payload: "said once" });
    for (let count = 0; count < 40; count++) says(on, { qos: 1, retain: true, payload: String(count) });
    assert.deepEqual(
      on.state.queue.map((one) => one.payload),
      ["said once", "39"],
    );
    assert.equal(on.state.dropped, 0);
  });

  it("holds no end against a topic whose publish the broker has acknowledged", () => {
    const on = online();
    for (let turn = 0; turn < 6; turn++) {
      const [sent] = packetsOf(says(on, { qos: 1 }));
      assert.ok(sent?.cmd === "publish");
      hears(on, { cmd: "puback", messageId: sent.messageId ?? 0 });
      closes(on);
      comesBack(on);
    }
    assert.deepEqual([on.state.mutes.muted, on.state.mutes.suspects], [[], []]);
  });

  it("tries a broker that refuses its password again and again, at most once in 30 s after a while", () => {
    const on = bench();
    does(on, { kind: "link", up: true });
    for (let passed = 0; passed < 3_600_000; passed += 1_000) {
      passes(on, 1_000);
      if (on.state.phase.kind !== "connecting") continue;
      opens(on);
      hears(on, { cmd: "connack", returnCode: 4, sessionPresent: false });
    }
    assert.ok(on.state.id > 60 && on.state.id < 130, `${on.state.id} connections in an hour`);
  });

  it("refuses topics that are none and messages that are too long", () => {
    const on = online();
    for (const message of [
      { topic: "" },
      { topic: "a/#" },
      { topic: "a".repeat(257) },
      { payload: "x".repeat(8_193) },
    ]) {
      assert.deepEqual(kinds(says(on, message)), ["log"]);
    }
    assert.equal(on.state.dropped, 4);
  });

  it("leaves when the link goes down, and connects at once when it is back", () => {
    const on = online();
    assert.deepEqual(kinds(does(on, { kind: "link", up: false })), ["close", "offline"]);
    assert.deepEqual(passes(on, 5_000), []);
    assert.deepEqual(kinds(does(on, { kind: "link", up: true })), ["connect"]);
  });

  it("says goodbye when stopped, and stays off", () => {
    const on = online();
    const effects = does(on, { kind: "stop" });
    assert.equal(packetsOf(effects)[0]?.cmd, "disconnect");
    assert.deepEqual(passes(on, 5_000), []);
  });

  it("says in words why a broker refuses it", () => {
    const on = bench();
    does(on, { kind: "link", up: true });
    opens(on);
    const effects = hears(on, { cmd: "connack", returnCode: 4, sessionPresent: false });
    assert.ok(effects.some((one) => one.kind === "log" && one.text.includes("user or password")));
  });

  it("mutes a topic for 10 minutes when the broker hung up twice after its publish, and the others live on", () => {
    const on = online();
    const publishes = (topic: string): boolean => packetsOf(says(on, { topic })).length === 1;
    /** A broker that hangs up 50 ms after x/forbidden. */
    const second = (): readonly SessionEffect[] => {
      const effects: SessionEffect[] = [];
      for (const topic of ["x/report", "x/forbidden", "x/state"]) {
        if (!isOnline(on.state) || !publishes(topic) || topic !== "x/forbidden") continue;
        passes(on, 50);
        effects.push(...closes(on));
      }
      passes(on, 1_000);
      return effects;
    };
    const log: SessionEffect[] = [];
    for (let turn = 0; turn < 30; turn++) {
      if (!isOnline(on.state)) comesBack(on);
      log.push(...second());
    }
    const muted = log.filter((one) => one.kind === "log" && one.text.includes("muted"));
    assert.deepEqual(muted, [{ kind: "log", text: "the broker hangs up on x/forbidden: muted for 10 minutes" }]);
    assert.ok(on.state.id <= 3, `${on.state.id} connections`);
    assert.ok(publishes("x/report") && publishes("x/state") && !publishes("x/forbidden"));
    for (let turn = 0; turn < 620; turn++) {
      passes(on, 1_000);
      hears(on, { cmd: "pingresp" });
    }
    assert.ok(publishes("x/forbidden"));
  });

  it("ignores what belongs to an older connection", () => {
    const on = online();
    assert.deepEqual(does(on, { kind: "closed", id: 0 }), []);
    assert.deepEqual(does(on, { kind: "bytes", id: 0, bytes: Uint8Array.of(1, 2, 3) }), []);
    assert.ok(isOnline(on.state));
  });

  it("survives arbitrary bytes and events: no throw, no growth, and it comes back", () => {
    const packet = fc.constantFrom<Packet>(
      { cmd: "connack", returnCode: 0, sessionPresent: false },
      { cmd: "suback", messageId: 1, granted: [0, 128] },
      { cmd: "puback", messageId: 1 },
      { cmd: "publish", topic: "x/set/a", payload: "1", qos: 1, messageId: 3, dup: false, retain: false },
    );
    const event = fc.oneof<fc.Arbitrary<SessionEvent>[]>(
      fc.constantFrom<SessionEvent>({ kind: "tick" }, { kind: "link", up: true }, { kind: "link", up: false }),
      fc.constantFrom<SessionEvent>({ kind: "opened", id: 1 }, { kind: "opened", id: 2 }, { kind: "closed", id: 1 }),
      packet.map((one): SessionEvent => ({ kind: "bytes", id: 1, bytes: Uint8Array.from(generate(one)) })),
      fc.uint8Array({ maxLength: 30 }).map((bytes): SessionEvent => ({ kind: "bytes", id: 1, bytes })),
      fc
        .constantFrom<"a" | "b">("a", "b")
        .map((topic): SessionEvent => ({ kind: "publish", topic, payload: "1", qos: 1, retain: false })),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.constantFrom(0, 100, 1_000, 61_000)), { maxLength: 60 }), (events) => {
        const on = bench();
        for (const [one, ms] of events) {
          on.now += ms;
          does(on, one);
          assert.ok(on.state.queue.length <= 16 && on.state.rest.length <= 16_384);
        }
        does(on, { kind: "link", up: false });
        does(on, { kind: "link", up: true });
        greets(on);
        assert.ok(isOnline(on.state));
      }),
    );
  });
});

describe("mqtt session with a real broker", () => {
  it("connects, subscribes, publishes, and leaves its will behind", async () => {
    const broker = await Aedes.createBroker();
    const server = net.createServer(broker.handle);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const on = bench({ ...CONFIG, user: "", password: "", port: address.port, subscriptions: ["x/#"] });
    let socket: net.Socket | null = null;
    const pending: SessionEffect[] = [];
    const waiting: ((effect: SessionEffect) => void)[] = [];

    const act = (event: SessionEvent): void => {
      for (const effect of does(on, event)) {
        if (effect.kind === "connect") {
          const { id } = effect;
          const opened = net.connect(effect.port, "127.0.0.1");
          opened.on("connect", () => act({ kind: "opened", id }));
          opened.on("data", (bytes) => act({ kind: "bytes", id, bytes: Uint8Array.from(bytes) }));
          socket = opened;
        } else if (effect.kind === "send") socket?.write(effect.bytes);
        else if (effect.kind === "message" || effect.kind === "online") {
          const next = waiting.shift();
          if (next) next(effect);
          else pending.push(effect);
        }
      }
    };
    const next = (): Promise<SessionEffect> => {
      const first = pending.shift();
      return first ? Promise.resolve(first) : new Promise((resolve) => waiting.push(resolve));
    };

    act({ kind: "link", up: true });
    assert.equal((await next()).kind, "online");
    act({ kind: "publish", topic: "x/state", payload: "héllo", qos: 1, retain: true });
    const echoed = await next();
    assert.ok(echoed.kind === "message" && echoed.topic === "x/state");
    assert.equal(new TextDecoder().decode(echoed.payload), "héllo");

    const will = new Promise<string>((resolve) => {
      broker.subscribe(
        "x/availability",
        (packet, done) => {
          resolve(String(packet.payload));
          done();
        },
        () => socket?.destroy(),
      );
    });
    assert.equal(await will, "offline");
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
});
