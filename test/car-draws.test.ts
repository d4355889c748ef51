import assert from "node:assert/strict";
import fc from "fast-check";
import { type CarDraws, drawnOn, houseWithout, withDraw as withDrawAt, withoutSilent } from "../src/car-draws.js";
import type { Demand } from "../src/sharing-message.js";
import { deciamps, type Millis, milliamps, millis } from "../src/units.js";
import { demandOf, row, rows, siteWith } from "./site.js";

const NONE: readonly CarDraws[] = [];
const draws = (mA: number, over: Partial<Demand> = {}): Demand =>
  demandOf("a", { draws: [milliamps(mA)], offer: deciamps(320), ...over });
const at = millis;
const flowedAt = (ms: number) => [at(ms), at(ms), at(ms)];
const SITE = siteWith([row("a"), row("b"), ...rows(62)]);
const withDraw = (cars: readonly CarDraws[], demand: Demand, now: Millis) =>
  withDrawAt(cars, demand, { site: SITE, boot: 7 }, now);

describe("draws of the cars", () => {
  it("are the newest that each charger told", () => {
    let cars = withDraw(NONE, draws(6_000), at(1_000));
    cars = withDraw(cars, draws(8_000, { number: 2 }), at(2_000));
    cars = withDraw(cars, draws(5_000, { id: "b" }), at(2_000));
    assert.equal(drawnOn(cars, 0), 13_000);
    assert.equal(drawnOn(cars, 1), 0);
  });
  it("take no demand twice, nor an older one", () => {
    const cars = withDraw(NONE, draws(6_000, { number: 5 }), at(1_000));
    assert.equal(withDraw(cars, draws(0, { number: 5 }), at(2_000)), cars);
    assert.equal(withDraw(cars, draws(0, { number: 4 }), at(2_000)), cars);
  });
  it("begin anew with another boot of a charger", () => {
    const cars = withDraw(NONE, draws(6_000, { number: 5 }), at(1_000));
    const booted = withDraw(cars, draws(1_000, { number: 1, nonce: 2 }), at(2_000));
    assert.deepEqual([booted.length, drawnOn(booted, 0)], [1, 1_000]);
  });
  it("count for when they were measured, not for when they were told", () => {
    const [car] = withDraw(NONE, draws(6_000, { age: millis(400) }), at(1_000));
    assert.equal(car?.draws[0]?.at, 600);
  });
  it("are not taken from a demand that was long on its way, but for another boot's, whose echo says nothing", () => {
    const sent = { boot: 7, echo: at(1_000) };
    assert.equal(withDraw(NONE, draws(6_000, sent), at(3_000)).length, 1);
    assert.equal(withDraw(NONE, draws(6_000, sent), at(3_001)).length, 0);
    assert.equal(withDraw(NONE, draws(6_000, { ...sent, boot: 6 }), at(60_000)).length, 1);
  });
  it("are forgotten after a minute of silence", () => {
    const cars = withDraw(NONE, draws(6_000), at(1_000));
    assert.equal(withoutSilent(cars, at(60_999)), cars);
    assert.deepEqual(withoutSilent(cars, at(61_000)), []);
  });
  it("are kept of at most 64 chargers", () => {
    let cars = NONE;
    for (let one = 0; one < 80; one++) cars = withDraw(cars, draws(1_000, { id: `c${one}` }), at(1_000));
    assert.equal(cars.length, 64);
  });
});

describe("house behind a grid-side meter", () => {
  const grid = [milliamps(20_000)];
  it("is what flows without the cars", () => {
    const cars = withDraw(withDraw(NONE, draws(6_000), at(1_000)), draws(8_000, { id: "b" }), at(1_000));
    assert.deepEqual(houseWithout(cars, grid, null, flowedAt(1_000)), [6_000]);
  });
  it("counts a car that was not heard for 5 s as drawing nothing", () => {
    const cars = withDraw(NONE, draws(6_000), at(1_000));
    assert.deepEqual(houseWithout(cars, grid, null, flowedAt(6_001)), [20_000]);
  });
  it("takes off nothing for a charger that is not wired to the phase, however much it may draw elsewhere", () => {
    const site = siteWith([row("a", { wiring: [2] })], { phases: 3 });
    const told = draws(0, { draws: [milliamps(0), milliamps(0), milliamps(0)] });
    const cars = withDrawAt(NONE, told, { site, boot: 7 }, at(1_000));
    const flows = [20_000, 20_000, 0].map(milliamps);
    const before = [0, 0, 0].map(milliamps);
    assert.deepEqual(houseWithout(cars, flows, before, flowedAt(2_000)), [20_000, 0, 0]);
  });
  it("lies between nothing and all that flows, whatever the cars tell", () => {
    const told = fc.tuple(fc.constantFrom("a", "b"), fc.constantFrom(0, 6_000, 32_000), fc.constantFrom(0, 500, 9_000));
    fc.assert(
      fc.property(fc.array(told, { maxLength: 8 }), fc.constantFrom(0, 5_000, 20_000), (list, flows) => {
        let cars = NONE;
        for (const [index, [id, mA, age]] of list.entries()) {
          cars = withDraw(cars, draws(mA, { id, number: index + 1, age: millis(age) }), at(10_000 + index * 300));
        }
        const [house = -1] = houseWithout(cars, [milliamps(flows)], null, flowedAt(11_000));
        assert.ok(house >= 0 && house <= flows);
      }),
    );
  });
});
