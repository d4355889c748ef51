// Hours in the life of a charger and its meter, each with a car for ten minutes, a page of both devices and a cut of the
// broker: what their machines hold after a collection at the end of each.

import { PORTAL_PASSWORD } from "../../hal/sim/scenario-settings.js";
import { simulate } from "../../hal/sim/simulation.js";
import { writeBackup } from "../../src/backup.js";
import { parse } from "../../src/settings.js";
import { CREATIONS, type ProgramName, type XsEngine } from "./engine.js";
import type { Creation, Memory } from "./host.js";

export const PROGRAMS: readonly ProgramName[] = Object.freeze(["evse", "controller", "meter"]);
const HOUR_S = 3_600;

/** What is judged deepest of all that is posted: rules within a plan within a tariff within the settings. */
const OWN_TARIFF = Object.freeze({
  go: "tariff",
  kind: "own",
  "period-1": "night",
  "price-1": "0,1",
  "period-2": "day",
  "price-2": "0,2",
  currency: "EUR",
  other: "2",
  rules: "22:00-08:00 12345 winter 11-2 night",
});
const PEOPLE = 100;
const cardOf = (person: number): string => `04A1B2C3D4${(0xe000 + person).toString(16).toUpperCase()}`;
const TARIFF = Object.freeze({
  currency: "EUR",
  vatPct: 23,
  plan: "pt-tri-weekly",
  prices: Object.freeze([0.0988, 0.1585, 0.2915]),
  sessionFee: 0.1,
  idleFee: 0.5,
});
const OWN_PLAN = Object.freeze({
  periods: ["night", "day", "peak"],
  rules: Array.from({ length: 8 }, () => ({
    period: 0,
    days: "12345",
    from: "22:00",
    to: "08:00",
    season: "winter",
    months: [11, 2],
  })),
  other: 1,
});
const SCHEDULE = Object.freeze({
  windows: Object.freeze([
    Object.freeze({ days: "12345", from: "08:00", to: "09:00", limitA: 16 }),
    Object.freeze({ days: "67", from: "12:00", to: "14:00", limitA: 0 }),
  ]),
  departures: Object.freeze([Object.freeze({ days: "12345", at: "07:30", needWh: 12_000 })]),
});

/** All of it as text, from a device whose settings are none of this one's: every row of what it changes is shown. */
function backup(): string {
  const cards = Array.from({ length: 32 }, (_, place) => cardOf(place));
  const tariff = { ...TARIFF, plan: OWN_PLAN };
  const parsed = parse({ id: "other", timeZone: "Europe/Paris", cards, tariff, schedule: SCHEDULE });
  if (!parsed.ok) throw new Error("these are no settings");
  return writeBackup(parsed.settings, "charger", "0.1.0", null);
}

const PAGES: readonly { readonly path: string; readonly form?: Readonly<Record<string, string>> }[] = Object.freeze([
  ...["/", "/people", "/schedule", "/tariff", "/backup", "/sessions.csv?month=all"].map((path) => ({ path })),
  { path: "/restore", form: { backup: backup() } },
  { path: "/tariff", form: OWN_TARIFF },
  { path: "/tariff" },
]);

const OUTSIDE = Object.freeze({ homeAssistant: true });
/** Servers that are not there: samples go to flash, and are tried again and again. */
const FED = Object.freeze({
  emoncms: "http",
  emoncmsUrl: "http://emoncms",
  emoncmsKey: "0123456789abcdef0123456789abcdef",
  influx: "2",
  influxUrl: "http://influx:8086",
  influxOrg: "home",
  influxBucket: "house",
  influxToken: "0123456789abcdef0123456789abcdef",
  feedPeriodS: 5,
});

/** The scenario's text: all that a charger can be set to is set. */
export function dayScenario(hours: number): string {
  const events = Array.from({ length: hours }, (_, hour) => {
    const at = hour * HOUR_S;
    return [
      { atS: at + 300, plug: "charger-1", car: { maxA: 32, batteryKWh: 24, socPct: 33 } },
      { atS: at + 310, card: "charger-1", uid: cardOf(hour % PEOPLE) },
      { atS: at + 500, house: 13.2 },
      { atS: at + 620, house: 3.2 },
      { atS: at + 900, unplug: "charger-1" },
      ...PAGES.map((page, place) => ({
        atS: at + 1_200 + 2 * place,
        visit: "charger-1",
        ...page,
        password: PORTAL_PASSWORD,
      })),
      { atS: at + 1_240, visit: "meter", path: "/home", password: PORTAL_PASSWORD },
      { atS: at + 1_800, broker: "down" },
      { atS: at + 1_860, broker: "up" },
    ];
  });
  return JSON.stringify({
    name: "hours",
    seed: 24,
    durationS: hours * HOUR_S,
    startsAt: "2026-11-20T18:00:00+00:00",
    site: { contractedA: 25, bufferA: 3, timeZone: "Europe/Lisbon", tariff: TARIFF },
    chargers: [{ id: "charger-1", schedule: SCHEDULE, settings: { freeCharging: false, ...OUTSIDE } }],
    people: Array.from({ length: PEOPLE }, (_, person) => ({
      name: `Flat ${person + 1}`,
      cards: [cardOf(person)],
      maxA: 16,
      priority: person % 10,
      hours: { days: [1, 2, 3, 4, 5, 6, 7], from: "00:00", to: "24:00" },
      monthlyKWh: 400,
    })),
    events: [
      { atS: 0, house: 3.2 },
      { atS: 5, set: "meter", settings: { ...OUTSIDE, ...FED } },
      { atS: 6, set: "charger-1", settings: { apiToken: "00112233445566778899aabbccddeeff" } },
      ...events.flat(),
    ],
  });
}

export interface HourEnd {
  readonly hour: number;
  readonly memory: Readonly<Record<ProgramName, Memory>>;
}

/** The device's RAM, or a part of it; the stack stays. */
export const scaled = (share: number): Readonly<Record<ProgramName, Creation>> => {
  const part = ({ chunk, heap, ...rest }: Creation): Creation => ({
    ...rest,
    chunk: Math.floor(chunk * share),
    heap: Math.floor(heap * share),
  });
  return { evse: part(CREATIONS.evse), controller: part(CREATIONS.controller), meter: part(CREATIONS.meter) };
};

export interface Lived {
  /** Restarts that no event asked for, and rules that broke; in words. */
  readonly troubles: readonly string[];
}

/** Lives through the hours; `onHour` after each. */
export function liveThrough(xs: XsEngine, hours: number, onHour: (end: HourEnd) => void): Lived {
  const troubles: string[] = [];
  let hour = 1;
  const run = simulate(dayScenario(hours), {
    engine: xs,
    onAnswer(device, path, bytes) {
      const [status = ""] = String.fromCharCode(...bytes.subarray(0, 12)).match(/\d{3}$/) ?? [];
      if (!["200", "303"].includes(status)) troubles.push(`${device} answers ${path} with ${status || "nothing"}`);
    },
    onRecord(record) {
      if (record.kind === "note" && /^(?:restart:|bug)/.test(record.text))
        troubles.push(`${record.t} s: ${record.text}`);
      if (record.t < hour * HOUR_S - 1) return;
      onHour({
        hour,
        memory: { evse: xs.memory("evse"), controller: xs.memory("controller"), meter: xs.memory("meter") },
      });
      hour++;
    },
  });
  if (!run.ok) return { troubles: [`${run.key}: ${run.why}`] };
  return { troubles: [...troubles, ...run.summary.broken.map(({ t, rule }) => `${t} s: broke ${rule}`)] };
}
