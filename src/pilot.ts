// The control pilot: which duty offers a current, and which state the car shows by loading the line.
// Numbers of IEC 61851-1 Annex A; it knows neither time nor what the charger does with a state.

import type { PilotSamples } from "../hal/ports.js";
import { frozen } from "./frozen.js";
import { type Deciamps, type Duty, deciamps, duty, type Ohms, type PilotMillivolts } from "./units.js";

/** Below this there is no offer: the least current that the pilot can name. IEC 61851-1 Table A.8. */
export const MIN_OFFER: Deciamps = deciamps(60);
/** Constant +12 V: no current is offered, and the line can be read without PWM. */
export const NO_OFFER: Duty = duty(10_000);
/** Constant -12 V, state F: the EVSE is not available. */
export const STATE_F: Duty = duty(0);

const LINEAR_END: Duty = duty(8_500); // 51.0 A; above it another slope begins, at 52.5 A
const STEEP_START: Deciamps = deciamps(525);
const HIGHEST: Duty = duty(9_600); // 80.0 A

/** What the duty of the pilot says to the EV.
 *  A: 10-85 % is 0.6 A a percent, 85-96 % is 2.5 x (d - 64). Rounded down to 0.01 %, so that the EV never reads more
 *  than was granted. 51.1-52.4 A cannot be said and become 51.0; above 80.0 A is 80.0; below 6.0 A nothing is offered. */
export function dutyFor(offer: Deciamps): Duty {
  if (offer < MIN_OFFER) return NO_OFFER;
  if (offer < STEEP_START) return duty(Math.min(Math.floor((offer * 50) / 3), LINEAR_END));
  return duty(Math.min(offer * 4 + 6_400, HIGHEST));
}

/** What an EV reads from a duty, to the nearest 0.1 A; 0 where it may draw nothing (0-8 % and above 97 %). */
export function offerOf(said: Duty): Deciamps {
  if (said < 800 || said > 9_700) return deciamps(0);
  if (said <= 1_000) return MIN_OFFER;
  if (said <= LINEAR_END) return deciamps(Math.round((said * 6) / 100));
  return deciamps(Math.min(Math.round((said - 6_400) / 4), 800));
}

export type PilotState = "A" | "B" | "C" | "D" | "E" | "F" | "no-diode";

/** From the highest band to the lowest, each with the voltage at which it ends. Nominal 12, 9, 6, 3, 0, -12 V. */
const BANDS = frozen([
  { state: "A", above: 10_500 },
  { state: "B", above: 7_500 },
  { state: "C", above: 4_500 },
  { state: "D", above: 1_500 },
  { state: "E", above: -10_500 },
] as const);
const HYSTERESIS = 250;
/** With PWM the low half must come down to -12 V, else the EV's diode is missing. */
const DIODE_LIMIT = -10_500;

const rank = (state: PilotState): number => BANDS.findIndex((band) => band.state === state);

/** The state that the line shows. `low` is null while the pin is static: then the diode cannot be judged.
 *  The line must pass a split by 0.25 V to change the state; with no last state it decides at the split itself,
 *  and exactly on a split is the higher state. */
export function pilotStateOf(high: PilotMillivolts, low: PilotMillivolts | null, last: PilotState | null): PilotState {
  if (low !== null && low > DIODE_LIMIT) return "no-diode";
  const before = last === null || last === "no-diode" ? null : last === "F" ? BANDS.length : rank(last);
  for (const [index, band] of BANDS.entries()) {
    const reached =
      before === null
        ? high >= band.above
        : before <= index
          ? high > band.above - HYSTERESIS
          : high >= band.above + HYSTERESIS;
    if (reached) return band.state;
  }
  return "F";
}

export type PilotReading =
  | { readonly ok: true; readonly high: PilotMillivolts; readonly low: PilotMillivolts | null }
  | { readonly ok: false; readonly why: "tooFewSamples" | "noHighLevel" };

/** Samples of one level lie within this of each other; farther apart they are not of one level. */
const LEVEL_SPREAD = 1_000;

/** What a window of samples says while `said` is on the pin: its third highest and third lowest sample, so that two
 *  spikes on either side change nothing. Fewer than three samples on the high level are no
 *  reading: at 6 A the high half is a tenth of the period, and a miss must never look like a short circuit. */
export function pilotReading(samples: PilotSamples, said: Duty): PilotReading {
  if (samples.count < 3) return { ok: false, why: "tooFewSamples" };
  const high = samples.high[2];
  if (samples.high[0] - high > LEVEL_SPREAD) return { ok: false, why: "noHighLevel" };
  const pwm = said !== NO_OFFER && said !== STATE_F;
  return { ok: true, high, low: pwm ? samples.low[2] : null };
}

/** The cable's rating by the resistor at its proximity contact, IEC 61851-1 Table B.2; null for an open line or a code
 *  that is in no window, which permits nothing. Windows as the more careful of two public chargers has them. */
export function cableRatingOf(proximity: Ohms | null): Deciamps | null {
  if (proximity === null) return null;
  const window = PROXIMITY_WINDOWS.find((w) => proximity > w.above && proximity <= w.upTo);
  return window ? window.rating : null;
}

const PROXIMITY_WINDOWS = frozen([
  { above: 936, upTo: 2_460, rating: deciamps(130) },
  { above: 308, upTo: 936, rating: deciamps(200) },
  { above: 140, upTo: 308, rating: deciamps(320) },
  { above: 80, upTo: 140, rating: deciamps(630) },
]);
