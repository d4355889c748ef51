// What a board's manifest says of it (hal/esp32/boards/*/manifest.json, "config"), checked: a pin that is missing is told
// at the first start, and not by a car.

import type { SlowPins } from "./board.js";
import type { ContactorPins } from "./contactor.js";
import type { EthernetPins } from "./ethernet.js";
import type { LampPins } from "./panel.js";
import type { PilotCalibration, PilotPins } from "./pilot.js";
import type { I2cPins } from "./pn532-i2c.js";
import type { ResidualPins } from "./residual.js";
import type { SerialPins } from "./serial.js";

export interface ChargerBoard {
  readonly evse: PilotPins & ContactorPins & SlowPins;
  readonly residual: ResidualPins | null;
  readonly calibration: PilotCalibration;
  readonly pzem: SerialPins;
  /** By its own UART, by I2C, or none. */
  readonly nfc: { readonly serial: SerialPins } | { readonly i2c: I2cPins } | null;
  readonly lamp: LampPins | null;
  readonly button: number;
  readonly ethernet: EthernetPins | null;
}

export interface MeterBoard {
  readonly pzem: SerialPins;
  readonly oled: I2cPins | null;
  readonly ethernet: EthernetPins | null;
}

interface Fields {
  number(name: string): number;
  /** Null where the board says null. */
  optional<T>(name: string, read: (fields: Fields) => T): T | null;
}

/** Throws with the name of what is missing. */
function fieldsOf(value: unknown, path: string): Fields {
  const at = (name: string): unknown => {
    if (typeof value !== "object" || value === null || !(name in value))
      throw new Error(`the board has no ${path}${name}`);
    return Reflect.get(value, name);
  };
  return {
    number(name) {
      const found = at(name);
      if (typeof found !== "number") throw new Error(`the board's ${path}${name} is no number`);
      return found;
    },
    optional(name, read) {
      const found = at(name);
      return found === null ? null : read(fieldsOf(found, `${path}${name}.`));
    },
  };
}

const needed = <T>(fields: Fields, name: string, read: (fields: Fields) => T): T => {
  const found = fields.optional(name, read);
  if (found === null) throw new Error(`the board has no ${name}`);
  return found;
};

const serialPins = (fields: Fields): SerialPins => ({
  port: fields.number("port"),
  receive: fields.number("receive"),
  transmit: fields.number("transmit"),
});
const i2cPins = (fields: Fields): I2cPins => ({ data: fields.number("data"), clock: fields.number("clock") });
const lampPins = (fields: Fields): LampPins => ({
  red: fields.number("red"),
  green: fields.number("green"),
  blue: fields.number("blue"),
});
const residualPins = (fields: Fields): ResidualPins => ({ trip: fields.number("trip"), test: fields.number("test") });
const ethernetPins = (fields: Fields): EthernetPins => ({
  address: fields.number("address"),
  power: fields.number("power"),
  mdc: fields.number("mdc"),
  mdio: fields.number("mdio"),
  clock: fields.number("clock"),
});
/** A pin in an object of its own: only so can it be null. */
const onePin = (fields: Fields): number => fields.number("pin");

const evsePins = (fields: Fields): ChargerBoard["evse"] => ({
  pilot: fields.number("pilot"),
  pilotSense: fields.number("pilotSense"),
  contactor: fields.number("contactor"),
  feedback: fields.optional("feedback", onePin),
  temperature: fields.number("temperature"),
  proximity: fields.optional("proximity", onePin),
});

export function chargerBoardOf(config: unknown): ChargerBoard {
  const board = fieldsOf(config, "");
  const card = board.optional("nfcSerial", serialPins);
  const cardI2c = board.optional("nfcI2c", i2cPins);
  return {
    evse: needed(board, "evse", evsePins),
    residual: board.optional("residual", residualPins),
    calibration: needed(board, "calibration", (fields) => ({
      zero: fields.number("zero"),
      microvoltsPerStep: fields.number("microvoltsPerStep"),
    })),
    pzem: needed(board, "pzem", serialPins),
    nfc: card !== null ? { serial: card } : cardI2c !== null ? { i2c: cardI2c } : null,
    lamp: board.optional("lamp", lampPins),
    button: board.number("button"),
    ethernet: board.optional("ethernet", ethernetPins),
  };
}

export function meterBoardOf(config: unknown): MeterBoard {
  const board = fieldsOf(config, "");
  return {
    pzem: needed(board, "pzem", serialPins),
    oled: board.optional("oled", i2cPins),
    ethernet: board.optional("ethernet", ethernetPins),
  };
}
