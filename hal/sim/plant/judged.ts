// What the judge knows at a moment: the site, its chargers as the plant showed them, and what is free and offered.
// Imports nothing of the firmware. Times are plant ms; currents are amperes.

import type { CarSpec } from "./scenario.js";

export interface JudgedSite {
  readonly contractedA: number;
  readonly bufferA: number;
  readonly houseMaxA: number | null;
  readonly phases: number;
  readonly voltageV: number;
  readonly meter: { readonly measures: string; readonly periodS: number; readonly ours: boolean } | null;
  readonly policy: string;
  readonly reportLeaseS: number;
  readonly maxCharging: number;
}

export interface JudgedCharger {
  readonly id: string;
  readonly maxA: number;
  readonly cableA: number;
  readonly failsafeA: number;
  /** Phases of the site, from 1, in the order of the wiring. */
  readonly wiring: readonly number[];
  readonly mode: string;
  readonly manualA: number;
  readonly member: boolean;
}

export interface Seen {
  readonly config: JudgedCharger;
  /** What a person set; `words` is what the firmware says. */
  mode: string;
  manualA: number;
  member: boolean;
  offer: number;
  draws: readonly number[];
  /** Sum of the draws. */
  drawn: number;
  /** Phases that the car was seen to use; null while unknown. */
  carPhases: number | null;
  car: CarSpec | null;
  socPct: number;
  closed: boolean;
  powered: boolean;
  linked: boolean;
  /** The plant spoils something of it: contactor, residual current, temperature. */
  readonly ills: Set<string>;
  /** Another device goes by its id. */
  hasTwin: boolean;
  /** Its controller takes no message until then. */
  deafUntil: number;
  /** A restart does not cure its controller. */
  hangsAgain: boolean;
  reportAt: number;
  words: { readonly mode: string; readonly because: string; readonly role: string };
  cycles: number;
  energyKWh: number;
}

const NEVER = Number.NEGATIVE_INFINITY;

const seenOf = (config: JudgedCharger): Seen => ({
  config,
  mode: config.mode,
  manualA: config.manualA,
  member: config.member,
  offer: 0,
  draws: [],
  drawn: 0,
  carPhases: null,
  car: null,
  socPct: 0,
  closed: false,
  powered: false,
  linked: true,
  ills: new Set(),
  hasTwin: false,
  deafUntil: NEVER,
  hangsAgain: false,
  reportAt: NEVER,
  words: { mode: config.mode, because: "none", role: "member" },
  cycles: 0,
  energyKWh: 0,
});

export const MIN_OFFER = 6;
export const tenths = (amps: number): number => Math.round(amps * 10) / 10;
export const tenthsDown = (amps: number): number => Math.max(0, Math.floor(amps * 10 + 1e-6) / 10);

/** Phases of the site on which its car charges. */
export const carWiring = ({ car, config: { wiring } }: Seen): readonly number[] => wiring.slice(0, car?.phases ?? 1);

/** It is on, can be heard, and nothing of it is spoiled. */
export const isWell = ({ powered, linked, ills, hasTwin, deafUntil }: Seen, now: number): boolean =>
  powered && linked && !hasTwin && ills.size === 0 && deafUntil <= now;

const REFUSED = ["person", "schedule", "fault"];
const NEARLY_FULL = 99;

/** A car that would take more than it is given, on a charger that a person lets charge as the site allows. */
export const wants = ({ car, socPct, words, member }: Seen): boolean =>
  member &&
  car?.obeys === true &&
  car.diode &&
  socPct < NEARLY_FULL &&
  words.mode === "auto" &&
  !REFUSED.includes(words.because);

export type View = ReturnType<typeof createView>;

export function createView(site: JudgedSite, chargers: readonly JudgedCharger[]) {
  const phases = Array.from({ length: site.phases }, (_, index) => index);
  const none: readonly number[] = phases.map(() => 0);
  const seen = new Map(chargers.map((config) => [config.id, seenOf(config)]));
  const everyone = [...seen.values()];
  const room = site.contractedA - site.bufferA;
  let now = 0;
  let house = none;
  let members = everyone.filter((one) => one.member);
  let offered: readonly number[] | null = null;
  let drawn: readonly number[] | null = null;
  let budget = budgetAt(none);

  function budgetAt(loads: readonly number[]): readonly number[] {
    return phases.map((phase) =>
      tenthsDown(room - (site.meter === null ? (site.houseMaxA ?? 0) : (loads[phase] ?? 0))),
    );
  }

  /** Offered on each phase: on those of the car, and until they are known on all of the wiring. */
  function offersNow(): readonly number[] {
    const sums = phases.map(() => 0);
    for (const { config, carPhases, offer } of members) {
      if (offer === 0) continue;
      const used = config.wiring.slice(0, carPhases ?? config.wiring.length);
      for (const phase of new Set(used)) sums[phase - 1] = (sums[phase - 1] ?? 0) + offer;
    }
    return sums;
  }

  function drawsNow(): readonly number[] {
    const sums = phases.map(() => 0);
    for (const { config, draws } of members) {
      for (let index = 0; index < draws.length; index++) {
        const phase = (config.wiring[index] ?? 1) - 1;
        sums[phase] = (sums[phase] ?? 0) + (draws[index] ?? 0);
      }
    }
    return sums;
  }

  return {
    site,
    phases,
    everyone,
    room,
    get: (id: string): Seen | undefined => seen.get(id),
    now: (): number => now,
    moveTo(ms: number): void {
      now = ms;
    },
    members: (): readonly Seen[] => members,
    membersChanged(): void {
      members = everyone.filter((one) => one.member);
      offered = null;
      drawn = null;
    },
    house: (): readonly number[] => house,
    houseIs(amps: readonly number[]): void {
      house = amps;
      budget = budgetAt(amps);
    },
    /** B of each phase now. */
    budget: (): readonly number[] => budget,
    offersChanged(): void {
      offered = null;
    },
    offered(): readonly number[] {
      offered ??= offersNow();
      return offered;
    },
    drawsChanged(): void {
      drawn = null;
    },
    drawn(): readonly number[] {
      drawn ??= drawsNow();
      return drawn;
    },
    /** Fail-safe current of members that are offered nothing: it stays theirs. */
    reserved: (phase: number): number =>
      members.reduce(
        (sum, one) => (one.offer === 0 && one.config.wiring.includes(phase + 1) ? sum + one.config.failsafeA : sum),
        0,
      ),
    failsafe: (phase: number): number =>
      members.reduce((sum, { config }) => (config.wiring.includes(phase + 1) ? sum + config.failsafeA : sum), 0),
  };
}
