// Who asks a device for its pages, and what follows: its visit, a login, or a refusal before any page is asked.
// The pages themselves, and what may be changed by them, are portal.ts.

import { frozen } from "../frozen.js";
import type { Millis } from "../units.js";
import type { PortalAct } from "./acts.js";
import type { Answer } from "./answers.js";
import { captiveAnswer, refused } from "./captive.js";
import type { Request, Response } from "./http.js";
import { closed, cookieOf, type Logins, login, onlyVisit, opened, seen, type Visitor, visitOf } from "./logins.js";
import type { PortalModel } from "./model.js";
import type { Patch } from "./patch.js";
import { answer, loginRefused } from "./portal.js";

/** What the device does itself of what was asked. */
export type DeviceAct = Exclude<PortalAct, { readonly kind: "login" | "logout" }>;

export interface Responded {
  readonly logins: Logins;
  readonly response: Response;
  readonly change: Patch | null;
  readonly acts: readonly DeviceAct[];
}

/** An answer that changes nothing. */
export const only = (logins: Logins, response: Response): Responded => ({ logins, response, change: null, acts: [] });
const headerOf = ({ headers }: Request, wanted: string): readonly string[] =>
  headers.filter(([name]) => name === wanted).map(([, value]) => value);

/** A form of another site's page says where it comes from; browsers that say nothing are held by the cookie and the token. */
const isOurOrigin = (request: Request): boolean =>
  headerOf(request, "origin").every(
    (origin) => origin === `http://${request.host}` || origin === `https://${request.host}`,
  );

/** Before set-up is done whoever is on the device's own access point may do all: they have its password. */
const needsNoPassword = ({ radio, settings }: PortalModel): boolean => radio?.accessPoint === true && !settings.setUp;

/** The answer to a request, by whoever may have it: finds who asks (cookie, password), and refuses what no page may answer. */
export function respond(logins: Logins, request: Request, model: PortalModel, now: Millis): Responded {
  const captive = captiveAnswer(request, model);
  if (captive !== null) return only(logins, captive);
  if (request.method === "POST" && !isOurOrigin(request)) {
    return only(logins, refused("This form is of another site."));
  }
  const visit = visitOf(logins, headerOf(request, "cookie").join(";"), now);
  if (visit !== null) return answered(seen(logins, visit, now), request, model, allowed(visit), now);
  if (!needsNoPassword(model)) return answered(logins, request, model, NOBODY, now);
  const fresh = opened(logins, now);
  const first = answered(fresh.logins, request, model, allowed(fresh.visit), now);
  // Only a page can bring its token back; a style sheet or a picture begins no visit.
  return first.response.type.startsWith("text/html")
    ? { ...first, response: withCookie(first.response, cookieOf(logins, fresh.visit)) }
    : { ...first, logins };
}

const NOBODY: Visitor = frozen({ visit: null, allowed: false, csrf: "" });
const allowed = (visit: NonNullable<Visitor["visit"]>): Visitor => ({ visit, allowed: true, csrf: visit.csrf });

const withCookie = (response: Response, cookie: string): Response => ({
  ...response,
  headers: [...response.headers, ["Set-Cookie", cookie]],
});

/** Keeps nothing but the answer: a page is made deep within, and the device's stack is short. */
function answered(logins: Logins, request: Request, model: PortalModel, visitor: Visitor, now: Millis): Responded {
  const given = answer(request, model, visitor);
  return concluded(logins, given, model, visitor, now);
}

function concluded(logins: Logins, given: Answer, model: PortalModel, visitor: Visitor, now: Millis): Responded {
  const { response, change, acts } = given;
  const typed = acts.find((one) => one.kind === "login");
  if (typed !== undefined) return logIn(logins, model, typed, now);
  const device = acts.filter((one) => one.kind !== "login" && one.kind !== "logout");
  if (acts.some((one) => one.kind === "logout") && visitor.visit !== null) {
    const left = closed(logins, visitor.visit);
    return { logins: left, response: withCookie(response, cookieOf(logins, null)), change, acts: device };
  }
  // Whoever had the old password has to know the new one, but for the visit that changed it.
  const changed = change !== null && Object.hasOwn(change, "portalPassword");
  return { logins: changed ? onlyVisit(logins, visitor.visit) : logins, response, change, acts: device };
}

function logIn(
  logins: Logins,
  model: PortalModel,
  { typed, to }: Extract<PortalAct, { readonly kind: "login" }>,
  now: Millis,
): Responded {
  const tried = login(logins, typed, model.settings.portalPassword, now);
  const path = ownPath(to);
  if (!tried.ok) return only(tried.logins, loginRefused(model, path, tried));
  const response: Response = {
    status: 303,
    type: "text/plain; charset=utf-8",
    headers: [["Location", path]],
    body: "Welcome.",
  };
  return only(tried.logins, withCookie(response, cookieOf(logins, tried.visit)));
}

/** A path of this device, never an address elsewhere, and nothing that ends a header. */
const ownPath = (to: string): string => (/^\/(?![/\\])[!-[\]-~]{0,200}$/.test(to) ? to : "/");
