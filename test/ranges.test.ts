import assert from "node:assert/strict";
import fc from "fast-check";
import { below, common, exceeds, type Range, type Ranges } from "../src/ranges.js";
import { deciamps } from "../src/units.js";
import { heldTwice } from "./site.js";

const range = (from: number, to: number, phase = 1): Range => ({ phase, from, to });

const someRange = fc
  .tuple(fc.constantFrom(1, 2), fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 6 }))
  .map(([phase, from, length]) => range(from, from + length, phase));
/** Disjoint ranges, as one owner has them. */
const some = fc
  .array(someRange, { maxLength: 5 })
  .map((list) => list.filter((one, place) => common(list.slice(0, place), [one]).length === 0));
const tenthsOf = (ranges: Ranges): ReadonlySet<string> =>
  new Set(
    ranges.flatMap(({ phase, from, to }) => Array.from({ length: to - from }, (_, at) => `${phase}/${from + at}`)),
  );

describe("ranges", () => {
  it("are worth what of them lies below the budget, on one phase", () => {
    const mine = [range(0, 60), range(100, 150), range(0, 90, 2)];
    assert.deepEqual(
      [0, 1, 60, 100, 120, 150, 900].map((budget) => below(mine, 1, deciamps(budget))),
      [0, 1, 60, 60, 80, 110, 110],
    );
    assert.equal(below([], 1, deciamps(300)), 0);
  });
  it("have in common what both hold", () => {
    assert.deepEqual(common([range(0, 100)], [range(50, 70), range(90, 200), range(0, 9, 2)]), [
      range(50, 70),
      range(90, 100),
    ]);
    assert.deepEqual(common([range(0, 50)], [range(50, 90)]), []);
  });
  it("are compared ampere by ampere", () => {
    fc.assert(
      fc.property(some, some, (a, b) => {
        const [left, right] = [tenthsOf(a), tenthsOf(b)];
        assert.deepEqual([...tenthsOf(common(a, b))].sort(), [...left].filter((one) => right.has(one)).sort());
        assert.equal(
          exceeds(a, b),
          [...left].some((one) => !right.has(one)),
        );
      }),
    );
  });
  it("name the first ampere that two owners hold, and none when each has one owner", () => {
    assert.deepEqual(heldTwice([[range(0, 60)], [range(60, 120), range(30, 31)]]), range(30, 31));
    assert.equal(heldTwice([[range(0, 60)], [range(60, 120)], [range(0, 60, 2)]]), null);
    assert.equal(heldTwice([]), null);
  });
  it("find every ampere held twice, whatever is held", () => {
    fc.assert(
      fc.property(some, some, some, (a, b, c) => {
        const all = [a, b, c].flatMap((one) => [...tenthsOf(one)]);
        assert.equal(heldTwice([a, b, c]) !== null, new Set(all).size < all.length);
      }),
    );
  });
});
