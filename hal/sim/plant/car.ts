// A car: its battery, its charger with reaction and ramp, and what it presents to the pilot line.
// It reads the duty as the standard says and knows nothing of whoever sends it.

import { takes } from "./ideal.js";
import { readOf } from "./rules.js";

export interface CarConfig {
  readonly maxA: number;
  readonly phases: number;
  readonly batteryKWh: number;
  readonly socPct: number;
  readonly reactS: number;
  readonly rampAps: number;
  /** false: draws what it can, whatever the duty says. */
  readonly obeys: boolean;
  /** false: stays in C when the offer goes (but draws nothing). */
  readonly leavesC: boolean;
  readonly diode: boolean;
}

export type CarState = "B" | "C";

export interface Car {
  readonly config: CarConfig;
  state(): CarState;
  /** A per phase in use. */
  draw(): number;
  socPct(): number;
  /** Moves on to `ms`, with the duty and the contacts as they were until then. */
  advance(ms: number): void;
  /** The duty or the contacts changed, at the time that was advanced to. */
  see(hundredths: number, powered: boolean): void;
  /** True while something changes by itself. */
  moves(): boolean;
}

/** A car asks for power (C) this long after it sees a valid duty. */
const ASKS_AFTER = 1_000;
const MIN_A = 6;

export function createCar(config: CarConfig, startMs: number, voltageV: number): Car {
  let now = startMs;
  let soc = config.socPct;
  let draw = 0;
  let state: CarState = "B";
  let duty = 10_000;
  let powered = false;
  /** What the car follows, and the offers that it has seen but not yet acted on: each after its own reaction time. */
  let offer = 0;
  let coming: readonly { readonly amps: number; readonly at: number }[] = [];
  let asksAt: number | null = null;

  const isFull = (): boolean => soc >= 100;
  const target = (): number => {
    if (state !== "C" || !powered || isFull()) return 0;
    const most = takes(config, soc);
    if (!config.obeys) return most;
    return offer < MIN_A ? 0 : Math.min(most, offer);
  };

  function settle(): void {
    for (let first = coming[0]; first !== undefined && now >= first.at; first = coming[0]) {
      offer = first.amps;
      coming = coming.slice(1);
    }
    if (state === "B" && asksAt !== null && now >= asksAt && !isFull() && (readOf(duty) >= MIN_A || !config.obeys)) {
      state = "C";
      offer = readOf(duty);
    }
    if (state !== "C") return;
    if (isFull() && draw <= 0) {
      state = "B";
      asksAt = null;
    } else if (config.obeys && config.leavesC && offer < MIN_A && draw <= 0 && coming.length === 0) {
      state = "B";
      asksAt = null;
    }
  }

  /** Nothing of it will change until it sees something. */
  const isAtRest = (): boolean => state === "B" && draw <= 0 && asksAt === null && coming.length === 0;

  /** One stretch in which the target stays where it is (but for the taper, which is slow). */
  function stretch(ms: number): void {
    const goal = target();
    const seconds = ms / 1_000;
    const reach = config.rampAps * seconds;
    const before = draw;
    // The least current is drawn at once: nothing is between 0 and 6 A.
    if (goal >= MIN_A && draw < MIN_A) draw = MIN_A;
    draw = draw < goal ? Math.min(goal, draw + reach) : Math.max(goal, draw - reach);
    if (goal === 0 && draw < MIN_A) draw = 0;
    if (goal > 0 && goal < MIN_A) draw = Math.min(draw, goal);
    if (goal > 0 && goal < MIN_A && before === 0) draw = goal;
    const kWh = (((before + draw) / 2) * voltageV * config.phases * seconds) / 3_600_000;
    soc = Math.min(100, soc + (kWh / config.batteryKWh) * 100);
  }

  return {
    config,
    state: () => state,
    draw: () => draw,
    socPct: () => soc,
    advance(ms) {
      while (now < ms) {
        if (isAtRest()) {
          now = ms;
          return;
        }
        let next = Math.min(ms, now + 100);
        const seen = coming[0]?.at ?? 0;
        if (seen > now && seen < next) next = seen;
        if (asksAt !== null && asksAt > now && asksAt < next) next = asksAt;
        stretch(next - now);
        now = next;
        settle();
      }
    },
    see(hundredths, isPowered) {
      const amps = readOf(hundredths);
      if (hundredths !== duty) {
        coming = [...coming, { amps, at: now + config.reactS * 1_000 }];
        if (state === "B" && amps >= MIN_A) asksAt ??= now + ASKS_AFTER;
        if (amps < MIN_A && state === "B") asksAt = null;
        duty = hundredths;
      }
      if (!isPowered) draw = 0;
      powered = isPowered;
      settle();
    },
    moves: () => draw > 0 || coming.length > 0 || asksAt !== null || (state === "C" && powered),
  };
}
