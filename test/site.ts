// Builders that the tests of sharing have in common: settings, chargers, and messages with one thing changed.

import assert from "node:assert/strict";
import type { ShareDemand } from "../src/allocate.js";
import type { Vote } from "../src/election.js";
import type { EvseStatus } from "../src/lease.js";
import { type Line, rangesOn } from "../src/line.js";
import { keyBytes, type MacKey, macKey } from "../src/mac.js";
import type { Range, Ranges } from "../src/ranges.js";
import { siteHash } from "../src/roster.js";
import { change, DEFAULTS, type Settings } from "../src/settings.js";
import { type Site, siteOf } from "../src/shared-site.js";
import {
  type Demand,
  decode,
  type Entry,
  encode,
  FORMAT,
  type Head,
  METER,
  type Report,
  type SiteMessage,
} from "../src/sharing-message.js";
import { deciamps, decicelsius, milliamps, millis } from "../src/units.js";

export const KEY_HEX = "000102030405060708090a0b0c0d0e0f";
export const KEY: MacKey = macKey(keyBytes(KEY_HEX));
/** A key that the site does not know. */
export const STRANGE_KEY: MacKey = macKey(keyBytes("ff0102030405060708090a0b0c0d0e0f"));

/** Nobody was ever promised anything. */
export const NO_VOTE: Vote = { term: 0, arbiter: -1, boot: 0 };

export function settingsOf(patch: object, base: Settings = DEFAULTS): Settings {
  const changed = change(base, patch);
  assert.ok(changed.ok, JSON.stringify(changed));
  return changed.settings;
}

export interface Row {
  readonly id: string;
  readonly wiring: readonly number[];
  readonly failsafeA: number;
}

export const row = (id: string, over: Partial<Row> = {}): Row => ({ id, wiring: [1], failsafeA: 0, ...over });

/** So many chargers, c0, c1 and on, on one phase. */
export const rows = (count: number, over: Partial<Row> = {}): readonly Row[] =>
  Array.from({ length: count }, (_, place) => row(`c${place}`, over));

/** Settings of a device in a site with the key of the tests. */
export const memberOf = (roster: readonly Row[], patch: object = {}): Settings =>
  settingsOf({ id: roster[0]?.id ?? "ievcc", siteKey: KEY_HEX, roster, ...patch });

/** The site as its meter sees it, 30 A of one phase. */
export const siteWith = (roster: readonly Row[], patch: object = {}): Site =>
  siteOf(memberOf(roster, { id: "meter", ...patch }));

export const headOf = (settings: Settings): Head => ({
  format: FORMAT,
  site: siteHash(settings),
  siteVersion: settings.siteVersion,
});

export const headFor = (site: Site): Head => ({ format: FORMAT, site: site.hash, siteVersion: site.version });

/** The bytes of a message as a device with these settings sends it. */
export const sealed = (settings: Settings, message: SiteMessage): Uint8Array =>
  encode(headOf(settings), message, macKey(keyBytes(settings.siteKey)));

/** The message in bytes; a refusal fails the test. */
export function opened(bytes: Uint8Array, key: MacKey = KEY): SiteMessage {
  const decoded = decode(bytes, key);
  assert.ok(decoded.ok, JSON.stringify(decoded));
  return decoded.message;
}

export const wantsOf = (over: Partial<Demand["wants"]> = {}): Demand["wants"] => ({
  wiring: [1],
  max: deciamps(320),
  need: deciamps(320),
  priority: 0,
  waitingS: 0,
  turn: 0,
  mode: "auto",
  ...over,
});

/** A car in the words of `allocate`. */
export const car = (id: string, over: Partial<ShareDemand> = {}): ShareDemand => ({
  ...wantsOf(),
  id,
  draw: deciamps(0),
  registered: 0,
  ...over,
});

export const demandOf = (id: string, over: Partial<Demand> = {}): Demand => ({
  id,
  nonce: 1,
  number: 1,
  boot: 1,
  term: 0,
  arbiter: METER,
  echo: millis(0),
  accepted: 0,
  held: [],
  wants: wantsOf(),
  draws: [milliamps(0)],
  age: millis(0),
  offer: deciamps(0),
  uptime: millis(0),
  ...over,
});

export const entryOf = (over: Partial<Entry> = {}): Entry => ({
  nonce: 1,
  number: 1,
  heardAt: null,
  until: millis(0),
  amps: deciamps(0),
  ranges: [],
  because: "share",
  nextTurnS: null,
  twins: false,
  ...over,
});

/** A report of the meter's boot 1 at a stamp, with all of 10 s to live. */
export const reportOf = (stamp: number, entries: readonly Entry[], over: Partial<Report> = {}): Report => ({
  term: 0,
  boot: 1,
  arbiter: METER,
  renewsOnly: false,
  stamp: millis(stamp),
  sentAt: millis(stamp),
  version: stamp,
  budget: [deciamps(300)],
  house: [deciamps(0)],
  solar: null,
  entries,
  ...over,
});

/** What the EVSE machine says while its car charges with 16 A. */
export const CHARGING: EvseStatus = {
  mode: "charging",
  pilot: "C",
  offer: deciamps(160),
  because: "site",
  runnerUp: { name: "rating", amps: deciamps(320) },
  since: millis(0),
  contactorClosed: true,
  fault: null,
  temperature: decicelsius(250),
  cable: null,
  pausedUntil: millis(0),
};

/** No car is plugged in. */
export const AVAILABLE: EvseStatus = {
  ...CHARGING,
  mode: "available",
  pilot: "A",
  offer: deciamps(0),
  because: "none",
  runnerUp: null,
  contactorClosed: false,
};

/** Six sectors as they come from the factory: settings, boots and promises, two each. */
export const blankFlash = (): Uint8Array[] => Array.from({ length: 6 }, () => new Uint8Array(4_096).fill(0xff));

/** What a device boots with: the flash of the factory, and the noise given. */
export const bootOf = (initial: Settings, entropy: number, sectors: readonly Uint8Array[] = blankFlash()) => ({
  sectors,
  pageSize: 256,
  entropy,
  secret: [1, 2],
  mac: "02005e00a1b2",
  radio: false,
  restarted: "power",
  initial,
  format: FORMAT,
});

/** How many of a phase's 0.1 A a charger owns. */
export const ownedOn = (line: Line, place: number): number =>
  rangesOn(line, 1, place).reduce((sum, one) => sum + one.to - one.from, 0);

/** The first ampere that two of the lists hold, null when no two do. */
export function heldTwice(lists: readonly Ranges[]): Range | null {
  const sorted = lists.flat().sort((a, b) => a.phase - b.phase || a.from - b.from);
  let last: Range | null = null;
  for (const one of sorted) {
    if (last !== null && last.phase === one.phase && one.from < last.to) return one;
    last = one;
  }
  return null;
}
