// What mqtt-packet uses of Node's Buffer, for an engine that has none. Reads past the end throw, as Node's do.

import { encodeText } from "../../src/text.js";

/** How many bytes follow a first byte of UTF-8, and the smallest code point that needs them. */
const FOLLOWING: readonly (readonly [mask: number, lead: number, count: number, least: number])[] = Object.freeze([
  Object.freeze([0x80, 0x00, 0, 0] as const),
  Object.freeze([0xe0, 0xc0, 1, 0x80] as const),
  Object.freeze([0xf0, 0xe0, 2, 0x800] as const),
  Object.freeze([0xf8, 0xf0, 3, 0x1_0000] as const),
]);

/** Text of UTF-8; what is none becomes U+FFFD, byte by byte. */
function textOf(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const [code, size] = pointAt(bytes, at);
    text += String.fromCodePoint(code);
    at += size;
  }
  return text;
}

function pointAt(bytes: Uint8Array, at: number): readonly [code: number, size: number] {
  const first = bytes[at] ?? 0;
  const kind = FOLLOWING.find(([mask, lead]) => (first & mask) === lead);
  if (kind === undefined) return [0xfffd, 1];
  const [mask, , count, least] = kind;
  let code = first & ~mask & 0xff;
  for (let next = 1; next <= count; next++) {
    const byte = bytes[at + next];
    if (byte === undefined || (byte & 0xc0) !== 0x80) return [0xfffd, 1];
    code = (code << 6) | (byte & 0x3f);
  }
  const wrong = code < least || code > 0x10_ffff || (code >= 0xd800 && code <= 0xdfff);
  return wrong ? [0xfffd, 1] : [code, count + 1];
}

export class Buffer extends Uint8Array {
  static isBuffer(value: unknown): value is Buffer {
    return value instanceof Buffer;
  }
  static alloc(length: number): Buffer {
    return new Buffer(length);
  }
  static allocUnsafe(length: number): Buffer {
    return new Buffer(length);
  }
  static override from(value: string | ArrayLike<number> | Iterable<number>): Buffer {
    if (value instanceof Uint8Array) return new Buffer(value); // A list of numbers would take 16 bytes for each.
    return new Buffer(typeof value === "string" ? encodeText(value) : Array.from(value));
  }
  static byteLength(value: string | Uint8Array): number {
    return typeof value === "string" ? encodeText(value).length : value.length;
  }
  writeUInt8(value: number, at: number): number {
    this[at] = value;
    return at + 1;
  }
  writeUInt16BE(value: number, at: number): number {
    return this.writeUInt8(value, this.writeUInt8(value >> 8, at));
  }
  writeUInt32BE(value: number, at: number): number {
    return this.writeUInt16BE(value, this.writeUInt16BE(value >>> 16, at));
  }
  readUInt8(at: number): number {
    const byte = this[at];
    if (byte === undefined) throw new RangeError("read past the end");
    return byte;
  }
  readUInt16BE(at: number): number {
    return (this.readUInt8(at) << 8) | this.readUInt8(at + 1);
  }
  readUInt32BE(at: number): number {
    return this.readUInt16BE(at) * 0x1_0000 + this.readUInt16BE(at + 2);
  }
  copy(target: Uint8Array, to = 0): number {
    target.set(this, to);
    return this.length;
  }
  write(text: string, at: number): number {
    const bytes = encodeText(text);
    this.set(bytes, at);
    return bytes.length;
  }
  override slice(from?: number, to?: number): Buffer {
    return Buffer.from(this.subarray(from, to));
  }
  override toString(_encoding?: string, from = 0, to = this.length): string {
    return textOf(this.subarray(from, to));
  }
}
