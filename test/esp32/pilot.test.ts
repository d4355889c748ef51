import assert from "node:assert/strict";
import { pilotOf, pwmValue } from "../../hal/esp32/pilot.js";
import { dutyFor, offerOf, pilotReading } from "../../src/pilot.js";
import { deciamps, duty } from "../../src/units.js";
import { twinAnalog, twinPwm } from "./twins.js";

const CALIBRATION = { zero: 2_150, microvoltsPerStep: 6_602 };
const PINS = { pilot: 25, pilotSense: 36 };

/** The read-back network of docs/hardware.md, and the converter behind it: 4095 steps are 2.45 V. */
const stepsOf = (pilotV: number): number => Math.round((4_095 * (1.2861 + 0.09063 * pilotV)) / 2.45);

/** A line of 1 kHz read each 50 us, over a clock of whole milliseconds that may be about to roll over. */
function line(levels: (microseconds: number) => number | undefined, startTicks = 2 ** 31 - 3) {
  let us = 300;
  const ticks = (): number => (startTicks + Math.floor(us / 1_000)) | 0;
  const { PWM, written, options } = twinPwm();
  const Analog = twinAnalog((pin) => {
    assert.equal(pin, 36);
    us += 50;
    return levels(us);
  });
  return { port: pilotOf({ PWM, Analog, ticks }, PINS, CALIBRATION), written, options, passed: () => us };
}

const pwm = (percent: number, high: number, low: number) => (us: number) =>
  stepsOf(us % 1_000 < percent * 10 ? high : low);

describe("esp32 pilot", () => {
  it("holds the line at constant +12 V from its start, with 14 bits at 1000 Hz", () => {
    const { written, options } = line(() => 0);
    assert.deepEqual(options, [{ pin: 25, hz: 1_000, resolution: 14 }]);
    assert.deepEqual(written, [16_383]);
  });
  it("never gives the car more than was granted, and less by no more than 0.1 A", () => {
    for (let amps = 60; amps <= 510; amps++) {
      const value = pwmValue(dutyFor(deciamps(amps)));
      const percent = (value * 100) / 2 ** 14;
      assert.ok(percent * 0.6 <= amps / 10 && percent * 0.6 > amps / 10 - 0.1, `${amps}: ${percent}`);
    }
    assert.equal(offerOf(dutyFor(deciamps(160))), 160);
  });
  it("makes the constant levels constant, and no duty in between", () => {
    assert.deepEqual([pwmValue(duty(10_000)), pwmValue(duty(0)), pwmValue(duty(9_999))], [16_383, 0, 16_382]);
  });
  it("looks at five periods at least, and for less than 8 ms, across the roll-over of the clock", () => {
    const { port, passed } = line(pwm(10, 6, -12));
    const before = passed();
    const { count } = port.sample();
    assert.ok(passed() - before >= 5_000 && passed() - before <= 8_000, String(passed() - before));
    assert.ok(count >= 100);
  });
  it("reads every level of the line within 0.1 V", () => {
    for (const high of [12, 9, 6, 3]) {
      const reading = pilotReading(line(pwm(10, high, -12)).port.sample(), duty(1_000));
      assert.ok(reading.ok && reading.low !== null);
      assert.ok(Math.abs(reading.high - high * 1_000) < 100, String(reading.high));
      assert.ok(Math.abs(reading.low + 12_000) < 100, String(reading.low));
    }
  });
  it("gives the three highest and the three lowest, whatever comes in between", () => {
    const volts = [1, 5, -3, 12, 11, 10, -12, -11, -10, 0];
    let at = 0;
    const { port } = line(() => stepsOf(volts[at++ % volts.length] ?? 0));
    const near = (list: readonly number[]) => list.map((mv) => Math.round(mv / 1_000));
    const { high, low } = port.sample();
    assert.deepEqual(
      [near(high), near(low)],
      [
        [12, 12, 12],
        [-12, -12, -12],
      ],
    );
    at = 0;
    const few = line(() => (at++ < 4 ? stepsOf([3, 1, 2, 5][at - 1] ?? 0) : undefined)).port.sample();
    assert.deepEqual([few.count, near(few.high), near(few.low)], [4, [5, 3, 2], [3, 2, 1]]);
  });
  it("has no reading while the converter is silent, and the next window after it", () => {
    let silent = true;
    const { port } = line((us) => (silent ? undefined : pwm(50, 9, -12)(us)));
    assert.deepEqual(pilotReading(port.sample(), duty(5_000)), { ok: false, why: "tooFewSamples" });
    silent = false;
    assert.ok(pilotReading(port.sample(), duty(5_000)).ok);
  });
  it("reads the level again in the window after noise; a restart writes +12 V first", () => {
    let noisy = true;
    let at = 0;
    const { port } = line((us) => (noisy ? (at++ * 997) % 4_096 : pwm(50, 9, -12)(us)));
    port.sample();
    noisy = false;
    const clear = pilotReading(port.sample(), duty(5_000));
    assert.ok(clear.ok && Math.abs(clear.high - 9_000) < 100);
    port.write(duty(5_000));
    assert.deepEqual(line(() => 0).written, [16_383]);
  });
  it("reads a level from a window that was cut short, and its spikes away", () => {
    let left = 5;
    const cut = line(() => (left-- > 0 ? stepsOf(left === 4 ? 12 : 9) : undefined));
    const reading = pilotReading(cut.port.sample(), duty(10_000));
    assert.deepEqual([reading.ok, cut.port.sample().count], [false, 0]);
  });
  it("repeats the last value of a window with one or two samples", () => {
    let left = 1;
    const one = line(() => (left-- > 0 ? 2_150 : undefined)).port.sample();
    assert.deepEqual(one, { count: 1, high: [0, 0, 0], low: [0, 0, 0] });
    left = 2;
    const two = line(() => (left-- > 0 ? 2_150 + left * 1_000 : undefined)).port.sample();
    assert.deepEqual(two.high, [6_602, 0, 0]);
  });
  it("comes back when the clock stands", () => {
    const { PWM } = twinPwm();
    const port = pilotOf({ PWM, Analog: twinAnalog(() => 2_150), ticks: () => 7 }, PINS, CALIBRATION);
    assert.equal(port.sample().count, 1_000);
  });
});
