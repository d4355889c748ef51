// The sessions of a charger among its other parts: what they are told of the car, the rights and the time, and what becomes of
// what they ask for.

import { countUsage, resumeUsage } from "./charger-ledger.js";
import {
  delivered,
  type SessionFacts,
  type Sessions,
  type SessionsEffect,
  sectorRead,
  stepSessions,
} from "./charger-sessions.js";
import { type Controller, type ControllerEffect, isPlugged, mayBeClosed } from "./controller-state.js";
import { publish } from "./device.js";
import { wallClock } from "./device-state.js";
import { personOf } from "./people.js";
import { MIN_OFFER } from "./pilot.js";
import { tariffOf } from "./rights.js";
import { sessionJson } from "./statement.js";
import { chargerTopics } from "./topics.js";
import type { Millis } from "./units.js";

function factsOf(state: Controller, now: Millis): SessionFacts {
  const { status, device, rights } = state;
  return {
    plugged: status === null ? null : isPlugged(state),
    contactorClosed: mayBeClosed(state),
    takesNothing: status !== null && status.mode === "suspendedEV" && status.offer >= MIN_OFFER,
    may: rights.may,
    period: state.minute.period,
    unix: wallClock(device, now),
    online: device.online,
    mayErase: !mayBeClosed(state),
    tariff: tariffOf(device.settings),
  };
}

/** Follows the car; with each status, each reading of the PZEMs and each tick. */
export function withSessions(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  const asked: SessionsEffect[] = [];
  return after(state, stepSessions(state.sessions, factsOf(state, now), asked, now), asked, effects, now);
}

/** A sector for the sessions has come. */
export function sessionSector(
  state: Controller,
  sector: number,
  bytes: Uint8Array,
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  const asked: SessionsEffect[] = [];
  const next = after(
    state,
    sectorRead(state.sessions, sector, bytes, factsOf(state, now), asked, now),
    asked,
    effects,
    now,
  );
  const { current, resumed } = next.sessions;
  if (!resumed || state.sessions.resumed || current === null) return next;
  const { idToken, person } = current;
  const known = { ...next, ledger: resumeUsage(next.ledger, current, next.minute.month) };
  // The card that started it need not be presented again.
  return idToken === ""
    ? known
    : { ...known, permission: { ...next.permission, startedBy: idToken, person, since: now } };
}

export const sessionDelivered = (state: Controller, topic: string): Controller =>
  topic === chargerTopics(state.device.settings).sessions ? { ...state, sessions: delivered(state.sessions) } : state;

function after(
  state: Controller,
  sessions: Sessions,
  asked: readonly SessionsEffect[],
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  const { current } = state.sessions;
  const over = current !== null && sessions.current?.id !== current.id;
  const counted = over ? countUsage(state, current, effects, now) : state;
  let next = sessions === state.sessions ? counted : { ...counted, sessions };
  for (const effect of asked) {
    if (effect.kind !== "publishSession") {
      effects.push(effect);
      continue;
    }
    const { settings } = next.device;
    const name = personOf(next.ledger.book, effect.session.person)?.name ?? null;
    const payload = sessionJson(effect.session, { charger: settings.id, name, settings });
    const message = { topic: chargerTopics(settings).sessions, payload, retain: false, qos: 1 } as const;
    const sent = publish(next.device, message, now);
    effects.push(...sent.effects);
    next = { ...next, device: sent.device };
  }
  return next;
}
