import assert from "node:assert/strict";
import { budgetOf, longest, majorityOf, shortest, siteOf } from "../src/shared-site.js";
import { deciamps, millis } from "../src/units.js";
import { memberOf, row, rows, settingsOf, siteWith } from "./site.js";

describe("budget", () => {
  it("is contracted - buffer - house, never below 0", () => {
    const of = (house: number) => budgetOf(settingsOf({ contractedA: 30, bufferA: 1.5 }), deciamps(house));
    assert.deepEqual([0, 100, 284, 285, 286, 900].map(of), [285, 185, 1, 0, 0, 0]);
  });
  it("assures what is left when the house takes all it ever takes, and nothing while that is unknown", () => {
    assert.equal(siteOf(settingsOf({ contractedA: 30, bufferA: 2, houseMaxA: 20 })).assured, 80);
    assert.equal(siteOf(settingsOf({ contractedA: 30, houseMaxA: 40 })).assured, 0);
    assert.equal(siteOf(settingsOf({ contractedA: 30 })).assured, 0);
  });
});

describe("shared site", () => {
  it("has a line of contracted - buffer, its chargers in order, and this device's place", () => {
    const site = siteOf(
      memberOf([row("a", { failsafeA: 6 }), row("b")], { id: "b", contractedA: 30, bufferA: 2, houseMaxA: 0 }),
    );
    assert.deepEqual([site.capacity, site.place, site.phases], [280, 1, 1]);
    assert.deepEqual(site.roster, [
      { id: "a", wiring: [1], failsafe: 60 },
      { id: "b", wiring: [1], failsafe: 0 },
    ]);
    assert.equal(siteWith(rows(2)).place, -1);
  });
  it("is led by its meter where that is ours, and else by one of its chargers", () => {
    const metered = (meter: string) => siteWith(rows(2), { meter, meterTopic: "x" }).metered;
    assert.deepEqual(["ours", "other", "none"].map(metered), [true, false, false]);
  });
  it("has a majority of more than half", () => {
    assert.deepEqual(
      [1, 2, 3, 4, 5, 64].map((count) => majorityOf(siteWith(rows(count)))),
      [1, 2, 2, 3, 3, 33],
    );
  });
  it("measures time on other clocks with 3 % to spare, on the safe side", () => {
    assert.deepEqual([longest(millis(10_000)), longest(millis(1))], [10_300, 2]);
    assert.deepEqual([shortest(millis(10_300)), shortest(millis(1))], [10_000, 0]);
  });
});
