// One record of settings in flash: magic, format, sequence, length, JSON, CRC. Knows no sector and no order of writing.

import { frozen } from "./frozen.js";
import { parse, type Settings } from "./settings.js";
import { decodeText, encodeText } from "./text.js";

/** The format written here. The frame around the JSON stays the same in all formats. */
export const FORMAT = 1;
const MAGIC = 0x4945_5653; // "IEVS"
/** magic 4, format 2, length 2, sequence 4. */
const HEADER = 12;
const CRC = 4;
/** Records start at multiples of this. */
export const ALIGN = 4;
/** The longest JSON kept; the largest settings take less than 2 KiB. */
const JSON_LIMIT = 3_072;

export type Content =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly why: "damaged" | "newer" };

/** A record whose frame is whole. */
export interface FoundRecord {
  readonly offset: number;
  /** Bytes, up to where the next may start. */
  readonly size: number;
  readonly sequence: number;
  readonly format: number;
  readonly json: Uint8Array;
}

/** CRC-32 of IEEE 802.3, reflected, for each value of four bits. */
const CRC_OF_NIBBLE: readonly number[] = frozen(
  Array.from({ length: 16 }, (_, nibble) => {
    let crc = nibble;
    for (let bit = 0; bit < 4; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
    return crc;
  }),
);

/** CRC-32 of IEEE 802.3, four bits at a time: a table of 256 would take a kilobyte more for little. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc = (crc >>> 4) ^ (CRC_OF_NIBBLE[(crc ^ byte) & 15] ?? 0);
    crc = (crc >>> 4) ^ (CRC_OF_NIBBLE[(crc ^ (byte >> 4)) & 15] ?? 0);
  }
  return ~crc >>> 0;
}

export const aligned = (offset: number): number => Math.ceil(offset / ALIGN) * ALIGN;

/** The bytes of a record, null when the settings are longer than a record may be. */
export function encodeRecord(settings: Settings, sequence: number, format: number = FORMAT): Uint8Array | null {
  const json = encodeText(JSON.stringify(settings));
  if (json.length > JSON_LIMIT) return null;
  const bytes = new Uint8Array(aligned(HEADER + json.length + CRC)).fill(0xff);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC);
  view.setUint16(4, format);
  view.setUint16(6, json.length);
  view.setUint32(8, sequence);
  bytes.set(json, HEADER);
  view.setUint32(HEADER + json.length, crc32(bytes.subarray(0, HEADER + json.length)));
  return bytes;
}

/** The whole record at an offset, null where there is none. */
export function recordAt(sector: Uint8Array, offset: number): FoundRecord | null {
  if (offset + HEADER + CRC > sector.length) return null;
  const view = new DataView(sector.buffer, sector.byteOffset + offset, sector.length - offset);
  const length = view.getUint16(6);
  if (view.getUint32(0) !== MAGIC || length > JSON_LIMIT || HEADER + length + CRC > view.byteLength) return null;
  const body = sector.subarray(offset, offset + HEADER + length);
  if (view.getUint32(HEADER + length) !== crc32(body)) return null;
  return {
    offset,
    size: aligned(HEADER + length + CRC),
    sequence: view.getUint32(8),
    format: view.getUint16(4),
    json: body.subarray(HEADER),
  };
}

/** What a whole record says. "newer": written by a later firmware; "damaged": not settings after all. */
export function contentOf(record: FoundRecord): Content {
  if (record.format > FORMAT) return { ok: false, why: "newer" };
  const text = decodeText(record.json, JSON_LIMIT);
  const parsed = text.ok ? parse(jsonOf(text.text)) : text;
  return parsed.ok ? { ok: true, settings: parsed.settings } : { ok: false, why: "damaged" };
}

/** The value of a JSON text, undefined for a text that is none: JSON.parse has no other way to say it. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
