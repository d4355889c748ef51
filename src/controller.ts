// The controller machine of a charger: its own meter, cards, the site's answer and the button become leases.
// It never touches the pilot or the contactor; what it does wrong ends with its last lease. How the site is spoken with is
// in charger-site.ts.

import { NOBODY, unplugged } from "./access.js";
import { isOfProgram } from "./api.js";
import { carriersOf } from "./carriers.js";
import { answerProgram } from "./charger-api.js";
import { commanded } from "./charger-commands.js";
import { sessionDelivered, sessionSector, withSessions } from "./charger-energy.js";
import { bookHeard, changePeople, ledgerSector, startLedger, withLedger } from "./charger-ledger.js";
import { inMinute, NO_MINUTE } from "./charger-minute.js";
import { cardCame, withRights } from "./charger-rights.js";
import { metersRead, startSessions } from "./charger-sessions.js";
import { hearSite, isOfMeter, otherMeter, speakWithSite } from "./charger-site.js";
import { beginStatement, dropLateStatement, statementSector } from "./charger-statement.js";
import { type ChargerFacts, chargerModel, houseNow, stateJson, stateKey } from "./charger-view.js";
import { type Controller, type ControllerEffect, type ControllerEvent, mayBeClosed } from "./controller-state.js";
import { leaseOf, siteAnswerOf } from "./current-limits.js";
import {
  answerPage,
  type Boot,
  type DeviceEvent,
  type DeviceStep,
  type Outcome,
  publish,
  type Received,
  startDevice,
  stepDevice,
  withLog,
} from "./device.js";
import { largestDraw, phasesNow } from "./draw.js";
import { FLASH_MAP, inRegion } from "./flash-map.js";
import type { EvseSetup, EvseStatus, Lease } from "./lease.js";
import { clientOf, manage, managerHeard } from "./managed.js";
import type { MemberAnswer } from "./member.js";
import { startReader, stepReader } from "./nfc.js";
import { resettledMeter, startOtherMeter } from "./other-meter.js";
import { stillLed } from "./outside.js";
import { lampForCard, lampOf, nextManual } from "./panel.js";
import type { ChargerAct } from "./portal/acts.js";
import { isPointDue, noted, startHistory } from "./portal/history.js";
import { type Bus, startBus, stepBus } from "./pzem-bus.js";
import { NO_RIGHTS } from "./rights.js";
import { NOTHING_ASKED } from "./schedule.js";
import { deciampsOf, type Settings } from "./settings.js";
import { resettled, startSharing } from "./sharing.js";
import { jsonOf } from "./text.js";
import { commandOf, topicOf } from "./topics.js";
import { deciamps, drawAtMost, type Millis, milliamps, millis, minus, toAmps } from "./units.js";
import { loadVotes } from "./vote-log.js";
import { phasesOf, startWants } from "./wants.js";

export type { Controller, ControllerEffect, ControllerEvent } from "./controller-state.js";

export interface Step {
  readonly state: Controller;
  readonly effects: readonly ControllerEffect[];
}

const RENEW: Millis = millis(1_000);
const STATE_PERIOD: Millis = millis(10_000);
const HELD: Millis = millis(5_000);
/** Each module is asked this often: a grid-side meter needs to know how the car ramps. */
const READ_PERIOD_PER_PZEM = 250;

export function startController(boot: Boot, now: Millis): Step {
  const { device, effects } = startDevice({ ...boot, kind: "charger" }, now);
  const { log: votes, ops } = loadVotes(inRegion(boot.sectors, FLASH_MAP.votes), FLASH_MAP.votes.first);
  const nonce = Math.max(1, boot.entropy >>> 0);
  const sharing = startSharing(device.settings, { nonce, vote: votes.vote, format: boot.format }, now);
  const wants = startWants(now);
  const state: Controller = {
    device: withLog(device, effects, now),
    status: null,
    measured: null,
    bus: busOf(device.settings, now),
    answers: [],
    draw: null,
    reader: startReader(now),
    permission: NOBODY,
    card: null,
    rights: NO_RIGHTS,
    rightsAt: minus(now, RENEW),
    shot: NOTHING_ASKED,
    outside: null,
    planned: null,
    minute: NO_MINUTE,
    sessions: startSessions(),
    ledger: startLedger(nonce, now),
    statement: null,
    sharing,
    wants,
    answer: siteAnswerOf(device.settings, sharing, phasesOf(wants, device.settings), now),
    managed: clientOf(device.settings, "charger"),
    lease: null,
    leasedAt: now,
    votes,
    arbiterAddress: null,
    owesDraw: false,
    told: null,
    cars: [],
    house: null,
    meter: startOtherMeter(device.settings),
    readAt: null,
    publishedAt: millis(0),
    published: "",
    lamp: null,
    pressedAt: null,
    history: startHistory(),
  };
  return { state, effects: [...effects, ...ops, { kind: "setup", setup: setupOf(device.settings) }] };
}

const busOf = (settings: Settings, now: Millis): Bus => {
  const addresses = settings.wiring.map((_, index) => index + 1);
  return startBus(addresses, millis(READ_PERIOD_PER_PZEM * addresses.length), now);
};

export const setupOf = (settings: Settings): EvseSetup => ({
  rating: deciampsOf(settings.maxA),
  cable: deciampsOf(settings.cableA),
  socket: settings.socket,
  failsafe: settings.member ? deciampsOf(settings.failsafeA) : deciamps(0),
  ventilated: settings.ventilated,
  wakeUp: settings.wakeUp,
  residualFitted: settings.residualFitted,
});

export function stepController(state: Controller, event: ControllerEvent, now: Millis): Step {
  const effects: ControllerEffect[] = [];
  const timed = inMinute(state, now);
  let next = take(timed, event, effects, now);
  if (next.device.asked !== null) next = answered(next, effects, now);
  if (isHalfHeard(event, state, next)) return { state: withLines(next, effects, now), effects };
  if (next.device.settings !== state.device.settings) next = settingsChanged(next, state.device.settings, effects, now);
  next = withSessions(withRights(inMinute(next, now), state, effects, now), effects, now);
  if (event.kind === "tick") next = dropLateStatement(withLedger(next, effects, now), effects, now);
  const spoken = speakWithSite(next, effects, now);
  next = grant(spoken.state, spoken.answer, effects, now);
  next = tellState(next, effects, now);
  if (event.kind === "tick") next = remembered(next, now);
  return { state: withLines(showLamp(next, effects, now), effects, now), effects };
}

/** A point for the plot of the last hours, when one is due. */
function remembered(state: Controller, now: Millis): Controller {
  if (!isPointDue(state.history, now)) return state;
  const facts = { house: houseNow(state), car: phasesNow(state.draw, now), limit: state.status?.offer ?? deciamps(0) };
  return { ...state, history: noted(state.history, facts, now) };
}

function withLines(state: Controller, effects: readonly ControllerEffect[], now: Millis): Controller {
  const device = withLog(state.device, effects, now);
  return device === state.device ? state : { ...state, device };
}

/** Bytes of a meter or a card that do not say anything yet, and what is only to be looked at: nothing follows from them. */
const isHalfHeard = (event: ControllerEvent, before: Controller, after: Controller): boolean =>
  event.kind === "measured" || (event.kind === "serial" && after.draw === before.draw && after.card === before.card);

function take(state: Controller, event: ControllerEvent, effects: ControllerEffect[], now: Millis): Controller {
  switch (event.kind) {
    case "status":
      return statusCame(state, event.status);
    case "measured":
      return { ...state, measured: { ...event.measured, at: now } };
    case "serial":
      return event.port === "pzem"
        ? readMeter(state, { kind: "bytes", bytes: event.bytes }, effects, now)
        : readCard(state, { kind: "bytes", bytes: event.bytes }, effects, now);
    case "button":
      return button(state, event.pressed, effects, now);
    case "tick": {
      const read = readCard(readMeter(state, event, effects, now), event, effects, now);
      const outside = stillLed(read.outside, now);
      const alone = outside === read.outside ? read : { ...read, outside };
      return inDevice(held(alone, effects, now), event, effects, now);
    }
    case "asked":
      return asked(state, event.act, effects, now);
    case "sector":
      return sectorCame(state, event.sector, event.bytes, effects, now);
    case "datagram":
      return carriersOf(state.device.settings).udp ? heard(state, event.bytes, event.from, effects, now) : state;
    case "stream":
    case "page":
    case "link":
    case "radio":
    case "name":
    case "called":
    case "found":
    case "clock":
    case "memory":
    case "set":
      return inDevice(state, event, effects, now);
  }
}

function inDevice(state: Controller, event: DeviceEvent, effects: ControllerEffect[], now: Millis): Controller {
  return withDevice(state, stepDevice(state.device, event, !mayBeClosed(state), now), effects, now);
}

/** Answers what a page, or a program, was asked for. */
function answered(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  if (isOfProgram(state.device)) return programAnswered(state, effects, now);
  return withDevice(
    state,
    answerPage(state.device, chargerModel(factsOf(state, now)), !mayBeClosed(state), now),
    effects,
    now,
  );
}

function programAnswered(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  const { state: told, patch } = answerProgram(state, effects, now);
  return patch === null ? told : inDevice(told, { kind: "set", patch }, effects, now);
}

function withDevice(state: Controller, step: DeviceStep, effects: ControllerEffect[], now: Millis): Controller {
  effects.push(...step.effects);
  const next = step.device === state.device ? state : { ...state, device: step.device };
  return step.outcomes.reduce((last, one) => cameOf(last, one, effects, now), next);
}

/** What was read of the flash, for whoever asked for it. */
function sectorCame(
  state: Controller,
  sector: number,
  bytes: Uint8Array,
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  const known = ledgerSector(sessionSector(state, sector, bytes, effects, now), sector, bytes);
  return statementSector(known, sector, bytes, effects, now);
}

/** What a page asks of the charger. */
function asked(state: Controller, act: ChargerAct, effects: ControllerEffect[], now: Millis): Controller {
  switch (act.kind) {
    case "shot":
      return { ...state, shot: { ...state.shot, ...act.shot } };
    case "report":
      return beginStatement(state, act.connection, act.report, effects, now);
    case "person":
    case "removePerson":
    case "enrol":
      return changePeople(state, act, effects, now);
  }
}

function cameOf(state: Controller, outcome: Outcome, effects: ControllerEffect[], now: Millis): Controller {
  switch (outcome.kind) {
    case "message":
      return received(state, outcome, effects, now);
    case "delivered":
      return sessionDelivered(state, outcome.topic);
    case "asked":
      return asked(state, outcome.act, effects, now);
  }
}

function received(state: Controller, message: Received, effects: ControllerEffect[], now: Millis): Controller {
  const { settings } = state.device;
  const command = commandOf(message.topic, settings);
  if (command !== null) {
    const { state: told, patch } = commanded(state, command, message, effects, now);
    return patch === null ? told : inDevice(told, { kind: "set", patch }, effects, now);
  }
  if (state.managed !== null) return manage(state, state.managed, [managerHeard(message)], effects, now);
  if (isOfMeter(state, message.topic)) return message.retained ? state : otherMeter(state, message, effects, now);
  return carriersOf(settings).mqtt ? heard(state, message.payload, null, effects, now) : state;
}

/** A message of the site, by the broker, or from an address of the local network. */
function heard(
  state: Controller,
  bytes: Uint8Array,
  from: string | null,
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  const step = hearSite(state, bytes, from, effects, now);
  const told = step.book === null ? step.state : bookHeard(step.state, step.book, effects, now);
  const next = step.config === null ? told : adopt(told, step.config, effects, now);
  return step.reported ? backHome(next, effects, now) : next;
}

/** The site has another configuration: ours from now on. */
function adopt(state: Controller, json: string, effects: ControllerEffect[], now: Millis): Controller {
  const next = inDevice(state, { kind: "set", patch: jsonOf(json) }, effects, now);
  if (next.device.settings !== state.device.settings)
    effects.push({ kind: "log", text: "took the site's configuration" });
  return next;
}

/** A charger that was told it is elsewhere hears its own site: it is home, and the site decides again. */
function backHome(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  if (state.device.settings.member) return state;
  effects.push({ kind: "log", text: "heard its site: back in it" });
  return inDevice(state, { kind: "set", patch: { member: true } }, effects, now);
}

function statusCame(state: Controller, status: EvseStatus): Controller {
  const plugged = status.mode !== "available";
  const permission = plugged ? state.permission : unplugged(state.permission);
  return { ...state, status, permission };
}

function readMeter(
  state: Controller,
  event: { readonly kind: "tick" } | { readonly kind: "bytes"; readonly bytes: Uint8Array },
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  const { bus, send, round } = stepBus(state.bus, event, now);
  if (send !== null) effects.push({ kind: "serial", port: "pzem", bytes: send });
  if (round === null) return bus === state.bus ? state : { ...state, bus };
  const phases = round.answers.map((one) => (one.ok ? one.current : null));
  const known = phases.filter((one) => one !== null);
  if (known.length < phases.length) return { ...state, bus, answers: round.answers };
  const registers = round.answers.flatMap((one) => (one.ok ? [one.energy] : []));
  const read = { ...state, bus, answers: round.answers, draw: { at: now, phases: known } };
  return {
    ...read,
    sessions: metersRead(
      state.sessions,
      registers,
      drawAtMost(milliamps(Math.max(...known))),
      state.minute.period,
      now,
    ),
  };
}

function readCard(
  state: Controller,
  event: { readonly kind: "tick" } | { readonly kind: "bytes"; readonly bytes: Uint8Array },
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  const { reader, send, presented } = stepReader(state.reader, event, now);
  if (send !== null) effects.push({ kind: "serial", port: "nfc", bytes: send });
  if (presented === null) return reader === state.reader ? state : { ...state, reader };
  return cardCame({ ...state, reader }, presented, effects, now);
}

/** A short press takes the next of the manual currents; it counts when the button is let go. */
function button(state: Controller, pressed: boolean, effects: ControllerEffect[], now: Millis): Controller {
  if (pressed) return { ...state, pressedAt: now };
  if (state.pressedAt === null) return state;
  const { settings } = state.device;
  const next = nextManual(deciampsOf(settings.manualA), deciampsOf(settings.maxA));
  const released = { ...state, pressedAt: null };
  return inDevice(released, { kind: "set", patch: { manualA: toAmps(next) } }, effects, now);
}

/** Held for so long it is no press: whoever holds it wants to reach the device's own access point. */
function held(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  if (state.pressedAt === null || minus(now, state.pressedAt) < HELD) return state;
  return inDevice({ ...state, pressedAt: null }, { kind: "called" }, effects, now);
}

function settingsChanged(state: Controller, before: Settings, effects: ControllerEffect[], now: Millis): Controller {
  const { settings } = state.device;
  effects.push({ kind: "setup", setup: setupOf(settings) });
  const rewired = settings.wiring.length !== before.wiring.length;
  const meter = resettledMeter(state.meter, settings);
  return {
    ...state,
    meter,
    house: meter.told === null ? null : state.house,
    bus: rewired ? busOf(settings, now) : state.bus,
    sharing: resettled(state.sharing, settings, now),
    managed: settings.manager === before.manager ? state.managed : clientOf(settings, "charger"),
  };
}

/** Sends the lease when it says something else, and each second. `found`: what the site allows. */
function grant(state: Controller, found: MemberAnswer, effects: ControllerEffect[], now: Millis): Controller {
  const { settings } = state.device;
  // A car that pauses asks for nothing, and is answered with nothing: the pause is the reason.
  const pauses = found.because === "none" && state.status !== null && state.status.pausedUntil > now;
  const answer: MemberAnswer = pauses ? { ...found, because: "paused" } : found;
  const lease = leaseOf(settings, answer, state.rights, largestDraw(state.draw, now), now);
  if (state.lease !== null && sameGrant(state.lease, lease) && minus(now, state.leasedAt) < RENEW) {
    return sameAnswer(state.answer, answer) ? state : { ...state, answer };
  }
  effects.push({ kind: "lease", lease });
  return { ...state, answer, lease, leasedAt: now };
}

const sameAnswer = (a: MemberAnswer, b: MemberAnswer): boolean =>
  a.amps === b.amps && a.because === b.because && a.until === b.until && a.freshness === b.freshness;

const sameGrant = (a: Lease, b: Lease): boolean =>
  a.offer === b.offer &&
  a.because === b.because &&
  a.permitted === b.permitted &&
  a.runnerUp?.name === b.runnerUp?.name &&
  a.runnerUp?.amps === b.runnerUp?.amps;

/** The retained state for people and their tools: when something but a measured value changed, and every 10 s. */
function tellState(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  if (!state.device.online) return state.published === "" ? state : { ...state, published: "" };
  const key = stateKey(state);
  if (key === state.published && minus(now, state.publishedAt) < STATE_PERIOD) return state;
  const message = {
    topic: topicOf("state", state.device.settings),
    payload: stateJson(factsOf(state, now)),
    retain: true,
    qos: 0,
  } as const;
  const sent = publish(state.device, message, now);
  effects.push(...sent.effects);
  return { ...state, device: sent.device, published: key, publishedAt: now };
}

export const factsOf = (state: Controller, now: Millis): ChargerFacts => ({ ...state, now });

/** A card is answered for so long. */
const CARD_SHOWN: Millis = millis(2_000);

function showLamp(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  const { settings } = state.device;
  const { card } = state;
  const show =
    card !== null && minus(now, card.at) < CARD_SHOWN
      ? lampForCard(card.answer)
      : lampOf(state.status, settings.mode === "manual" ? deciampsOf(settings.manualA) : null);
  if (show.lamp === state.lamp?.lamp && show.blinks === state.lamp.blinks) return state;
  effects.push({ kind: "lamp", show });
  return { ...state, lamp: show };
}
