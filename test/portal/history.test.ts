import assert from "node:assert/strict";
import { historyPoints, noted, POINT_PERIOD, POINTS, startHistory } from "../../src/portal/history.js";
import { plot } from "../../src/portal/plot.js";
import { deciamps, milliamps, millis } from "../../src/units.js";
import { CHARGER, viewOf } from "./model.js";

const facts = (amps: number, house: number | null = 3) => ({
  house: house === null ? null : [milliamps(house * 1_000), milliamps(500)],
  car: [milliamps(amps * 1_000)],
  limit: deciamps(160),
});

/** So many points, the n-th with a car that draws n % 30 A. */
function lived(count: number) {
  let history = startHistory();
  for (let at = 0; at < count; at++) history = noted(history, facts(at % 30), millis(at * POINT_PERIOD));
  return history;
}

describe("history of the last hours", () => {
  it("is empty at first, and notes at once", () => {
    assert.deepEqual(historyPoints(startHistory()), []);
    assert.deepEqual(historyPoints(noted(startHistory(), facts(8.66), millis(5))), [
      { at: 5, houseA: 3, carA: 8.7, limitA: 16 },
    ]);
  });
  it("stays the same object until two minutes have passed", () => {
    const first = lived(1);
    assert.equal(noted(first, facts(9), millis(POINT_PERIOD - 1)), first);
    assert.equal(historyPoints(noted(first, facts(9), POINT_PERIOD)).length, 2);
  });
  it("keeps six hours and no more, oldest first", () => {
    const points = historyPoints(lived(POINTS + 50));
    assert.equal(points.length, POINTS);
    assert.deepEqual([points[0]?.at, points.at(-1)?.at], [50 * POINT_PERIOD, (POINTS + 49) * POINT_PERIOD]);
    assert.deepEqual([points[0]?.carA, points.at(-1)?.carA], [50 % 30, (POINTS + 49) % 30]);
    assert.equal(lived(POINTS + 50).ring.byteLength, 3 * 2 * POINTS);
  });
  it("knows what it does not know, and takes a silent meter of the charger for no draw", () => {
    const [point] = historyPoints(noted(startHistory(), { ...facts(1, null), car: null }, millis(0)));
    assert.deepEqual([point?.houseA, point?.carA], [null, 0]);
  });
});

describe("plot of the last hours", () => {
  const drawn = (count: number) => {
    const points = historyPoints(lived(count));
    return plot(viewOf(CHARGER), points, points.at(-1)?.at ?? millis(0));
  };
  it("draws house, car and limit, and says the largest of each in words", () => {
    const svg = drawn(100);
    for (const kind of ["h", "c", "l"]) assert.match(svg, new RegExp(`<polyline class="${kind}" points="[\\d, ]+">`));
    assert.match(
      svg,
      /aria-label="Amps of the last 6 hours: the house up to 3, the car up to 29, its limit up to 16\."/,
    );
  });
  it("says so while there is nothing to draw", () => {
    assert.match(drawn(0), /The plot begins/);
    assert.match(drawn(1), /The plot begins/);
  });
  it("stays within its frame and is short, however much there is", () => {
    const svg = drawn(POINTS);
    for (const [, x = "", y = ""] of svg.matchAll(/(\d+),(\d+)/g)) assert.ok(Number(x) <= 360 && Number(y) <= 130);
    assert.ok(svg.length < 4_500, String(svg.length));
  });
  it("breaks a line where nothing is known", () => {
    const points = [3, 3, null, 4, 4].map((houseA, index) => ({
      at: millis(index * POINT_PERIOD),
      houseA,
      carA: 0,
      limitA: 6,
    }));
    const svg = plot(viewOf(CHARGER), points, millis(5 * POINT_PERIOD));
    assert.equal(svg.match(/class="h" points/g)?.length, 3, "two parts and the key");
  });
});
