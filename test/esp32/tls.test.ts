import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import type { TcpEvents, TlsModule, TlsSettings, TlsWire } from "../../hal/esp32/classes.js";
import { streamsOf } from "../../hal/esp32/streams.js";
import { chainTrouble, type Signed } from "../../hal/esp32/tls-chain.js";
import { nextOrder, type Order } from "../../hal/esp32/tls-order.js";
import { HANDSHAKE_MS, RECORD_LIMIT } from "../../hal/esp32/tls-stream.js";
import { certificateOf, itemsOf } from "../../hal/esp32/x509.js";
import type { StreamNews, TlsOptions } from "../../hal/ports.js";
import { unixSeconds } from "../../src/units.js";
import { publicRoots } from "../../tools/public-roots.js";
import { BETWEEN, BROKER, DEEP, DEVICE, EVIL, HOME, LIMITED, OTHER, SECOND, STAR } from "./certificates.js";
import { TwinTcp, twinTimers } from "./twins.js";

const NOW = 1_800_000_000;
const signed: Signed = (what, by) => new X509Certificate(what.der).verify(new X509Certificate(by.der).publicKey);
const both = (...all: readonly Uint8Array[]): Uint8Array => Uint8Array.from(all.flatMap((one) => [...one]));
const trouble = (chain: readonly Uint8Array[], name = "broker.home.test", anchors = HOME, unix = NOW) =>
  chainTrouble(chain, { name, anchors, unix }, signed);

describe("esp32 trust in a server's certificates", () => {
  it("believes one of the right name by an authority that it knows, sent alone, with the authority, or pinned itself", () => {
    assert.deepEqual(
      [trouble([BROKER]), trouble([BROKER, HOME]), trouble([BROKER], undefined, BROKER)],
      [null, null, null],
    );
    assert.equal(trouble([BROKER], "broker.home.test", both(OTHER, HOME)), null);
    assert.equal(trouble([BROKER], "192.168.1.2"), null);
  });
  it("believes one behind an authority in between, in any order and twice", () => {
    assert.equal(trouble([STAR, BETWEEN]), null);
    assert.equal(trouble([STAR, STAR, HOME, BETWEEN]), null);
    assert.equal(trouble([STAR]), "unknownCa");
  });
  it("believes no other name, and a star for one label alone", () => {
    for (const name of ["other.home.test", "home.test", "192.168.1.3", "x.broker.home.test"]) {
      assert.equal(trouble([BROKER], name), "otherName", name);
    }
    for (const name of ["home.test", "a.b.home.test", "*.home.tes"])
      assert.equal(trouble([STAR, BETWEEN], name), "otherName");
  });
  it("believes none before its time and none after it, nor after its authority's", () => {
    assert.equal(trouble([BROKER], undefined, HOME, 1_700_000_000), "notYetValid");
    assert.equal(trouble([BROKER], undefined, HOME, 2_200_000_000), "expired");
    const ends = certificateOf(BROKER)?.to ?? 0;
    assert.deepEqual(
      [trouble([BROKER], undefined, HOME, ends), trouble([BROKER], undefined, HOME, ends + 1)],
      [null, "expired"],
    );
  });
  it("believes nobody else's: unknown, signed by itself, with a good one behind it, or of an authority that may not", () => {
    assert.equal(trouble([BROKER], undefined, OTHER), "unknownCa");
    assert.equal(trouble([BROKER], undefined, new Uint8Array(0)), "unknownCa");
    assert.equal(trouble([EVIL]), "unknownCa");
    assert.equal(trouble([EVIL, BROKER, HOME]), "unknownCa");
    assert.equal(trouble([DEEP, SECOND, BETWEEN]), "unknownCa");
    assert.equal(trouble([DEVICE]), "badCertificate");
    assert.equal(trouble([LIMITED]), "badCertificate");
  });
  it("finds authorities in all the public ones of the program, which are valid for years", () => {
    const roots = (itemsOf(publicRoots()) ?? []).map(({ whole }) => certificateOf(whole));
    assert.equal(roots.length, 8);
    for (const root of roots) {
      assert.ok(root?.authority && root.to > NOW + 86_400 * 365);
      assert.ok(signed(root, root));
    }
  });
  it("believes nothing longer than six, nothing empty, and no key that cannot be used", () => {
    assert.equal(trouble([]), "badCertificate");
    assert.equal(trouble([BROKER, HOME, HOME, HOME, HOME, HOME, HOME]), "badCertificate");
    const breaks: Signed = () => {
      throw new Error("key");
    };
    assert.equal(chainTrouble([BROKER], { name: "broker.home.test", anchors: HOME, unix: NOW }, breaks), "unknownCa");
  });
  it("believes no certificate with one byte changed, wherever, and never throws", () => {
    const really: Signed = (what, by) => {
      try {
        return signed(what, by);
      } catch {
        return false;
      }
    };
    for (let at = 0; at < BROKER.length; at++) {
      for (const flip of [1, 0x80, 0xff]) {
        const broken = Uint8Array.from(BROKER);
        broken[at] = (broken[at] ?? 0) ^ flip;
        const why = chainTrouble([broken], { name: "broker.home.test", anchors: HOME, unix: NOW }, really);
        assert.notEqual(why, null, `byte ${at}`);
      }
    }
  });
  it("reads any bytes without a throw", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(BROKER.length), (noise, at) => {
        itemsOf(noise);
        certificateOf(both(BROKER.slice(0, at), noise));
      }),
    );
  });
});

const record = (type: number, body: readonly number[]): number[] => [
  type,
  3,
  3,
  body.length >> 8,
  body.length & 255,
  ...body,
];
const message = (type: number, body: readonly number[]): number[] => [
  type,
  0,
  body.length >> 8,
  body.length & 255,
  ...body,
];
const keyExchange = (hash: number, kind: number): number[] =>
  message(12, [3, 0, 23, 65, ...new Array<number>(65).fill(4), hash, kind, 0, 2, 7, 7]);
const HELLO = record(22, message(2, [3, 3]));
const CERTIFICATE = record(22, message(11, [0]));
const KEY = record(22, keyExchange(4, 1));
const REQUEST = record(22, message(13, [0]));
const DONE = record(22, message(14, []));
const CHANGE = record(20, [1]);
const FINISHED = record(22, [9, 9, 9, 9]);
const orderAfter = (records: readonly (readonly number[])[]): Order =>
  records.reduce<Order>((order, one) => nextOrder(order, Uint8Array.from(one)), "hello");

describe("esp32 order of a TLS server's records", () => {
  const ALL = [HELLO, CERTIFICATE, KEY, REQUEST, DONE, CHANGE, FINISHED];
  it("is open after hello, certificate, signed key, done, change and finish, in one record or in several", () => {
    assert.equal(orderAfter(ALL), "open");
    assert.equal(orderAfter(ALL.filter((one) => one !== REQUEST)), "open");
    const together = record(
      22,
      [HELLO, CERTIFICATE, KEY, DONE].flatMap((one) => one.slice(5)),
    );
    assert.equal(orderAfter([together, CHANGE, FINISHED, record(23, [1])]), "open");
  });
  it("is open in no other order, and not without one of them", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(ALL), (some) => {
        const good = some.filter((one) => one !== REQUEST).join() === ALL.filter((one) => one !== REQUEST).join();
        if (!good) assert.notEqual(orderAfter(some), "open");
      }),
    );
  });
  it("takes no key exchange that is not signed, with another hash, curve or point", () => {
    for (const [hash, kind] of [
      [0, 1],
      [4, 0],
      [2, 1],
      [0, 0],
    ] as const) {
      assert.equal(orderAfter([HELLO, CERTIFICATE, record(22, keyExchange(hash, kind))]), "wrong");
    }
    for (const at of [0, 1, 2, 3]) {
      const other = keyExchange(4, 3);
      other[4 + at] = (other[4 + at] ?? 0) ^ 1;
      assert.equal(orderAfter([HELLO, CERTIFICATE, record(22, other)]), "wrong");
    }
  });
  it("takes nothing in the clear behind the change, and no half message", () => {
    assert.equal(orderAfter([HELLO, CERTIFICATE, record(23, [1])]), "wrong");
    assert.equal(orderAfter([...ALL, record(22, message(0, []))]), "wrong");
    assert.equal(orderAfter([...ALL, CHANGE]), "wrong");
    assert.equal(orderAfter([record(22, message(2, [3, 3]).slice(0, -1))]), "wrong");
    assert.equal(orderAfter([record(22, [])]), "wrong");
  });
});

/** A session that shakes hands by the same records, without any secret. */
function twinTls(chain: readonly Uint8Array[] = [BROKER]): TlsModule {
  const make = (settings: TlsSettings) => {
    let greeted = false;
    let due = false;
    let changed = false;
    const session: ReturnType<TlsModule["session"]> & { alert?: { level: number; description: number } } = {
      initiateHandshake: () => undefined,
      handshake(wire: TlsWire) {
        if (!greeted) {
          greeted = true;
          wire.write(Uint8Array.of(1));
          return false;
        }
        if (due) {
          for (const byte of [2, 3]) wire.write(Uint8Array.of(byte));
          due = false;
          return false;
        }
        const bytes = wire.next();
        if (bytes === undefined) return false;
        const [type, , , , , first = 0, second = 0] = new Uint8Array(bytes);
        if (type === 21) {
          session.alert = { level: first, description: second };
          if (second !== 0) throw new Error("alert");
          return true;
        }
        if (type === 22 && first === 11 && !settings.trusts(chain, signed)) throw new Error("auth");
        if (type === 22 && first === 14) due = true;
        if (type === 20) changed = true;
        return changed && type === 22;
      },
      read(wire) {
        while (wire.readable > 0) {
          const [type, , , , , ...body] = new Uint8Array(wire.next() ?? new ArrayBuffer(0));
          if (type !== 23) return null;
          if (body[0] === 0xee) throw new Error("seal");
          return Uint8Array.from(body);
        }
        return undefined;
      },
      write: (wire, bytes) => wire.write(Uint8Array.from(record(23, [...new Uint8Array(bytes)]))),
      close: (wire) => void wire.write(Uint8Array.from(record(21, [1, 0]))),
    };
    return session;
  };
  return {
    session: (settings) => {
      if (settings.key !== null && settings.key.length === 0) throw new Error("key");
      return make(settings);
    },
    roots: () => new Uint8Array(0),
  };
}

const OPTIONS: TlsOptions = {
  serverName: "broker.home.test",
  ca: HOME,
  certificate: null,
  key: null,
  unix: unixSeconds(NOW),
};
const AGREED = [HELLO, CERTIFICATE, KEY, DONE, CHANGE, FINISHED].flat();

function secured(options: Partial<TlsOptions> = {}, tls: TlsModule | null = twinTls()) {
  const sockets: TwinTcp[] = [];
  const told: string[] = [];
  const timers = twinTimers();
  class TCP extends TwinTcp {
    constructor(given: TcpEvents) {
      super(given);
      sockets.push(this);
    }
  }
  const net = {
    get: () => "10.0.0.9",
    resolve: (host: string, done: (n: string, a: string) => void) => done(host, "10.0.0.1"),
  };
  const words = (event: StreamNews): string => {
    if (event.what === "bytes") return `bytes ${event.bytes.join(" ")}`;
    return event.what === "closed" ? `closed ${event.why ?? ""}` : event.what;
  };
  const sdk = { TCP, net, Timer: timers.Timer, ...(tls === null ? {} : { tls }) };
  const port = streamsOf(sdk, (id, event) => told.push(`${id} ${words(event)}`));
  const connect = (id = 1): TwinTcp => {
    port.connect(id, "broker.home.test", 8_883, { ...OPTIONS, ...options });
    const made = sockets.at(-1);
    made?.takes(10_000);
    return made ?? new TwinTcp({ onReadable: () => undefined, onWritable: () => undefined, onError: () => undefined });
  };
  return { port, sockets, told, timers, connect };
}

describe("esp32 streams over TLS", () => {
  it("opens when the handshake is done, and carries bytes both ways in records of their own", () => {
    const { port, told, connect } = secured();
    const socket = connect();
    port.send(1, Uint8Array.of(99));
    socket.brings(AGREED);
    port.send(1, Uint8Array.of(5, 6));
    socket.brings(record(23, [7, 8]));
    port.close(1);
    assert.deepEqual(told, ["1 open", "1 bytes 7 8"]);
    assert.deepEqual(socket.written, [1, 2, 3, ...record(23, [5, 6]), ...record(21, [1, 0])]);
    assert.equal(socket.closed, true);
  });
  it("opens whatever the pieces in which the server's words come", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1 }), (steps) => {
        const { told, connect } = secured();
        const socket = connect();
        const line = [...AGREED, ...record(23, [7]), ...record(23, [])];
        for (let at = 0, turn = 0; at < line.length; turn++) {
          const end = at + (steps[turn % steps.length] ?? 1);
          socket.brings(line.slice(at, end));
          at = end;
        }
        assert.deepEqual(told, ["1 open", "1 bytes 7"]);
      }),
    );
  });
  it("says why it does not believe a server, and tells the server", () => {
    const cases: readonly [Partial<TlsOptions>, string, number][] = [
      [{ serverName: "other.test" }, "otherName", 42],
      [{ ca: OTHER }, "unknownCa", 48],
      [{ ca: null }, "unknownCa", 48],
      [{ unix: unixSeconds(2_200_000_000) }, "expired", 45],
      [{ unix: unixSeconds(1_700_000_000) }, "notYetValid", 45],
    ];
    for (const [options, why, alert] of cases) {
      const { told, connect } = secured(options);
      const socket = connect();
      socket.brings(AGREED);
      assert.deepEqual(told, [`1 closed ${why}`]);
      assert.deepEqual(socket.written, [1, ...record(21, [2, alert])]);
      assert.equal(socket.closed, true);
    }
  });
  it("asks nobody without the time, with a key that is none, or in a build without TLS", () => {
    for (const [options, tls, why] of [
      [{ unix: null }, twinTls(), "noTime"],
      [{ key: new Uint8Array(0) }, twinTls(), "badKey"],
      [{}, null, "noTls"],
    ] as const) {
      const { told, sockets, connect } = secured(options, tls);
      connect();
      assert.deepEqual([told, sockets.length], [[`1 closed ${why}`], 0]);
    }
  });
  it("says that the device was refused, whether the server's alert came or was lost with the connection", () => {
    for (const alert of [40, 42, 48, 116, null]) {
      const { told, connect } = secured();
      const socket = connect();
      socket.brings([HELLO, CERTIFICATE, KEY, REQUEST, DONE].flat());
      if (alert !== null) socket.brings(record(21, [2, alert]));
      socket.events.onError();
      assert.deepEqual(told, ["1 closed refused"]);
    }
  });
  it("says that no handshake was possible: another protocol, an alert, a close in the middle, a record without end", () => {
    const lines = [
      [...new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n")],
      record(21, [2, 70]),
      record(21, [1, 0]),
      HELLO.slice(0, 7),
      [...HELLO, ...CERTIFICATE, ...record(22, keyExchange(0, 1)), ...DONE],
      [22, 3, 3, (RECORD_LIMIT >> 8) + 1, 0],
    ];
    for (const line of lines) {
      const { told, connect } = secured();
      const socket = connect();
      socket.brings(line);
      socket.events.onError();
      assert.deepEqual(told, ["1 closed handshake"]);
    }
  });
  it("says that nobody is there when the connection never opened", () => {
    const { told, sockets, port } = secured();
    port.connect(1, "broker", 8_883, OPTIONS);
    sockets[0]?.events.onError();
    assert.deepEqual(told, ["1 closed unreachable"]);
  });
  it("gives up a server that is silent from the start or in the middle after its time, and not one that has answered", () => {
    for (const line of [[], HELLO, AGREED.slice(0, -3)]) {
      const { told, connect, timers } = secured();
      const socket = connect();
      socket.brings(line);
      timers.pass(HANDSHAKE_MS - 1);
      assert.deepEqual(told, []);
      timers.pass(1);
      socket.brings(AGREED);
      assert.deepEqual([told, socket.closed], [["1 closed silent"], true]);
    }
    const { told, connect, timers } = secured();
    connect().brings(AGREED);
    timers.pass(HANDSHAKE_MS * 2);
    assert.deepEqual(told, ["1 open"]);
  });
  it("ends without a reason a connection that was open: closed, damaged, or out of order, and connects again", () => {
    for (const line of [record(21, [1, 0]), record(23, [0xee]), record(22, [0, 0, 0, 0]), [23, 3, 3, 0xff, 0xff]]) {
      const { told, connect } = secured();
      const socket = connect();
      socket.brings([...AGREED, ...line, ...record(23, [1])]);
      const next = connect(2);
      socket.brings(record(23, [2]));
      socket.events.onError();
      next.brings(AGREED);
      assert.deepEqual(told, ["1 open", "1 closed ", "2 open"]);
      assert.equal(socket.closed, true);
    }
  });
  it("hears no late answer of a connection that was closed in the middle of its handshake", () => {
    const { port, told, connect, timers } = secured();
    const socket = connect();
    port.close(1);
    socket.brings(AGREED);
    timers.pass(HANDSHAKE_MS);
    const next = connect(2);
    next.brings(AGREED);
    assert.deepEqual(told, ["2 open"]);
  });
  it("never throws at any bytes, and tells of one end at most", () => {
    const part = fc.oneof(
      fc.constantFrom(HELLO, CERTIFICATE, KEY, REQUEST, DONE, CHANGE, FINISHED, record(23, [1]), record(21, [2, 40])),
      fc.array(fc.nat(255), { maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const { told, connect } = secured();
        const socket = connect();
        for (const one of parts) socket.brings(one);
        assert.ok(told.filter((line) => line.includes("closed")).length <= 1);
      }),
    );
  });
});
