import assert from "node:assert/strict";
import fc from "fast-check";
import { exceeds, NO_OVER_CURRENT, type OverCurrent, overTooLong, watchDraw } from "../src/over-current.js";
import { deciamps, milliamps, millis } from "../src/units.js";

const watch = (last: OverCurrent, offer: number, draw: number | null, now: number): OverCurrent =>
  watchDraw(last, deciamps(offer), draw === null ? null : milliamps(draw), millis(now));
const due = (state: OverCurrent, now: number) => overTooLong(state, millis(now));

/** The first time, to 100 ms, at which a pause is due; null while none is within a minute. */
function pauseAfter(steps: (ms: number) => readonly [offer: number, draw: number | null], start: OverCurrent) {
  let state = start;
  for (let ms = 0; ms < 60_000; ms += 100) {
    const [offer, draw] = steps(ms);
    state = watch(state, offer, draw, ms);
    if (due(state, ms)) return ms;
  }
  return null;
}

describe("over-current", () => {
  it("begins above (offer + 0.5 A) x 1.10", () => {
    for (const [offer, most] of [
      [0, 550],
      [60, 7_150],
      [160, 18_150],
      [320, 35_750],
    ] as const) {
      assert.deepEqual(
        [most, most + 1].map((draw) => exceeds(milliamps(draw), deciamps(offer))),
        [false, true],
      );
    }
  });
  it("is due for a pause after 7 s, and begins again when the draw was right in between", () => {
    let state = watch(NO_OVER_CURRENT, 160, 20_000, 0);
    assert.deepEqual([due(state, 6_999), due(state, 7_000)], [false, true]);
    state = watch(state, 160, 18_150, 6_900);
    state = watch(state, 160, 20_000, 7_000);
    assert.deepEqual([due(state, 13_999), due(state, 14_000)], [false, true]);
  });
  it("does not judge what it cannot see", () => {
    const state = watch(NO_OVER_CURRENT, 160, 20_000, 0);
    assert.equal(watch(state, 160, null, 5_000).overSince, null);
  });
  it("counts a draw against the higher offer for 9 s after a decrease", () => {
    const before = watch(NO_OVER_CURRENT, 320, 30_000, 0);
    assert.equal(
      pauseAfter(() => [100, 30_000], before),
      16_000,
    );
  });
  it("gives no time for a draw above the higher offer too", () => {
    const before = watch(NO_OVER_CURRENT, 160, 30_000, 0);
    assert.equal(
      pauseAfter(() => [100, 30_000], before),
      7_000,
    );
  });
  it("gives an offer that falls again and again no more time than one that falls once", () => {
    const before = watch(NO_OVER_CURRENT, 320, 32_000, 0);
    const falling = pauseAfter((ms) => [Math.max(60, 200 - Math.floor(ms / 1_000)), 32_000], before);
    const once = pauseAfter(() => [200, 32_000], before);
    assert.deepEqual([falling, once], [16_000, 16_000]);
  });
  it("keeps the same state while nothing changes", () => {
    const state = watch(NO_OVER_CURRENT, 160, 9_000, 0);
    assert.equal(watch(state, 160, 12_000, 20), state);
  });
  it("never pauses a car that takes up to 8.9 s to follow a decrease", () => {
    const step = fc.tuple(fc.constantFrom(0, 60, 100, 160, 320), fc.constantFrom(100, 3_000, 8_900));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (list) => {
        let state = NO_OVER_CURRENT;
        let now = 0;
        let before = 0;
        for (const [offer, wait] of list) {
          for (const end = now + wait; now < end; now += 100) {
            state = watch(state, offer, Math.max(offer, before) * 100, now);
            if (due(state, now)) return false;
          }
          before = offer;
        }
        return true;
      }),
    );
  });
  it("remembers few offers, in falling order, however often they change", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 60, 61, 62, 100, 320), { maxLength: 60 }), (offers) => {
        let state = NO_OVER_CURRENT;
        for (const [index, offer] of offers.entries()) state = watch(state, offer, 0, index * 100);
        const kept = state.following.map((one) => Number(one.offer));
        return kept.length <= 6 && kept.every((one, at) => at === 0 || one < (kept[at - 1] ?? 0));
      }),
    );
  });
});
