// The queue of samples for emoncms and InfluxDB: the newest in RAM, the older ones in whole pages of flash while a server does
// not take them. Each server has a place of its own in it. Pure: hears what sectors hold, gives writes to be done.

import { eraseOf, type FlashOp } from "./boot-count.js";
import { joined } from "./bytes.js";
import { decodePage, encodePage, type FeedName, isTaken, PAGE, samplesPerPage, takenMark } from "./feed-page.js";
import {
  decodeSample,
  encodeSample,
  type FeedLayout,
  type FeedSample,
  recordSize,
  setTime,
  timeAt,
} from "./feed-sample.js";
import { FLASH_MAP, SECTOR_SIZE } from "./flash-map.js";
import { frozen } from "./frozen.js";
import { sameValue } from "./settings-checks.js";

export const { first: FIRST } = FLASH_MAP.feed;
const SECTORS = FLASH_MAP.feed.count;
export const PAGES = SECTOR_SIZE / PAGE;
/** Pages that are always there: the oldest sector goes as soon as the newest is begun. */
const KEPT_PAGES = (SECTORS - 1) * PAGES;
const DAY_S = 86_400;
const MINUTE_S = 60;
const ERASED = 0xff;
/** Samples that wait in RAM at most, and how many of those that will not be thinned. */
export const IN_RAM = 64;
const IN_RAM_WHOLE = 8;

interface SectorUse {
  /** Positions of the samples in it, `to` behind the last; both 0: none. */
  readonly from: number;
  readonly to: number;
  /** Pages that were written to. */
  readonly used: number;
}

/** Seconds that samples have. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface FeedPlace {
  /** Position of the oldest sample that the server has not taken. */
  readonly next: number;
  /** So many from there are on their way to it. */
  readonly sent: number;
  /** Samples that went before it took them, since boot. */
  readonly lost: number;
}

export type Places = Readonly<Record<FeedName, FeedPlace | null>>;

export interface FeedQueue {
  readonly layout: FeedLayout;
  /** Sectors that were read so far. */
  readonly read: number;
  readonly sectors: readonly SectorUse[];
  /** The sector that was written last. */
  readonly newest: number;
  /** Position behind the last sample in flash: that of the first one in RAM. */
  readonly end: number;
  /** Records, one behind the other. */
  readonly ram: Uint8Array;
  /** How many of them have been chosen for the next page of flash. */
  readonly chosen: number;
  /** Slot of time of the last one chosen. */
  readonly slot: number;
  /** The records in RAM have the time of the world, and not that since boot. */
  readonly dated: boolean;
  readonly stretch: Stretch | null;
  /** Seconds that a clock gave before it stepped back. */
  readonly before: Stretch | null;
  /** Null: that server is not fed. */
  readonly places: Places;
}

export const FEEDS: readonly FeedName[] = frozen(["emoncms", "influx"]);
const BLANK: SectorUse = frozen({ from: 0, to: 0, used: 0 });
const START: FeedPlace = frozen({ next: 0, sent: 0, lost: 0 });
/** Until flash was read nobody knows where a server's place is. */
const UNKNOWN = Number.POSITIVE_INFINITY;

/** What flash keeps of a layout for sure, in samples. */
export const queueSize = (layout: FeedLayout): number => KEPT_PAGES * samplesPerPage(layout);

/** Of the samples that go to flash one is kept in so many seconds, so that a day always fits: 60, and 79 with more than four
 *  modules. */
export const thinnedTo = (layout: FeedLayout): number => Math.max(MINUTE_S, Math.ceil(DAY_S / queueSize(layout)));

const placed = (places: Places, change: (place: FeedPlace, name: FeedName) => FeedPlace): Places => ({
  emoncms: places.emoncms === null ? null : change(places.emoncms, "emoncms"),
  influx: places.influx === null ? null : change(places.influx, "influx"),
});

export const startQueue = (layout: FeedLayout, fed: readonly FeedName[]): FeedQueue => ({
  layout,
  read: 0,
  sectors: frozen(Array.from({ length: SECTORS }, () => BLANK)),
  newest: 0,
  end: 0,
  ram: new Uint8Array(0),
  chosen: 0,
  slot: 0,
  dated: false,
  stretch: null,
  before: null,
  places: {
    emoncms: fed.includes("emoncms") ? { ...START, next: UNKNOWN } : null,
    influx: fed.includes("influx") ? { ...START, next: UNKNOWN } : null,
  },
});

export const isWhole = ({ read }: FeedQueue): boolean => read === SECTORS;
/** The sector to be read next at start, null: the queue is whole. */
export const nextToRead = (queue: FeedQueue): number | null => (isWhole(queue) ? null : FIRST + queue.read);

const inRam = ({ ram, layout }: FeedQueue): number => ram.length / recordSize(layout);
/** Position behind the newest sample. */
export const last = (queue: FeedQueue): number => queue.end + inRam(queue);

/** How many samples wait for a server. */
export function waiting(queue: FeedQueue, name: FeedName): number {
  const place = queue.places[name];
  if (place === null) return 0;
  return isWhole(queue) ? last(queue) - place.next : inRam(queue);
}

export const pageAt = (sector: Uint8Array, slot: number): Uint8Array => sector.subarray(slot * PAGE, (slot + 1) * PAGE);

/** The queue after the sector that `nextToRead` named was read. Any content is allowed. */
export function hearSector(queue: FeedQueue, bytes: Uint8Array): FeedQueue {
  let use = BLANK;
  let { places, before } = queue;
  for (let slot = 0; slot < PAGES; slot++) {
    const raw = pageAt(bytes, slot);
    if (raw.every((byte) => byte === ERASED)) continue;
    const page = decodePage(raw);
    use = { ...use, used: slot + 1 };
    if (page === null) continue;
    const { from, count, start, size } = page;
    use = { from: use.to === 0 ? from : use.from, to: Math.max(use.to, from + count), used: slot + 1 };
    before = around(around(before, timeAt(raw, start)), timeAt(raw, start + (count - 1) * size));
    places = placed(places, (one, name) => (isTaken(page, name) ? one : { ...one, next: Math.min(one.next, from) }));
  }
  const isNewest = use.to > queue.end;
  const next = {
    ...queue,
    read: queue.read + 1,
    sectors: queue.sectors.map((one, at) => (at === queue.read ? use : one)),
    newest: isNewest ? queue.read : queue.newest,
    end: Math.max(queue.end, use.to),
    before,
    places,
  };
  return isWhole(next)
    ? { ...next, places: placed(places, (one) => ({ ...one, next: Math.min(one.next, next.end) })) }
    : next;
}

const around = (stretch: Stretch | null, time: number): Stretch =>
  stretch === null ? { from: time, to: time } : { from: Math.min(stretch.from, time), to: Math.max(stretch.to, time) };

/** Other servers are fed: a new one has what comes from now on. */
export const feeding = (queue: FeedQueue, fed: readonly FeedName[]): FeedQueue => {
  const place = (name: FeedName): FeedPlace | null =>
    fed.includes(name) ? (queue.places[name] ?? { ...START, next: isWhole(queue) ? last(queue) : UNKNOWN }) : null;
  return trimmed({ ...queue, places: { emoncms: place("emoncms"), influx: place("influx") } });
};

/** A time that no sample has: later than the newest, or, since the clock stepped back, outside what it gave before. What lies
 *  more than a day behind was never true, and is not waited for. */
function isFree({ stretch, before }: FeedQueue, time: number): boolean {
  const within = (one: Stretch | null): boolean =>
    one !== null && time >= one.from && time <= one.to && one.to - time < DAY_S;
  return !within(stretch) && !within(before);
}

function withTime(queue: FeedQueue, time: number): FeedQueue {
  const { stretch, before } = queue;
  if (stretch === null || time > stretch.to) return { ...queue, stretch: { from: stretch?.from ?? time, to: time } };
  return { ...queue, before: around(around(before, stretch.from), stretch.to), stretch: { from: time, to: time } };
}

/** Takes a sample; one whose second is another's already stays out. `dated`: its time is that of the world. */
export function add(queue: FeedQueue, sample: FeedSample, dated: boolean): FeedQueue {
  if (dated && !isFree(queue, sample.time)) return queue;
  const empty = queue.ram.length === 0;
  if (!empty && queue.dated !== dated) return queue;
  const ram = joined(queue.ram, encodeSample(queue.layout, sample));
  const next = { ...queue, ram, dated };
  return bounded(trimmed(dated ? withTime(next, sample.time) : next));
}

/** The time is known: what was read before gets its own. `sinceBoot`: seconds that the device ran at that time. */
export function date(queue: FeedQueue, unix: number, sinceBoot: number): FeedQueue {
  if (queue.dated) return queue;
  const size = recordSize(queue.layout);
  let next: FeedQueue = { ...queue, ram: new Uint8Array(0), dated: true };
  const ram = queue.ram.slice();
  for (let at = 0; at < ram.length; at += size) {
    setTime(ram, at, unix - sinceBoot + timeAt(ram, at));
    next = add(next, decodeSample(queue.layout, ram, at), true);
  }
  return settled(next);
}

/** Flash cannot take what has no time, or before it was read: then the oldest goes. */
function bounded(queue: FeedQueue): FeedQueue {
  const over = inRam(queue) - 2 * IN_RAM;
  const stuck = !queue.dated || !isWhole(queue);
  if (stuck ? inRam(queue) <= IN_RAM : over <= 0) return queue;
  const drop = stuck ? inRam(queue) - IN_RAM : over;
  const ram = queue.ram.slice(drop * recordSize(queue.layout));
  const places = placed(queue.places, (one) => {
    const next = one.next > queue.end ? Math.max(queue.end, one.next - drop) : one.next;
    return { next, sent: 0, lost: one.lost + drop };
  });
  return { ...queue, ram, places, chosen: Math.max(0, queue.chosen - drop) };
}

/** No server's place lies behind the newest sample. */
const settled = (queue: FeedQueue): FeedQueue =>
  isWhole(queue)
    ? { ...queue, places: placed(queue.places, (one) => ({ ...one, next: Math.min(one.next, last(queue)) })) }
    : queue;

/** Without what all servers have. */
function trimmed(queue: FeedQueue): FeedQueue {
  if (!isWhole(queue)) return queue;
  const next = FEEDS.reduce((least, name) => Math.min(least, queue.places[name]?.next ?? UNKNOWN), last(queue));
  const done = next - queue.end;
  if (done <= 0) return queue;
  const ram = queue.ram.slice(done * recordSize(queue.layout));
  return { ...queue, ram, end: next, chosen: Math.max(0, queue.chosen - done) };
}

export interface Spilled {
  readonly queue: FeedQueue;
  readonly ops: readonly FlashOp[];
}

/** Chooses what goes to flash, and writes a page once it is full. `periodS`: between two samples. `all`: whatever waits. */
export function spill(queue: FeedQueue, periodS: number, all = false): Spilled {
  if (!isWhole(queue) || !queue.dated) return { queue, ops: [] };
  const keep = all ? 0 : periodS >= thinnedTo(queue.layout) ? IN_RAM_WHOLE : IN_RAM;
  const full = samplesPerPage(queue.layout);
  let next = queue;
  while (next.chosen < full && inRam(next) - next.chosen > keep) next = choose(next);
  return next.chosen === full || (all && next.chosen > 0) ? written(next) : { queue: next, ops: [] };
}

/** The oldest that is not chosen: for the page, or it goes where its slot of time has one already. */
function choose(queue: FeedQueue): FeedQueue {
  const size = recordSize(queue.layout);
  const at = queue.chosen * size;
  const slot = Math.floor(timeAt(queue.ram, at) / thinnedTo(queue.layout));
  if (slot !== queue.slot) return { ...queue, chosen: queue.chosen + 1, slot };
  const ram = joined(queue.ram.subarray(0, at), queue.ram.subarray(at + size));
  // Whatever lies behind moves up by one.
  const gone = queue.end + queue.chosen;
  const places = placed(queue.places, (one) => {
    if (one.next > gone) return { ...one, next: one.next - 1 };
    return one.next + one.sent > gone ? { ...one, sent: one.sent - 1 } : one;
  });
  return { ...queue, ram, places };
}

function written(queue: FeedQueue): Spilled {
  const { layout, chosen, end } = queue;
  const ops: FlashOp[] = [];
  const room = roomFor(queue, ops);
  const length = chosen * recordSize(layout);
  const use = room.sectors[room.newest] ?? BLANK;
  const waits = (name: FeedName): boolean => (room.places[name]?.next ?? UNKNOWN) < end + chosen;
  const marks = FEEDS.filter((name) => !waits(name)).reduce((all, name) => all & takenMark(name), ERASED);
  const bytes = encodePage(layout, end, queue.ram.subarray(0, length), marks);
  ops.push({ kind: "write", sector: FIRST + room.newest, offset: use.used * PAGE, bytes });
  const grown = { from: use.to === 0 ? end : use.from, to: end + chosen, used: use.used + 1 };
  const sectors = room.sectors.map((one, at) => (at === room.newest ? grown : one));
  return { queue: { ...room, sectors, end: end + chosen, ram: queue.ram.slice(length), chosen: 0 }, ops };
}

/** A sector with a blank page: the newest, or the next one, whose old samples go. */
function roomFor(queue: FeedQueue, ops: FlashOp[]): FeedQueue {
  if ((queue.sectors[queue.newest]?.used ?? PAGES) < PAGES) return queue;
  const newest = (queue.newest + 1) % SECTORS;
  const old = queue.sectors[newest] ?? BLANK;
  if (old.used > 0) ops.push(eraseOf(FIRST + newest));
  const places = placed(queue.places, (one) => passedBy(one, old.to));
  return { ...queue, newest, places, sectors: queue.sectors.map((one, at) => (at === newest ? BLANK : one)) };
}

/** What is on its way is kept by whoever sends it. */
function passedBy(place: FeedPlace, to: number): FeedPlace {
  if (place.next >= to) return place;
  const sentTo = place.next + place.sent;
  return { next: to, sent: Math.max(0, sentTo - to), lost: place.lost + Math.max(0, to - sentTo) };
}

/** Other modules: what was read of the former ones is brought to flash. */
export function relaid(queue: FeedQueue, layout: FeedLayout): Spilled {
  if (sameValue(queue.layout, layout)) return { queue, ops: [] };
  const ops: FlashOp[] = [];
  let next = queue;
  while (isWhole(next) && next.dated && next.ram.length > 0) {
    const step = spill(next, 0, true);
    ops.push(...step.ops);
    next = step.queue;
  }
  const lost = inRam(next);
  const places = placed(next.places, (one) => ({ ...one, lost: one.lost + lost }));
  return { queue: settled({ ...next, layout, places, ram: new Uint8Array(0), chosen: 0 }), ops };
}

/** The sector with the sample, or with the next one that there is. */
export function sectorWith({ sectors }: FeedQueue, from: number): number | null {
  let best: number | null = null;
  for (const [at, one] of sectors.entries()) {
    if (one.to > from && (best === null || one.to < (sectors[best]?.to ?? 0))) best = at;
  }
  return best;
}

/** So much of the queue, up to a position, is on its way. */
export const sending = (queue: FeedQueue, name: FeedName, to: number): FeedQueue =>
  withPlace(queue, name, (one) => ({ ...one, sent: to - one.next }));

/** What was on its way the server has. */
export const taken = (queue: FeedQueue, name: FeedName): FeedQueue =>
  trimmed(withPlace(queue, name, (one) => ({ ...one, next: one.next + one.sent, sent: 0 })));

/** What was on its way is in the queue as before. */
export const unsent = (queue: FeedQueue, name: FeedName): FeedQueue =>
  withPlace(queue, name, (one) => ({ ...one, sent: 0 }));

/** Nothing readable is left before a position. */
export const passed = (queue: FeedQueue, name: FeedName): FeedQueue => {
  const place = queue.places[name];
  const index = place === null ? null : sectorWith(queue, place.next);
  const to = index === null ? queue.end : (queue.sectors[index]?.to ?? queue.end);
  return trimmed(withPlace(queue, name, (one) => passedBy({ ...one, sent: 0 }, to)));
};

const withPlace = (queue: FeedQueue, name: FeedName, change: (place: FeedPlace) => FeedPlace): FeedQueue => ({
  ...queue,
  places: placed(queue.places, (one, which) => (which === name ? change(one) : one)),
});
