// What the lamp of the charger and the OLED of the meter show, as functions of the state.

import type { Lamp } from "../hal/ports.js";
import type { CardAnswer } from "./access.js";
import { frozen } from "./frozen.js";
import type { EvseStatus } from "./lease.js";
import type { BusAnswer } from "./pzem-bus.js";
import { type Deciamps, deciamps } from "./units.js";

/** The currents that the button goes through, and how often the lamp blinks to show each: once for 6 A, up to 8 times. */
const BUTTON_AMPS = frozen([60, 80, 100, 130, 160, 200, 250, 320].map(deciamps));

/** The next of the button's currents within the rating; past the last one it begins again. */
export function nextManual(now: Deciamps, rating: Deciamps): Deciamps {
  const within = BUTTON_AMPS.filter((amps) => amps <= rating);
  return within.find((amps) => amps > now) ?? within[0] ?? deciamps(60);
}

export interface LampShow {
  readonly lamp: Lamp;
  /** Blinks in a row: the step of the manual current; 0 shines or blinks without end. */
  readonly blinks: number;
}

/** Red: fault or no EVSE machine. Blue: charging. Blinking blue: plugged, not charging. Green: ready. In manual mode
 *  the blinks count the step of the current. */
export function lampOf(status: EvseStatus | null, manual: Deciamps | null): LampShow {
  const blinks = manual === null ? 0 : BUTTON_AMPS.filter((amps) => amps <= manual).length;
  if (status === null) return { lamp: "red", blinks: 0 };
  switch (status.mode) {
    case "faulted":
      return { lamp: "blinking-red", blinks: 0 };
    case "charging":
      return { lamp: "blue", blinks };
    case "available":
      return { lamp: "green", blinks };
    case "preparing":
    case "stopping":
    case "suspendedEV":
    case "suspendedEVSE":
    case "finishing":
      return { lamp: "blinking-blue", blinks };
  }
}

/** What the lamp answers a card for 2 s: green, it was taken; red, it was refused. */
export const lampForCard = (answer: CardAnswer | "enrolled"): LampShow => ({
  lamp: ACCEPTED.includes(answer) ? "green" : "red",
  blinks: 0,
});
const ACCEPTED: readonly string[] = frozen(["started", "stopped", "noted", "enrolled"]);

export interface OledView {
  readonly address: string;
  readonly online: boolean;
  readonly stuck: boolean;
  readonly answers: readonly BusAnswer[];
  /** Name and password of the device's own access point while it is open. */
  readonly accessPoint: readonly [ssid: string, password: string] | null;
}

const WIDTH = 21;
/** 64 pixels, 8 to a line. */
const HEIGHT = 8;

/** Lines of at most 21 characters: the device's address and link, how to reach its access point, then a line for each PZEM. */
export function oledLines(view: OledView): readonly string[] {
  const head = `${view.address} ${view.online ? "online" : "offline"}`;
  const own = (view.accessPoint ?? []).flatMap(wrapped);
  const lines = [head, ...own, ...view.answers.map(lineOf), ...(view.stuck ? ["stuck: no report"] : [])];
  return lines.slice(0, HEIGHT).map((line) => line.slice(0, WIDTH));
}

/** A password of 63 characters is three lines. */
const wrapped = (text: string): readonly string[] =>
  Array.from({ length: Math.ceil(text.length / WIDTH) }, (_, line) => text.slice(line * WIDTH, (line + 1) * WIDTH));

function lineOf(answer: BusAnswer): string {
  if (!answer.ok) return `#${answer.address} ${answer.why}`;
  const volts = (answer.voltage / 10).toFixed(1);
  const amps = (answer.current / 1_000).toFixed(2);
  return `${volts}V ${amps}A ${Math.round(answer.power / 10)}W`;
}
