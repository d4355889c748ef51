// Who may use the pages: sessions that a right password opened, and the patience that wrong ones cost.
// It knows no page; a cookie's text and a typed password come in.

import { hexOf } from "../bytes.js";
import { isMacOf, type MacKey, macKey, macOf } from "../mac.js";
import { encodeText } from "../text.js";
import { type Millis, millis, minus, plus } from "../units.js";

export interface Visit {
  /** The cookie's value, 32 hex digits. */
  readonly token: string;
  /** Hidden in each form of this visit; a form without it changes nothing. */
  readonly csrf: string;
  readonly seenAt: Millis;
}

/** Whoever sent a request, as the pages need to know it. */
export interface Visitor {
  readonly visit: Visit | null;
  /** It may see and change things: it has logged in, or set-up is not done and it came over the access point. */
  readonly allowed: boolean;
  /** Of the visit; empty without one. */
  readonly csrf: string;
}

export interface Logins {
  /** Drawn at boot from the hardware's noise: tokens cannot be guessed, and none outlives a restart. */
  readonly key: MacKey;
  /** The cookie's name, another on each device: browsers keep cookies by host and not by port. */
  readonly cookie: string;
  /** Of what was drawn from the key. */
  readonly count: number;
  readonly visits: readonly Visit[];
  /** Wrong passwords in a row. Forgotten at a restart, which only somebody at the device or logged in can bring about. */
  readonly failures: number;
  readonly deafUntil: Millis;
}

const VISITS_LIMIT = 4;
const IDLE: Millis = millis(30 * 60_000);
/** So many wrong passwords are free; each further one doubles the wait. */
const FREE_FAILURES = 3;
const FIRST_WAIT = 5_000;
/** 5 min 20 s: a stranger gets 270 tries a day, and whoever comes home does not wait for long. */
const LONGEST_DOUBLINGS = 6;
const FAILURES_LIMIT = 100;

/** `secret`: noise of this boot that nobody else has; `name` tells this device from others at the same address. */
export const startLogins = (secret: readonly number[], name: string): Logins => ({
  key: macKey(encodeText(secret.map((part) => (part >>> 0).toString(16)).join("-"))),
  cookie: `ievcc-${name}`,
  count: 0,
  visits: [],
  failures: 0,
  deafUntil: millis(0),
});

/** 16 bytes that nobody can foresee, other ones for each `what` and each count. */
const drawnBytes = ({ key, count }: Logins, what: string): Uint8Array => macOf(key, encodeText(`${what} ${count}`));

/** The same as 32 hex digits; whoever draws counts up. */
export const drawn = (logins: Logins, what: string): string => hexOf(drawnBytes(logins, what));

/** Letters and digits that nobody takes for one another on a label or a small display. */
export const CLEAR_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789";
export const PASSWORD_LENGTH = 12;

/** A password of 12 letters and digits, about 59 bits. */
export function drawnPassword(logins: Logins, what: string): string {
  const bytes = [...drawnBytes(logins, what), ...drawnBytes(logins, `${what}, more`)];
  // Bytes past the last whole round of the letters would make the first ones likelier. Of 32 bytes one is left out.
  const fair = bytes.filter((byte) => byte < 256 - (256 % CLEAR_LETTERS.length));
  return fair
    .slice(0, PASSWORD_LENGTH)
    .map((byte) => CLEAR_LETTERS[byte % CLEAR_LETTERS.length] ?? "")
    .join("");
}

/** The visit that a Cookie header names; null when there is none, or it has been idle for half an hour. */
export function visitOf({ visits, cookie }: Logins, header: string, now: Millis): Visit | null {
  const tokens = header
    .split(";")
    .map((one) => one.trim())
    .filter((one) => one.startsWith(`${cookie}=`))
    .map((one) => one.slice(cookie.length + 1));
  return visits.find((one) => tokens.includes(one.token) && minus(now, one.seenAt) < IDLE) ?? null;
}

/** The Set-Cookie header of a visit: no script reads it, no other site's page sends it. null ends it in the browser. */
export const cookieOf = ({ cookie }: Logins, visit: Visit | null): string =>
  `${cookie}=${visit?.token ?? ""}; Path=/; HttpOnly; SameSite=Strict${visit === null ? "; Max-Age=0" : ""}`;

/** A request of this visit came. */
export const seen = (logins: Logins, visit: Visit, now: Millis): Logins => ({
  ...logins,
  visits: logins.visits.map((one) => (one.token === visit.token ? { ...one, seenAt: now } : one)),
});

/** Begins a visit; of more than four the one that was idle for longest ends. */
export function opened(logins: Logins, now: Millis): { readonly logins: Logins; readonly visit: Visit } {
  const visit: Visit = { token: drawn(logins, "visit"), csrf: drawn(logins, "form"), seenAt: now };
  const others = [...logins.visits].sort((a, b) => b.seenAt - a.seenAt).slice(0, VISITS_LIMIT - 1);
  return { logins: { ...logins, count: logins.count + 1, visits: [visit, ...others] }, visit };
}

export const closed = (logins: Logins, visit: Visit): Logins => ({
  ...logins,
  visits: logins.visits.filter((one) => one.token !== visit.token),
});

/** All others end: the password has changed. */
export const onlyVisit = (logins: Logins, visit: Visit | null): Logins => ({
  ...logins,
  visits: logins.visits.filter((one) => one.token === visit?.token),
});

export type Login =
  | { readonly ok: true; readonly logins: Logins; readonly visit: Visit }
  /** `wait`: nothing that is typed before then is looked at. */
  | { readonly ok: false; readonly logins: Logins; readonly why: "wrong" | "wait"; readonly wait: Millis };

/** Somebody typed a password. An empty one lets nobody in: none was set. */
export function login(logins: Logins, typed: string, password: string, now: Millis): Login {
  const wait = minus(logins.deafUntil, now);
  if (wait > 0) return { ok: false, logins, why: "wait", wait };
  if (password === "" || !isSame(logins.key, typed, password)) {
    const failed = { ...logins, failures: Math.min(logins.failures + 1, FAILURES_LIMIT) };
    const deafFor = millis(waitAfter(failed.failures));
    return { ok: false, logins: { ...failed, deafUntil: plus(now, deafFor) }, why: "wrong", wait: deafFor };
  }
  return { ok: true, ...opened({ ...logins, failures: 0, deafUntil: millis(0) }, now) };
}

const waitAfter = (failures: number): number =>
  failures < FREE_FAILURES ? 0 : FIRST_WAIT * 2 ** Math.min(failures - FREE_FAILURES, LONGEST_DOUBLINGS);

/** Compares proofs of both, so that the time tells nothing of where two passwords differ. */
const isSame = (key: MacKey, typed: string, password: string): boolean =>
  isMacOf(key, encodeText(typed), macOf(key, encodeText(password)));
