import assert from "node:assert/strict";
import { temperatureLimit, tooHot } from "../src/temperature.js";
import { deciamps, decicelsius } from "../src/units.js";

const at = (celsius: number) => temperatureLimit(decicelsius(Math.round(celsius * 10)), false, deciamps(320));

describe("temperature", () => {
  it("goes in a straight line from the rating at 65 C to 6 A at 75 C", () => {
    assert.deepEqual([25, 65, 70, 75, 80].map(at), [320, 320, 190, 60, 60]);
  });
  it("rounds down on the line", () => assert.equal(at(65.1), 317));
  it("is off above 80 C, until below 60 C", () => {
    assert.equal(tooHot(false, decicelsius(800)), false);
    assert.equal(tooHot(false, decicelsius(801)), true);
    assert.equal(tooHot(true, decicelsius(600)), true);
    assert.equal(tooHot(true, decicelsius(599)), false);
    assert.equal(temperatureLimit(decicelsius(700), true, deciamps(320)), 0);
  });
});
