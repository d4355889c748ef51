import assert from "node:assert/strict";
import fc from "fast-check";
import { decidesBy, fill } from "../src/fill.js";

interface Rising {
  readonly cap: number;
  readonly sources: readonly number[];
}
const rises = (cap: number, ...sources: readonly number[]): Rising => ({ cap, sources });

/** Levels after filling, when the 6 A of each have been taken off the room already. */
function levels(room: readonly number[], claims: readonly Rising[]): readonly number[] {
  const level = new Map(claims.map((claim) => [claim, 60]));
  fill({ room: [...room], level }, claims);
  return claims.map((claim) => level.get(claim) ?? 0);
}

describe("fill", () => {
  it("raises all together until the room is used up", () => {
    assert.deepEqual(levels([60], [rises(320, 0), rises(320, 0)]), [90, 90]);
  });
  it("stops at each one's cap, and the others rise on", () => {
    assert.deepEqual(levels([60], [rises(70, 0), rises(320, 0)]), [70, 110]);
    assert.deepEqual(levels([60], [rises(60, 0)]), [60]);
  });
  it("stops who shares a source that is empty, and nobody else", () => {
    assert.deepEqual(levels([10, 100], [rises(320, 0, 1), rises(320, 1)]), [70, 150]);
  });
  it("gives the last tenths to the first in order", () => {
    assert.deepEqual(levels([5], [rises(320, 0), rises(320, 0), rises(320, 0)]), [62, 62, 61]);
  });
  it("fills nothing for nobody", () => assert.deepEqual(levels([100], []), []));
  it("takes from each source no more than there is", () => {
    const claim = fc.record({
      cap: fc.constantFrom(60, 61, 75, 320),
      sources: fc.constantFrom<readonly number[]>([0], [1], [0, 1], [0, 1, 2]),
    });
    const room = fc.array(fc.constantFrom(0, 1, 5, 60, 333), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(room, fc.array(claim, { maxLength: 7 }), (amounts, claims) => {
        const given = levels(amounts, claims);
        for (const [source, amount] of amounts.entries()) {
          const taken = claims.reduce(
            (sum, { sources }, place) => (sources.includes(source) ? sum + (given[place] ?? 0) - 60 : sum),
            0,
          );
          assert.ok(taken <= amount);
        }
        for (const [place, { cap }] of claims.entries()) assert.ok((given[place] ?? 0) <= cap);
      }),
    );
  });
});

describe("an offer", () => {
  it("is decided by an amount that it uses up, and nothing by one too small for any car", () => {
    assert.deepEqual(
      [decidesBy(100, 100), decidesBy(100, 101), decidesBy(0, 59), decidesBy(0, 60)],
      [true, false, true, false],
    );
  });
});
