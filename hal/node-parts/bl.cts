// What mqtt-packet uses of the package bl: bytes that are appended behind and consumed in front.

import parts = require("./buffer.js");

type Buffer = parts.Buffer;
const { Buffer } = parts;

class BufferList {
  bytes: Buffer = Buffer.alloc(0);

  get length(): number {
    return this.bytes.length;
  }
  append(more: Uint8Array): this {
    const all = Buffer.alloc(this.bytes.length + more.length);
    all.set(this.bytes);
    all.set(more, this.bytes.length);
    this.bytes = all;
    return this;
  }
  consume(count: number): this {
    this.bytes = this.bytes.slice(count);
    return this;
  }
  readUInt8(at: number): number {
    return this.bytes.readUInt8(at);
  }
  readUInt16BE(at: number): number {
    return this.bytes.readUInt16BE(at);
  }
  readUInt32BE(at: number): number {
    return this.bytes.readUInt32BE(at);
  }
  slice(from?: number, to?: number): Buffer {
    return this.bytes.slice(from, to);
  }
  toString(encoding: string, from: number, to: number): string {
    return this.bytes.toString(encoding, from, to);
  }
}

const list = (): BufferList => new BufferList();
export = list;
