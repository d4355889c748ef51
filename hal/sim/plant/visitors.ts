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
  /** What whoever logged in fills into the form of the page and posts; null: only the page is asked for. */
  readonly form: Readonly<Record<string, string>> | null;
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
/** Of a packet of Ethernet, without the heads of IP and TCP. */
const PACKET = 1_436;

/** All of them at once; each takes what comes until the device closes. */
export function visit(
  agenda: Agenda,
  open: OpenPage,
  { path, count, password, form, dripMs, forMs, hear }: Visit,
): void {
  const untilMs = agenda.now() + forMs;
  for (let browser = 0; browser < count; browser++) {
    if (dripMs > 0) drip(agenda, open, requestFor(path), dripMs, untilMs);
    else if (password !== "") logIn(agenda, open, { path, password, form, hear });
    else open(() => undefined)?.send(bytesOf(`${requestFor(path)}\r\n`));
  }
}

const encoded = (fields: Readonly<Record<string, string>>): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");

/** Asks, and gives the whole answer once the device has closed. */
function ask(open: OpenPage, request: string, answered: (answer: string) => void): void {
  let answer = "";
  const stream = open((event) => {
    if (event.what === "bytes") answer += String.fromCharCode(...event.bytes);
    if (event.what === "closed") answered(answer);
  });
  const bytes = bytesOf(request);
  for (let at = 0; at < bytes.length; at += PACKET) stream?.send(bytes.subarray(at, at + PACKET));
}

const post = (path: string, headers: string, body: string): string =>
  `POST ${path} HTTP/1.1\r\nHost: ievcc.local\r\n${headers}${FORM_TYPE}Content-Length: ${body.length}\r\n\r\n${body}`;

/** By the form, and then with the cookie that came; what is posted carries the token of the page's form. */
function logIn(
  agenda: Agenda,
  open: OpenPage,
  { path, password, form, hear }: Pick<Visit, "path" | "password" | "form" | "hear">,
): void {
  const told = (answer: string): void => hear(bytesOf(answer));
  ask(open, post("/login", "", encoded({ password })), (welcome) => {
    const cookie = /^Set-Cookie: ([^;\r]*)/m.exec(welcome)?.[1];
    if (cookie === undefined) return;
    const headers = `Cookie: ${cookie}\r\n`;
    agenda.after(AGAIN_MS, () =>
      ask(open, `${requestFor(path)}${headers}\r\n`, (page) => {
        if (form === null) return told(page);
        const csrf = /name="csrf" value="([^"]*)"/.exec(page)?.[1] ?? "";
        agenda.after(AGAIN_MS, () => ask(open, post(path, headers, encoded({ csrf, ...form })), told));
      }),
    );
  });
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
