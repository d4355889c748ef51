import assert from "node:assert/strict";
import fc from "fast-check";
import type { EvseStatus } from "../src/lease.js";
import { lampOf, nextManual, oledLines } from "../src/panel.js";
import type { BusAnswer } from "../src/pzem-bus.js";
import { deciamps, decicelsius, decivolts, deciwatts, milliamps, millis, wattHours } from "../src/units.js";

const STATUS: EvseStatus = {
  mode: "charging",
  pilot: "C",
  offer: deciamps(160),
  because: "site",
  runnerUp: null,
  since: millis(0),
  contactorClosed: true,
  fault: null,
  temperature: decicelsius(250),
  cable: null,
  pausedUntil: millis(0),
};
const reading = (current: number, power: number): BusAnswer => ({
  ok: true,
  address: 1,
  voltage: decivolts(2_301),
  current: milliamps(current),
  power: deciwatts(power),
  energy: wattHours(0),
  frequency: 500,
  powerFactor: 100,
  alarm: false,
});

describe("button", () => {
  const next = (now: number, rating = 320) => nextManual(deciamps(now), deciamps(rating));
  it("goes to the next of its currents, from between two of them as well, and begins again", () => {
    assert.deepEqual(
      [60, 61, 79, 80, 99, 100, 250, 319, 320, 800].map((now) => next(now)),
      [80, 80, 80, 100, 100, 130, 320, 320, 60, 60],
    );
  });
  it("goes no further than the rating", () => {
    assert.deepEqual(
      [130, 159, 160].map((rating) => next(130, rating)),
      [60, 60, 160],
    );
    assert.equal(next(60, 60), 60);
  });
  it("goes through all of its currents within the rating before one comes again", () => {
    fc.assert(
      fc.property(fc.constantFrom(60, 79, 80, 130, 320, 800), (rating) => {
        const seen: number[] = [];
        for (let now = next(rating, rating); !seen.includes(now); now = next(now, rating)) seen.push(now);
        assert.deepEqual(
          seen,
          [60, 80, 100, 130, 160, 200, 250, 320].filter((amps) => amps <= rating),
        );
      }),
    );
  });
});

describe("lamp", () => {
  const lamp = (mode: EvseStatus["mode"], manual: number | null = null) =>
    lampOf({ ...STATUS, mode }, manual === null ? null : deciamps(manual));
  it("is green when ready, blue while charging, and blinks blue while plugged in without charging", () => {
    assert.equal(lamp("available").lamp, "green");
    assert.equal(lamp("charging").lamp, "blue");
    for (const mode of ["preparing", "stopping", "suspendedEV", "suspendedEVSE", "finishing"] as const) {
      assert.equal(lamp(mode).lamp, "blinking-blue", mode);
    }
  });
  it("blinks red for a fault, and is red without an EVSE machine", () => {
    assert.deepEqual(lamp("faulted", 100), { lamp: "blinking-red", blinks: 0 });
    assert.deepEqual(lampOf(null, deciamps(100)), { lamp: "red", blinks: 0 });
  });
  it("blinks once for 6 A and up to 8 times for 32 A in manual mode, and shines in the others", () => {
    assert.deepEqual(
      [60, 79, 80, 100, 130, 160, 200, 250, 320, 800].map((manual) => lamp("charging", manual).blinks),
      [1, 1, 2, 3, 4, 5, 6, 7, 8, 8],
    );
    assert.equal(lamp("charging").blinks, 0);
  });
});

describe("OLED", () => {
  const view = { address: "meter-1", online: true, stuck: false, answers: [], accessPoint: null };
  it("shows its name and link, then volts, amps and watts of each PZEM, or why there are none", () => {
    const lines = oledLines({
      ...view,
      online: false,
      answers: [reading(12_345, 28_404), { ok: false, address: 7, why: "badCrc" }],
    });
    assert.deepEqual(lines, ["meter-1 offline", "230.1V 12.35A 2840W", "#7 badCrc"]);
  });
  it("shows name and password of its own access point while that is open, whole", () => {
    const open = (password: string) => oledLines({ ...view, accessPoint: ["IEVCC-A1B2", password] });
    assert.deepEqual(open("abcd2345efgh"), ["meter-1 online", "IEVCC-A1B2", "abcd2345efgh"]);
    assert.deepEqual(open("0123456789".repeat(6)).slice(2).join(""), "0123456789".repeat(6));
  });
  it("says when a PZEM is stuck", () => {
    assert.match(oledLines({ ...view, stuck: true }).at(-1) ?? "", /^stuck/);
  });
  it("never shows a line of more than 21 characters", () => {
    const why = fc.constantFrom("timeout", "short", "long", "badCrc", "wrongFunction", "exception", "range");
    const answer: fc.Arbitrary<BusAnswer> = fc.oneof(
      fc.record({ ok: fc.constant(false as const), address: fc.constantFrom(1, 247), why }),
      fc.tuple(fc.constantFrom(0, 100_000), fc.constantFrom(0, 230_000)).map(([mA, dW]) => reading(mA, dW)),
    );
    fc.assert(
      fc.property(
        fc.string({ maxLength: 32 }),
        fc.boolean(),
        fc.array(answer, { maxLength: 6 }),
        (address, on, answers) => {
          const accessPoint = on ? (["IEVCC-A1B2", "x".repeat(address.length * 2)] as const) : null;
          const lines = oledLines({ address, online: on, stuck: on, answers, accessPoint });
          return lines.length <= 8 && lines.every((line) => line.length <= 21);
        },
      ),
    );
  });
});
