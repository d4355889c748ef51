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

/** Gives an owner those of the amperes that nobody owns. */
export function claimed(line: Line, place: number, ranges: Ranges): Line {
  const next = line.slice();
  for (const { from, to } of ranges) {
    for (let at = from; at < Math.min(to, next.length); at++) if (next[at] === 0) next[at] = owner(place);
  }
  return next;
}

/** Where everybody's amperes should lie: the reserved ones lowest, then 6 A for each in order, then the surplus, mixed so
 *  that a small step of the house is shared. Who owns surplus already keeps its place as far as that goes. */
export function target(line: Line, phase: number, parts: readonly Part[], reserves: readonly Part[]): Line {
  const wanted = emptyLine(line.length);
  let at = 0;
  const put = (place: number, count: number): void => {
    wanted.fill(owner(place), at, at + count);
    at = Math.min(at + count, line.length);
  };
  for (const { place, phases, amps } of reserves) if (phases.includes(phase)) put(place, amps);
  const here = parts.filter((part) => part.phases.includes(phase));
  const reserved = ({ place }: Part): number =>
    reserves.find((one) => one.place === place && one.phases.includes(phase))?.amps ?? 0;
  for (const part of here) put(part.place, Math.max(0, Math.min(part.amps, MIN_OFFER) - reserved(part)));
  const surplus = here.map((part) => Math.max(0, part.amps - Math.max(MIN_OFFER, reserved(part))));
  mix(line, wanted, at, here, surplus);
  return wanted;
}

/** Small enough to share a step of the house, large enough for a message. */
const CHUNK = 5;
const CHUNKS_LIMIT = 32;
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

/** Goes one step from a line to its target: who owns more than its part is told to let go of what should be somebody
 *  else's, from the top; what is free goes to whom it should belong. Nobody is brought below its part on the way. */
export function move(
  line: Line,
  phase: number,
  wanted: Line,
  parts: readonly Part[],
  reserves: readonly Part[],
): Moved {
  const next = line.slice();
  const leaving = new Map<number, Ranges>();
  const places = new Set([...line].filter((one) => one > 0 && one < LEAVING).map((one) => one - 1));
  for (const place of places) {
    const amps = (list: readonly Part[]): number =>
      list.find((one) => one.place === place && one.phases.includes(phase))?.amps ?? 0;
    const over = ownedOn(line, place) - Math.max(amps(parts), amps(reserves));
    if (over > 0) leaving.set(place, letGo(next, phase, wanted, place, over));
  }
  for (let at = 0; at < next.length; at++) if (next[at] === 0) next[at] = wanted[at] ?? 0;
  return { line: next, leaving };
}

/** First what newcomers need to begin, then from the top. Marks it in `line`, and gives it as ranges. */
function letGo(line: Line, phase: number, wanted: Line, place: number, over: number): Ranges {
  const mine = owner(place);
  const begins = (one: number): boolean => one > 0 && ownedOn(line, one - 1) < MIN_OFFER;
  const newcomers = new Set([...new Set(wanted)].filter(begins));
  const misplaced: number[] = [];
  for (let at = 0; at < line.length; at++) if (line[at] === mine && wanted[at] !== mine) misplaced.push(at);
  const first = misplaced.filter((at) => newcomers.has(wanted[at] ?? 0));
  const rest = misplaced.filter((at) => !newcomers.has(wanted[at] ?? 0)).reverse();
  const chosen = [...first, ...rest].slice(0, over);
  for (const at of chosen) line[at] = mine | LEAVING;
  return runsOf(phase, chosen);
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
