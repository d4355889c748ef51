// One client's connection with an MQTT broker over a stream that somebody else brings: simulated, or a socket. Only what the
// Manager and its devices need: connect, subscribe, publish with QoS 0, stay alive, begin anew.

import type { StreamEvent } from "../../hal/sim/plant/board.js";
import { encode, type Outgoing, readPackets } from "../../src/mqtt.js";

/** The far end of a stream, as the simulated network and the sockets' carrier give it. */
export interface Wire {
  send(bytes: Uint8Array): void;
  close(): void;
}

export interface ConnectionOptions {
  readonly clientId: string;
  /** Any monotonic clock, ms. */
  readonly nowMs: () => number;
  /** Opens a stream to the broker; what happens on it is told later. */
  readonly open: (events: (event: StreamEvent) => void) => Wire;
  readonly onOnline: () => void;
  readonly onOffline: () => void;
  readonly onMessage: (message: { topic: string; payload: Uint8Array; retain: boolean }) => void;
}

export interface Connection {
  publish(topic: string, payload: string): void;
  subscribe(topic: string): void;
  /** To be called each second or so. */
  tick(): void;
  close(): void;
}

const KEEPALIVE_S = 20;
const RETRY_MS = 2_000;
/** Neither an opened stream nor an answer to a ping for so long: the broker is gone without a word. */
const SILENCE_MS = 30_000;

export function createConnection(options: ConnectionOptions): Connection {
  let wire: Wire | null = null;
  let attempt = 0;
  let isOnline = false;
  let rest = new Uint8Array(0);
  let messageId = 0;
  let pingAt = 0;
  let heardAt = 0;
  let retryAt = 0;
  let ended = false;

  const send = (packet: Outgoing): void => wire?.send(encode(packet));

  function connect(): void {
    attempt++;
    const mine = attempt;
    rest = new Uint8Array(0);
    heardAt = options.nowMs();
    wire = options.open((event) => {
      if (mine === attempt) take(event);
    });
  }

  function lost(): void {
    attempt++;
    wire = null;
    retryAt = options.nowMs() + RETRY_MS;
    const was = isOnline;
    isOnline = false;
    if (was) options.onOffline();
  }

  function hangUp(): void {
    wire?.close();
    lost();
  }

  function take(event: StreamEvent): void {
    if (event.what === "open") {
      send({ cmd: "connect", clientId: options.clientId, keepalive: KEEPALIVE_S, clean: true });
    } else if (event.what === "closed") lost();
    else receive(event.bytes);
  }

  function receive(bytes: Uint8Array): void {
    heardAt = options.nowMs();
    const read = readPackets(rest, bytes);
    rest = read.ok ? new Uint8Array(read.rest) : new Uint8Array(0);
    for (const packet of read.packets) {
      if (packet.cmd === "publish") options.onMessage(packet);
      else if (packet.cmd === "connack" && packet.returnCode === 0) {
        isOnline = true;
        pingAt = options.nowMs() + (KEEPALIVE_S * 1_000) / 2;
        options.onOnline();
      } else if (packet.cmd === "connack") hangUp();
    }
    if (!read.ok) hangUp();
  }

  return {
    publish(topic, payload) {
      if (isOnline) send({ cmd: "publish", topic, payload, qos: 0, retain: false, dup: false });
    },
    subscribe(topic) {
      messageId = (messageId % 65_535) + 1;
      if (isOnline) send({ cmd: "subscribe", messageId, subscriptions: [{ topic, qos: 0 }] });
    },
    tick() {
      const now = options.nowMs();
      if (ended) return;
      if (wire !== null && now - heardAt > SILENCE_MS) hangUp();
      if (wire === null && now >= retryAt) connect();
      if (!isOnline || now < pingAt) return;
      pingAt = now + (KEEPALIVE_S * 1_000) / 2;
      send({ cmd: "pingreq" });
    },
    close() {
      ended = true;
      if (isOnline) send({ cmd: "disconnect" });
      attempt++;
      isOnline = false;
      wire?.close();
      wire = null;
    },
  };
}
