// The pages of a device as one function: a request and the facts in; a response, at most one change of settings, and acts
// out. It keeps nothing. Who is let in, others have decided.

import type { LoginRefusal } from "./acts.js";
import { type Answer, html, notAllowed, onlyGet, plain, redirect, text } from "./answers.js";
import { type Fields, fieldOf, parseForm } from "./form.js";
import { type BadRequest, type Request, type Response, STRANGERS_BODY_LIMIT } from "./http.js";
import { LOGIN, layout } from "./layout.js";
import { loginBody, pathWithin, TO_FIELD, TYPED_FIELD } from "./login-page.js";
import type { Visitor } from "./logins.js";
import type { PortalModel } from "./model.js";
import { CSRF_FIELD } from "./patch.js";
import { posted } from "./posted.js";
import { SCRIPT, SCRIPT_PATH } from "./script.js";
import { shown } from "./shown.js";
import { STYLE, STYLE_PATH } from "./style.js";
import { textsOf } from "./texts/texts.js";
import type { View } from "./view.js";

export type { Answer } from "./answers.js";

/** Answers a request. 403: a Host that no device has (DNS rebinding), or a form that is not ours; 401 or a way to the login:
 *  a visitor who is not let in; 422: settings refused. */
export function answer(request: Request, model: PortalModel, visitor: Visitor): Answer {
  const view: View = { model, texts: textsOf(model.settings.language), csrf: visitor.allowed ? visitor.csrf : "" };
  const { refusals } = view.texts;
  if (!isOurHost(request.host)) return plain(403, refusals.host);
  // Before anything reads it: what it becomes takes several times its length of RAM.
  if (!visitor.allowed && request.body.length > STRANGERS_BODY_LIMIT) return plain(413, refusals.tooLong);
  if (request.path === STYLE_PATH) return onlyGet(request, () => asset("text/css", STYLE));
  if (request.path === SCRIPT_PATH) return onlyGet(request, () => asset("text/javascript", SCRIPT));
  if (request.path === LOGIN.path) return atLogin(request, view);
  if (!visitor.allowed) return turnedAway(request, view);
  if (request.method === "GET") return shown(request, view);
  if (request.method !== "POST") return notAllowed("GET, POST");
  const form = formOf(request);
  if (!form.ok) return plain(400, refusals[form.why]);
  if (view.csrf === "" || fieldOf(form.fields, CSRF_FIELD) !== view.csrf) return plain(403, refusals.stale);
  return posted(request.path, form.fields, view);
}

/** An address, localhost, or a name of the local network; with or without a port. Any other name may be a stranger's that
 *  was made to lead here. */
export function isOurHost(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, "").toLowerCase();
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(name)) return name.split(".").every((part) => Number(part) <= 255);
  return /^\[[0-9a-f:.]{2,45}\]$/.test(name) || name === "localhost" || /^(?:[a-z0-9_-]{1,63}\.){1,4}local$/.test(name);
}

/** What never changes under its name. */
const asset = (type: string, body: string): Answer => ({
  response: {
    status: 200,
    type: `${type}; charset=utf-8`,
    headers: [["Cache-Control", "public, max-age=31536000, immutable"]],
    body,
  },
  change: null,
  acts: [],
});

type ReadForm =
  | { readonly ok: true; readonly fields: Fields }
  | { readonly ok: false; readonly why: "notAForm" | "badForm" };

function formOf(request: Request): ReadForm {
  const type = request.headers.find(([name]) => name === "content-type")?.[1] ?? "";
  if (!/^application\/x-www-form-urlencoded(?:\s*;|$)/i.test(type)) return { ok: false, why: "notAForm" };
  const parsed = parseForm(request.body);
  return parsed.ok ? parsed : { ok: false, why: "badForm" };
}

/** A browser is led to the login, and from there back to what it wanted; a program is told. */
function turnedAway(request: Request, { texts }: View): Answer {
  if (request.method !== "GET" || request.path.endsWith(".json")) return plain(401, texts.refusals.logIn);
  const to = pathWithin(request.path);
  return redirect(to === "/" ? LOGIN.path : `${LOGIN.path}?${TO_FIELD}=${to}`);
}

function atLogin(request: Request, view: View): Answer {
  if (request.method === "GET") {
    const to = pathWithin(request.query.startsWith(`${TO_FIELD}=`) ? request.query.slice(TO_FIELD.length + 1) : "/");
    return html(200, layout(view, { page: LOGIN }, loginBody(view, to, null)));
  }
  if (request.method !== "POST") return notAllowed("GET, POST");
  const form = formOf(request);
  if (!form.ok) return plain(400, view.texts.refusals[form.why]);
  const to = pathWithin(fieldOf(form.fields, TO_FIELD) ?? "/");
  const act = { kind: "login", typed: fieldOf(form.fields, TYPED_FIELD) ?? "", to } as const;
  return { ...redirect(to), acts: [act] };
}

/** The answer to a password that did not let anybody in: the form again, with the reason. */
export function loginRefused(model: PortalModel, to: string, refused: LoginRefusal): Response {
  const view: View = { model, texts: textsOf(model.settings.language), csrf: "" };
  const { response } = html(401, layout(view, { page: LOGIN }, loginBody(view, pathWithin(to), refused)));
  return response;
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
