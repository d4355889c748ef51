import assert from "node:assert/strict";
import type { PzemReading } from "../src/pzem.js";
import { isStuck, NEVER_READ, type StuckWatch, watchStuck } from "../src/stuck.js";
import { decivolts, deciwatts, milliamps, millis, wattHours } from "../src/units.js";

const reading = (mA: number): PzemReading => ({
  ok: true,
  address: 1,
  voltage: decivolts(2_300),
  current: milliamps(mA),
  power: deciwatts(0),
  energy: wattHours(0),
  frequency: 500,
  powerFactor: 100,
  alarm: false,
});
const read = (times: number, cars: number | null, from: StuckWatch = NEVER_READ, at = 0): StuckWatch => {
  let watch = from;
  for (let n = 0; n < times; n++) {
    watch = watchStuck(watch, reading(5_000), cars === null ? null : milliamps(cars), millis(at + n * 1_000));
  }
  return watch;
};

describe("stuck meter", () => {
  it("is seen after 60 reads that are the same to the last bit, not after 59", () => {
    assert.equal(isStuck(read(59, null), millis(59_000)), false);
    assert.equal(isStuck(read(60, null), millis(60_000)), true);
  });
  it("is forgotten with the first reading that moves", () => {
    const moved = watchStuck(read(60, null), reading(5_001), null, millis(61_000));
    assert.equal(isStuck(moved, millis(61_000)), false);
  });
  it("is seen on the grid side when a car's draw moved by 2 A and the meter did not within 4 s", () => {
    const ramped = read(5, 2_000, read(3, 0), 3_000);
    assert.equal(isStuck(ramped, millis(6_900)), false);
    assert.equal(isStuck(ramped, millis(7_000)), true);
    assert.equal(isStuck(read(5, 1_999, read(3, 0), 3_000), millis(9_000)), false);
  });
});
