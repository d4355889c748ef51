// The charge state machine: from what the car shows and what may be offered to a charge mode, in OCPP's words.
// It knows no volt, no relay and no network.

import { lastingAtMost } from "./clock-margin.js";
import { MIN_OFFER, type PilotState } from "./pilot.js";
import { type Deciamps, type Millis, minus } from "./units.js";

export type ChargeMode =
  | "available"
  | "preparing"
  | "charging"
  | "stopping"
  | "suspendedEV"
  | "suspendedEVSE"
  | "finishing"
  | "faulted";

export interface ChargeState {
  readonly mode: ChargeMode;
  readonly since: Millis;
  /** The car has charged since it was plugged in. */
  readonly hasCharged: boolean;
}

export interface ChargeInput {
  readonly pilot: PilotState | null;
  /** 0, or 6 A and up, after all limits. */
  readonly offer: Deciamps;
  readonly permitted: boolean;
  readonly faulted: boolean;
  readonly ventilated: boolean;
}

/** The EV has 6 s to stop drawing after the offer goes (IEC 61851-1 Table A.6, sequence 10.2): the coil is switched a
 *  little earlier, so that a period of 20 ms and the travel of the contacts end within them. */
export const EV_STOP_LIMIT: Millis = lastingAtMost(5_970);

export const NOT_PLUGGED = (now: Millis): ChargeState => ({ mode: "available", since: now, hasCharged: false });

export function nextCharge(last: ChargeState, input: ChargeInput, now: Millis): ChargeState {
  const mode = nextMode(last, input, now);
  const unplugged = mode === "available";
  const hasCharged = !unplugged && (last.hasCharged || mode === "charging");
  if (mode === last.mode && hasCharged === last.hasCharged) return last;
  return { mode, since: mode === last.mode ? last.since : now, hasCharged };
}

/** The table. A row a pilot state; beside it what else decides. */
function nextMode(last: ChargeState, input: ChargeInput, now: Millis): ChargeMode {
  if (input.faulted) return "faulted";
  switch (input.pilot) {
    case "A":
    case null:
      return "available";
    case "B":
      return whilePlugged(last, input);
    case "C":
      return whileDrawing(last, input, now);
    case "D":
      return input.ventilated ? whileDrawing(last, input, now) : "suspendedEVSE";
    case "E":
    case "F":
    case "no-diode":
      return "faulted";
  }
}

function whilePlugged(last: ChargeState, { offer, permitted }: ChargeInput): ChargeMode {
  if (!permitted) return last.hasCharged ? "finishing" : "preparing";
  if (offer < MIN_OFFER) return "suspendedEVSE";
  return last.hasCharged ? "suspendedEV" : "preparing";
}

function whileDrawing(last: ChargeState, { offer, permitted }: ChargeInput, now: Millis): ChargeMode {
  if (offer >= MIN_OFFER) return "charging";
  if (last.mode === "charging") return "stopping";
  if (last.mode === "stopping" && minus(now, last.since) < EV_STOP_LIMIT) return "stopping";
  if (permitted) return "suspendedEVSE";
  return last.hasCharged ? "finishing" : "preparing";
}
