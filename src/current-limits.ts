// What the controller machine grants: the site's answer, the mode, and a person's permission as named limits.
// It knows how to ask each, and nothing of pilots and messages.

import type { Lease } from "./lease.js";
import { decide, type Limit } from "./limits.js";
import type { MemberAnswer } from "./member.js";
import { MIN_OFFER } from "./pilot.js";
import { isWho, type Rights } from "./rights.js";
import { deciampsOf, type Settings } from "./settings.js";
import { type Sharing, shareOf } from "./sharing.js";
import { type Deciamps, deciamps, lower, type Milliamps, type Millis, millis, plus } from "./units.js";

/** A lease lasts so long at the most, and is renewed each second. */
export const LEASE: Millis = millis(5_000);

const NOTHING: Deciamps = deciamps(0);

/** What the site allows on these phases; a charger off its site allows itself whatever it can, in manual mode. */
export function siteAnswerOf(
  settings: Settings,
  sharing: Sharing,
  phases: readonly number[],
  now: Millis,
): MemberAnswer {
  if (settings.member) return shareOf(sharing, phases, now);
  const amps = settings.mode === "manual" ? deciampsOf(settings.maxA) : NOTHING;
  return { amps, because: "site", until: plus(now, LEASE), freshness: "fresh" };
}

/** Manual mode is an upper bound of its own; the others have none beside the site's share. */
const modeLimit = ({ mode, manualA }: Settings): readonly Limit[] =>
  mode === "manual" ? [{ name: "manual", amps: deciampsOf(manualA) }] : [];

/** The lease for the EVSE machine, with limits of persons and of the schedule beside the site's: it ends with the report that allows it, and in 5 s at the latest. */
export function leaseOf(
  settings: Settings,
  answer: MemberAnswer,
  { may, limits }: Rights,
  draw: Milliamps | null,
  now: Millis,
): Lease {
  const until = lower(plus(now, LEASE), answer.until);
  const permitted = isWho(may);
  if (!permitted) return { offer: NOTHING, because: "person", runnerUp: null, until, permitted, draw };
  // A person's and the schedule's come first: the demand was bounded by them, and what the site gives is then no more. Below
  // 6 A they allow nothing, and so the site was asked for nothing: they are the reason.
  const own = limits.map((one) => (one.amps < MIN_OFFER ? { ...one, amps: NOTHING } : one));
  const site = { name: answer.because, amps: answer.amps };
  const { offer, because, runnerUp } = decide([...own, site, ...modeLimit(settings)]);
  return { offer, because, runnerUp, until, permitted, draw };
}
