// The pages of a device as one function: a request and the facts in, a response and at most one change of settings out.
// It keeps nothing. Logins are not here yet: whoever reaches the device may use its pages.

import { change } from "../settings.js";
import { formAt } from "./fields.js";
import { type Fields, fieldOf, parseForm } from "./form.js";
import { formBody, type Refused } from "./form-page.js";
import type { BadRequest, Request, Response } from "./http.js";
import { layout, type Page, pagesOf } from "./layout.js";
import type { PortalModel } from "./model.js";
import { besideInput, CSRF_FIELD, type Patch, patchOf } from "./patch.js";
import { statusBody, statusFacts } from "./status-page.js";

export interface Answer {
  readonly response: Response;
  /** Has passed settings.change as it is; null: nothing changes. */
  readonly change: Patch | null;
}

const REFRESH_S = 5;
const SAVED = "saved=1";

/** Answers a request. 403: a Host that no device has (DNS rebinding), or a form that is not ours; 422: settings refused. */
export function answer(request: Request, model: PortalModel): Answer {
  if (!isOurHost(request.host)) return plain(403, "This name is not one of this device.");
  if (request.path === "/status.json") return onlyGet(request, () => json(model));
  const page = pagesOf(model.device).find((one) => one.path === request.path);
  if (page === undefined) return plain(404, "There is no such page.");
  if (page.path === "/") return onlyGet(request, () => html(200, layout(model, page, statusBody(model), REFRESH_S)));
  if (request.method === "GET") return formPage(model, page, 200, null, request.query === SAVED);
  return request.method === "POST" ? posted(request, model, page) : notAllowed("GET, POST");
}

/** An address, localhost, or a name of the local network; with or without a port. Any other name may be a stranger's that
 *  was made to lead here. */
export function isOurHost(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, "").toLowerCase();
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(name)) return name.split(".").every((part) => Number(part) <= 255);
  return /^\[[0-9a-f:.]{2,45}\]$/.test(name) || name === "localhost" || /^(?:[a-z0-9_-]{1,63}\.){1,4}local$/.test(name);
}

const onlyGet = (request: Request, respond: () => Answer): Answer =>
  request.method === "GET" ? respond() : notAllowed("GET");

const html = (status: number, body: string): Answer => ({
  response: { status, type: "text/html; charset=utf-8", headers: [], body },
  change: null,
});

const text = (status: number, body: string, headers: Response["headers"] = []): Response => ({
  status,
  type: "text/plain; charset=utf-8",
  headers,
  body,
});

const plain = (status: number, body: string): Answer => ({ response: text(status, body), change: null });

const notAllowed = (allow: string): Answer => ({
  response: text(405, "Not with this method.", [["Allow", allow]]),
  change: null,
});

const json = (model: PortalModel): Answer => ({
  response: { status: 200, type: "application/json", headers: [], body: JSON.stringify(statusFacts(model)) },
  change: null,
});

function formPage(model: PortalModel, page: Page, status: number, refused: Refused | null, saved: boolean): Answer {
  const form = formAt(model.device, page.path);
  if (form === undefined) return plain(404, "There is no such page.");
  return html(status, layout(model, page, formBody(model, form, refused, saved)));
}

function posted(request: Request, model: PortalModel, page: Page): Answer {
  const type = request.headers.find(([name]) => name === "content-type")?.[1] ?? "";
  if (!/^application\/x-www-form-urlencoded(?:\s*;|$)/i.test(type)) return plain(400, "This is not a form.");
  const parsed = parseForm(request.body);
  if (!parsed.ok) return plain(400, "This form cannot be read.");
  if (model.csrf === "" || fieldOf(parsed.fields, CSRF_FIELD) !== model.csrf) {
    return plain(403, "This form is out of date. Go back, load the page again, and try once more.");
  }
  return judged(parsed.fields, model, page);
}

function judged(fields: Fields, model: PortalModel, page: Page): Answer {
  const form = formAt(model.device, page.path);
  if (form === undefined) return plain(404, "There is no such page.");
  const patch = patchOf(form, fields, model.settings);
  const changed = change(model.settings, patch);
  if (!changed.ok) {
    const errors = changed.errors.map((error) => besideInput(error, fields));
    return formPage(model, page, 422, { fields, errors }, false);
  }
  return { response: text(303, "Saved.", [["Location", `${page.path}?${SAVED}`]]), change: patch };
}

/** What is said to a request that could not be read. */
export function refusal(why: BadRequest): Response {
  switch (why) {
    case "headTooLong":
      return text(431, "The head of this request is too long.");
    case "bodyTooLong":
      return text(413, "This is too much at once.");
    case "chunked":
      return text(501, "Chunked requests are not taken.");
    case "version":
      return text(505, "HTTP 1.0 and 1.1 only.");
    case "malformed":
      return text(400, "This is not HTTP.");
  }
}
