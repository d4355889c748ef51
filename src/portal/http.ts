// One HTTP/1.1 request a connection, read within bounds, and one response written. Knows no page and no socket.

import { joined } from "../bytes.js";
import { frozen } from "../frozen.js";
import { decodeText, textLength, writeText } from "../text.js";
import { type Millis, millis, minus } from "../units.js";

export interface Request {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  /** Value of the Host header, as sent; empty for HTTP/1.0 without one. */
  readonly host: string;
  /** Those that somebody here asks for; names in lower case. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

export type BadRequest = "headTooLong" | "bodyTooLong" | "chunked" | "version" | "malformed";

interface Head extends Omit<Request, "body"> {
  /** Of the body, in bytes. */
  readonly length: number;
  /** Of the head itself. */
  readonly size: number;
}

export interface HttpReader {
  /** Of a head that is not whole yet. */
  readonly bytes: Uint8Array;
  /** null while it is not whole. */
  readonly head: Head | null;
  /** So far. */
  readonly body: string;
  readonly openedAt: Millis;
  readonly heardAt: Millis;
}

export type HttpRead =
  | { readonly kind: "more"; readonly reader: HttpReader }
  | { readonly kind: "request"; readonly request: Request }
  | { readonly kind: "bad"; readonly why: BadRequest }
  /** Nobody is worth an answer who says nothing: close. */
  | { readonly kind: "late" };

export const HEAD_LIMIT = 4_096;
/** The longest backup that a device writes, 64 chargers and 32 cards with all passwords, is a form of some 7.5 KB. */
export const BODY_LIMIT = 9_216;
/** Of those who have not logged in: a password and where it leads. */
export const STRANGERS_BODY_LIMIT = 1_024;
const HEADERS_LIMIT = 64;
/** All others are let go at once: whoever sends 64 headers must not fill the device with them. */
const ASKED_FOR: readonly string[] = frozen([
  "host",
  "content-length",
  "transfer-encoding",
  "content-type",
  "cookie",
  "origin",
  "authorization",
]);
const IDLE: Millis = millis(10_000);
/** However busily somebody drips bytes, the whole request must be there by then. */
const WHOLE: Millis = millis(30_000);

export const startHttp = (now: Millis): HttpReader => ({
  bytes: new Uint8Array(0),
  head: null,
  body: "",
  openedAt: now,
  heardAt: now,
});

/** Bytes that are kept for a request that is not whole. */
export const heldBy = ({ bytes, head, body }: HttpReader): number => bytes.length + (head?.size ?? 0) + body.length;

type HttpEvent = { readonly kind: "tick" } | { readonly kind: "bytes"; readonly bytes: Uint8Array };

export function readHttp(reader: HttpReader, event: HttpEvent, now: Millis): HttpRead {
  if (minus(now, reader.heardAt) >= IDLE || minus(now, reader.openedAt) >= WHOLE) return { kind: "late" };
  switch (event.kind) {
    case "tick":
      return { kind: "more", reader };
    case "bytes":
      return reader.head === null
        ? readHead({ ...reader, heardAt: now }, event.bytes)
        : readBody({ ...reader, heardAt: now }, reader.head, event.bytes);
  }
}

const bad = (why: BadRequest): HttpRead => ({ kind: "bad", why });

function readHead(reader: HttpReader, more: Uint8Array): HttpRead {
  const searched = Math.max(0, reader.bytes.length - 3);
  const bytes = joined(reader.bytes, more.subarray(0, HEAD_LIMIT + BODY_LIMIT));
  const end = endOfHead(bytes, searched);
  if (end === null)
    return bytes.length > HEAD_LIMIT ? bad("headTooLong") : { kind: "more", reader: { ...reader, bytes } };
  if (end > HEAD_LIMIT) return bad("headTooLong");
  const head = headOf(bytes.subarray(0, end));
  if (typeof head === "string") return bad(head);
  return readBody({ ...reader, head, bytes: new Uint8Array(0) }, head, bytes.slice(end));
}

/** Index after the empty line, null while it has not come. */
function endOfHead(bytes: Uint8Array, from: number): number | null {
  const most = Math.min(bytes.length, HEAD_LIMIT + 1);
  for (let at = from; at + 3 < most; at++) {
    if (bytes[at] === 13 && bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at + 4;
  }
  return null;
}

/** Forms are ASCII: browsers escape all else. As text at once, a long body lies in RAM once and not three times. */
function readBody(reader: HttpReader, head: Head, more: Uint8Array): HttpRead {
  const taken = more.subarray(0, head.length - reader.body.length);
  const said = taken.some((byte) => byte >= 0x80) ? null : decodeText(taken, BODY_LIMIT);
  if (!said?.ok) return bad("malformed");
  const body = reader.body + said.text;
  if (body.length < head.length) return { kind: "more", reader: { ...reader, body } };
  const { method, path, query, host, headers } = head;
  return { kind: "request", request: { method, path, query, host, headers, body } };
}

/** RFC 9112, 3 and 5, strictly: no folded lines, no second Host or Content-Length, no transfer coding. */
function headOf(bytes: Uint8Array): Head | BadRequest {
  if (bytes.some((byte) => byte >= 0x7f || (byte < 0x20 && byte !== 13 && byte !== 10 && byte !== 9)))
    return "malformed";
  const text = decodeText(bytes, HEAD_LIMIT);
  if (!text.ok) return "malformed";
  const [requestLine = "", ...lines] = text.text.slice(0, -4).split("\r\n");
  const target = /^([A-Z]{1,16}) (\/[^ #?]*)(?:\?([^ #]*))? HTTP\/(\d\.\d)$/.exec(requestLine);
  const headers = headersOf(lines);
  if (target === null || headers === null) return "malformed";
  const [, method = "", path = "", query = "", version] = target;
  if (version !== "1.1" && version !== "1.0") return "version";
  return withLength({ method, path, query, host: "", headers, length: 0, size: bytes.length }, version);
}

function headersOf(lines: readonly string[]): readonly (readonly [string, string])[] | null {
  if (lines.length > HEADERS_LIMIT) return null;
  const headers: (readonly [string, string])[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0));
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[\r\n]/.test(line)) return null;
    const lower = name.toLowerCase();
    if (ASKED_FOR.includes(lower)) headers.push([lower, line.slice(colon + 1).trim()]);
  }
  return headers;
}

function withLength(head: Head, version: string): Head | BadRequest {
  const all = (wanted: string): readonly string[] =>
    head.headers.filter(([name]) => name === wanted).map(([, value]) => value);
  const hosts = all("host");
  const lengths = all("content-length");
  if (all("transfer-encoding").length > 0) return "chunked";
  if (hosts.length > 1 || (hosts.length === 0 && version === "1.1") || lengths.length > 1) return "malformed";
  const [length = "0"] = lengths;
  if (!/^\d{1,10}$/.test(length)) return "malformed";
  return Number(length) > BODY_LIMIT ? "bodyTooLong" : { ...head, host: hosts[0] ?? "", length: Number(length) };
}

export interface Response {
  readonly status: number;
  readonly type: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** More of the body follows, and the end of the connection ends it. */
  readonly more?: true;
}

const REASONS: Readonly<Record<number, string>> = frozen({
  200: "OK",
  204: "No Content",
  302: "Found",
  303: "See Other",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  409: "Conflict",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  501: "Not Implemented",
  503: "Service Unavailable",
  505: "HTTP Version Not Supported",
});

/** Sent with every answer that does not say otherwise itself: nothing is kept, framed, guessed or loaded from elsewhere. */
const ALWAYS: readonly (readonly [string, string])[] = frozen([
  ["Connection", "close"],
  ["Cache-Control", "no-store"],
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
  ["Referrer-Policy", "same-origin"],
  [
    "Content-Security-Policy",
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  ],
]);

const NO_CONTENT = 204;

/** The bytes of a response, with its length. A header's value must hold no line end: whoever puts typed text into one
 *  checks that. */
export function encodeResponse(response: Response): Uint8Array {
  const body = response.status === NO_CONTENT ? "" : response.body;
  const length = textLength(body);
  const head = headText(response, length);
  const start = textLength(head);
  const bytes = new Uint8Array(start + length);
  writeText(head, bytes, 0);
  writeText(body, bytes, start);
  return bytes;
}

function headText(response: Response, length: number): string {
  const own = response.headers.map(([name]) => name);
  // RFC 9110, 8.6: an answer without content has no length either.
  const content = [
    ["Content-Type", response.type],
    ...(response.more ? [] : [["Content-Length", String(length)] as const]),
  ];
  const headers = [
    ...(response.status === NO_CONTENT ? [] : content),
    ...ALWAYS.filter(([name]) => !own.includes(name)),
    ...response.headers,
  ];
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${response.status} ${REASONS[response.status] ?? ""}\r\n${lines.join("")}\r\n`;
}
