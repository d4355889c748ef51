// A program that asks a device by HTTP, on a desk: requests in, answers out, without a socket.

import assert from "node:assert/strict";
import type { StreamEvent } from "../src/device.js";
import { decodeText, encodeText } from "../src/text.js";

/** A device on a desk. */
export interface Asked {
  give(event: { readonly kind: "page"; readonly connection: number; readonly event: StreamEvent }): void;
  /** All that it has done so far. */
  readonly log: readonly { readonly kind: string; readonly connection?: number; readonly bytes?: Uint8Array }[];
}

export interface Heard {
  /** 0: nothing was answered. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export const TOKEN = "0123456789abcdef".repeat(2);
export const BEARER = `Authorization: Bearer ${TOKEN}\r\n`;
export const JSON_TYPE = "Content-Type: application/json\r\n";

export const get = (path: string, headers = BEARER, method = "GET"): string =>
  `${method} ${path} HTTP/1.1\r\nHost: 192.168.1.20\r\n${headers}\r\n`;
export const post = (path: string, body: string, headers = BEARER + JSON_TYPE): string =>
  `POST ${path} HTTP/1.1\r\nHost: 192.168.1.20\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;

export function program(desk: Asked) {
  let connection = 1_000;

  /** The answer to a request that comes in these pieces. */
  function asks(...pieces: readonly (string | Uint8Array)[]): Heard {
    connection++;
    const from = desk.log.length;
    const page = (event: StreamEvent): void => desk.give({ kind: "page", connection, event });
    page({ what: "open" });
    for (const piece of pieces) page({ what: "bytes", bytes: typeof piece === "string" ? encodeText(piece) : piece });
    const sent = desk.log.slice(from).filter((one) => one.kind === "pageSend" && one.connection === connection);
    if (!desk.log.slice(from).some((one) => one.kind === "pageClose" && one.connection === connection))
      page({ what: "closed" });
    return heardOf(sent.map(({ bytes }) => textOf(bytes ?? new Uint8Array(0))).join(""));
  }

  return {
    asks,
    get: (path: string, headers?: string): Heard => asks(get(path, headers)),
    post: (path: string, body: string, headers?: string): Heard => asks(post(path, body, headers)),
  };
}

function textOf(bytes: Uint8Array): string {
  const decoded = decodeText(bytes, 100_000);
  assert.ok(decoded.ok);
  return decoded.text;
}

function heardOf(text: string): Heard {
  const end = text.indexOf("\r\n\r\n");
  const [, status = "0"] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? [];
  return { status: Number(status), head: text.slice(0, Math.max(0, end)), body: end < 0 ? "" : text.slice(end + 4) };
}
