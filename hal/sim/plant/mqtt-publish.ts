// Where MQTT packets end, and the one that a broker sees all the time, PUBLISH of QoS 0, without a general parser's work.

const PUBLISH = 0x30;
const RETAIN = 1;
/** A remaining length of up to two bytes. */
const LONGEST = 16_383;

export interface PlainPublish {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
}

/** How many bytes the packet at the beginning has; null while its head is not whole. What has no length at all is taken
 *  byte by byte, so that a parser says what is wrong with it. */
export function packetSize(bytes: Uint8Array): number | null {
  let length = 0;
  for (let at = 1; at <= 4; at++) {
    const byte = bytes[at];
    if (byte === undefined) return null;
    length += (byte & 0x7f) * 128 ** (at - 1);
    if (byte < 0x80) return at + 1 + length;
  }
  return bytes.length;
}

/** Exactly one such packet, or null: then it is somebody else's to read. */
export function readPublish(bytes: Buffer): PlainPublish | null {
  const first = bytes[0] ?? 0;
  if ((first | RETAIN) !== (PUBLISH | RETAIN)) return null;
  const low = bytes[1] ?? 0;
  const isLong = low >= 0x80;
  const high = isLong ? (bytes[2] ?? 0x80) : 0;
  const start = isLong ? 3 : 2;
  if (high >= 0x80 || bytes.length !== start + (low & 0x7f) + high * 128 || bytes.length < start + 2) return null;
  const from = start + 2 + bytes.readUInt16BE(start);
  if (from > bytes.length || from === start + 2) return null;
  const topic = bytes.toString("utf8", start + 2, from);
  return { topic, payload: bytes.subarray(from), retain: (first & RETAIN) !== 0 };
}

/** null when it is too long for this. */
export function writePublish(topic: string, payload: Buffer, retain: boolean): Buffer | null {
  const size = Buffer.byteLength(topic);
  const length = 2 + size + payload.length;
  if (length > LONGEST) return null;
  const head = length > 127 ? 3 : 2;
  const packet = Buffer.allocUnsafe(head + length);
  packet[0] = PUBLISH | (retain ? RETAIN : 0);
  packet[1] = length > 127 ? (length & 0x7f) | 0x80 : length;
  if (length > 127) packet[2] = length >>> 7;
  packet.writeUInt16BE(size, head);
  packet.write(topic, head + 2, "utf8");
  payload.copy(packet, head + 2 + size);
  return packet;
}
