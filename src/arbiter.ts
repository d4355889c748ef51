// The arbiter: takes the reading of the house and the books, shares out what is free, and reports who owns what.
// It knows no topic and no socket.

import { allocate, type Share, type ShareDemand } from "./allocate.js";
import { type Arbiter, type Book, type Identity, NEVER, quorum, type Reading, reservesOf } from "./books.js";
import { calmBudget, calmFor, rememberBudget } from "./budget-history.js";
import { frozen } from "./frozen.js";
import { isSame, move, type Part, rangesByPlace, target } from "./line.js";
import { MIN_OFFER } from "./pilot.js";
import { below, type Ranges } from "./ranges.js";
import type { Site } from "./shared-site.js";
import { type Demand, type Entry, RANGES_LIMIT, type Report } from "./sharing-message.js";
import {
  type Deciamps,
  deciamps,
  drawAtMost,
  higher,
  lower,
  type Millis,
  milliamps,
  millis,
  minus,
  plus,
} from "./units.js";

/** Two reports that no fall of the budget asks for are at least so far apart. */
const APART: Millis = millis(480);
const SUN_CALM: Millis = millis(6_000);

export function takeReading(arbiter: Arbiter, site: Site, reading: Reading, now: Millis): Arbiter {
  const { solar, house } = reading;
  const surplus = solar?.map((given, phase) => deciamps(Math.max(0, given - (house[phase] ?? given)))) ?? null;
  const recent = arbiter.sun.filter((one) => minus(now, one.at) < SUN_CALM);
  const history = rememberBudget(arbiter.history, reading.budget, site.period, now);
  return { ...arbiter, reading, history, sun: surplus === null ? [] : [...recent, { at: now, surplus }] };
}

/** The smallest of the last seconds; null where nothing measures the roof. */
const calmSurplus = ({ sun }: Arbiter): readonly Deciamps[] | null =>
  sun.length === 0
    ? null
    : sun.map((one) => one.surplus).reduce((least, one) => least.map((amps, phase) => lower(amps, one[phase] ?? amps)));

const isHeard = (book: Book, site: Site, now: Millis): boolean =>
  book.demand !== null && minus(now, book.heardAt) < site.lease && now >= book.twinsUntil;

/** Its lowest 6 A lie above what the house leaves now: it has paused by itself, without waiting to be told. */
function isCut(owned: Owned, site: Site, reading: Reading, place: number, demand: Demand): boolean {
  if (demand.offer < MIN_OFFER) return false;
  return demand.wants.wiring.some((phase) => {
    const ranges = owned[phase - 1]?.[place] ?? [];
    const free = reading.budget[phase - 1] ?? deciamps(0);
    return below(ranges, phase, site.capacity) >= MIN_OFFER && below(ranges, phase, free) < MIN_OFFER;
  });
}

/** Per phase and place, who owns what. */
type Owned = readonly (readonly (Ranges | undefined)[])[];
const ownedIn = ({ lines }: Arbiter): Owned => lines.map((line, index) => rangesByPlace(line, index + 1));

function demandsOf(arbiter: Arbiter, site: Site, reading: Reading, now: Millis): readonly ShareDemand[] {
  const owned = ownedIn(arbiter);
  const wanting = arbiter.books.map((book, place): ShareDemand => {
    const { demand, registered } = book;
    const id = site.roster[place]?.id ?? "";
    if (demand === null || !isHeard(book, site, now)) return { ...NOTHING_WANTED, id };
    const draw = drawAtMost(milliamps(Math.max(...demand.draws)));
    const { wiring, max, priority, waitingS, turn, mode } = demand.wants;
    const need = isCut(owned, site, reading, place, demand) ? deciamps(0) : demand.wants.need;
    const reserved = book.failsafe >= MIN_OFFER;
    return { id, wiring, max, need, draw, priority, registered, waitingS, turn, mode, reserved };
  });
  // The only charger of a site has all that there is: nobody else will ever need it.
  return wanting.length === 1 ? wanting.map((one) => (one.need > 0 ? { ...one, need: one.max } : one)) : wanting;
}

const NOTHING_WANTED: Omit<ShareDemand, "id"> = frozen({
  wiring: [],
  max: deciamps(0),
  need: deciamps(0),
  draw: deciamps(0),
  priority: 0,
  registered: 0,
  waitingS: 0,
  turn: 0,
  mode: "auto",
});

/** A report before its members may grow, so that what they grow into is theirs by then. */
const aheadOf = ({ period }: Site): Millis => minus(calmFor(period), period);

/** Shares out what the house leaves now, and moves each line one step towards it. */
function planned(arbiter: Arbiter, site: Site, now: Millis): Arbiter {
  const { reading } = arbiter;
  const reserves = reservesOf(arbiter, site);
  if (reading === null || arbiter.unknownUntil !== null) return arbiter;
  const demands = demandsOf(arbiter, site, reading, now);
  const idle = reserves.filter(({ place }) => (demands[place]?.need ?? 0) === 0);
  const budget = calmBudget(arbiter.history, aheadOf(site), now).map((amps, phase) =>
    deciamps(Math.max(0, amps - idle.reduce((sum, one) => sum + (one.phases.includes(phase + 1) ? one.amps : 0), 0))),
  );
  const { policy, maxCharging } = site;
  const shares = allocate({ budget, policy, maxCharging, surplus: calmSurplus(arbiter) }, demands);
  const order = orderOf(arbiter, site, shares);
  const parts = order.map(
    (place): Part => ({
      place,
      phases: demands[place]?.wiring ?? [],
      amps: shares[place]?.offer ?? 0,
    }),
  );
  return moved({ ...arbiter, shares, order }, parts, reserves);
}

/** Who charges keeps its place on the line, newcomers come above; under "equal" the last to register lies on top. */
function orderOf({ order, books }: Arbiter, site: Site, shares: readonly Share[]): readonly number[] {
  const charges = (place: number): boolean => (shares[place]?.offer ?? 0) > 0;
  const staying = order.filter(charges);
  const coming = [...shares.keys()].filter((place) => charges(place) && !order.includes(place));
  const all = [...staying, ...coming];
  if (site.policy === "fair") return all;
  return all.sort((a, b) => (books[a]?.registered ?? 0) - (books[b]?.registered ?? 0));
}

function moved(arbiter: Arbiter, parts: readonly Part[], reserves: readonly Part[]): Arbiter {
  const version = arbiter.version + 1;
  const leaving = [...arbiter.leaving];
  const lines = arbiter.lines.map((line, index) => {
    const phase = index + 1;
    const step = move(line, phase, target(line, phase, parts, reserves), parts, reserves);
    for (const [place, ranges] of step.leaving) {
      leaving.push({ place, version, until: arbiter.books[place]?.until ?? NEVER, ranges });
    }
    return step.line;
  });
  return { ...arbiter, lines, leaving };
}

const sameLines = (a: Arbiter, b: Arbiter): boolean => a.lines.every((line, index) => isSame(line, b.lines[index]));

/** A report when one is due: after each reading at once, and after what was heard since when that moves anything; null
 *  otherwise, and while a charger that leads has no majority that promised to obey it. */
export function nextReport(
  arbiter: Arbiter,
  site: Site,
  now: Millis,
): { readonly arbiter: Arbiter; readonly report: Report | null } {
  const { reading, reportedAt } = arbiter;
  const fresh = reading !== null && (reportedAt === null || reading.stamp > arbiter.toldStamp || fell(arbiter));
  const answers = arbiter.owes && reportedAt !== null && minus(now, reportedAt) >= APART;
  if (reading === null || (!fresh && !answers)) return { arbiter, report: null };
  const plan = planned(arbiter, site, now);
  if (!fresh && sameLines(plan, arbiter) && arbiter.books.every((book) => book.demand === null || book.knows)) {
    return { arbiter: { ...arbiter, owes: false }, report: null };
  }
  return published(plan, site, reading, now);
}

/** Less is free than the last report said. */
const fell = ({ reading, told }: Arbiter): boolean =>
  reading?.budget.some((amps, phase) => amps < (told[phase] ?? amps)) === true;

function published(
  plan: Arbiter,
  site: Site,
  reading: Reading,
  now: Millis,
): { readonly arbiter: Arbiter; readonly report: Report | null } {
  const { identity, books } = plan;
  const promised = site.metered
    ? null
    : quorum(
        site,
        books.map((book, place) => (place === identity.place ? plus(now, site.lease) : book.promise)),
      );
  const all = plus(reading.stamp, site.lease);
  const until = promised === null ? all : lower(all, promised);
  if (until <= now) return { arbiter: { ...plan, owes: false }, report: null };
  const version = plan.version + 1;
  const ends = books.map((book) => higher(reading.stamp, lower(until, plus(book.heardAt, site.lease))));
  const ranges = tellable(plan);
  const report: Report = {
    ...identityOf(identity),
    renewsOnly: plan.unknownUntil !== null,
    stamp: reading.stamp,
    sentAt: now,
    version,
    budget: reading.budget,
    house: reading.house,
    solar: reading.solar,
    entries: books.map((book, place) =>
      entryOf(plan, book, place, ranges[place] ?? [], ends[place] ?? reading.stamp, now),
    ),
  };
  const told = books.map((book, place) => ({ ...book, until: higher(book.until, ends[place] ?? book.until) }));
  return {
    arbiter: {
      ...plan,
      version,
      books: told,
      reportedAt: now,
      toldStamp: reading.stamp,
      told: reading.budget,
      owes: false,
    },
    report,
  };
}

const identityOf = ({ term, boot, place }: Identity) => ({ term, boot, arbiter: place });

/** So many ranges fit a report of 64 chargers. With more, each is told of as many of its own, and the rest lies idle. */
const RANGES_OF_ALL = 640;

function tellable(arbiter: Arbiter): readonly Ranges[] {
  const { books } = arbiter;
  const owned = ownedIn(arbiter);
  const all = books.map((_, place) => owned.flatMap((lists) => lists[place] ?? []));
  const count = all.reduce((sum, one) => sum + one.length, 0);
  const each = count <= RANGES_OF_ALL ? RANGES_LIMIT : Math.min(RANGES_LIMIT, Math.floor(RANGES_OF_ALL / books.length));
  return all.map((one) => one.slice(0, each));
}

function entryOf(plan: Arbiter, book: Book, place: number, ranges: Ranges, until: Millis, now: Millis): Entry {
  const share = plan.shares[place];
  return {
    nonce: book.demand?.nonce ?? 0,
    number: book.demand?.number ?? 0,
    heardAt: book.demand === null ? null : book.heardAt,
    until,
    amps: share?.offer ?? deciamps(0),
    ranges,
    because: share?.because ?? "share",
    nextTurnS: share?.nextTurnS ?? null,
    twins: now < book.twinsUntil,
  };
}
