// The house behind a grid-side meter, searched exhaustively: whatever cars draw, whenever their chargers' words come or are
// lost, the house reckoned is never less than the least that it really took in the last seconds. It runs the shipped reckoning.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as drawsModule from "../../src/car-draws.js";
import { DEFAULTS } from "../../src/settings.js";
import { siteOf } from "../../src/shared-site.js";
import type { Demand } from "../../src/sharing-message.js";
import { deciamps, type Milliamps, type Millis, milliamps, millis } from "../../src/units.js";
import type { Found } from "./explore.js";

type Draws = typeof drawsModule;

export const loadReckoning = (folder: string): Promise<Draws> =>
  import(pathToFileURL(join(folder, "car-draws.ts")).href);

export interface GridBound {
  readonly cars: number;
  readonly steps: number;
  /** How many times the world may do something in all, up to the step `until`. */
  readonly acts: number;
  readonly until: number;
  /** The house reckoned may be one that was so long ago. */
  readonly windowS: number;
  /** A word of a charger may come a second late. */
  readonly late: boolean;
  /** What is too low for a moment makes nobody grow: judged is the highest of the seconds that growth waits. */
  readonly calm: boolean;
}

const STEP_MS = 500;
/** A car that has changed its draw keeps it for so many steps. */
const KEEPS = 6;
const SITE = siteOf(DEFAULTS);
const BOOT = 1;
const HOUSE: readonly Milliamps[] = Object.freeze([milliamps(5_000), milliamps(13_000)]);
const DRAWN: readonly Milliamps[] = Object.freeze([milliamps(6_000), milliamps(0), milliamps(16_000)]);
const OFFER = deciamps(160);
const CALM_S = 6;

interface Car {
  readonly draw: Milliamps;
  readonly since: number;
  readonly silent: boolean;
  readonly number: number;
}

interface World {
  readonly step: number;
  /** What the house took, by step. */
  readonly house: readonly Milliamps[];
  readonly cars: readonly Car[];
  readonly late: readonly { readonly step: number; readonly demand: Demand }[];
  readonly heard: readonly drawsModule.CarDraws[];
  /** The grid's last reading, and what was reckoned by the one before. */
  readonly sample: {
    readonly grid: Milliamps;
    readonly at: Millis;
    readonly before: readonly Milliamps[] | null;
  } | null;
  readonly reckoned: readonly Milliamps[] | null;
  /** What was reckoned, by step. */
  readonly told: readonly Milliamps[];
}

type Act =
  | { readonly kind: "house"; readonly takes: Milliamps }
  | { readonly kind: "draw"; readonly car: number; readonly draw: Milliamps }
  | { readonly kind: "silence" | "heal" | "late"; readonly car: number };

const startOf = (cars: number): World => ({
  step: 0,
  house: [milliamps(5_000)],
  cars: Array.from({ length: cars }, () => ({ draw: milliamps(6_000), since: 0, silent: false, number: 0 })),
  late: [],
  heard: [],
  sample: null,
  reckoned: null,
  told: [],
});

/** Nothing happens until all is known. */
const FROM = 4;

function actsOf({ step, house, cars }: World, bound: GridBound): readonly Act[] {
  const acts: Act[] = HOUSE.filter((takes) => takes !== house.at(-1)).map((takes) => ({ kind: "house", takes }));
  for (const [car, one] of cars.entries()) {
    if (step - one.since >= KEEPS)
      for (const draw of DRAWN) if (draw !== one.draw) acts.push({ kind: "draw", car, draw });
    acts.push({ kind: one.silent ? "heal" : "silence", car });
    if (bound.late && !one.silent && step % 2 === 1) acts.push({ kind: "late", car });
  }
  return acts;
}

const put = (world: World, car: number, change: Partial<Car>): World => ({
  ...world,
  cars: world.cars.map((one, at) => (at === car ? { ...one, ...change } : one)),
});

function acted(world: World, act: Act): World {
  switch (act.kind) {
    case "house":
      return { ...world, house: [...world.house.slice(0, -1), act.takes] };
    case "draw":
      return put(world, act.car, { draw: act.draw, since: world.step });
    case "silence":
    case "heal":
      return put(world, act.car, { silent: act.kind === "silence" });
    case "late":
      return world;
  }
}

/** The grid is read each second, and each charger answers half a second later. */
function passed(draws: Draws, world: World, late: ReadonlySet<number>): World {
  const next = world.step % 2 === 0 ? gridRead(draws, world) : answered(draws, world, late);
  const house = [...world.house, world.house.at(-1) ?? milliamps(0)];
  return { ...next, step: world.step + 1, house, told: [...world.told, ...(next.reckoned ?? [])] };
}

function gridRead(draws: Draws, world: World): World {
  const now = millis(world.step * STEP_MS);
  const heard = draws.withoutSilent(world.heard, now);
  const grid = milliamps(world.cars.reduce((sum, one) => sum + one.draw, world.house.at(-1) ?? 0));
  const reckoned = draws.houseWithout(heard, [grid], world.reckoned, [now]);
  return { ...world, heard, sample: { grid, at: now, before: world.reckoned }, reckoned };
}

function answered(draws: Draws, world: World, late: ReadonlySet<number>): World {
  const cars = world.cars.map((one) => ({ ...one, number: one.number + 1 }));
  const said = cars.map((one, car) => demandOf(car, one, millis((world.step - 1) * STEP_MS)));
  const now = said.filter((_, car) => cars[car]?.silent === false && !late.has(car));
  const due = world.late.filter((one) => one.step === world.step).map((one) => one.demand);
  const later = said.filter((_, car) => late.has(car)).map((demand) => ({ step: world.step + 2, demand }));
  const next = { ...world, cars, late: [...world.late.filter((one) => one.step > world.step), ...later] };
  return [...due, ...now].reduce<World>((last, demand) => heardOf(draws, last, demand), next);
}

/** A draw that was measured after the grid narrows what the house can have taken. */
function heardOf(draws: Draws, world: World, demand: Demand): World {
  const { sample } = world;
  const heard = draws.withDraw(world.heard, demand, { site: SITE, boot: BOOT }, millis(world.step * STEP_MS));
  if (sample === null) return { ...world, heard };
  return { ...world, heard, reckoned: draws.houseWithout(heard, [sample.grid], sample.before, [sample.at]) };
}

/** It answers the report of the grid's last reading. */
function demandOf(car: number, { draw, number }: Car, echo: Millis): Demand {
  return {
    id: `c${car}`,
    nonce: car + 1,
    number,
    boot: BOOT,
    term: 0,
    arbiter: 255,
    echo,
    accepted: 0,
    held: [],
    wants: { wiring: [1], max: OFFER, need: OFFER, priority: 0, waitingS: 0, turn: 1, mode: "auto" },
    draws: [draw],
    age: millis(0),
    offer: OFFER,
    uptime: millis(0),
  };
}

function excess({ house, told, step }: World, { windowS, calm }: GridBound): string | null {
  const steps = (seconds: number): number => (seconds * 1_000) / STEP_MS;
  const least = Math.min(...house.slice(-1 - steps(windowS)));
  const amps = Math.max(...told.slice(calm ? -steps(CALM_S) : -1));
  if (amps >= least) return null;
  return `a house of ${amps / 1_000} A reckoned that took ${least / 1_000} A or more at step ${step}`;
}

/** Every way in which the world can go on within the bound. */
export function exploreGrid(draws: Draws, bound: GridBound): Found {
  let states = 0;
  const stack: { readonly world: World; readonly acts: readonly string[] }[] = [
    { world: startOf(bound.cars), acts: [] },
  ];
  for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
    const { world, acts } = path;
    for (const chosen of choices(world, bound, bound.acts - acts.length)) {
      const late = new Set(chosen.flatMap((one) => (one.kind === "late" ? [one.car] : [])));
      const after = passed(draws, chosen.reduce(acted, world), late);
      const taken = [...acts, ...chosen.map((one) => `${world.step}: ${JSON.stringify(one)}`)];
      states += 1;
      const saw = excess(after, bound);
      if (saw !== null) return { states, violation: { acts: taken, saw }, whole: false };
      if (after.step < bound.steps) stack.push({ world: after, acts: taken });
    }
  }
  return { states, violation: null, whole: true };
}

/** Nothing, one act, or two at the same moment. */
function choices(world: World, bound: GridBound, left: number): readonly (readonly Act[])[] {
  if (world.step < FROM || world.step > bound.until || left === 0) return [[]];
  const acts = actsOf(world, bound);
  const one = acts.map((act) => [act]);
  if (left === 1) return [[], ...one];
  const two = acts.flatMap((first, at) =>
    acts.slice(at + 1).flatMap((second) => (differ(first, second) ? [[first, second]] : [])),
  );
  return [[], ...one, ...two];
}

const differ = (a: Act, b: Act): boolean => a.kind !== b.kind || (a.kind !== "house" && "car" in b && a.car !== b.car);
