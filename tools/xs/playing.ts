// What the machines of one charger and its meter are told in a scenario is recorded on V8 and played to one of them alone
// on XS, so that what a large site or a busy minute costs it can be counted within seconds.

import type { Opener } from "../../hal/sim/brain.js";
import { type Engine, v8 } from "../../hal/sim/programs.js";
import { type Summary, simulate } from "../../hal/sim/simulation.js";
import { CREATIONS, type ProgramName, type XsEngine } from "./engine.js";
import { type Creation, MachineDied, type Memory } from "./host.js";

const INSIDE = "hal/sim/inside.js";

export interface Recording {
  readonly program: ProgramName;
  readonly boot: unknown;
  readonly startedAt: number;
  readonly events: (readonly [event: unknown, at: number])[];
}

export interface Recorded {
  readonly summary: Summary;
  readonly of: (program: ProgramName) => Recording;
}

/** All that the first charger's two machines and the meter are told in a scenario. */
export function recorded(text: string): Recorded {
  const recordings: Recording[] = [];
  const listening =
    <Boot, Event, Effect, Words>(
      program: Recording["program"],
      open: Opener<Boot, Event, Effect, Words>,
    ): Opener<Boot, Event, Effect, Words> =>
    (boot, startedAt) => {
      const brain = open(boot, startedAt);
      if (recordings.some((one) => one.program === program)) return brain;
      const events: Recording["events"] = [];
      recordings.push({ program, boot, startedAt, events });
      const post: typeof brain.post = (event, at) => {
        events.push([event, at]);
        return brain.post(event, at);
      };
      return { ...brain, post };
    };
  const engine: Engine = {
    ...v8,
    evse: listening("evse", v8.evse),
    controller: listening("controller", v8.controller),
    meter: listening("meter", v8.meter),
  };
  const run = simulate(text, { engine });
  if (!run.ok) throw new Error(`${run.key}: ${run.why}`);
  return {
    summary: run.summary,
    of(program) {
      const found = recordings.find((one) => one.program === program);
      if (found === undefined) throw new Error(`no ${program} ran`);
      return found;
    },
  };
}

export interface Played {
  readonly half: Memory;
  readonly end: Memory;
  /** Computrons of the turns from then on, of the longest turn ever, and how many there were. */
  readonly sum: number;
  readonly longest: number;
  readonly turns: number;
}

/** Counted from `fromMs` on. In words why the machine is lost on its way, as the device would restart. */
export function played({ host }: XsEngine, recording: Recording, creation: Creation, fromMs: number): Played | string {
  const { program, boot, startedAt, events } = recording;
  try {
    const machine = host.open(creation);
    host.call(machine, startedAt, INSIDE, "start", [program, boot, startedAt]);
    let half: Memory | null = null;
    let [sum, longest, turns] = [0, 0, 0];
    for (const [event, at] of events) {
      if (half === null && at >= fromMs) half = host.memory(machine);
      const { computrons } = host.call(machine, at, INSIDE, "post", [event, at]);
      longest = Math.max(longest, computrons);
      if (half === null) continue;
      sum += computrons;
      turns++;
    }
    const end = host.memory(machine);
    host.end(machine);
    return { half: half ?? end, end, sum, longest, turns };
  } catch (error) {
    if (error instanceof MachineDied) return error.message;
    throw error;
  }
}

/** The device's RAM times this, the stack too where it is more. */
export function times({ chunk, heap, stack, keys }: Creation, share: number): Creation {
  const of = (value: number): number => Math.ceil(value * share);
  return { chunk: of(chunk), heap: of(heap), stack: Math.max(stack, of(stack)), keys };
}

/** In sixteenths of the device's, up to so many times as much. */
const SLOT = 16;
const STEPS = 16;
export const MOST = 8;

/** The smallest RAM in which the machine lives, bytes with the stack; null: none of these. */
export function smallest(xs: XsEngine, recording: Recording): number | null {
  const device = CREATIONS[recording.program];
  const lives = (step: number): boolean => typeof played(xs, recording, times(device, step / STEPS), 0) !== "string";
  let [low, high] = [0, STEPS * MOST];
  if (!lives(high)) return null;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (lives(middle)) high = middle;
    else low = middle;
  }
  const { chunk, heap, stack } = times(device, high / STEPS);
  return chunk + (heap + stack) * SLOT;
}
