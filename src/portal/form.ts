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

function unescaped(part: string): Unescaped {
  const [first = "", ...escaped] = part.replaceAll("+", " ").split("%");
  const pieces = [encodeText(first)];
  for (const piece of escaped) {
    if (!/^[0-9A-Fa-f]{2}/.test(piece)) return { ok: false, why: "badEscape" };
    pieces.push(Uint8Array.of(Number.parseInt(piece.slice(0, 2), 16)), encodeText(piece.slice(2)));
  }
  const decoded = decodeText(concatenated(pieces), LENGTH_LIMIT);
  return decoded.ok ? decoded : { ok: false, why: "notText" };
}

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(pieces.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
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
