// What a device says of itself on the local network, and what others say there while somebody looks (DNS-SD over mDNS).
// What was found is offered on a page and nothing more: anybody on the network can announce a broker, to collect the password
// that is sent to it. So nothing here changes a setting, and a password is typed after a broker was picked.

import type { DeviceEffect } from "./device-state.js";
import { frozen } from "./frozen.js";
import type { Settings } from "./settings.js";
import type { DeviceKind } from "./topics.js";
import { type Millis, millis, minus, plus } from "./units.js";
import { VERSION } from "./version.js";

export const PLAIN_BROKER = "_mqtt._tcp";
export const TLS_BROKER = "_secure-mqtt._tcp";
export const OURS = "_ievcc._tcp";
/** What is searched. */
export const SERVICES = frozen([PLAIN_BROKER, TLS_BROKER, OURS] as const);
export type Service = (typeof SERVICES)[number];

/** What a device says of itself, at the port of its pages. */
export interface Presence {
  /** Before ".local". */
  readonly host: string;
  /** As people see it in a list. */
  readonly name: string;
  /** Of its service _ievcc._tcp: each "key=value"; nothing secret. */
  readonly text: readonly string[];
}

/** The port of the pages. */
export const PAGES_PORT = 80;

/** What somebody on the network answered: nothing of it is checked. */
export interface ServiceAnswer {
  readonly service: Service;
  readonly name: string;
  /** Before ".local", or whatever stands there. */
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly text: readonly string[];
}

export interface FoundBroker {
  readonly kind: "broker";
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly tls: boolean;
  readonly until: Millis;
}

/** A meter of ours: its name among the devices, and the site that it says it is of. */
export interface FoundMeter {
  readonly kind: "meter";
  readonly name: string;
  readonly address: string;
  readonly siteId: string;
  readonly until: Millis;
}

export type Found = FoundBroker | FoundMeter;

/** Null in a device while nobody looks. */
export interface Finding {
  readonly searchedAt: Millis;
  readonly list: readonly Found[];
}

/** Answers that come later were not asked for. */
export const SEARCH_TIME: Millis = millis(10_000);
/** Somebody goes through the steps of set-up; what has gone by then is gone from the list. */
const LIFETIME: Millis = millis(300_000);
/** Of each kind. Whoever floods the network hides others, and they are typed as before. */
const KEPT = 4;
const NAME_LIMIT = 32;
const TEXT_LIMIT = 96;

/** Its name on the local network, before ".local". */
export const hostOf = (ssid: string): string => ssid.toLowerCase();

export const presenceOf = (kind: DeviceKind, { id, siteId }: Settings, ssid: string): Presence => ({
  host: hostOf(ssid),
  name: ssid,
  text: [`kind=${kind}`, `id=${id}`, `site=${siteId}`, `version=${VERSION}`],
});

/** What others are told of it was changed. */
export const isOtherPresence = (before: Settings, after: Settings): boolean =>
  before.id !== after.id || before.siteId !== after.siteId;

/** At most one search in its time, however many look. */
export function search(finding: Finding | null, effects: DeviceEffect[], now: Millis): Finding {
  if (finding !== null && isSearching(finding, now)) return finding;
  effects.push({ kind: "search" });
  return { searchedAt: now, list: finding?.list ?? [] };
}

export const isSearching = ({ searchedAt }: Finding, now: Millis): boolean => minus(now, searchedAt) < SEARCH_TIME;

/** Without what is too old; null once nobody has looked for so long that nothing is left. */
export function lasting(finding: Finding | null, now: Millis): Finding | null {
  if (finding === null || minus(now, finding.searchedAt) >= LIFETIME) return null;
  if (finding.list.every((one) => one.until > now)) return finding;
  return { ...finding, list: finding.list.filter((one) => one.until > now) };
}

/** With one more answer, where it was asked for and makes sense. */
export function withAnswer(finding: Finding | null, answer: ServiceAnswer, own: string, now: Millis): Finding | null {
  if (finding === null || !isSearching(finding, now)) return finding;
  const found = foundIn(answer, plus(now, LIFETIME));
  if (found === null || (found.kind === "meter" && found.name === own)) return finding;
  const others = finding.list.filter((one) => !isSame(one, found));
  const full = others.filter((one) => one.kind === found.kind).length >= KEPT;
  return full ? finding : { ...finding, list: [...others, found] };
}

const isSame = (a: Found, b: Found): boolean =>
  a.kind === "broker" && b.kind === "broker"
    ? a.address === b.address && a.port === b.port && a.tls === b.tls
    : a.kind === b.kind && a.name === b.name && a.address === b.address;

/** What an answer of whomever means; null: nothing that can be offered. */
export function foundIn({ service, name, address, port, text }: ServiceAnswer, until: Millis): Found | null {
  if (!isLocalAddress(address)) return null;
  if (service === OURS) {
    const [id, siteId] = [word(text, "id="), word(text, "site=")];
    const isMeter = text.includes("kind=meter") && id !== "" && siteId !== "";
    return isMeter ? { kind: "meter", name: id, address, siteId, until } : null;
  }
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return null;
  return { kind: "broker", name: shownName(name), address, port, tls: service === TLS_BROKER, until };
}

/** As the settings have names. */
function word(text: readonly string[], key: string): string {
  const value = text.find((one) => one.startsWith(key) && one.length <= TEXT_LIMIT)?.slice(key.length) ?? "";
  return /^[A-Za-z0-9_-]{1,32}$/.test(value) ? value : "";
}

/** No more than a line of plain text: signs that turn the direction of writing would make one address look like another. */
const shownName = (name: string): string =>
  name
    .slice(0, NAME_LIMIT)
    .replace(/[^\u0020-\u007e\u00a1-\u024f]/g, "")
    .trim();

/** Of a house's network (RFC 1918), or one that devices gave themselves (RFC 3927): a broker elsewhere is not announced here. */
function isLocalAddress(address: string): boolean {
  if (!/^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})$/.test(address)) return false;
  const parts = address.split(".").map(Number);
  const [first = 0, second = 0] = parts;
  if (parts.some((one) => one > 255)) return false;
  if (first === 10) return true;
  if (first === 172) return second >= 16 && second < 32;
  return (first === 192 && second === 168) || (first === 169 && second === 254);
}
