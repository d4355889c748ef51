// What the chargers of a site say to each other about the book, as bytes within a message of the site.

import { type ByteReader, readBytes, writeBytes } from "./bytes.js";
import { frozen } from "./frozen.js";
import { areRecords, orderOf, PARTS } from "./site-book.js";

/** Records in one message, in bytes: with all around them it stays one datagram of an Ethernet frame. */
export const PAGE_LIMIT = 900;
const MESSAGE_LIMIT = PAGE_LIMIT + 64;

export type BookMessage =
  /** What my book holds, a number for each part. */
  | { readonly kind: "announce"; readonly sender: number; readonly digest: Uint32Array }
  /** Tell me your records in these parts (a bit each), from this place in their order on. */
  | {
      readonly kind: "ask";
      readonly sender: number;
      readonly to: number;
      readonly parts: number;
      readonly from: number;
    }
  /** All my records in these parts from one place to another (0: to the end). */
  | {
      readonly kind: "page";
      readonly sender: number;
      readonly parts: number;
      readonly from: number;
      readonly next: number;
      readonly records: Uint8Array;
    }
  | { readonly kind: "news"; readonly sender: number; readonly records: Uint8Array };

const KINDS = frozen(["announce", "ask", "page", "news"] as const);
const KEYS = 0x1_0000_0000;

export function encodeBook(message: BookMessage): Uint8Array {
  const to = writeBytes(MESSAGE_LIMIT);
  const place = (order: number): void => {
    to.u8(Math.floor(order / KEYS));
    to.u32(order % KEYS);
  };
  to.u8(KINDS.indexOf(message.kind));
  to.u32(message.sender);
  switch (message.kind) {
    case "announce":
      for (const one of message.digest) to.u32(one);
      break;
    case "ask":
      to.u32(message.to);
      to.u16(message.parts);
      place(message.from);
      break;
    case "page":
      to.u16(message.parts);
      place(message.from);
      place(message.next);
      to.raw(message.records);
      break;
    case "news":
      to.raw(message.records);
      break;
  }
  return to.bytes();
}

/** null: no such message, cut short, or its records are none. */
export function decodeBook(bytes: Uint8Array): BookMessage | null {
  const from = readBytes(bytes);
  const kind = KINDS[from.u8()];
  if (bytes.length > MESSAGE_LIMIT || kind === undefined) return null;
  const message = readMessage(from, kind);
  return from.short() || ("records" in message && !areRecords(message.records)) ? null : message;
}

const placeOf = (from: ByteReader): number => orderOf(from.u8(), from.u32());

function readMessage(from: ByteReader, kind: (typeof KINDS)[number]): BookMessage {
  const sender = from.u32();
  switch (kind) {
    case "announce": {
      const digest = new Uint32Array(PARTS);
      for (let part = 0; part < PARTS; part++) digest[part] = from.u32();
      return { kind, sender, digest };
    }
    case "ask":
      return { kind, sender, to: from.u32(), parts: from.u16(), from: placeOf(from) };
    case "page": {
      const [parts, start, next] = [from.u16(), placeOf(from), placeOf(from)];
      return { kind, sender, parts, from: start, next, records: from.raw(from.left()) };
    }
    case "news":
      return { kind, sender, records: from.raw(from.left()) };
  }
}
