// The settings of a device, one row each: what it holds, its default, and what may be typed into it.
// What two settings must have to do with each other stands in settings-rules.ts.

import { parseZone } from "./calendar.js";
import { frozen } from "./frozen.js";
import { urlOf } from "./http-url.js";
import { parseSchedule, type Schedule } from "./schedule.js";
import {
  andThen,
  bad,
  between,
  type Check,
  type Checked,
  current,
  exactly,
  good,
  isList,
  isRecord,
  listOf,
  oneOf,
  orElse,
  text,
  whole,
  yesNo,
} from "./settings-checks.js";
import type { SettingsError } from "./settings-rules.js";
import { parseTariff, type Tariff } from "./tariff.js";
import { KEPT } from "./trust.js";
import { type Amps, amps } from "./units.js";

export interface Pzem {
  /** Modbus address, 1-247. */
  readonly address: number;
  readonly role: "house" | "grid" | "solar";
  /** 1-3. */
  readonly phase: number;
}

/** The flat shape of the JSON; names that end in A are amperes, in S seconds, in V volts. */
export interface Values {
  id: string;
  mode: "auto" | "manual" | "solar";
  /** Upper bound of manual mode; above maxA it changes nothing. */
  manualA: Amps;
  /** What the charger, its wires and its breaker are built for. */
  maxA: Amps;
  cableA: Amps;
  /** true: a socket, whose cable tells its rating at the proximity contact; false: a tethered cable of cableA. */
  socket: boolean;
  /** Offered when the site falls silent: 0, or 6 A up to maxA. */
  failsafeA: Amps;
  /** Phases of the site behind L1 (and L2, L3) of the charger. */
  wiring: readonly number[];
  phases: 1 | 3;
  priority: number;
  /** false: elsewhere, on a trip; charges on its own account in manual mode. */
  member: boolean;
  freeCharging: boolean;
  /** Upper-case hex UIDs. */
  cards: readonly string[];
  ventilated: boolean;
  wakeUp: boolean;
  residualFitted: boolean;
  /** Per phase. */
  contractedA: Amps;
  bufferA: Amps;
  /** The most that the house alone ever takes on a phase, null while nobody knows. */
  houseMaxA: Amps | null;
  reportLeaseS: number;
  periodS: number;
  voltageV: number;
  /** Where the house's reading comes from: our meter device, somebody else's by MQTT, or nowhere (a fixed limit). */
  meter: "ours" | "other" | "none";
  /** What somebody else's meter is: "amps" publishes a number, or a list of one for each phase. */
  meterPreset:
    | "amps"
    | "custom"
    | "shellyEm"
    | "shelly3em"
    | "shellyProEm"
    | "shellyPro3em"
    | "tasmota"
    | "tasmotaSml"
    | "esphome"
    | "p1"
    | "homeAssistant"
    | "solarEdge"
    | "fronius";
  /** Where it publishes: the beginning of its topics, or one for each phase between commas (docs/meters.md). */
  meterTopic: string;
  /** Where its value stands in JSON, empty: the payload is the value. For "custom" alone. */
  meterPath: string;
  /** For "custom" and for entities. */
  meterUnit: "A" | "W" | "kW";
  /** Which way a positive value flows. */
  meterSign: "import" | "export";
  measures: "house" | "grid";
  roof: boolean;
  pzems: readonly Pzem[];
  siteId: string;
  /** 32 to 64 hex digits that all devices of the site share; empty: this device shares with nobody. */
  siteKey: string;
  /** The chargers of the site; empty: this charger alone. */
  roster: readonly RosterRow[];
  /** Counts the changes of what all devices of the site must agree on; of two the higher is the newer. */
  siteVersion: number;
  policy: "fair" | "equal";
  /** At most so many charge at once, 0: no such limit. */
  maxCharging: number;
  /** What carries the site's messages; "auto": the broker where there is one, else UDP on the local network. */
  carrier: "auto" | "mqtt" | "udp" | "both";
  /** The site is led by a central Manager of the published system, in place of the chargers themselves. */
  manager: boolean;
  wifiSsid: string;
  wifiPassword: string;
  /** Empty: no MQTT. */
  mqttHost: string;
  mqttPort: number;
  mqttUser: string;
  mqttPassword: string;
  /** Over TLS; a broker usually has another port for it, 8883. */
  mqttTls: boolean;
  /** Whom it trusts, as trust.ts keeps it; empty: the public authorities in the program. */
  mqttCa: string;
  /** The device's own certificate with its key; empty: none. */
  mqttOwn: string;
  mqttPrefix: string;
  /** The device tells Home Assistant by MQTT what it is. */
  homeAssistant: boolean;
  /** Its discovery prefix. */
  homeAssistantPrefix: string;
  /** The owner has gone through the set-up: from then on the pages want a password. */
  setUp: boolean;
  /** Of the pages. */
  language: "en" | "pt";
  portalPassword: string;
  /** Of the device's own access point (WPA2). */
  accessPointPassword: string;
  /** Name of a zone or POSIX text, as calendar.ts has them; empty: local time is utcOffsetMinutes ahead of UTC all year. */
  timeZone: string;
  utcOffsetMinutes: number;
  /** Price of a kilowatt-hour in cents where no tariff is set; null: unknown, and no cost is shown. */
  priceCents: number | null;
  tariff: Tariff | null;
  schedule: Schedule;
  /** A meter's readings go to emoncms, by its HTTP or its MQTT input. */
  emoncms: "off" | "http" | "mqtt";
  /** http or https, host, perhaps port and path. */
  emoncmsUrl: string;
  /** That may write. */
  emoncmsKey: string;
  /** What its inputs are filed under. */
  emoncmsNode: string;
  /** They go to InfluxDB, of 1.x or 2.x. */
  influx: "off" | "1" | "2";
  influxUrl: string;
  /** Of 1.x: the database. */
  influxBucket: string;
  /** Of 2.x. */
  influxOrg: string;
  /** Of 1.x; empty: none is asked for. */
  influxUser: string;
  /** Of 1.x: the password. */
  influxToken: string;
  /** A sample each so many seconds. */
  feedPeriodS: number;
  /** Of programs that ask by HTTP, 32 hex digits; empty: none is answered. */
  apiToken: string;
}

/** A charger of the site, as commissioned. */
export interface RosterRow {
  readonly id: string;
  /** Phases of the site behind its L1 (and L2, L3). */
  readonly wiring: readonly number[];
  readonly failsafeA: Amps;
}

export type Settings = Readonly<Values>;
export type SettingName = keyof Values;

interface Field<T> {
  readonly default: T;
  readonly check: Check<T>;
}

const field = <T>(standard: T, check: Check<T>): Field<T> => frozen({ default: standard, check });

/** The most chargers of one site. */
export const ROSTER_LIMIT = 64;
const NAME = "must be 1 to 32 letters, digits, _ or -";
const name = text(1, 32, /^[A-Za-z0-9_-]+$/, NAME);
const RATING = current(6, 80);
const PREFIX = text(
  1,
  64,
  /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/,
  "must be 1 to 64 letters, digits, _ or -, in parts joined by /",
);
// Printable, without control characters, which no broker and no access point takes.
// What is allowed, not what is refused: XS before 17 reads a negated class that begins with U+0000 wrongly.
const PRINTABLE = /^[\u0020-\u007e\u0080-\uffff]*$/;

// As WPA2 has them: a longer one would be a key in hex, a shorter one no access point takes.
const PASSWORD = /^(?:|[\x20-\x7e]{8,63})$/;
const PASSWORD_WORDS = "must be 8 to 63 plain characters, or empty";

const ROW_KEYS: readonly string[] = frozen(["address", "role", "phase"]);
const addressOf = whole(1, 247);
const roleOf = oneOf("house", "grid", "solar");
const phaseOf = whole(1, 3);

function pzemRow(value: unknown): Checked<Pzem> {
  if (!isRecord(value)) return bad("must have address, role and phase");
  if (Object.keys(value).some((key) => !ROW_KEYS.includes(key))) return bad("has more than address, role and phase");
  const address = addressOf(value.address);
  const role = roleOf(value.role);
  const phase = phaseOf(value.phase);
  if (!address.ok) return bad(`address ${address.why}`);
  if (!role.ok) return bad(`role ${role.why}`);
  if (!phase.ok) return bad(`phase ${phase.why}`);
  return good(Object.freeze({ address: address.value, role: role.value, phase: phase.value }));
}

const ROSTER_KEYS: readonly string[] = frozen(["id", "wiring", "failsafeA"]);
const FAILSAFE = orElse(current(0, 0), current(6, 80));

/** A row, or in flash, where each byte counts, a list of its three values. */
function rosterRow(row: unknown): Checked<RosterRow> {
  const value = isList(row) && row.length === 3 ? { id: row[0], wiring: row[1], failsafeA: row[2] } : row;
  if (!isRecord(value)) return bad("must have id, wiring and failsafeA");
  if (Object.keys(value).some((key) => !ROSTER_KEYS.includes(key)))
    return bad("has more than id, wiring and failsafeA");
  const id = name(value.id);
  const wiring = wiringOf(value.wiring);
  const failsafeA = FAILSAFE(value.failsafeA);
  if (!id.ok) return bad(`id ${id.why}`);
  if (!wiring.ok) return bad(`wiring ${wiring.why}`);
  if (!failsafeA.ok) return bad(`failsafeA ${failsafeA.why}`);
  return good(Object.freeze({ id: id.value, wiring: wiring.value, failsafeA: failsafeA.value }));
}

function differentIds(list: readonly RosterRow[]): Checked<readonly RosterRow[]> {
  const twice = list.find(({ id }, place) => list.findIndex((one) => one.id === id) < place);
  return twice === undefined ? good(list) : bad(`names ${twice.id} twice`);
}

const isTwice = (list: readonly (string | number)[]): boolean => new Set(list).size < list.length;

function pzemsTogether(list: readonly Pzem[]): Checked<readonly Pzem[]> {
  if (isTwice(list.map((one) => one.address))) return bad("two PZEMs have the same address");
  if (isTwice(list.map((one) => `${one.role} ${one.phase}`))) return bad("two PZEMs measure the same thing");
  const has = (role: Pzem["role"]): boolean => list.some((one) => one.role === role);
  return has("house") && has("grid") ? bad("measure the house or the grid, not both") : good(list);
}

/** 4-byte UIDs that start with 08 are random, new at each presentation. ISO/IEC 14443-3, 6.5.4. */
export function cardUid(value: unknown): Checked<string> {
  const digits = typeof value === "string" && value.length <= 20 ? value.toUpperCase() : "";
  if (!/^(?:[0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$/.test(digits))
    return bad("must be a UID of 8, 14 or 20 hex digits");
  return digits.length === 8 && digits.startsWith("08") ? bad("is a random UID, different each time") : good(digits);
}

const differentCards = (list: readonly string[]): Checked<readonly string[]> =>
  isTwice(list) ? bad("names a card twice") : good(list);

const differentPhases = (list: readonly number[]): Checked<readonly number[]> =>
  list.length === 2 || isTwice(list) ? bad("must be one phase, or three different ones") : good(list);

function zoneText(value: unknown): Checked<string> {
  if (value === "") return good("");
  if (typeof value !== "string") return bad("must be text");
  const parsed = parseZone(value);
  return parsed.ok ? good(value) : bad(parsed.why);
}

/** The first of what is wrong, with the field within the setting. */
const firstOf = (errors: readonly SettingsError[]): { readonly ok: false; readonly why: string } =>
  bad(errors.map(({ field: within, why }) => (within === "" ? why : `${within} ${why}`))[0] ?? "");

function tariffOf(value: unknown): Checked<Tariff> {
  const parsed = parseTariff(value);
  return parsed.ok ? good(parsed.tariff) : firstOf(parsed.errors);
}

function scheduleOf(value: unknown): Checked<Schedule> {
  const parsed = parseSchedule(value);
  return parsed.ok ? good(parsed.schedule) : firstOf(parsed.errors);
}

const serverUrl: Check<string> = (value) =>
  typeof value === "string" && value.length <= 160 && (value === "" || urlOf(value) !== null)
    ? good(value)
    : bad("must be an address like http://host:8080/path, or empty");

const wiringOf: Check<readonly number[]> = andThen(listOf(1, 3, whole(1, 3)), differentPhases);

export const FIELDS: { readonly [Name in SettingName]: Field<Values[Name]> } = frozen({
  id: field("ievcc", name),
  mode: field("auto", oneOf("auto", "manual", "solar")),
  manualA: field(amps(10), RATING),
  maxA: field(amps(32), RATING),
  cableA: field(amps(63), RATING),
  socket: field(false, yesNo),
  failsafeA: field(amps(0), FAILSAFE),
  wiring: field([1], wiringOf),
  phases: field(1, oneOf(1, 3)),
  priority: field(0, whole(0, 9)),
  member: field(true, yesNo),
  freeCharging: field(true, yesNo),
  cards: field([], andThen(listOf(0, 32, cardUid), differentCards)),
  ventilated: field(false, yesNo),
  wakeUp: field(true, yesNo),
  residualFitted: field(true, yesNo),
  contractedA: field(amps(30), current(1, 630)),
  bufferA: field(amps(0), current(0, 630)),
  houseMaxA: field(null, orElse(exactly(null), current(0, 630))),
  reportLeaseS: field(10, whole(3, 30)),
  periodS: field(1, whole(1, 60)),
  voltageV: field(230, between(100, 260)),
  meter: field("ours", oneOf("ours", "other", "none")),
  meterPreset: field(
    "amps",
    oneOf(
      "amps",
      "custom",
      "shellyEm",
      "shelly3em",
      "shellyProEm",
      "shellyPro3em",
      "tasmota",
      "tasmotaSml",
      "esphome",
      "p1",
      "homeAssistant",
      "solarEdge",
      "fronius",
    ),
  ),
  meterTopic: field("", text(0, 192, /^[^#+]*$/, "must be a topic without # and +")),
  meterPath: field("", text(0, 128, PRINTABLE, "must be at most 128 characters")),
  meterUnit: field("W", oneOf("A", "W", "kW")),
  meterSign: field("import", oneOf("import", "export")),
  measures: field("house", oneOf("house", "grid")),
  roof: field(false, yesNo),
  pzems: field([{ address: 1, role: "house", phase: 1 }], andThen(listOf(1, 6, pzemRow), pzemsTogether)),
  siteId: field("home", name),
  siteKey: field("", text(0, 64, /^(?:|(?:[0-9A-Fa-f]{2}){16,32})$/, "must be 32 to 64 hex digits, or empty")),
  roster: field([], andThen(listOf(0, ROSTER_LIMIT, rosterRow), differentIds)),
  siteVersion: field(0, whole(0, 0xffff_ffff)),
  policy: field("fair", oneOf("fair", "equal")),
  maxCharging: field(0, whole(0, ROSTER_LIMIT)),
  carrier: field("auto", oneOf("auto", "mqtt", "udp", "both")),
  manager: field(false, yesNo),
  wifiSsid: field("", text(0, 32, PRINTABLE, "must be at most 32 characters")),
  wifiPassword: field("", text(0, 63, PASSWORD, PASSWORD_WORDS)),
  mqttHost: field("", text(0, 253, /^[A-Za-z0-9.:-]*$/, "must be a host name or an address, or empty for no MQTT")),
  mqttPort: field(1883, whole(1, 65_535)),
  mqttUser: field("", text(0, 64, PRINTABLE, "must be at most 64 characters")),
  mqttPassword: field("", text(0, 128, PRINTABLE, "must be at most 128 characters")),
  mqttTls: field(false, yesNo),
  mqttCa: field("", text(0, 10, KEPT, "is stored by the page of the certificates")),
  mqttOwn: field("", text(0, 10, KEPT, "is stored by the page of the certificates")),
  mqttPrefix: field("ievcc", PREFIX),
  homeAssistant: field(false, yesNo),
  homeAssistantPrefix: field("homeassistant", PREFIX),
  setUp: field(false, yesNo),
  language: field("en", oneOf("en", "pt")),
  portalPassword: field("", text(0, 63, PASSWORD, PASSWORD_WORDS)),
  accessPointPassword: field("", text(0, 63, PASSWORD, PASSWORD_WORDS)),
  timeZone: field("", zoneText),
  utcOffsetMinutes: field(0, whole(-840, 840)),
  priceCents: field(null, orElse(exactly(null), between(0, 500))),
  tariff: field(null, orElse(exactly(null), tariffOf)),
  schedule: field({ windows: [], departures: [] }, scheduleOf),
  emoncms: field("off", oneOf("off", "http", "mqtt")),
  emoncmsUrl: field("", serverUrl),
  emoncmsKey: field("", text(0, 64, /^[A-Za-z0-9]*$/, "must be at most 64 letters and digits")),
  emoncmsNode: field("ievcc", name),
  influx: field("off", oneOf("off", "1", "2")),
  influxUrl: field("", serverUrl),
  influxBucket: field("", text(0, 64, PRINTABLE, "must be at most 64 characters")),
  influxOrg: field("", text(0, 64, PRINTABLE, "must be at most 64 characters")),
  influxUser: field(
    "",
    text(0, 64, /^[\u0020-\u0039\u003b-\u007e]*$/, "must be at most 64 plain characters, without :"),
  ),
  influxToken: field("", text(0, 128, /^[\u0020-\u007e]*$/, "must be at most 128 plain characters")),
  feedPeriodS: field(60, whole(5, 3_600)),
  apiToken: field("", text(0, 32, /^(?:|[0-9a-f]{32})$/, "is made by the page of the interface for programs")),
});

/** Never shown, logged, published or exported. */
export const SECRETS: readonly SettingName[] = frozen([
  "wifiPassword",
  "mqttPassword",
  "siteKey",
  "portalPassword",
  "accessPointPassword",
  "emoncmsKey",
  "influxToken",
  "apiToken",
]);

export const isSettingName = (key: string): key is SettingName => Object.hasOwn(FIELDS, key);
export const SETTING_NAMES: readonly SettingName[] = frozen(Object.keys(FIELDS).filter(isSettingName));

function setDefault<Name extends SettingName>(values: Partial<Values>, name: Name): void {
  values[name] = FIELDS[name].default;
}

const isComplete = (values: Partial<Values>): values is Values =>
  SETTING_NAMES.every((name) => Object.hasOwn(values, name));

function allDefaults(): Values {
  const values: Partial<Values> = {};
  for (const name of SETTING_NAMES) setDefault(values, name);
  if (!isComplete(values)) throw new Error("a setting has no default");
  return values;
}

export const DEFAULTS: Settings = frozen(allDefaults());
