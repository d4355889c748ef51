// The amperes of the line, each with its owner: where everybody's amperes should lie, and what may move there now.
// It knows neither messages nor time; the arbiter says when an owner has let go.

import { MIN_OFFER } from "./pilot.js";
import type { Range, Ranges } from "./ranges.js";

/** One phase: a byte for each 0.1 A. 0 is free, else the owner's place in the roster + 1, with LEAVING while the owner
 *  was told to let go and has not said so yet. */
export type Line = Uint8Array;

const LEAVING = 0x80;
const owner = (place: number): number => place + 1;

/** Per owner, how many: index 0 is what nobody owns. Amperes that are being let go count for nobody. */
type Counts = Uint16Array;
const OWNERS = 65;

/** What a charger shall have on each of its phases, or what is reserved for it whoever charges. */
export interface Part {
  readonly place: number;
  readonly phases: readonly number[];
  readonly amps: number;
}

export const emptyLine = (tenths: number): Line => new Uint8Array(tenths);

/** The runs of a phase, by the places of their owners; a place that owns nothing has no list. */
export function rangesByPlace(line: Line, phase: number): readonly (Ranges | undefined)[] {
  // No holes: XS 13 loses its way among the elements of an array that has some, when it collects in the midst of one.
  const lists: (Range[] | undefined)[] = Array.from({ length: OWNERS - 1 }, () => undefined);
  for (let at = 0; at < line.length; ) {
    const one = line[at] ?? 0;
    const from = at;
    while (line[at] === one) at++;
    if (one === 0 || one >= LEAVING) continue;
    const list = lists[one - 1] ?? [];
    list.push({ phase, from, to: at });
    lists[one - 1] = list;
  }
  return lists;
}

/** The runs of a phase that belong to one owner. */
export const rangesOn = (line: Line, phase: number, place: number): Ranges => runsOf(line, owner(place), phase);

export function isSame(a: Line, b: Line | undefined): boolean {
  if (b?.length !== a.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

export const ownsOn = (line: Line, place: number): boolean => line.includes(owner(place));

/** Frees what an owner has let go, or all that it owns where no ranges are given. */
export function freed(line: Line, place: number, ranges: Ranges | null): Line {
  if (ranges === null) return line.map((one) => (one === owner(place) ? 0 : one));
  const next = line.slice();
  for (const { from, to } of ranges) {
    for (let at = from; at < to; at++) if (next[at] === (owner(place) | LEAVING)) next[at] = 0;
  }
  return next;
}

/** Does somebody else own any of these? */
export const isTaken = (line: Line, place: number, ranges: Ranges): boolean =>
  ranges.some(({ from, to }) => line.subarray(from, to).some((one) => one !== 0 && one !== owner(place)));

/** Gives an owner those of the amperes that nobody owns. */
export function claimed(line: Line, place: number, ranges: Ranges): Line {
  const next = line.slice();
  for (const { from, to } of ranges) {
    for (let at = from; at < Math.min(to, next.length); at++) if (next[at] === 0) next[at] = owner(place);
  }
  return next;
}

export interface Target {
  readonly line: Line;
  /** Below this lie the reserved amperes, which nobody else may have for a moment. */
  readonly reserved: number;
  /** Below this lie they and the blocks of 6 A. */
  readonly blocks: number;
}

/** Where everybody's amperes should lie: the reserved ones lowest, then 6 A for each in order, then the surplus, mixed so
 *  that a small step of the house is shared. Who owns surplus already keeps its place as far as that goes. */
export function target(line: Line, phase: number, parts: readonly Part[], reserves: readonly Part[]): Target {
  const wanted = emptyLine(line.length);
  let at = 0;
  const put = (place: number, count: number): void => {
    wanted.fill(owner(place), at, at + count);
    at = Math.min(at + count, line.length);
  };
  for (const { place, phases, amps } of reserves) if (phases.includes(phase)) put(place, amps);
  const reservedUpTo = at;
  const here = parts.filter((part) => part.phases.includes(phase));
  const reserved = ({ place }: Part): number =>
    reserves.find((one) => one.place === place && one.phases.includes(phase))?.amps ?? 0;
  for (const part of here) put(part.place, Math.max(0, Math.min(part.amps, MIN_OFFER) - reserved(part)));
  const surplus = here.map((part) => Math.max(0, part.amps - Math.max(MIN_OFFER, reserved(part))));
  mix(line, wanted, at, here, surplus);
  return { line: wanted, reserved: reservedUpTo, blocks: at };
}

/** Small enough to share a step of the house, large enough for a message. */
const CHUNK = 5;
const CHUNKS_LIMIT = 16;
/** Somebody may run ahead of the even mix by this much for keeping what it owns. */
const AHEAD = 10;

function mix(line: Line, wanted: Line, start: number, parts: readonly Part[], quota: readonly number[]): void {
  const total = quota.reduce((sum, one) => sum + one, 0);
  const chunk = Math.max(CHUNK, Math.ceil(total / CHUNKS_LIMIT));
  const taken = quota.map(() => 0);
  const behind = (index: number, done: number): number =>
    ((quota[index] ?? 0) * done) / Math.max(1, total) - (taken[index] ?? 0);
  for (let done = 0; done < total && start + done < line.length; ) {
    const left = (index: number): number => (quota[index] ?? 0) - (taken[index] ?? 0);
    const holder = parts.findIndex((part) => owner(part.place) === line[start + done]);
    const keeps = holder >= 0 && left(holder) > 0 && behind(holder, done) >= -AHEAD;
    const next = keeps ? holder : mostBehind(parts, left, (index) => behind(index, done));
    const part = parts[next];
    if (part === undefined) return;
    const size = Math.min(chunk, left(next));
    wanted.fill(owner(part.place), start + done, start + done + size);
    taken[next] = (taken[next] ?? 0) + size;
    done += size;
  }
}

function mostBehind(
  parts: readonly Part[],
  left: (index: number) => number,
  behind: (index: number) => number,
): number {
  let best = -1;
  for (const index of parts.keys()) {
    if (left(index) > 0 && (best < 0 || behind(index) > behind(best))) best = index;
  }
  return best;
}

export interface Moved {
  readonly line: Line;
  /** What owners are told to let go, by place. */
  readonly leaving: ReadonlyMap<number, Ranges>;
}

/** Who has this much too much keeps it until somebody needs it: each cut makes a car wait 5 s before it may grow again. */
const TRIFLE = 10;
/** So much somebody may lose for a moment, so that another's block becomes whole. */
const DIP = 5;

function countOwned(line: Line): Counts {
  const counts = new Uint16Array(OWNERS);
  for (let at = 0; at < line.length; at++) {
    const one = line[at] ?? 0;
    if (one < LEAVING) counts[one] = (counts[one] ?? 0) + 1;
  }
  return counts;
}

/** Owners in the order in which their first amperes lie. */
function ownersOf(line: Line): readonly number[] {
  const met = new Uint8Array(OWNERS);
  const owners: number[] = [];
  for (let at = 0; at < line.length; at++) {
    const one = line[at] ?? 0;
    if (one === 0 || one >= LEAVING || met[one] === 1) continue;
    met[one] = 1;
    owners.push(one);
  }
  return owners;
}

/** How many of its amperes lie in others' blocks: they go once it has others for them, for a car whose 6 A are not the
 *  lowest would pause at the next small step of the house. */
function countStrayed(line: Line, { line: wanted, blocks }: Target): Counts {
  const counts = new Uint16Array(OWNERS);
  for (let at = 0; at < Math.min(blocks, line.length); at++) {
    const one = line[at] ?? 0;
    const should = wanted[at] ?? 0;
    if (one > 0 && one < LEAVING && should !== one && should !== 0) counts[one] = (counts[one] ?? 0) + 1;
  }
  return counts;
}

/** What each owner shall have on the phase. */
function lotsOn(phase: number, parts: readonly Part[], reserves: readonly Part[]): Counts {
  const lots = new Uint16Array(OWNERS);
  for (const list of [parts, reserves]) {
    for (const { place, phases, amps } of list) {
      if (phases.includes(phase)) lots[owner(place)] = Math.max(lots[owner(place)] ?? 0, amps);
    }
  }
  return lots;
}

/** Goes one step from a line to its target. Who owns more than its part is told to let go of it when others lack it; what
 *  is free goes to those who cannot begin, then to whom it should belong, then to whoever lacks most. Nobody is brought
 *  below its part on the way. */
export function move(
  line: Line,
  phase: number,
  goal: Target,
  parts: readonly Part[],
  reserves: readonly Part[],
): Moved {
  const next = line.slice();
  // What lies above all that is shared out counts for nobody, and stays with whoever has it.
  const used = line.subarray(0, lastUsed(goal.line) + 1);
  const owned = countOwned(used);
  const lots = lotsOn(phase, parts, reserves);
  const owners = ownersOf(used);
  const all = [...new Set([...parts, ...reserves].map((one) => owner(one.place)).concat(owners))];
  const lacking = all.reduce((sum, one) => sum + Math.max(0, (lots[one] ?? 0) - (owned[one] ?? 0)), 0);
  let needed = lacking - (owned[0] ?? 0);
  const leaving = new Map<number, Ranges>();
  const inAll = countOwned(line);
  for (const one of ownersOf(line)) {
    if ((lots[one] ?? 0) > 0) continue;
    needed -= owned[one] ?? 0;
    leaving.set(one - 1, letGo(next, phase, goal, owned, one, inAll[one] ?? 0));
  }
  const strays = countStrayed(used, goal);
  const reach = next.subarray(0, used.length);
  for (const one of owners) {
    const [amps, lot, strayed] = [owned[one] ?? 0, lots[one] ?? 0, strays[one] ?? 0];
    if (lot === 0) continue;
    const over = amps - lot;
    const enough = over > TRIFLE ? over : Math.min(over, needed);
    const goes = Math.max(enough, Math.min(strayed, amps - MIN_OFFER, strayed <= DIP ? DIP : over));
    if (goes <= 0) continue;
    needed -= goes;
    leaving.set(one - 1, letGo(reach, phase, goal, owned, one, goes));
  }
  give(reach, goal, all, lots);
  return { line: next, leaving };
}

function lastUsed(line: Line): number {
  let at = line.length - 1;
  while (at >= 0 && line[at] === 0) at--;
  return at;
}

/** Marks in `line` what an owner shall let go: first what newcomers need to begin and what lies in others' blocks, from
 *  below, then what should be somebody else's, then its own, from the top. */
function letGo(
  line: Line,
  phase: number,
  { line: wanted, blocks }: Target,
  owned: Counts,
  mine: number,
  count: number,
): Ranges {
  const chosen = new Uint8Array(line.length);
  let left = count;
  const begins = (one: number): boolean => one > 0 && (owned[one] ?? 0) < MIN_OFFER;
  const choose = (at: number): void => {
    line[at] = mine | LEAVING;
    chosen[at] = 1;
    left--;
  };
  for (let at = 0; at < line.length && left > 0; at++) {
    const should = wanted[at] ?? 0;
    if (line[at] === mine && should !== mine && (at < blocks || begins(should))) choose(at);
  }
  for (let at = line.length - 1; at >= 0 && left > 0; at--) {
    if (line[at] === mine && wanted[at] !== mine) choose(at);
  }
  for (let at = line.length - 1; at >= 0 && left > 0; at--) {
    if (line[at] === mine) choose(at);
  }
  return runsOf(chosen, 1, phase);
}

/** Shares out what is free. */
function give(line: Line, goal: Target, owners: readonly number[], lots: Counts): void {
  const { line: wanted, reserved, blocks } = goal;
  const owned = countOwned(line);
  const strayed = countStrayed(line, goal);
  const lacks = (one: number): number => (lots[one] ?? 0) - (owned[one] ?? 0) + (strayed[one] ?? 0);
  const put = (at: number, one: number): void => {
    line[at] = one;
    owned[one] = (owned[one] ?? 0) + 1;
  };
  let at = 0;
  for (; at < Math.min(reserved, line.length); at++) if (line[at] === 0) put(at, wanted[at] ?? 1);
  let free = 0;
  for (let cell = at; cell < line.length; cell++) if (line[cell] === 0) free++;
  for (const one of owners) {
    let missing = Math.min(MIN_OFFER, lots[one] ?? 0) - (owned[one] ?? 0);
    if (missing <= 0 || free < missing) continue;
    free -= missing;
    for (; missing > 0; at++) {
      if (line[at] !== 0) continue;
      put(at, one);
      missing--;
    }
  }
  let sated = false;
  for (; at < line.length && free > 0; at++) {
    if (line[at] !== 0) continue;
    free--;
    const should = wanted[at] ?? 0;
    if (should > 0 && (at < blocks || lacks(should) > 0)) {
      put(at, should);
      continue;
    }
    // Nobody lacks more than before: once all have enough, all go on having it.
    if (sated) continue;
    const most = owners.reduce((best, one) => (lacks(one) > lacks(best) ? one : best), owners[0] ?? 0);
    sated = lacks(most) <= 0;
    if (!sated) put(at, most);
  }
}

/** The runs of one value. */
function runsOf(cells: Uint8Array, value: number, phase: number): Ranges {
  const ranges: Range[] = [];
  for (let at = cells.indexOf(value); at >= 0; ) {
    let end = at;
    while (cells[end] === value) end++;
    ranges.push({ phase, from: at, to: end });
    at = cells.indexOf(value, end);
  }
  return ranges;
}
