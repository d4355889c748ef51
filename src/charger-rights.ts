// Cards, rights and the schedule of a charger: who may charge now and with how much, renewed each second. What a card, a person
// or a window allows stands in access.ts, rights.ts and schedule.ts.

import { ended, isRandomUid, lapsed, presentCard, stopFor } from "./access.js";
import { localTime } from "./calendar.js";
import { enrolled, knowsPeople, ownUsage } from "./charger-ledger.js";
import { type Controller, type ControllerEffect, isPlugged } from "./controller-state.js";
import { wallClock } from "./device-state.js";
import type { Limit } from "./limits.js";
import { outsideLimit } from "./outside.js";
import { type Person, personByCard, personOf } from "./people.js";
import { freely, NO_TARIFF, personLimit, type Rights, rightOf, tariffOf, zoneOf } from "./rights.js";
import { NOTHING_ASKED, type Scheduled, scheduled } from "./schedule.js";
import { energyOf } from "./session.js";
import { deciampsOf } from "./settings.js";
import {
  type Deciamps,
  lower,
  type Millis,
  millis,
  minus,
  type UnixSeconds,
  type WattHours,
  wattHours,
  watts,
} from "./units.js";
import { usedInMonth } from "./usage.js";
import { phasesOf } from "./wants.js";

/** What the schedule plans, and from what it was planned. */
export interface Planned {
  readonly at: Millis;
  readonly scheduled: Scheduled;
  /** What the car had had at the last departure. */
  readonly departed: WattHours;
}

const RENEW: Millis = millis(1_000);
/** A plan reckons through days: it is made anew each minute, and when what it is made from changes. */
const REPLAN: Millis = millis(60_000);

/** The rights after something may have changed them; at once when a card, a setting or a person did, else each second. */
export function withRights(last: Controller, before: Controller, effects: ControllerEffect[], now: Millis): Controller {
  const moved =
    last.permission !== before.permission ||
    last.device.settings !== before.device.settings ||
    last.shot !== before.shot ||
    last.outside !== before.outside ||
    last.ledger !== before.ledger ||
    isPlugged(last) !== isPlugged(before);
  if (!moved && minus(now, last.rightsAt) < RENEW) return last;
  const unix = wallClock(last.device, now);
  const permitted = stillPermitted(last, unix, effects, now);
  const planned = replanned(permitted, before, unix, now);
  return { ...planned, rights: rightsOf(planned), rightsAt: now };
}

const personNow = ({ permission, ledger }: Controller): Person | null =>
  permission.person === 0 ? null : personOf(ledger.book, permission.person);

/** Whose card it is and what it allows now. */
function rightNow(state: Controller, uid: string, unix: UnixSeconds | null) {
  const { settings } = state.device;
  const person = personByCard(state.ledger.book, uid);
  const zone = zoneOf(settings);
  const { month } = state.minute;
  const used = person === null || month === null ? wattHours(0) : usedBy(state, person.id, month);
  return rightOf(uid, settings.cards, person, used, unix === null ? null : localTime(unix, zone));
}

/** On all chargers of the site, this session included. */
const usedBy = (state: Controller, person: number, month: number): WattHours =>
  wattHours(usedInMonth(state.ledger.book, person, month) + ownUsage(state, person));

/** A right that is gone, or a card without a car, ends the permission. */
function stillPermitted(
  state: Controller,
  unix: UnixSeconds | null,
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  const { permission, device } = state;
  const { startedBy } = permission;
  if (device.settings.freeCharging || startedBy === null || !knowsPeople(state.ledger)) return state;
  if (lapsed(permission, isPlugged(state), now)) {
    effects.push({ kind: "log", text: `card ${startedBy}: no car came` });
    return { ...state, permission: ended("unplugged") };
  }
  const right = rightNow(state, startedBy, unix);
  // A clock that is lost after a power cut ends nothing that goes on.
  if (typeof right === "number" || right === "timeUnknown") return state;
  effects.push({ kind: "log", text: `card ${startedBy}: ${right}` });
  return { ...state, permission: ended(stopFor(right)), card: { uid: startedBy, answer: right, at: now } };
}

/** A card was presented: it is enrolled, starts, stops, or is refused with the reason. */
export function cardCame(state: Controller, uid: string, effects: ControllerEffect[], now: Millis): Controller {
  const enrolling = enrolled(state, uid, effects, now);
  if (enrolling !== null) {
    const answer = enrolling.ledger.enrolled === uid ? "enrolled" : isRandomUid(uid) ? "random" : "notYours";
    effects.push({ kind: "log", text: `card ${uid}: ${answer}` });
    return { ...enrolling, card: { uid, answer, at: now } };
  }
  const free = state.device.settings.freeCharging;
  const right = rightNow(state, uid, wallClock(state.device, now));
  const { permission, answer } = presentCard(state.permission, uid, { free, right }, now);
  effects.push({ kind: "log", text: `card ${uid}: ${answer}` });
  return { ...state, permission, card: { uid, answer, at: now } };
}

function rightsOf(state: Controller): Rights {
  const { permission, device, planned } = state;
  const { settings } = device;
  const ofAll: readonly Limit[] = [...scheduleLimit(planned), ...outsideLimit(state.outside)];
  if (settings.freeCharging) return freely(settings, ofAll);
  const limits: readonly Limit[] = [...personLimit(personNow(state)), ...ofAll];
  const { startedBy, person } = permission;
  if (startedBy === null) return { may: permission.ended, limits, priority: settings.priority };
  const priority = personNow(state)?.priority ?? settings.priority;
  return { may: { person, idToken: startedBy }, limits, priority };
}

const scheduleLimit = (planned: Planned | null): readonly Limit[] =>
  planned === null || planned.scheduled.limit === null ? [] : [{ name: "schedule", amps: planned.scheduled.limit }];

/** What the car can take at the most, W. */
function powerOf({ device, wants, status }: Controller): { readonly max: Deciamps; readonly watts: number } {
  const { settings } = device;
  const cable = settings.socket ? (status?.cable ?? deciampsOf(settings.cableA)) : deciampsOf(settings.cableA);
  const max = lower(deciampsOf(settings.maxA), cable);
  return { max, watts: Math.round((max * settings.voltageV * phasesOf(wants, settings).length) / 10) };
}

function replanned(last: Controller, before: Controller, unix: UnixSeconds | null, now: Millis): Controller {
  // What was asked for once ends with the unplugging.
  const state =
    isPlugged(last) || last.shot === NOTHING_ASKED ? last : isPlugged(before) ? { ...last, shot: NOTHING_ASKED } : last;
  const { schedule } = state.device.settings;
  const nothing = schedule.windows.length === 0 && schedule.departures.length === 0 && state.shot === NOTHING_ASKED;
  if (nothing) return state.planned === null ? state : { ...state, planned: null };
  const { planned } = state;
  if (planned !== null && !isStale(state, before, planned, unix, now)) return state;
  return { ...state, planned: plan(state, planned, unix, now) };
}

const isStale = (
  state: Controller,
  before: Controller,
  planned: Planned,
  unix: UnixSeconds | null,
  now: Millis,
): boolean =>
  state.device.settings !== before.device.settings ||
  state.shot !== before.shot ||
  isPlugged(state) !== isPlugged(before) ||
  minus(now, planned.at) >= REPLAN ||
  (planned.scheduled.name === "timeUnknown") !== (unix === null) ||
  (unix !== null && planned.scheduled.until !== null && unix >= planned.scheduled.until);

function plan(state: Controller, last: Planned | null, unix: UnixSeconds | null, now: Millis): Planned {
  const { settings } = state.device;
  const { current } = state.sessions;
  const had = current === null ? wattHours(0) : energyOf(current);
  const by = last?.scheduled.departure?.by ?? null;
  const left = unix !== null && by !== null && unix >= by;
  const departed = current === null ? wattHours(0) : left ? had : (last?.departed ?? wattHours(0));
  const { max, watts: power } = powerOf(state);
  return {
    at: now,
    departed,
    scheduled: scheduled({
      now: unix,
      schedule: settings.schedule,
      shot: state.shot,
      zone: zoneOf(settings),
      tariff: tariffOf(settings) ?? NO_TARIFF,
      power: watts(power),
      max,
      charging: last?.scheduled.plan?.chargeNow ?? false,
      charged: wattHours(Math.max(0, had - departed)),
    }),
  };
}
