// The raw facts of a run, in order of time, for whoever judges it. `t` is whole milliseconds of the plant's own time.

import type { Words } from "./board.js";
import type { ContactorFault } from "./contactor.js";
import type { LineState } from "./pilot-line.js";
import type { CarSpec, ScenarioEvent } from "./scenario.js";

export type Fact = { readonly t: number } & (
  | { readonly kind: "event"; readonly event: ScenarioEvent }
  /** A device gets or loses its supply, or restarts by itself. Outputs are at their unpowered levels until `boot`. */
  | {
      readonly kind: "power";
      readonly device: string;
      readonly on: boolean;
      readonly cause: "scenario" | "trip" | "restart" | "cut";
    }
  /** The firmware starts to run. */
  | { readonly kind: "boot"; readonly device: string; readonly reason: "power" | "restart" }
  /** A car came (with what it is) or left (null). A pilot driven by hand takes the car away. */
  | { readonly kind: "car"; readonly charger: string; readonly car: CarSpec | null }
  /** What hangs on the line, whatever the pin does; `byHand`: no car, somebody drives the line. */
  | {
      readonly kind: "pilot";
      readonly charger: string;
      readonly state: LineState;
      readonly diode: boolean;
      readonly byHand: boolean;
    }
  /** At the pin, hundredths of a percent; null while it floats. */
  | { readonly kind: "duty"; readonly charger: string; readonly duty: number | null }
  | { readonly kind: "coil"; readonly charger: string; readonly on: boolean }
  /** True position of the main contacts; `byCoil` false: a fault moved them. */
  | { readonly kind: "contactor"; readonly charger: string; readonly closed: boolean; readonly byCoil: boolean }
  | { readonly kind: "fault"; readonly charger: string; readonly contactor: ContactorFault }
  | { readonly kind: "residual"; readonly charger: string; readonly tripped: boolean }
  | { readonly kind: "temperature"; readonly charger: string; readonly celsius: number }
  /** A on each phase of the site; 0 after a trip. */
  | { readonly kind: "house"; readonly house: readonly number[]; readonly solar: readonly number[] }
  /**
   * A in the order of wiring, at each plant step (100 ms, and every event) while anything flows and once when it
   * stops; `energyWh` is the exact integral since t = 0. Straight lines between two of these, save at a jump (two
   * facts at one t). Not for a car whose charger has drawn nothing.
   */
  | {
      readonly kind: "draw";
      readonly charger: string;
      readonly amps: readonly number[];
      readonly energyWh: number;
      readonly socPct: number;
    }
  /** Last byte of a PZEM's reply at the meter (whole or broken), and what it said of the current. */
  | {
      readonly kind: "meterReply";
      readonly address: number;
      readonly role: "house" | "grid" | "solar";
      readonly phase: number;
      readonly milliamps: number;
      readonly intact: boolean;
    }
  /** The state, mode, because and role that a charger's firmware gives (off and none while it does not run). */
  | { readonly kind: "words"; readonly charger: string; readonly words: Words }
  /** The radio of a device out of the box has joined the site's network, or has left it. */
  | { readonly kind: "radio"; readonly device: string; readonly joined: boolean }
  | { readonly kind: "member"; readonly charger: string; readonly member: boolean }
  /** The main opened: site phase 1-3. From here on the site is without power. */
  | { readonly kind: "trip"; readonly phase: number }
  /** An MQTT publish has arrived at a charger, or a datagram (topic "udp"): the site's report, a value of somebody else's
   *  meter, or another message; what strangers send is always another. */
  | {
      readonly kind: "delivery";
      readonly charger: string;
      readonly topic: string;
      readonly bytes: number;
      readonly what: "report" | "reading" | "other";
    }
);

/** A fact that somebody else gives its time. */
export type Untimed<T> = T extends { readonly t: number } ? Omit<T, "t"> : never;
export type TellFact = (fact: Untimed<Fact>) => void;
