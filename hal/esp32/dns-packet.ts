// What a packet of DNS is made of (RFC 1035, 4.1), read as what anybody may have sent: bounded, and every name has an end.
// (The SDK's reader follows a name that points at itself for ever, and then the device answers nobody.)

import { decodeText, encodeText } from "../../src/text.js";

export const MDNS_GROUP = "224.0.0.251";
export const MDNS_PORT = 5_353;

export const TYPE_A = 1;
export const TYPE_PTR = 12;
export const TYPE_TXT = 16;
export const TYPE_SRV = 33;

const HEADER = 12;
const LONGEST = 1_472;
const QUESTIONS = 16;
const RECORDS = 32;
const NAME_LIMIT = 255;
const LABEL_LIMIT = 63;

export interface Name {
  readonly text: string;
  /** It may have points in it. */
  readonly first: string;
  readonly end: number;
}

export interface DnsRecord {
  /** In small letters. */
  readonly name: string;
  readonly type: number;
  readonly at: number;
  readonly end: number;
}

export interface Question {
  /** In small letters. */
  readonly name: string;
  /** It asks to be answered to whoever asks alone. */
  readonly alone: boolean;
  readonly end: number;
}

export interface DnsPacket {
  readonly questions: readonly Question[];
  readonly records: readonly DnsRecord[];
}

export const wordAt = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** Of a device that says something, and asks nothing. */
export const isAnswer = (packet: Uint8Array): boolean => (wordAt(packet, 2) & 0x8000) !== 0;

/** What a packet asks and says; null for what is cut, has a name without an end, or is longer than any that is meant well. */
export function packetOf(bytes: Uint8Array): DnsPacket | null {
  const count = wordAt(bytes, 6) + wordAt(bytes, 8) + wordAt(bytes, 10);
  if (bytes.length < HEADER || bytes.length > LONGEST || wordAt(bytes, 4) > QUESTIONS || count > RECORDS) return null;
  let at = HEADER;
  const questions: Question[] = [];
  for (let left = wordAt(bytes, 4); left > 0; left--) {
    const name = nameAt(bytes, at);
    if (name === null || name.end + 4 > bytes.length) return null;
    at = name.end + 4;
    questions.push({ name: name.text.toLowerCase(), alone: wordAt(bytes, at - 2) >= 0x8000, end: at });
  }
  const records: DnsRecord[] = [];
  for (let left = count; left > 0; left--) {
    const record = recordAt(bytes, at);
    if (record === null) return null;
    records.push(record);
    at = record.end;
  }
  return { questions, records };
}

function recordAt(packet: Uint8Array, start: number): DnsRecord | null {
  const name = nameAt(packet, start);
  if (name === null) return null;
  const type = wordAt(packet, name.end);
  const at = name.end + 10;
  const end = at + wordAt(packet, name.end + 8);
  if (end > packet.length) return null;
  const named = type === TYPE_PTR ? at : type === TYPE_SRV ? at + 6 : null;
  return named !== null && nameAt(packet, named) === null ? null : { name: name.text.toLowerCase(), type, at, end };
}

/** Null: no name. Each jump goes further back, so that it ends. */
export function nameAt(packet: Uint8Array, start: number): Name | null {
  const labels: string[] = [];
  let end: number | null = null;
  let [at, earliest, length] = [start, start, 0];
  for (;;) {
    const size = packet[at];
    if (size === undefined) return null;
    if (size === 0) return { text: labels.join("."), first: labels[0] ?? "", end: end ?? at + 1 };
    if (size >= 0xc0) {
      end ??= at + 2;
      at = wordAt(packet, at) & 0x3fff;
      if (at >= earliest) return null;
      earliest = at;
      continue;
    }
    length += size + 1;
    const next = at + 1 + size;
    if (size > LABEL_LIMIT || length > NAME_LIMIT || next > packet.length) return null;
    const label = decodeText(packet.subarray(at + 1, next), LABEL_LIMIT);
    if (!label.ok) return null;
    labels.push(label.text);
    at = next;
  }
}

/** A name of such labels, with no reference to another. */
export const nameBytes = (labels: readonly string[]): readonly number[] => [...labels.flatMap(textBytes), 0];

/** Behind its length, which is at most 255. */
export function textBytes(text: string): readonly number[] {
  const bytes = encodeText(text);
  return [bytes.length, ...bytes];
}

export const wordBytes = (value: number): readonly number[] => [value >> 8, value & 0xff];
