// Which charger leads a site without a meter of ours: terms, promises and calls. A charger promises one arbiter at most in a
// term, and keeps that over a restart; nobody leads without a majority's promises. It knows no book and no range.

import { majorityOf, type Site } from "./shared-site.js";
import type { Call } from "./sharing-message.js";
import { type Millis, millis, minus, plus } from "./units.js";

/** What must never be forgotten: the highest term known, and who was promised obedience in it (-1: nobody yet). */
export interface Vote {
  readonly term: number;
  readonly arbiter: number;
  /** Names the boot of the arbiter: another boot, or another device of its id, was promised nothing. */
  readonly boot: number;
}

/** The same arbiter, in the same boot and term. */
export const sameVote = (a: Vote, b: Vote): boolean =>
  a.term === b.term && a.arbiter === b.arbiter && a.boot === b.boot;

interface Calling {
  readonly term: number;
  readonly since: Millis;
  readonly askedAt: Millis;
  /** Places of those who promised, without ours. */
  readonly promises: readonly number[];
}

export interface Election {
  /** Names this boot of ours. */
  readonly boot: number;
  readonly vote: Vote;
  /** An arbiter, or somebody who asks to be one, was heard last. */
  readonly heardAt: Millis;
  /** We ask to be arbiter. Our own promise is given last, so that who asks in vain has not left its arbiter's term. */
  readonly calling: Calling | null;
  readonly leads: boolean;
}

/** Who leads is believed alive for a period and this. */
const ALIVE: Millis = millis(600);
const SILENCE: Millis = millis(1_000);
/** One after the other in the order of the roster, so that they do not call against each other. */
const RANK = 250;
const RANKS = 8;
const ASK_AGAIN: Millis = millis(400);
const GIVE_UP: Millis = millis(1_500);

export const startElection = (vote: Vote, boot: number, now: Millis): Election => ({
  boot,
  vote,
  heardAt: now,
  calling: null,
  leads: false,
});

export interface ElectionStep {
  readonly election: Election;
  /** The term in which to ask everybody now, null for none. */
  readonly asks: number | null;
  /** The majority has just promised. */
  readonly won: boolean;
}

const still = (election: Election): ElectionStep => ({ election, asks: null, won: false });

/** Who has heard no arbiter for long offers itself, under a term higher than any it knows. */
export function tickElection(election: Election, site: Site, now: Millis): ElectionStep {
  const { calling, heardAt, vote, leads } = election;
  if (site.place < 0) return still(election);
  if (calling !== null && minus(now, calling.since) >= GIVE_UP)
    return still({ ...election, calling: null, heardAt: now });
  if (calling !== null) {
    if (minus(now, calling.askedAt) < ASK_AGAIN) return still(election);
    return { election: { ...election, calling: { ...calling, askedAt: now } }, asks: calling.term, won: false };
  }
  return leads || minus(now, heardAt) < patience(site) ? still(election) : ask(election, vote.term + 1, site, now);
}

function ask(election: Election, term: number, site: Site, now: Millis): ElectionStep {
  const calling: Calling = { term, since: now, askedAt: now, promises: [] };
  const step = counted({ ...election, calling, leads: false }, site);
  return { ...step, asks: step.won ? null : term };
}

/** Who is alone asks nobody. */
const patience = (site: Site): Millis =>
  site.roster.length === 1 ? millis(0) : plus(plus(site.period, SILENCE), millis(RANK * (site.place % RANKS)));

function counted(election: Election, site: Site): ElectionStep {
  const { calling } = election;
  if (calling === null || calling.promises.length + 1 < majorityOf(site)) return still(election);
  const vote: Vote = { term: calling.term, arbiter: site.place, boot: election.boot };
  return { election: { ...election, vote, calling: null, leads: true }, asks: null, won: true };
}

/** Somebody offers itself. It is promised obedience when nobody who leads is alive, or it leads already and needs a higher
 *  term, and nobody else was promised it in this one. Who leads and hears of a higher term asks again above it: those who
 *  promised in vain could not obey it otherwise. */
export function hearCall(election: Election, call: Call, site: Site, now: Millis): ElectionStep {
  const { vote, heardAt, leads, calling } = election;
  if (call.arbiter === site.place || call.arbiter >= site.roster.length) return still(election);
  if (call.term <= vote.term) {
    return still(sameVote(call, vote) ? { ...election, heardAt: now } : election);
  }
  if (leads) return ask(election, call.term + 1, site, now);
  const alive = calling === null && minus(now, heardAt) < plus(site.period, ALIVE);
  if (alive && call.arbiter !== vote.arbiter) return still(election);
  const promised: Vote = { term: call.term, arbiter: call.arbiter, boot: call.boot };
  return still({ ...election, vote: promised, heardAt: now, calling: null, leads: false });
}

/** Somebody leads: a majority promised it obedience in its term, so everybody does. */
export function hearLeader(election: Election, vote: Vote, site: Site, now: Millis): Election {
  const own = vote.arbiter === site.place && vote.boot === election.boot;
  if (vote.term < election.vote.term || own) return election;
  return {
    ...election,
    vote: sameVote(vote, election.vote) ? election.vote : vote,
    heardAt: now,
    calling: null,
    leads: false,
  };
}

/** A charger promises us obedience in a term. */
export function hearPromise(election: Election, place: number, term: number, site: Site): ElectionStep {
  const { calling } = election;
  if (calling === null || term !== calling.term || place === site.place || calling.promises.includes(place)) {
    return still(election);
  }
  return counted({ ...election, calling: { ...calling, promises: [...calling.promises, place] } }, site);
}

/** May reports of this term be obeyed? */
export const mayObey = ({ vote }: Election, term: number): boolean => term >= vote.term;
