// What a charger asks of its site: how much its car can use, on which phases, since when it waits, and how long its turn lasts.
// It knows no message and no range of the line.

import { type Appetite, UNKNOWN_APPETITE, watchAppetite } from "./appetite.js";
import { type Draw, largestDraw } from "./draw.js";
import { frozen } from "./frozen.js";
import type { EvseStatus } from "./lease.js";
import { MIN_OFFER } from "./pilot.js";
import { isWho, type Rights, smallestOf } from "./rights.js";
import { deciampsOf, type Settings } from "./settings.js";
import type { Demand } from "./sharing-message.js";
import {
  type Deciamps,
  deciamps,
  drawAtMost,
  lower,
  type Milliamps,
  type Millis,
  milliamps,
  millis,
  minus,
} from "./units.js";

export interface Wants {
  readonly appetite: Appetite;
  /** Phases of the site that the car was seen to draw from, null while that is not known. */
  readonly uses: readonly number[] | null;
  /** The phases that the last draw showed, and since when it shows these. */
  readonly shows: readonly number[];
  readonly showsSince: Millis;
  /** It wants and is not offered, since then; null while it is offered or wants nothing. */
  readonly waitsSince: Millis | null;
  readonly turnSince: Millis | null;
  /** The contactor was closed in this turn, last so. */
  readonly drewAt: Millis | null;
}

const NO_PHASES: readonly number[] = frozen([]);

export const startWants = (now: Millis): Wants => ({
  appetite: UNKNOWN_APPETITE,
  uses: null,
  shows: NO_PHASES,
  showsSince: now,
  waitsSince: null,
  turnSince: null,
  drewAt: null,
});

/** A phase that carries more than this is used, mA. */
const USED = 500;
/** So long the same phases: the car has these. */
const PHASES_KNOWN: Millis = millis(6_000);
/** Offered and not taken for so long: the car wants nothing now. It keeps an offer only where one is spare. */
const IDLE: Millis = millis(90_000);
const IDLE_NEED: Deciamps = deciamps(10);
/** Whose pause ends so soon may be given its amperes. */
const SOON: Millis = millis(2_000);

const isPlugged = ({ mode }: EvseStatus): boolean => mode !== "available" && mode !== "faulted";

/** Follows the status of the EVSE machine and the draw; call it at each event that may have changed one of them. */
export function watchWants(
  last: Wants,
  status: EvseStatus | null,
  draw: Draw | null,
  settings: Settings,
  now: Millis,
): Wants {
  if (status === null || !isPlugged(status))
    return last.turnSince === null && last.uses === null && last.waitsSince === null ? last : startWants(now);
  const offered = status.offer >= MIN_OFFER;
  const drew = status.contactorClosed && draw !== null && draw.at === now;
  const seen = drew ? phasesUsed(last, draw, settings, now) : last;
  const most = draw === null ? deciamps(0) : drawAtMost(draw.phases.reduce((a, b) => (a > b ? a : b)));
  const appetite = drew
    ? watchAppetite(last.appetite, status.offer, most, now)
    : status.contactorClosed
      ? last.appetite
      : UNKNOWN_APPETITE;
  return {
    ...seen,
    appetite,
    waitsSince: offered ? null : (last.waitsSince ?? now),
    turnSince: offered ? (last.turnSince ?? now) : null,
    drewAt: status.contactorClosed ? now : offered ? last.drewAt : null,
  };
}

/** More phases count at once, fewer only after a while: as a car begins, one module is read before it and one after. */
function phasesUsed(last: Wants, draw: Draw, settings: Settings, now: Millis): Wants {
  const used = settings.wiring.filter((_, index) => (draw.phases[index] ?? 0) > USED);
  if (used.length === 0) return last;
  const { uses, shows, showsSince } = last;
  const same = used.length === shows.length && used.every((phase) => shows.includes(phase));
  const steady = same && minus(now, showsSince) >= PHASES_KNOWN;
  const more = uses !== null && used.some((phase) => !uses.includes(phase));
  const next = same ? last : { ...last, shows: used, showsSince: now };
  if (more) return { ...next, uses: settings.wiring.filter((phase) => uses.includes(phase) || used.includes(phase)) };
  return steady && used.length !== uses?.length ? { ...next, uses: used } : next;
}

/** Phases on which its offer counts. */
export const phasesOf = (wants: Wants, settings: Settings): readonly number[] => wants.uses ?? settings.wiring;

/** What the demand says of all this, with what its rights leave of it. */
export function wantsNow(
  wants: Wants,
  status: EvseStatus | null,
  { may, limits, priority }: Rights,
  settings: Settings,
  now: Millis,
): Demand["wants"] {
  const { mode, manualA, maxA, cableA, socket } = settings;
  const cable = socket ? (status?.cable ?? deciamps(0)) : deciampsOf(cableA);
  const own = lower(deciampsOf(maxA), cable);
  const byMode = mode === "manual" ? lower(own, deciampsOf(manualA)) : own;
  const max = lower(byMode, smallestOf(limits) ?? byMode);
  const since = (from: Millis | null): number => (from === null ? 0 : Math.floor(minus(now, from) / 1_000));
  return {
    wiring: phasesOf(wants, settings),
    max,
    need: status === null || !isWho(may) || max < MIN_OFFER ? deciamps(0) : needOf(wants, status, max, now),
    priority,
    waitingS: since(wants.waitsSince),
    turn: wants.turnSince === null ? 0 : since(wants.turnSince) + 1,
    mode,
  };
}

/** A charger that is too warm for more asks for no more: what it cannot pass on would lie idle. */
function withinReach(max: Deciamps, { because, offer, runnerUp }: EvseStatus): Deciamps {
  if (because === "temperature") return lower(max, offer);
  return runnerUp?.name === "temperature" ? lower(max, runnerUp.amps) : max;
}

function needOf({ appetite, turnSince, drewAt }: Wants, status: EvseStatus, most: Deciamps, now: Millis): Deciamps {
  const max = withinReach(most, status);
  if (!isPlugged(status) || minus(status.pausedUntil, now) > SOON) return deciamps(0);
  const offeredFor = turnSince === null ? 0 : minus(now, drewAt ?? turnSince);
  if (!status.contactorClosed && offeredFor > IDLE) return IDLE_NEED;
  return appetite.limit === null ? max : lower(max, appetite.limit);
}

/** The largest phase that the car draws now: 0 while the contactor is open, null while its meter does not answer. */
export function drawNow(status: EvseStatus | null, draw: Draw | null, now: Millis): Milliamps | null {
  return status === null || !status.contactorClosed ? milliamps(0) : largestDraw(draw, now);
}
