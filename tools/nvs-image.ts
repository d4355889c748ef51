// One text as a whole NVS partition of the ESP-IDF: format version 2, without encryption. Layout: ESP-IDF Programming Guide,
// "Non-Volatile Storage Library", Internals. It knows neither our settings nor our partition table.

import { crc32 } from "node:zlib";

export const PAGE = 4_096;
export const ENTRY = 32;
/** Behind the header and the bits that say which entries are written. */
export const FIRST_ENTRY = 64;
/** Bits clear as a page fills: empty, active, full. */
export const ACTIVE = 0xffff_fffe;
export const VERSION_2 = 0xfe;
export const TYPE = Object.freeze({ u8: 0x01, text: 0x21 });
/** The namespace of the namespaces themselves, and ours: the first. */
export const NAMESPACES = 0;
export const FIRST_NAMESPACE = 1;
/** Not part of a value in several pieces. */
const WHOLE = 0xff;
/** Without the zero behind it. */
const NAME_LIMIT = 15;
/** With the zero behind it: what the first page has room for behind two headers; its last entry stays empty, as the
 *  ESP-IDF's own generator leaves it. */
const TEXT_LIMIT = 123 * ENTRY;
/** One page is always kept free to move entries to. */
const PAGES_LEAST = 3;

/** Their CRC-32 begins where others' ends: with all bits set. */
export const nvsCrc = (bytes: Uint8Array): number => crc32(bytes, 0xffff_ffff);

/** What the CRC of an entry is made of: all but the CRC. */
export const withoutCrc = (entry: Uint8Array): Uint8Array =>
  Uint8Array.from([...entry.subarray(0, 4), ...entry.subarray(8, ENTRY)]);

const wordsOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const erased = (length: number): Uint8Array => new Uint8Array(length).fill(0xff);

/** An image of `size` bytes in which `key` of `namespace` is `text`. A string: why there is none. */
export function nvsImage(namespace: string, key: string, text: string, size: number): Uint8Array | string {
  const value = new TextEncoder().encode(`${text}\0`);
  for (const name of [namespace, key]) {
    if (!/^[!-~]+$/.test(name) || name.length > NAME_LIMIT) return `${name}: not 1 to ${NAME_LIMIT} plain letters`;
  }
  if (text.includes("\0")) return "the text has a zero in it";
  if (value.length > TEXT_LIMIT) return `the text has ${value.length - 1} bytes; ${TEXT_LIMIT - 1} fit`;
  if (size % PAGE !== 0 || size < PAGES_LEAST * PAGE) return `${size} bytes are not ${PAGES_LEAST} pages or more`;
  const image = erased(size);
  image.set(pageOf([namespaceEntry(namespace), textEntries(key, value)]));
  return image;
}

function pageOf(written: readonly Uint8Array[]): Uint8Array {
  const page = erased(PAGE);
  const words = wordsOf(page);
  words.setUint32(0, ACTIVE, true);
  words.setUint32(4, 0, true);
  page[8] = VERSION_2;
  words.setUint32(28, nvsCrc(page.subarray(4, 28)), true);
  let at = 0;
  for (const entries of written) {
    page.set(entries, FIRST_ENTRY + at * ENTRY);
    for (let end = at + entries.length / ENTRY; at < end; at++) markWritten(page, at);
  }
  return page;
}

/** Two bits an entry: 11 empty, 10 written, 00 erased. */
function markWritten(page: Uint8Array, entry: number): void {
  const place = ENTRY + (entry >> 2);
  page[place] = (page[place] ?? 0) & ~(1 << ((entry & 3) * 2));
}

function namespaceEntry(name: string): Uint8Array {
  const entry = header(NAMESPACES, TYPE.u8, 1, name);
  entry[24] = FIRST_NAMESPACE;
  return sealed(entry);
}

/** The header and, behind it, the text with its zero. */
function textEntries(key: string, value: Uint8Array): Uint8Array {
  const span = 1 + Math.ceil(value.length / ENTRY);
  const entries = erased(span * ENTRY);
  const entry = header(FIRST_NAMESPACE, TYPE.text, span, key);
  const words = wordsOf(entry);
  words.setUint16(24, value.length, true);
  words.setUint32(28, nvsCrc(value), true);
  entries.set(sealed(entry));
  entries.set(value, ENTRY);
  return entries;
}

function header(namespace: number, type: number, span: number, name: string): Uint8Array {
  const entry = erased(ENTRY);
  entry.set([namespace, type, span, WHOLE]);
  entry.fill(0, 8, 24);
  entry.set(new TextEncoder().encode(name), 8);
  return entry;
}

function sealed(entry: Uint8Array): Uint8Array {
  wordsOf(entry).setUint32(4, nvsCrc(withoutCrc(entry)), true);
  return entry;
}
