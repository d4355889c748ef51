// Forms as browsers send them (application/x-www-form-urlencoded), and text made safe for HTML.

import { encodeText } from "../text.js";

/** Pairs, never an object: a stranger's names must not become keys, which XS keeps for ever. */
export type Fields = readonly (readonly [string, string])[];

export type ParsedForm =
  | { readonly ok: true; readonly fields: Fields }
  | { readonly ok: false; readonly why: "tooMany" | "badEscape" | "notText" };

const FIELDS_LIMIT = 96;

/** Fields in their order, decoded; at most 96, bytes that are no UTF-8 or a % without two digits refuse the whole. */
export function parseForm(body: string): ParsedForm {
  const fields: (readonly [string, string])[] = [];
  for (let from = 0; from < body.length; ) {
    const end = indexOr(body, "&", from, body.length);
    const equals = Math.min(indexOr(body, "=", from, end), end);
    if (end > from) {
      if (fields.length === FIELDS_LIMIT) return { ok: false, why: "tooMany" };
      const name = unescaped(body, from, equals);
      if (!name.ok) return name;
      const value = unescaped(body, Math.min(equals + 1, end), end);
      if (!value.ok) return value;
      fields.push([name.text, value.text]);
    }
    from = end + 1;
  }
  return { ok: true, fields };
}

function indexOr(body: string, letter: string, from: number, otherwise: number): number {
  const at = body.indexOf(letter, from);
  return at < 0 ? otherwise : at;
}

type Unescaped =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: "badEscape" | "notText" };

/** As a browser writes the end of a line. */
const LINE_END = "%0A";

/** Line by line: a pasted backup is long, and each step of decoding makes another copy. */
function unescaped(body: string, from: number, to: number): Unescaped {
  let text = "";
  for (let at = from; at < to; ) {
    const end = Math.min(to, indexOr(body, LINE_END, at, to) + LINE_END.length);
    const line = unescapedLine(body.slice(at, end));
    if (!line.ok) return line;
    text += line.text;
    at = end;
  }
  return { ok: true, text };
}

/** By the platform's own decoder, which says what is wrong by a throw only. */
function unescapedLine(line: string): Unescaped {
  const escaped = line.replaceAll("+", " ");
  try {
    return { ok: true, text: decodeURIComponent(escaped) };
  } catch {
    return { ok: false, why: /%(?![0-9A-Fa-f]{2})/.test(escaped) ? "badEscape" : "notText" };
  }
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

/** Text for HTML between tags only, where quotes may stay: of JSON every fourth letter is one. */
export const escapeContent = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Text for HTML, between tags and in quoted attributes alike. */
export const escapeHtml = (text: string): string =>
  escapeContent(text).replaceAll('"', "&quot;").replaceAll("'", "&#39;");
