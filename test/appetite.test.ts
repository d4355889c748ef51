import assert from "node:assert/strict";
import fc from "fast-check";
import { type Appetite, UNKNOWN_APPETITE, watchAppetite } from "../src/appetite.js";
import { deciamps, millis } from "../src/units.js";

/** Watches a draw under an offer, a reading each second. */
function watched(from: Appetite, start: number, seconds: number, offer: number, draw: number): Appetite {
  let appetite = from;
  for (let second = 0; second <= seconds; second++) {
    appetite = watchAppetite(appetite, deciamps(offer), deciamps(draw), millis(start + 1_000 * second));
  }
  return appetite;
}

describe("appetite", () => {
  it("is without limit for a car that takes all of its offer", () => {
    assert.equal(watched(UNKNOWN_APPETITE, 0, 60, 160, 157).limit, null);
  });
  it("is the draw and 0.5 A once a car has left more than 0.7 A for 8 s", () => {
    assert.equal(watched(UNKNOWN_APPETITE, 0, 7, 160, 100).limit, null);
    assert.equal(watched(UNKNOWN_APPETITE, 0, 8, 160, 100).limit, 105);
    assert.equal(watched(UNKNOWN_APPETITE, 0, 60, 160, 153).limit, null);
  });
  it("is without limit again as soon as the car takes all that it is offered", () => {
    const small = watched(UNKNOWN_APPETITE, 0, 10, 160, 100);
    assert.equal(watched(small, 11_000, 0, 105, 104).limit, null);
  });
  it("counts the 8 s anew after a reading near the offer: a car that ramps is not sated", () => {
    const ramping = watched(watched(UNKNOWN_APPETITE, 0, 5, 160, 60), 6_000, 0, 160, 158);
    assert.equal(watched(ramping, 7_000, 5, 160, 60).limit, null);
  });
  it("follows a full battery down", () => {
    let appetite = UNKNOWN_APPETITE;
    for (let second = 0; second < 1_800; second++) {
      const draw = 160 - Math.floor(second / 20);
      const offer = appetite.limit ?? 200;
      appetite = watchAppetite(appetite, deciamps(offer), deciamps(draw), millis(second * 1_000));
      if (second > 60) assert.ok(offer >= draw && offer <= draw + 10, `${offer} for ${draw} at ${second} s`);
    }
  });
  it("lets a car keep its distance that goes down with each cut: it takes all all the same", () => {
    const cut = watched(UNKNOWN_APPETITE, 0, 8, 160, 145);
    assert.equal(cut.limit, 150);
    const followed = watched(cut, 9_000, 9, 150, 135);
    assert.deepEqual([followed.limit, followed.gap], [null, 15]);
    assert.equal(watched(followed, 19_000, 60, 250, 235).limit, null);
  });
  it("believes in no distance above 3 A", () => {
    const cut = watched(UNKNOWN_APPETITE, 0, 8, 320, 200);
    assert.equal(watched(cut, 9_000, 9, 205, 120).gap, 30);
  });
  it("never asks for less than the car draws", () => {
    const reading = fc.tuple(fc.constantFrom(60, 100, 160, 320), fc.integer({ min: 0, max: 32 }));
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 40 }), (readings) => {
        let appetite = UNKNOWN_APPETITE;
        for (const [second, [offer, tenth]] of readings.entries()) {
          const draw = Math.min(offer, tenth * 10);
          appetite = watchAppetite(appetite, deciamps(offer), deciamps(draw), millis(second * 1_000));
          assert.ok(appetite.limit === null || appetite.underSince !== null || appetite.limit >= draw);
          assert.ok(appetite.gap <= 30);
        }
      }),
    );
  });
});
