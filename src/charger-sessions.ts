// A charger's sessions one after the other: when one begins and ends, what is kept of it in flash, what a broker is given.
// Who may charge, and what it costs, whoever calls knows.

import type { FlashOp } from "./boot-count.js";
import { frozen } from "./frozen.js";
import { isWho, priced } from "./rights.js";
import {
  beganAt,
  beginSession,
  closedOf,
  dated,
  ending,
  energyOf,
  hasEnded,
  idleSeconds,
  idling,
  markOf,
  metered,
  type Registers,
  resumedSession,
  type Session,
  type Who,
} from "./session.js";
import {
  afterUnpublished,
  eraseForSessions,
  hearSector,
  isWhole,
  keepClosed,
  keepMark,
  markPublished,
  nextToRead,
  repairStart,
  type SessionLog,
  sectorWith,
  sessionsIn,
  startLog,
  type Written,
} from "./session-log.js";
import type { ClosedSession, Stop } from "./session-record.js";
import type { Tariff } from "./tariff.js";
import { type Deciamps, type Millis, millis, minus, type UnixSeconds, type WattHours, wattHours } from "./units.js";

/** What a sector is read for. */
type Use = "start" | "publish" | "published" | "date";

export interface Sessions {
  readonly log: SessionLog;
  readonly current: Session | null;
  /** It goes on after a power cut, and the car has not been seen since. */
  readonly resumed: boolean;
  /** As the last session left them: what is gained from then on is the next one's. */
  readonly registers: Registers | null;
  /** Ended, and not in flash yet. */
  readonly pending: readonly ClosedSession[];
  readonly marked: { readonly at: Millis; readonly energy: WattHours; readonly period: number };
  /** In flash without a time, since nobody knew it. */
  readonly undated: readonly { readonly id: number; readonly since: Millis }[];
  /** The sector that was asked for, and what for. */
  readonly reading: { readonly sector: number; readonly use: Use } | null;
  /** On its way to the broker; id 0: none. */
  readonly publishing: { readonly id: number; readonly since: Millis };
}

export interface SessionFacts {
  /** Null: not known yet. */
  readonly plugged: boolean | null;
  readonly contactorClosed: boolean;
  /** It is offered 6 A or more and takes nothing. */
  readonly takesNothing: boolean;
  /** Who may charge now; or why nobody may. */
  readonly may: Who | Stop;
  /** The tariff's period now. */
  readonly period: number;
  readonly unix: UnixSeconds | null;
  readonly online: boolean;
  readonly mayErase: boolean;
  readonly tariff: Tariff | null;
}

export type SessionsEffect =
  | FlashOp
  /** The sector comes as an event. */
  | { readonly kind: "read"; readonly sector: number }
  | { readonly kind: "publishSession"; readonly session: ClosedSession }
  | { readonly kind: "log"; readonly text: string };

const MARK_PERIOD: Millis = millis(15 * 60_000);
/** The broker did not acknowledge it by then: it is given again. */
const PUBLISH_LIMIT: Millis = millis(60_000);
/** So long after the boot a session without a time waits for one before it is published. */
const DATE_WAIT: Millis = millis(10 * 60_000);
const UNDATED_LIMIT = 8;

export const startSessions = (): Sessions => ({
  log: startLog(),
  current: null,
  resumed: false,
  registers: null,
  pending: frozen([]),
  marked: frozen({ at: millis(0), energy: wattHours(0), period: 0 }),
  undated: frozen([]),
  reading: null,
  publishing: frozen({ id: 0, since: millis(0) }),
});

/** After each status of the EVSE machine and at each tick. */
export function stepSessions(last: Sessions, facts: SessionFacts, effects: SessionsEffect[], now: Millis): Sessions {
  let next = last;
  if (!isWhole(next.log)) return asksFor(next, nextToRead(next.log), "start", effects);
  next = follow(next, facts, effects, now);
  if (facts.mayErase) next = written(next, eraseForSessions(next.log), effects);
  next = keepPending(next, effects);
  next = marks(next, facts, effects, now);
  return asksAround(next, facts, effects, now);
}

/** After all PZEMs were read. */
export function metersRead(
  last: Sessions,
  registers: Registers,
  draw: Deciamps,
  period: number,
  now: Millis,
): Sessions {
  if (last.current === null) return last.registers === null ? { ...last, registers } : last;
  return { ...last, current: metered(last.current, registers, period, draw, now) };
}

/** The sector that was asked for has come. */
export function sectorRead(
  last: Sessions,
  sector: number,
  bytes: Uint8Array,
  facts: SessionFacts,
  effects: SessionsEffect[],
  now: Millis,
): Sessions {
  const { reading } = last;
  if (reading === null || reading.sector !== sector) return last;
  const next = { ...last, reading: null };
  switch (reading.use) {
    case "start":
      return heardAtStart(next, bytes, effects, now);
    case "publish":
      return publishes(next, bytes, effects, now);
    case "published":
      return published(next, sector, bytes, effects);
    case "date":
      return dates(next, sector, bytes, facts, effects, now);
  }
}

/** The broker has the session that was published. */
export const delivered = (last: Sessions): Sessions =>
  last.publishing.id === 0 ? last : { ...last, publishing: { ...last.publishing, since: DELIVERED } };

/** In place of a time: the broker has it, and that must be written down. */
const DELIVERED: Millis = millis(-1);

function asksFor(last: Sessions, sector: number | null, use: Use, effects: SessionsEffect[]): Sessions {
  if (last.reading !== null || sector === null) return last;
  effects.push({ kind: "read", sector });
  return { ...last, reading: { sector, use } };
}

function heardAtStart(last: Sessions, bytes: Uint8Array, effects: SessionsEffect[], now: Millis): Sessions {
  const next = { ...last, log: hearSector(last.log, bytes) };
  const { mark } = next.log;
  if (!isWhole(next.log)) return asksFor(next, nextToRead(next.log), "start", effects);
  if (mark === null) return next;
  effects.push({ kind: "log", text: `session ${mark.id} goes on after a power cut` });
  return { ...next, current: resumedSession(mark, now), resumed: true };
}

function written(last: Sessions, done: Written | null, effects: SessionsEffect[]): Sessions {
  if (done === null) return last;
  effects.push(done.op);
  return { ...last, log: done.log };
}

/** Why the session ends, null: it goes on. */
function stopOf(session: Session, { plugged, may }: SessionFacts, resumed: boolean): Stop | null {
  if (plugged === false) return resumed ? "powerLoss" : "unplugged";
  if (!isWho(may)) return may;
  return may.person === session.person && may.idToken === session.idToken ? null : "settings";
}

function follow(last: Sessions, facts: SessionFacts, effects: SessionsEffect[], now: Millis): Sessions {
  const { current } = last;
  if (facts.plugged === null) return last;
  if (current === null) return begins(last, facts, effects, now);
  const stop = stopOf(current, facts, last.resumed);
  let session = stop === null ? current : ending(current, stop, now);
  if (session.ending === null) session = idling(session, facts.takesNothing, now);
  if (facts.unix !== null) session = dated(session, facts.unix, now);
  if (!hasEnded(session, facts.contactorClosed, now)) {
    return session === current && !last.resumed ? last : { ...last, current: session, resumed: false };
  }
  const closed = closedOf(
    session,
    session.ending?.stop ?? "unplugged",
    priced(session, facts.tariff, idleSeconds(session, now)),
    now,
  );
  effects.push({ kind: "log", text: `session ${closed.id} ended (${closed.stop}): ${energyOf(session)} Wh` });
  const undated = closed.startedAt !== null ? last.undated : [...last.undated, { id: closed.id, since: session.since }];
  const next: Sessions = {
    ...last,
    current: null,
    resumed: false,
    registers: session.registers ?? last.registers,
    pending: [...last.pending, closed],
    undated: undated.slice(-UNDATED_LIMIT),
  };
  return begins(next, facts, effects, now);
}

function begins(last: Sessions, facts: SessionFacts, effects: SessionsEffect[], now: Millis): Sessions {
  const { may, plugged, unix, period } = facts;
  if (plugged !== true || !isWho(may)) return last;
  const id = last.pending.reduce((most, one) => Math.max(most, one.id), last.log.lastId) + 1;
  const current = beginSession(id, may, last.registers, unix, now);
  effects.push({ kind: "log", text: `session ${id} begins${may.person > 0 ? ` for person ${may.person}` : ""}` });
  return { ...last, current, marked: { at: minus(now, MARK_PERIOD), energy: wattHours(-1), period } };
}

function keepPending(last: Sessions, effects: SessionsEffect[]): Sessions {
  const [first, ...others] = last.pending;
  const kept = first === undefined ? null : keepClosed(last.log, first);
  return kept === null ? last : { ...written(last, kept, effects), pending: others };
}

/** At once when a session begins and when the tariff's period changes, else each quarter of an hour in which energy came. */
function marks(last: Sessions, { period }: SessionFacts, effects: SessionsEffect[], now: Millis): Sessions {
  const { current, marked } = last;
  // What has ended comes first: of two sessions in the journal the older one would be lost.
  if (current === null || last.pending.length > 0) return last;
  const energy = energyOf(current);
  const due = period !== marked.period || minus(now, marked.at) >= MARK_PERIOD;
  if (!due || energy === marked.energy || (current.registers === null && marked.energy >= 0)) return last;
  const next = { ...last, marked: { at: now, energy, period } };
  return written(next, keepMark(last.log, markOf(current, now)), effects);
}

/** What needs a sector to be read again: dates, what was published, what is to be. */
function asksAround(last: Sessions, facts: SessionFacts, effects: SessionsEffect[], now: Millis): Sessions {
  const [first] = last.undated;
  if (first !== undefined && facts.unix !== null) {
    const sector = sectorWith(last.log, first.id);
    // Not in flash yet, or not any more.
    if (sector === null) return last.pending.length > 0 ? last : { ...last, undated: last.undated.slice(1) };
    return asksFor(last, sector, "date", effects);
  }
  const { publishing } = last;
  if (publishing.id > 0 && publishing.since === DELIVERED) {
    return asksFor(last, sectorWith(last.log, publishing.id), "published", effects);
  }
  const mayBeDated = facts.unix === null && now < DATE_WAIT;
  if (!facts.online || last.log.unpublished === 0 || mayBeDated) return last;
  if (publishing.id > 0 && minus(now, publishing.since) < PUBLISH_LIMIT) return last;
  const sector = sectorWith(last.log, last.log.unpublished);
  return sector === null ? { ...last, log: afterUnpublished(last.log) } : asksFor(last, sector, "publish", effects);
}

function publishes(last: Sessions, bytes: Uint8Array, effects: SessionsEffect[], now: Millis): Sessions {
  const id = last.log.unpublished;
  for (const session of sessionsIn(bytes)) {
    if (session.id !== id) continue;
    effects.push({ kind: "publishSession", session });
    return { ...last, publishing: { id, since: now } };
  }
  return { ...last, log: afterUnpublished(last.log) };
}

function published(last: Sessions, sector: number, bytes: Uint8Array, effects: SessionsEffect[]): Sessions {
  const next = { ...last, publishing: { id: 0, since: millis(0) } };
  return written(next, markPublished(last.log, sector, bytes, last.publishing.id), effects);
}

function dates(
  last: Sessions,
  sector: number,
  bytes: Uint8Array,
  { unix }: SessionFacts,
  effects: SessionsEffect[],
  now: Millis,
): Sessions {
  const [first, ...others] = last.undated;
  if (first === undefined || unix === null) return last;
  const op = repairStart(sector, bytes, first.id, beganAt(first.since, unix, now));
  if (op !== null) effects.push(op);
  return { ...last, undated: others };
}
