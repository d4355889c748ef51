// The scenario file: a site, its chargers, and what they live through. Every key, its default and its range stand here.

import type { Make } from "./other-meter.js";
import {
  above,
  anything,
  type Complaint,
  flag,
  isRecord,
  list,
  number,
  offA,
  oneOf,
  type Read,
  section,
  text,
  whole,
} from "./read.js";
import { type Cast, readEvent, type ScenarioEvent } from "./scenario-events.js";
import { complainAboutWhole } from "./scenario-rules.js";

export type { CarSpec, HandState, MeterFault, ScenarioEvent } from "./scenario-events.js";

const LONGEST_S = 40 * 86_400;

export type ProtectionKind = "rcbo" | "smart-meter" | "none";

export interface MeterConfig {
  readonly measures: "house" | "grid";
  readonly periodS: number;
  readonly ours: boolean;
  /** What somebody else's meter is. */
  readonly speaks: Make;
}

export interface SiteConfig {
  readonly contractedA: number;
  readonly bufferA: number;
  readonly houseMaxA: number | null;
  readonly phases: 1 | 3;
  readonly voltageV: number;
  readonly meter: MeterConfig | null;
  readonly policy: "fair" | "equal";
  /** What carries the chargers' messages. */
  readonly peers: "mqtt" | "udp" | "both";
  readonly reportLeaseS: number;
  readonly maxCharging: number;
  readonly protection: ProtectionKind;
  /** As the setting of that name; null: none. */
  readonly tariff: Typed | null;
  /** As the setting of that name. */
  readonly timeZone: string;
}

/** What the firmware is to take as somebody typed it: the plant does not know what it means. */
export type Typed = Readonly<Record<string, unknown>>;

export interface ChargerConfig {
  readonly id: string;
  readonly maxA: number;
  readonly cableA: number;
  readonly failsafeA: number;
  readonly wiring: readonly number[];
  readonly priority: number;
  readonly mode: "auto" | "manual" | "solar";
  readonly manualA: number;
  readonly bootS: number;
  readonly member: boolean;
  readonly settings: Typed;
  /** As the setting of that name; null: none. */
  readonly schedule: Typed | null;
  readonly clockDriftPct: number;
  readonly version: "" | "-1" | "+1";
  /** Out of the box: nobody has told it anything, and it is on no network until its radio has joined the house's. */
  readonly fresh: boolean;
}

export interface Scenario {
  readonly name: string;
  readonly seed: number;
  readonly durationS: number;
  /** Wall clock at t = 0, null when nobody knows it. */
  readonly startsAtUnixS: number | null;
  readonly site: SiteConfig;
  readonly chargers: readonly ChargerConfig[];
  /** Entered at the first charger once it has booted; the others hear of them. */
  readonly people: readonly Typed[];
  /** In order of time; events of the same time in the order of the file. */
  readonly events: readonly ScenarioEvent[];
}

export type Wrong = { readonly ok: false; readonly key: string; readonly why: string };
export type ScenarioResult = { readonly ok: true; readonly scenario: Scenario } | Wrong;

const meter: Read<MeterConfig | null> = (value, key, wrong) => {
  if (value === null) return null;
  const at = section(value, key, wrong);
  const read: MeterConfig = {
    measures: at.take("measures", oneOf("house", "grid"), "house"),
    periodS: at.take("periodS", number(0.5, 14.5, "s"), 1),
    ours: at.take("ours", flag, true),
    speaks: at.take("speaks", oneOf("amps", "shelly3em", "p1"), "amps"),
  };
  at.done();
  return read;
};

const OUR_METER: MeterConfig = { measures: "house", periodS: 1, ours: true, speaks: "amps" };

const site: Read<SiteConfig> = (value, key, wrong) => {
  const at = section(value, key, wrong);
  const read: SiteConfig = {
    contractedA: at.need("contractedA", above(0, 1_000, "A")),
    bufferA: at.take("bufferA", number(0, 1_000, "A"), 0),
    houseMaxA: at.take<number | null>("houseMaxA", number(0, 1_000, "A"), null),
    phases: at.take("phases", oneOf(1, 3), 1),
    voltageV: at.take("voltageV", number(80, 260, "V"), 230),
    meter: at.take("meter", meter, OUR_METER),
    policy: at.take("policy", oneOf("fair", "equal"), "fair"),
    peers: at.take("peers", oneOf("mqtt", "udp", "both"), "mqtt"),
    reportLeaseS: at.take("reportLeaseS", number(3, 30, "s"), 10),
    maxCharging: at.take("maxCharging", whole(0, 1_000), 0),
    protection: at.take("protection", oneOf("rcbo", "smart-meter", "none"), "rcbo"),
    tariff: at.take<Typed | null>("tariff", anything, null),
    timeZone: at.take("timeZone", text(/^[ -~]{0,64}$/, "the name of a zone, or POSIX text"), ""),
  };
  at.done();
  return read;
};

const rating = number(6, 80, "A");
const id = text(
  /^(?!meter$|broker$)[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/,
  "up to 32 letters, digits, . _ or -, not meter or broker",
);

const charger: Read<ChargerConfig> = (value, key, wrong) => {
  const at = section(value, key, wrong);
  const maxA = at.take("maxA", rating, 32);
  const read: ChargerConfig = {
    id: at.need("id", id),
    maxA,
    cableA: at.take("cableA", rating, maxA),
    failsafeA: at.take("failsafeA", offA, 0),
    wiring: at.take("wiring", list(whole(1, 3), 1, 3), [1]),
    priority: at.take("priority", whole(-1_000, 1_000), 0),
    mode: at.take("mode", oneOf("auto", "manual", "solar"), "auto"),
    manualA: at.take("manualA", offA, 10),
    bootS: at.take("bootS", number(0, LONGEST_S, "s"), 0),
    member: at.take("member", flag, true),
    settings: at.take("settings", anything, {}),
    schedule: at.take<Typed | null>("schedule", anything, null),
    clockDriftPct: at.take("clockDriftPct", number(-1.4, 1.4, "%"), 0),
    version: at.take("version", oneOf("", "-1", "+1"), ""),
    fresh: at.take("fresh", flag, false),
  };
  at.done();
  return read;
};

const startsAt: Read<number | null> = (value, key, wrong) => {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
  const unixMs = typeof value === "string" && form.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isFinite(unixMs)) return Math.floor(unixMs / 1_000);
  wrong.push({ key, why: "must be a time with its offset, like 2026-11-20T22:00:00+00:00" });
  return null;
};

function castOf(config: SiteConfig, chargers: readonly { readonly id: string }[]): Cast {
  return {
    phases: config.phases,
    chargers: chargers.map((one) => one.id),
    meterRuns: config.meter?.ours === true,
    metered: config.meter !== null,
  };
}

const scenario: Read<Scenario> = (value, key, wrong) => {
  const at = section(value, key, wrong);
  const config = at.need("site", site);
  const chargers = at.need("chargers", list(charger, 1, 250));
  const read: Scenario = {
    name: at.need("name", text(/./, "a name")),
    seed: at.take("seed", whole(0, 4_294_967_295), 1),
    durationS: at.need("durationS", above(0, LONGEST_S, "s")),
    startsAtUnixS: at.take("startsAt", startsAt, null),
    site: config,
    chargers,
    people: at.take("people", list(anything, 0, 100), []),
    events: at.need("events", list(readEvent(castOf(config, chargers)), 0, 100_000)),
  };
  if (isRecord(value) && Object.hasOwn(value, "$schema")) at.take("$schema", text(/./, "an address"), "");
  at.done();
  return { ...read, events: [...read.events].sort((one, other) => one.atS - other.atS) };
};

function verdict<T>(read: T, wrong: readonly Complaint[]): { ok: true; value: T } | Wrong {
  const [first] = wrong;
  return first === undefined ? { ok: true, value: read } : { ok: false, ...first };
}

/** Reads a scenario, or gives the first thing wrong with it: the full path of the key, and why. `file` only names it. */
export function parseScenario(json: string, file = "the file"): ScenarioResult {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return { ok: false, key: "(file)", why: `${file} is not JSON: ${error instanceof Error ? error.message : "?"}` };
  }
  const wrong: Complaint[] = [];
  const read = scenario(value, "", wrong);
  if (wrong.length === 0) complainAboutWhole(read, wrong);
  const result = verdict(read, wrong);
  return result.ok ? { ok: true, scenario: result.value } : result;
}

/** One event as a scenario file has it (a dashboard's button); `atS` may be left out and is then 0. */
export function parseEvent(
  value: Readonly<Record<string, unknown>>,
  whole: Scenario,
): { readonly ok: true; readonly event: ScenarioEvent } | Wrong {
  const wrong: Complaint[] = [];
  const event = readEvent(castOf(whole.site, whole.chargers))({ atS: 0, ...value }, "event", wrong);
  const result = verdict(event, wrong);
  return result.ok ? { ok: true, event: result.value } : result;
}
