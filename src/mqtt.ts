// MQTT 3.1.1 packets to bytes and back. The only file that knows mqtt-packet; it knows no connection and no time.

import { parser } from "mqtt-packet";
import { joined } from "./bytes.js";
import { frozen } from "./frozen.js";
import { encodeText, textLength, writeText } from "./text.js";

export type QoS = 0 | 1;

export interface Will {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

export type Outgoing =
  | {
      readonly cmd: "connect";
      readonly clientId: string;
      /** Seconds, 0-65535. */
      readonly keepalive: number;
      readonly clean: true;
      /** Empty: none. */
      readonly username?: string;
      readonly password?: string;
      readonly will?: Will & { readonly qos: QoS };
    }
  | {
      readonly cmd: "publish";
      readonly topic: string;
      readonly payload: string | Uint8Array;
      readonly qos: QoS;
      readonly retain: boolean;
      readonly dup: boolean;
      /** 1-65535 for QoS 1. */
      readonly messageId?: number;
    }
  | {
      readonly cmd: "subscribe";
      readonly messageId: number;
      readonly subscriptions: readonly { readonly topic: string; readonly qos: QoS }[];
    }
  | { readonly cmd: "puback"; readonly messageId: number }
  | { readonly cmd: "pingreq" }
  | { readonly cmd: "disconnect" };

/** What a broker may send to a client that subscribes with QoS 0 and 1. */
export type Incoming =
  | { readonly cmd: "connack"; readonly returnCode: number }
  | {
      readonly cmd: "publish";
      readonly topic: string;
      readonly payload: Uint8Array;
      readonly retain: boolean;
      /** null with QoS 0. */
      readonly messageId: number | null;
    }
  | { readonly cmd: "puback"; readonly messageId: number }
  | { readonly cmd: "suback"; readonly messageId: number; readonly granted: readonly number[] }
  | { readonly cmd: "pingresp" };

interface AnyPacket {
  readonly cmd: string;
}

interface Feed {
  on(event: "packet", callback: (packet: AnyPacket) => void): unknown;
  on(event: "error", callback: (error: unknown) => void): unknown;
  parse(bytes: Uint8Array): number;
}

/** mqtt-packet as it is used here: its own types ask for Node's Buffer where text and any bytes will do. */
const codec: { parser(options: object): Feed } = frozen({ parser });

/** The bytes of a packet. Throws for what no caller may ask: an empty topic, QoS 1 without an id.
 *  Written here: what a client says is five short packets and one that carries all else, and mqtt-packet's writer is 18 KB of
 *  byte code for both ends of all versions. What a stranger says is read by it. MQTT 3.1.1, 3. */
export function encode(packet: Outgoing): Uint8Array {
  switch (packet.cmd) {
    case "publish":
      return encodePublish(packet);
    case "connect":
      return encodeConnect(packet);
    case "subscribe":
      return framed(
        0x82,
        word(packet.messageId),
        ...packet.subscriptions.flatMap(({ topic, qos }) => [field(topic), Uint8Array.of(qos)]),
      );
    case "puback":
      return framed(0x40, word(packet.messageId));
    case "pingreq":
      return framed(0xc0);
    case "disconnect":
      return framed(0xe0);
  }
}

const word = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

/** Text with its length before it. MQTT 3.1.1, 1.5.3. */
function field(text: string): Uint8Array {
  const bytes = encodeText(text);
  return joined(word(bytes.length), bytes);
}

/** A packet of these parts with its type, flags and length before them. MQTT 3.1.1, 2.2. */
function framed(first: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = joined(...parts);
  const bytes = startPacket(first, body.length);
  bytes.set(body, bytes.length - body.length);
  return bytes;
}

/** Room for a packet, its head written. Up to 2,097,151 bytes. */
function startPacket(first: number, length: number): Uint8Array {
  const digits = length < 0x80 ? 1 : length < 0x4000 ? 2 : 3;
  const bytes = new Uint8Array(1 + digits + length);
  bytes[0] = first;
  for (let digit = 1, rest = length; digit <= digits; digit++, rest >>= 7) {
    bytes[digit] = (rest & 0x7f) | (digit < digits ? 0x80 : 0);
  }
  return bytes;
}

const LEVEL_3_1_1 = 4;

/** MQTT 3.1.1, 3.1. */
function encodeConnect({ clientId, keepalive, username, password, will }: Outgoing & { cmd: "connect" }): Uint8Array {
  const flags =
    (username === undefined ? 0 : 0x80) |
    (password === undefined ? 0 : 0x40) |
    (will === undefined ? 0 : 0x04 | (will.qos << 3) | (will.retain ? 0x20 : 0)) |
    0x02; // a clean session
  const parts = [field("MQTT"), Uint8Array.of(LEVEL_3_1_1, flags), word(keepalive), field(clientId)];
  if (will !== undefined) parts.push(field(will.topic), field(will.payload));
  if (username !== undefined) parts.push(field(username));
  if (password !== undefined) parts.push(field(password));
  return framed(0x10, ...parts);
}

/** A long payload is copied once. MQTT 3.1.1, 3.3. */
function encodePublish({ topic, payload, qos, retain, dup, messageId }: Outgoing & { cmd: "publish" }): Uint8Array {
  if (topic === "") throw new RangeError("a publish needs a topic");
  if (qos === 1 && !isId(messageId)) throw new RangeError("QoS 1 needs a message id");
  const name = textLength(topic);
  const size = typeof payload === "string" ? textLength(payload) : payload.length;
  const length = 2 + name + 2 * qos + size;
  const bytes = startPacket(0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0), length);
  const start = bytes.length - length;
  bytes.set(word(name), start);
  writeText(topic, bytes, start + 2);
  if (qos === 1) bytes.set(word(messageId ?? 0), start + 2 + name);
  const at = bytes.length - size;
  if (typeof payload === "string") writeText(payload, bytes, at);
  else bytes.set(payload, at);
  return bytes;
}

/** The largest packet taken from a broker, in bytes. */
export const PACKET_LIMIT = 16_384;
/** Nothing of ours is longer: a longer one is passed over undecoded, for decoding takes several times its size. */
export const DECODED_LIMIT = 5_000;

export type Read =
  | { readonly ok: true; readonly packets: readonly Incoming[]; readonly rest: Uint8Array }
  | {
      readonly ok: false;
      readonly why: "tooLong" | "badLength" | "unexpected" | "malformed";
      /** The whole packets before the one that is wrong. */
      readonly packets: readonly Incoming[];
    };

type Frame =
  | { readonly kind: "whole"; readonly size: number }
  | { readonly kind: "partial" }
  | { readonly kind: "wrong"; readonly why: "tooLong" | "badLength" | "unexpected" };

/** First nibble of connack, publish, puback, suback, pingresp. MQTT 3.1.1, 2.2.1. */
const EXPECTED: readonly number[] = frozen([2, 3, 4, 9, 13]);

/** Length of the packet that starts at an offset: one byte of type and flags, 1 to 4 of length. MQTT 3.1.1, 2.2. */
function frameAt(bytes: Uint8Array, start: number): Frame {
  const first = bytes[start];
  if (first === undefined) return { kind: "partial" };
  if (!EXPECTED.includes(first >> 4)) return { kind: "wrong", why: "unexpected" };
  let length = 0;
  for (let digit = 0; digit < 4; digit++) {
    const byte = bytes[start + 1 + digit];
    if (byte === undefined) return { kind: "partial" };
    length += (byte & 0x7f) << (7 * digit);
    if (byte >= 0x80) continue;
    const size = 2 + digit + length;
    if (size > PACKET_LIMIT) return { kind: "wrong", why: "tooLong" };
    return start + size <= bytes.length ? { kind: "whole", size } : { kind: "partial" };
  }
  return { kind: "wrong", why: "badLength" };
}

/** Takes what is left of before and new bytes: the whole packets among them, and the rest to bring next time (at most one
 *  packet, and so at most PACKET_LIMIT). After an error the connection is of no use any more. */
export function readPackets(rest: Uint8Array, bytes: Uint8Array): Read {
  const all = rest.length === 0 ? bytes : joined(rest, bytes);
  const packets: Incoming[] = [];
  for (let at = 0; ; ) {
    const frame = frameAt(all, at);
    if (frame.kind === "partial") return { ok: true, packets, rest: all.slice(at) };
    if (frame.kind === "wrong") return { ok: false, why: frame.why, packets };
    const packet = frame.size > DECODED_LIMIT ? undefined : decode(all.slice(at, at + frame.size));
    if (packet === null) return { ok: false, why: "malformed", packets };
    if (packet !== undefined) packets.push(packet);
    at += frame.size;
  }
}

/** One whole packet, null when it is none. */
function decode(bytes: Uint8Array): Incoming | null {
  const found: AnyPacket[] = [];
  let failed = false;
  const feed = codec.parser({ protocolVersion: 4 });
  feed.on("packet", (packet) => found.push(packet));
  feed.on("error", () => {
    failed = true;
  });
  try {
    feed.parse(bytes);
  } catch {
    return null; // mqtt-packet reads past the end of some short packets
  }
  const [packet] = found;
  return failed || packet === undefined ? null : incoming(packet, bytes);
}

const isId = (value: unknown): value is number => typeof value === "number" && value >= 1 && value <= 65_535;

function incoming(packet: AnyPacket, bytes: Uint8Array): Incoming | null {
  const { cmd, returnCode, messageId, granted }: AnyPacket & Record<string, unknown> = { ...packet };
  if (cmd === "pingresp") return bytes.length === 2 ? { cmd } : null;
  if (cmd === "connack") return typeof returnCode === "number" ? { cmd, returnCode } : null;
  if (cmd === "puback") return isId(messageId) ? { cmd, messageId } : null;
  if (cmd === "suback" && Array.isArray(granted) && isId(messageId)) {
    return { cmd, messageId, granted: granted.map(Number) };
  }
  return cmd === "publish" ? publishOf({ ...packet }) : null;
}

function publishOf({ topic, payload, qos, retain, messageId }: Record<string, unknown>): Incoming | null {
  if (typeof topic !== "string" || topic === "" || qos === 2) return null;
  if (!(payload instanceof Uint8Array)) return null;
  if (qos === 1 && !isId(messageId)) return null;
  // A copy: the parser's view would hold on to all that came with it.
  const own = new Uint8Array(payload);
  return {
    cmd: "publish",
    topic,
    payload: own,
    retain: retain === true,
    messageId: isId(messageId) ? messageId : null,
  };
}

/** Whether a topic belongs to a filter with + and #. MQTT 3.1.1, 4.7. */
export function topicFits(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  for (const [index, want] of wanted.entries()) {
    if (want === "#") return true;
    if (levels[index] === undefined || (want !== "+" && want !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
