// A charger as a member of its site: which report it obeys, which amperes of the line are its own, and until when.
// It knows no topic and no socket; what it may offer ends by itself.

import { type ArbiterClock, earliest, heardEcho, NO_CLOCK, sentDemand } from "./arbiter-clock.js";
import { type BudgetHistory, calmBudget, calmFor, lowestBudget, NO_HISTORY, rememberBudget } from "./budget-history.js";
import { frozen } from "./frozen.js";
import type { Because } from "./limits.js";
import { below, common, exceeds, type Ranges } from "./ranges.js";
import type { Site } from "./shared-site.js";
import { type Entry, METER, type Report } from "./sharing-message.js";
import {
  type Deciamps,
  deciamps,
  drawAtMost,
  higher,
  lower,
  type Milliamps,
  type Millis,
  millis,
  minus,
  plus,
} from "./units.js";

/** Whom a charger obeys, as its demands name it; `echo`: when the newest of its messages was sent, on its own clock. */
export interface Leader {
  readonly term: number;
  readonly boot: number;
  readonly arbiter: number;
  readonly echo: Millis;
}

export interface Member {
  /** Names this boot. */
  readonly nonce: number;
  /** Number of the last demand. */
  readonly number: number;
  readonly clock: ArbiterClock;
  readonly leader: Leader;
  /** The newest report obeyed, and what it says of this charger. */
  readonly report: Report | null;
  readonly entry: Entry | null;
  /** Amperes that are our own, until `ends` on our clock; after `staleAt` they are not to be trusted in full. */
  readonly mine: Ranges;
  readonly ends: Millis;
  readonly staleAt: Millis;
  readonly history: BudgetHistory;
  /** Newest version of the leader that offer and draw fit. */
  readonly accepted: number;
  /** Amperes were taken away that the arbiter waits for. */
  readonly owesWord: boolean;
  /** When a report was obeyed last. */
  readonly obeyedAt: Millis | null;
  /** Somebody else goes by our id. */
  readonly twins: boolean;
}

export interface MemberAnswer {
  readonly amps: Deciamps;
  readonly because: Because;
  readonly until: Millis;
  readonly freshness: "fresh" | "stale" | "none";
}

/** After a minute without any, a report of an earlier boot is heard as well: the arbiter was replaced. */
const FORGETS_BOOT: Millis = millis(60_000);
const STALE_AFTER_PERIOD: Millis = millis(2_000);
/** The EVSE machine's own period, its sampling and the way to it. */
const ACTING: Millis = millis(50);
const AMP = 10;
const A_WHILE: Millis = millis(60_000);

const NEVER: Millis = millis(0);
export const NO_LEADER: Leader = frozen({ term: 0, boot: 0, arbiter: METER, echo: NEVER });

export const startMember = (nonce: number): Member => ({
  nonce,
  number: 0,
  clock: NO_CLOCK,
  leader: NO_LEADER,
  report: null,
  entry: null,
  mine: [],
  ends: NEVER,
  staleAt: NEVER,
  history: NO_HISTORY,
  accepted: 0,
  owesWord: false,
  obeyedAt: null,
  twins: false,
});

/** One arbiter in one boot and term, as a number for its clock. */
const eraOf = ({ term, boot }: Report): number => term * 2 ** 32 + boot;

/** Obeys a report that is newer than any before, speaks to this boot of ours, and whose end has not come by the latest that
 *  it can be at the arbiter. Any other leaves what we hold as it was. Whether its term may be obeyed at all, and whether
 *  the configuration is ours, the caller has seen. */
export function hearReport(member: Member, report: Report, site: Site, now: Millis): Member {
  const entry = report.entries[site.place];
  if (entry === undefined || !isNewer(member, report, now)) return member;
  const answers = entry.nonce === member.nonce && entry.heardAt !== null;
  const clock = heardEcho(member.clock, eraOf(report), answers ? entry.number : -1, entry.heardAt ?? NEVER, now);
  const known: Member = { ...follow(member, leaderOf(report)), clock, twins: entry.twins };
  if (entry.twins) return { ...known, report, entry, mine: [], ends: NEVER };
  const ends = earliest(clock, entry.until);
  if (entry.nonce !== member.nonce || ends === null || ends <= now) return known;
  return obey(known, report, entry, site, minus(ends, ACTING), now);
}

function obey(member: Member, report: Report, entry: Entry, site: Site, ends: Millis, now: Millis): Member {
  const mine = report.renewsOnly ? common(held(member, now), entry.ranges) : entry.ranges;
  const first = member.report === null || eraOf(member.report) !== eraOf(report);
  return {
    ...member,
    report,
    entry,
    mine,
    ends,
    staleAt: earliest(member.clock, plus(report.stamp, plus(site.period, STALE_AFTER_PERIOD))) ?? now,
    history: rememberBudget(member.history, report.budget, site.period, now),
    owesWord: member.owesWord || first || exceeds(member.mine, mine),
    obeyedAt: now,
  };
}

const leaderOf = ({ term, boot, arbiter, sentAt }: Report): Leader => ({ term, boot, arbiter, echo: sentAt });

/** Names an arbiter in the demands from now on; versions of another mean nothing to it. What is held stays. */
export function follow(member: Member, leader: Leader): Member {
  const same = member.leader.term === leader.term && member.leader.boot === leader.boot;
  if (!same) return { ...member, leader, accepted: 0 };
  return { ...member, leader: { ...leader, echo: higher(leader.echo, member.leader.echo) } };
}

/** In order of term, boot, stamp and version. In one term only one boot leads; a meter's boots count up. */
function isNewer({ leader, report: last, obeyedAt }: Member, report: Report, now: Millis): boolean {
  if (report.term !== leader.term) return report.term > leader.term;
  if (report.boot !== leader.boot && leader !== NO_LEADER) {
    if (report.term > 0) return false;
    return report.boot > leader.boot || (obeyedAt !== null && minus(now, obeyedAt) > FORGETS_BOOT);
  }
  if (last === null || eraOf(last) !== eraOf(report)) return true;
  if (report.stamp !== last.stamp) return report.stamp > last.stamp;
  return report.version > last.version;
}

/** What is our own now. */
export const held = ({ mine, ends }: Member, now: Millis): Ranges => (now < ends ? mine : []);

/** What may be offered on these phases (those of the car, or all that are wired while they are not known), and why. */
export function answerOf(member: Member, site: Site, phases: readonly number[], now: Millis): MemberAnswer {
  const { entry, history, mine, ends } = member;
  if (member.twins) return { amps: deciamps(0), because: "fault", until: plus(now, A_WHILE), freshness: "none" };
  if (entry === null || now >= ends) return fallBack(site, now);
  const fresh = now <= member.staleAt;
  const calm = calmBudget(history, calmFor(site.period), now);
  const lowest = fresh ? calm : lowestBudget(history, site.assured, now);
  const within = (phase: number): Deciamps => lower(lowest[phase - 1] ?? deciamps(0), calm[phase - 1] ?? deciamps(0));
  const amps = phases.map((phase) => below(mine, phase, within(phase))).reduce(lower);
  const all = phases.map((phase) => below(mine, phase, site.capacity)).reduce(lower);
  // What the roof does not give is not taken from the grid, reserved or not.
  const reserved = entry.because === "solar" ? deciamps(0) : site.roster[site.place]?.failsafe;
  const own = higher(entry.amps, reserved ?? deciamps(0));
  const part = member.report?.renewsOnly === true ? all : lower(all, own);
  const because = amps < part ? "site" : entry.because;
  const granted = lower(amps, part);
  const whole = site.policy === "equal" ? deciamps(granted - (granted % AMP)) : granted;
  return { amps: whole, because, until: ends, freshness: fresh ? "fresh" : "stale" };
}

const fallBack = (site: Site, now: Millis): MemberAnswer => ({
  amps: site.roster[site.place]?.failsafe ?? deciamps(0),
  because: "failsafe",
  until: plus(now, A_WHILE),
  freshness: "none",
});

/** Offer and draw against what is granted: the newest version counts as accepted once both fit. `draw`: of the largest
 *  phase, null while it is not known; 0 while the contactor is open. */
export function acknowledge(member: Member, granted: Deciamps, offer: Deciamps, draw: Milliamps | null): Member {
  const { report, leader } = member;
  if (report === null || report.term !== leader.term || report.boot !== leader.boot) return member;
  const { version } = report;
  const fits = offer <= granted && draw !== null && drawAtMost(draw) <= granted + TOLERANCE;
  return fits && version !== member.accepted ? { ...member, accepted: version } : member;
}

/** 0.5 A. */
const TOLERANCE = 5;

/** A demand goes out: its number comes back in a report, and with it what time it was there. */
export function demanded(member: Member, now: Millis): Member {
  const number = (member.number + 1) >>> 0;
  const settled = member.accepted === (member.report?.version ?? 0);
  return { ...member, number, clock: sentDemand(member.clock, number, now), owesWord: member.owesWord && !settled };
}
