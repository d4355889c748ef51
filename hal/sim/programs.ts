// The three programs of the firmware, as the simulator runs them on any engine.

import { type ControllerEffect, type ControllerEvent, startController, stepController } from "../../src/controller.js";
import type { Boot } from "../../src/device.js";
import { contactorClosed, dutyOut, type EvseEffect, type EvseEvent, startEvse, stepEvse } from "../../src/evse.js";
import { type MeterEffect, type MeterEvent, startMeter, stepMeter } from "../../src/meter-node.js";
import type { Settings } from "../../src/settings.js";
import { leads } from "../../src/sharing.js";
import type { Millis } from "../../src/units.js";
import { type Opener, opener, type Program } from "./brain.js";

/** The charger's mode and the name of the limit that won. */
export type EvseWords = readonly [mode: string, because: string];
/** What the device is set to, and whether it leads its site. */
export type DeviceWords = readonly [settings: Settings, leads: boolean];

export interface Engine {
  readonly name: "v8" | "xs32" | "xs64";
  readonly evse: Opener<null, EvseEvent, EvseEffect, EvseWords>;
  readonly controller: Opener<Boot, ControllerEvent, ControllerEffect, DeviceWords>;
  readonly meter: Opener<Boot, MeterEvent, MeterEffect, DeviceWords>;
  /** Ends what the engine needed beside the machines. */
  close(): void;
}

/** At boot both outputs are written, whatever the pins were. */
function bootEvse(now: Millis): {
  readonly state: ReturnType<typeof startEvse>;
  readonly effects: readonly EvseEffect[];
} {
  const state = startEvse(now);
  return {
    state,
    effects: [
      { kind: "setContactor", closed: contactorClosed(state) },
      { kind: "setDuty", duty: dutyOut(state) },
    ],
  };
}

const program = <Boot, State, Event, Effect, Words>(
  one: Program<Boot, State, Event, Effect, Words>,
): Program<Boot, State, Event, Effect, Words> => Object.freeze(one);

export const evseProgram = program({
  start: (_boot: null, now) => bootEvse(now),
  step: stepEvse,
  words: ({ charge, decision }): EvseWords => [charge.mode, decision.because],
});
export const controllerProgram = program({
  start: startController,
  step: stepController,
  words: ({ device, sharing }): DeviceWords => [device.settings, leads(sharing)],
});
export const meterProgram = program({
  start: startMeter,
  step: stepMeter,
  words: ({ device }): DeviceWords => [device.settings, true],
});

export const v8: Engine = Object.freeze({
  name: "v8",
  evse: opener(evseProgram),
  controller: opener(controllerProgram),
  meter: opener(meterProgram),
  close: () => undefined,
});
