// How often the device has booted, kept in flash: reports are ordered by it, so it must never fall back.
// Two sectors in turn; each begins with a base and then loses one byte a boot. A power cut costs a count at most.

export interface FlashOp {
  readonly kind: "erase" | "write";
  readonly sector: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export const eraseOf = (sector: number): FlashOp => ({ kind: "erase", sector, offset: 0, bytes: new Uint8Array(0) });

const MAGIC = 0xb0;
/** Magic, base in four bytes, and the base's complement in four: a torn header is no header. */
const HEADER = 9;
const ERASED = 0xff;

interface Tally {
  readonly count: number;
  /** Where the next boot is marked, null when the sector is full. */
  readonly free: number | null;
}

function tallyOf(sector: Uint8Array): Tally | null {
  const view = new DataView(sector.buffer, sector.byteOffset, sector.byteLength);
  if (sector.length <= HEADER || sector[0] !== MAGIC) return null;
  const base = view.getUint32(1);
  if ((base ^ view.getUint32(5)) !== -1) return null;
  const at = sector.indexOf(ERASED, HEADER);
  return { count: base + (at < 0 ? sector.length : at) - HEADER, free: at < 0 ? null : at };
}

/** The number of this boot, one more than any before, and the writes that keep it (`sectors` are the two of the count,
 *  numbered from `first`). The number may be used once these are done. */
export function countBoot(
  sectors: readonly Uint8Array[],
  first: number,
): { readonly boot: number; readonly ops: readonly FlashOp[] } {
  const tallies = sectors.map(tallyOf);
  const newest = tallies.reduce<number | null>((best, tally, index) => {
    if (tally === null) return best;
    return best === null || tally.count >= (tallies[best]?.count ?? 0) ? index : best;
  }, null);
  const tally = newest === null ? null : tallies[newest];
  const boot = (tally?.count ?? 0) + 1;
  if (newest !== null && tally !== null && tally !== undefined && tally.free !== null) {
    return { boot, ops: [{ kind: "write", sector: first + newest, offset: tally.free, bytes: Uint8Array.of(0) }] };
  }
  const other = newest === 0 ? 1 : 0;
  return {
    boot,
    ops: [eraseOf(first + other), { kind: "write", sector: first + other, offset: 0, bytes: headerOf(boot) }],
  };
}

function headerOf(base: number): Uint8Array {
  const header = new Uint8Array(HEADER);
  const view = new DataView(header.buffer);
  view.setUint8(0, MAGIC);
  view.setUint32(1, base);
  view.setUint32(5, ~base >>> 0);
  return header;
}
