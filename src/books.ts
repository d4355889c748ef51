// The arbiter's books: who owns which amperes of the line, and what each charger has acknowledged of it.
// An ampere goes to another owner only when its owner has let it go, or when its time is over. It knows no budget.

import type { Share } from "./allocate.js";
import { type BudgetHistory, NO_HISTORY } from "./budget-history.js";
import { frozen } from "./frozen.js";
import { claimed, emptyLine, freed, isTaken, type Line, ownsOn, type Part, target } from "./line.js";
import type { Ranges } from "./ranges.js";
import { longest, majorityOf, type Site, shortest } from "./shared-site.js";
import type { Demand, Head } from "./sharing-message.js";
import { type Deciamps, deciamps, higher, lower, type Millis, millis, minus, plus } from "./units.js";

/** Which device leads the site, and since which boot of its own. */
export interface Identity {
  readonly term: number;
  readonly boot: number;
  readonly place: number;
}

/** One charger, as its demands show it. */
export interface Book {
  readonly demand: Demand | null;
  readonly heardAt: Millis;
  /** It obeys this arbiter, under this configuration. */
  readonly knows: boolean;
  /** On our clock: the last end that a report gave its amperes. */
  readonly until: Millis;
  /** Who registered before whom. */
  readonly registered: number;
  /** It obeys nobody else before this; counted from what it had heard when it said so. */
  readonly promise: Millis;
  /** The same moment of hearing itself: it was with us then. */
  readonly echoed: Millis;
  /** Another boot under the same id: a restart, unless the first is heard again. */
  readonly rival: { readonly nonce: number; readonly since: Millis; readonly heardAt: Millis } | null;
  /** Two devices with this id: neither gets anything until one has been silent for long. */
  readonly twinsUntil: Millis;
  /** Fail-safe amperes that stay its own until it has shown the newest configuration. */
  readonly failsafe: Deciamps;
}

/** Amperes that an owner was told to let go with a version, or at the latest loses with its time. */
interface Leaving {
  readonly place: number;
  readonly version: number;
  readonly until: Millis;
  readonly ranges: Ranges;
}

export interface Reading {
  readonly stamp: Millis;
  readonly budget: readonly Deciamps[];
  readonly house: readonly Deciamps[];
  readonly solar: readonly Deciamps[] | null;
}

export interface Arbiter {
  readonly identity: Identity;
  /** Whoever held amperes of an earlier arbiter holds none after this; null once all holders are known. */
  readonly unknownUntil: Millis | null;
  /** Two claimed the same amperes of an earlier arbiter. */
  readonly disputed: boolean;
  readonly version: number;
  readonly lines: readonly Line[];
  readonly leaving: readonly Leaving[];
  readonly books: readonly Book[];
  /** Who charges, in the order in which blocks of 6 A lie on the line. */
  readonly order: readonly number[];
  readonly reading: Reading | null;
  /** What the house left in the last seconds: shares grow calmly. */
  readonly history: BudgetHistory;
  /** What the roof gave in the last seconds: a share of it grows calmly. */
  readonly sun: readonly { readonly at: Millis; readonly surplus: readonly Deciamps[] }[];
  readonly reportedAt: Millis | null;
  /** Stamp and budget of the last report. */
  readonly toldStamp: Millis;
  readonly told: readonly Deciamps[];
  /** Something was heard that another report would answer. */
  readonly owes: boolean;
  readonly shares: readonly Share[];
}

/** Two boots of one charger that both speak after this long are two devices. */
const TWINS_AFTER: Millis = millis(5_000);
const TWINS_FOR: Millis = millis(30_000);
export const NEVER: Millis = millis(0);
const NOT_HEARD: Millis = millis(-1);

const UNHEARD: Book = frozen({
  demand: null,
  heardAt: NOT_HEARD,
  knows: false,
  until: NEVER,
  registered: 0,
  promise: NEVER,
  echoed: NEVER,
  rival: null,
  twinsUntil: NEVER,
  failsafe: deciamps(0),
});

/** Books of an arbiter that has just begun: it knows no holder. `before`: larger fail-safe amperes of an earlier
 *  configuration, by id. */
export function startArbiter(site: Site, identity: Identity, before: Arbiter | null, now: Millis): Arbiter {
  const books: Arbiter = {
    identity,
    unknownUntil: plus(now, longest(site.lease)),
    disputed: false,
    version: before?.version ?? 0,
    lines: [],
    leaving: [],
    books: site.roster.map((row, place) => ({
      ...UNHEARD,
      registered: before?.books[place]?.registered ?? 0,
      failsafe: higher(row.failsafe, before?.books[place]?.failsafe ?? deciamps(0)),
    })),
    order: [],
    reading: before?.reading ?? null,
    history: before?.history ?? NO_HISTORY,
    sun: [],
    reportedAt: null,
    toldStamp: NOT_HEARD,
    told: [],
    owes: false,
    shares: [],
  };
  const reserves = reservesOf(books, site);
  const empty = emptyLine(site.capacity);
  const lines = Array.from({ length: site.phases }, (_, index) => target(empty, index + 1, [], reserves).line);
  return { ...books, lines };
}

/** Takes what a charger says; a demand of another site, of a stranger, or an old one changes nothing. */
export function hearDemand(arbiter: Arbiter, site: Site, head: Head, demand: Demand, now: Millis): Arbiter {
  const place = site.roster.findIndex((row) => row.id === demand.id);
  const book = arbiter.books[place];
  if (book === undefined || head.site !== site.hash) return arbiter;
  if (book.demand !== null && demand.nonce !== book.demand.nonce) return hearRival(arbiter, place, book, demand, now);
  if (book.demand !== null && demand.number <= book.demand.number) return arbiter;
  if (demand.boot === arbiter.identity.boot && minus(now, demand.echo) > site.lease) return arbiter;
  return hearMember(arbiter, site, place, demand, now);
}

function put(arbiter: Arbiter, place: number, change: Partial<Book>): Arbiter {
  return { ...arbiter, books: arbiter.books.map((book, at) => (at === place ? { ...book, ...change } : book)) };
}

/** A boot that we do not know under a known id. It is let in once what the other holds has ended. When both are heard
 *  again and again, they are two devices; a message counts for that only if it answers something that we sent lately. */
function hearRival(arbiter: Arbiter, place: number, book: Book, demand: Demand, now: Millis): Arbiter {
  const known = book.rival?.nonce === demand.nonce ? book.rival : null;
  const rival = { nonce: demand.nonce, since: known?.since ?? now, heardAt: now };
  const answers = demand.boot === arbiter.identity.boot && minus(now, demand.echo) < TWINS_AFTER;
  const both = answers && book.heardAt > rival.since && minus(now, rival.since) >= TWINS_AFTER;
  return put(arbiter, place, both ? { rival, twinsUntil: plus(now, TWINS_FOR) } : { rival });
}

function hearMember(arbiter: Arbiter, site: Site, place: number, demand: Demand, now: Millis): Arbiter {
  const book = arbiter.books[place] ?? UNHEARD;
  const { identity } = arbiter;
  const ours = demand.boot === identity.boot && demand.term === identity.term && demand.arbiter === identity.place;
  const echoed = ours ? higher(book.echoed, lower(demand.echo, now)) : book.echoed;
  const heard: Book = {
    ...book,
    demand,
    heardAt: now,
    knows: ours,
    registered: book.demand === null ? registrationOf(arbiter, place, demand, now) : book.registered,
    echoed,
    promise: ours ? higher(book.promise, plus(echoed, shortest(site.lease))) : book.promise,
    failsafe: site.roster[place]?.failsafe ?? book.failsafe,
  };
  const next = { ...put(arbiter, place, heard), owes: true };
  const claiming = claim(next, place, demand.held);
  return ours ? letGo(claiming, place, demand.accepted) : claiming;
}

/** When the charger began, with its place as the last word between those that began together. */
function registrationOf({ books }: Arbiter, place: number, demand: Demand, now: Millis): number {
  const began = now - demand.uptime;
  const alike = books.find((one) => one.demand !== null && Math.abs(beganAt(one.registered) - began) < TOGETHER);
  return (alike === undefined ? began : beganAt(alike.registered)) * PLACES + place;
}

const TOGETHER = 500;
const PLACES = 64;
const beganAt = (registered: number): number => Math.floor(registered / PLACES);

/** It fits a version: what it was told to let go up to then is free. */
function letGo(arbiter: Arbiter, place: number, accepted: number): Arbiter {
  const gone = arbiter.leaving.filter((one) => one.place === place && one.version <= accepted);
  if (gone.length === 0) return arbiter;
  return {
    ...arbiter,
    leaving: arbiter.leaving.filter((one) => !gone.includes(one)),
    lines: arbiter.lines.map((line, index) =>
      gone.reduce((last, one) => freed(last, place, onPhase(one.ranges, index + 1)), line),
    ),
  };
}

const onPhase = (ranges: Ranges, phase: number): Ranges => ranges.filter((one) => one.phase === phase);

/** While the holders of an earlier arbiter are not all known, each says itself what it holds. Until when, only that arbiter
 *  knew: it is its own for as long as any of them can be. Two who hold the same cannot both be right: then only time makes
 *  the books complete. */
function claim(arbiter: Arbiter, place: number, held: Ranges): Arbiter {
  const { unknownUntil } = arbiter;
  if (unknownUntil === null || held.length === 0) return arbiter;
  const taken = arbiter.lines.some((line, index) => isTaken(line, place, onPhase(held, index + 1)));
  const lines = arbiter.lines.map((line, index) => claimed(line, place, onPhase(held, index + 1)));
  const until = higher(arbiter.books[place]?.until ?? NEVER, unknownUntil);
  return put({ ...arbiter, lines, disputed: arbiter.disputed || taken }, place, { until });
}

/** What time alone changes: leases that have ended, boots that take the place of others, books that become complete. */
export function passTime(arbiter: Arbiter, site: Site, now: Millis): Arbiter {
  const sure = surelyPast(arbiter, site, now);
  let next = arbiter;
  for (const [place, book] of arbiter.books.entries()) {
    if (book.until !== NEVER && book.until < sure) next = expired(next, place);
    if (book.rival !== null) next = succeeded(next, place, now);
  }
  const over = arbiter.leaving.filter((one) => one.until < sure);
  if (over.length > 0) next = over.reduce((last, one) => letGo(last, one.place, one.version), next);
  return complete(next, sure);
}

/** Ends up to this are past for everybody. A charger that leads must have been with a majority since: whoever leads after it
 *  may have renewed an owner that it does not hear any more. */
function surelyPast({ books, identity }: Arbiter, site: Site, now: Millis): Millis {
  if (site.metered) return now;
  return quorum(
    site,
    books.map((book, place) => (place === identity.place ? now : book.echoed)),
  );
}

/** The largest value that a majority of the chargers reaches. */
export function quorum(site: Site, values: readonly Millis[]): Millis {
  const sorted = [...values].sort((a, b) => b - a);
  return sorted[majorityOf(site) - 1] ?? NEVER;
}

/** Its amperes are nobody's; what it said is of no use any more. */
function expired(arbiter: Arbiter, place: number): Arbiter {
  const lines = arbiter.lines.map((line) => freed(line, place, null));
  return put({ ...arbiter, lines, owes: true }, place, { until: NEVER });
}

/** Another boot of a charger is let in when the first holds nothing and has not been heard since. */
function succeeded(arbiter: Arbiter, place: number, now: Millis): Arbiter {
  const book = arbiter.books[place] ?? UNHEARD;
  if (book.rival === null) return arbiter;
  if (minus(now, book.rival.heardAt) > TWINS_FOR) return put(arbiter, place, { rival: null });
  const holds = arbiter.leaving.some((one) => one.place === place) || arbiter.lines.some((line) => ownsOn(line, place));
  if (now < book.twinsUntil || book.heardAt > book.rival.since || (holds && book.until !== NEVER)) return arbiter;
  return put(arbiter, place, { demand: null, rival: null, knows: false, promise: NEVER, echoed: NEVER });
}

/** `sure`: what ends up to this is past for everybody. */
function complete(arbiter: Arbiter, sure: Millis): Arbiter {
  if (arbiter.unknownUntil === null) return arbiter;
  const all = !arbiter.disputed && arbiter.books.every((book) => book.knows);
  const known = all || sure >= arbiter.unknownUntil;
  return known ? { ...arbiter, unknownUntil: null, owes: true } : arbiter;
}

/** What is reserved for good. */
export const reservesOf = ({ books }: Arbiter, site: Site): readonly Part[] =>
  site.roster.map((row, place) => ({ place, phases: row.wiring, amps: books[place]?.failsafe ?? row.failsafe }));

/** The configuration changed: the books begin anew, and larger fail-safe amperes stay reserved until their owner shows that
 *  it has heard of it. */
export function reconfigured(arbiter: Arbiter, before: Site, site: Site, now: Millis): Arbiter {
  const failsafeOf = (id: string): Deciamps => {
    const place = before.roster.findIndex((row) => row.id === id);
    return arbiter.books[place]?.failsafe ?? deciamps(0);
  };
  const books = site.roster.map((row) => ({ ...UNHEARD, failsafe: failsafeOf(row.id) }));
  return startArbiter(site, arbiter.identity, { ...arbiter, books }, now);
}
