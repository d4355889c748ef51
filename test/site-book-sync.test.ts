import assert from "node:assert/strict";
import fc from "fast-check";
import { type Book, KIND, MONTH_SHIFT, merged, recordOf } from "../src/site-book.js";
import { decodeBook, encodeBook } from "../src/site-book-message.js";
import {
  ANNOUNCE_PERIOD,
  type BookEvent,
  type BookSync,
  isBookDue,
  startBookSync,
  stepBook,
} from "../src/site-book-sync.js";
import { millis } from "../src/units.js";

const EMPTY: Book = new Uint8Array(0);
const TICK = 100;
const MONTH = 82;

interface Charger {
  sync: BookSync;
  book: Book;
  /** Group of those it reaches. */
  group: number;
  month: number | null;
}

interface Flight {
  readonly at: number;
  readonly to: number;
  readonly bytes: Uint8Array;
}

/** A random number from 0 to 1, the same with each run. */
function chances(seed: number): () => number {
  let last = seed >>> 0 || 1;
  return () => {
    last ^= last << 13;
    last ^= last >>> 17;
    last = (last ^ (last << 5)) >>> 0;
    return last / 2 ** 32;
  };
}

/** A site whose channel loses, doubles and delays as it is told. */
function site(books: readonly Book[], seed: number) {
  const chance = chances(seed);
  const start = (book: Book, group: number, now: number): Charger => ({
    sync: startBookSync(Math.floor(chance() * 2 ** 32), millis(now)),
    book,
    group,
    month: MONTH,
  });
  const chargers = books.map((book) => start(book, 0, 0));
  let now = 0;
  let flights: Flight[] = [];
  const channel = { loss: 0, twice: 0, delay: 10 };
  const counts = { sent: 0, announced: 0, bytes: 0, longest: 0 };

  function does(place: number, event: BookEvent): void {
    const one = chargers[place];
    assert.ok(one !== undefined);
    const before = one.book;
    const step = stepBook(one.sync, before, event, { now: millis(now), month: one.month });
    one.sync = step.sync;
    one.book = step.book;
    if (step.book !== before)
      assert.ok(isSame(merged(before, step.changed, { month: one.month }).book, step.book), "what was news");
    for (const message of step.sends) {
      const bytes = encodeBook(message);
      counts.sent++;
      if (message.kind === "announce") counts.announced++;
      counts.bytes += bytes.length;
      counts.longest = Math.max(counts.longest, bytes.length);
      // By a broker it comes back to its sender too.
      for (let to = 0; to < chargers.length; to++) {
        if (chargers[to]?.group !== one.group || chance() < channel.loss) continue;
        for (let copies = chance() < channel.twice ? 2 : 1; copies > 0; copies--)
          flights.push({ at: now + 1 + Math.floor(chance() * channel.delay), to, bytes });
      }
    }
  }
  function turn(): void {
    now += TICK;
    // In the order of arrival, with what is sent meanwhile.
    for (;;) {
      if (!flights.some(({ at }) => at <= now)) break;
      const due = flights.filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
      flights = flights.filter(({ at }) => at > now);
      for (const { to, bytes } of due) {
        // Each reads it for itself, as it comes from the air.
        const message = decodeBook(bytes);
        assert.ok(message !== null);
        does(to, { kind: "heard", message });
      }
    }
    for (const [place, { sync }] of chargers.entries()) if (isBookDue(sync, millis(now))) does(place, { kind: "tick" });
  }
  return {
    chargers,
    channel,
    counts,
    now: () => now,
    edits: (place: number, records: Uint8Array): void => does(place, { kind: "changed", records }),
    restarts(place: number): void {
      const one = chargers[place];
      if (one !== undefined) chargers[place] = start(one.book, one.group, now);
    },
    runs(ms: number): void {
      for (const end = now + ms; now < end; ) turn();
    },
    /** How long until all books are the same; null: not within the time. */
    settles(within: number): number | null {
      const from = now;
      while (now - from < within) {
        if (now % 1_000 === 0 && areSame(chargers)) return now - from;
        turn();
      }
      return areSame(chargers) ? now - from : null;
    },
  };
}

const isSame = (one: Book, other: Book): boolean =>
  one === other || (one.length === other.length && one.every((byte, at) => byte === other[at]));
const areSame = (chargers: readonly Charger[]): boolean =>
  chargers.every(({ book }) => isSame(book, chargers[0]?.book ?? EMPTY));

const person = (key: number, version: number, length = 30): Uint8Array =>
  recordOf(KIND.person, key, version, new Uint8Array(length).fill(key & 0xff));
const usage = (key: number, amount: number, month = MONTH): Uint8Array =>
  recordOf(KIND.usage, key, month * 2 ** MONTH_SHIFT + amount, EMPTY);
const added = (book: Book, ...records: readonly Uint8Array[]): Book =>
  records.reduce((all, one) => merged(all, one).book, book);
const full = added(EMPTY, ...Array.from({ length: 100 }, (_, key) => person(key * 600 + 1, key + 1)));

describe("books of a site", () => {
  it("have a change at every charger at once", () => {
    const world = site([full, full, full], 5);
    world.runs(20_000);
    world.edits(1, person(5, 500));
    assert.ok((world.settles(10_000) ?? 10_000) <= 1_000);
  });
  it("become the same after a change that was lost, within seconds", () => {
    const world = site([full, full, full], 5);
    world.runs(20_000);
    world.channel.loss = 1;
    world.edits(1, person(5, 500));
    world.runs(100);
    world.channel.loss = 0;
    const before = world.counts.sent;
    assert.ok((world.settles(60_000) ?? 60_000) <= 12_000);
    world.runs(20_000);
    assert.ok(world.counts.sent - before <= 6, `${world.counts.sent - before} messages`);
  });
  it("are announced at most 25 times in 300 s by one charger, however often they change", () => {
    const world = site([full, full], 5);
    for (let amount = 1; amount <= 60; amount++) {
      world.edits(0, usage(1, amount));
      world.runs(5_000);
    }
    assert.ok(world.counts.announced <= 25, `${world.counts.announced}`);
  });
  it("at rest cost one message in 200 s or less, however many chargers there are", () => {
    const world = site(
      Array.from({ length: 16 }, () => full),
      7,
    );
    world.runs(20_000);
    const before = world.counts.sent;
    world.runs(1_200_000);
    assert.ok(world.counts.sent - before <= 12, `${world.counts.sent - before}`);
  });
  it("become those of all edits together, whatever was lost, doubled, delayed, cut off or restarted meanwhile", () => {
    const edit = fc.record({
      place: fc.nat(7),
      records: fc.oneof(
        fc
          .tuple(fc.constantFrom(1, 2, 3, 9_000), fc.constantFrom(600, 601, 602), fc.constantFrom(0, 30, 80))
          .map(([key, version, length]) => person(key, version, length)),
        fc
          .tuple(fc.constantFrom(1, 2), fc.nat(50), fc.constantFrom(MONTH - 1, MONTH))
          .map(([key, amount, month]) => usage(key, amount, month)),
      ),
      thenS: fc.constantFrom(0, 1, 7, 40),
      fault: fc.constantFrom("loss", "delay", "split", "restart", "none"),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 8 }),
        fc.array(edit, { minLength: 1, maxLength: 15 }),
        fc.boolean(),
        fc.nat(),
        (count, edits, isFull, seed) => {
          const world = site(
            Array.from({ length: count }, (_, place) => (isFull && place > 0 ? full : EMPTY)),
            seed,
          );
          let all = isFull && count > 1 ? full : EMPTY;
          world.channel.twice = 0.2;
          for (const { place, records, thenS, fault } of edits) {
            world.channel.loss = fault === "loss" ? 0.5 : 0.05;
            world.channel.delay = fault === "delay" ? 5_000 : 50;
            world.chargers.forEach((one, at) => {
              one.group = fault === "split" ? at % 2 : 0;
            });
            if (fault === "restart") world.restarts(place % count);
            world.edits(place % count, records);
            all = merged(all, records, { month: MONTH }).book;
            world.runs(thenS * 1_000);
          }
          Object.assign(world.channel, { loss: 0, twice: 0.2, delay: 50 });
          for (const one of world.chargers) one.group = 0;
          const took = world.settles(2 * ANNOUNCE_PERIOD);
          assert.ok(took !== null, `of ${count} not the same in time`);
          assert.ok(isSame(world.chargers[0]?.book ?? EMPTY, all), "all that was edited");
        },
      ),
      { numRuns: 15 },
    );
  });
  it("of 64 chargers become the same without a storm, where one is new and one has news", () => {
    const books = Array.from({ length: 64 }, (_, place) =>
      place === 5 ? EMPTY : place === 40 ? added(full, person(7, 900), person(8, 901), usage(1, 5)) : full,
    );
    const world = site(books, 11);
    const took = world.settles(60_000);
    assert.ok(took !== null, "within a minute");
    world.runs(60_000 - took);
    assert.ok(world.counts.sent <= 100, `${world.counts.sent} messages`);
    assert.ok(world.counts.longest < 1_000);
  });
  it("of 24 chargers that all differ, with a fifth of all messages lost, become the same without a storm", () => {
    const books = Array.from({ length: 24 }, (_, place) => added(full, person(10 + place, 900 + place)));
    const world = site(books, 12);
    world.channel.loss = 0.2;
    world.runs(60_000);
    const minute = world.counts.sent;
    assert.ok(minute <= 260, `${minute} messages in the first minute`);
    world.channel.loss = 0;
    assert.ok(world.settles(2 * ANNOUNCE_PERIOD) !== null, "in time");
    assert.ok(world.counts.sent <= 400, `${world.counts.sent} messages in all`);
  });
  it("that cannot become the same, for a clock is wrong, make little noise", () => {
    const world = site([added(full, usage(1, 9, 500)), full, full, full], 13);
    const [wrong] = world.chargers;
    if (wrong !== undefined) wrong.month = 500;
    world.runs(ANNOUNCE_PERIOD);
    const before = world.counts.sent;
    world.runs(10 * ANNOUNCE_PERIOD);
    assert.ok((world.counts.sent - before) / 10 <= 64, `${(world.counts.sent - before) / 10} in a period`);
    if (wrong !== undefined) wrong.month = MONTH;
    assert.ok(world.settles(2 * ANNOUNCE_PERIOD) !== null);
  });
});
