import assert from "node:assert/strict";
import fc from "fast-check";
import { addDraw, type DrawSample, drawSpan, houseBehind, steadyTenths } from "../src/house.js";
import { deciamps, milliamps, millis } from "../src/units.js";

const UNSEEN = millis(5_000);
const draw = (at: number, amps: number, offer: number): DrawSample => ({
  at: millis(at),
  draw: [milliamps(Math.round(amps * 1_000))],
  offer: milliamps(offer * 1_000),
});
const span = (samples: readonly DrawSample[], at: number) => drawSpan(samples, 0, millis(at), UNSEEN);

describe("house behind a grid-side meter", () => {
  it("is the grid without the car's steady draw", () => {
    const steady = [draw(0, 16, 16), draw(1_000, 16, 16), draw(2_000, 16, 16)];
    assert.equal(houseBehind(null, milliamps(21_000), [span(steady, 1_500)]), 5_000);
  });
  it("rises at once with the grid when the car already draws all it is offered", () => {
    const steady = [draw(0, 16, 16), draw(1_000, 16, 16)];
    assert.equal(houseBehind(milliamps(5_000), milliamps(29_000), [span(steady, 1_100)]), 13_000);
  });
  it("counts a car nothing was heard of as drawing nothing, and is never below 0", () => {
    assert.deepEqual(span([draw(0, 16, 16)], 6_000), { least: 0, most: 0 });
    assert.deepEqual(span([], 0), { least: 0, most: 0 });
    assert.equal(houseBehind(null, milliamps(10_000), [{ least: 16_000, most: 16_000 }]), 0);
  });
  it("never moves by the car's own ramp alone", () => {
    const ramps = fc.record({
      house: fc.integer({ min: 0, max: 20 }),
      offer: fc.integer({ min: 6, max: 32 }),
      rampAps: fc.constantFrom(1, 5, 10, 20),
      from: fc.integer({ min: 0, max: 4_000 }),
      every: fc.constantFrom(250, 375, 750),
    });
    fc.assert(
      fc.property(ramps, ({ house, offer, rampAps, from, every }) => {
        const drawn = (t: number) => Math.min(offer, Math.max(0, ((t - from) / 1_000) * rampAps));
        const mean = (t: number) => {
          let sum = 0;
          for (let back = 1_300; back < 2_700; back += 20) sum += drawn(t - back);
          return sum / 70;
        };
        let samples: readonly DrawSample[] = [];
        let estimate = milliamps(house * 1_000);
        for (let t = 0; t < 12_000; t += 10) {
          if (t % every === 0) samples = addDraw(samples, draw(t, mean(t), offer));
          if (t % 1_000 !== 70) continue;
          const grid = milliamps(Math.round((house + mean(t)) * 1_000));
          estimate = houseBehind(estimate, grid, [span(samples, t)]);
          if (Math.abs(estimate - house * 1_000) > 2) return false;
        }
        return true;
      }),
    );
  });
  it("is never less than the true house once the car is steady and measured after the grid", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 32 }),
        fc.integer({ min: 0, max: 60 }),
        (house, car, last) => {
          const steady = [0, 500, 1_000, 1_500, 2_000].map((at) => draw(at, car, 32));
          const found = houseBehind(milliamps(last * 1_000), milliamps((house + car) * 1_000), [span(steady, 1_600)]);
          return found === house * 1_000;
        },
      ),
    );
  });
});

describe("house in tenths", () => {
  it("is rounded up, but for the last digit that a PZEM shows", () => {
    assert.deepEqual(
      [4_000, 4_002, 4_100].map((house) => steadyTenths(null, milliamps(house))),
      [40, 41, 41],
    );
  });
  it("keeps its tenth while the value falls by less than the jitter below the edge", () => {
    assert.equal(steadyTenths(deciamps(41), milliamps(3_999)), 41);
    assert.equal(steadyTenths(deciamps(41), milliamps(3_980)), 40);
    assert.equal(steadyTenths(deciamps(42), milliamps(3_999)), 40);
  });
  it("is never less than the house, but for that digit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 40_000 }), (last, house) => {
        return steadyTenths(deciamps(last), milliamps(house)) * 100 >= house - 1;
      }),
    );
  });
});
