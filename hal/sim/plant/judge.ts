// Judges a run by what the plant saw, and adds up its figures. Imports nothing of the firmware.

import { createIdeal, type IdealCar } from "./ideal.js";
import { type Broken, type ChargerRules, chargerRules, readOf, type Worst } from "./rules.js";

export interface JudgedSite {
  readonly contractedA: number;
  readonly bufferA: number;
  readonly houseMaxA: number | null;
  readonly phases: number;
  readonly voltageV: number;
  readonly meter: { readonly measures: string; readonly periodS: number } | null;
  readonly reportLeaseS: number;
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

export interface Figures {
  readonly energyKWh: Readonly<Record<string, number>>;
  readonly idealKWh: number;
  readonly utilisation: number | null;
  readonly overAs: number;
  readonly overMaxA: number;
  readonly overMaxS: number;
  readonly avoidableAs: number;
  readonly tripped: boolean;
  readonly contactorCycles: Readonly<Record<string, number>>;
  readonly reactionMs: { readonly p50: number | null; readonly p99: number | null; readonly max: number | null };
  readonly messages: number;
  readonly broken: readonly Broken[];
}

interface Seen {
  readonly config: JudgedCharger;
  readonly rules: ChargerRules;
  mode: string;
  manualA: number;
  member: boolean;
  offer: number;
  draws: readonly number[];
  /** Phases that the car uses; null while unknown. */
  carPhases: number | null;
  closed: boolean;
  powered: boolean;
  reportAt: number;
  cycles: number;
  energyKWh: number;
}

/** A PZEM has settled on a change after this. */
const SETTLES = 2_700;
/** On its way: links, the broker and the machines. */
const DELIVERY = 300;
const CAR = 1_000;
const ENVELOPE_APS = 5;
const BUTTON_A = [6, 8, 10, 13, 16, 20, 25, 32];

const tenths = (amps: number): number => Math.round(amps * 10) / 10;
const tenthsDown = (amps: number): number => Math.max(0, Math.floor(amps * 10 + 1e-6) / 10);
const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));

/** A value per phase, and until when it held. */
interface Past {
  readonly until: number;
  readonly amps: readonly number[];
}

export function createJudge(site: JudgedSite, chargers: readonly JudgedCharger[]) {
  const phases = Array.from({ length: site.phases }, (_, index) => index);
  const broken: Broken[] = [];
  const broke = (one: Broken): void => void broken.push(one);
  const seen = new Map<string, Seen>(
    chargers.map((config) => [
      config.id,
      {
        config,
        rules: chargerRules(config, broke),
        mode: config.mode,
        manualA: config.manualA,
        member: config.member,
        offer: 0,
        draws: [],
        carPhases: null,
        closed: false,
        powered: false,
        reportAt: Number.NEGATIVE_INFINITY,
        cycles: 0,
        energyKWh: 0,
      },
    ]),
  );
  const idealOf = (members: boolean) =>
    createIdeal(
      chargers
        .filter((one) => one.member === members)
        .map(({ id, maxA, cableA, wiring }) => ({
          id,
          boundA: Math.min(maxA, cableA),
          wiring: wiring.map((w) => w - 1),
        })),
      site.voltageV,
    );
  const ideal = idealOf(true);
  const idealAway = idealOf(false);
  const lease = site.reportLeaseS * 1_000;
  const period = (site.meter?.periodS ?? 1) * 1_000;
  const room = site.contractedA - site.bufferA;
  let house: readonly number[] = phases.map(() => 0);
  let roof: readonly number[] = phases.map(() => 0);
  let budgets: Past[] = [];
  let rooms: Past[] = [];
  let now = 0;
  let second = 0;
  let disturbedAt = Number.NEGATIVE_INFINITY;
  let s1Told = false;
  let meterLies = false;
  let messages = 0;
  let tripped = false;
  const over = { as: 0, maxA: 0, maxS: 0, runS: 0, avoidable: 0 };
  let mustFallSince: number | null = null;
  const reactions: number[] = [];

  const get = (id: string): Seen | undefined => seen.get(id);
  const members = (): readonly Seen[] => [...seen.values()].filter((one) => one.member);
  const budgetNow = (): readonly number[] => {
    if (site.meter === null) return phases.map(() => tenthsDown(room - (site.houseMaxA ?? 0)));
    return phases.map((phase) => tenthsDown(room - (house[phase] ?? 0)));
  };

  /** Offered on a phase: on those of the car, and until they are known on all of the wiring. */
  const offered = (phase: number): number =>
    members().reduce((sum, one) => {
      const used = one.config.wiring.slice(0, one.carPhases ?? one.config.wiring.length);
      return used.includes(phase + 1) ? sum + one.offer : sum;
    }, 0);
  const drawn = (phase: number): number =>
    members().reduce((sum, one) => sum + (one.draws[one.config.wiring.indexOf(phase + 1)] ?? 0), 0);
  const failsafe = (phase: number): number =>
    members().reduce((sum, one) => (one.config.wiring.includes(phase + 1) ? sum + one.config.failsafeA : sum), 0);

  function judgeS1(): void {
    if (meterLies) return;
    const late = members().some((one) => one.offer > 0 && now - one.reportAt > period + DELIVERY);
    if (late && site.meter !== null) disturbedAt = now;
    const window = SETTLES + (now - disturbedAt <= lease ? lease : period) + DELIVERY;
    budgets = budgets.filter((one) => one.until >= now - SETTLES - lease - DELIVERY);
    const current = budgetNow();
    let broke1 = false;
    for (const phase of phases) {
      const past = budgets.filter((one) => one.until >= now - window).map((one) => one.amps[phase] ?? 0);
      const most = Math.max(current[phase] ?? 0, ...past, failsafe(phase));
      const sum = tenths(offered(phase));
      if (sum <= most + 1e-6) continue;
      broke1 = true;
      if (!s1Told)
        broke({ rule: "S1", t: now / 1_000, charger: "", saw: `L${phase + 1}: ${sum} A offered, ${most} A free` });
    }
    s1Told = broke1;
  }

  /** What the cars may still draw after the house rose: the old room for 4.7 s, then 5 A/s less. */
  function envelope(phase: number): number {
    const grace = SETTLES + 1_000 + CAR;
    return rooms.reduce(
      (most, past) => {
        const since = now - past.until - grace;
        return Math.max(most, (past.amps[phase] ?? 0) - (Math.max(0, since) / 1_000) * ENVELOPE_APS);
      },
      room - (house[phase] ?? 0),
    );
  }

  /** Adds up a stretch in which nothing changed. */
  function pass(ms: number): void {
    const seconds = ms / 1_000;
    const draws = members().some((one) => one.draws.some((amps) => amps > 0));
    const excess = Math.max(...phases.map((phase) => (house[phase] ?? 0) + drawn(phase) - room));
    if (draws && excess > 1e-9) {
      over.as += excess * seconds;
      over.maxA = Math.max(over.maxA, excess);
      over.runS += seconds;
      over.maxS = Math.max(over.maxS, over.runS);
    } else over.runS = 0;
    over.avoidable += Math.max(0, ...phases.map((phase) => drawn(phase) - Math.max(0, envelope(phase)))) * seconds;
    for (const one of seen.values()) {
      one.energyKWh += (one.draws.reduce((a, b) => a + b, 0) * site.voltageV * seconds) / 3_600_000;
    }
  }

  function idealSecond(): void {
    if (tripped) return;
    const free = budgetNow();
    const cap = (id: string): number => {
      const one = get(id);
      if (one === undefined || one.mode === "auto") return Number.POSITIVE_INFINITY;
      if (one.mode === "manual") return one.manualA;
      return Math.min(...one.config.wiring.map((w) => Math.max(0, (roof[w - 1] ?? 0) - (house[w - 1] ?? 0))));
    };
    ideal.second(free, cap);
    idealAway.second(
      phases.map(() => Number.MAX_SAFE_INTEGER),
      (id) => (get(id)?.mode === "manual" ? cap(id) : 0),
    );
  }

  /** Moves on to `ms`; everything that the plant tells about that time comes after. */
  function until(ms: number): void {
    while (now < ms) {
      const next = Math.min(ms, second + 1_000);
      pass(next - now);
      now = next;
      if (now === second + 1_000) {
        second = now;
        idealSecond();
        rooms = rooms.filter((one) => now - one.until < 60_000);
      }
    }
    judgeS1();
  }

  function houseIs(amps: readonly number[]): void {
    budgets.push({ until: now, amps: budgetNow() });
    rooms.push({ until: now, amps: phases.map((phase) => room - (house[phase] ?? 0)) });
    house = amps;
    judgeS1();
  }

  function dutyIs(id: string, hundredths: number): void {
    const one = get(id);
    if (one === undefined) return;
    one.rules.duty(now, hundredths);
    const offer = tenths(readOf(hundredths));
    if (offer < one.offer && mustFallSince !== null) {
      reactions.push(now - mustFallSince);
      mustFallSince = null;
    }
    one.offer = offer;
    judgeS1();
  }

  const percentile = (part: number): number | null => {
    const sorted = [...reactions].sort((a, b) => a - b);
    return sorted.length === 0 ? null : (sorted[Math.ceil(part * sorted.length) - 1] ?? null);
  };

  return {
    until,
    house: houseIs,
    roof: (amps: readonly number[]): void => {
      roof = amps;
    },
    duty: dutyIs,
    line: (id: string, letter: string): void => get(id)?.rules.line(now, letter),
    contacts(id: string, closed: boolean): void {
      const one = get(id);
      if (one === undefined) return;
      one.rules.contacts(now, closed);
      if (closed && !one.closed) one.cycles++;
      one.closed = closed;
    },
    residual: (id: string, on: boolean): void => get(id)?.rules.residual(now, on),
    spoiled: (id: string, on: boolean): void => get(id)?.rules.spoiled(now, on),
    power(id: string, on: boolean): void {
      const one = get(id);
      if (one === undefined) return;
      one.powered = on;
      if (!on) one.offer = 0;
      one.rules.power(now, on);
    },
    draws(id: string, amps: readonly number[]): void {
      const one = get(id);
      if (one === undefined) return;
      one.draws = amps;
      const used = amps.filter((amp) => amp > 0).length;
      if (used > 0) one.carPhases = used;
    },
    plug(id: string, car: IdealCar | null): void {
      const one = get(id);
      if (one === undefined) return;
      one.carPhases = null;
      const which = one.config.member ? ideal : idealAway;
      if (car === null) which.unplug(id);
      else which.plug(id, car);
    },
    /** What a person set: mode, amps, membership. */
    set(id: string, settings: Readonly<Record<string, unknown>>): void {
      const one = get(id);
      if (one === undefined) return;
      if (typeof settings.mode === "string") one.mode = settings.mode;
      if (typeof settings.manualA === "number") one.manualA = settings.manualA;
      if (typeof settings.member === "boolean") one.member = settings.member;
    },
    /** A meter that repeats itself says nothing of the house, and nobody can know before it has been noticed: S1 rests. */
    meterRepeats(on: boolean): void {
      meterLies = on;
    },
    /** A press takes the next of the published amps within the rating. */
    button(id: string): void {
      const one = get(id);
      if (one === undefined) return;
      const steps = BUTTON_A.filter((amps) => amps <= one.config.maxA);
      one.manualA = steps.find((amps) => amps > one.manualA) ?? steps[0] ?? one.manualA;
    },
    /** A message reached a charger; `report` when it is the site's report. */
    message(id: string, report: boolean): void {
      const one = get(id);
      if (one === undefined) return;
      messages++;
      if (report) one.reportAt = now;
    },
    /** Last byte of a reply at the meter: what it says of a phase, A. */
    meterReply(phase: number, amps: number): void {
      const reads = site.meter?.measures === "grid" ? amps - drawn(phase) : amps;
      const slack = site.meter?.measures === "grid" ? 1 : 0;
      const asks = offered(phase) > tenthsDown(room - Math.max(0, reads)) + slack + 1e-6;
      if (!asks) mustFallSince = null;
      else mustFallSince ??= now;
    },
    trip(): void {
      tripped = true;
    },
    worst: (): Readonly<Record<string, Worst>> =>
      Object.fromEntries([...seen].map(([id, one]) => [id, one.rules.worst])),
    figures(): Figures {
      for (const one of seen.values()) one.rules.end(now);
      const energies = [...seen].map(([id, one]) => [id, rounded(one.energyKWh, 4)] as const);
      const energy = [...seen.values()].reduce((sum, one) => sum + one.energyKWh, 0);
      const best = ideal.energyKWh() + idealAway.energyKWh();
      return {
        energyKWh: Object.fromEntries(energies),
        idealKWh: rounded(best, 4),
        utilisation: best > 0 ? rounded(energy / best, 4) : null,
        overAs: rounded(over.as, 2),
        overMaxA: rounded(over.maxA, 2),
        overMaxS: rounded(over.maxS, 2),
        avoidableAs: rounded(over.avoidable, 2),
        tripped,
        contactorCycles: Object.fromEntries([...seen].map(([id, one]) => [id, one.cycles])),
        reactionMs: { p50: percentile(0.5), p99: percentile(0.99), max: percentile(1) },
        messages,
        broken: [...broken].sort((a, b) => a.t - b.t),
      };
    },
  };
}

export type Judge = ReturnType<typeof createJudge>;
