// Plain values as bytes for the pipe to the XS host: undefined, null, booleans, numbers, strings, bytes, arrays, objects.
// Twin of encode and decode in host.c.

const UNDEFINED = 0;
const NOTHING = 1;
const FALSE = 2;
const TRUE = 3;
const INTEGER = 4;
const NUMBER = 5;
const STRING = 6;
const BYTES = 7;
const ARRAY = 8;
const OBJECT = 9;

/** XS keeps text as UTF-8 of each UTF-16 unit, with U+0000 in two bytes so that a zero ends it. */
function textBytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0 && unit < 0x80) bytes.push(unit);
    else if (unit < 0x800) bytes.push(0xc0 | (unit >> 6), 0x80 | (unit & 0x3f));
    else bytes.push(0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f));
  }
  bytes.push(0);
  return Uint8Array.from(bytes);
}

/** Nearly all that crosses: names of fields, and words. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is all of ASCII but zero
const isPlain = (text: string): boolean => /^[\u0001-\u007f]*$/.test(text);

function textFrom(bytes: Buffer): string {
  const plain = bytes.toString("latin1");
  if (isPlain(plain)) return plain;
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const second = (bytes[at + 1] ?? 0) & 0x3f;
    if (first < 0x80) text += String.fromCharCode(first);
    else if (first < 0xe0) text += String.fromCharCode(((first & 0x1f) << 6) | second);
    else text += String.fromCharCode(((first & 0x0f) << 12) | (second << 6) | ((bytes[at + 2] ?? 0) & 0x3f));
    at += first < 0x80 ? 1 : first < 0xe0 ? 2 : 3;
  }
  return text;
}

export class Writer {
  #bytes = Buffer.allocUnsafe(1 << 16);
  #length = 0;

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe((this.#length + more) * 2);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
  /** Begins anew, with room for the length in front. */
  begin(): this {
    this.#length = 4;
    return this;
  }
  /** All of it with its length; good until the next begin. */
  framed(): Buffer {
    this.#bytes.writeUInt32LE(this.#length - 4, 0);
    return this.#bytes.subarray(0, this.#length);
  }
  byte(value: number): this {
    this.#room(1);
    this.#bytes[this.#length++] = value;
    return this;
  }
  u32(value: number): this {
    this.#room(4);
    this.#length = this.#bytes.writeUInt32LE(value >>> 0, this.#length);
    return this;
  }
  f64(value: number): this {
    this.#room(8);
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
    return this;
  }
  raw(bytes: Uint8Array): this {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }
  text(text: string): this {
    if (!isPlain(text)) return this.raw(textBytes(text));
    this.#room(text.length + 1);
    this.#length += this.#bytes.write(text, this.#length, "latin1");
    return this.byte(0);
  }
  /** Throws TypeError for what cannot cross: functions, symbols, bigints. */
  value(value: unknown): this {
    switch (typeof value) {
      case "undefined":
        return this.byte(UNDEFINED);
      case "boolean":
        return this.byte(value ? TRUE : FALSE);
      case "number":
        return Number.isInteger(value) && Math.abs(value) < 0x8000_0000 && !Object.is(value, -0)
          ? this.byte(INTEGER).u32(value)
          : this.byte(NUMBER).f64(value);
      case "string":
        return this.byte(STRING).text(value);
      case "object":
        return value === null ? this.byte(NOTHING) : this.#object(value);
      default:
        throw new TypeError(`a ${typeof value} cannot cross`);
    }
  }
  #object(value: object): this {
    if (value instanceof Uint8Array) return this.byte(BYTES).u32(value.length).raw(value);
    if (Array.isArray(value)) {
      this.byte(ARRAY).u32(value.length);
      for (const one of value) this.value(one);
      return this;
    }
    const entries = Object.entries(value);
    this.byte(OBJECT).u32(entries.length);
    for (const [name, one] of entries) this.text(name).value(one);
    return this;
  }
}

export class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }
  u32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }
  f64(): number {
    this.#at += 8;
    return this.#bytes.readDoubleLE(this.#at - 8);
  }
  text(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    const text = textFrom(this.#bytes.subarray(this.#at, end));
    this.#at = end + 1;
    return text;
  }
  /** What is left, as text. */
  rest(): string {
    return textFrom(this.#bytes.subarray(this.#at));
  }
  value(): unknown {
    const tag = this.byte();
    switch (tag) {
      case UNDEFINED:
        return undefined;
      case NOTHING:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case INTEGER:
        return this.u32() | 0;
      case NUMBER:
        return this.f64();
      case STRING:
        return this.text();
      case BYTES: {
        const length = this.u32();
        this.#at += length;
        return new Uint8Array(this.#bytes.subarray(this.#at - length, this.#at));
      }
      case ARRAY:
        return Array.from({ length: this.u32() }, () => this.value());
      case OBJECT:
        return Object.fromEntries(Array.from({ length: this.u32() }, () => [this.text(), this.value()]));
      default:
        throw new RangeError(`unknown kind of value ${tag}`);
    }
  }
}
