// What goes on the pilot's pin: the duty of the offer, held back where the standard wants calm, or state F.
// It knows no limit; the offer comes decided.

import { lastingAtLeast } from "./clock-margin.js";
import { frozen } from "./frozen.js";
import { dutyFor, NO_OFFER, offerOf, STATE_F } from "./pilot.js";
import { type Deciamps, type Duty, deciamps, type Millis, millis, minus } from "./units.js";

export interface PilotOutput {
  readonly duty: Duty;
  /** When the current that the duty says last changed. */
  readonly since: Millis;
}

/** An EV has 5 s to follow a change, so the next one upward waits as long. Downward never waits. IEC 61851-1 A.4. */
export const SPACING: Millis = lastingAtLeast(5_000);

/** First output after boot: +12 V. The first offer waits as after a change: nobody knows what was offered, or how long the
 *  contacts have rested, before the boot. */
export const PILOT_AT_BOOT = (now: Millis): PilotOutput => ({ duty: NO_OFFER, since: now });

export function nextOutput(last: PilotOutput, offer: Deciamps, stateF: boolean, now: Millis): PilotOutput {
  const wanted = stateF ? STATE_F : dutyFor(offer);
  if (wanted === last.duty) return last;
  const before = offerOf(last.duty);
  const after = offerOf(wanted);
  if (after === before) return { ...last, duty: wanted };
  if (after < before || minus(now, last.since) >= SPACING) return { duty: wanted, since: now };
  return last.duty === STATE_F ? { ...last, duty: NO_OFFER } : last;
}

/** A car that sleeps: it is offered a current in B and never asks for it. State F for 4 s wakes many; once a session. */
export interface WakeUp {
  readonly waitingSince: Millis | null;
  readonly wokenAt: Millis | null;
}

export const ASLEEP_AFTER: Millis = millis(30_000);
export const WAKE_FOR: Millis = millis(4_000);
export const NOT_WAITING: WakeUp = frozen({ waitingSince: null, wokenAt: null });

export function nextWakeUp(last: WakeUp, waits: boolean, plugged: boolean, now: Millis): WakeUp {
  if (!plugged) return NOT_WAITING;
  if (last.wokenAt !== null) return last;
  if (!waits) return last.waitingSince === null ? last : NOT_WAITING;
  if (last.waitingSince === null) return { waitingSince: now, wokenAt: null };
  return minus(now, last.waitingSince) >= ASLEEP_AFTER ? { ...last, wokenAt: now } : last;
}

export const isWaking = (state: WakeUp, now: Millis): boolean =>
  state.wokenAt !== null && minus(now, state.wokenAt) < WAKE_FOR;

export const NOTHING_OFFERED: Deciamps = deciamps(0);
