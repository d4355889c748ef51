import assert from "node:assert/strict";
import fc from "fast-check";
import { packetOf } from "../../hal/esp32/dns-packet.js";
import { discoveryOf } from "../../hal/esp32/dnssd.js";
import { answersIn } from "../../hal/esp32/dnssd-search.js";
import { foundIn, type Presence, type ServiceAnswer } from "../../src/found.js";
import { millis } from "../../src/units.js";
import { twinTimers, twinUdp } from "./twins.js";

const AS: Presence = { host: "ievcc-a1b2", name: "IEVCC-A1B2", text: ["kind=meter", "id=meter-1", "site=home"] };

const word = (value: number): number[] => [value >> 8, value & 0xff];
const ascii = (text: string): number[] => [text.length, ...new TextEncoder().encode(text)];
const name = (...labels: readonly string[]): number[] => [...labels.flatMap(ascii), 0];
const record = (owner: readonly number[], type: number, value: readonly number[]): number[] => [
  ...owner,
  ...word(type),
  ...[0x80, 1, 0, 0, 0, 120],
  ...word(value.length),
  ...value,
];
/** An answer with so many records. */
const packet = (...records: readonly (readonly number[])[]): number[] => [
  ...[0, 0, 0x84, 0, 0, 0],
  ...word(records.length),
  ...[0, 0, 0, 0],
  ...records.flat(),
];

const SERVICE = ["_mqtt", "_tcp", "local"];
const INSTANCE = ["Broker 2.0", ...SERVICE];
const POINTER = record(name(...SERVICE), 12, name(...INSTANCE));
const SRV = record(name(...INSTANCE), 33, [0, 0, 0, 0, ...word(1_883), ...name("Casa", "local")]);
const TXT = record(name(...INSTANCE), 16, [...ascii("a=1"), 2, 0xff, 0xfe, ...ascii("b=2")]);
const HOST = record(name("casa", "local"), 1, [192, 168, 1, 9]);
const WHOLE = packet(POINTER, SRV, TXT, HOST);

const BROKER: ServiceAnswer = {
  service: "_mqtt._tcp",
  name: "Broker 2.0",
  host: "Casa.local",
  address: "192.168.1.9",
  port: 1_883,
  text: ["a=1", "b=2"],
};

describe("esp32 packets of DNS", () => {
  it("are read as what they announce: name, host, address, port and texts", () => {
    assert.deepEqual(answersIn(Uint8Array.from(WHOLE), "192.168.1.8"), [BROKER]);
    const [other] = answersIn(Uint8Array.from(packet(POINTER, SRV)), "192.168.1.8");
    assert.deepEqual([other?.address, other?.text], ["192.168.1.8", []]);
  });
  it("are read where names point back to names before them", () => {
    const pointer = [...name(...SERVICE), ...word(12), 0, 1, 0, 0, 0, 9, ...word(9), ...ascii("Casa-1"), 0xc0, 12];
    const srv = record([0xc0, 40], 33, [0, 0, 0, 0, ...word(8_883), 0xc0, 40]);
    assert.deepEqual([pointer.length, pointer[38 - 12 + 2]], [37, 6]);
    const [found] = answersIn(Uint8Array.from(packet(pointer, srv)), "10.0.0.1");
    assert.deepEqual([found?.name, found?.port, found?.host], ["Casa-1", 8_883, "Casa-1._mqtt._tcp.local"]);
  });
  it("say nothing as questions, without a port, and of services that nobody asked for", () => {
    const asks = WHOLE.slice();
    asks[2] = 0;
    const other = packet(record(name("_ipp", "_tcp", "local"), 12, name("Printer")), SRV, TXT, HOST);
    for (const bytes of [asks, packet(POINTER, TXT, HOST), other, []]) {
      assert.deepEqual(answersIn(Uint8Array.from(bytes), "10.0.0.1"), []);
    }
  });
  it("are refused with names that point at themselves, at each other, forward, or go on for ever", () => {
    const question = (...owner: readonly number[]): number[] => [
      0,
      0,
      0,
      0,
      0,
      1,
      0,
      0,
      0,
      0,
      0,
      0,
      ...owner,
      0,
      1,
      0,
      1,
    ];
    for (const owner of [[0xc0, 12], [1, 97, 0xc0, 12], [0xc0, 14, 0xc0, 12], [0xc0, 18], [64, 0], [0xc0]]) {
      assert.equal(packetOf(Uint8Array.from(question(...owner))), null, String(owner));
    }
    const long = Array.from({ length: 5 }, () => "x".repeat(60));
    assert.equal(packetOf(Uint8Array.from(packet(record(name(...long), 1, [1, 2, 3, 4])))), null);
    const inside = packet(record(name("a"), 12, [0xc0, 25]));
    assert.equal(packetOf(Uint8Array.from(inside)), null);
  });
  it("never throw and never bring more than is bounded, whatever is sent", () => {
    const changed = fc
      .tuple(fc.array(fc.tuple(fc.nat(WHOLE.length - 1), fc.nat(255)), { maxLength: 6 }), fc.nat(WHOLE.length))
      .map(([changes, cut]) => {
        const bytes = WHOLE.slice(0, cut < 20 ? WHOLE.length : cut);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        return Uint8Array.from(bytes);
      });
    fc.assert(
      fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        for (const answer of answersIn(bytes, "10.0.0.1")) {
          assert.ok(answer.text.length <= 8 && answer.text.every((one) => one.length <= 96));
          assert.ok(answer.name.length <= 63 && answer.host.length <= 255);
          foundIn(answer, millis(1));
        }
      }),
      { numRuns: 5_000 },
    );
  });
});

/** A device at 192.168.1.20 on a network that the test speaks for. */
function bench(address: string | undefined = "192.168.1.20") {
  const udp = twinUdp();
  const timers = twinTimers();
  const said: string[] = [];
  const found: ServiceAnswer[] = [];
  const sdk = { UDP: udp.UDP, Timer: timers.Timer, trace: (text: string) => void said.push(text.trim()) };
  const discovery = discoveryOf(
    sdk,
    () => address,
    (answer) => found.push(answer),
  );
  const socket = () => udp.sockets.at(-1) ?? assert.fail("no socket");
  /** What was sent since the last look: to whom, whether it asks, and all that it says. */
  const heard = () =>
    socket()
      .sent.splice(0)
      .map(([to, port, bytes]) => ({ to, port, bytes: Uint8Array.from(bytes) }));
  const claimed = (as: Presence = AS) => {
    discovery.announce(as);
    timers.pass(3_000);
    return heard();
  };
  return { discovery, timers, said, found, udp, socket, heard, claimed };
}

const asks = (unicast: boolean, ...owners: readonly (readonly string[])[]): number[] => [
  ...[0, 7, 0, 0, ...word(owners.length), 0, 0, 0, 0, 0, 0],
  ...owners.flatMap((owner) => [...name(...owner), 0, 255, unicast ? 0x80 : 0, 1]),
];
const HOST_NAME = ["ievcc-a1b2", "local"];
const hostAt = (address: readonly number[], host = "ievcc-a1b2") => record(name(host, "local"), 1, address);
const probe = (address: readonly number[]): number[] => {
  const bytes = [...asks(true, HOST_NAME), ...hostAt(address)];
  bytes[9] = 1;
  return bytes;
};
const isQuestion = ({ bytes }: { readonly bytes: Uint8Array }) => bytes[2] === 0;
const OURS: ServiceAnswer = {
  service: "_ievcc._tcp",
  name: "IEVCC-A1B2",
  host: "ievcc-a1b2.local",
  address: "192.168.1.20",
  port: 80,
  text: AS.text,
};

describe("esp32 mDNS", () => {
  it("asks three times whether its name is free, then says twice what it has", () => {
    const { discovery, timers, heard, socket } = bench();
    discovery.announce(AS);
    timers.pass(749);
    assert.deepEqual([socket().port, socket().groups], [5_353, ["224.0.0.251"]]);
    const probes = heard();
    assert.deepEqual([probes.length, probes.every(isQuestion)], [3, true]);
    timers.pass(5_000);
    const told = heard();
    assert.deepEqual(
      told.map(({ to, port, bytes }) => [to, port, ...answersIn(bytes, "")]),
      [1, 2].map(() => ["224.0.0.251", 5_353, OURS]),
    );
    assert.ok(told.every(({ bytes }) => bytes.length < 700));
  });
  it("says something else when it is called otherwise, and takes all back first, or when the network goes", () => {
    const { discovery, timers, udp, claimed, heard } = bench();
    claimed();
    discovery.announce({ ...AS, text: ["site=casa"] });
    const ttls = (bytes: Uint8Array) => packetOf(bytes)?.records.map((one) => bytes[one.at - 3]);
    assert.ok(ttls(Uint8Array.from(udp.sockets[0]?.sent.at(-1)?.[2] ?? []))?.every((ttl) => ttl === 0));
    assert.deepEqual([udp.sockets.length, udp.sockets[0]?.closed], [2, true]);
    timers.pass(3_000);
    assert.deepEqual(answersIn(heard().at(-1)?.bytes ?? new Uint8Array(0), "")[0]?.text, ["site=casa"]);
    discovery.announce(null);
    discovery.announce(null);
    timers.pass(60_000);
    assert.deepEqual([udp.sockets[1]?.closed, udp.sockets[1]?.sent.length, udp.sockets.length], [true, 1, 2]);
  });
  it("answers for its name, its services and their list: to all, to whoever asks alone, and to plain resolvers", () => {
    const { timers, claimed, heard, socket } = bench();
    claimed();
    const names = [HOST_NAME, ["_http", "_tcp", "local"], ["_ievcc", "_tcp", "local"]];
    const more = [
      ["_services", "_dns-sd", "_udp", "local"],
      ["IEVCC-A1B2", "_ievcc", "_tcp", "local"],
    ];
    for (const owner of [...names, ...more, ["IEVCC-a1B2", "LOCAL"]]) {
      timers.pass(1_000);
      socket().hear("192.168.1.7", 5_353, asks(false, owner));
      assert.deepEqual(
        heard().map(({ to }) => to),
        ["224.0.0.251"],
        owner.join("."),
      );
    }
    socket().hear("192.168.1.7", 5_353, asks(true, HOST_NAME));
    assert.deepEqual(
      heard().map(({ to, port }) => [to, port]),
      [["192.168.1.7", 5_353]],
    );
    socket().hear("192.168.1.7", 40_000, asks(false, HOST_NAME));
    const [plain] = heard();
    assert.deepEqual([plain?.to, plain?.port, plain?.bytes[1]], ["192.168.1.7", 40_000, 7]);
    assert.equal(packetOf(plain?.bytes ?? new Uint8Array(0))?.questions[0]?.name, "ievcc-a1b2.local");
    assert.deepEqual(answersIn(plain?.bytes ?? new Uint8Array(0), ""), [OURS]);
    for (const owner of [["ievcc-ffff", "local"], ["_mqtt", "_tcp", "local"], [], ["local"]]) {
      timers.pass(1_000);
      socket().hear("192.168.1.7", 5_353, asks(false, owner));
      socket().hear("192.168.1.7", 40_000, asks(false, owner));
    }
    assert.deepEqual(heard(), []);
  });
  it("takes the next name where another device has its own, nine at the most", () => {
    const one = bench();
    one.discovery.announce(AS);
    one.timers.pass(300);
    one.socket().hear("192.168.1.7", 5_353, packet(hostAt([192, 168, 1, 7])));
    one.timers.pass(3_000);
    assert.deepEqual(one.said, ["ievcc-a1b2.local is another device"]);
    const [told] = answersIn(one.heard().at(-1)?.bytes ?? new Uint8Array(0), "");
    assert.deepEqual([told?.host, told?.name], ["ievcc-a1b2-2.local", "IEVCC-A1B2-2"]);
    for (let at = 2; at < 20; at++) {
      one.timers.pass(1_000);
      if (at < 10) one.socket().hear("192.168.1.7", 5_353, packet(hostAt([192, 168, 1, 7], `ievcc-a1b2-${at}`)));
    }
    one.heard();
    one.timers.pass(60_000);
    one.socket().hear("192.168.1.7", 40_000, asks(false, HOST_NAME));
    assert.deepEqual([one.said.length, one.heard(), one.socket().closed], [9, [], false]);
  });
  it("keeps its name against itself, and of two that ask at once it is that with the later address", () => {
    for (const [last, keeps] of [
      [20, true],
      [7, true],
      [200, false],
    ] as const) {
      const { discovery, timers, said, socket } = bench();
      discovery.announce(AS);
      timers.pass(100);
      socket().hear(`192.168.1.${last}`, 5_353, probe([192, 168, 1, last]));
      timers.pass(3_000);
      assert.equal(said.length === 0, keeps, String(last));
    }
    const { claimed, heard, said, socket } = bench();
    claimed();
    socket().hear("192.168.1.200", 5_353, probe([192, 168, 1, 200]));
    assert.deepEqual([said, heard().length], [[], 1]);
  });
  it("leaves a device without a name where there is no address, or the network refuses it one", () => {
    const { discovery, timers, udp } = bench("");
    discovery.announce(null);
    timers.pass(1_000);
    assert.equal(udp.sockets.length, 0);
    class Refuses {
      constructor() {
        throw new Error("no network");
      }
      read = (): undefined => undefined;
      write = (): void => undefined;
      add = (): void => undefined;
      close = (): void => undefined;
    }
    const said: string[] = [];
    const sdk = { UDP: Refuses, Timer: timers.Timer, trace: (text: string) => void said.push(text.trim()) };
    const refused = discoveryOf(
      sdk,
      () => undefined,
      () => undefined,
    );
    refused.announce(AS);
    refused.search();
    refused.announce(null);
    assert.deepEqual(said, ["no mDNS: Error: no network"]);
  });
  it("is not kept busy by whoever asks without end, and answers all again a second later", () => {
    const { timers, claimed, heard, socket } = bench();
    claimed();
    timers.pass(1_000);
    for (let at = 0; at < 100; at++) socket().hear("192.168.1.7", 5_353, asks(false, HOST_NAME));
    assert.equal(heard().length, 1);
    timers.pass(1_000);
    for (let at = 0; at < 100; at++) socket().hear("192.168.1.7", 40_000, asks(false, HOST_NAME));
    assert.equal(heard().length, 20);
    timers.pass(1_000);
    socket().hear("192.168.1.7", 40_000, asks(false, HOST_NAME));
    assert.equal(heard().length, 1);
  });
  it("throws at nothing that is sent to it", () => {
    const { claimed, socket, timers } = bench();
    claimed();
    const asked = asks(false, HOST_NAME, ["IEVCC-A1B2", "_ievcc", "_tcp", "local"]);
    const spoiled = fc.array(fc.tuple(fc.nat(asked.length - 1), fc.nat(255)), { maxLength: 4 }).map((changes) => {
      const bytes = asked.slice();
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(
        fc.oneof(spoiled, fc.array(fc.nat(255), { maxLength: 200 })),
        fc.constantFrom(5_353, 9),
        (bytes, port) => {
          timers.pass(1_000);
          if (!socket().closed) socket().hear("192.168.1.7", port, bytes);
        },
      ),
      { numRuns: 1_000 },
    );
  });
  it("searches three times within 10 s and never twice at once, and hears answers of mDNS alone", () => {
    const { discovery, timers, found, udp } = bench();
    discovery.search();
    discovery.search();
    const [socket] = udp.sockets;
    assert.equal(udp.sockets.length, 1);
    timers.pass(5_000);
    assert.deepEqual(
      socket?.sent.map(([address, port, bytes]) => [address, port, bytes[5]]),
      Array.from({ length: 3 }, () => ["224.0.0.251", 5_353, 3]),
    );
    socket?.hear("192.168.1.9", 5_354, WHOLE);
    assert.deepEqual(found, []);
    socket?.hear("192.168.1.9", 5_353, WHOLE);
    assert.deepEqual(found, [BROKER]);
    for (let at = 0; at < 200; at++) socket?.hear("192.168.1.9", 5_353, WHOLE);
    assert.equal(found.length, 24);
    timers.pass(5_000);
    discovery.search();
    timers.pass(1);
    assert.equal(udp.sockets.length, 2);
  });
});
