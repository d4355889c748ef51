// Who gets how much of a connection: one pure function over the demands of a moment. It knows no message, no clock and no
// range of the line; whoever calls it must not give an ampere to a second owner before the first has let it go.

import { decidesBy, type Filling, fill } from "./fill.js";
import { frozen } from "./frozen.js";
import type { Because } from "./limits.js";
import { MIN_OFFER } from "./pilot.js";
import { type Deciamps, deciamps } from "./units.js";

export interface SharedSite {
  /** What the house leaves to all cars together, per phase. */
  readonly budget: readonly Deciamps[];
  readonly policy: "fair" | "equal";
  /** At most so many charge at once; 0: no such limit. */
  readonly maxCharging: number;
  /** What the roof gives beyond the house, per phase: all that chargers in solar mode may share. Left out or null: nothing. */
  readonly surplus?: readonly Deciamps[] | null;
}

export interface ShareDemand {
  readonly id: string;
  /** Phases of the site that the car draws from, or the charger is wired to while that is not known; from 1. */
  readonly wiring: readonly number[];
  /** Rating of charger and cable, and the amps set in manual mode: never offered more. */
  readonly max: Deciamps;
  /** What the car can use: its draw with a little room to ask for more, or its rating while that is not known. 0: nothing.
   *  1 to 59: nearly full, it draws less than the 6 A that must be offered. */
  readonly need: Deciamps;
  readonly draw: Deciamps;
  /** Higher goes first: to a first turn among those who wait alike, and to the surplus. */
  readonly priority: number;
  /** Who registered before whom: lower was earlier. */
  readonly registered: number;
  /** Seconds since it has wanted and not been offered. */
  readonly waitingS: number;
  /** Seconds of its turn so far, 0 while it has none. */
  readonly turn: number;
  readonly mode: "auto" | "manual" | "solar";
  /** It has fail-safe amperes: they lie idle unless it charges itself, and so it needs no turn. */
  readonly reserved?: boolean;
}

export interface Share {
  readonly id: string;
  /** 0, or 6.0 A and up; whole amps under "equal". */
  readonly offer: Deciamps;
  readonly because: Because;
  /** Seconds until its next turn begins, as far as can be seen: 0 for who has one, null for who wants none or can have none. */
  readonly nextTurnS: number | null;
}

/** A turn lasts so long when others wait; a nearly full car's is short. */
export const TURN_S = 900;
const SHORT_TURN_S = 120;
/** Those who have waited alike to a minute are ordered by priority. */
const ALIKE_S = 60;
const AMP = 10;

/** A car that wants, as the rules below see it. */
interface Claim {
  readonly demand: ShareDemand;
  readonly cap: number;
  /** Indices of the amounts that it takes from: the phases of the budget, and behind them those of the roof. */
  readonly sources: readonly number[];
  readonly nearlyFull: boolean;
}

/** Shares in the order of the demands. Per phase their sum is at most the budget. Takes O(n log n). */
export function allocate(site: SharedSite, demands: readonly ShareDemand[]): readonly Share[] {
  const room = [...site.budget, ...site.budget.map((_, phase) => site.surplus?.[phase] ?? 0)];
  const claims = demands.map((demand) => claimOf(demand, site)).filter((claim) => claim !== null);
  const possible = claims.filter((claim) => claim.sources.every((source) => (room[source] ?? 0) >= MIN_OFFER));
  const ordered = site.policy === "equal" ? byRegistration(possible) : byTurn(possible);
  const given = site.policy === "equal" ? equal(site, room, ordered) : fair(site, room, ordered);
  const turns = nextTurns(ordered, given);
  return demands.map((demand) => {
    const offer = deciamps(given.get(demand) ?? 0);
    const nextTurnS = offer > 0 ? 0 : (turns.get(demand) ?? null);
    return { id: demand.id, offer, because: reasonOf(demand, offer, site, room), nextTurnS };
  });
}

function claimOf(demand: ShareDemand, { budget }: SharedSite): Claim | null {
  const { need, max, wiring, mode } = demand;
  if (need <= 0 || max < MIN_OFFER) return null;
  const phases = wiring.map((phase) => phase - 1);
  const sources = mode === "solar" ? [...phases, ...phases.map((phase) => budget.length + phase)] : phases;
  return { demand, cap: Math.max(MIN_OFFER, Math.min(need, max)), sources, nearlyFull: need < MIN_OFFER };
}

type Given = ReadonlyMap<ShareDemand, number>;

/** Every car that has a slot gets 6 A, and then all rise together: the higher priority first, none above what it can use. */
function fair(site: SharedSite, room: readonly number[], ordered: readonly Claim[]): Given {
  const filling: Filling<Claim> = { room: [...room], level: new Map() };
  const slots = site.maxCharging > 0 ? site.maxCharging : Number.POSITIVE_INFINITY;
  for (const claim of ordered) {
    const fits = claim.sources.every((source) => (filling.room[source] ?? 0) >= MIN_OFFER);
    if (!fits || filling.level.size >= slots) continue;
    for (const source of claim.sources) filling.room[source] = (filling.room[source] ?? 0) - MIN_OFFER;
    filling.level.set(claim, MIN_OFFER);
  }
  const priorities = [...new Set(ordered.map((claim) => claim.demand.priority))].sort((a, b) => b - a);
  for (const priority of priorities) {
    // In the order of registration, so that the last tenth does not wander with the turns.
    fill(
      filling,
      byRegistration(ordered).filter((claim) => claim.demand.priority === priority && filling.level.has(claim)),
    );
  }
  return new Map([...filling.level].map(([claim, amps]) => [claim.demand, amps]));
}

/** As the seeds' system published it: everyone the same whole amps; while that is below 6 A, the last to register waits. */
function equal(site: SharedSite, room: readonly number[], ordered: readonly Claim[]): Given {
  const charging = site.maxCharging > 0 ? ordered.slice(0, site.maxCharging) : [...ordered];
  const sharers = room.map((_, source) => charging.filter((claim) => claim.sources.includes(source)).length);
  const share = (source: number): number => {
    const each = Math.floor((room[source] ?? 0) / Math.max(1, sharers[source] ?? 1));
    return each - (each % AMP);
  };
  const given = new Map<ShareDemand, number>();
  const staying: Claim[] = [];
  for (const claim of charging.reverse()) {
    if (claim.sources.some((source) => share(source) < MIN_OFFER)) {
      for (const source of claim.sources) sharers[source] = (sharers[source] ?? 1) - 1;
    } else staying.push(claim);
  }
  for (const { demand, sources } of staying) {
    const whole = demand.max - (demand.max % AMP);
    given.set(
      demand,
      sources.reduce((least, source) => Math.min(least, share(source)), whole),
    );
  }
  return given;
}

const byRegistration = (claims: readonly Claim[]): readonly Claim[] =>
  [...claims].sort((a, b) => a.demand.registered - b.demand.registered);

const turnOf = (claim: Claim): number => (claim.nearlyFull ? SHORT_TURN_S : TURN_S);

/** First those who take nobody's slot, and those whose turn goes on, then those who wait, then whose turn is over, at last those who would not fill a slot,
 *  unless they have waited for as long as a turn. */
function rankOf({ demand, nearlyFull }: Claim): number {
  if (demand.reserved === true) return -1;
  const turn = Number(demand.turn);
  const overdue = demand.waitingS >= TURN_S;
  if (nearlyFull) return turn > 0 && turn < SHORT_TURN_S && overdue ? 0 : overdue ? 1 : 3;
  if (turn <= 0) return 1;
  return turn < TURN_S ? 0 : 2;
}

function byTurn(claims: readonly Claim[]): readonly Claim[] {
  const waited = ({ demand }: Claim): number => Math.floor(demand.waitingS / ALIKE_S);
  return [...claims].sort(
    (a, b) =>
      rankOf(a) - rankOf(b) ||
      Number(b.demand.turn > 0) - Number(a.demand.turn > 0) ||
      waited(b) - waited(a) ||
      b.demand.priority - a.demand.priority ||
      b.demand.waitingS - a.demand.waitingS ||
      a.demand.turn - b.demand.turn ||
      a.demand.registered - b.demand.registered,
  );
}

/** Turns end in the order of what is left of them, and those who wait follow in theirs. */
function nextTurns(ordered: readonly Claim[], given: Given): ReadonlyMap<ShareDemand, number> {
  const ends = ordered
    .filter((claim) => given.has(claim.demand))
    .map((claim) => Math.max(0, turnOf(claim) - claim.demand.turn))
    .sort((a, b) => a - b);
  const waiting = ordered.filter((claim) => !given.has(claim.demand));
  const turns = new Map<ShareDemand, number>();
  waiting.forEach(({ demand }, place) => {
    const round = ends.length === 0 ? 0 : Math.floor(place / ends.length);
    const end = ends.length === 0 ? undefined : ends[place % ends.length];
    if (end !== undefined) turns.set(demand, end + round * TURN_S);
  });
  return turns;
}

const BY_MODE: Readonly<Record<ShareDemand["mode"], Because>> = frozen({
  auto: "rating",
  manual: "manual",
  solar: "solar",
});

/** The limit that holds: of the site, of the charger's own, or the others' part. */
function reasonOf(demand: ShareDemand, offer: number, site: SharedSite, room: readonly number[]): Because {
  if (demand.need <= 0) return "none";
  const most = demand.wiring.reduce((least, phase) => Math.min(least, site.budget[phase - 1] ?? 0), Infinity);
  const { length } = site.budget;
  const sun = demand.wiring.reduce((least, phase) => Math.min(least, room[length + phase - 1] ?? 0), Infinity);
  if (demand.mode === "solar" && decidesBy(offer, sun)) return "solar";
  if (decidesBy(offer, most)) return "site";
  return offer >= demand.max ? BY_MODE[demand.mode] : "share";
}
