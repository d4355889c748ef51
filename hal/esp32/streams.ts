// TCP: connections of ours by name (the broker's), in the clear or over TLS, and those that others open to the device's
// pages. What is said on them, and when to try again, is decided in src.

import type { StreamEvent } from "../../src/device-state.js";
import type { ListenerPort, StreamNews, StreamPort, TlsOptions } from "../ports.js";
import type { ListenerClass, Net, Tcp, TcpClass, TcpEvents, TimerModule, TlsModule } from "./classes.js";
import { bufferOf } from "./serial.js";
import { type BytePump, privatePumpOf } from "./tls-stream.js";

/** More than this waiting, and the other side is not reading: the connection ends. */
const WAITING_LIMIT = 24_576;
/** What a single event brings: a page's request or a broker's packet, in pieces of any size. */
const READ_LIMIT = 1_460;
/** After its end was asked for, the other side has this long to take the rest. */
const FAREWELL_MS = 5_000;

/** `open` makes the socket with these events, or throws. `told` gets open once, bytes, and closed once and last. */
export function bytePumpOf(
  Timer: TimerModule,
  open: (events: TcpEvents) => Tcp,
  told: (event: StreamNews) => void,
): BytePump {
  let socket: Tcp | null = null;
  let room = 0;
  let opened = false;
  let closing = false;
  let waiting: Uint8Array[] = [];
  let bytes = 0;

  function end(tells: boolean): void {
    const was = socket;
    socket = null;
    waiting = [];
    bytes = 0;
    if (was === null) return;
    was.close();
    if (tells) told(opened ? { what: "closed" } : { what: "closed", why: "unreachable" });
  }

  function flush(): void {
    while (socket !== null && opened && room > 0) {
      const first = waiting.shift();
      if (first === undefined) break;
      const now = first.subarray(0, room);
      if (now.length < first.length) waiting.unshift(first.subarray(now.length));
      try {
        socket.write(bufferOf(now));
      } catch {
        return end(true);
      }
      room -= now.length;
      bytes -= now.length;
    }
    if (closing && waiting.length === 0) end(false);
  }

  try {
    socket = open({
      onReadable(count) {
        for (let left = count; left > 0 && socket !== null; ) {
          const read = readUpTo(socket, Math.min(left, READ_LIMIT));
          if (read === null) return;
          left -= read.byteLength;
          if (!closing) told({ what: "bytes", bytes: new Uint8Array(read) });
        }
      },
      onWritable(free) {
        if (socket === null) return;
        room = free;
        if (!opened) {
          opened = true;
          told({ what: "open" });
        }
        flush();
      },
      onError: () => end(!closing),
    });
  } catch {
    told({ what: "closed", why: "unreachable" });
  }

  return {
    send(more) {
      if (socket === null || closing || more.length === 0) return;
      if (bytes + more.length > WAITING_LIMIT) return end(true);
      waiting.push(more);
      bytes += more.length;
      flush();
    },
    close() {
      if (socket === null) return;
      closing = true;
      if (!opened || waiting.length === 0) return end(false);
      Timer.set(() => end(false), FAREWELL_MS);
    },
  };
}

/** Null: there is nothing, or less than the event has promised, and another event comes for that. */
function readUpTo(socket: Tcp, count: number): ArrayBuffer | null {
  try {
    const read = socket.read(count);
    return read === undefined || read.byteLength === 0 ? null : read;
  } catch {
    return null;
  }
}

interface StreamSdk {
  readonly TCP: TcpClass;
  readonly net: Net;
  readonly Timer: TimerModule;
  /** Missing in a build without TLS. */
  readonly tls?: TlsModule;
}

/** Streams are numbered by whom they are for: up to here for the broker, all others for emoncms and InfluxDB. lwIP has eight
 *  connections in all, and most are for the pages. */
const OF_BROKER = 1_000_000;

/** One at a time of each kind: a new one ends what was there, without a word. */
export function streamsOf(sdk: StreamSdk, told: (id: number, event: StreamNews) => void): StreamPort {
  /** By kind; without a pump its name is being looked up. */
  const streams = new Map<"broker" | "feed", { readonly id: number; pump: BytePump | null }>();
  const kindOf = (id: number): "broker" | "feed" => (id <= OF_BROKER ? "broker" : "feed");
  const found = (id: number) => {
    const one = streams.get(kindOf(id));
    return one?.id === id ? one : undefined;
  };

  function drop(kind: "broker" | "feed"): void {
    const one = streams.get(kind);
    streams.delete(kind);
    one?.pump?.close();
  }

  function tell(id: number, event: StreamNews): void {
    if (found(id) === undefined) return;
    if (event.what === "closed") streams.delete(kindOf(id));
    told(id, event);
  }

  function reach(id: number, address: string | undefined, port: number, options: TlsOptions | null): void {
    const one = found(id);
    // An answer for a connection that was given up in the meantime, or the second one for the same.
    if (one === undefined || one.pump !== null) return;
    if (address === undefined) return tell(id, { what: "closed", why: "noAddress" });
    const { tls, Timer } = sdk;
    const carry = (heard: (event: StreamNews) => void): BytePump =>
      bytePumpOf(Timer, (events) => new sdk.TCP({ address, port, nodelay: true, ...events }), heard);
    const tells = (event: StreamNews): void => tell(id, event);
    if (options !== null && tls === undefined) return tells({ what: "closed", why: "noTls" });
    const made =
      options === null || tls === undefined ? carry(tells) : privatePumpOf({ Timer, tls, carry }, options, tells);
    if (found(id) === one) one.pump = made;
    else made.close();
  }

  return {
    connect(id, host, port, tls = null) {
      drop(kindOf(id));
      streams.set(kindOf(id), { id, pump: null });
      try {
        sdk.net.resolve(host, (_name, address) => reach(id, address, port, tls));
      } catch {
        tell(id, { what: "closed", why: "noAddress" });
      }
    },
    send: (id, bytes) => found(id)?.pump?.send(bytes),
    close(id) {
      if (found(id) !== undefined) drop(kindOf(id));
    },
  };
}

const HTTP = 80;
/** lwIP has eight connections in all; one is the broker's, and a meter has another one for emoncms or InfluxDB now and then. */
const CONNECTIONS_LIMIT = 7;

export function pagesOf(
  sdk: { readonly Listener: ListenerClass; readonly TCP: TcpClass; readonly Timer: TimerModule },
  told: (connection: number, event: StreamEvent) => void,
): ListenerPort {
  const pumps = new Map<number, BytePump>();
  let last = 0;

  function accept(): boolean {
    const from = listener.read();
    if (from === undefined) return false;
    if (pumps.size >= CONNECTIONS_LIMIT) {
      from.close();
      return true;
    }
    const id = ++last;
    let ended = false;
    const pump = bytePumpOf(
      sdk.Timer,
      (events) => new sdk.TCP({ from, ...events }),
      (event) => {
        // An accepted connection is open from its start; its first sign that it can be written says nothing new.
        if (event.what === "open") return;
        if (event.what === "closed") {
          ended = true;
          pumps.delete(id);
        }
        told(id, event);
      },
    );
    if (ended) return true;
    pumps.set(id, pump);
    told(id, { what: "open" });
    return true;
  }

  const listener = new sdk.Listener({
    port: HTTP,
    onReadable(waiting) {
      for (let left = waiting; left > 0 && accept(); left--);
    },
  });
  return {
    send: (connection, bytes) => pumps.get(connection)?.send(bytes),
    close(connection) {
      pumps.get(connection)?.close();
      pumps.delete(connection);
    },
  };
}
