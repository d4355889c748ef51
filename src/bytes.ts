// Numbers to bytes and back, big-endian, for messages with a layout of their own; bytes as hex digits. It knows no message.

export interface ByteWriter {
  /** Unsigned, whole, of so many bits; a larger value is written as the largest, a negative one as 0. */
  u8(value: number): void;
  u16(value: number): void;
  u32(value: number): void;
  /** A whole number up to 2^53. */
  f64(value: number): void;
  /** At most 255 characters below U+0080. */
  text(value: string): void;
  raw(bytes: Uint8Array): void;
  /** What was written so far. */
  bytes(): Uint8Array;
}

/** Reads in the order of writing. Past the end every value is 0 and `short()` is true from then on. */
export interface ByteReader {
  u8(): number;
  u16(): number;
  u32(): number;
  /** A whole number from 0 to 2^53; anything else reads as short. */
  f64(): number;
  text(): string;
  raw(length: number): Uint8Array;
  left(): number;
  short(): boolean;
}

const bounded = (value: number, most: number): number => Math.max(0, Math.min(Math.floor(value), most));

/** Throws RangeError when more than `limit` bytes are written: a message that long is a bug. */
export function writeBytes(limit: number): ByteWriter {
  const all = new Uint8Array(limit);
  const view = new DataView(all.buffer);
  let at = 0;
  const next = (size: number): number => {
    at += size;
    return at - size;
  };
  return {
    u8: (value) => view.setUint8(next(1), bounded(value, 0xff)),
    u16: (value) => view.setUint16(next(2), bounded(value, 0xffff)),
    u32: (value) => view.setUint32(next(4), bounded(value, 0xffff_ffff)),
    f64: (value) => view.setFloat64(next(8), value),
    text(value) {
      view.setUint8(next(1), value.length);
      for (let index = 0; index < value.length; index++) view.setUint8(next(1), value.charCodeAt(index) & 0x7f);
    },
    raw: (bytes) => all.set(bytes, next(bytes.length)),
    bytes: () => all.slice(0, at),
  };
}

export function readBytes(all: Uint8Array): ByteReader {
  const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
  let at = 0;
  let short = false;
  function take(size: number): number | null {
    if (short || at + size > all.length) {
      short = true;
      return null;
    }
    at += size;
    return at - size;
  }
  function u8(): number {
    const from = take(1);
    return from === null ? 0 : view.getUint8(from);
  }
  return {
    u8,
    u16() {
      const from = take(2);
      return from === null ? 0 : view.getUint16(from);
    },
    u32() {
      const from = take(4);
      return from === null ? 0 : view.getUint32(from);
    },
    f64() {
      const from = take(8);
      const value = from === null ? 0 : view.getFloat64(from);
      if (Number.isSafeInteger(value) && value >= 0) return value;
      short = true;
      return 0;
    },
    text() {
      const length = u8();
      const from = take(length);
      return from === null ? "" : String.fromCharCode(...all.subarray(from, from + length));
    },
    raw(length) {
      const from = take(length);
      return from === null ? new Uint8Array(0) : all.slice(from, from + length);
    },
    left: () => (short ? 0 : all.length - at),
    short: () => short,
  };
}

/** One behind the other, in new bytes. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The bytes of hex digits, an even number of them. */
export const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));

/** A card's UID as people and settings write it. */
export const uidText = (bytes: Uint8Array): string => hexOf(bytes).toUpperCase();

/** Two hex digits for each byte, in lower case. */
export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
