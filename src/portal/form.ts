// Forms as browsers send them (application/x-www-form-urlencoded), and text made safe for HTML.

import { decodeText, encodeText } from "../text.js";

/** Pairs, never an object: a stranger's names must not become keys, which XS keeps for ever. */
export type Fields = readonly (readonly [string, string])[];

export type ParsedForm =
  | { readonly ok: true; readonly fields: Fields }
  | { readonly ok: false; readonly why: "tooMany" | "badEscape" | "notText" };

const FIELDS_LIMIT = 96;
const LENGTH_LIMIT = 8_192;

/** Fields in their order, decoded; at most 96, bytes that are no UTF-8 or a % without two digits refuse the whole. */
export function parseForm(body: string): ParsedForm {
  const parts = body.split("&").filter((part) => part !== "");
  if (parts.length > FIELDS_LIMIT) return { ok: false, why: "tooMany" };
  const fields: (readonly [string, string])[] = [];
  for (const part of parts) {
    const equals = part.indexOf("=");
    const name = unescaped(equals < 0 ? part : part.slice(0, equals));
    const value = unescaped(equals < 0 ? "" : part.slice(equals + 1));
    if (!name.ok) return name;
    if (!value.ok) return value;
    fields.push([name.text, value.text]);
  }
  return { ok: true, fields };
}

type Unescaped =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: "badEscape" | "notText" };

/** One buffer for all: a form of thousands of escapes must not become thousands of pieces. */
function unescaped(part: string): Unescaped {
  const raw = encodeText(part);
  const bytes = new Uint8Array(raw.length);
  let length = 0;
  for (let at = 0; at < raw.length; at++) {
    const byte = raw[at] ?? 0;
    const isEscape = byte === PERCENT;
    const value = isEscape ? escapedByte(raw, at) : byte === PLUS ? SPACE : byte;
    if (value === null) return { ok: false, why: "badEscape" };
    bytes[length++] = value;
    if (isEscape) at += 2;
  }
  const decoded = decodeText(bytes.subarray(0, length), LENGTH_LIMIT);
  return decoded.ok ? decoded : { ok: false, why: "notText" };
}

const [PERCENT, PLUS, SPACE] = [0x25, 0x2b, 0x20];

function escapedByte(raw: Uint8Array, at: number): number | null {
  const [high, low] = [digitOf(raw[at + 1]), digitOf(raw[at + 2])];
  return high === null || low === null ? null : 16 * high + low;
}

/** Value of a hex digit. */
function digitOf(byte: number | undefined): number | null {
  if (byte === undefined) return null;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : null;
}

/** The body that a browser would send for these fields. */
export const encodeForm = (fields: Fields): string =>
  fields.map(([name, value]) => `${escapedPart(name)}=${escapedPart(value)}`).join("&");

const hex = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;

const escapedPart = (text: string): string =>
  [...encodeText(text)]
    .map((byte) => (/[A-Za-z0-9*._-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : hex(byte)))
    .join("");

/** First value of a field, null when it is not there. */
export const fieldOf = (fields: Fields, wanted: string): string | null =>
  fields.find(([name]) => name === wanted)?.[1] ?? null;

/** Text for HTML, between tags and in quoted attributes alike. */
export const escapeHtml = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
