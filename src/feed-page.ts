// A page of flash with samples that a server has not taken yet: who has taken them, their positions in the queue, what they
// are, and a CRC over all but the first. It knows no queue.

import { crc32 } from "./crc32.js";
import { decodePlaces, encodePlaces, type FeedLayout, recordSize } from "./feed-sample.js";

export const PAGE = 256;
/** Who has taken it 1, format 1, records 1, phases 1, position of the first 4, places 3, bytes of a record 1, CRC 4. */
const HEADER = 16;
const CRC_AT = 12;
const FORMAT = 0xf1;

export type FeedName = "emoncms" | "influx";

/** The bit of the page's first byte that is cleared once that server has all of it. */
export const takenMark = (name: FeedName): number => (name === "emoncms" ? 0xfe : 0xfd);
export const isTaken = (page: FeedPage, name: FeedName): boolean => (page.taken & (takenMark(name) ^ 0xff)) === 0;

export interface FeedPage {
  readonly taken: number;
  readonly layout: FeedLayout;
  /** Position of its first sample; the others follow. */
  readonly from: number;
  readonly count: number;
  readonly size: number;
  /** Of the first record in the page's bytes. */
  readonly start: number;
}

export const samplesPerPage = (layout: FeedLayout): number => Math.floor((PAGE - HEADER) / recordSize(layout));

/** `taken`: as the marks of those that have it make it. */
export function encodePage(layout: FeedLayout, from: number, records: Uint8Array, taken: number): Uint8Array {
  const bytes = new Uint8Array(HEADER + records.length);
  const view = new DataView(bytes.buffer);
  const size = recordSize(layout);
  bytes.set([taken, FORMAT, records.length / size, layout.phases]);
  view.setUint32(4, from);
  bytes.set(encodePlaces(layout.places), 8);
  bytes[11] = size;
  bytes.set(records, HEADER);
  view.setUint32(CRC_AT, crcOf(bytes));
  return bytes;
}

/** Of all but the byte that changes later and the CRC itself. */
const crcOf = (bytes: Uint8Array): number => {
  const whole = bytes.slice(1);
  whole.fill(0, CRC_AT - 1, HEADER - 1);
  return crc32(whole);
};

/** Any bytes are allowed; null: no page of ours, or a torn one. */
export function decodePage(bytes: Uint8Array): FeedPage | null {
  const [taken = 0, format = 0, count = 0, phases = 0] = bytes;
  const size = bytes[11] ?? 0;
  if (bytes.length < HEADER || format !== FORMAT || count === 0 || HEADER + count * size > bytes.length) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(CRC_AT) !== crcOf(bytes.subarray(0, HEADER + count * size))) return null;
  const places = decodePlaces(bytes.subarray(8, 11));
  if (places === null || (phases !== 1 && phases !== 3)) return null;
  const layout: FeedLayout = { phases, places };
  if (recordSize(layout) !== size) return null;
  return { taken, layout, from: view.getUint32(4), count, size, start: HEADER };
}
