// The sessions of a charger in its flash: a journal of the one that goes on, two sectors in turn, and a ring of those that have
// ended. A power cut at any byte loses no session and doubles none. Pure: hears what sectors hold, gives writes to be done.

import { eraseOf, type FlashOp } from "./boot-count.js";
import { FLASH_MAP, SECTOR_SIZE } from "./flash-map.js";
import { frozen } from "./frozen.js";
import {
  type ClosedSession,
  decodeClosed,
  decodeOpen,
  encodeClosed,
  encodeOpen,
  encodeStart,
  type OpenMark,
  PUBLISHED,
  SLOT,
  START_AT,
} from "./session-record.js";
import type { UnixSeconds } from "./units.js";

/** The journal first, then the ring: 16 sectors of 64 sessions, of which 896 at least are kept, for one sector is always
 *  erased ahead. */
const { first: FIRST, count: JOURNAL } = FLASH_MAP.journal;
const { first: RING_FIRST, count: RING } = FLASH_MAP.sessions;
const ALL = JOURNAL + RING;
export const SLOTS = SECTOR_SIZE / SLOT;
const ERASED = 0xff;

interface RingSector {
  /** Smallest and largest id in it, 0: none. */
  readonly from: number;
  readonly to: number;
  /** Slots that were written to. */
  readonly used: number;
}

export interface SessionLog {
  /** Sectors that were read so far; the log can be used when it is whole. */
  readonly read: number;
  readonly ring: readonly RingSector[];
  /** Slots that were written to, of both sectors of the journal. */
  readonly journal: readonly number[];
  /** The newest mark, and the sector of the journal it lies in. */
  readonly mark: OpenMark | null;
  readonly markIn: number;
  /** No id after this was ever given. */
  readonly lastId: number;
  /** The oldest that no broker has, 0: all were published. */
  readonly unpublished: number;
}

const BLANK: RingSector = frozen({ from: 0, to: 0, used: 0 });

export const startLog = (): SessionLog => ({
  read: 0,
  ring: frozen(Array.from({ length: RING }, () => BLANK)),
  journal: frozen([0, 0]),
  mark: null,
  markIn: 0,
  lastId: 0,
  unpublished: 0,
});

/** The sector to be read next at start, null: the log is whole. */
export const nextToRead = (log: SessionLog): number | null => (log.read < ALL ? FIRST + log.read : null);

export const isWhole = (log: SessionLog): boolean => log.read === ALL;

/** How many sessions are kept, but for what was torn. */
export const keptIn = ({ ring }: SessionLog): number => ring.reduce((sum, { used }) => sum + used, 0);

const slotOf = (sector: Uint8Array, slot: number): Uint8Array => sector.subarray(slot * SLOT, (slot + 1) * SLOT);

/** Slots up to the last byte that is not erased. */
function usedOf(sector: Uint8Array): number {
  let used = sector.length;
  while (used > 0 && sector[used - 1] === ERASED) used--;
  return Math.ceil(used / SLOT);
}

/** The log after the sector that `nextToRead` named was read. Any content is allowed. */
export function hearSector(log: SessionLog, bytes: Uint8Array): SessionLog {
  const index = log.read;
  const next = index < JOURNAL ? hearJournal(log, index, bytes) : hearRing(log, index - JOURNAL, bytes);
  const read = index + 1;
  if (read < ALL) return { ...next, read };
  // What has ended does not go on, whatever the journal says.
  const goesOn = next.mark !== null && !next.ring.some((one) => one.to >= (next.mark?.id ?? 0));
  return { ...next, read, mark: goesOn ? next.mark : null };
}

function hearJournal(log: SessionLog, index: number, bytes: Uint8Array): SessionLog {
  const used = usedOf(bytes);
  let { mark, markIn } = log;
  for (let slot = 0; slot < used; slot++) {
    const found = decodeOpen(slotOf(bytes, slot));
    if (found === null || !isLater(found, mark)) continue;
    mark = found;
    markIn = index;
  }
  const journal = log.journal.map((one, at) => (at === index ? used : one));
  return { ...log, journal, mark, markIn, lastId: Math.max(log.lastId, mark?.id ?? 0) };
}

const isLater = (one: OpenMark, than: OpenMark | null): boolean =>
  than === null || one.id > than.id || (one.id === than.id && one.durationS >= than.durationS);

function hearRing(log: SessionLog, index: number, bytes: Uint8Array): SessionLog {
  let from = 0;
  let to = 0;
  let { unpublished } = log;
  for (const one of sessionsIn(bytes)) {
    from = from === 0 ? one.id : Math.min(from, one.id);
    to = Math.max(to, one.id);
    if (!one.published && (unpublished === 0 || one.id < unpublished)) unpublished = one.id;
  }
  const ring = log.ring.map((one, at) => (at === index ? { from, to, used: usedOf(bytes) } : one));
  return { ...log, ring, unpublished, lastId: Math.max(log.lastId, to) };
}

/** The sessions in a sector of the ring, in the order of their end. */
export function* sessionsIn(bytes: Uint8Array): Generator<ClosedSession> {
  for (let slot = 0; slot < Math.floor(bytes.length / SLOT); slot++) {
    const one = decodeClosed(slotOf(bytes, slot));
    if (one !== null) yield one;
  }
}

export interface Written {
  readonly log: SessionLog;
  readonly op: FlashOp;
}

const write = (sector: number, slot: number, bytes: Uint8Array): FlashOp => ({
  kind: "write",
  sector,
  offset: slot * SLOT,
  bytes,
});

/** Keeps how far the session that goes on has come; null: no room until something is erased. */
export function keepMark(log: SessionLog, mark: OpenMark): Written | null {
  const half = [log.markIn, 1 - log.markIn].find((one) => (log.journal[one] ?? SLOTS) < SLOTS);
  if (half === undefined) return null;
  const slot = log.journal[half] ?? 0;
  const journal = log.journal.map((used, at) => (at === half ? used + 1 : used));
  const lastId = Math.max(log.lastId, mark.id);
  return { log: { ...log, journal, mark, markIn: half, lastId }, op: write(FIRST + half, slot, encodeOpen(mark)) };
}

/** The sector of the ring with the newest session. */
const newestIn = (ring: readonly RingSector[]): number =>
  ring.reduce((best, one, at) => (one.to > (ring[best]?.to ?? 0) ? at : best), 0);

/** The sector of the ring that the next session is written to, -1: none has room. */
function target(ring: readonly RingSector[]): number {
  const newest = newestIn(ring);
  for (const at of [newest, (newest + 1) % RING]) {
    const one = ring[at];
    if (one !== undefined && one.used < SLOTS && (at === newest || one.used === 0)) return at;
  }
  return -1;
}

/** Keeps a session that has ended; null: no room until something is erased. */
export function keepClosed(log: SessionLog, session: ClosedSession): Written | null {
  const at = target(log.ring);
  const sector = log.ring[at];
  if (sector === undefined) return null;
  const { id } = session;
  const from = sector.from === 0 ? id : Math.min(sector.from, id);
  const ring = log.ring.map((one, index) =>
    index === at ? { from, to: Math.max(sector.to, id), used: sector.used + 1 } : one,
  );
  const unpublished = session.published || log.unpublished > 0 ? log.unpublished : id;
  const mark = log.mark?.id === id ? null : log.mark;
  return {
    log: { ...log, ring, unpublished, mark, lastId: Math.max(log.lastId, id) },
    op: write(RING_FIRST + at, sector.used, encodeClosed(session)),
  };
}

/** The half of the journal that holds nothing of use any more, null: neither. */
function journalToErase({ journal, mark, markIn }: SessionLog): number | null {
  const spare = 1 - markIn;
  if ((journal[spare] ?? 0) > 0) return spare;
  return mark === null && (journal[markIn] ?? 0) > SLOTS / 2 ? markIn : null;
}

/** The erase that will be needed, null: none. It takes the oldest sessions. Only while no contactor is closed. */
export function eraseForSessions(log: SessionLog): Written | null {
  if (!isWhole(log)) return null;
  const half = journalToErase(log);
  if (half !== null) {
    const journal = log.journal.map((used, at) => (at === half ? 0 : used));
    return { log: { ...log, journal }, op: eraseOf(FIRST + half) };
  }
  const ahead = (newestIn(log.ring) + 1) % RING;
  if ((log.ring[ahead]?.used ?? 0) === 0) return null;
  const ring = log.ring.map((one, at) => (at === ahead ? BLANK : one));
  const oldest = ring.reduce((least, one) => (one.from > 0 && one.from < least ? one.from : least), log.lastId + 1);
  const unpublished = log.unpublished > 0 && log.unpublished < oldest ? oldest : log.unpublished;
  return { log: { ...log, ring, unpublished }, op: eraseOf(RING_FIRST + ahead) };
}

/** Sectors of the ring that hold sessions, the oldest first. */
export function ringOrder(log: SessionLog): readonly number[] {
  return log.ring
    .map((one, at) => ({ ...one, sector: RING_FIRST + at }))
    .filter((one) => one.from > 0)
    .sort((a, b) => a.from - b.from)
    .map((one) => one.sector);
}

/** The sector that holds a session, null: none does any more. */
export function sectorWith(log: SessionLog, id: number): number | null {
  const at = log.ring.findIndex((one) => one.from > 0 && one.from <= id && id <= one.to);
  return at < 0 ? null : RING_FIRST + at;
}

const slotWith = (bytes: Uint8Array, id: number): number => {
  for (let slot = 0; slot < SLOTS; slot++) if (decodeClosed(slotOf(bytes, slot))?.id === id) return slot;
  return -1;
};

/** Writes down that a broker has the session, and goes to the next; `bytes` are those of the sector. Null: it is not there. */
export function markPublished(log: SessionLog, sector: number, bytes: Uint8Array, id: number): Written | null {
  const slot = slotWith(bytes, id);
  if (slot < 0) return null;
  const op: FlashOp = { kind: "write", sector, offset: slot * SLOT + PUBLISHED, bytes: Uint8Array.of(0) };
  return { log: afterUnpublished(log), op };
}

/** The oldest session that no broker has is done with: it was given to one, or is in flash no more. They are given in the order
 *  of their ids, so the next one is the next that there is. */
export function afterUnpublished(log: SessionLog): SessionLog {
  const unpublished = log.ring.reduce((least, one) => {
    const next = one.from > log.unpublished ? one.from : one.to > log.unpublished ? log.unpublished + 1 : 0;
    return next > 0 && (least === 0 || next < least) ? next : least;
  }, 0);
  return { ...log, unpublished };
}

/** Writes down when a session began that ended before anybody knew the time; null: it is not there, or known already. */
export function repairStart(sector: number, bytes: Uint8Array, id: number, startedAt: UnixSeconds): FlashOp | null {
  const slot = slotWith(bytes, id);
  const one = slot < 0 ? null : decodeClosed(slotOf(bytes, slot));
  if (one === null || one.startedAt !== null) return null;
  return { kind: "write", sector, offset: slot * SLOT + START_AT, bytes: encodeStart(startedAt) };
}
