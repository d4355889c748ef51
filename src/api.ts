// Programs ask a device by HTTP for what MQTT tells and takes: who may ask, and what was asked for. One row for each path;
// docs/openapi.json is made from them (`npm run -s docs`). It knows no charger and no meter: they answer.

import { isName, PAYLOAD_LIMIT } from "./commands.js";
import type { Device } from "./device-state.js";
import { frozen } from "./frozen.js";
import type { Asked } from "./portal/connections.js";
import { parseForm } from "./portal/form.js";
import type { Request, Response } from "./portal/http.js";
import { isOurHost } from "./portal/portal.js";
import { reportOf } from "./portal/sessions-page.js";
import type { Report } from "./statement.js";
import { encodeText } from "./text.js";
import type { DeviceKind } from "./topics.js";

export type ApiName = "state" | "sessions" | "set" | "command";

export interface ApiRow {
  readonly method: "GET" | "POST";
  /** With a slash at its end: a command's name follows. */
  readonly path: string;
  readonly of: readonly DeviceKind[];
}

/** What all paths for programs begin with, and no page's does. */
export const API_PATH = "/api/";

const row = (method: ApiRow["method"], path: string, ...of: readonly DeviceKind[]): ApiRow => ({
  method,
  path: API_PATH + path,
  of,
});

export const API_ROWS: Readonly<Record<ApiName, ApiRow>> = frozen({
  state: row("GET", "state", "charger", "meter"),
  sessions: row("GET", "sessions", "charger"),
  set: row("POST", "set", "charger"),
  command: row("POST", "command/", "charger"),
});

export type ApiAsked =
  | { readonly kind: "state" }
  /** As the pages' statements have them. */
  | { readonly kind: "sessions"; readonly report: Report }
  /** `name`: of the command, or "set" for a patch of settings. */
  | { readonly kind: "command"; readonly name: string; readonly payload: Uint8Array };

export type ApiRead =
  | { readonly ok: true; readonly asked: ApiAsked }
  | { readonly ok: false; readonly response: Response };

/** A whole request waits, and it is no page's. */
export const isOfProgram = (device: Device): device is Device & { readonly asked: Asked } =>
  device.asked?.request.path.startsWith(API_PATH) === true;

export const apiJson = (status: number, body: string, headers: Response["headers"] = []): Response => ({
  status,
  type: "application/json",
  headers,
  body,
});

/** In the shape of a command's result. */
export const apiRefusal = (
  status: number,
  why: string,
  field: string | null = null,
  headers: Response["headers"] = [],
): Response => apiJson(status, JSON.stringify({ ok: false, why, field }), headers);

const no = (...refusal: Parameters<typeof apiRefusal>): ApiRead => ({ ok: false, response: apiRefusal(...refusal) });

/** Who may ask, and for what. Before the token is seen to be right nothing else of the request is looked at, so that whoever
 *  floods the device with wrong ones costs it less than a page; of 128 bits nobody finds one by trying. */
export function readApi({ kind, settings }: Device, { request }: Asked): ApiRead {
  const { apiToken } = settings;
  if (!isOurHost(request.host)) return no(403, "this name is not one of this device");
  if (apiToken === "") return no(404, "is off: the page /api of this device makes a token");
  if (!isSame(bearerIn(request), apiToken))
    return no(401, "needs the header Authorization: Bearer TOKEN", null, CHALLENGE);
  return readPath(kind, request);
}

const CHALLENGE: Response["headers"] = frozen([["WWW-Authenticate", "Bearer"] as const]);

/** X of the one header "Authorization: Bearer X"; empty: there is none, it is of another kind, or there are two. RFC 6750, 2.1. */
function bearerIn({ headers }: Request): string {
  const [only, second] = headers.filter(([name]) => name === "authorization");
  return second === undefined ? (/^bearer +([!-~]+)$/i.exec(only?.[1] ?? "")?.[1] ?? "") : "";
}

/** In a time that does not tell where the two differ. */
function isSame(given: string, token: string): boolean {
  if (given.length !== token.length) return false;
  let differs = 0;
  for (let at = 0; at < token.length; at++) differs |= given.charCodeAt(at) ^ token.charCodeAt(at);
  return differs === 0;
}

const isApiName = (name: string): name is ApiName => Object.hasOwn(API_ROWS, name);

function readPath(kind: DeviceKind, request: Request): ApiRead {
  const { path, method } = request;
  const [, first = "", name = null] = /^\/api\/([a-z]+)(?:\/([^/]*))?$/.exec(path) ?? [];
  const row = isApiName(first) ? API_ROWS[first] : null;
  if (row === null || !row.of.includes(kind) || row.path.endsWith("/") !== (name !== null)) {
    return no(404, "there is nothing here");
  }
  if (name !== null && !isName(name)) return no(404, "unknown command", name.slice(0, 40));
  if (method !== row.method) return no(405, `only with ${row.method}`, null, [["Allow", row.method]]);
  if (method === "POST") return readCommandOf(request, name ?? "set");
  return first === "state" ? { ok: true, asked: { kind: "state" } } : readSessions(request);
}

function readCommandOf({ headers, body }: Request, name: string): ApiRead {
  const type = headers.find(([one]) => one === "content-type")?.[1] ?? "";
  if (!/^application\/json(?:\s*;|$)/i.test(type)) return no(415, "must be application/json", "Content-Type");
  if (body.length > PAYLOAD_LIMIT) return no(413, `is over ${PAYLOAD_LIMIT} bytes`);
  return { ok: true, asked: { kind: "command", name, payload: encodeText(body) } };
}

function readSessions({ query }: Request): ApiRead {
  const parsed = parseForm(query);
  const report = parsed.ok ? reportOf("json", parsed.fields) : null;
  return report === null
    ? no(400, "there is no such month or person")
    : { ok: true, asked: { kind: "sessions", report } };
}
