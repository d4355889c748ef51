import type { MeasuredAt } from "../../src/lease.js";
import type { Visitor } from "../../src/portal/logins.js";
import type { ChargerModel, MeterModel, PeopleView, PortalModel, RadioView } from "../../src/portal/model.js";
import { textsOf } from "../../src/portal/texts/texts.js";
import type { View } from "../../src/portal/view.js";
import { DEFAULTS, type Settings } from "../../src/settings.js";
import {
  deciamps,
  decicelsius,
  decivolts,
  deciwatts,
  duty,
  milliamps,
  millis,
  ohms,
  pilotMillivolts,
  unixSeconds,
  wattHours,
} from "../../src/units.js";

export const CSRF = "k3y0f7h";

const VISIT = { token: "0".repeat(32), csrf: CSRF, seenAt: millis(0) };
/** Somebody who is logged in. */
export const OWNER: Visitor = { visit: VISIT, allowed: true, csrf: CSRF };
export const STRANGER: Visitor = { visit: null, allowed: false, csrf: "" };

export const RADIO: RadioView = {
  accessPoint: true,
  name: "IEVCC-4F2A",
  password: "fluffy-kiwi-7",
  station: "off",
  address: null,
  failed: null,
  ssid: "",
  networks: [
    { ssid: "Casa", rssi: -52, open: false },
    { ssid: "Vizinhos <3", rssi: -68, open: false },
    { ssid: "Café", rssi: -85, open: true },
  ],
  scanning: false,
};

/** Set up, with a password. */
export const SET_UP: Settings = { ...DEFAULTS, setUp: true, portalPassword: "hush-hush-0", id: "charger-1" };

const COMMON = {
  now: millis(7_200_000),
  unix: unixSeconds(1_795_300_500),
  radio: RADIO,
  log: [
    { at: millis(1_000), text: "boot 3" },
    { at: millis(7_100_000), text: "MQTT <online>" },
  ],
  version: "0.1.0",
  refusedMessages: 3,
  otherMeter: null,
  restarted: "controller machine silent",
  found: null,
  freeMemory: 123_456,
  tallies: [
    {
      address: 1,
      read: 712,
      failed: 3,
      failure: { why: "badCrc", at: millis(7_140_000) },
      reading: {
        ok: true,
        address: 1,
        voltage: decivolts(2_301),
        current: milliamps(3_000),
        power: deciwatts(6_903),
        energy: wattHours(12_345),
        frequency: 500,
        powerFactor: 100,
        alarm: false,
      },
    },
    { address: 2, read: 0, failed: 715, failure: { why: "timeout", at: millis(7_199_000) }, reading: null },
  ],
} as const;

const READER = { phase: "polling", failures: 0, heardAt: millis(7_199_500) } as const;
/** What a board in state C says at 16 A. */
export const MEASURED: MeasuredAt = {
  at: millis(7_198_000),
  samples: {
    count: 118,
    high: [pilotMillivolts(6_034), pilotMillivolts(6_021), pilotMillivolts(6_014)],
    low: [pilotMillivolts(-11_990), pilotMillivolts(-11_990), pilotMillivolts(-12_003)],
  },
  duty: duty(2_666),
  contactorClosed: true,
  feedback: true,
  proximity: ohms(220),
  temperature: decicelsius(251),
};

/** What a charger adds to the pages of a device while no car is there. */
const NO_PEOPLE: PeopleView = { book: new Uint8Array(0), month: null, enrolling: null, enrolled: null, refused: [] };

export const IDLE: Pick<
  ChargerModel,
  "device" | "house" | "refusedMessages" | "otherMeter" | "tallies" | "history" | "charger"
> = {
  device: "charger",
  house: null,
  refusedMessages: 0,
  otherMeter: null,
  tallies: [],
  history: [],
  charger: {
    state: "available",
    offer: deciamps(0),
    because: "none",
    runnerUp: null,
    heldFor: millis(12_000),
    draw: null,
    contactorClosed: false,
    fault: null,
    evse: true,
    report: "none",
    timer: "none",
    session: null,
    measured: null,
    reader: READER,
    card: null,
    people: NO_PEOPLE,
    plan: null,
    kept: 0,
    writing: false,
  },
};

export const CHARGER: ChargerModel = {
  ...COMMON,
  device: "charger",
  settings: SET_UP,
  warnings: [],
  wifi: "joined",
  address: "192.168.1.20",
  host: "ievcc-a1b2.local",
  mqtt: "online",
  mqttTrouble: null,
  house: [milliamps(12_340)],
  charger: {
    state: "charging",
    offer: deciamps(90),
    because: "site",
    runnerUp: { name: "rating", amps: deciamps(320) },
    heldFor: millis(12_000),
    draw: [milliamps(8_700)],
    contactorClosed: true,
    fault: null,
    evse: true,
    report: "fresh",
    timer: "none",
    session: { id: 1, name: null, cost: null, currency: 0, since: millis(3_600_000), energyWh: 12_340 },
    measured: MEASURED,
    reader: READER,
    card: null,
    people: NO_PEOPLE,
    plan: null,
    kept: 0,
    writing: false,
  },
  history: [
    { at: millis(6_000_000), houseA: 3, carA: 0, limitA: 25 },
    { at: millis(6_120_000), houseA: null, carA: 8.7, limitA: 9 },
    { at: millis(6_240_000), houseA: 12.3, carA: 8.7, limitA: 9 },
    { at: millis(6_360_000), houseA: 12.3, carA: 8.6, limitA: 9 },
  ],
};

export const METER: MeterModel = {
  ...COMMON,
  device: "meter",
  settings: SET_UP,
  warnings: [],
  wifi: "joined",
  address: "192.168.1.21",
  host: "ievcc-c3d4.local",
  mqtt: "connecting",
  mqttTrouble: null,
  house: [milliamps(3_000), milliamps(4_000), milliamps(5_000)],
  meter: {
    pzems: [
      {
        address: 1,
        role: "house",
        phase: 1,
        reading: { ok: true, voltage: decivolts(2_301), current: milliamps(3_000), power: deciwatts(6_903) },
      },
      { address: 2, role: "solar", phase: 1, reading: { ok: false, why: "timeout" } },
    ],
    budget: [deciamps(270)],
    chargers: 2,
    feeds: [],
  },
};

/** A model as its owner sees it. */
export const viewOf = <Model extends PortalModel>(model: Model): View<Model> => ({
  model,
  texts: textsOf(model.settings.language),
  csrf: CSRF,
});
