// The slow inputs of a charger's board: temperature and proximity, from the converter's steps.

import { type Decicelsius, decicelsius, type Ohms, ohms } from "../../src/units.js";
import type { AnalogClass } from "./classes.js";

export interface SlowPins {
  readonly temperature: number;
  /** Null: a cable that is fixed to the charger. */
  readonly proximity: number | null;
}

export interface SlowInputs {
  temperature(): Decicelsius;
  proximity(): Ohms | null;
}

const STEPS = 4_095;
const FULL_MV = 2_450;
const SUPPLY_MV = 3_300;
/** NTC of 10 kOhm at 25 C, B = 3950, below 22 kOhm to 3.3 V: -10 to 100 C lie within the converter. */
const NTC_PULL_UP = 22_000;
const NTC_AT_25 = 10_000;
const NTC_B = 3_950;
const KELVIN_25 = 298.15;
const KELVIN_0 = 273.15;
/** 330 ohms to 3.3 V; two equal resistors of 100 kOhm halve the line for the converter and load it with 200 kOhm. */
const PROXIMITY_PULL_UP = 330;
const PROXIMITY_LOAD = 200_000;
/** Above this nobody has plugged in a cable. */
const OPEN_OHMS = 10_000;
/** A sensor that is torn off or shorted reads as hot: then there is no charging. */
const UNREADABLE = 1_500;

const millivolts = (steps: number): number => (steps * FULL_MV) / STEPS;

/** Tenths of a degree at the NTC; 150 C for a sensor that cannot be read. */
export function temperatureOf(steps: number | undefined): Decicelsius {
  const mv = millivolts(steps ?? 0);
  // The converter ends at 2.45 V, which is -10 C, and nothing tells a colder sensor from one that is torn off.
  if (mv < 60 || steps === STEPS) return decicelsius(UNREADABLE);
  const resistance = (NTC_PULL_UP * mv) / (SUPPLY_MV - mv);
  const kelvin = 1 / (1 / KELVIN_25 + Math.log(resistance / NTC_AT_25) / NTC_B);
  return decicelsius(Math.round((kelvin - KELVIN_0) * 10));
}

/** Ohms at the proximity contact, null with an open line. */
export function proximityOf(steps: number | undefined): Ohms | null {
  if (steps === undefined) return null;
  const line = 2 * millivolts(steps);
  if (line >= SUPPLY_MV) return null;
  const both = (PROXIMITY_PULL_UP * line) / (SUPPLY_MV - line);
  if (both >= OPEN_OHMS) return null;
  return ohms(Math.round((both * PROXIMITY_LOAD) / (PROXIMITY_LOAD - both)));
}

export function slowInputsOf(Analog: AnalogClass, pins: SlowPins): SlowInputs {
  const temperature = new Analog({ pin: pins.temperature });
  const proximity = pins.proximity === null ? null : new Analog({ pin: pins.proximity });
  return {
    temperature: () => temperatureOf(temperature.read()),
    proximity: () => (proximity === null ? null : proximityOf(proximity.read())),
  };
}
