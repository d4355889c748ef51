// The book of a site: what each of its chargers must know, as records that any of them may write and all of them keep.
// Of two records of one key the newer holds, so that books merge to the same in any order. It knows no person and no message.

import { frozen } from "./frozen.js";

/** Records one after the other in the order of kind and key, no key twice, big-endian:
 *  length of the body (1 byte), kind (1), key (4), version (4), body. */
export type Book = Uint8Array;

/** A book is never longer. */
export const BOOK_LIMIT = 7_680;
/** Of a record, before its body. */
export const HEADER = 10;
/** A record fits into a page of flash with what stands around it. */
export const BODY_LIMIT = 240;
export const KIND = frozen({ person: 1, usage: 2 });
/** A version of usage holds the month above so many bits, and an amount that only grows below. */
export const MONTH_SHIFT = 22;

const KEYS = 0x1_0000_0000;

const u32At = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) * 0x100_0000 + ((bytes[at + 1] ?? 0) << 16) + ((bytes[at + 2] ?? 0) << 8) + (bytes[at + 3] ?? 0);

/** Kind and key in one number: the records stand in its order. */
export const orderOf = (kind: number, key: number): number => kind * KEYS + key;
export const orderAt = (book: Uint8Array, at: number): number => orderOf(book[at + 1] ?? 0, u32At(book, at + 2));
export const kindAt = (book: Uint8Array, at: number): number => book[at + 1] ?? 0;
export const keyAt = (book: Uint8Array, at: number): number => u32At(book, at + 2);
export const versionAt = (book: Uint8Array, at: number): number => u32At(book, at + 6);
/** Where the next record begins. */
export const afterRecord = (book: Uint8Array, at: number): number => at + HEADER + (book[at] ?? 0);
/** A view of the book, no copy. */
export const bodyAt = (book: Uint8Array, at: number): Uint8Array =>
  book.subarray(at + HEADER, at + HEADER + (book[at] ?? 0));
/** The first record of that order or above, from one on; the book's end when there is none. */
export function seek(book: Uint8Array, order: number, from = 0, end = book.length): number {
  const kind = Math.floor(order / KEYS);
  const key = order - kind * KEYS;
  let at = from;
  // Most records are of another kind or far below: the device reads no more of them than that needs.
  for (; at < end; at += HEADER + (book[at] ?? 0)) {
    const other = book[at + 1] ?? 0;
    if (other > kind || (other === kind && keyAt(book, at) >= key)) break;
  }
  return at;
}

/** Where the record is, -1: the book has none of that key. */
export function find(book: Uint8Array, kind: number, key: number): number {
  const order = orderOf(kind, key);
  const at = seek(book, order);
  return at < book.length && orderAt(book, at) === order ? at : -1;
}

/** One record as bytes. A body has at most BODY_LIMIT bytes. */
export function recordOf(kind: number, key: number, version: number, body: Uint8Array): Uint8Array {
  const record = new Uint8Array(HEADER + body.length);
  const view = new DataView(record.buffer);
  view.setUint8(0, body.length);
  view.setUint8(1, kind);
  view.setUint32(2, key);
  view.setUint32(6, version);
  record.set(body, HEADER);
  return record;
}

/** Whether bytes are whole records, of any kind but 0, in any order. */
export function areRecords(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length && kindAt(bytes, at) > 0 && (bytes[at] ?? 0) <= BODY_LIMIT) at = afterRecord(bytes, at);
  return at === bytes.length;
}

/** The uppermost 10 bits of the version. */
export const monthAt = (book: Uint8Array, at: number): number =>
  ((book[at + 6] ?? 0) << 2) | ((book[at + 7] ?? 0) >> 6);

/** Is the record at `at` newer than the other's at `than`? Of two of one version the greater body counts as newer. */
function isNewer(one: Uint8Array, at: number, other: Uint8Array, than: number): boolean {
  const difference = versionAt(one, at) - versionAt(other, than);
  if (difference !== 0) return difference > 0;
  const [length, otherLength] = [one[at] ?? 0, other[than] ?? 0];
  for (let index = 0; index < Math.min(length, otherLength); index++) {
    const byte = (one[at + HEADER + index] ?? 0) - (other[than + HEADER + index] ?? 0);
    if (byte !== 0) return byte > 0;
  }
  return length > otherLength;
}

export interface Merged {
  /** The very same when nothing changed. */
  readonly book: Book;
  /** The records that were news. */
  readonly changed: Uint8Array;
}

export interface Bounds {
  /** The month by the clock of who merges, null: unknown. Usage of a later one is passed over: a clock that is wrong at one
   *  charger must not make all others forget this month. */
  readonly month: number | null;
  /** BOOK_LIMIT where it is not said. */
  readonly limit?: number;
}

const USUAL: Bounds = frozen({ month: null });

/** The book after records were heard, in any order. Usage of a month before the newest of the book is dropped. Of a book
 *  that would be too long the smallest usage goes first, then what stands last: at every charger the same. */
export function merged(book: Book, records: Uint8Array, { month: most, limit = BOOK_LIMIT }: Bounds = USUAL): Merged {
  const start = seek(book, FIRST_USAGE);
  const month = Math.max(newestMonth(book, start, most), newestMonth(records, 0, most));
  const stale = hasOtherMonths(book, start, month);
  const { news, growth } = newsIn(book, records, month);
  if (news.length === 0 && !stale && book.length <= limit) return { book, changed: news };
  const work = new Uint8Array(book.length + growth);
  work.set(book);
  let end = insertAll(work, book.length, news);
  if (stale) end = withoutOtherMonths(work, end, month);
  while (end > limit) end = without(work, end, least(work, end));
  return { book: end === work.length ? work : work.slice(0, end), changed: news };
}

const FIRST_USAGE = orderOf(KIND.usage, 0);

const isUsage = (bytes: Uint8Array, at: number): boolean => bytes[at + 1] === KIND.usage;

/** The newest month of usage that is not after `most`, -1: there is no usage. */
function newestMonth(bytes: Uint8Array, from: number, most: number | null): number {
  let newest = -1;
  for (let at = from; at < bytes.length; at += HEADER + (bytes[at] ?? 0)) {
    if (bytes[at + 1] !== KIND.usage) continue;
    const month = monthAt(bytes, at);
    if (month > newest && (most === null || month <= most)) newest = month;
  }
  return newest;
}

function hasOtherMonths(book: Book, from: number, month: number): boolean {
  for (let at = from; at < book.length; at += HEADER + (book[at] ?? 0)) {
    if (book[at + 1] === KIND.usage && monthAt(book, at) !== month) return true;
  }
  return false;
}

/** Which records the book has not, or older; and by how many bytes they lengthen it at the most. */
function newsIn(book: Book, records: Uint8Array, month: number): { news: Uint8Array; growth: number } {
  const news = new Uint8Array(records.length);
  let [length, growth, from, last] = [0, 0, 0, 0];
  for (let at = 0; at < records.length; at = afterRecord(records, at)) {
    if (isUsage(records, at) && monthAt(records, at) !== month) continue;
    const order = orderAt(records, at);
    from = seek(book, order, order >= last ? from : 0);
    last = order;
    const known = from < book.length && orderAt(book, from) === order;
    if (known && !isNewer(records, at, book, from)) continue;
    const record = records.subarray(at, afterRecord(records, at));
    news.set(record, length);
    length += record.length;
    growth += Math.max(0, record.length - (known ? afterRecord(book, from) - from : 0));
  }
  return { news: length === news.length ? news : news.slice(0, length), growth };
}

/** Puts records in their places among those of `work` up to `end`; gives the new end. */
function insertAll(work: Uint8Array, start: number, news: Uint8Array): number {
  let [end, from, last] = [start, 0, 0];
  for (let at = 0; at < news.length; at = afterRecord(news, at)) {
    const order = orderAt(news, at);
    from = seek(work, order, order >= last ? from : 0, end);
    last = order;
    const known = from < end && orderAt(work, from) === order;
    if (known && !isNewer(news, at, work, from)) continue;
    const record = news.subarray(at, afterRecord(news, at));
    const next = known ? afterRecord(work, from) : from;
    work.copyWithin(from + record.length, next, end);
    work.set(record, from);
    end += record.length - (next - from);
  }
  return end;
}

function without(work: Uint8Array, end: number, at: number): number {
  const next = afterRecord(work, at);
  work.copyWithin(at, next, end);
  return end - (next - at);
}

function withoutOtherMonths(work: Uint8Array, start: number, month: number): number {
  let end = start;
  for (let at = 0; at < end; ) {
    if (isUsage(work, at) && monthAt(work, at) !== month) end = without(work, end, at);
    else at = afterRecord(work, at);
  }
  return end;
}

/** The smallest usage, or where there is none the last record. */
function least(work: Uint8Array, end: number): number {
  let [found, smallest] = [-1, KEYS];
  let last = 0;
  for (let at = 0; at < end; at = afterRecord(work, at)) {
    last = at;
    if (!isUsage(work, at) || versionAt(work, at) > smallest) continue;
    found = at;
    smallest = versionAt(work, at);
  }
  return found < 0 ? last : found;
}

/** A book's records fall into so many parts by their keys. */
export const PARTS = 16;

/** The part that a record is in, 0-15. Neighbours are spread. */
export const partAt = (book: Uint8Array, at: number): number =>
  Math.imul(keyAt(book, at) ^ (kindAt(book, at) << 24), 0x9e37_79b1) >>> 28;

/** Constants and shifts of MurmurHash3's end, public domain. */
function mixed(value: number): number {
  let hash = value ^ (value >>> 16);
  hash = Math.imul(hash, 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

/** A number for each part, by which two books are compared: four bytes at a time, for a CRC of every byte takes a device
 *  long. Within a part the records' numbers are added, each mixed so that equal changes of two do not cancel out. */
export function digestOf(book: Book): Uint32Array {
  const digest = new Uint32Array(PARTS);
  const view = new DataView(book.buffer, book.byteOffset, book.byteLength);
  for (let at = 0; at < book.length; ) {
    const next = at + HEADER + (book[at] ?? 0);
    const words = next - 3;
    const part = partAt(book, at);
    let hash = next - at;
    while (at < words) {
      // A bijection of the hash for each word and of each word for the hash: one that differs is never lost.
      hash = Math.imul(hash ^ view.getInt32(at), 0x9e37_79b1);
      hash ^= hash >>> 15;
      at += 4;
    }
    while (at < next) hash = Math.imul(hash ^ (book[at++] ?? 0), 0x9e37_79b1);
    digest[part] = (digest[part] ?? 0) + mixed(hash);
  }
  return digest;
}

/** A bit for each part in which two books differ, 0: they are the same. */
export function differingParts(one: Uint32Array, other: Uint32Array): number {
  let mask = 0;
  for (let part = 0; part < PARTS; part++) if (one[part] !== other[part]) mask |= 1 << part;
  return mask;
}
