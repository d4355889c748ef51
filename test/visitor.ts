// A browser without a screen for tests of whole devices: it logs in by the form, keeps the cookie, and reads pages.

import assert from "node:assert/strict";
import { encodeForm } from "../src/portal/form.js";
import { decodeText, encodeText } from "../src/text.js";

type PageEvent =
  | { readonly what: "open" }
  | { readonly what: "bytes"; readonly bytes: Uint8Array }
  | { readonly what: "closed" };

export interface Pages {
  /** Gives the device what happened on a connection. */
  give(connection: number, event: PageEvent): void;
  /** The bytes that it sent last. */
  sent(): Uint8Array | undefined;
}

export type Form = readonly (readonly [string, string])[];

const HOST = "192.168.4.1";
const FORM_TYPE = "Content-Type: application/x-www-form-urlencoded\r\n";

export function visitor({ give, sent }: Pages) {
  let connection = 100;
  let cookie = "";

  function ask(method: string, path: string, headers: string, body: string): string {
    connection++;
    const cookies = cookie === "" ? "" : `Cookie: ${cookie}\r\n`;
    const head = `${method} ${path} HTTP/1.1\r\nHost: ${HOST}\r\n${cookies}${headers}\r\n`;
    give(connection, { what: "open" });
    give(connection, { what: "bytes", bytes: encodeText(head + body) });
    const decoded = decodeText(sent() ?? new Uint8Array(0), 100_000);
    assert.ok(decoded.ok);
    cookie = /^Set-Cookie: ([^;\r]*)/m.exec(decoded.text)?.[1] ?? cookie;
    return decoded.text;
  }

  const get = (path: string): string => ask("GET", path, "", "");
  const post = (path: string, fields: Form): string => {
    const form = encodeForm(fields);
    return ask("POST", path, `${FORM_TYPE}Content-Length: ${form.length}\r\n`, form);
  };
  return {
    get,
    post,
    logIn: (password: string): string => post("/login", [["password", password]]),
    cookie: (): string => cookie,
  };
}
