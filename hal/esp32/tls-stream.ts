// A stream made private: TLS 1.2 by the SDK's session, over a connection that carries what it makes. What comes in is cut into
// records, put to the test of tls-order.ts, and given to the session one by one; nothing that it throws goes further than here.

import { joined } from "../../src/bytes.js";
import type { ConnectTrouble, StreamNews, TlsOptions } from "../ports.js";
import type { TimerModule, TlsModule, TlsSession, TlsWire } from "./classes.js";
import { bufferOf } from "./serial.js";
import { chainTrouble, isAddress, type Signed } from "./tls-chain.js";
import { nextOrder, type Order } from "./tls-order.js";
import { itemsOf } from "./x509.js";

export interface BytePump {
  send(bytes: Uint8Array): void;
  /** Once all that was given to send is on its way. Nothing is told of it. */
  close(): void;
}

/** From the wish to connect to the end of the handshake. The chip itself needs seconds of it. */
export const HANDSHAKE_MS = 20_000;
const HEADER = 5;
/** A list of certificates or a broker's message; a longer record would take a machine's memory. */
export const RECORD_LIMIT = 8_192;
/** So much goes into a record of ours. */
const PIECE = 2_048;
const ROOM = 65_536;
const ALERT = 21;
const FATAL = 2;

/** RFC 5246, section 7.2: what the server says of the device's certificate, and that it knows no such name. */
const REFUSALS: readonly number[] = Object.freeze([42, 43, 44, 45, 46, 48, 49, 116]);
const HANDSHAKE_FAILURE = 40;
const UNKNOWN_NAME = 112;
/** What the server is told, so that its log says it as well. */
const ALERTS: Readonly<Partial<Record<ConnectTrouble, number>>> = Object.freeze({
  expired: 45,
  notYetValid: 45,
  otherName: 42,
  unknownCa: 48,
  badCertificate: 42,
});

const EMPTY = new Uint8Array(0);

interface Parts {
  readonly Timer: TimerModule;
  readonly tls: TlsModule;
  /** The connection below; what it tells comes in turns of its own, except that it cannot be made. */
  carry(told: (event: StreamNews) => void): BytePump;
}

/** Tells open once the handshake is done, bytes in the clear, and closed once and last. */
export function privatePumpOf(parts: Parts, options: TlsOptions, told: (event: StreamNews) => void): BytePump {
  const { unix } = options;
  let order: Order = "hello";
  let asked = false;
  let distrust: ConnectTrouble | null = null;
  let received: Uint8Array = EMPTY;
  let leaving: Uint8Array = EMPTY;
  let session: TlsSession | null = null;
  let below: BytePump | null = null;
  let ready = false;
  let ended = false;
  /** All that the timer keeps alive when the handshake is over. */
  const deadline: { passed: (() => void) | null } = { passed: () => end("silent") };

  function end(why: ConnectTrouble | null): void {
    if (ended) return;
    ended = true;
    deadline.passed = null;
    session = null;
    received = EMPTY;
    leaving = EMPTY;
    const alert = why === null || order === "change" || order === "finished" ? undefined : ALERTS[why];
    if (alert !== undefined) below?.send(Uint8Array.of(ALERT, 3, 3, 0, 2, FATAL, alert));
    below?.close();
    told(why === null ? { what: "closed" } : { what: "closed", why });
  }

  function whyNot(): ConnectTrouble {
    const alert = session?.alert?.description ?? 0;
    if (distrust !== null) return distrust;
    if (REFUSALS.includes(alert)) return "refused";
    // The alert may be lost with the connection.
    if (asked && (alert === HANDSHAKE_FAILURE || (alert === 0 && order === "change"))) return "refused";
    return alert === UNKNOWN_NAME ? "otherName" : "handshake";
  }

  /** Zero while the record at the front is not whole. */
  function frontRecord(): number {
    if (received.length < HEADER) return 0;
    const length = HEADER + (received[3] ?? 0) * 256 + (received[4] ?? 0);
    if (length > HEADER + RECORD_LIMIT) throw new Error("a record too long");
    return received.length < length ? 0 : length;
  }

  /** All that the session has made in one go: a server that refuses must not find half of it still on its way. */
  function flush(): void {
    const all = leaving;
    leaving = EMPTY;
    below?.send(all);
  }

  const wire: TlsWire = {
    get readable() {
      return frontRecord();
    },
    writable: ROOM,
    write(packet) {
      leaving = joined(leaving, packet);
      return ROOM;
    },
    next() {
      const length = frontRecord();
      if (length === 0) return undefined;
      const record = bufferOf(received.subarray(0, length));
      received = received.slice(length);
      order = nextOrder(order, new Uint8Array(record));
      if (order === "wrong") throw new Error("a record out of its order");
      if (order === "done") asked = true;
      return record;
    },
  };

  function trusts(chain: readonly Uint8Array[], signed: Signed): boolean {
    const { ca, serverName: name } = options;
    distrust = unix === null ? "noTime" : chainTrouble(chain, { name, unix, anchors: ca ?? parts.tls.roots() }, signed);
    return distrust === null;
  }

  /** Once more after the last record: the session answers what it has taken in. */
  function shakeHands(now: TlsSession): boolean {
    for (let had = true; had; ) {
      had = wire.readable > 0;
      const over = now.handshake(wire);
      flush();
      if (!over) continue;
      if (now.alert !== undefined || order !== "open") throw new Error("not agreed");
      return true;
    }
    return false;
  }

  function readAll(now: TlsSession): void {
    for (;;) {
      const bytes = now.read(wire);
      if (bytes === undefined) return;
      if (bytes === null || ended) return end(null);
      if (bytes.length > 0) told({ what: "bytes", bytes: new Uint8Array(bufferOf(bytes)) });
      if (ended) return;
    }
  }

  function goOn(): void {
    const now = session;
    if (now === null) return;
    try {
      if (!ready && shakeHands(now)) {
        ready = true;
        deadline.passed = null;
        told({ what: "open" });
      }
      if (ready && !ended) readAll(now);
    } catch {
      end(ready ? null : whyNot());
    }
  }

  function hear(event: StreamNews): void {
    if (ended) return;
    switch (event.what) {
      case "open":
        return goOn();
      case "bytes":
        received = joined(received, event.bytes);
        return goOn();
      case "closed":
        return end(ready ? null : (event.why ?? whyNot()));
    }
  }

  try {
    const own = options.certificate === null ? [] : (itemsOf(options.certificate) ?? []);
    session = parts.tls.session({
      name: isAddress(options.serverName) ? null : options.serverName,
      certificates: own.map(({ whole }) => bufferOf(whole)),
      key: options.key,
      trusts,
    });
  } catch {
    end("badKey");
  }
  if (session !== null && unix === null) end("noTime");
  if (!ended) {
    parts.Timer.set(() => deadline.passed?.(), HANDSHAKE_MS);
    session?.initiateHandshake();
    below = parts.carry(hear);
  }

  return {
    send(bytes) {
      try {
        for (let at = 0; ready && !ended && at < bytes.length; at += PIECE) {
          session?.write(wire, bufferOf(bytes.subarray(at, at + PIECE)));
          flush();
        }
      } catch {
        end(null);
      }
    },
    close() {
      if (ended) return;
      ended = true;
      deadline.passed = null;
      try {
        if (ready) session?.close(wire);
        flush();
      } catch {
        // The other side sees the end of the connection below.
      }
      session = null;
      below?.close();
    },
  };
}
