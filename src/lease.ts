// What the two machines of a charger say to each other, and nothing else passes between them:
// the controller machine sends leases and the set-up, the EVSE machine sends its status back; asked what it measures, that.

import type { PilotSamples } from "../hal/ports.js";
import type { ChargeMode } from "./charge.js";
import type { Because, Limit } from "./limits.js";
import type { PilotState } from "./pilot.js";
import type { Deciamps, Decicelsius, Duty, Milliamps, Millis, Ohms } from "./units.js";

/** Permission to offer a current until a time. The EVSE machine never stretches it. */
export interface Lease {
  readonly offer: Deciamps;
  /** On the device's monotonic clock, the one that both machines read. */
  readonly until: Millis;
  readonly because: Because;
  readonly runnerUp: Limit | null;
  /** Somebody may charge: false ends the session, which is another thing than a pause. */
  readonly permitted: boolean;
  /** Largest phase current that the charger's own meter saw, null when it does not answer. */
  readonly draw: Milliamps | null;
}

/** What the EVSE machine must know of the installation. */
export interface EvseSetup {
  readonly rating: Deciamps;
  /** Rating of the installed cable; with `socket` the proximity contact tells it instead. */
  readonly cable: Deciamps;
  readonly socket: boolean;
  /** 0, or 6 A and up: what is offered when the lease has ended. */
  readonly failsafe: Deciamps;
  readonly ventilated: boolean;
  readonly wakeUp: boolean;
  readonly residualFitted: boolean;
}

export type Fault =
  | "pilot-short"
  | "no-diode"
  | "pilot-below-zero"
  | "pilot-unreadable"
  | "residual-current"
  | "residual-self-test"
  | "contactor-welded"
  | "contactor-stuck-open";

export interface EvseStatus {
  readonly mode: ChargeMode;
  readonly pilot: PilotState | null;
  /** What the duty says to the car now. */
  readonly offer: Deciamps;
  readonly because: Because;
  readonly runnerUp: Limit | null;
  /** Since when this offer and this reason hold. */
  readonly since: Millis;
  readonly contactorClosed: boolean;
  readonly fault: Fault | null;
  readonly temperature: Decicelsius;
  /** Rating read at the proximity contact, null when none is read. */
  readonly cable: Deciamps | null;
  /** A pause that the charger made lasts until then. */
  readonly pausedUntil: Millis;
}

/** What the EVSE machine's board says, as it was read: for whoever builds one, and nothing is decided by it elsewhere. */
export interface Measured {
  readonly samples: PilotSamples;
  /** At the pin. */
  readonly duty: Duty;
  readonly contactorClosed: boolean;
  /** Where the contacts are, null without feedback. */
  readonly feedback: boolean | null;
  readonly proximity: Ohms | null;
  readonly temperature: Decicelsius;
}
/** By the device's clock, when the other machine heard it. */
export type MeasuredAt = Measured & { readonly at: Millis };
