// The settings of a device, one row each: what it holds, its default, and what may be typed into it.
// What two settings must have to do with each other stands in settings-rules.ts.

import { frozen } from "./frozen.js";
import {
  andThen,
  bad,
  between,
  type Check,
  type Checked,
  current,
  exactly,
  good,
  isRecord,
  listOf,
  oneOf,
  orElse,
  text,
  whole,
  yesNo,
} from "./settings-checks.js";
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
  /** Where the house's reading comes from: our meter device, or nowhere (a fixed limit). */
  meter: "ours" | "none";
  measures: "house" | "grid";
  roof: boolean;
  pzems: readonly Pzem[];
  siteId: string;
  wifiSsid: string;
  wifiPassword: string;
  /** Empty: no MQTT. */
  mqttHost: string;
  mqttPort: number;
  mqttUser: string;
  mqttPassword: string;
  mqttPrefix: string;
}

export type Settings = Readonly<Values>;
export type SettingName = keyof Values;

interface Field<T> {
  readonly default: T;
  readonly check: Check<T>;
}

const field = <T>(standard: T, check: Check<T>): Field<T> => frozen({ default: standard, check });

const NAME = "must be 1 to 32 letters, digits, _ or -";
const name = text(1, 32, /^[A-Za-z0-9_-]+$/, NAME);
const RATING = current(6, 80);
// Printable, without control characters, which no broker and no access point takes.
// What is allowed, not what is refused: XS before 17 reads a negated class that begins with U+0000 wrongly.
const PRINTABLE = /^[\u0020-\u007e\u0080-\uffff]*$/;

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

const isTwice = (list: readonly (string | number)[]): boolean => new Set(list).size < list.length;

function pzemsTogether(list: readonly Pzem[]): Checked<readonly Pzem[]> {
  if (isTwice(list.map((one) => one.address))) return bad("two PZEMs have the same address");
  if (isTwice(list.map((one) => `${one.role} ${one.phase}`))) return bad("two PZEMs measure the same thing");
  const has = (role: Pzem["role"]): boolean => list.some((one) => one.role === role);
  return has("house") && has("grid") ? bad("measure the house or the grid, not both") : good(list);
}

/** 4-byte UIDs that start with 08 are random, new at each presentation. ISO/IEC 14443-3, 6.5.4. */
function cardUid(value: unknown): Checked<string> {
  const digits = typeof value === "string" && value.length <= 20 ? value.toUpperCase() : "";
  if (!/^(?:[0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$/.test(digits))
    return bad("must be a UID of 8, 14 or 20 hex digits");
  return digits.length === 8 && digits.startsWith("08") ? bad("is a random UID, different each time") : good(digits);
}

const differentCards = (list: readonly string[]): Checked<readonly string[]> =>
  isTwice(list) ? bad("names a card twice") : good(list);

const differentPhases = (list: readonly number[]): Checked<readonly number[]> =>
  list.length === 2 || isTwice(list) ? bad("must be one phase, or three different ones") : good(list);

export const FIELDS: { readonly [Name in SettingName]: Field<Values[Name]> } = frozen({
  id: field("ievcc", name),
  mode: field("auto", oneOf("auto", "manual", "solar")),
  manualA: field(amps(10), RATING),
  maxA: field(amps(32), RATING),
  cableA: field(amps(63), RATING),
  socket: field(false, yesNo),
  failsafeA: field(amps(0), orElse(current(0, 0), current(6, 80))),
  wiring: field([1], andThen(listOf(1, 3, whole(1, 3)), differentPhases)),
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
  meter: field("ours", oneOf("ours", "none")),
  measures: field("house", oneOf("house", "grid")),
  roof: field(false, yesNo),
  pzems: field([{ address: 1, role: "house", phase: 1 }], andThen(listOf(1, 6, pzemRow), pzemsTogether)),
  siteId: field("home", name),
  wifiSsid: field("", text(0, 32, PRINTABLE, "must be at most 32 characters")),
  wifiPassword: field("", text(0, 63, /^(?:|[\x20-\x7e]{8,63})$/, "must be 8 to 63 plain characters, or empty")),
  mqttHost: field("", text(0, 253, /^[A-Za-z0-9.:-]*$/, "must be a host name or an address, or empty for no MQTT")),
  mqttPort: field(1883, whole(1, 65_535)),
  mqttUser: field("", text(0, 64, PRINTABLE, "must be at most 64 characters")),
  mqttPassword: field("", text(0, 128, PRINTABLE, "must be at most 128 characters")),
  mqttPrefix: field(
    "ievcc",
    text(
      1,
      64,
      /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/,
      "must be 1 to 64 letters, digits, _ or -, in parts joined by /",
    ),
  ),
});

/** Never shown, logged, published or exported. */
export const SECRETS: readonly SettingName[] = frozen(["wifiPassword", "mqttPassword"]);

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
