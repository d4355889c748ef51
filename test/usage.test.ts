import assert from "node:assert/strict";
import fc from "fast-check";
import { merged } from "../src/site-book.js";
import { wattHours } from "../src/units.js";
import { authorOf, monthNumber, usageRecord, usedAt, usedInMonth } from "../src/usage.js";

const EMPTY = new Uint8Array(0);
const NOVEMBER = monthNumber(2026, 11);

describe("usage", () => {
  it("counts months from January 2020, into the next year, to 2105", () => {
    assert.equal(monthNumber(2020, 1), 0);
    assert.equal(monthNumber(2027, 1) - NOVEMBER, 2);
    assert.equal(monthNumber(2105, 4), 1_023);
    assert.equal(monthNumber(2200, 1), 1_023);
    assert.equal(monthNumber(1970, 1), 0);
  });
  it("is the sum of what all chargers counted, each to 10 Wh below, and never falls", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(1, 2, 0xffff), fc.constantFrom(1, 65_535), fc.nat(60_000))),
        (counts) => {
          const best = new Map<string, number>();
          let book: Uint8Array = EMPTY;
          for (const [author, person, energy] of counts) {
            book = merged(book, usageRecord(author, person, NOVEMBER, wattHours(energy))).book;
            const key = `${author} ${person}`;
            best.set(key, Math.max(best.get(key) ?? 0, Math.floor(energy / 10) * 10));
          }
          for (const person of [1, 65_535]) {
            const sum = [1, 2, 0xffff].reduce((all, author) => all + (best.get(`${author} ${person}`) ?? 0), 0);
            assert.equal(usedInMonth(book, person, NOVEMBER), sum);
            assert.equal(usedAt(book, 2, person, NOVEMBER), best.get(`2 ${person}`) ?? 0);
          }
        },
      ),
    );
  });
  it("begins at 0 with each month", () => {
    const { book } = merged(EMPTY, usageRecord(1, 7, NOVEMBER, wattHours(5_000)));
    assert.equal(usedInMonth(book, 7, NOVEMBER), 5_000);
    assert.equal(usedInMonth(book, 7, NOVEMBER + 1), 0);
    const next = merged(book, usageRecord(1, 7, NOVEMBER + 1, wattHours(20))).book;
    assert.equal(usedInMonth(next, 7, NOVEMBER + 1), 20);
    assert.equal(usedInMonth(next, 7, NOVEMBER), 0);
  });
  it("holds 40 MWh a month, and more is written as that", () => {
    const { book } = merged(EMPTY, usageRecord(1, 7, 1_023, wattHours(100_000_000)));
    assert.equal(usedInMonth(book, 7, 1_023), 41_943_030);
  });
  it("is told apart for two chargers whose names have the same 16 bits", () => {
    const ids = Array.from({ length: 2_000 }, (_, index) => `charger-${index}`);
    const seen = new Map<number, string>();
    let pairs = 0;
    for (const id of ids) {
      const other = seen.get(authorOf(id));
      seen.set(authorOf(id), id);
      if (other === undefined) continue;
      pairs++;
      assert.notEqual(authorOf(id, [id, other]), authorOf(other, [id, other]));
    }
    assert.ok(pairs > 5);
  });
});
