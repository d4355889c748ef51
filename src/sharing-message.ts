// The messages of a site, as bytes: what the arbiter reports, what a charger demands, the call of a candidate, the
// configuration, and what chargers say of their book. Each carries format, site and proof of the key; layouts and bounds
// stand here and nowhere else.
//
// A reader takes any message that names a format it may be read as: what a newer one adds stands at the end of a message or
// of an entry, and is passed over.

import type { ShareDemand } from "./allocate.js";
import { type ByteReader, type ByteWriter, readBytes, writeBytes } from "./bytes.js";
import { frozen } from "./frozen.js";
import type { Because } from "./limits.js";
import { isMacOf, MAC_SIZE, type MacKey, macOf } from "./mac.js";
import type { Range, Ranges } from "./ranges.js";
import { ROSTER_LIMIT } from "./settings-fields.js";
import { decodeText, encodeText } from "./text.js";
import { type Deciamps, deciamps, type Milliamps, type Millis, milliamps, millis, minus, plus } from "./units.js";

/** Spoken here; 1 lacks reasons, next turns and uptimes. */
export const FORMAT = 2;
/** The oldest format that still says all that safety needs. */
const LEAST = 1;
/** No message is longer. */
export const MESSAGE_LIMIT = 4_096;
/** The arbiter's place where it is the meter and not a charger of the roster. */
export const METER = 255;

/** What stands at the head of every message. */
export interface Head {
  /** The format that the sender speaks. */
  readonly format: number;
  /** Names the configuration that the sender goes by. */
  readonly site: number;
  readonly siteVersion: number;
}

/** What the report says of one charger. */
export interface Entry {
  /** The boot of the charger that this is for; 0 for one that has not been heard. */
  readonly nonce: number;
  /** Its newest demand heard, and when, on the arbiter's clock; null when none was heard lately. */
  readonly number: number;
  readonly heardAt: Millis | null;
  /** On the arbiter's clock: until then the ranges are its own. */
  readonly until: Millis;
  /** Its share: on the way from one place of the line to another it owns more than that for a moment. */
  readonly amps: Deciamps;
  readonly ranges: Ranges;
  readonly because: Because;
  /** Seconds, null when it is not known. */
  readonly nextTurnS: number | null;
  /** Two devices go by this id: neither gets anything. */
  readonly twins: boolean;
}

export interface Report {
  /** 0 where the site has a meter of ours. */
  readonly term: number;
  readonly boot: number;
  /** Place of the arbiter in the roster, METER for a meter. */
  readonly arbiter: number;
  /** Nobody gets more than it held: the arbiter does not know all holders yet. */
  readonly renewsOnly: boolean;
  /** When the reading was taken and when this was sent, on the arbiter's clock. */
  readonly stamp: Millis;
  readonly sentAt: Millis;
  readonly version: number;
  readonly budget: readonly Deciamps[];
  readonly house: readonly Deciamps[];
  /** null where nothing measures the roof. */
  readonly solar: readonly Deciamps[] | null;
  /** In the order of the roster. */
  readonly entries: readonly Entry[];
}

export interface Demand {
  readonly id: string;
  /** Names the boot of the charger. */
  readonly nonce: number;
  readonly number: number;
  /** The arbiter that this charger obeys: its boot, its term and its place; and when the newest of its messages was sent. */
  readonly boot: number;
  readonly term: number;
  readonly arbiter: number;
  readonly echo: Millis;
  /** Newest version that offer and draw fit. */
  readonly accepted: number;
  /** What it holds as this is sent. */
  readonly held: Ranges;
  readonly wants: Omit<ShareDemand, "id" | "registered" | "draw">;
  /** Draw on each phase of the site, and the age of that reading. */
  readonly draws: readonly Milliamps[];
  readonly age: Millis;
  /** What the pilot offers. */
  readonly offer: Deciamps;
  /** Since the charger booted; 0 from one that does not tell. */
  readonly uptime: Millis;
}

/** A charger offers itself as arbiter under a new term. */
export interface Call {
  readonly term: number;
  readonly boot: number;
  readonly arbiter: number;
  readonly sentAt: Millis;
}

export type SiteMessage =
  | { readonly kind: "report"; readonly report: Report }
  | { readonly kind: "demand"; readonly demand: Demand }
  | { readonly kind: "call"; readonly call: Call }
  /** Settings of the site as JSON: a patch. */
  | { readonly kind: "config"; readonly json: string }
  /** Of the book that all chargers keep: site-book-message.ts reads it. */
  | { readonly kind: "book"; readonly bytes: Uint8Array };

export const REFUSALS = frozen([
  "noMessage",
  "tooLong",
  "forged",
  "otherFormat",
  "otherSite",
  "malformed",
  "twoOwners",
] as const);
export type Refusal = (typeof REFUSALS)[number];

export type Decoded =
  | { readonly ok: true; readonly head: Head; readonly message: SiteMessage }
  /** `sender`: place of the arbiter whose report has two owners for an ampere. */
  | { readonly ok: false; readonly why: Refusal; readonly sender?: number };

const MAGIC = 0x4945; // "IE"
const KINDS = frozen(["report", "demand", "call", "config", "book"] as const);
const REASONS: readonly Because[] = frozen([
  "none",
  "share",
  "site",
  "rating",
  "cable",
  "manual",
  "solar",
  "person",
  "schedule",
  "temperature",
  "failsafe",
  "paused",
  "fault",
]);
const MODES = frozen(["auto", "manual", "solar"] as const);
const UNKNOWN_TURN = 0xffff;
const NOT_HEARD = 0xffff;
/** Of one charger. */
export const RANGES_LIMIT = 192;
const RENEWS_ONLY = 1;
const HAS_SOLAR = 2;
const TWINS = 1;

export function encode(head: Head, message: SiteMessage, key: MacKey): Uint8Array {
  const to = writeBytes(MESSAGE_LIMIT);
  to.u16(MAGIC);
  to.u8(KINDS.indexOf(message.kind) + 1);
  to.u8(head.format);
  to.u8(LEAST);
  to.u32(head.site);
  to.u32(head.siteVersion);
  writeBody(to, message, head.format);
  if (head.format > FORMAT) to.u32(0);
  to.raw(macOf(key, to.bytes()));
  return to.bytes();
}

function writeBody(to: ByteWriter, message: SiteMessage, format: number): void {
  switch (message.kind) {
    case "report":
      return writeReport(to, message.report, format);
    case "demand":
      return writeDemand(to, message.demand, format);
    case "call": {
      const { term, boot, arbiter, sentAt } = message.call;
      to.u32(term);
      to.u32(boot);
      to.u8(arbiter);
      return to.f64(sentAt);
    }
    case "config": {
      const json = encodeText(message.json);
      to.u16(json.length);
      return to.raw(json);
    }
    case "book":
      to.u16(message.bytes.length);
      return to.raw(message.bytes);
  }
}

/** A message of the site, or why it is none. "otherFormat": from a device that is too new, or too old, to be read;
 *  "twoOwners": a report that gives one ampere to two chargers. Whether it speaks of the same configuration as ours, the
 *  caller must see in the head. `only`: the place whose entry of a report is kept; null: all are. */
export function decode(bytes: Uint8Array, key: MacKey, only: number | null = null): Decoded {
  if (bytes.length > MESSAGE_LIMIT) return { ok: false, why: "tooLong" };
  const from = readBytes(bytes.subarray(0, Math.max(0, bytes.length - MAC_SIZE)));
  if (from.u16() !== MAGIC) return { ok: false, why: "noMessage" };
  const kind = KINDS[from.u8() - 1];
  const format = from.u8();
  const least = from.u8();
  const head: Head = { format, site: from.u32(), siteVersion: from.u32() };
  if (kind === undefined || from.short()) return { ok: false, why: "noMessage" };
  const body = bytes.subarray(0, bytes.length - MAC_SIZE);
  if (!isMacOf(key, body, bytes.subarray(body.length))) return { ok: false, why: "forged" };
  if (least > FORMAT || format < LEAST) return { ok: false, why: "otherFormat" };
  const message = readBody(from, kind, only);
  if (message === null || from.short()) return { ok: false, why: "malformed" };
  if (message.kind === "twoOwners") return { ok: false, why: "twoOwners", sender: message.sender };
  return { ok: true, head, message };
}

interface TwoOwners {
  readonly kind: "twoOwners";
  readonly sender: number;
}

function readBody(from: ByteReader, kind: (typeof KINDS)[number], only: number | null): SiteMessage | TwoOwners | null {
  switch (kind) {
    case "report": {
      const owned = new Float64Array(Math.ceil(from.left() / RANGE_SIZE));
      const report = readReport(from, only, owned);
      if (report === null || from.short()) return null;
      return hasOverlap(owned) ? { kind: "twoOwners", sender: report.arbiter } : { kind, report };
    }
    case "demand": {
      const demand = readDemand(from);
      return demand === null ? null : { kind, demand };
    }
    case "call":
      return {
        kind,
        call: { term: from.u32(), boot: from.u32(), arbiter: from.u8(), sentAt: millis(from.f64()) },
      };
    case "config": {
      const text = decodeText(from.raw(from.u16()), MESSAGE_LIMIT);
      return text.ok ? { kind, json: text.text } : null;
    }
    case "book":
      return { kind, bytes: from.raw(from.u16()) };
  }
}

function writeReport(to: ByteWriter, report: Report, format: number): void {
  const { budget, house, solar, entries } = report;
  to.u32(report.term);
  to.u32(report.boot);
  to.u8(report.arbiter);
  to.u8((report.renewsOnly ? RENEWS_ONLY : 0) + (solar === null ? 0 : HAS_SOLAR));
  to.f64(report.stamp);
  to.u16(minus(report.sentAt, report.stamp));
  to.u32(report.version);
  to.u8(budget.length);
  for (const amps of [...budget, ...house, ...(solar ?? [])]) to.u16(amps);
  to.u8(entries.length);
  for (const entry of entries) writeEntry(to, entry, report, format);
}

function writeEntry(to: ByteWriter, entry: Entry, { stamp, sentAt }: Report, format: number): void {
  to.u16(FIXED_ENTRY + RANGE_SIZE * entry.ranges.length + (format > 1 ? ENTRY_TAIL : 0));
  to.u32(entry.nonce);
  to.u32(entry.number);
  to.u16(entry.heardAt === null ? NOT_HEARD : Math.min(minus(sentAt, entry.heardAt), NOT_HEARD - 1));
  to.u16(Math.max(0, minus(entry.until, stamp)));
  to.u16(entry.amps);
  to.u8(entry.twins ? TWINS : 0);
  writeRanges(to, entry.ranges);
  if (format === 1) return;
  to.u8(REASONS.indexOf(entry.because));
  to.u16(entry.nextTurnS ?? UNKNOWN_TURN);
}

const FIXED_ENTRY = 16;
const RANGE_SIZE = 4;
const ENTRY_TAIL = 3;

function writeRanges(to: ByteWriter, ranges: Ranges): void {
  to.u8(ranges.length);
  for (const { phase, from, to: end } of ranges) {
    to.u16((phase << 14) | from);
    to.u16(end);
  }
}

function readRanges(from: ByteReader): Ranges | null {
  const count = from.u8();
  if (count > RANGES_LIMIT) return null;
  const ranges: Range[] = [];
  for (let index = 0; index < count; index++) {
    const start = from.u16();
    const range = { phase: start >> 14, from: start & 0x3fff, to: from.u16() };
    if (range.phase < 1 || range.to <= range.from) return null;
    ranges.push(range);
  }
  return ranges;
}

const amounts = (from: ByteReader, count: number): readonly Deciamps[] =>
  Array.from({ length: count }, () => deciamps(from.u16()));

const isPhases = (count: number): boolean => count === 1 || count === 3;

/** A charger keeps what is said of itself alone: 64 entries would fill half of its RAM. */
const UNREAD: Entry = frozen({
  nonce: 0,
  number: 0,
  heardAt: null,
  until: millis(0),
  amps: deciamps(0),
  ranges: [],
  because: "share",
  nextTurnS: null,
  twins: false,
});

function readReport(from: ByteReader, only: number | null, owned: Float64Array): Report | null {
  const term = from.u32();
  const boot = from.u32();
  const arbiter = from.u8();
  const flags = from.u8();
  const stamp = millis(from.f64());
  const sentAt = plus(stamp, millis(from.u16()));
  const version = from.u32();
  const phases = from.u8();
  if (!isPhases(phases)) return null;
  const budget = amounts(from, phases);
  const house = amounts(from, phases);
  const solar = (flags & HAS_SOLAR) !== 0 ? amounts(from, phases) : null;
  const count = from.u8();
  if (count > ROSTER_LIMIT) return null;
  const entries: Entry[] = [];
  let known = 0;
  for (let index = 0; index < count && !from.short(); index++) {
    const bytes = from.raw(from.u16());
    const kept = only === null || only === index;
    const entry = kept ? readEntry(readBytes(bytes), stamp, sentAt) : isEntry(bytes) ? UNREAD : null;
    if (entry === null) return null;
    known = noteRanges(bytes, owned, known);
    entries.push(entry);
  }
  const renewsOnly = (flags & RENEWS_ONLY) !== 0;
  return { term, boot, arbiter, renewsOnly, stamp, sentAt, version, budget, house, solar, entries };
}

const COUNT_AT = 15;

/** As readEntry would say, without making anything of it. */
function isEntry(bytes: Uint8Array): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes[COUNT_AT] ?? RANGES_LIMIT + 1;
  const end = FIXED_ENTRY + count * RANGE_SIZE;
  if (count > RANGES_LIMIT || bytes.length < end) return false;
  for (let at = FIXED_ENTRY; at < end; at += RANGE_SIZE) {
    const start = view.getUint16(at);
    if (start >> 14 < 1 || view.getUint16(at + 2) <= (start & 0x3fff)) return false;
  }
  return bytes.length < end + ENTRY_TAIL || (bytes[end] ?? REASONS.length) < REASONS.length;
}

/** Adds an entry's ranges to those of the report, each as one number: 2 bits of phase, 14 of its start, 16 of its end.
 *  Gives how many there are. */
function noteRanges(bytes: Uint8Array, owned: Float64Array, known: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes[COUNT_AT] ?? 0;
  for (let index = 0; index < count; index++) owned[known + index] = view.getUint32(FIXED_ENTRY + index * RANGE_SIZE);
  return known + count;
}

/** Sorted by phase and start, does any begin before the one below it on its phase has ended? */
function hasOverlap(owned: Float64Array): boolean {
  owned.sort();
  const phaseOf = (one: number): number => Math.floor(one / 0x4000_0000);
  const startOf = (one: number): number => Math.floor(one / 0x1_0000) & 0x3fff;
  for (let at = 1; at < owned.length; at++) {
    const [last, one] = [owned[at - 1] ?? 0, owned[at] ?? 0];
    // What the message left empty has no phase.
    if (phaseOf(last) > 0 && phaseOf(one) === phaseOf(last) && startOf(one) < (last & 0xffff)) return true;
  }
  return false;
}

function readEntry(from: ByteReader, stamp: Millis, sentAt: Millis): Entry | null {
  const nonce = from.u32();
  const number = from.u32();
  const age = from.u16();
  const until = plus(stamp, millis(from.u16()));
  const amps = deciamps(from.u16());
  const twins = (from.u8() & TWINS) !== 0;
  const ranges = readRanges(from);
  if (ranges === null || from.short()) return null;
  const hasTail = from.left() >= ENTRY_TAIL;
  const because = hasTail ? REASONS[from.u8()] : "share";
  const nextTurn = hasTail ? from.u16() : UNKNOWN_TURN;
  if (because === undefined) return null;
  const heardAt = age === NOT_HEARD ? null : minus(sentAt, millis(age));
  const nextTurnS = nextTurn === UNKNOWN_TURN ? null : nextTurn;
  return { nonce, number, heardAt, until, amps, ranges, because, nextTurnS, twins };
}

const phaseMask = (phases: readonly number[]): number => phases.reduce((mask, phase) => mask | (1 << (phase - 1)), 0);
const phasesOf = (mask: number): readonly number[] => [1, 2, 3].filter((phase) => (mask & (1 << (phase - 1))) !== 0);

function writeDemand(to: ByteWriter, demand: Demand, format: number): void {
  const { wants, draws } = demand;
  to.text(demand.id);
  to.u32(demand.nonce);
  to.u32(demand.number);
  to.u32(demand.boot);
  to.u32(demand.term);
  to.u8(demand.arbiter);
  to.f64(demand.echo);
  to.u32(demand.accepted);
  to.u8(phaseMask(wants.wiring));
  to.u16(wants.max);
  to.u16(wants.need);
  to.u8(wants.priority);
  to.u16(wants.waitingS);
  to.u16(wants.turn);
  to.u8(MODES.indexOf(wants.mode));
  to.u16(demand.offer);
  to.u16(demand.age);
  to.u8(draws.length);
  for (const draw of draws) to.u32(draw);
  writeRanges(to, demand.held);
  if (format > 1) to.u32(demand.uptime);
}

function readDemand(from: ByteReader): Demand | null {
  const id = from.text();
  const nonce = from.u32();
  const number = from.u32();
  const boot = from.u32();
  const term = from.u32();
  const arbiter = from.u8();
  const echo = millis(from.f64());
  const accepted = from.u32();
  const wiring = phasesOf(from.u8());
  const max = deciamps(from.u16());
  const need = deciamps(from.u16());
  const priority = from.u8();
  const waitingS = from.u16();
  const turn = from.u16();
  const mode = MODES[from.u8()];
  const offer = deciamps(from.u16());
  const age = millis(from.u16());
  const phases = from.u8();
  if (!isPhases(phases) || mode === undefined || wiring.length === 0) return null;
  const draws = Array.from({ length: phases }, () => milliamps(from.u32()));
  const held = readRanges(from);
  if (held === null || from.short()) return null;
  const uptime = millis(from.left() >= 4 ? from.u32() : 0);
  const wants = { wiring, max, need, priority, waitingS, turn, mode };
  return { id, nonce, number, boot, term, arbiter, echo, accepted, held, wants, draws, age, offer, uptime };
}
