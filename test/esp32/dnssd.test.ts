import assert from "node:assert/strict";
import fc from "fast-check";
import type { Dnssd, UdpClass } from "../../hal/esp32/classes.js";
import { recordsIn } from "../../hal/esp32/dns-packet.js";
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
      assert.equal(recordsIn(Uint8Array.from(question(...owner))), null, String(owner));
    }
    const long = Array.from({ length: 5 }, () => "x".repeat(60));
    assert.equal(recordsIn(Uint8Array.from(packet(record(name(...long), 1, [1, 2, 3, 4])))), null);
    const inside = packet(record(name("a"), 12, [0xc0, 25]));
    assert.equal(recordsIn(Uint8Array.from(inside)), null);
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

/** The SDK's responder as far as it matters: what it was told, and a socket that it reads as the SDK does. */
function bench(taken: readonly string[] = [], fails = false) {
  const udp = twinUdp();
  const timers = twinTimers();
  const said: string[] = [];
  const heard: number[] = [];
  const found: ServiceAnswer[] = [];
  class DNSSD implements Dnssd {
    constructor({ socket }: { readonly socket: { readonly io: UdpClass } }) {
      if (fails) throw new Error("no network");
      new socket.io({
        port: 5_353,
        onReadable() {
          const packet = this.read();
          heard.push(packet?.byteLength ?? -1);
          if (packet !== undefined && new Uint8Array(packet)[0] === 0xff) throw new TypeError("the SDK's");
        },
      });
      said.push("open");
    }
    claim({ host, onReady, onError }: Parameters<Dnssd["claim"]>[0]) {
      timers.Timer.set(() => (taken.includes(host) ? onError?.() : onReady?.()), 750);
      return { close: () => undefined };
    }
    advertise({ serviceType, host, name: shown, port, txt }: Parameters<Dnssd["advertise"]>[0]) {
      said.push(`${serviceType} ${host} ${shown} ${port} ${new TextDecoder().decode(txt)}`);
      return { close: () => undefined };
    }
    close(): void {
      said.push("close");
      if (fails) throw new Error("not open");
    }
  }
  const sdk = { DNSSD, UDP: udp.UDP, Timer: timers.Timer, trace: (text: string) => void said.push(text.trim()) };
  return { discovery: discoveryOf(sdk, (answer) => found.push(answer)), timers, said, heard, found, udp };
}

const OWN = (host: string, shown: string) => [
  `_http._tcp ${host} ${shown} 80 \u0006path=/`,
  `_ievcc._tcp ${host} ${shown} 80 \u000akind=meter\u000aid=meter-1\u0009site=home`,
];

describe("esp32 mDNS", () => {
  it("announces the pages and the device under its name, again with other words, and no more without a network", () => {
    const { discovery, timers, said } = bench();
    discovery.announce(AS);
    timers.pass(1_000);
    assert.deepEqual(said, ["open", ...OWN("ievcc-a1b2", "IEVCC-A1B2")]);
    discovery.announce({ ...AS, text: ["site=casa"] });
    timers.pass(1_000);
    assert.deepEqual(said.slice(3, 5), ["close", "open"]);
    assert.match(said[6] ?? "", /site=casa$/);
    discovery.announce(null);
    discovery.announce(null);
    assert.deepEqual(said.slice(7), ["close"]);
  });
  it("takes the next name where another device has its own, nine at the most", () => {
    const one = bench(["ievcc-a1b2"]);
    one.discovery.announce(AS);
    one.timers.pass(2_000);
    assert.deepEqual(one.said.slice(1), ["ievcc-a1b2.local is another device", ...OWN("ievcc-a1b2-2", "IEVCC-A1B2-2")]);
    const all = bench(["ievcc-a1b2", ...Array.from({ length: 20 }, (_, at) => `ievcc-a1b2-${at}`)]);
    all.discovery.announce(AS);
    all.timers.pass(60_000);
    assert.deepEqual([all.said.length, all.said[9]], [10, "ievcc-a1b2-9.local is another device"]);
  });
  it("leaves a device without a name where the network refuses it one", () => {
    const { discovery, said } = bench([], true);
    discovery.announce(AS);
    discovery.announce(null);
    assert.deepEqual(said, ["no mDNS: Error: no network"]);
  });
  it("gives the SDK no packet that it would choke on, survives what it throws at, and is not kept busy", () => {
    const { discovery, timers, heard, udp } = bench();
    discovery.announce(AS);
    const [socket] = udp.sockets;
    const loop = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 255, 0, 1];
    for (const bytes of [loop, [1, 2], [], new Array(2_000).fill(0)]) socket?.hear("10.0.0.9", 5_353, bytes);
    assert.deepEqual(heard, []);
    socket?.hear("10.0.0.9", 5_353, [0xff, ...WHOLE.slice(1)]);
    socket?.hear("10.0.0.9", 5_353, WHOLE);
    assert.deepEqual(heard, [WHOLE.length, WHOLE.length]);
    for (let at = 0; at < 100; at++) socket?.hear("10.0.0.9", 5_353, WHOLE);
    assert.equal(heard.length, 16);
    timers.pass(1_000);
    socket?.hear("10.0.0.9", 5_353, WHOLE);
    assert.equal(heard.length, 17);
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
