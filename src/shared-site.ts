// A site as its arbiter and its members see it: made from the settings once, and again whenever they change.

import { placeOf, rosterOf, siteHash } from "./roster.js";
import { deciampsOf, leaseOf, periodOf, type Settings } from "./settings.js";
import { type Deciamps, deciamps, type Millis, millis, minus } from "./units.js";

/** Contracted - buffer - house, never below 0. */
export function budgetOf(settings: Settings, house: Deciamps): Deciamps {
  return deciamps(Math.max(0, deciampsOf(settings.contractedA) - deciampsOf(settings.bufferA) - house));
}

export interface RosterEntry {
  readonly id: string;
  readonly wiring: readonly number[];
  readonly failsafe: Deciamps;
}

export interface Site {
  /** Names the configuration: messages of another are not obeyed. */
  readonly hash: number;
  readonly version: number;
  readonly roster: readonly RosterEntry[];
  /** Place of this device in the roster, -1 for the meter and for a stranger. */
  readonly place: number;
  readonly phases: number;
  /** Amperes that the line has: contracted - buffer. */
  readonly capacity: Deciamps;
  /** What is free even when the house takes all it ever takes; without a meter that is the fixed limit. */
  readonly assured: Deciamps;
  readonly period: Millis;
  readonly lease: Millis;
  readonly policy: Settings["policy"];
  readonly maxCharging: number;
  /** The arbiter is the meter; else the chargers elect one of them. */
  readonly metered: boolean;
}

/** Where the limit is fixed a house that nobody knows counts as nothing; beside a meter it counts as all. */
function assuredOf(settings: Settings): Deciamps {
  const { houseMaxA, meter } = settings;
  if (houseMaxA !== null) return budgetOf(settings, deciampsOf(houseMaxA));
  return meter === "none" ? budgetOf(settings, deciamps(0)) : deciamps(0);
}

export function siteOf(settings: Settings): Site {
  const capacity = minus(deciampsOf(settings.contractedA), deciampsOf(settings.bufferA));
  return {
    hash: siteHash(settings),
    version: settings.siteVersion,
    roster: rosterOf(settings).map(({ id, wiring, failsafeA }) => ({ id, wiring, failsafe: deciampsOf(failsafeA) })),
    place: placeOf(settings, settings.id),
    phases: settings.phases,
    capacity,
    assured: assuredOf(settings),
    period: periodOf(settings),
    lease: leaseOf(settings),
    policy: settings.policy,
    maxCharging: settings.maxCharging,
    metered: settings.meter === "ours",
  };
}

/** More than half of the chargers. */
export const majorityOf = ({ roster }: Site): number => Math.floor(roster.length / 2) + 1;

/** At the most so long on any other clock of the site, when it is so long on this one. Rounded up. */
export const longest = (ms: Millis): Millis => millis(Math.ceil((ms * 103) / 100));
/** At the least so long on any other clock of the site. Rounded down. */
export const shortest = (ms: Millis): Millis => millis(Math.floor((ms * 100) / 103));
