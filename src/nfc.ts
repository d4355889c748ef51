// PN532 over its serial port (HSU): frames, and the reader as a step that finds cards. Frame table: facts of the PN532
// user manual, section 6.2. A UID names a card, it proves nothing: cards can be cloned.

import { frozen } from "./frozen.js";
import { type Millis, millis, minus } from "./units.js";

const HOST = 0xd4;
const CHIP = 0xd5;
const COMMANDS = frozen({ samConfiguration: 0x14, rfConfiguration: 0x32, listTargets: 0x4a });
const WAKE_UP = frozen([0x55, 0x55, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

/** A command as a normal information frame: 00 00 FF LEN LCS TFI CMD data DCS 00. At most 254 bytes of data. */
export function encodeCommand(command: number, payload: readonly number[]): Uint8Array {
  const body = [HOST, command, ...payload];
  const length = body.length;
  const sum = body.reduce((total, byte) => total + byte, 0);
  return Uint8Array.from([0, 0, 0xff, length, -length & 0xff, ...body, -sum & 0xff, 0]);
}

export type NfcFrame =
  | { readonly kind: "ack" }
  | { readonly kind: "reply"; readonly command: number; readonly payload: Uint8Array };

/** The first whole frame in the bytes and what is left behind it; null while there is none. Broken frames are skipped. */
export function nextFrame(bytes: Uint8Array): { readonly frame: NfcFrame | null; readonly rest: Uint8Array } {
  for (let at = 0; at + 5 < bytes.length; at++) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0xff) continue;
    const length = bytes[at + 2] ?? 0;
    const check = bytes[at + 3] ?? 0;
    if (length === 0 && check === 0xff) return { frame: { kind: "ack" }, rest: bytes.slice(at + 5) };
    if (((length + check) & 0xff) !== 0 || length < 2) continue;
    const end = at + 4 + length;
    if (end >= bytes.length) return { frame: null, rest: bytes.slice(at) };
    const body = bytes.subarray(at + 4, end + 1);
    const sum = body.reduce((total, byte) => total + byte, 0);
    if ((sum & 0xff) !== 0 || body[0] !== CHIP) continue;
    const frame: NfcFrame = { kind: "reply", command: body[1] ?? 0, payload: bytes.slice(at + 6, end) };
    return { frame, rest: bytes.slice(end + 1) };
  }
  return { frame: null, rest: bytes.slice(-6) };
}

/** UIDs are 4, 7 or 10 bytes (ISO 14443-3). Upper-case hex, null when the answer names no card. */
export function uidOf(payload: Uint8Array): string | null {
  const length = payload[5] ?? 0;
  if (payload[0] !== 1 || (length !== 4 && length !== 7 && length !== 10) || payload.length < 6 + length) return null;
  return Array.from(payload.subarray(6, 6 + length), (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();
}

export type NfcPhase = "waking" | "configuring" | "polling";

export interface NfcReader {
  readonly phase: NfcPhase;
  readonly sentAt: Millis | null;
  readonly nextAt: Millis;
  readonly heard: Uint8Array;
  /** The card on the reader: held there it is one presentation, until it was missed twice. */
  readonly card: string | null;
  readonly missed: number;
  /** Questions in a row that nobody answered. */
  readonly failures: number;
  /** When the chip last answered, null: never. */
  readonly heardAt: Millis | null;
}

export type NfcEvent = { readonly kind: "bytes"; readonly bytes: Uint8Array } | { readonly kind: "tick" };
export interface NfcStep {
  readonly reader: NfcReader;
  readonly send: Uint8Array | null;
  /** UID of a card that has just been presented. */
  readonly presented: string | null;
}

/** A card is held for a second or so: two polls in it. */
const POLL_PERIOD: Millis = millis(500);
const ANSWER_LIMIT: Millis = millis(200);
const FAILURES_LIMIT = 3;
const HEARD_LIMIT = 280;

export const startReader = (now: Millis): NfcReader => ({
  phase: "waking",
  sentAt: null,
  nextAt: now,
  heard: new Uint8Array(0),
  card: null,
  missed: 0,
  failures: 0,
  heardAt: null,
});

export const readerAnswers = (reader: NfcReader): boolean => reader.phase === "polling" && reader.failures === 0;

export function stepReader(reader: NfcReader, event: NfcEvent, now: Millis): NfcStep {
  switch (event.kind) {
    case "bytes":
      return reader.sentAt === null ? still(reader) : hear(reader, event.bytes, now);
    case "tick":
      return tick(reader, now);
  }
}

const still = (reader: NfcReader): NfcStep => ({ reader, send: null, presented: null });

function tick(reader: NfcReader, now: Millis): NfcStep {
  if (reader.sentAt !== null) {
    return minus(now, reader.sentAt) < ANSWER_LIMIT ? still(reader) : still(unanswered(reader, now));
  }
  if (now < reader.nextAt) return still(reader);
  return {
    reader: { ...reader, sentAt: now, heard: new Uint8Array(0) },
    send: commandOf(reader.phase),
    presented: null,
  };
}

function commandOf(phase: NfcPhase): Uint8Array {
  switch (phase) {
    case "waking":
      return Uint8Array.from([...WAKE_UP, ...encodeCommand(COMMANDS.samConfiguration, [0x01, 0x14, 0x01])]);
    case "configuring":
      return encodeCommand(COMMANDS.rfConfiguration, [0x05, 0xff, 0x01, 0x01]); // one retry: a poll ends without a card
    case "polling":
      return encodeCommand(COMMANDS.listTargets, [0x01, 0x00]);
  }
}

const after = (now: Millis): Millis => millis(now + POLL_PERIOD);

function unanswered(reader: NfcReader, now: Millis): NfcReader {
  const failures = reader.failures + 1;
  const phase = failures % FAILURES_LIMIT === 0 ? "waking" : reader.phase;
  return { ...reader, phase, failures, sentAt: null, nextAt: after(now) };
}

function hear(reader: NfcReader, bytes: Uint8Array, now: Millis): NfcStep {
  const all = new Uint8Array(reader.heard.length + bytes.length);
  all.set(reader.heard);
  all.set(bytes, reader.heard.length);
  let rest: Uint8Array = all.length > HEARD_LIMIT ? all.slice(-HEARD_LIMIT) : all;
  for (;;) {
    const next = nextFrame(rest);
    rest = next.rest;
    const { frame } = next;
    if (frame === null) return still({ ...reader, heard: rest });
    const answers = frame.kind === "reply" && frame.command === ASKED[reader.phase] + 1;
    if (answers) return answer({ ...reader, heard: rest }, frame.payload, now);
  }
}

/** The command that each phase sends; its answer carries the number above. */
const ASKED: Readonly<Record<NfcPhase, number>> = frozen({
  waking: COMMANDS.samConfiguration,
  configuring: COMMANDS.rfConfiguration,
  polling: COMMANDS.listTargets,
});

function answer(reader: NfcReader, payload: Uint8Array, now: Millis): NfcStep {
  const done: NfcReader = { ...reader, sentAt: null, failures: 0, nextAt: now, heardAt: now };
  if (reader.phase === "waking") return still({ ...done, phase: "configuring" });
  if (reader.phase === "configuring") return still({ ...done, phase: "polling" });
  const uid = uidOf(payload);
  const missed = uid === null ? reader.missed + 1 : 0;
  const card = uid ?? (missed < 2 ? reader.card : null);
  const presented = uid !== null && uid !== reader.card ? uid : null;
  return { reader: { ...done, nextAt: after(now), card, missed }, send: null, presented };
}
