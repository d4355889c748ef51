// Settings in flash that survive a power cut at any byte: two sectors in turn, each a log that is only ever appended to.
// The last good record of the highest sequence holds. Pure: reads copies of the sectors, gives writes to be done.

import { eraseOf, type FlashOp } from "./boot-count.js";
import type { Settings } from "./settings.js";
import { aligned, contentOf, encodeRecord, type FoundRecord, recordAt } from "./settings-record.js";

/** What must be known of the two sectors to write the next record. */
export interface Store {
  /** The sector with the newest good record, null when there is none. It is never erased. */
  readonly active: number | null;
  /** Per sector, the first byte that nothing was written to; 0: wholly erased. */
  readonly free: readonly number[];
  /** Per sector, whether it holds a whole record. */
  readonly kept: readonly boolean[];
  readonly sectorSize: number;
  /** The highest sequence seen, 0 when none. */
  readonly sequence: number;
  /** Bytes of the newest record, 0 when none. */
  readonly newest: number;
}

export type Loaded =
  | {
      readonly ok: true;
      readonly settings: Settings;
      readonly sequence: number;
      readonly store: Store;
      /** Why something newer than these settings could not be used. */
      readonly warning: null | "damaged" | "newer";
    }
  | { readonly ok: false; readonly why: "absent" | "damaged" | "newer"; readonly store: Store };

export type Saved =
  | { readonly ok: true; readonly ops: readonly FlashOp[]; readonly store: Store }
  | { readonly ok: false; readonly why: "needsErase" | "tooLong" };

export interface Layout {
  /** Number of the first of the two sectors in the storage. */
  readonly first: number;
  readonly pageSize: number;
}

interface Scanned {
  readonly records: readonly FoundRecord[];
  readonly free: number;
  /** Bytes after the last whole record that are none: torn, rotten or foreign. */
  readonly litter: boolean;
}

const ERASED = 0xff;

function scan(sector: Uint8Array): Scanned {
  const records: FoundRecord[] = [];
  let litter = false;
  let used = sector.length;
  while (used > 0 && sector[used - 1] === ERASED) used--;
  let offset = 0;
  while (offset < used) {
    const record = recordAt(sector, offset);
    if (record !== null) records.push(record);
    litter = record === null;
    offset = record === null ? aligned(offset + 1) : offset + record.size;
  }
  return { records, free: Math.min(Math.max(offset, aligned(used)), sector.length), litter };
}

interface Candidate {
  readonly sector: number;
  readonly record: FoundRecord;
}

const hasRecord = (one: Scanned): boolean => one.records.length > 0;

/** Loads from copies of the two sectors, in their order; any content is allowed. What was torn and then saved again is no
 *  warning: litter counts only after the newest record, or in a sector of nothing else. */
export function load(sectors: readonly Uint8Array[]): Loaded {
  const scans = sectors.map(scan);
  const candidates = scans
    .flatMap(({ records }, sector) => records.map((record): Candidate => ({ sector, record })))
    .sort((a, b) => b.record.sequence - a.record.sequence);
  let why: "damaged" | "newer" | null = null;
  for (const candidate of candidates) {
    const content = contentOf(candidate.record);
    if (content.ok) {
      const { sequence } = candidate.record;
      const store = storeOf(sectors, scans, candidates, candidate);
      const lost = scans.some((one, sector) => one.litter && (sector === candidate.sector || !hasRecord(one)));
      return { ok: true, settings: content.settings, sequence, store, warning: why ?? (lost ? "damaged" : null) };
    }
    why ??= content.why;
  }
  const store = storeOf(sectors, scans, candidates, candidates[0]);
  return { ok: false, why: why ?? (scans.some((one) => one.litter) ? "damaged" : "absent"), store };
}

const storeOf = (
  sectors: readonly Uint8Array[],
  scans: readonly Scanned[],
  candidates: readonly Candidate[],
  good: Candidate | undefined,
): Store => ({
  active: good?.sector ?? null,
  free: scans.map((one) => one.free),
  kept: scans.map(hasRecord),
  sectorSize: sectors[0]?.length ?? 0,
  sequence: candidates[0]?.record.sequence ?? 0,
  newest: good?.record.size ?? 0,
});

/** The writes that make these settings the newest, each at most one page and within it; a cut at any byte leaves the old
 *  ones. "needsErase": neither sector has room, do eraseAhead first; "tooLong": no record can hold them. */
export function save(store: Store, layout: Layout, settings: Settings): Saved {
  const sequence = store.sequence + 1;
  const bytes = encodeRecord(settings, sequence);
  if (bytes === null || bytes.length > store.sectorSize) return { ok: false, why: "tooLong" };
  const sector = [store.active, other(store), 0].find((one) => one !== null && roomIn(store, one) >= bytes.length);
  if (sector === undefined || sector === null) return { ok: false, why: "needsErase" };
  const offset = store.free[sector] ?? 0;
  const free = store.free.map((used, index) => (index === sector ? offset + bytes.length : used));
  const kept = store.kept.map((one, index) => one || index === sector);
  return {
    ok: true,
    ops: inPages(layout, sector, offset, bytes),
    store: { ...store, active: sector, free, kept, sequence, newest: bytes.length },
  };
}

const other = ({ active }: Store): number => (active === 0 ? 1 : 0);

const roomIn = (store: Store, sector: number): number => store.sectorSize - (store.free[sector] ?? store.sectorSize);

function inPages({ first, pageSize }: Layout, sector: number, offset: number, bytes: Uint8Array): readonly FlashOp[] {
  const ops: FlashOp[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + pageSize - ((offset + at) % pageSize));
    ops.push({ kind: "write", sector: first + sector, offset: offset + at, bytes: bytes.slice(at, end) });
    at = end;
  }
  return ops;
}

/** The erase that will be needed soon, null while the other sector is blank, or holds older records that are worth
 *  keeping because the active one has room for two more. An erase stops both cores: do it while no contactor is closed. */
export function eraseAhead(store: Store, layout: Layout): FlashOp | null {
  const spare = other(store);
  const roomy = store.active !== null && roomIn(store, store.active) >= 2 * store.newest;
  if (store.free[spare] === 0 || (roomy && store.kept[spare] === true)) return null;
  return eraseOf(layout.first + spare);
}

/** The store once the erase of eraseAhead is done. */
export const erased = (store: Store): Store => ({
  ...store,
  free: store.free.map((used, index) => (index === other(store) ? 0 : used)),
  kept: store.kept.map((one, index) => one && index !== other(store)),
});
