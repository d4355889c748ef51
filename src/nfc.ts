// PN532 over its serial port (HSU) or I2C: frames, and the reader as a step that finds cards. Frame table: facts of the PN532
// user manual, section 6.2. A UID names a card, it proves nothing: cards can be cloned.

import { uidText } from "./bytes.js";
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
  /** The chip did not understand: it has started anew, or the command was damaged on its way. */
  | { readonly kind: "error" }
  | { readonly kind: "reply"; readonly command: number; readonly payload: Uint8Array };

const ACK_LENGTH = 6;
const AROUND = 7; // 00 00 FF LEN LCS before, DCS 00 behind
const ERROR_CODE = 0x7f;

/** The first whole frame in the bytes and what is left behind it; null while there is none. Broken frames are skipped, and
 *  one is broken too that lacks the zero before its start or at its end, which the chip itself would not miss. */
export function nextFrame(bytes: Uint8Array): { readonly frame: NfcFrame | null; readonly rest: Uint8Array } {
  for (let at = 0; at + ACK_LENGTH <= bytes.length; at++) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== 0xff) continue;
    const length = bytes[at + 3] ?? 0;
    const check = bytes[at + 4] ?? 0;
    if (length === 0 && check === 0xff) {
      if (bytes[at + 5] !== 0) continue;
      return { frame: { kind: "ack" }, rest: bytes.slice(at + ACK_LENGTH) };
    }
    if (((length + check) & 0xff) !== 0 || length === 0) continue;
    const end = at + length + AROUND;
    if (end > bytes.length) return { frame: null, rest: bytes.slice(at) };
    const body = bytes.subarray(at + 5, end - 1);
    const sum = body.reduce((total, byte) => total + byte, 0);
    if ((sum & 0xff) !== 0 || bytes[end - 1] !== 0) continue;
    const frame = frameOf(body);
    if (frame !== null) return { frame, rest: bytes.slice(end) };
  }
  return { frame: null, rest: bytes.slice(-ACK_LENGTH) };
}

/** `body`: what the sum is of, and the sum. */
function frameOf(body: Uint8Array): NfcFrame | null {
  if (body.length === 2 && body[0] === ERROR_CODE) return { kind: "error" };
  if (body.length < 3 || body[0] !== CHIP) return null;
  return { kind: "reply", command: body[1] ?? 0, payload: body.slice(2, -1) };
}

/** How many cards the chip sees, of the two that it may look for. */
const cardsIn = (payload: Uint8Array): number => payload[0] ?? 0;

/** UIDs are 4, 7 or 10 bytes (ISO 14443-3). Upper-case hex, null when the answer names no card, or more than one. */
export function uidOf(payload: Uint8Array): string | null {
  const length = payload[5] ?? 0;
  if (cardsIn(payload) !== 1 || (length !== 4 && length !== 7 && length !== 10) || payload.length < 6 + length)
    return null;
  return uidText(payload.subarray(6, 6 + length));
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

/**
 * From one look for a card to the next, so that lamp and page answer within half a second of a card's coming. Bytes on the bus
 * of each: command 11, acknowledgement 6, answer at most 25 (one card of 10 bytes). HSU, 115,200 baud, 10 bits a byte: 3.7 ms,
 * 2.5 times a second 9.1 ms in each. I2C, 100 kHz, 9 bits a byte, an answer read as 65 bytes and asked for up to 4 times: 8.5 ms,
 * 21 ms in each. Both below 30 ms; the chip's own search, some 20 ms, is on no bus.
 */
const POLL_PERIOD: Millis = millis(400);
/** Somebody who comes back after the chip was away for so long has taken the card off in the meantime. */
const FORGET_LIMIT: Millis = millis(10_000);
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
      return encodeCommand(COMMANDS.listTargets, [0x02, 0x00]); // up to two, so that two are seen to be two
  }
}

/** From its sending on: what the chip needs for its answer is no pause of ours. */
const after = (sentAt: Millis | null, now: Millis): Millis => millis((sentAt ?? now) + POLL_PERIOD);

function unanswered(reader: NfcReader, now: Millis): NfcReader {
  const failures = reader.failures + 1;
  const phase = failures % FAILURES_LIMIT === 0 ? "waking" : reader.phase;
  const gone = reader.heardAt === null || minus(now, reader.heardAt) > FORGET_LIMIT;
  const card = gone ? null : reader.card;
  return { ...reader, phase, failures, card, sentAt: null, nextAt: after(reader.sentAt, now) };
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
    if (frame.kind === "error") return still({ ...unanswered(reader, now), phase: "waking", heard: rest });
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
  const next: NfcReader = { ...done, nextAt: after(reader.sentAt, now) };
  // Two at once are nobody's, and the end of nobody's: a purse that is seen now as one card and now as two is held once.
  if (cardsIn(payload) > 1) return still({ ...next, missed: 0 });
  const uid = uidOf(payload);
  const missed = uid === null ? reader.missed + 1 : 0;
  const card = uid ?? (missed < 2 ? reader.card : null);
  const presented = uid !== null && uid !== reader.card ? uid : null;
  return { reader: { ...next, card, missed }, send: null, presented };
}
