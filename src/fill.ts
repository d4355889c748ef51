// Max-min filling: cars that have 6 A rise together, each until its own cap or until one of its phases is used up.

import { MIN_OFFER } from "./pilot.js";

interface Rising {
  readonly cap: number;
  readonly sources: readonly number[];
}

export interface Filling<Claim extends Rising> {
  /** What is left of each source, dA. */
  readonly room: number[];
  /** What each claim has, dA. */
  readonly level: Map<Claim, number>;
}

/** An offer of 0 was decided by an amount that is too small for any car; another by one that it uses up. */
export const decidesBy = (offer: number, amount: number): boolean =>
  offer === 0 ? amount < MIN_OFFER : amount <= offer;

/** Raises claims that all stand at 6 A. All stand at one level until they stop, so each step ends at the lowest cap or at
 *  the first source that runs out: O(n log n). What a source cannot share evenly goes in 0.1 A to the first in order. */
export function fill<Claim extends Rising>(filling: Filling<Claim>, claims: readonly Claim[]): void {
  const { room, level } = filling;
  const rising = new Set(claims);
  const byCap = [...claims].sort((a, b) => a.cap - b.cap);
  const sharers = room.map((_, source) => claims.filter((claim) => claim.sources.includes(source)).length);
  let at: number = MIN_OFFER;

  function stop(claim: Claim): void {
    if (!rising.delete(claim)) return;
    level.set(claim, at);
    for (const source of claim.sources) sharers[source] = (sharers[source] ?? 1) - 1;
  }

  const evenly = (source: number): number =>
    (sharers[source] ?? 0) > 0 ? Math.floor((room[source] ?? 0) / (sharers[source] ?? 1)) : Number.POSITIVE_INFINITY;

  for (let next = 0; rising.size > 0; ) {
    const lowest = byCap[next];
    if (lowest === undefined) return;
    if (!rising.has(lowest)) {
      next += 1;
      continue;
    }
    const step = room.reduce((least, _, source) => Math.min(least, evenly(source)), lowest.cap - at);
    for (const [source, count] of sharers.entries()) room[source] = (room[source] ?? 0) - step * count;
    at += step;
    if (at >= lowest.cap) stop(lowest);
    const empty = room.findIndex((_, source) => evenly(source) < 1);
    if (empty >= 0) stopAll(empty);
  }

  /** A tenth each to the first, as long as there are any; then nobody on this source rises any more. */
  function stopAll(source: number): void {
    for (const claim of claims) {
      if (!rising.has(claim) || !claim.sources.includes(source)) continue;
      stop(claim);
      if (at >= claim.cap || claim.sources.some((one) => (room[one] ?? 0) < 1)) continue;
      for (const one of claim.sources) room[one] = (room[one] ?? 0) - 1;
      level.set(claim, at + 1);
    }
  }
}
