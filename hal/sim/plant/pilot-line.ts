// The control pilot's line: +-12 V behind 1 kOhm, loaded by the car through its diode. Gives what an ADC would sample.

import type { PilotWindow } from "./board.js";
import type { Chance } from "./chance.js";

export type LineState = "A" | "B" | "C" | "D" | "E" | "F" | "no-diode";
export interface HandVolts {
  readonly highV: number;
  readonly lowV: number;
}
export type Line = LineState | HandVolts;

/** High and low half in mV with PWM running. Resistors of SAE J1772: 2.74 kOhm, 882 Ohm, 246 Ohm behind 1 kOhm; the
 *  diode takes 0.7 V. */
const HALVES: Readonly<Record<LineState, readonly [number, number]>> = Object.freeze({
  A: [12_000, -12_000],
  B: [9_000, -12_000],
  C: [6_000, -12_000],
  D: [3_000, -12_000],
  E: [0, 0],
  F: [-12_000, -12_000],
  "no-diode": [6_000, -6_000],
});

const halvesOf = (line: Line): readonly [number, number] =>
  typeof line === "string" ? HALVES[line] : [line.highV * 1_000, line.lowV * 1_000];

/** The letter that the line shows: by its high half, as the standard's nominal bands. */
export function letterOf(line: Line): LineState {
  if (line === "no-diode") return "C";
  if (typeof line === "string") return line;
  const { highV } = line;
  if (highV >= 10.5) return "A";
  if (highV >= 7.5) return "B";
  if (highV >= 4.5) return "C";
  if (highV >= 1.5) return "D";
  return highV >= -10.5 ? "E" : "F";
}

export interface PilotLine {
  /** The load changed. */
  present(line: Line): void;
  line(): Line;
  drive(hundredths: number): void;
  duty(): number;
  window(): PilotWindow;
}

const WINDOW = 6;
/** One sample each 75 us. */
const SAMPLES = 80;
const NOISE = 40;
/** As long as nothing changes, these many windows come round and round. */
const KEPT_WINDOWS = 16;

export function createPilotLine(now: () => number, chance: Chance): PilotLine {
  let line: Line = "A";
  let before: Line = "A";
  let changedAt = Number.NEGATIVE_INFINITY;
  let duty = 10_000;

  let kept: PilotWindow[] = [];
  let turn = 0;

  const noise = (): number => Math.round((chance.next() - 0.5) * 2 * NOISE);
  const falling = (a: number, b: number, c: number): [number, number, number] => {
    const [x, y, z] = [a, b, c].sort((p, q) => q - p);
    return [x ?? a, y ?? b, z ?? c];
  };

  /** What 80 samples of the last 6 ms hold at their top and bottom. A load that changed within them shows both. */
  function sampled(mixes: boolean): PilotWindow {
    const [high, low] = halvesOf(line);
    const [highBefore, lowBefore] = mixes ? halvesOf(before) : [high, low];
    const onHigh = Math.floor((SAMPLES * duty) / 10_000 + chance.next());
    const top = duty === 0 ? -12_000 : Math.max(high, highBefore);
    const bottom = duty === 10_000 ? Math.min(high, highBefore) : Math.min(low, lowBefore);
    const third = onHigh >= 3 || duty === 0 ? top : bottom;
    const second = onHigh >= 2 || duty === 0 ? top : bottom;
    return {
      count: SAMPLES,
      high: falling(top + noise(), second + noise(), third + noise()),
      low: falling(bottom + noise(), bottom + noise(), bottom + noise()),
    };
  }

  return {
    present(next) {
      kept = [];
      before = line;
      line = next;
      changedAt = now();
    },
    line: () => line,
    drive(hundredths) {
      kept = [];
      duty = hundredths;
    },
    duty: () => duty,
    window() {
      const mixes = now() - changedAt < WINDOW;
      if (mixes) return sampled(true);
      turn = (turn + 1) % KEPT_WINDOWS;
      const known = kept[turn];
      if (known !== undefined) return known;
      const fresh = sampled(false);
      kept[turn] = fresh;
      return fresh;
    },
  };
}
