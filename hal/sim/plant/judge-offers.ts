// S1: the sum of offers on a phase never exceeds the largest budget of the last W, or the fail-safe sum where that is larger.

import { type Seen, tenths, type View } from "./judged.js";
import type { Broken } from "./rules.js";

/** A PZEM has settled on a change after this. */
export const SETTLES = 2_700;
/** On its way: links, the broker and the machines. */
const DELIVERY = 300;
const READ = 130;
/** Behind a grid-side meter the house is what is left of many readings, each of them this much beside the others, A. */
const BESIDE = 0.1;
/** A network that is slower than this each way delivers no report in time. */
const SLOW_S = 0.1;

/** The budget of each phase, and until when it held. */
interface Past {
  readonly until: number;
  readonly amps: readonly number[];
}

export function createOffersRule(view: View, broke: (broken: Broken) => void) {
  const { site, phases } = view;
  const lease = site.reportLeaseS * 1_000;
  const period = (site.meter?.periodS ?? 1) * 1_000;
  /** Somebody else's meter says what it saw with its next message, and the arbiter what it heard with its next report. Behind
   *  a grid-side meter a rise can hide in a car's ramp for a report, and what is left of it in the ramps down that answer it. */
  const periods = site.meter?.measures === "grid" ? 4 : site.meter?.ours === false ? 2 : 1;
  // A meter of three phases reads one module after the other.
  const delivery = DELIVERY + READ * (site.phases - 1);
  const onTime = period + delivery;
  let budgets: Past[] = [];
  let disturbedAt = Number.NEGATIVE_INFINITY;
  let readingAt = Number.NEGATIVE_INFINITY;
  let told = false;
  let isClear = false;
  let meterFault = "ok";
  let meterLiedAt = Number.NEGATIVE_INFINITY;
  let slow = false;

  const readingsLate = (now: number): boolean => site.meter?.ours === false && now - readingAt > onTime;

  /** It offers, and what it goes by is older than a report is. An arbiter hears itself. */
  function isLate(one: Seen, now: number): boolean {
    if (one.offer <= 0) return false;
    if (one.deafUntil > now) return true;
    return one.words.role !== "arbiter" && now - one.reportAt > onTime;
  }

  /** To be called before anything of a charger changes that this goes by. */
  function changing(one: Seen): void {
    const now = view.now();
    if (one.member && isLate(one, now)) disturbedAt = now;
    isClear = false;
  }

  const meterLies = (): boolean => meterFault === "stuck" || meterFault === "zero";

  function windowNow(): number {
    const now = view.now();
    if (site.meter !== null) {
      const lost = slow || meterFault !== "ok" || readingsLate(now);
      if (lost || view.members().some((one) => isLate(one, now))) disturbedAt = now;
    }
    return SETTLES + delivery + (now - disturbedAt <= lease ? lease : period * periods);
  }

  const isWithin = (): boolean => {
    const offered = view.offered();
    const budget = view.budget();
    return phases.every((phase) => tenths(offered[phase] ?? 0) <= (budget[phase] ?? 0) + 1e-6);
  };

  function judge(): void {
    if (isClear) return;
    const now = view.now();
    if (meterLies() || now - meterLiedAt <= SETTLES + lease) return;
    isClear = isWithin();
    if (isClear) {
      told = false;
      return;
    }
    const window = windowNow();
    const slack = site.meter?.measures === "grid" ? BESIDE * (1 + view.members().length) : 0;
    let over = false;
    for (const phase of phases) {
      const past = budgets.filter((one) => one.until >= now - window).map((one) => one.amps[phase] ?? 0);
      const most = slack + Math.max(view.budget()[phase] ?? 0, ...past, view.failsafe(phase));
      const sum = tenths(view.offered()[phase] ?? 0);
      if (sum <= most + 1e-6) continue;
      over = true;
      if (!told)
        broke({ rule: "S1", t: now / 1_000, charger: "", saw: `L${phase + 1}: ${sum} A offered, ${most} A free` });
    }
    told = over;
  }

  return {
    judge,
    changing,
    /** To be called before the house changes. */
    houseChanges(): void {
      const now = view.now();
      const longest = SETTLES + delivery + lease;
      budgets = budgets.filter((one) => one.until >= now - longest);
      budgets.push({ until: now, amps: view.budget() });
      isClear = false;
    },
    /** The site's report has reached a charger. */
    report(one: Seen): void {
      changing(one);
      if (one.deafUntil <= view.now()) one.reportAt = view.now();
    },
    /** A value of somebody else's meter has reached a charger. */
    reading(): void {
      const now = view.now();
      if (readingsLate(now)) disturbedAt = now;
      readingAt = now;
    },
    /** A meter that repeats itself, or says 0, says nothing of the house, and nobody can know before it has been noticed: S1
     *  rests until what it said is over. */
    meter(fault: string): void {
      if (meterLies()) meterLiedAt = view.now();
      if (meterFault !== "ok") disturbedAt = view.now();
      meterFault = fault;
      isClear = false;
    },
    /** The meter stops, or is cut off: what it would have said next comes late or never. */
    meterStops(): void {
      disturbedAt = view.now();
      isClear = false;
    },
    network(loss: number, delayS: number): void {
      if (slow) disturbedAt = view.now();
      slow = loss > 0 || delayS > SLOW_S;
      isClear = false;
    },
  };
}
