// How the chargers of a site come to hold the same book, over a channel that loses, doubles and delays: changes are told at
// once, and now and then one says what its book holds. Who differs answers; the two exchange what differs, and everybody
// listens. It knows no person and no channel, and needs no arbiter.

import { frozen } from "./frozen.js";
import {
  afterRecord,
  type Book,
  bodyAt,
  differingParts,
  digestOf,
  merged,
  orderAt,
  partAt,
  seek,
  versionAt,
} from "./site-book.js";
import { type BookMessage, PAGE_LIMIT } from "./site-book-message.js";
import { type Millis, millis, minus, plus } from "./units.js";

/** One charger at least of those who agree says so this often. */
export const ANNOUNCE_PERIOD: Millis = millis(300_000);
/** How much earlier, by chance, so that they do not speak at once; the first to speak spares the others. */
const SPREAD = 100_000;
const FIRST = frozen({ after: 1_000, within: 5_000 });
/** Behind a change: whoever missed it learns so. */
const CONFIRM = frozen({ after: 2_000, within: 2_000 });
/** Who heard of a different book waits by chance, for one answer is enough. */
const ANSWER = frozen({ after: 0, within: 5_000 });
/** Others are exchanging what they lack, and will say what came of it. */
const QUIET = frozen({ after: 3_000, within: 5_000 });
const AFTERWARDS = frozen({ after: 0, within: 500 });
/** An announcement so old is not what was answered. */
const FRESH: Millis = millis(10_000);
const ASK_AGAIN: Millis = millis(2_000);
const TRIES = 4;
/** Announcements out of turn in a period: books that cannot become equal must not make noise for ever. */
const EAGER = 20;

interface Pull {
  /** The charger whose book differs, the parts in which it does, and how far they have been compared. */
  readonly of: number;
  readonly parts: number;
  readonly from: number;
  readonly askedAt: Millis;
  readonly tries: number;
  /** Anything was learnt or told. */
  readonly moved: boolean;
}

export interface BookSync {
  /** Names this charger: a random number, new at each boot. */
  readonly sender: number;
  /** The last of its random numbers. */
  readonly chance: number;
  /** Of the book, null: not known since it changed. */
  readonly digest: Uint32Array | null;
  readonly announceAt: Millis;
  /** When this charger announced last, and when anybody announced a book like ours. */
  readonly announcedAt: Millis | null;
  readonly likeAt: Millis | null;
  /** Announcements out of turn, and since when they are counted. */
  readonly eager: number;
  readonly eagerSince: Millis;
  readonly pull: Pull | null;
}

/** `nonce`: 32 random bits. */
export const startBookSync = (nonce: number, now: Millis): BookSync =>
  announcing(
    {
      sender: nonce >>> 0,
      chance: nonce >>> 0 || 1,
      digest: null,
      announceAt: plus(now, ANNOUNCE_PERIOD),
      announcedAt: null,
      likeAt: null,
      eager: 0,
      eagerSince: now,
      pull: null,
    },
    FIRST,
    now,
  );

export type BookEvent =
  | { readonly kind: "tick" }
  | { readonly kind: "heard"; readonly message: BookMessage }
  /** This charger has something new: people were changed, or somebody took energy. */
  | { readonly kind: "changed"; readonly records: Uint8Array };

export interface BookStep {
  readonly sync: BookSync;
  readonly book: Book;
  /** Records that were news to this book, to be kept in flash. */
  readonly changed: Uint8Array;
  /** For everybody. */
  readonly sends: readonly BookMessage[];
}

/** `month`: number of the month by this charger's clock, null: it does not know the time. */
export interface BookMoment {
  readonly now: Millis;
  readonly month: number | null;
}

interface Work {
  sync: BookSync;
  book: Book;
  changed: Uint8Array;
  sends: BookMessage[];
  readonly now: Millis;
  readonly month: number | null;
}

/** Whether a tick now would do anything. */
export const isBookDue = ({ pull, announceAt }: BookSync, now: Millis): boolean =>
  pull === null ? now >= announceAt : minus(now, pull.askedAt) >= ASK_AGAIN;

/** What a charger's book becomes by an event, and what it says to the others. */
export function stepBook(sync: BookSync, book: Book, event: BookEvent, { now, month }: BookMoment): BookStep {
  const work: Work = { sync, book, changed: new Uint8Array(0), sends: [], now, month };
  switch (event.kind) {
    case "tick":
      tick(work);
      break;
    case "heard":
      if (event.message.sender !== sync.sender) hear(work, event.message);
      break;
    case "changed":
      merge(work, event.records);
      tell(work, event.records);
      work.sync = announcing(work.sync, CONFIRM, now);
      break;
  }
  return { sync: work.sync, book: work.book, changed: work.changed, sends: work.sends };
}

interface Wait {
  readonly after: number;
  readonly within: number;
}

/** Xorshift (Marsaglia 2003): no secret hangs on it. */
function nextChance(last: number): number {
  let next = last ^ (last << 13);
  next ^= next >>> 17;
  return (next ^ (next << 5)) >>> 0;
}

const waitOf = (chance: number, { after, within }: Wait): Millis => millis(after + (chance % within));

/** An announcement out of turn, unless one is due sooner, or there were many. */
function announcing(sync: BookSync, wait: Wait, now: Millis): BookSync {
  const over = minus(now, sync.eagerSince) >= ANNOUNCE_PERIOD;
  const eager = over ? 0 : sync.eager;
  const chance = nextChance(sync.chance);
  const announceAt = plus(now, waitOf(chance, wait));
  if (eager >= EAGER || announceAt >= sync.announceAt) return { ...sync, chance };
  return { ...sync, chance, announceAt, eager: eager + 1, eagerSince: over ? now : sync.eagerSince };
}

/** Somebody has announced a book like ours: that serves for all. */
function announced(sync: BookSync, now: Millis): BookSync {
  const chance = nextChance(sync.chance);
  const wait = waitOf(chance, { after: ANNOUNCE_PERIOD - SPREAD, within: SPREAD });
  return { ...sync, chance, likeAt: now, announceAt: plus(now, wait) };
}

/** Puts an announcement off while others exchange. */
function quiet(sync: BookSync, now: Millis): BookSync {
  if (minus(sync.announceAt, now) >= QUIET.after) return sync;
  const chance = nextChance(sync.chance);
  return { ...sync, chance, announceAt: plus(now, waitOf(chance, QUIET)) };
}

function tick(work: Work): void {
  const { sync, now } = work;
  const { pull } = sync;
  if (!isBookDue(sync, now)) return;
  if (pull === null) announce(work);
  else if (pull.tries < TRIES) ask(work, { ...pull, tries: pull.tries + 1 });
  else work.sync = { ...sync, pull: null };
}

function digest(work: Work): Uint32Array {
  const known = work.sync.digest ?? digestOf(work.book);
  if (work.sync.digest === null) work.sync = { ...work.sync, digest: known };
  return known;
}

function announce(work: Work): void {
  // The month may have become known, and with it usage that is none.
  merge(work, new Uint8Array(0));
  work.sends.push({ kind: "announce", sender: work.sync.sender, digest: digest(work) });
  work.sync = { ...announced(work.sync, work.now), announcedAt: work.now };
}

function merge(work: Work, records: Uint8Array): void {
  const { book, changed } = merged(work.book, records, { month: work.month });
  if (book === work.book) return;
  work.book = book;
  work.changed = changed;
  work.sync = { ...work.sync, digest: null };
}

/** Tells everybody of records, in as many messages as they need. */
function tell(work: Work, records: Uint8Array): void {
  let from = 0;
  for (let at = 0; at < records.length; ) {
    const next = afterRecord(records, at);
    if (next - from > PAGE_LIMIT) {
      work.sends.push({ kind: "news", sender: work.sync.sender, records: records.slice(from, at) });
      from = at;
    }
    at = next;
  }
  if (from < records.length) work.sends.push({ kind: "news", sender: work.sync.sender, records: records.slice(from) });
}

function hear(work: Work, message: BookMessage): void {
  switch (message.kind) {
    case "announce":
      return hearAnnounce(work, message.sender, message.digest);
    case "ask":
      return message.to === work.sync.sender ? answer(work, message) : hush(work);
    case "page":
      return hearPage(work, message);
    case "news":
      return merge(work, message.records);
  }
}

const hush = (work: Work): void => {
  if (work.sync.pull === null) work.sync = quiet(work.sync, work.now);
};

const isFresh = (at: Millis | null, now: Millis): boolean => at !== null && minus(now, at) < FRESH;

function hearAnnounce(work: Work, sender: number, theirs: Uint32Array): void {
  const { now } = work;
  const parts = differingParts(digest(work), theirs);
  const { sync } = work;
  if (parts === 0) work.sync = announced(sync, now);
  else if (sync.pull !== null) return;
  // Ours was heard, and this is the answer.
  else if (isFresh(sync.announcedAt, now))
    ask(work, { of: sender, parts, from: 0, askedAt: now, tries: 1, moved: false });
  else if (!isFresh(sync.likeAt, now)) work.sync = announcing(sync, ANSWER, now);
}

function ask(work: Work, pull: Pull): void {
  const { of, parts, from } = pull;
  work.sync = { ...work.sync, pull: { ...pull, askedAt: work.now } };
  work.sends.push({ kind: "ask", sender: work.sync.sender, to: of, parts, from });
}

const isIn = (parts: number, book: Book, at: number): boolean => (parts & (1 << partAt(book, at))) !== 0;

function answer(work: Work, { parts, from }: Extract<BookMessage, { kind: "ask" }>): void {
  const { book, sync } = work;
  const page = collected(book, { parts, from, next: 0 }, () => true);
  work.sends.push({ kind: "page", sender: sync.sender, parts, from, ...page });
}

interface Stretch {
  readonly parts: number;
  readonly from: number;
  /** 0: to the end. */
  readonly next: number;
}

/** The wanted records of a stretch of the book, as many as fit one message, and the order of the first that did not. */
function collected(
  book: Book,
  { parts, from, next }: Stretch,
  isWanted: (at: number) => boolean,
): { readonly records: Uint8Array; readonly next: number } {
  const records = new Uint8Array(PAGE_LIMIT);
  let length = 0;
  for (let at = seek(book, from); at < book.length; at = afterRecord(book, at)) {
    const order = orderAt(book, at);
    if (next > 0 && order >= next) break;
    if (!isIn(parts, book, at) || !isWanted(at)) continue;
    const record = book.subarray(at, afterRecord(book, at));
    if (length + record.length > PAGE_LIMIT) return { records: records.slice(0, length), next: order };
    records.set(record, length);
    length += record.length;
  }
  return { records: records.slice(0, length), next };
}

function hearPage(work: Work, page: Extract<BookMessage, { kind: "page" }>): void {
  merge(work, page.records);
  const { sync, book } = work;
  const { pull } = sync;
  if (pull === null) return hush(work);
  if (pull.of !== page.sender || pull.parts !== page.parts || pull.from !== page.from) return;
  // What is in this stretch of ours and not in theirs, they lack.
  const lacking = collected(book, page, (at) => !holds(page.records, book, at));
  tell(work, lacking.records);
  const moved = pull.moved || work.changed.length > 0 || lacking.records.length > 0;
  // An end before what was asked for would go round for ever.
  if (lacking.next > pull.from) return ask(work, { ...pull, from: lacking.next, tries: 1, moved });
  const done: BookSync = { ...sync, pull: null };
  work.sync = moved ? announcing(done, AFTERWARDS, work.now) : done;
}

/** Whether a page has this very record of the book. */
function holds(page: Uint8Array, book: Book, record: number): boolean {
  const order = orderAt(book, record);
  for (let at = 0; at < page.length; at = afterRecord(page, at)) {
    if (orderAt(page, at) === order) return sameAt(page, at, book, record);
  }
  return false;
}

function sameAt(page: Uint8Array, at: number, book: Book, record: number): boolean {
  if (versionAt(page, at) !== versionAt(book, record) || page[at] !== book[record]) return false;
  const body = bodyAt(book, record);
  return bodyAt(page, at).every((byte, index) => byte === body[index]);
}
