// What the controller machine grants: the site's answer, the mode, and a person's permission as named limits.
// It knows how to ask each, and nothing of pilots and messages.

import type { Lease } from "./lease.js";
import { decide, type Limit } from "./limits.js";
import { deciampsOf, periodOf, type Settings } from "./settings.js";
import { answerOf, type SiteAnswer, type SiteRules, type SiteView } from "./site-limit.js";
import { type Deciamps, deciamps, lower, type Milliamps, type Millis, millis, plus } from "./units.js";

/** A lease lasts so long at the most, and is renewed each second. */
export const LEASE: Millis = millis(5_000);

const NOTHING: Deciamps = deciamps(0);

/** Contracted - buffer - house, never below 0. */
export function budgetOf(settings: Settings, house: Deciamps): Deciamps {
  return deciamps(Math.max(0, deciampsOf(settings.contractedA) - deciampsOf(settings.bufferA) - house));
}

/** What is free even when the house takes all it ever takes; 0 while nobody knows how much that is. */
const assuredOf = (settings: Settings): Deciamps =>
  settings.houseMaxA === null ? NOTHING : budgetOf(settings, deciampsOf(settings.houseMaxA));

export const siteRulesOf = (settings: Settings): SiteRules => ({
  id: settings.id,
  wiring: settings.wiring,
  period: periodOf(settings),
  failsafe: deciampsOf(settings.failsafeA),
  assured: assuredOf(settings),
});

/** What the site allows: by report, by a fixed limit where no meter is, and off its site whatever the charger can. */
export function siteAnswerOf(settings: Settings, view: SiteView, now: Millis): SiteAnswer {
  const fixed = { because: "site", until: plus(now, LEASE), surplus: null, freshness: "fresh" } as const;
  if (!settings.member) return { ...fixed, amps: settings.mode === "manual" ? deciampsOf(settings.maxA) : NOTHING };
  if (settings.meter === "none") {
    const house = settings.houseMaxA === null ? NOTHING : deciampsOf(settings.houseMaxA);
    return { ...fixed, amps: budgetOf(settings, house) };
  }
  return answerOf(view, siteRulesOf(settings), now);
}

/** The limit of the mode; auto has none of its own. */
function modeLimit(settings: Settings, answer: SiteAnswer): readonly Limit[] {
  switch (settings.mode) {
    case "auto":
      return [];
    case "manual":
      return [{ name: "manual", amps: deciampsOf(settings.manualA) }];
    case "solar":
      return [{ name: "solar", amps: answer.surplus ?? NOTHING }];
  }
}

/** The lease for the EVSE machine: it ends with the report that allows it, and in 5 s at the latest. */
export function leaseOf(
  settings: Settings,
  answer: SiteAnswer,
  permitted: boolean,
  draw: Milliamps | null,
  now: Millis,
): Lease {
  const until = lower(plus(now, LEASE), answer.until);
  if (!permitted) return { offer: NOTHING, because: "person", runnerUp: null, until, permitted, draw };
  const found = decide([{ name: answer.because, amps: answer.amps }, ...modeLimit(settings, answer)]);
  return { ...found, until, permitted, draw };
}
