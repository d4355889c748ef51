// The amperes of the line, each with its owner: where everybody's amperes should lie, and what may move there now.
// It knows neither messages nor time; the arbiter says when an owner has let go.

import { MIN_OFFER } from "./pilot.js";
import type { Range, Ranges } from "./ranges.js";

/** One phase: a byte for each 0.1 A. 0 is free, else the owner's place in the roster + 1, with LEAVING while the owner
 *  was told to let go and has not said so yet. */
export type Line = Uint8Array;

const LEAVING = 0x80;
const owner = (place: number): number => place + 1;

/** What a charger shall have on each of its phases, or what is reserved for it whoever charges. */
export interface Part {
  readonly place: number;
  readonly phases: readonly number[];
  readonly amps: number;
}

export const emptyLine = (tenths: number): Line => new Uint8Array(tenths);

/** The runs of a phase that belong to one owner. */
export function rangesOn(line: Line, phase: number, place: number): Ranges {
  const ranges: Range[] = [];
  for (let at = line.indexOf(owner(place)); at >= 0; ) {
    let end = at;
    while (line[end] === owner(place)) end++;
    ranges.push({ phase, from: at, to: end });
    at = line.indexOf(owner(place), end);
  }
  return ranges;
}

export const ownedOn = (line: Line, place: number): number =>
  line.reduce((sum, one) => (one === owner(place) ? sum + 1 : sum), 0);

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
  const { line: wanted, blocks } = goal;
  const next = line.slice();
  // What lies above all that is shared out counts for nobody, and stays with whoever has it.
  const used = line.subarray(0, lastUsed(wanted) + 1);
  const owned = countOwned(used);
  const part = (place: number): number => Math.max(amountOf(parts, place, phase), amountOf(reserves, place, phase));
  const places = new Set([...parts, ...reserves].map((one) => one.place).concat([...owned.keys()]));
  const lacking = [...places].reduce((sum, place) => sum + Math.max(0, part(place) - (owned.get(place) ?? 0)), 0);
  let needed = lacking - used.reduce((sum, one) => (one === 0 ? sum + 1 : sum), 0);
  const leaving = new Map<number, Ranges>();
  for (const [place, amps] of countOwned(line)) {
    if (part(place) > 0) continue;
    needed -= owned.get(place) ?? 0;
    leaving.set(place, letGo(next, phase, goal, owned, place, amps));
  }
  for (const [place, amps] of owned) {
    if (part(place) === 0) continue;
    const over = amps - part(place);
    const enough = over > TRIFLE ? over : Math.min(over, needed);
    const strayed = inBlocks(used, wanted, blocks, place);
    const goes = Math.max(enough, Math.min(strayed, amps - MIN_OFFER, strayed <= DIP ? DIP : over));
    if (goes <= 0) continue;
    needed -= goes;
    leaving.set(place, letGo(next.subarray(0, used.length), phase, goal, owned, place, goes));
  }
  give(next.subarray(0, used.length), goal, [...places], part);
  return { line: next, leaving };
}

/** How many of its amperes lie in others' blocks: they go once it has others for them, for a car whose 6 A are not the
 *  lowest would pause at the next small step of the house. */
const inBlocks = (line: Line, wanted: Line, blocks: number, place: number): number =>
  line
    .subarray(0, blocks)
    .reduce((sum, one, at) => (one === owner(place) && wanted[at] !== one && wanted[at] !== 0 ? sum + 1 : sum), 0);

function lastUsed(line: Line): number {
  let at = line.length - 1;
  while (at >= 0 && line[at] === 0) at--;
  return at;
}

const amountOf = (list: readonly Part[], place: number, phase: number): number =>
  list.find((one) => one.place === place && one.phases.includes(phase))?.amps ?? 0;

function countOwned(line: Line): ReadonlyMap<number, number> {
  const owned = new Map<number, number>();
  for (const one of line) if (one > 0 && one < LEAVING) owned.set(one - 1, (owned.get(one - 1) ?? 0) + 1);
  return owned;
}

/** First what newcomers need to begin and what lies in others' blocks, then what should be somebody else's, from the top. Marks it in `line`. */
function letGo(
  line: Line,
  phase: number,
  { line: wanted, blocks }: Target,
  owned: ReadonlyMap<number, number>,
  place: number,
  count: number,
): Ranges {
  const mine = owner(place);
  const begins = (one: number): boolean => one > 0 && (owned.get(one - 1) ?? 0) < MIN_OFFER;
  const rank = (at: number): number => {
    const should = wanted[at] ?? 0;
    return should === mine ? 2 : begins(should) || at < blocks ? 0 : 1;
  };
  const all: number[] = [];
  for (let at = 0; at < line.length; at++) if (line[at] === mine) all.push(at);
  const first = all.filter((at) => rank(at) === 0);
  const rest = all.filter((at) => rank(at) > 0).sort((a, b) => rank(a) - rank(b) || b - a);
  const chosen = [...first, ...rest].slice(0, count);
  for (const at of chosen) line[at] = mine | LEAVING;
  return runsOf(phase, chosen);
}

/** Shares out what is free. */
function give(
  line: Line,
  { line: wanted, reserved, blocks }: Target,
  places: readonly number[],
  part: (place: number) => number,
): void {
  const owned = new Map(countOwned(line));
  const strayed = new Map([...owned.keys()].map((place) => [place, inBlocks(line, wanted, blocks, place)]));
  const lacks = (place: number): number => part(place) - (owned.get(place) ?? 0) + (strayed.get(place) ?? 0);
  const put = (at: number, place: number): void => {
    line[at] = owner(place);
    owned.set(place, (owned.get(place) ?? 0) + 1);
  };
  const free: number[] = [];
  for (let at = 0; at < Math.min(reserved, line.length); at++) if (line[at] === 0) put(at, (wanted[at] ?? 1) - 1);
  for (let at = reserved; at < line.length; at++) if (line[at] === 0) free.push(at);
  for (const place of places) {
    const missing = Math.min(MIN_OFFER, part(place)) - (owned.get(place) ?? 0);
    if (missing <= 0 || free.length < missing) continue;
    for (const at of free.splice(0, missing)) put(at, place);
  }
  for (const at of free) {
    const should = (wanted[at] ?? 0) - 1;
    const most = places.reduce((best, place) => (lacks(place) > lacks(best) ? place : best), places[0] ?? -1);
    if (should >= 0 && (at < blocks || lacks(should) > 0)) put(at, should);
    else if (most >= 0 && lacks(most) > 0) put(at, most);
  }
}

function runsOf(phase: number, tenths: readonly number[]): Ranges {
  const ranges: Range[] = [];
  for (const at of [...tenths].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.to === at) ranges[ranges.length - 1] = { ...last, to: at + 1 };
    else ranges.push({ phase, from: at, to: at + 1 });
  }
  return ranges;
}
