// What a site lives through, one event at a time: the table of their kinds, each with its keys and defaults.

import type { LineState } from "./pilot-line.js";
import {
  above,
  anything,
  type Complaint,
  flag,
  isRecord,
  list,
  number,
  oneOf,
  type Read,
  type Section,
  section,
  text,
  whole,
} from "./read.js";

export interface CarSpec {
  readonly maxA: number;
  readonly phases: number;
  readonly batteryKWh: number;
  readonly socPct: number;
  readonly reactS: number;
  readonly rampAps: number;
  readonly obeys: boolean;
  readonly leavesC: boolean;
  readonly diode: boolean;
}

export type HandState = LineState | "no-diode" | { readonly highV: number; readonly lowV: number };
export type MeterFault = "ok" | "silent" | "stuck" | "garbage" | "zero";

type Typed = Readonly<Record<string, unknown>>;

/** What is left out is not asked for. */
export interface Wish {
  /** Charge now. */
  readonly boost: boolean;
  /** Not before so many seconds; 0: at once. */
  readonly delayS: number;
  /** So much energy within so many seconds; 0: no matter. */
  readonly needKWh: number;
  readonly withinS: number;
}

export type Happening =
  | { readonly what: "house" | "solar"; readonly amps: readonly number[] }
  | { readonly what: "plug"; readonly charger: string; readonly car: CarSpec }
  | { readonly what: "unplug" | "impersonate"; readonly charger: string }
  | { readonly what: "pilot"; readonly charger: string; readonly state: HandState }
  | { readonly what: "set"; readonly device: string; readonly settings: Readonly<Record<string, unknown>> }
  /** Somebody is entered at a charger, or changed where the charger knows the name. */
  | { readonly what: "person"; readonly charger: string; readonly name: string; readonly rights: Typed }
  /** Somebody asks a charger's schedule for something once. */
  | { readonly what: "ask"; readonly charger: string; readonly wish: Wish }
  | { readonly what: "button"; readonly charger: string; readonly holdS: number }
  | { readonly what: "card"; readonly charger: string; readonly uid: string }
  | { readonly what: "power"; readonly device: string; readonly on: boolean }
  | { readonly what: "link"; readonly device: string; readonly up: boolean }
  | {
      readonly what: "network";
      readonly loss: number;
      readonly duplicate: number;
      readonly delayS: readonly [number, number];
    }
  | { readonly what: "partition"; readonly groups: readonly (readonly string[])[] }
  | { readonly what: "broker"; readonly up: boolean }
  | { readonly what: "meter"; readonly fault: MeterFault }
  | { readonly what: "hang"; readonly device: string; readonly restarts: boolean }
  | { readonly what: "busy"; readonly device: string; readonly forS: number }
  | {
      readonly what: "visit";
      readonly device: string;
      readonly path: string;
      readonly count: number;
      /** Each logs in with it first; empty: nobody does. */
      readonly password: string;
      /** What is filled into the form of the page and posted, by name; null: only the page is asked for. */
      readonly form: Readonly<Record<string, string>> | null;
      /** 0: whole requests at once; else a byte each so many seconds, for `forS`. */
      readonly dripS: number;
      readonly forS: number;
    }
  | { readonly what: "contactor"; readonly charger: string; readonly fault: "welded" | "stuck-open" | "none" }
  | {
      readonly what: "trip";
      readonly charger: string;
      readonly cause: "residual" | "temperature" | "none";
      readonly celsius: number;
    }
  | { readonly what: "clock"; readonly device: string; readonly jumpS: number }
  | { readonly what: "forge"; readonly message: "report" | "demand" }
  | { readonly what: "replay"; readonly lastS: number };

export type ScenarioEvent = Happening & {
  readonly atS: number;
  /** The event as it was written, for the timeline. */
  readonly said: Readonly<Record<string, unknown>>;
};

/** What an event may speak of. */
export interface Cast {
  readonly phases: number;
  readonly chargers: readonly string[];
  /** A meter stands on the site, ours or somebody else's. */
  readonly metered: boolean;
  /** It runs our firmware. */
  readonly meterRuns: boolean;
}

const MOST_A = 1_000;

function amps({ phases }: Cast): Read<readonly number[]> {
  const one = number(0, MOST_A, "A");
  return (value, key, wrong) => {
    if (!Array.isArray(value)) return Array.from({ length: phases }, () => one(value, key, wrong));
    if (value.length !== phases) wrong.push({ key, why: `must have an entry for each of ${phases} phase(s)` });
    return Array.from({ length: phases }, (_, at) => one(value[at] ?? 0, `${key}[${at}]`, wrong));
  };
}

function named(names: readonly string[], what: string): Read<string> {
  return (value, key, wrong) => {
    const found = names.find((name) => name === value);
    if (found !== undefined) return found;
    wrong.push({ key, why: `${JSON.stringify(value) ?? "nothing"} is not ${what}` });
    return "";
  };
}

const charger = (cast: Cast): Read<string> => named(cast.chargers, "a charger of this scenario");
const devices = (cast: Cast): readonly string[] => (cast.metered ? [...cast.chargers, "meter"] : cast.chargers);
const device = (cast: Cast): Read<string> => named(devices(cast), "a device of this scenario");
/** A device with our firmware in it. */
const runner = (cast: Cast): Read<string> =>
  named(cast.meterRuns ? devices(cast) : cast.chargers, "a device of this scenario that runs the firmware");

const car: Read<CarSpec> = (value, key, wrong) => {
  const at = section(value, key, wrong);
  const spec: CarSpec = {
    maxA: at.take("maxA", number(6, 80, "A"), 32),
    phases: at.take("phases", oneOf(1, 2, 3), 1),
    batteryKWh: at.take("batteryKWh", above(0, 1_000, "kWh"), 24),
    socPct: at.take("socPct", number(0, 100, "%"), 33),
    reactS: at.take("reactS", number(0, 60, "s"), 1),
    rampAps: at.take("rampAps", above(0, 10_000, "A/s"), 10),
    obeys: at.take("obeys", flag, true),
    leavesC: at.take("leavesC", flag, true),
    diode: at.take("diode", flag, true),
  };
  at.done();
  return spec;
};

const hand: Read<HandState> = (value, key, wrong) => {
  if (!isRecord(value)) return oneOf("A", "B", "C", "D", "E", "F", "no-diode")(value, key, wrong);
  const at = section(value, key, wrong);
  const held = { highV: at.need("highV", number(-15, 15, "V")), lowV: at.need("lowV", number(-15, 15, "V")) };
  at.done();
  return held;
};

/** One delay or a range. */
const delay: Read<readonly [number, number]> = (value, key, wrong) => {
  const one = number(0, 60, "s");
  if (typeof value === "number") return [one(value, key, wrong), value];
  const [low = 0, high = 0] = list(one, 2, 2)(value, key, wrong);
  if (low > high) wrong.push({ key, why: "must go from the shorter to the longer delay" });
  return [low, high];
};

function groups(cast: Cast): Read<readonly (readonly string[])[]> {
  return (value, key, wrong) => {
    const read = list(list(named([...devices(cast), "broker"], "a device of this scenario, or broker")));
    const found = read(value, key, wrong);
    const names = found.flat();
    const twice = names.find((name, at) => names.indexOf(name) !== at);
    if (twice !== undefined) wrong.push({ key, why: `${twice} stands in two groups` });
    return found;
  };
}

const uid = text(/^([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$/, "a UID of 4, 7 or 10 bytes in capital hex digits");
const network: Read<{ loss: number; duplicate: number; delayS: readonly [number, number] }> = (value, key, wrong) => {
  const at = section(value, key, wrong);
  const read = {
    loss: at.take("loss", number(0, 1), 0),
    duplicate: at.take("duplicate", number(0, 1), 0),
    delayS: at.take("delayS", delay, [0.01, 0.01]),
  };
  at.done();
  return read;
};

const forged: Read<Happening> = (value, key, wrong) => {
  if (!isRecord(value)) return { what: "forge", message: oneOf("report", "demand")(value, key, wrong) };
  const at = section(value, key, wrong);
  const lastS = at.need("replay", above(0, 3_600, "s"));
  at.done();
  return { what: "replay", lastS };
};

/** By the names of a page's form. */
const formFields: Read<Readonly<Record<string, string>>> = (value, key, wrong) => {
  const fields: Record<string, string> = {};
  if (!isRecord(value)) wrong.push({ key, why: "must be an object" });
  for (const [name, typed] of isRecord(value) ? Object.entries(value) : []) {
    if (typeof typed === "string" && typed.length <= 8_192) fields[name] = typed;
    else wrong.push({ key: `${key}.${name}`, why: "must be text of at most 8192 characters" });
  }
  return fields;
};

const meterFault = oneOf("ok", "silent", "stuck", "garbage", "zero");

/** Each kind of event by the key that names it. A key left out has the value printed in the design. */
const KINDS: Readonly<Record<string, (at: Section, cast: Cast) => Happening>> = Object.freeze({
  house: (at, cast) => ({ what: "house", amps: at.need("house", amps(cast)) }),
  solar: (at, cast) => ({ what: "solar", amps: at.need("solar", amps(cast)) }),
  plug: (at, cast) => ({
    what: "plug",
    charger: at.need("plug", charger(cast)),
    car: at.take("car", car, car({}, "", [])),
  }),
  unplug: (at, cast) => ({ what: "unplug", charger: at.need("unplug", charger(cast)) }),
  pilot: (at, cast) => ({ what: "pilot", charger: at.need("pilot", charger(cast)), state: at.need("state", hand) }),
  set: (at, cast) => ({ what: "set", device: at.need("set", runner(cast)), settings: at.need("settings", anything) }),
  person: (at, cast) => ({
    what: "person",
    charger: at.need("person", charger(cast)),
    name: at.need("name", text(/^.{1,24}$/, "a name of 1 to 24 characters")),
    rights: at.take("rights", anything, {}),
  }),
  ask: (at, cast) => ({
    what: "ask",
    charger: at.need("ask", charger(cast)),
    wish: {
      boost: at.take("boost", flag, false),
      delayS: at.take("delayS", number(0, 604_800, "s"), 0),
      needKWh: at.take("needKWh", number(0, 200, "kWh"), 0),
      withinS: at.take("withinS", number(0, 604_800, "s"), 0),
    },
  }),
  button: (at, cast) => ({
    what: "button",
    charger: at.need("button", charger(cast)),
    holdS: at.take("holdS", above(0, 600, "s"), 0.2),
  }),
  card: (at, cast) => ({ what: "card", charger: at.need("card", charger(cast)), uid: at.need("uid", uid) }),
  power: (at, cast) => ({ what: "power", device: at.need("power", device(cast)), on: at.take("on", flag, false) }),
  link: (at, cast) => ({ what: "link", device: at.need("link", device(cast)), up: at.take("up", flag, false) }),
  network: (at) => ({ what: "network", ...at.need("network", network) }),
  partition: (at, cast) => ({ what: "partition", groups: at.need("partition", groups(cast)) }),
  broker: (at) => ({ what: "broker", up: at.need("broker", oneOf("down", "up")) === "up" }),
  meter: (at, cast) => {
    if (!cast.metered) at.complain("meter", "there is no meter on this site");
    return { what: "meter", fault: at.need("meter", meterFault) };
  },
  hang: (at, cast) => ({
    what: "hang",
    device: at.need("hang", runner(cast)),
    restarts: at.take("restarts", flag, true),
  }),
  busy: (at, cast) => ({
    what: "busy",
    device: at.need("busy", runner(cast)),
    forS: at.take("forS", above(0, 3_600, "s"), 0.4),
  }),
  visit: (at, cast) => ({
    what: "visit",
    device: at.need("visit", runner(cast)),
    path: at.take("path", text(/^\/[a-z0-9/?=.-]{0,60}$/, "the path of a page"), "/"),
    count: at.take("count", whole(1, 1_000), 1),
    password: at.take("password", text(/^[\x20-\x7e]{0,63}$/, "up to 63 characters"), ""),
    form: at.take("form", formFields, null),
    dripS: at.take("dripS", number(0, 60, "s"), 0),
    forS: at.take("forS", above(0, 3_600, "s"), 60),
  }),
  contactor: (at, cast) => ({
    what: "contactor",
    charger: at.need("contactor", charger(cast)),
    fault: at.take("fault", oneOf("welded", "stuck-open", "none"), "welded"),
  }),
  trip: (at, cast) => ({
    what: "trip",
    charger: at.need("trip", charger(cast)),
    cause: at.take("cause", oneOf("residual", "temperature", "none"), "residual"),
    celsius: at.take("celsius", number(-60, 200, "C"), 82),
  }),
  clock: (at, cast) => ({
    what: "clock",
    device: at.need("clock", runner(cast)),
    jumpS: at.take("jumpS", number(-4e9, 4e9, "s"), 86_400),
  }),
  forge: (at) => at.need("forge", forged),
  replay: (at) => ({ what: "replay", lastS: at.need("replay", above(0, 3_600, "s")) }),
  impersonate: (at, cast) => ({ what: "impersonate", charger: at.need("impersonate", charger(cast)) }),
});

const HARMLESS: Happening = { what: "partition", groups: [] };

/** An event of a site with this cast. */
export function readEvent(cast: Cast): Read<ScenarioEvent> {
  return (value, key, wrong: Complaint[]) => {
    const at = section(value, key, wrong);
    const given: Readonly<Record<string, unknown>> = isRecord(value) ? value : {};
    const atS = at.need("atS", number(0, 40 * 86_400, "s"));
    const kinds = Object.keys(KINDS).filter((kind) => at.has(kind));
    const [kind, second] = kinds;
    const read = KINDS[kind ?? ""];
    if (isRecord(value) && read === undefined) {
      const typed = Object.keys(value).find((name) => name !== "atS");
      wrong.push({ key: typed === undefined ? key : at.path(typed), why: "no event is called so" });
    }
    if (kind !== undefined && second !== undefined) {
      wrong.unshift({ key: at.path(second), why: `one event cannot be both ${kind} and ${second}` });
    }
    if (read === undefined || second !== undefined) return { ...HARMLESS, atS, said: given };
    const happening = read(at, cast);
    at.done();
    const { atS: _, ...said } = given;
    return { ...happening, atS, said };
  };
}
