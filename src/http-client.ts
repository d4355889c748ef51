// One HTTP request and its answer over a stream that is closed afterwards: a pure step. It knows no server by name, and keeps
// no more of an answer than its status and the first kilobyte of its body.

import type { ConnectTrouble } from "../hal/ports.js";
import { joined } from "./bytes.js";
import type { StreamEvent } from "./device-state.js";
import { decodeText } from "./text.js";
import { type Millis, millis, minus } from "./units.js";

export interface HttpCall {
  readonly id: number;
  readonly since: Millis;
  /** Until the stream is open. */
  readonly request: Uint8Array | null;
  readonly heard: Uint8Array;
}

export type HttpTrouble = ConnectTrouble | "timeout" | "cut" | "notHttp";

export type HttpAnswer =
  | { readonly ok: true; readonly status: number /** At most its first kilobyte. */; readonly body: string }
  | { readonly ok: false; readonly why: HttpTrouble };

export interface HttpStep {
  readonly call: HttpCall;
  /** For the stream. */
  readonly send: Uint8Array | null;
  /** Not null: the call is over, and its stream is to be closed. */
  readonly answer: HttpAnswer | null;
}

/** From the name of the host to the last byte of the answer; a handshake of TLS has 20 s of it, and says why it failed. */
export const CALL_LIMIT: Millis = millis(25_000);
const HEAD_LIMIT = 4_096;
export const BODY_LIMIT = 1_024;

export const startCall = (id: number, request: Uint8Array, now: Millis): HttpCall => ({
  id,
  since: now,
  request,
  heard: new Uint8Array(0),
});

const over = (call: HttpCall, answer: HttpAnswer): HttpStep => ({ call, send: null, answer });
const failed = (call: HttpCall, why: HttpTrouble): HttpStep => over(call, { ok: false, why });
const on = (call: HttpCall, send: Uint8Array | null = null): HttpStep => ({ call, send, answer: null });

export function stepCall(call: HttpCall, event: StreamEvent | { readonly what: "tick" }, now: Millis): HttpStep {
  switch (event.what) {
    case "tick":
      return minus(now, call.since) < CALL_LIMIT ? on(call) : failed(call, "timeout");
    case "open":
      return on({ ...call, request: null }, call.request);
    case "bytes":
      return hear(call, event.bytes);
    case "closed":
      return ended(call, event.why);
  }
}

function hear(call: HttpCall, bytes: Uint8Array): HttpStep {
  const room = HEAD_LIMIT + 4 * BODY_LIMIT - call.heard.length;
  const more = bytes.subarray(0, room);
  const heard = joined(call.heard, more);
  const next = { ...call, heard };
  const read = readAnswer(heard, more.length < bytes.length);
  return read === null ? on(next) : over(next, read);
}

function ended(call: HttpCall, why: ConnectTrouble | undefined): HttpStep {
  if (call.request !== null) return failed(call, why ?? "unreachable");
  return over(call, readAnswer(call.heard, true) ?? { ok: false, why: "cut" });
}

/** Where the body begins, -1: not yet. */
function headEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 3 < bytes.length; at++) {
    if (bytes[at] === 13 && bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at + 4;
  }
  return -1;
}

const NOT_HTTP: HttpAnswer = { ok: false, why: "notHttp" };

/** The answer as soon as it is whole; `closed`: nothing more comes. Null: not whole yet, or cut. */
function readAnswer(bytes: Uint8Array, closed: boolean): HttpAnswer | null {
  for (let from = 0; ; ) {
    const end = headEnd(bytes, from);
    if (end < 0) return isStart(bytes.subarray(from)) && bytes.length - from <= HEAD_LIMIT ? null : NOT_HTTP;
    const head = headOf(bytes.subarray(from, end));
    if (head === null) return NOT_HTTP;
    // "100 Continue" and its like announce the answer.
    if (head.status >= 200) return bodyOf(head, bytes.subarray(end), closed);
    from = end;
  }
}

const START = "HTTP/1.";
const isStart = (bytes: Uint8Array): boolean =>
  bytes.subarray(0, START.length).every((byte, at) => byte === START.charCodeAt(at));

interface Head {
  readonly status: number;
  readonly chunked: boolean;
  /** Null: until the end of the stream. */
  readonly length: number | null;
}

function headOf(bytes: Uint8Array): Head | null {
  if (bytes.length > HEAD_LIMIT) return null;
  const [first = "", ...lines] = plain(bytes).split("\r\n");
  const status = /^HTTP\/1\.[01] ([1-9]\d\d)(?: |$)/.exec(first)?.[1];
  if (status === undefined) return null;
  const value = (name: string): string | null =>
    lines
      .find((one) => one.toLowerCase().startsWith(`${name}:`))
      ?.slice(name.length + 1)
      .trim() ?? null;
  const length = value("content-length");
  const chunked = value("transfer-encoding")?.toLowerCase().endsWith("chunked") ?? false;
  if (length !== null && !/^\d{1,9}$/.test(length)) return null;
  return { status: Number(status), chunked, length: length === null ? null : Number(length) };
}

/** Its letters, one for each byte: a body may be of any encoding, and only ASCII is looked for. */
function plain(bytes: Uint8Array): string {
  const decoded = decodeText(bytes, bytes.length);
  if (decoded.ok) return decoded.text;
  return Array.from(bytes, (byte) => (byte < 0x80 ? String.fromCharCode(byte) : "?")).join("");
}

function bodyOf({ status, chunked, length }: Head, rest: Uint8Array, closed: boolean): HttpAnswer | null {
  if (status === 204 || status === 304) return { ok: true, status, body: "" };
  if (chunked) {
    const read = unchunked(rest);
    if (read === null) return NOT_HTTP;
    return read.whole || read.bytes.length >= BODY_LIMIT ? whole(status, read.bytes) : null;
  }
  const wanted = Math.min(length ?? BODY_LIMIT, BODY_LIMIT);
  if (rest.length >= wanted) return whole(status, rest.subarray(0, length ?? rest.length));
  return closed && length === null ? whole(status, rest) : null;
}

const whole = (status: number, bytes: Uint8Array): HttpAnswer => ({
  ok: true,
  status,
  body: plain(bytes.subarray(0, BODY_LIMIT)),
});

/** What has come of a chunked body; null: it is none. */
function unchunked(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly whole: boolean } | null {
  const body = new Uint8Array(Math.min(bytes.length, BODY_LIMIT));
  let filled = 0;
  for (let at = 0; ; ) {
    const end = bytes.indexOf(13, at);
    if (end < 0 || end + 1 >= bytes.length) {
      return bytes.length - at > 64 ? null : { bytes: body.subarray(0, filled), whole: false };
    }
    const size = /^([0-9a-fA-F]{1,6})[ \t]*(?:;|$)/.exec(plain(bytes.subarray(at, Math.min(end, at + 64))))?.[1];
    if (size === undefined || bytes[end + 1] !== 10) return null;
    const length = Number.parseInt(size, 16);
    if (length === 0) return { bytes: body.subarray(0, filled), whole: true };
    const part = bytes.subarray(end + 2, end + 2 + length).subarray(0, body.length - filled);
    body.set(part, filled);
    filled += part.length;
    if (filled >= BODY_LIMIT || end + 2 + length + 2 > bytes.length)
      return { bytes: body.subarray(0, filled), whole: false };
    if (bytes[end + 2 + length] !== 13 || bytes[end + 3 + length] !== 10) return null;
    at = end + 4 + length;
  }
}
