// The last hours of a charger for the plot: house, car and limit, one point each two minutes, in a ring of fixed size.

import { type Deciamps, type Milliamps, type Millis, millis, minus } from "../units.js";
import type { HistoryPoint } from "./model.js";

export interface History {
  /** Three values a point, in 0.1 A; oldest point at `next` once the ring is full. */
  readonly ring: Uint16Array;
  readonly next: number;
  readonly count: number;
  readonly last: Millis | null;
}

/** What is noted, each on its busiest phase. */
export interface HistoryFacts {
  readonly house: readonly Milliamps[] | null;
  readonly car: readonly Milliamps[] | null;
  readonly limit: Deciamps;
}

export const POINT_PERIOD: Millis = millis(120_000);
/** Six hours. */
export const POINTS = 180;
const VALUES = 3;
const UNKNOWN = 0xffff;

export const startHistory = (): History => ({ ring: new Uint16Array(0), next: 0, count: 0, last: null });

export const isPointDue = ({ last }: History, now: Millis): boolean =>
  last === null || minus(now, last) >= POINT_PERIOD;

/** The history with what is true now, when a point is due; else the same one. */
export function noted(history: History, facts: HistoryFacts, now: Millis): History {
  if (!isPointDue(history, now)) return history;
  const ring = new Uint16Array(VALUES * POINTS);
  ring.set(history.ring);
  const { house, car, limit } = facts;
  ring.set([tenths(house) ?? UNKNOWN, tenths(car) ?? 0, Math.min(limit, UNKNOWN - 1)], VALUES * history.next);
  return { ring, next: (history.next + 1) % POINTS, count: Math.min(POINTS, history.count + 1), last: now };
}

const tenths = (currents: readonly Milliamps[] | null): number | null =>
  currents === null || currents.length === 0 ? null : Math.min(UNKNOWN - 1, Math.round(Math.max(0, ...currents) / 100));

/** The points, oldest first. */
export function historyPoints({ ring, next, count, last }: History): readonly HistoryPoint[] {
  if (last === null) return [];
  return Array.from({ length: count }, (_, index) => {
    const place = VALUES * ((next + POINTS - count + index) % POINTS);
    const [house = UNKNOWN, car = 0, limit = 0] = ring.subarray(place, place + VALUES);
    const at = minus(last, millis(POINT_PERIOD * (count - 1 - index)));
    return { at, houseA: house === UNKNOWN ? null : house / 10, carA: car / 10, limitA: limit / 10 };
  });
}
