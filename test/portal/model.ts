import type { ChargerModel, MeterModel } from "../../src/portal/model.js";
import { DEFAULTS } from "../../src/settings.js";
import { deciamps, decivolts, deciwatts, milliamps, millis } from "../../src/units.js";

export const CSRF = "k3y0f7h";

export const CHARGER: ChargerModel = {
  device: "charger",
  settings: DEFAULTS,
  csrf: CSRF,
  warnings: [],
  wifi: "joined",
  address: "192.168.1.20",
  mqtt: "online",
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
  },
};

export const METER: MeterModel = {
  device: "meter",
  settings: DEFAULTS,
  csrf: CSRF,
  warnings: [],
  wifi: "joined",
  address: "192.168.1.21",
  mqtt: "connecting",
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
  },
};
