// One session of a car as 64 bytes in flash: a mark of one that goes on, in the journal, or one that has ended, in the ring.
// It knows no sector and no order of writing.

import { bytesOf, readBytes, uidText, writeBytes } from "./bytes.js";
import { crc32 } from "./crc32.js";
import { frozen } from "./frozen.js";
import { type Money, money } from "./money.js";
import { type Deciamps, deciamps, type UnixSeconds, unixSeconds, type WattHours, wattHours } from "./units.js";

export const SLOT = 64;
/** Periods of a tariff, at the most. */
export const PERIODS = 3;

/** Why a session ended, by its number in flash: never change one, add at the end. */
export const STOPS = frozen([
  "unplugged",
  /** The card that started it, presented again. */
  "card",
  /** The person's energy of the month is used up. */
  "energyLimit",
  /** The person's hours are over. */
  "hours",
  /** The person or the card was taken off, or made inactive. */
  "revoked",
  /** The car was gone when the supply came back. */
  "powerLoss",
  /** Charging without a card was switched on or off meanwhile. */
  "settings",
] as const);
export type Stop = (typeof STOPS)[number];

interface Measured {
  /** 1 and up, never twice on a device. */
  readonly id: number;
  /** 0: nobody in particular. */
  readonly person: number;
  /** UID of the card, upper-case hex; empty: none was needed. */
  readonly idToken: string;
  /** Sum of the registers when it began. */
  readonly meterStart: WattHours;
  /** By the registers, for each period of the tariff. */
  readonly energy: readonly WattHours[];
  /** The largest draw on any phase. */
  readonly peak: Deciamps;
  /** Plugged in and allowed. */
  readonly durationS: number;
  /** Offered at least 6 A, and not taken any more. */
  readonly idleS: number;
  /** Null: nobody knew the time yet. */
  readonly startedAt: UnixSeconds | null;
  /** The supply failed in the middle, or the meter was reset or replaced. */
  readonly disturbed: boolean;
}

export interface OpenMark extends Measured {
  /** Of each PZEM, as they were read last. */
  readonly registers: readonly WattHours[];
}

export interface ClosedSession extends Measured {
  readonly stop: Stop;
  /** With VAT, whole cents; null: no tariff was set, or nobody knew the time. */
  readonly cost: Money | null;
  /** Within the cost, hundredths of a percent. */
  readonly vat: number;
  /** Number of the currency in money.ts. */
  readonly currency: number;
  /** A broker has it. */
  readonly published: boolean;
}

const CLOSED = 0xe5;
const OPEN = 0xe6;
const UNKNOWN = 0xffff_ffff;
const UID_SIZE = 10;
const DISTURBED = 0x80;
const CURRENCY = 0x3f;
/** What the CRC covers of a record that has ended; behind it is what may be written later: the time of its start, and
 *  whether it was published. */
const CLOSED_BODY = 50;
const OPEN_BODY = 58;
const STARTED = CLOSED_BODY + 4;
export const PUBLISHED = STARTED + 8;
const REGISTERS = 3;

type Writer = ReturnType<typeof writeBytes>;
type Reader = ReturnType<typeof readBytes>;

const u24 = (out: Writer, value: number): void => {
  const bounded = Math.min(value, 0xff_ffff);
  out.u8(bounded >>> 16);
  out.u16(bounded & 0xffff);
};
const readU24 = (from: Reader): number => from.u8() * 0x1_0000 + from.u16();

function uidBytes(uid: string): Uint8Array {
  const bytes = new Uint8Array(UID_SIZE);
  bytes.set(bytesOf(uid).subarray(0, UID_SIZE));
  return bytes;
}

function writeMeasured(out: Writer, magic: number, one: Measured, nibble: number): void {
  out.u8(magic);
  out.u32(one.id);
  out.u16(one.person);
  out.u8((one.idToken.length / 2) * 16 + nibble);
  out.raw(uidBytes(one.idToken));
  out.u32(one.meterStart);
  for (let period = 0; period < PERIODS; period++) out.u32(one.energy[period] ?? 0);
  out.u16(one.peak);
  out.u32(one.durationS);
  u24(out, one.idleS);
}

function readMeasured(from: Reader): Omit<Measured, "startedAt" | "disturbed"> & { readonly nibble: number } {
  const id = from.u32();
  const person = from.u16();
  const lengths = from.u8();
  const uid = from.raw(UID_SIZE);
  const meterStart = wattHours(from.u32());
  const energy = Array.from({ length: PERIODS }, () => wattHours(from.u32()));
  const peak = deciamps(from.u16());
  const durationS = from.u32();
  const idleS = readU24(from);
  const idToken = uidText(uid.subarray(0, Math.min(lengths >>> 4, UID_SIZE)));
  return { id, person, idToken, nibble: lengths & 15, meterStart, energy, peak, durationS, idleS };
}

function sealed(out: Writer): Uint8Array {
  const body = out.bytes();
  out.u32(crc32(body));
  const slot = new Uint8Array(SLOT).fill(0xff);
  slot.set(out.bytes());
  return slot;
}

const isWhole = (slot: Uint8Array, magic: number, body: number): boolean =>
  slot.length === SLOT &&
  slot[0] === magic &&
  new DataView(slot.buffer, slot.byteOffset, SLOT).getUint32(body) === crc32(slot.subarray(0, body));

export function encodeClosed(one: ClosedSession): Uint8Array {
  const out = writeBytes(SLOT);
  writeMeasured(out, CLOSED, one, Math.max(0, STOPS.indexOf(one.stop)));
  out.u32(one.cost ?? UNKNOWN);
  out.u8((one.disturbed ? DISTURBED : 0) | (one.currency & CURRENCY));
  out.u16(one.vat);
  const slot = sealed(out);
  if (one.startedAt !== null) slot.set(encodeStart(one.startedAt), STARTED);
  if (one.published) slot[PUBLISHED] = 0;
  return slot;
}

/** Null: torn, erased or foreign. Slots are 64 bytes. */
export function decodeClosed(slot: Uint8Array): ClosedSession | null {
  if (!isWhole(slot, CLOSED, CLOSED_BODY)) return null;
  const from = readBytes(slot);
  from.u8();
  const { nibble, ...measured } = readMeasured(from);
  const cost = from.u32();
  const flags = from.u8();
  const vat = from.u16();
  from.u32();
  const start = from.u32();
  const check = from.u32();
  return {
    ...measured,
    stop: STOPS[nibble] ?? "unplugged",
    cost: cost === UNKNOWN ? null : money(cost),
    vat,
    currency: flags & CURRENCY,
    disturbed: (flags & DISTURBED) !== 0,
    // A torn time is no time.
    startedAt: start !== UNKNOWN && (start ^ check) === -1 ? unixSeconds(start) : null,
    published: slot[PUBLISHED] !== 0xff,
  };
}

/** What is written into a record once the time of its start is known, at `START_AT`. */
export function encodeStart(at: UnixSeconds): Uint8Array {
  const out = writeBytes(8);
  out.u32(at);
  out.u32(~at >>> 0);
  return out.bytes();
}
export const START_AT = STARTED;

export function encodeOpen(one: OpenMark): Uint8Array {
  const out = writeBytes(SLOT);
  writeMeasured(out, OPEN, one, one.registers.length);
  out.u32(one.startedAt ?? UNKNOWN);
  for (let index = 0; index < REGISTERS; index++) u24(out, one.registers[index] ?? 0);
  out.u8(one.disturbed ? DISTURBED : 0);
  out.u8(0);
  return sealed(out);
}

/** Null: torn, erased or foreign. */
export function decodeOpen(slot: Uint8Array): OpenMark | null {
  if (!isWhole(slot, OPEN, OPEN_BODY)) return null;
  const from = readBytes(slot);
  from.u8();
  const { nibble, ...measured } = readMeasured(from);
  const start = from.u32();
  const registers = Array.from({ length: REGISTERS }, () => wattHours(readU24(from)));
  return {
    ...measured,
    startedAt: start === UNKNOWN ? null : unixSeconds(start),
    registers: registers.slice(0, nibble),
    disturbed: (from.u8() & DISTURBED) !== 0,
  };
}
