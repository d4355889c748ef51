// The pilot line: duty to the PWM pin, and the window of samples behind its resistors. Which level is which state is not
// decided here.

import { type Duty, type PilotMillivolts, pilotMillivolts } from "../../src/units.js";
import type { PilotPort, PilotSamples } from "../ports.js";
import type { AnalogClass, PwmClass } from "./classes.js";

/** 14 bits at 1000 Hz divide the chip's 80 MHz exactly: a step is 0.0061 %. */
const PILOT_HZ = 1_000;
const RESOLUTION = 14;
const STEPS = 2 ** RESOLUTION;
/** The SDK makes the highest value the constant level. */
const CONSTANT_HIGH = STEPS - 1;
const FULL_DUTY = 10_000;

/** More than six ticks are between 6 and 7 ms: six periods, and never 8 ms. */
const WINDOW_TICKS = 6;
/** A clock that stands must not hold the EVSE machine; no converter brings so many. */
const READS_LIMIT = 1_000;

/** From two measured points: what the converter says at 0 V of the pilot, and the pilot's microvolts for each step. */
export interface PilotCalibration {
  readonly zero: number;
  readonly microvoltsPerStep: number;
}

export interface PilotPins {
  readonly pilot: number;
  readonly pilotSense: number;
}

/** Rounded down: the car never reads more than was granted. */
export const pwmValue = (duty: Duty): number =>
  duty >= FULL_DUTY ? CONSTANT_HIGH : Math.min(Math.floor((duty * STEPS) / FULL_DUTY), CONSTANT_HIGH - 1);

/** `ticks`: milliseconds, rolling over. The line is at constant +12 V when this returns. */
export function pilotOf(
  sdk: { readonly PWM: PwmClass; readonly Analog: AnalogClass; ticks(): number },
  pins: PilotPins,
  calibration: PilotCalibration,
): PilotPort {
  const pwm = new sdk.PWM({ pin: pins.pilot, hz: PILOT_HZ, resolution: RESOLUTION });
  pwm.write(CONSTANT_HIGH);
  const analog = new sdk.Analog({ pin: pins.pilotSense });
  return {
    write: (duty) => pwm.write(pwmValue(duty)),
    sample() {
      const window: Extremes = { count: 0, high: [0, 0, 0], low: [0, 0, 0] };
      const began = sdk.ticks();
      for (let reads = 0; reads < READS_LIMIT && ((sdk.ticks() - began) | 0) <= WINDOW_TICKS; reads++) {
        const read = analog.read();
        if (read !== undefined) take(window, read);
      }
      return samplesOf(window, calibration);
    },
  };
}

type Three = [number, number, number];

interface Extremes {
  count: number;
  readonly high: Three;
  readonly low: Three;
}

/** The three highest and the three lowest of what was read, without a list that grows. */
function take(window: Extremes, read: number): void {
  const { high, low } = window;
  if (window.count === 0) {
    high.fill(read);
    low.fill(read);
  } else if (window.count < 3) {
    takeEarly(window, read);
  } else {
    if (read > high[0]) put(high, read, high[0], high[1]);
    else if (read > high[1]) put(high, high[0], read, high[1]);
    else if (read > high[2]) high[2] = read;
    if (read < low[2]) put(low, low[1], low[2], read);
    else if (read < low[1]) put(low, low[1], read, low[2]);
    else if (read < low[0]) low[0] = read;
  }
  window.count++;
}

/** The second and the third: until there are three, the list repeats its last value. */
function takeEarly({ count, high, low }: Extremes, read: number): void {
  const known = count === 1 ? [high[0], read] : [high[0], high[1], read];
  known.sort((a, b) => b - a);
  const [first = read, second = read, third = second] = known;
  put(high, first, second, third);
  put(low, first, second, third);
}

function put(list: Three, first: number, second: number, third: number): void {
  list[0] = first;
  list[1] = second;
  list[2] = third;
}

function samplesOf({ count, high, low }: Extremes, calibration: PilotCalibration): PilotSamples {
  const volts = (read: number): PilotMillivolts =>
    pilotMillivolts(Math.round(((read - calibration.zero) * calibration.microvoltsPerStep) / 1_000));
  const inVolts = (list: Three) => [volts(list[0]), volts(list[1]), volts(list[2])] as const;
  return { count, high: inVolts(high), low: inVolts(low) };
}
