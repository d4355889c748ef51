// Browsers at a device's pages, and clients that only look like browsers: they drip a request that never ends.

import type { Agenda } from "./agenda.js";
import type { StreamEvent } from "./board.js";
import type { Stream } from "./network.js";

export type OpenPage = (on: (event: StreamEvent) => void) => Stream | null;

export interface Visit {
  readonly path: string;
  readonly count: number;
  /** Of the pages: each logs in first; empty: nobody does. */
  readonly password: string;
  /** 0: the whole request at once; else a byte each so many ms. */
  readonly dripMs: number;
  /** So long whoever drips comes back when the device has closed. */
  readonly forMs: number;
  /** What whoever logged in is answered. */
  hear(bytes: Uint8Array): void;
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const requestFor = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: ievcc.local\r\n`;
const FORM_TYPE = "Content-Type: application/x-www-form-urlencoded\r\n";
const AGAIN_MS = 10;

/** All of them at once; each takes what comes until the device closes. */
export function visit(agenda: Agenda, open: OpenPage, { path, count, password, dripMs, forMs, hear }: Visit): void {
  const untilMs = agenda.now() + forMs;
  for (let browser = 0; browser < count; browser++) {
    if (dripMs > 0) drip(agenda, open, requestFor(path), dripMs, untilMs);
    else if (password !== "") logIn(agenda, open, { path, password, hear });
    else open(() => undefined)?.send(bytesOf(`${requestFor(path)}\r\n`));
  }
}

/** By the form, and then with the cookie that came. */
function logIn(
  agenda: Agenda,
  open: OpenPage,
  { path, password, hear }: Pick<Visit, "path" | "password" | "hear">,
): void {
  const form = `password=${encodeURIComponent(password)}`;
  let answer = "";
  const stream = open((event) => {
    if (event.what === "bytes") answer += String.fromCharCode(...event.bytes);
    const cookie = event.what === "closed" ? /^Set-Cookie: ([^;\r]*)/m.exec(answer)?.[1] : undefined;
    if (cookie === undefined) return;
    answer = "";
    agenda.after(AGAIN_MS, () => {
      const page = open((piece) => {
        if (piece.what === "bytes") hear(piece.bytes);
      });
      page?.send(bytesOf(`${requestFor(path)}Cookie: ${cookie}\r\n\r\n`));
    });
  });
  stream?.send(
    bytesOf(`POST /login HTTP/1.1\r\nHost: ievcc.local\r\n${FORM_TYPE}Content-Length: ${form.length}\r\n\r\n${form}`),
  );
}

function drip(agenda: Agenda, open: OpenPage, text: string, everyMs: number, untilMs: number): void {
  let closed = false;
  let at = 0;
  const stream = open((event) => {
    if (event.what !== "closed" || closed) return;
    closed = true;
    if (agenda.now() + AGAIN_MS < untilMs) agenda.after(AGAIN_MS, () => drip(agenda, open, text, everyMs, untilMs));
  });
  function next(): void {
    if (closed || stream === null || agenda.now() >= untilMs) return;
    // After the request line and the host a header without an end.
    stream.send(bytesOf(text[at] ?? (at === text.length ? "x" : at === text.length + 1 ? ":" : "y")));
    at++;
    agenda.after(everyMs, next);
  }
  next();
}
