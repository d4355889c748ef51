// What the site leaves to this charger, from the reports it heard: shed at once, grow calmly, distrust what is old.
// It knows no topic and no socket.

import { type ArbiterClock, boundOf, earliest, heardEcho, NO_CLOCK } from "./arbiter-clock.js";
import { frozen } from "./frozen.js";
import type { Because } from "./limits.js";
import type { Report } from "./site-message.js";
import { type Deciamps, deciamps, higher, lower, type Millis, millis, minus, plus } from "./units.js";

export interface SiteRules {
  readonly id: string;
  /** Phases of the site that this charger draws from, 1 to 3. */
  readonly wiring: readonly number[];
  readonly period: Millis;
  readonly failsafe: Deciamps;
  /** Contracted - buffer - houseMax, 0 without houseMax: what is free even when the house takes all it ever takes. */
  readonly assured: Deciamps;
}

/** One figure of a report, with when it was heard. */
interface Heard {
  readonly at: Millis;
  readonly budget: Deciamps;
  readonly surplus: Deciamps | null;
}

interface Minute {
  readonly since: Millis;
  readonly lowest: Deciamps;
}

export interface SiteView {
  readonly clock: ArbiterClock;
  readonly report: Report | null;
  /** The reports of the last seconds, newest last, for calm growth. */
  readonly recent: readonly Heard[];
  /** The smallest budget of each of the last 15 minutes. */
  readonly minutes: readonly Minute[];
  readonly firstAt: Millis | null;
}

export interface SiteAnswer {
  readonly amps: Deciamps;
  readonly because: Because;
  readonly until: Millis;
  /** What the roof gives beyond the house on the worst phase, null where the site does not measure it. */
  readonly surplus: Deciamps | null;
  readonly freshness: "fresh" | "stale" | "none";
}

const CALM: Millis = millis(6_000);
/** From the first sign of a load on a PZEM to all of it. */
const SETTLING: Millis = millis(1_500);
const MINUTE: Millis = millis(60_000);
const HISTORY = 15;
const RECENT_LIMIT = 64;
const STALE_AFTER_PERIOD: Millis = millis(2_000);

export const NOTHING_HEARD: SiteView = frozen({
  clock: NO_CLOCK,
  report: null,
  recent: [],
  minutes: [],
  firstAt: null,
});

/** Takes a report if it is newer than any before; a report is usable only once it bounds the arbiter's clock. */
export function hearReport(view: SiteView, report: Report, rules: SiteRules, now: Millis): SiteView {
  if (view.report !== null && !isNewer(report, view.report)) return view;
  const echo = report.echoes.find((one) => one.id === rules.id);
  const clock = heardEcho(view.clock, report.boot, echo?.number ?? -1, echo?.heardAt ?? millis(0), now);
  const next = { ...view, clock, report };
  return isUsable(next, now) ? remember(next, report, rules, now) : next;
}

function isNewer(report: Report, than: Report): boolean {
  if (report.boot !== than.boot) return report.boot > than.boot;
  if (report.stamp !== than.stamp) return report.stamp > than.stamp;
  return report.version > than.version;
}

function isUsable(view: SiteView, now: Millis): boolean {
  const bound = boundOf(view.clock, now);
  return bound !== null && view.report !== null && bound < view.report.until;
}

function remember(view: SiteView, report: Report, rules: SiteRules, now: Millis): SiteView {
  const budget = worst(report.budget, rules.wiring);
  const surplus = surplusOf(report, rules.wiring);
  const calm = higher(CALM, plus(rules.period, millis(1_000)));
  const recent = [
    ...lifted(view.recent, budget, now).filter((one) => minus(now, one.at) < calm),
    { at: now, budget, surplus },
  ];
  const last = view.minutes.at(-1);
  const minutes =
    last !== undefined && minus(now, last.since) < MINUTE
      ? [...view.minutes.slice(0, -1), { since: last.since, lowest: lower(last.lowest, budget) }]
      : [...view.minutes, { since: now, lowest: budget }].slice(-HISTORY - 1);
  return { ...view, recent: recent.slice(-RECENT_LIMIT), minutes, firstAt: view.firstAt ?? now };
}

/** A PZEM shows one fall of the house in up to two readings. A figure between a smaller one before and a greater one after
 *  it is that fall on its way, and counts as what it became: else the offer would grow by half, and wait 5 s for the rest. */
function lifted(recent: readonly Heard[], budget: Deciamps, now: Millis): readonly Heard[] {
  const [before, middle] = recent.slice(-2);
  if (before === undefined || middle === undefined || minus(now, middle.at) > SETTLING) return recent;
  if (before.budget >= middle.budget || middle.budget >= budget) return recent;
  return [...recent.slice(0, -1), { ...middle, budget }];
}

/** The smallest of the phases in use; a phase that the report does not name gives nothing. */
const worst = (amps: readonly Deciamps[], wiring: readonly number[]): Deciamps =>
  wiring.map((phase) => amps[phase - 1] ?? deciamps(0)).reduce(lower);

function surplusOf(report: Report, wiring: readonly number[]): Deciamps | null {
  const { solar, house } = report;
  if (solar === null) return null;
  return worst(
    solar.map((given, phase) => deciamps(Math.max(0, given - (house[phase] ?? given)))),
    wiring,
  );
}

export function answerOf(view: SiteView, rules: SiteRules, now: Millis): SiteAnswer {
  const { report, clock } = view;
  const bound = boundOf(clock, now);
  if (report === null || bound === null || bound >= report.until) return fallBack(rules, now);
  const until = earliest(clock, report.until) ?? now;
  const calm = calmest(view, rules, now);
  if (minus(bound, report.stamp) <= plus(rules.period, STALE_AFTER_PERIOD)) {
    return { ...calm, because: "site", until, freshness: "fresh" };
  }
  return {
    amps: lower(calm.amps, lowestOf(view, rules, now)),
    because: "site",
    until,
    surplus: deciamps(0),
    freshness: "stale",
  };
}

const fallBack = (rules: SiteRules, now: Millis): SiteAnswer => ({
  amps: rules.failsafe,
  because: "failsafe",
  until: plus(now, MINUTE),
  surplus: null,
  freshness: "none",
});

/** Growth waits until the smallest budget of the last seconds allows it; what falls is the newest, and so falls at once. */
function calmest(view: SiteView, rules: SiteRules, now: Millis): { amps: Deciamps; surplus: Deciamps | null } {
  const calm = higher(CALM, plus(rules.period, millis(1_000)));
  const newest = view.recent.at(-1);
  if (newest === undefined) return { amps: deciamps(0), surplus: null };
  const counted = view.recent.filter((one) => minus(now, one.at) < calm);
  const surpluses = [newest, ...counted].map((one) => one.surplus);
  return {
    amps: counted.reduce((least, one) => lower(least, one.budget), newest.budget),
    surplus: surpluses.reduce((least, one) => (least === null || one === null ? null : lower(least, one))),
  };
}

/** The lowest budget of 15 minutes; with less history than that, what is assured even then. */
function lowestOf(view: SiteView, rules: SiteRules, now: Millis): Deciamps {
  const whole = view.firstAt !== null && minus(now, view.firstAt) >= MINUTE * HISTORY;
  const seen = view.minutes.filter((one) => minus(now, one.since) <= MINUTE * (HISTORY + 1));
  const lowest = seen.reduce((least, one) => lower(least, one.lowest), seen[0]?.lowest ?? deciamps(0));
  return whole ? lowest : lower(lowest, rules.assured);
}
