import assert from "node:assert/strict";
import fc from "fast-check";
import { generate, type Packet, parser } from "mqtt-packet";
import { encode, type Incoming, type Outgoing, PACKET_LIMIT, readPackets, topicFits } from "../src/mqtt.js";
import { encodeText } from "../src/text.js";

const NOTHING = new Uint8Array(0);

/** What a broker's parser makes of our bytes. */
function asBroker(bytes: Uint8Array): Packet {
  const found: Packet[] = [];
  const feed = parser();
  feed.on("packet", (packet) => found.push(packet));
  feed.on("error", (error) => assert.fail(String(error)));
  feed.parse(Buffer.from(bytes));
  assert.equal(found.length, 1);
  const [packet] = found;
  assert.ok(packet);
  return packet;
}

const FROM_BROKER: readonly (readonly [Packet, Incoming])[] = [
  [
    { cmd: "connack", returnCode: 5, sessionPresent: false },
    { cmd: "connack", returnCode: 5 },
  ],
  [
    { cmd: "publish", topic: "a/é", payload: "hello", qos: 0, dup: false, retain: true },
    { cmd: "publish", topic: "a/é", payload: new TextEncoder().encode("hello"), retain: true, messageId: null },
  ],
  [
    { cmd: "publish", topic: "a", payload: "", qos: 1, dup: false, retain: false, messageId: 9 },
    { cmd: "publish", topic: "a", payload: NOTHING, retain: false, messageId: 9 },
  ],
  [
    { cmd: "puback", messageId: 7 },
    { cmd: "puback", messageId: 7 },
  ],
  [
    { cmd: "suback", messageId: 8, granted: [0, 1, 128] },
    { cmd: "suback", messageId: 8, granted: [0, 1, 128] },
  ],
  [{ cmd: "pingresp" }, { cmd: "pingresp" }],
];

describe("mqtt", () => {
  it("writes packets that a broker reads as they were meant", () => {
    const will = { topic: "gone", payload: "öffline", retain: true, qos: 1 } as const;
    const sent: readonly Outgoing[] = [
      { cmd: "connect", clientId: "ché", keepalive: 30, clean: true, username: "u", password: "pässword", will },
      {
        cmd: "publish",
        topic: "a/b",
        payload: Uint8Array.of(0, 255, 128),
        qos: 1,
        retain: true,
        dup: true,
        messageId: 3,
      },
      { cmd: "publish", topic: "a/b", payload: "{}", qos: 0, retain: false, dup: false },
      { cmd: "subscribe", messageId: 4, subscriptions: [{ topic: "x/+", qos: 1 }] },
      { cmd: "puback", messageId: 5 },
      { cmd: "pingreq" },
      { cmd: "disconnect" },
    ];
    const [connect, bytes, text, subscribe] = sent.map((packet) => asBroker(encode(packet)));
    assert.ok(connect?.cmd === "connect" && bytes?.cmd === "publish" && text?.cmd === "publish");
    assert.equal(connect.clientId, "ché");
    assert.equal(String(connect.password), "pässword");
    assert.equal(String(connect.will?.payload), "öffline");
    assert.deepEqual([connect.will?.retain, connect.will?.qos, connect.keepalive], [true, 1, 30]);
    assert.deepEqual([...Buffer.from(bytes.payload)], [0, 255, 128]);
    assert.deepEqual([bytes.qos, bytes.retain, bytes.dup, bytes.messageId], [1, true, true, 3]);
    assert.equal(String(text.payload), "{}");
    assert.ok(subscribe?.cmd === "subscribe" && subscribe.subscriptions[0]?.topic === "x/+");
    assert.deepEqual(
      sent.slice(4).map((packet) => asBroker(encode(packet)).cmd),
      ["puback", "pingreq", "disconnect"],
    );
  });

  /** Its types ask for Node's Buffer where text will do. */
  const library: { generate(packet: object): Uint8Array } = { generate };

  it("writes all other packets to the byte as mqtt-packet does", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "é", "😀", "/"), maxLength: 80 });
    const id = fc.integer({ min: 1, max: 65_535 });
    const qos = fc.constantFrom<0 | 1>(0, 1);
    const will = fc.record({ topic: text.map((one) => `t${one}`), payload: text, qos, retain: fc.boolean() });
    const connect = fc
      .tuple(text, id, fc.option(text), fc.option(will), fc.boolean())
      .map(([clientId, keepalive, user, said, both]) => ({
        cmd: "connect" as const,
        clientId,
        keepalive,
        clean: true as const,
        ...(user === null ? {} : { username: `u${user}`, ...(both ? { password: user } : {}) }),
        ...(said === null ? {} : { will: said }),
      }));
    const subscriptions = fc.array(fc.record({ topic: text.map((one) => `t${one}`), qos }), { minLength: 1 });
    const others = fc.oneof(
      fc.record({ cmd: fc.constant("subscribe" as const), messageId: id, subscriptions }),
      id.map((messageId) => ({ cmd: "puback" as const, messageId })),
      fc.constantFrom({ cmd: "pingreq" } as const, { cmd: "disconnect" } as const),
    );
    fc.assert(
      fc.property(fc.oneof(connect, others), (packet) => {
        assert.deepEqual(encode(packet), Uint8Array.from(library.generate(packet)));
      }),
    );
  });

  it("writes a publish to the byte as mqtt-packet does, of any length, and throws for one that cannot be", () => {
    const isAlike = (topic: string, payload: string, retain: boolean, dup: boolean, messageId: number): void => {
      for (const qos of [0, 1] as const) {
        const packet = { cmd: "publish", topic, qos, retain, dup: dup && qos === 1, messageId } as const;
        const expected = Uint8Array.from(generate({ ...packet, payload }));
        assert.deepEqual(encode({ ...packet, payload }), expected);
        assert.deepEqual(encode({ ...packet, payload: encodeText(payload) }), expected);
      }
    };
    const text = fc.string({ unit: fc.constantFrom("a", "é", "€", "😀", "/"), maxLength: 40 });
    fc.assert(
      fc.property(text, text, fc.boolean(), fc.boolean(), fc.integer({ min: 1, max: 65_535 }), (name, words, ...more) =>
        isAlike(`t${name}`, words, ...more),
      ),
      { numRuns: 30 },
    );
    // About the lengths at which their own length takes another byte.
    for (const size of [122, 123]) isAlike("a/b", "x".repeat(size), true, false, 1);
    for (const size of [16_378, 16_379]) {
      const long = encode({
        cmd: "publish",
        topic: "a/b",
        payload: new Uint8Array(size),
        qos: 0,
        retain: false,
        dup: false,
      });
      const start = size === 16_378 ? [0x30, 0xff, 0x7f, 0, 3] : [0x30, 0x80, 0x80, 0x01, 0, 3];
      assert.deepEqual([...long.slice(0, start.length)], start);
      assert.equal(long.length, start.length + 3 + size);
    }
    const packet = { cmd: "publish", topic: "a", payload: "", retain: false, dup: false } as const;
    assert.throws(() => encode({ ...packet, qos: 1 }), RangeError);
    assert.throws(() => encode({ ...packet, topic: "", qos: 0 }), RangeError);
  });

  it("reads every packet of a broker, cut at any place", () => {
    const stream = Buffer.from(FROM_BROKER.flatMap(([packet]) => [...generate(packet)]));
    const expected = FROM_BROKER.map(([, packet]) => packet);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }), (steps) => {
        const packets: Incoming[] = [];
        let rest: Uint8Array = NOTHING;
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const end = at + (steps[turn % steps.length] ?? 1);
          const read = readPackets(rest, Uint8Array.from(stream.subarray(at, end)));
          assert.ok(read.ok);
          packets.push(...read.packets);
          rest = read.rest;
          at = end;
        }
        assert.equal(rest.length, 0);
        assert.deepEqual(packets, expected);
      }),
    );
  });

  it("refuses a packet above 16 KiB by its header alone", () => {
    assert.deepEqual(readPackets(NOTHING, Uint8Array.of(0x30, 0xff, 0xff, 0x7f)), {
      ok: false,
      why: "tooLong",
      packets: [],
    });
    assert.deepEqual(readPackets(NOTHING, Uint8Array.of(0x30, 255, 255, 255, 255)), {
      ok: false,
      why: "badLength",
      packets: [],
    });
  });

  it("refuses what no broker sends to a client, after the whole packets before it", () => {
    const good = generate({ cmd: "puback", messageId: 7 });
    const read = readPackets(NOTHING, Uint8Array.of(...good, 0x82, 0));
    assert.deepEqual(read, { ok: false, why: "unexpected", packets: [{ cmd: "puback", messageId: 7 }] });
  });

  it("never throws at arbitrary bytes and never keeps more than one packet of them", () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(...FROM_BROKER.map(([packet]) => Uint8Array.from(generate(packet)))),
      fc
        .tuple(fc.constantFrom(0x20, 0x30, 0x32, 0x34, 0x40, 0x90, 0xd0), fc.nat(6), fc.uint8Array({ maxLength: 6 }))
        .map(([first, length, body]) => Uint8Array.of(first, length, ...body)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        let rest: Uint8Array = NOTHING;
        for (const bytes of pieces) {
          const read = readPackets(rest, bytes);
          if (!read.ok) return;
          rest = read.rest;
          assert.ok(rest.length <= PACKET_LIMIT);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("matches topics to filters as the standard's examples do", () => {
    for (const [filter, topic, fits] of [
      ["a/b", "a/b", true],
      ["a/b", "a/b/c", false],
      ["a/#", "a", true],
      ["a/#", "a/b/c", true],
      ["a/+", "a", false],
      ["a/+/c", "a/b/c", true],
      ["+", "/a", false],
      ["#", "x/y", true],
    ] as const) {
      assert.equal(topicFits(filter, topic), fits, `${filter} ${topic}`);
    }
  });
});
