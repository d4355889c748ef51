// S3: nobody who could have 6 A waits longer than its turn; and how long each has waited at the most.

import { takes } from "./ideal.js";
import type { Calm } from "./judge-calm.js";
import { carWiring, isWell, MIN_OFFER, type Seen, type View, wants } from "./judged.js";
import type { Broken } from "./rules.js";

/** A turn of 15 minutes, and what it takes to hand it on. */
const TURN_S = 990;
const ROUNDING = 1e-9;

interface Wait {
  /** Part of the longest allowed wait that has gone by; above 1 it is too long. */
  used: number;
  told: boolean;
  seconds: number;
  longest: number;
}

export function createWaitsRule(view: View, calm: Calm, broke: (broken: Broken) => void) {
  const { site } = view;
  const waits = new Map(
    view.everyone.map((one): [Seen, Wait] => [one, { used: 0, told: false, seconds: 0, longest: 0 }]),
  );

  const couldAlone = (one: Seen): boolean =>
    carWiring(one).every((phase) => (view.budget()[phase - 1] ?? 0) >= MIN_OFFER);

  /** How many of these cars can have 6 A at the same time. */
  function slotsFor(cars: readonly Seen[]): number {
    const left = view.budget().map((amps, phase) => amps - view.reserved(phase));
    const most = site.maxCharging > 0 ? site.maxCharging : cars.length;
    let slots = 0;
    for (const one of [...cars].sort((a, b) => carWiring(a).length - carWiring(b).length)) {
      const used = carWiring(one);
      if (slots >= most || used.some((phase) => (left[phase - 1] ?? 0) < MIN_OFFER)) continue;
      for (const phase of used) left[phase - 1] = (left[phase - 1] ?? 0) - MIN_OFFER;
      slots++;
    }
    return slots;
  }

  /** What a second of waiting is of the longest allowed wait. */
  function partOfTurn(): number {
    const cars = view.members().filter((one) => one.offer >= MIN_OFFER || wants(one));
    const slots = slotsFor(cars);
    return slots === 0 || cars.length <= slots ? 0 : 1 / ((Math.ceil(cars.length / slots) - 1) * TURN_S);
  }

  /** A car that takes less than 6 A has its turn only when a slot is spare. */
  const hasTurns = (one: Seen): boolean => one.car !== null && takes(one.car, one.socPct) >= MIN_OFFER;

  return {
    /** Looks once a second. */
    second(): void {
      let part: number | null = null;
      for (const [one, wait] of waits) {
        if (one.offer >= MIN_OFFER || !wants(one)) {
          Object.assign(wait, { used: 0, told: false, seconds: 0 });
          continue;
        }
        if (!couldAlone(one)) continue;
        wait.seconds++;
        wait.longest = Math.max(wait.longest, wait.seconds);
        if (site.policy !== "fair" || !hasTurns(one) || !isWell(one, view.now()) || !calm.isWhole()) continue;
        part ??= partOfTurn();
        wait.used += part;
        if (wait.used <= 1 + ROUNDING || wait.told) continue;
        wait.told = true;
        broke({ rule: "S3", t: view.now() / 1_000, charger: one.config.id, saw: `waits since ${wait.seconds} s` });
      }
    },
    longest: (): Readonly<Record<string, number>> =>
      Object.fromEntries([...waits].map(([{ config }, { longest }]) => [config.id, longest])),
  };
}
