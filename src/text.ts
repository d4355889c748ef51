// UTF-8 between strings and bytes: XS has no TextEncoder. Bytes that are no text are a reason, never a guess.

export type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly why: "long" | "notText" };

const REPLACEMENT = 0xfffd;
const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;

/** The UTF-8 bytes of a string; half a surrogate pair becomes U+FFFD. */
export function encodeText(text: string): Uint8Array {
  const bytes = new Uint8Array(textLength(text));
  writeText(text, bytes, 0);
  return bytes;
}

/** How many bytes encodeText gives. A page is a good part of the device's RAM: it is counted before room is taken. */
export function textLength(text: string): number {
  let length = 0;
  for (let from = 0, piece = pieceAt(text, 0); piece !== ""; piece = pieceAt(text, from)) {
    const units = piece.length;
    from += units;
    length += units;
    for (let at = 0; at < units; at++) {
      if (piece.charCodeAt(at) < 0x80) continue;
      const point = piece.codePointAt(at) ?? REPLACEMENT;
      length += moreOf(point);
      if (point <= 0xffff) continue;
      length--;
      at++;
    }
  }
  return length;
}

/** Writes the bytes of a text into others, which must have room for them. */
export function writeText(text: string, bytes: Uint8Array, start: number): void {
  let end = start;
  for (let from = 0, piece = pieceAt(text, 0); piece !== ""; piece = pieceAt(text, from)) {
    const units = piece.length;
    from += units;
    for (let at = 0; at < units; at++) {
      const unit = piece.charCodeAt(at);
      if (unit < 0x80) {
        bytes[end++] = unit;
        continue;
      }
      const point = piece.codePointAt(at) ?? REPLACEMENT;
      if (point > 0xffff) at++;
      end = writePoint(bytes, end, isSurrogate(point) ? REPLACEMENT : point);
    }
  }
}

/** XS looks for a letter of a string from its beginning each time: a long text is gone through in pieces. */
const PIECE = 64;

/** The letters from there on, at most so many and one more; no pair of surrogates is taken apart. */
function pieceAt(text: string, from: number): string {
  const piece = text.slice(from, from + PIECE);
  if (!isLeading(piece.charCodeAt(PIECE - 1))) return piece;
  const more = text.slice(from, from + PIECE + 1);
  return isTrailing(more.charCodeAt(PIECE)) ? more : piece;
}

const isLeading = (unit: number): boolean => unit >= 0xd800 && unit < 0xdc00;
const isTrailing = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

/** Bytes after the first, of what is not ASCII. Half a surrogate pair is as long as what stands for it. */
const moreOf = (point: number): number => (point < 0x800 ? 1 : point < 0x10000 ? 2 : 3);

function writePoint(bytes: Uint8Array, start: number, point: number): number {
  const more = moreOf(point);
  bytes[start] = ((0xf80 >> more) & 0xff) | (point >> (6 * more));
  for (let left = more - 1; left >= 0; left--) bytes[start + more - left] = 0x80 | ((point >> (6 * left)) & 0x3f);
  return start + more + 1;
}

/** What starts with this byte: how many bytes follow and the smallest code point that may be written so (RFC 3629, 3). */
interface Lead {
  readonly more: number;
  readonly least: number;
}

function leadOf(byte: number): Lead | null {
  if (byte < 0x80) return { more: 0, least: 0 };
  if (byte >= 0xc2 && byte < 0xe0) return { more: 1, least: 0x80 };
  if (byte >= 0xe0 && byte < 0xf0) return { more: 2, least: 0x800 };
  return byte >= 0xf0 && byte < 0xf5 ? { more: 3, least: 0x10000 } : null;
}

/** Few enough that the arguments of one call fit the small stack of XS. */
const POINTS = 32;

/** The text of UTF-8 bytes. "long": more than `limit` bytes; "notText": overlong, cut, surrogate or beyond U+10FFFF. */
export function decodeText(bytes: Uint8Array, limit: number): Decoded {
  if (bytes.length > limit) return { ok: false, why: "long" };
  let text = "";
  let points: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const lead = leadOf(bytes[at] ?? 0);
    const point = lead === null ? null : pointAt(bytes, at, lead);
    if (lead === null || point === null) return { ok: false, why: "notText" };
    points.push(point);
    at += lead.more + 1;
    if (points.length < POINTS) continue;
    text += String.fromCodePoint(...points);
    points = [];
  }
  return { ok: true, text: text + String.fromCodePoint(...points) };
}

function pointAt(bytes: Uint8Array, start: number, { more, least }: Lead): number | null {
  let point = (bytes[start] ?? 0) & (more === 0 ? 0x7f : 0x3f >> more);
  for (let at = start + 1; at <= start + more; at++) {
    const byte = bytes[at];
    if (byte === undefined || (byte & 0xc0) !== 0x80) return null;
    point = (point << 6) | (byte & 0x3f);
  }
  return point < least || point > 0x10ffff || isSurrogate(point) ? null : point;
}

/** The value of a JSON text, undefined for a text that is none: JSON.parse has no other way to say it. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
