// Large sites: what one of their machines hears is recorded on V8 and played to that machine alone on XS, so that
// what the roster's length costs in RAM can be counted within seconds.

import type { Opener } from "../../hal/sim/brain.js";
import { type Engine, v8 } from "../../hal/sim/programs.js";
import { simulate } from "../../hal/sim/simulation.js";
import { atMost, type Figure, shown } from "../figure.js";
import { ramOf } from "./cost.js";
import { CREATIONS, type XsEngine } from "./engine.js";
import { type Creation, MachineDied, type Memory } from "./host.js";

const MEMBERS = 64;
const SECONDS = 60;
/** By then all cars are plugged in. */
const SETTLED_MS = 30_000;
const INSIDE = "hal/sim/inside.js";

/** Three phases, one- and three-phase cars; every second charger has one. */
function scenario(members: number, led: "meter" | "charger"): string {
  const ids = Array.from({ length: members }, (_, index) => `charger-${index + 1}`);
  const chargers = ids.map((id, index) => ({ id, wiring: index % 4 === 0 ? [1, 2, 3] : [(index % 3) + 1] }));
  const events = ids
    .filter((_, index) => index % 2 === 0)
    .map((id, index) => ({
      atS: 5 + index / 2,
      plug: id,
      car: { maxA: 32, phases: index % 2 === 0 ? 3 : 1, batteryKWh: 60, socPct: 30 },
    }));
  const site = { contractedA: 250, phases: 3, ...(led === "meter" ? {} : { meter: null, houseMaxA: 40 }) };
  return JSON.stringify({
    name: "many",
    seed: members,
    durationS: SECONDS,
    site,
    chargers,
    events: [{ atS: 0, house: 20 }, ...events],
  });
}

interface Recording {
  readonly program: "controller" | "meter";
  readonly boot: unknown;
  readonly startedAt: number;
  readonly events: (readonly [event: unknown, at: number])[];
}

/** All that the first charger's controller and the meter are told in a scenario. */
function recorded(text: string): readonly Recording[] {
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
    controller: listening("controller", v8.controller),
    meter: listening("meter", v8.meter),
  };
  const run = simulate(text, { engine });
  if (!run.ok) throw new Error(`${run.key}: ${run.why}`);
  return recordings;
}

interface Played {
  readonly half: Memory;
  readonly end: Memory;
  /** Computrons a simulated second, once all cars are plugged in, and of the longest turn. */
  readonly each: number;
  readonly longest: number;
}

/** In words why the machine is lost on its way, as the device would restart. */
function played({ host }: XsEngine, recording: Recording, creation: Creation): Played | string {
  const { program, boot, startedAt, events } = recording;
  try {
    const machine = host.open(creation);
    host.call(machine, startedAt, INSIDE, "start", [program, boot, startedAt]);
    let half: Memory | null = null;
    let [sum, longest] = [0, 0];
    for (const [event, at] of events) {
      if (half === null && at >= SETTLED_MS) half = host.memory(machine);
      const { computrons } = host.call(machine, at, INSIDE, "post", [event, at]);
      longest = Math.max(longest, computrons);
      if (half !== null) sum += computrons;
    }
    const end = host.memory(machine);
    host.end(machine);
    return { half: half ?? end, end, each: Math.round(sum / (SECONDS - SETTLED_MS / 1_000)), longest };
  } catch (error) {
    if (error instanceof MachineDied) return error.message;
    throw error;
  }
}

/** The device's RAM times this, the stack too where it is more. */
function times({ chunk, heap, stack, keys }: Creation, share: number): Creation {
  const of = (value: number): number => Math.ceil(value * share);
  return { chunk: of(chunk), heap: of(heap), stack: Math.max(stack, of(stack)), keys };
}

/** In sixteenths of the device's, up to so many times as much. */
const SLOT = 16;
const STEPS = 16;
const MOST = 8;

function smallest(xs: XsEngine, recording: Recording): number | null {
  const device = CREATIONS[recording.program];
  const lives = (step: number): boolean => typeof played(xs, recording, times(device, step / STEPS)) !== "string";
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

function figuresOf(xs: XsEngine, name: string, recording: Recording): readonly Figure[] {
  const device = CREATIONS[recording.program];
  const lived = played(xs, recording, device);
  const seen = typeof lived === "string" ? played(xs, recording, times(device, MOST)) : lived;
  const lost = typeof lived === "string";
  const ram = [
    atMost(`${name}: restarts in the device's RAM in ${SECONDS} s`, lost ? 1 : 0, 0, lost ? lived : ""),
    atMost(
      `${name}: smallest RAM that lives, with its stack`,
      smallest(xs, recording),
      ramOf(recording.program),
      "bytes",
    ),
  ];
  if (typeof seen === "string") return [...ram, atMost(`${name}: restarts with ${MOST} times that RAM`, 1, 0, seen)];
  const { end, half, each, longest } = seen;
  return [
    ...ram,
    shown(`${name}: live slots`, end.slots, `of ${device.heap}`),
    shown(`${name}: live chunks`, end.chunks, `of ${device.chunk} bytes`),
    atMost(`${name}: stack peak`, end.stackPeak, device.stack, "slots"),
    atMost(`${name}: growth of keys`, end.keys - half.keys, 0, ""),
    shown(`${name}: computrons a second`, each, ""),
    shown(`${name}: longest turn`, longest, "computrons"),
  ];
}

/** So many chargers fit who leads them, in the RAM of the device: 64 take a meter of 384 KB. */
const LED_BY_METER = 16;
const LED_BY_CHARGER = 8;

/** What a long roster costs its charger as a member, its meter, and a charger that leads. */
export function manyFigures(xs: XsEngine): readonly Figure[] {
  const among = (members: number, led: "meter" | "charger", program: Recording["program"]): Recording => {
    const found = recorded(scenario(members, led)).find((one) => one.program === program);
    if (found === undefined) throw new Error(`${members} chargers: no ${program} ran`);
    return found;
  };
  return [
    ...figuresOf(xs, `charger among ${MEMBERS}`, among(MEMBERS, "meter", "controller")),
    ...figuresOf(xs, `meter that leads ${LED_BY_METER}`, among(LED_BY_METER, "meter", "meter")),
    ...figuresOf(xs, `charger that leads ${LED_BY_CHARGER}`, among(LED_BY_CHARGER, "charger", "controller")),
  ];
}
