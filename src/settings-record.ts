// One record of settings in flash: magic, format, sequence, length, JSON, CRC. Knows no sector and no order of writing.

import { crc32 } from "./crc32.js";
import { parse, type Settings } from "./settings.js";
import { JSON_LIMIT, settingsJson } from "./settings-text.js";
import { decodeText, jsonOf } from "./text.js";

/** The format written here. The frame around the JSON stays the same in all formats. */
export const FORMAT = 1;
const MAGIC = 0x4945_5653; // "IEVS"
/** magic 4, format 2, length 2, sequence 4. */
const HEADER = 12;
const CRC = 4;
/** Records start at multiples of this. */
export const ALIGN = 4;

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

export const aligned = (offset: number): number => Math.ceil(offset / ALIGN) * ALIGN;

/** The bytes of a record, null when the settings are longer than a record may be. */
export function encodeRecord(settings: Settings, sequence: number, format: number = FORMAT): Uint8Array | null {
  const json = settingsJson(settings);
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
