import assert from "node:assert/strict";
import fc from "fast-check";
import { cableRatingOf, dutyFor, offerOf, type PilotState, pilotReading, pilotStateOf } from "../src/pilot.js";
import { deciamps, duty, pilotMillivolts as mv, ohms } from "../src/units.js";

const state = (high: number, low: number | null, last: PilotState | null) =>
  pilotStateOf(mv(high), low === null ? null : mv(low), last);

describe("pilot duty", () => {
  const table: readonly [amps: number, duty: number][] = [
    [0, 10_000],
    [59, 10_000],
    [60, 1_000],
    [100, 1_666],
    [160, 2_666],
    [320, 5_333],
    [480, 8_000],
    [510, 8_500],
    [511, 8_500],
    [524, 8_500],
    [525, 8_500],
    [526, 8_504],
    [630, 8_920],
    [800, 9_600],
    [801, 9_600],
    [2_000, 9_600],
  ];
  for (const [amps, said] of table) {
    it(`says ${amps / 10} A as ${said / 100} %`, () => assert.equal(dutyFor(deciamps(amps)), said));
  }
  it("reads back what was said, from 6.0 to 51.0 A and from 52.5 to 80.0 A", () => {
    for (let amps = 60; amps <= 800; amps++) {
      if (amps > 510 && amps < 525) continue;
      assert.equal(offerOf(dutyFor(deciamps(amps))), amps === 525 ? 510 : amps);
    }
  });
  it("never says more than was granted, by the formula of the standard", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000 }), (amps) => {
        const said = dutyFor(deciamps(amps)) / 100;
        const reads = said > 97 ? 0 : said <= 85 ? said * 0.6 : (said - 64) * 2.5;
        return reads <= amps / 10 + 1e-9;
      }),
    );
  });
  it("never sends the duties of digital communication or state F", () => {
    for (let amps = 0; amps <= 1_000; amps++) assert.ok(dutyFor(deciamps(amps)) >= 1_000);
  });
  it("reads 6 A from 8 to 10 %, and nothing below 8 or above 97 %", () => {
    const reads = [0, 500, 799, 800, 900, 1_000, 9_600, 9_700, 9_701, 10_000].map((d) => offerOf(duty(d)));
    assert.deepEqual(reads, [0, 0, 0, 60, 60, 60, 800, 800, 0, 0]);
  });
});

describe("pilot state", () => {
  it("names the nominal voltages A to F", () => {
    const named = [12_000, 9_000, 6_000, 3_000, 0, -12_000].map((high) => state(high, null, null));
    assert.deepEqual(named, ["A", "B", "C", "D", "E", "F"]);
  });
  for (const [split, above, below] of [
    [10_500, "A", "B"],
    [7_500, "B", "C"],
    [4_500, "C", "D"],
    [1_500, "D", "E"],
  ] as const) {
    it(`decides ${above} or ${below} at ${split / 1000} V, with 0.25 V of hysteresis either way`, () => {
      assert.equal(state(split, null, null), above);
      assert.equal(state(split - 1, null, null), below);
      assert.equal(state(split + 249, null, below), below);
      assert.equal(state(split + 250, null, below), above);
      assert.equal(state(split - 249, null, above), above);
      assert.equal(state(split - 250, null, above), below);
    });
  }
  it("finds the diode missing when the low half is above -10.5 V with PWM, and judges no low half without", () => {
    assert.equal(state(6_000, -10_500, "C"), "C");
    assert.equal(state(6_000, -10_499, "C"), "no-diode");
    assert.equal(state(6_000, null, "C"), "C");
  });
  it("is never further from the plain bands than the hysteresis", () => {
    const last = fc.constantFrom<PilotState | null>(null, "A", "B", "C", "D", "E", "F", "no-diode");
    fc.assert(
      fc.property(fc.integer({ min: -13_000, max: 13_000 }), last, (high, before) => {
        const near = [state(high - 250, null, null), state(high, null, null), state(high + 250, null, null)];
        return near.includes(state(high, null, before));
      }),
    );
  });
});

describe("pilot reading", () => {
  const window = (count: number, high: [number, number, number], low = -12_000) => ({
    count,
    high: [mv(high[0]), mv(high[1]), mv(high[2])] as const,
    low: [mv(low + 10), mv(low), mv(low)] as const,
  });
  it("takes the third highest sample, so that two spikes change nothing", () => {
    const reading = pilotReading(window(80, [6_400, 6_300, 6_000]), duty(2_666));
    assert.deepEqual(reading, { ok: true, high: 6_000, low: -12_000 });
  });
  it("is no reading with fewer than three samples on the high level, never state E", () => {
    assert.deepEqual(pilotReading(window(80, [6_000, 6_000, -12_000]), duty(1_000)), { ok: false, why: "noHighLevel" });
    assert.deepEqual(pilotReading(window(2, [6_000, 6_000, 6_000]), duty(1_000)), { ok: false, why: "tooFewSamples" });
  });
  it("judges no low half while the pin is static", () => {
    const reading = pilotReading(window(80, [9_000, 9_000, 9_000], 9_000), duty(10_000));
    assert.deepEqual(reading, { ok: true, high: 9_000, low: null });
  });
});

describe("proximity", () => {
  it("reads the cable's rating from its resistor, and permits nothing for an unknown code or an open line", () => {
    const rated = [1_500, 680, 220, 100].map((r) => cableRatingOf(ohms(r)));
    assert.deepEqual(rated, [130, 200, 320, 630]);
    assert.deepEqual([cableRatingOf(ohms(50)), cableRatingOf(ohms(5_000)), cableRatingOf(null)], [null, null, null]);
  });
});
