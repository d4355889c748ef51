// The book of a site in flash: two halves of four sectors. Changes are added to one, and when it is full the whole book is
// written into the other, which is marked as complete before the first is erased. Reading is hearing every record again, for
// books merge in any order, any number of times: a power cut at any byte loses nothing that was there. Pure.

import type { FlashOp } from "./boot-count.js";
import { readBytes, writeBytes } from "./bytes.js";
import { crc32 } from "./crc32.js";
import { frozen } from "./frozen.js";
import {
  afterRecord,
  areRecords,
  BOOK_LIMIT,
  type Book,
  HEADER,
  keyAt,
  merged,
  orderAt,
  recordOf,
  seek,
  versionAt,
} from "./site-book.js";

/** Sectors of each half. */
const SECTORS = 4;
/** That the log takes, from the one it is given. */
export const BOOK_SECTORS = 2 * SECTORS;
const SECTOR = 4_096;
/** No write crosses the page of a flash chip; and after a torn write all that follows begins on a page of its own. */
const PAGE = 256;
const HALF = SECTORS * SECTOR;
const ERASED = 0xff;
/** Of a frame, around its records: their length before, a CRC-32 behind. */
const FRAME = 5;
/** Records of this kind are marks: a half is begun (version 0), and holds the whole book (1). Their key is its number. */
const MARK = 0;
const COMPLETE = 1;
/** Changes that wait in RAM while nothing can be written. What is more is written with the whole book. */
const WAITING_LIMIT = 2_048;

interface Half {
  /** Where the next frame goes, HALF: it is full. */
  readonly end: number;
  /** Each half that is begun has a number one higher than the other; 0: this one is not. */
  readonly begun: number;
  /** The same once it is complete, else 0. */
  readonly number: number;
  /** The order behind the last record in it, 0: none. */
  readonly reached: number;
  /** A bit for each sector that is not erased. */
  readonly filled: number;
}

export interface BookLog {
  /** The first sector. */
  readonly first: number;
  /** Sectors that were read so far. */
  readonly read: number;
  readonly halves: readonly [Half, Half];
  /** The half that holds the book and takes changes. Until one was completed: the one that is not written first. */
  readonly active: 0 | 1;
  /** The book is being written into the other half, from this place in its order on; -1: it is not. */
  readonly writing: number;
  /** Records that no write has taken yet. */
  readonly waiting: Uint8Array;
  /** More had to wait than there was room for: the whole book must be written. */
  readonly behind: boolean;
}

const BLANK: Half = frozen({ end: 0, begun: 0, number: 0, reached: 0, filled: 0 });

export const startBookLog = (first: number): BookLog => ({
  first,
  read: 0,
  halves: [BLANK, BLANK],
  active: 1,
  writing: -1,
  waiting: new Uint8Array(0),
  behind: false,
});

/** The sector to be read next at start, null: all were. */
export const nextBookSector = (log: BookLog): number | null => (log.read < BOOK_SECTORS ? log.first + log.read : null);

export interface Kept {
  readonly log: BookLog;
  readonly book: Book;
}

/** Log and book after the sector that nextBookSector named was read. Any content is allowed. */
export function hearBookSector(log: BookLog, book: Book, bytes: Uint8Array): Kept {
  const half = log.read < SECTORS ? 0 : 1;
  const index = log.read % SECTORS;
  const found = framesIn(bytes);
  const known = log.halves[half];
  const next: Half = found.blank
    ? known
    : {
        end: index * SECTOR + found.end,
        begun: Math.max(known.begun, found.begun),
        number: Math.max(known.number, found.number),
        reached: found.reached > 0 ? found.reached : known.reached,
        filled: known.filled | (1 << index),
      };
  const read = log.read + 1;
  const heard = withHalf({ ...log, read }, half, next);
  // Until all is read older and newer records stand together, which may take more room than any book.
  const limit = read < BOOK_SECTORS ? 2 * BOOK_LIMIT : BOOK_LIMIT;
  const all = merged(book, found.records, { month: null, limit }).book;
  return { log: read < BOOK_SECTORS ? heard : resumed(heard), book: all };
}

/** A half that was begun and not completed may hold what the other lacks: it is written on where it ended. */
function resumed(log: BookLog): BookLog {
  const { begun, reached, number } = log.halves[spareOf(log)];
  return number === 0 && begun === nextNumber(log) ? { ...log, writing: reached } : log;
}

const nextNumber = ({ halves, active }: BookLog): number => halves[active].number + 1;

function withHalf(log: BookLog, half: 0 | 1, next: Half): BookLog {
  const halves: readonly [Half, Half] = half === 0 ? [next, log.halves[1]] : [log.halves[0], next];
  const [one, other] = halves;
  const active = one.number === other.number ? log.active : one.number > other.number ? 0 : 1;
  return { ...log, halves, active };
}

interface Found {
  readonly blank: boolean;
  /** Behind the last frame, or where the page after it begins when that is torn. */
  readonly end: number;
  readonly begun: number;
  readonly number: number;
  readonly reached: number;
  readonly records: Uint8Array;
}

function framesIn(sector: Uint8Array): Found {
  const records = new Uint8Array(sector.length);
  let [length, end, begun, number, reached] = [0, 0, 0, 0, 0];
  let blank = true;
  for (let page = 0; page < sector.length; page += PAGE) {
    const pageEnd = Math.min(page + PAGE, sector.length);
    let at = page;
    for (let size = sizeAt(sector, at, pageEnd); size > 0; size = sizeAt(sector, at, pageEnd)) {
      const payload = sector.subarray(at + 1, at + 1 + size);
      at += size + FRAME;
      if (payload[1] === MARK) {
        begun = keyAt(payload, 0);
        if (versionAt(payload, 0) === COMPLETE) number = begun;
      } else if (areRecords(payload)) {
        records.set(payload, length);
        length += size;
        reached = behindLast(payload);
      }
    }
    const isClean = isErased(sector, at, pageEnd);
    if (!isClean) end = pageEnd;
    else if (at > page) end = at;
    blank &&= isClean && at === page;
  }
  return { blank, end, begun, number, reached, records: records.subarray(0, length) };
}

function behindLast(records: Uint8Array): number {
  let order = 0;
  for (let at = 0; at < records.length; at = afterRecord(records, at)) order = orderAt(records, at);
  return order + 1;
}

/** Length of the whole frame's records that begins there, 0: none does. */
function sizeAt(sector: Uint8Array, at: number, end: number): number {
  const size = sector[at] ?? ERASED;
  if (size < HEADER || at + size + FRAME > end) return 0;
  const crc = readBytes(sector.subarray(at + 1 + size, at + FRAME + size)).u32();
  return crc === crc32(sector.subarray(at, at + 1 + size)) ? size : 0;
}

/** Four at a time: at start there are 32 KiB to be looked at. */
function isErased(bytes: Uint8Array, from: number, to: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = from;
  for (; at + 4 <= to; at += 4) if (view.getInt32(at) !== -1) return false;
  for (; at < to; at++) if (bytes[at] !== ERASED) return false;
  return true;
}

/** The log after the book has changed: what was news waits to be written. */
export function keepRecords(log: BookLog, records: Uint8Array): BookLog {
  if (log.behind || records.length === 0) return log;
  const length = log.waiting.length + records.length;
  if (length > WAITING_LIMIT) return { ...log, waiting: new Uint8Array(0), behind: true };
  const waiting = new Uint8Array(length);
  waiting.set(log.waiting);
  waiting.set(records, log.waiting.length);
  return { ...log, waiting };
}

export interface BookWritten {
  readonly log: BookLog;
  readonly op: FlashOp;
}

/** The next write or erase of the log, null: none, or none now. Erases only while no contactor is closed. The book is that
 *  of the controller: all that waits is in it. */
export function nextBookOp(log: BookLog, book: Book, mayErase: boolean): BookWritten | null {
  if (log.read < BOOK_SECTORS) return null;
  if (log.writing >= 0) return writeBook(log, book, mayErase);
  const waiting = log.waiting.length > 0 && !log.behind ? writeWaiting(log) : null;
  if (waiting !== null) return waiting;
  const spare = spareOf(log);
  if (log.halves[spare].filled !== 0) return mayErase ? eraseOf(log, spare) : null;
  if (isComplete(log) && log.waiting.length === 0 && !log.behind) return null;
  const started = { ...log, writing: 0, waiting: new Uint8Array(0), behind: false };
  return writeAt(started, spare, 0, markOf(nextNumber(log), 0));
}

const isComplete = ({ halves, active }: BookLog): boolean => halves[active].number > 0;

const spareOf = ({ active }: BookLog): 0 | 1 => (active === 0 ? 1 : 0);

/** Room for records in what is left of the page. */
const roomAt = (end: number): number => (end >= HALF ? 0 : PAGE - (end % PAGE) - FRAME);

/** Length of the first records, together, that fit. */
function fitting(records: Uint8Array, room: number): number {
  let at = 0;
  while (at < records.length && afterRecord(records, at) <= room) at = afterRecord(records, at);
  return at;
}

/** A place in a half, and how much of the records goes there: in this page or the next; null: nowhere. */
function placeFor(end: number, records: Uint8Array): { at: number; length: number } | null {
  const here = fitting(records, roomAt(end));
  if (here > 0) return { at: end, length: here };
  const next = end - (end % PAGE) + PAGE;
  const there = fitting(records, roomAt(next));
  return there > 0 ? { at: next, length: there } : null;
}

function writeWaiting(log: BookLog): BookWritten | null {
  const { active, waiting } = log;
  if (!isComplete(log)) return null;
  const place = placeFor(log.halves[active].end, waiting);
  if (place === null) return null;
  const written = writeAt(log, active, place.at, waiting.subarray(0, place.length));
  return { ...written, log: { ...written.log, waiting: waiting.slice(place.length) } };
}

/** Writes on the book into the half that does not hold it; then that half is the one. */
function writeBook(log: BookLog, book: Book, mayErase: boolean): BookWritten | null {
  const spare = spareOf(log);
  const from = seek(book, log.writing);
  const isEnd = from === book.length;
  const records = isEnd ? markOf(nextNumber(log), COMPLETE) : book.subarray(from);
  const place = placeFor(log.halves[spare].end, records);
  // Cut so often that it does not fit.
  if (place === null) return mayErase ? eraseOf({ ...log, writing: -1, behind: true }, spare) : null;
  const written = writeAt(log, spare, place.at, records.subarray(0, place.length));
  const next = from + place.length;
  const writing = next < book.length ? orderAt(book, next) : Number.POSITIVE_INFINITY;
  if (!isEnd) return { ...written, log: { ...written.log, writing } };
  const complete = { ...written.log.halves[spare], number: nextNumber(log) };
  return { ...written, log: { ...withHalf(written.log, spare, complete), writing: -1 } };
}

const markOf = (number: number, version: number): Uint8Array => recordOf(MARK, number, version, new Uint8Array(0));

function writeAt(log: BookLog, half: 0 | 1, at: number, records: Uint8Array): BookWritten {
  const to = writeBytes(PAGE);
  to.u8(records.length);
  to.raw(records);
  to.u32(crc32(to.bytes()));
  const bytes = to.bytes();
  const known = log.halves[half];
  const index = Math.floor(at / SECTOR);
  const next: Half = { ...known, end: at + bytes.length, filled: known.filled | (1 << index) };
  const sector = log.first + half * SECTORS + index;
  return { log: withHalf(log, half, next), op: { kind: "write", sector, offset: at % SECTOR, bytes } };
}

/** Erases the first sector of a half that is not. */
function eraseOf(log: BookLog, half: 0 | 1): BookWritten {
  const { filled } = log.halves[half];
  const index = 31 - Math.clz32(filled & -filled);
  const left = filled & (filled - 1);
  const next: Half = left === 0 ? BLANK : { ...BLANK, end: HALF, filled: left };
  const op: FlashOp = {
    kind: "erase",
    sector: log.first + half * SECTORS + index,
    offset: 0,
    bytes: new Uint8Array(0),
  };
  return { log: withHalf(log, half, next), op };
}
