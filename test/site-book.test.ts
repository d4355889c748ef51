import assert from "node:assert/strict";
import fc from "fast-check";
import {
  afterRecord,
  areRecords,
  BODY_LIMIT,
  BOOK_LIMIT,
  type Book,
  bodyAt,
  differingParts,
  digestOf,
  find,
  HEADER,
  KIND,
  keyAt,
  kindAt,
  MONTH_SHIFT,
  merged,
  monthAt,
  orderAt,
  recordOf,
  versionAt,
} from "../src/site-book.js";

const EMPTY = new Uint8Array(0);
function joined(records: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const record of records) {
    all.set(record, at);
    at += record.length;
  }
  return all;
}

/** Few keys, versions and bodies, so that they collide. */
const person = fc
  .tuple(fc.constantFrom(1, 2, 3, 500, 65_535), fc.constantFrom(1, 2, 3, 0xffff_ffff), fc.uint8Array({ maxLength: 3 }))
  .map(([key, version, body]) => recordOf(KIND.person, key, version, body));
const usage = fc
  .tuple(fc.constantFrom(1, 0x1_0001, 0xffff_0001), fc.constantFrom(0, 82, 83, 1_023), fc.constantFrom(0, 1, 999))
  .map(([key, month, amount]) => recordOf(KIND.usage, key, month * 2 ** MONTH_SHIFT + amount, EMPTY));
const later = fc.constantFrom(3, 255).map((kind) => recordOf(kind, 7, 1, Uint8Array.of(kind)));
const records = fc.array(fc.oneof(person, usage, later), { maxLength: 12 }).map(joined);
const month = fc.constantFrom(null, 82, 83);

/** The record of a key and of what it says, one string each. */
function shown(book: Book): readonly string[] {
  const list: string[] = [];
  for (let at = 0; at < book.length; at = afterRecord(book, at))
    list.push(`${kindAt(book, at)} ${keyAt(book, at)} v${versionAt(book, at)} [${bodyAt(book, at)}]`);
  return list;
}

function isInOrder(book: Book): boolean {
  for (let at = 0, last = -1; at < book.length; at = afterRecord(book, at)) {
    if (orderAt(book, at) <= last) return false;
    last = orderAt(book, at);
  }
  return areRecords(book);
}

const added = (book: Book, news: Uint8Array, month: number | null = null): Book => merged(book, news, { month }).book;

/** The slow way: of each key the greatest; of usage the newest month alone. */
function expected(all: Uint8Array, most: number | null): readonly string[] {
  const best = new Map<number, Uint8Array>();
  let newest = -1;
  for (let at = 0; at < all.length; at = afterRecord(all, at)) {
    const one = all.slice(at, afterRecord(all, at));
    const isUsage = kindAt(one, 0) === KIND.usage;
    if (isUsage && most !== null && monthAt(one, 0) > most) continue;
    if (isUsage) newest = Math.max(newest, monthAt(one, 0));
    const known = best.get(orderAt(one, 0));
    const version = known === undefined ? -1 : versionAt(known, 0);
    const body = (record: Uint8Array): string => String.fromCharCode(...bodyAt(record, 0));
    if (known === undefined || versionAt(one, 0) > version) best.set(orderAt(one, 0), one);
    else if (versionAt(one, 0) === version && body(one) > body(known)) best.set(orderAt(one, 0), one);
  }
  return [...best]
    .sort(([a], [b]) => a - b)
    .filter(([, one]) => kindAt(one, 0) !== KIND.usage || monthAt(one, 0) === newest)
    .flatMap(([, one]) => shown(one));
}

describe("book", () => {
  it("holds of each key the newest, of one version the greater body, of usage the newest month", () => {
    fc.assert(
      fc.property(records, records, month, (one, other, most) => {
        const book = added(added(EMPTY, one, most), other, most);
        assert.ok(isInOrder(book));
        assert.deepEqual(shown(book), expected(joined([one, other]), most));
      }),
      { numRuns: 300 },
    );
  });
  it("comes out the same in whatever order, and however often, records are heard", () => {
    fc.assert(
      fc.property(fc.array(records, { maxLength: 4 }), month, (parts, most) => {
        const books = parts.map((part) => added(EMPTY, part, most));
        const forth = books.reduce((book, one) => added(book, one, most), EMPTY);
        const back = [...books, ...books].reverse().reduce((book, one) => added(one, book, most), EMPTY);
        assert.deepEqual(back, forth);
        assert.equal(added(forth, forth, most), forth);
      }),
      { numRuns: 200 },
    );
  });
  it("stays the very same object when nothing was news, and names what was", () => {
    const one = recordOf(KIND.person, 5, 2, Uint8Array.of(1));
    const older = recordOf(KIND.person, 5, 1, Uint8Array.of(9));
    const other = recordOf(KIND.person, 6, 1, Uint8Array.of(9));
    const first = merged(EMPTY, one);
    assert.deepEqual(first.changed, one);
    const same = merged(first.book, joined([one, older]));
    assert.equal(same.book, first.book);
    assert.equal(same.changed.length, 0);
    assert.deepEqual(merged(first.book, joined([one, other])).changed, other);
  });
  it("finds a record by kind and key, and none that is not there", () => {
    const book = added(EMPTY, joined([3, 1, 2].map((key) => recordOf(KIND.person, key, 1, Uint8Array.of(key)))));
    assert.equal(find(book, KIND.person, 1), 0);
    assert.deepEqual(bodyAt(book, find(book, KIND.person, 2)), Uint8Array.of(2));
    assert.equal(find(book, KIND.person, 4), -1);
    assert.equal(find(book, KIND.usage, 1), -1);
    assert.equal(find(EMPTY, KIND.person, 1), -1);
  });
  it("forgets usage of a month to come once it knows the month", () => {
    const wrong = recordOf(KIND.usage, 1, 500 * 2 ** MONTH_SHIFT + 9, EMPTY);
    const right = recordOf(KIND.usage, 2, 82 * 2 ** MONTH_SHIFT + 9, EMPTY);
    const book = added(EMPTY, wrong);
    assert.deepEqual(shown(added(book, right)), shown(wrong));
    assert.deepEqual(shown(added(book, right, 82)), shown(right));
    assert.deepEqual(shown(added(book, EMPTY, 82)), []);
  });
  it("is never longer than its limit: the smallest usage goes first, whatever the order, and no person for it", () => {
    const people = Array.from({ length: 100 }, (_, key) => recordOf(KIND.person, key + 1, 1, new Uint8Array(40)));
    const uses = Array.from({ length: 400 }, (_, key) =>
      recordOf(KIND.usage, key, 82 * 2 ** MONTH_SHIFT + ((key * 7) % 400), EMPTY),
    );
    const forth = [...people, ...uses].reduce((book, one) => added(book, one), EMPTY);
    const back = added(EMPTY, joined([...uses, ...people]));
    assert.ok(forth.length <= BOOK_LIMIT && forth.length > BOOK_LIMIT - HEADER);
    assert.deepEqual(back, forth);
    assert.ok(people.every((one) => find(forth, KIND.person, keyAt(one, 0)) >= 0));
    const kept = shown(forth).length - 100;
    for (const one of uses) {
      const amount = versionAt(one, 0) - 82 * 2 ** MONTH_SHIFT;
      assert.equal(find(forth, KIND.usage, keyAt(one, 0)) >= 0, amount >= 400 - kept);
    }
  });
  it("of two books tells the parts in which they differ", () => {
    fc.assert(
      fc.property(records, records, (one, other) => {
        const [a, b] = [added(EMPTY, one), added(EMPTY, other)];
        const mask = differingParts(digestOf(a), digestOf(b));
        assert.equal(mask === 0, shown(a).join() === shown(b).join());
        assert.ok(mask >= 0 && mask <= 0xffff);
      }),
      { numRuns: 200 },
    );
  });
  it("of two books tells that two people took the same step at once", () => {
    const uses = (amount: number): Book =>
      added(EMPTY, joined(Array.from({ length: 200 }, (_, key) => recordOf(KIND.usage, key, amount, EMPTY))));
    for (let amount = 1; amount < 30; amount++) {
      assert.equal(differingParts(digestOf(uses(amount)), digestOf(uses(amount - 1))), 0xffff);
    }
  });
});

describe("records", () => {
  it("are refused when one ends early, has no kind or too long a body", () => {
    assert.ok(areRecords(EMPTY));
    const one = recordOf(KIND.person, 5, 2, Uint8Array.of(1, 2, 3));
    assert.ok(areRecords(joined([one, one])));
    for (let length = 1; length < one.length; length++) assert.ok(!areRecords(one.subarray(0, length)));
    assert.ok(!areRecords(recordOf(0, 1, 1, EMPTY)));
    assert.ok(areRecords(recordOf(1, 1, 1, new Uint8Array(BODY_LIMIT))));
    assert.ok(!areRecords(recordOf(1, 1, 1, new Uint8Array(BODY_LIMIT + 1))));
  });
});
