import assert from "node:assert/strict";
import fc from "fast-check";
import { lastingAtLeast, lastingAtMost } from "../src/clock-margin.js";

describe("clock margin", () => {
  it("is 1.5 %, rounded up for what must last and down for what must end", () => {
    assert.deepEqual([1_000, 1, 0, 5_000].map(lastingAtLeast), [1_015, 2, 0, 5_075]);
    assert.deepEqual([1_000, 1, 0, 5_970].map(lastingAtMost), [985, 0, 0, 5_880]);
  });
  it("holds in the world's time with a clock that is 1.4 % fast or slow", () => {
    const percent = fc.constantFrom(-1.4, -1, 0, 1, 1.4);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), percent, (ms, fast) => {
        const world = (counted: number) => counted / (1 + fast / 100);
        return world(lastingAtLeast(ms)) >= ms - 1e-6 && world(lastingAtMost(ms)) <= ms + 1e-6;
      }),
    );
  });
});
