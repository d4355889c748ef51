// The promises of an election in flash: a charger must never promise two arbiters in one term, whatever it forgets.
// Two sectors in turn, a record for each promise; a power cut costs the record that was being written.

import { eraseOf, type FlashOp } from "./boot-count.js";
import { crc32 } from "./crc32.js";
import type { Vote } from "./election.js";

export interface VoteLog {
  readonly vote: Vote;
  /** Sector and offset of the next record, null when no erased room is left. */
  readonly next: { readonly sector: number; readonly offset: number } | null;
  readonly sectorSize: number;
}

/** Term and boot in four bytes each, place + 1 in one, and three of their CRC-32. */
const RECORD = 12;
/** With less room than this at boot, the other sector is erased ahead: later a contactor may be closed. */
const AHEAD = 64 * RECORD;
const NO_VOTE: Vote = Object.freeze({ term: 0, arbiter: -1, boot: 0 });

function recordOf({ term, arbiter, boot }: Vote): Uint8Array {
  const bytes = new Uint8Array(RECORD);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, term);
  view.setUint32(4, boot);
  view.setUint8(8, arbiter + 1);
  const crc = crc32(bytes.subarray(0, 9));
  view.setUint8(9, crc >>> 16);
  view.setUint16(10, crc);
  return bytes;
}

function voteAt(sector: Uint8Array, offset: number): Vote | null {
  const view = new DataView(sector.buffer, sector.byteOffset + offset, RECORD);
  const vote = { term: view.getUint32(0), boot: view.getUint32(4), arbiter: view.getUint8(8) - 1 };
  return recordOf(vote).every((byte, index) => byte === sector[offset + index]) ? vote : null;
}

interface Scanned {
  readonly vote: Vote;
  /** Offset after the last byte that is not erased, a multiple of RECORD. */
  readonly used: number;
}

function scan(sector: Uint8Array): Scanned {
  let used = sector.length;
  while (used > 0 && sector[used - 1] === 0xff) used--;
  used = Math.min(Math.ceil(used / RECORD) * RECORD, sector.length);
  let vote = NO_VOTE;
  for (let at = 0; at + RECORD <= used; at += RECORD) {
    const found = voteAt(sector, at);
    if (found !== null && found.term >= vote.term) vote = found;
  }
  return { vote, used };
}

/** In the same term the sector that was copied to goes on, and the full one does not. */
function isNewer(one: Scanned, other: Scanned | undefined): boolean {
  if (other === undefined || one.vote.term !== other.vote.term) return one.vote.term > (other?.vote.term ?? 0);
  return one.vote.term > 0 && one.used < other.used;
}

/** What was promised last, and the erase that makes room ahead (`sectors` are the two of the log, numbered from `first`). */
export function loadVotes(
  sectors: readonly Uint8Array[],
  first: number,
): { readonly log: VoteLog; readonly ops: readonly FlashOp[] } {
  const scans = sectors.map(scan);
  const size = sectors[0]?.length ?? 0;
  const newest = scans.reduce((best, one, index) => (isNewer(one, scans[best]) ? index : best), 0);
  const { vote, used } = scans[newest] ?? { vote: NO_VOTE, used: 0 };
  if (size - used >= AHEAD || size === 0) {
    return {
      log: { vote, next: size === 0 ? null : { sector: first + newest, offset: used }, sectorSize: size },
      ops: [],
    };
  }
  const sector = first + (newest === 0 ? 1 : 0);
  const copy: FlashOp = { kind: "write", sector, offset: 0, bytes: recordOf(vote) };
  return { log: { vote, next: { sector, offset: RECORD }, sectorSize: size }, ops: [eraseOf(sector), copy] };
}

/** The write that keeps a promise; null when there is no room for it until the next boot: then it must not be given. */
export function keepVote(log: VoteLog, vote: Vote): { readonly log: VoteLog; readonly op: FlashOp } | null {
  const { next, sectorSize } = log;
  if (next === null) return null;
  const after = next.offset + RECORD;
  const room = after + RECORD <= sectorSize ? { sector: next.sector, offset: after } : null;
  return { log: { ...log, vote, next: room }, op: { kind: "write", ...next, bytes: recordOf(vote) } };
}
