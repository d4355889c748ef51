// The controller machine of a charger: its own meter, cards, the site's reports and the button become leases.
// It never touches the pilot or the contactor; what it does wrong ends with its last lease.

import { mayCharge, NOBODY, type Permission, presentCard, unplugged } from "./access.js";
import { sentDemand } from "./arbiter-clock.js";
import { type ChargerFacts, chargerModel, stateJson } from "./charger-view.js";
import { leaseOf, siteAnswerOf, siteRulesOf } from "./current-limits.js";
import {
  type Boot,
  type Device,
  type DeviceEffect,
  type DeviceEvent,
  publish,
  startDevice,
  stepDevice,
} from "./device.js";
import { type Draw, drawMoved, largestDraw, siteDraw } from "./draw.js";
import type { EvseSetup, EvseStatus, Lease } from "./lease.js";
import { type NfcReader, startReader, stepReader } from "./nfc.js";
import { type LampShow, lampOf, nextManual } from "./panel.js";
import { type Bus, type BusAnswer, startBus, stepBus } from "./pzem-bus.js";
import { deciampsOf, type Settings } from "./settings.js";
import { hearReport, NOTHING_HEARD, type SiteAnswer, type SiteView } from "./site-limit.js";
import { decodeReport, encodeDemand } from "./site-message.js";
import { chargerTopics } from "./topics.js";
import { deciamps, type Millis, millis, minus, toAmps } from "./units.js";

export type ControllerEvent =
  | DeviceEvent
  | { readonly kind: "status"; readonly status: EvseStatus }
  | { readonly kind: "serial"; readonly port: "pzem" | "nfc"; readonly bytes: Uint8Array }
  | { readonly kind: "button"; readonly pressed: boolean };

export type ControllerEffect =
  | DeviceEffect
  | { readonly kind: "lease"; readonly lease: Lease }
  | { readonly kind: "setup"; readonly setup: EvseSetup }
  | { readonly kind: "serial"; readonly port: "pzem" | "nfc"; readonly bytes: Uint8Array }
  | { readonly kind: "lamp"; readonly show: LampShow };

export interface Controller {
  readonly device: Device;
  readonly status: EvseStatus | null;
  readonly bus: Bus;
  readonly answers: readonly BusAnswer[];
  readonly draw: Draw | null;
  readonly reader: NfcReader;
  readonly permission: Permission;
  readonly lastCard: string | null;
  readonly view: SiteView;
  readonly answer: SiteAnswer;
  readonly lease: Lease | null;
  readonly leasedAt: Millis;
  /** Names this boot in the demands. */
  readonly nonce: number;
  readonly number: number;
  readonly demandedAt: Millis;
  /** A report is waiting for a draw that was measured after it. */
  readonly owesDemand: boolean;
  /** The draw of the last demand. */
  readonly told: Draw | null;
  readonly publishedAt: Millis;
  readonly published: string;
  readonly lamp: LampShow | null;
  readonly pressedAt: Millis | null;
}

export interface Step {
  readonly state: Controller;
  readonly effects: readonly ControllerEffect[];
}

const RENEW: Millis = millis(1_000);
const DEMAND_PERIOD: Millis = millis(2_000);
const STATE_PERIOD: Millis = millis(10_000);
/** Each module is asked this often: a grid-side meter needs to know how the car ramps. */
const READ_PERIOD_PER_PZEM = 250;
export function startController(boot: Boot, now: Millis): Step {
  const { device, effects } = startDevice({ ...boot, kind: "charger" });
  const state: Controller = {
    device,
    status: null,
    bus: busOf(device.settings, now),
    answers: [],
    draw: null,
    reader: startReader(now),
    permission: NOBODY,
    lastCard: null,
    view: NOTHING_HEARD,
    answer: siteAnswerOf(device.settings, NOTHING_HEARD, now),
    lease: null,
    leasedAt: now,
    nonce: boot.entropy >>> 0,
    number: 0,
    demandedAt: millis(0),
    owesDemand: true,
    told: null,
    publishedAt: millis(0),
    published: "",
    lamp: null,
    pressedAt: null,
  };
  return { state, effects: [...effects, { kind: "setup", setup: setupOf(device.settings) }] };
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
  let next = take(state, event, effects, now);
  if (isHalfHeard(event, state, next)) return { state: next, effects };
  if (next.device.settings !== state.device.settings) next = settingsChanged(next, state.device.settings, effects, now);
  next = grant(next, effects, now);
  next = demand(next, effects, now);
  next = tellState(next, effects, now);
  return { state: showLamp(next, effects), effects };
}

/** Bytes of a meter or a card that do not say anything yet: nothing follows from them. */
const isHalfHeard = (event: ControllerEvent, before: Controller, after: Controller): boolean =>
  event.kind === "serial" && after.draw === before.draw && after.permission === before.permission;

function take(state: Controller, event: ControllerEvent, effects: ControllerEffect[], now: Millis): Controller {
  switch (event.kind) {
    case "status":
      return statusCame(state, event.status);
    case "serial":
      return event.port === "pzem"
        ? readMeter(state, { kind: "bytes", bytes: event.bytes }, effects, now)
        : readCard(state, { kind: "bytes", bytes: event.bytes }, effects, now);
    case "button":
      return button(state, event.pressed, effects, now);
    case "tick": {
      const read = readCard(readMeter(state, event, effects, now), event, effects, now);
      return inDevice(read, event, effects, now);
    }
    case "stream":
    case "page":
    case "link":
    case "clock":
    case "set":
      return inDevice(state, event, effects, now);
  }
}

function inDevice(state: Controller, event: DeviceEvent, effects: ControllerEffect[], now: Millis): Controller {
  const step = stepDevice(state.device, event, !mayBeClosed(state), () => chargerModel(factsOf(state, now)), now);
  effects.push(...step.effects);
  return step.messages.reduce((last, message) => hear(last, message.topic, message.payload, effects, now), {
    ...state,
    device: step.device,
  });
}

/** Unsure counts as closed: an erase would stop the machine that has to open the contactor. */
const mayBeClosed = ({ status }: Controller): boolean => status === null || status.contactorClosed;

function hear(state: Controller, topic: string, payload: string, effects: ControllerEffect[], now: Millis): Controller {
  const { settings } = state.device;
  if (topic !== chargerTopics(settings).report) return state;
  const report = decodeReport(payload);
  if (!report.ok) {
    effects.push({ kind: "log", text: `report refused: ${report.why}` });
    return state;
  }
  const view = hearReport(state.view, report.value, siteRulesOf(settings), now);
  if (view === state.view) return state;
  return backHome({ ...state, view, owesDemand: true }, effects, now);
}

/** A charger that was told it is elsewhere hears its own site: it is home, and the site decides again. */
function backHome(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  if (state.device.settings.member) return state;
  effects.push({ kind: "log", text: "heard its site: back in it" });
  return inDevice(state, { kind: "set", patch: { member: true } }, effects, now);
}

function statusCame(state: Controller, status: EvseStatus): Controller {
  const permission = status.mode === "available" ? unplugged(state.permission) : state.permission;
  const moved = status.offer !== state.status?.offer || status.contactorClosed !== state.status?.contactorClosed;
  const demandedAt = moved ? millis(0) : state.demandedAt;
  return { ...state, status, permission, demandedAt };
}

function readMeter(
  state: Controller,
  event: { readonly kind: "tick" } | { readonly kind: "bytes"; readonly bytes: Uint8Array },
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  const { bus, send, round } = stepBus(state.bus, event, now);
  if (send !== null) effects.push({ kind: "serial", port: "pzem", bytes: send });
  if (round === null) return { ...state, bus };
  const phases = round.answers.map((one) => (one.ok ? one.current : null));
  const known = phases.filter((one) => one !== null);
  if (known.length < phases.length) return { ...state, bus, answers: round.answers };
  return { ...state, bus, answers: round.answers, draw: { at: now, phases: known } };
}

function readCard(
  state: Controller,
  event: { readonly kind: "tick" } | { readonly kind: "bytes"; readonly bytes: Uint8Array },
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  const { reader, send, presented } = stepReader(state.reader, event, now);
  if (send !== null) effects.push({ kind: "serial", port: "nfc", bytes: send });
  if (presented === null) return { ...state, reader };
  const { permission, answer } = presentCard(state.permission, presented, accessOf(state.device.settings));
  effects.push({ kind: "log", text: `card ${presented}: ${answer}` });
  return { ...state, reader, permission, lastCard: presented };
}

const accessOf = (settings: Settings) => ({ free: settings.freeCharging, cards: settings.cards });

/** A short press takes the next of the manual currents; it counts when the button is let go. */
function button(state: Controller, pressed: boolean, effects: ControllerEffect[], now: Millis): Controller {
  if (pressed) return { ...state, pressedAt: now };
  if (state.pressedAt === null) return state;
  const { settings } = state.device;
  const next = nextManual(deciampsOf(settings.manualA), deciampsOf(settings.maxA));
  const released = { ...state, pressedAt: null };
  return inDevice(released, { kind: "set", patch: { manualA: toAmps(next) } }, effects, now);
}

function settingsChanged(state: Controller, before: Settings, effects: ControllerEffect[], now: Millis): Controller {
  const { settings } = state.device;
  effects.push({ kind: "setup", setup: setupOf(settings) });
  const rewired = settings.wiring.length !== before.wiring.length;
  const moved = settings.siteId !== before.siteId || settings.id !== before.id;
  return {
    ...state,
    bus: rewired ? busOf(settings, now) : state.bus,
    view: moved ? NOTHING_HEARD : state.view,
  };
}

/** Sends the lease when it says something else, and each second. */
function grant(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  const { settings } = state.device;
  const answer = siteAnswerOf(settings, state.view, now);
  const permitted = mayCharge(state.permission, accessOf(settings));
  const lease = leaseOf(settings, answer, permitted, largestDraw(state.draw, now), now);
  if (state.lease !== null && sameGrant(state.lease, lease) && minus(now, state.leasedAt) < RENEW) {
    return { ...state, answer };
  }
  effects.push({ kind: "lease", lease });
  return { ...state, answer, lease, leasedAt: now };
}

const sameGrant = (a: Lease, b: Lease): boolean =>
  a.offer === b.offer &&
  a.because === b.because &&
  a.permitted === b.permitted &&
  a.runnerUp?.name === b.runnerUp?.name &&
  a.runnerUp?.amps === b.runnerUp?.amps;

/** Tells the site: every 2 s, at once when the offer or the draw has changed, and after each report as soon as a draw is
 *  known that was measured later than it came. */
function demand(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  const { settings } = state.device;
  if (!settings.member || settings.meter === "none" || !state.device.online) return state;
  const measured = state.draw !== null && state.draw.at === now;
  const due =
    minus(now, state.demandedAt) >= DEMAND_PERIOD ||
    (measured && (state.owesDemand || drawMoved(state.draw, state.told)));
  if (!due) return state;
  const number = (state.number + 1) >>> 0;
  const offer = state.status?.contactorClosed === true ? state.status.offer : deciamps(0);
  const payload = encodeDemand({
    id: settings.id,
    nonce: state.nonce,
    number,
    age: state.draw === null ? millis(0) : minus(now, state.draw.at),
    draw: siteDraw(settings, state.draw),
    offer,
  });
  const sent = publish(state.device, { topic: chargerTopics(settings).demand, payload, retain: false, qos: 0 }, now);
  effects.push(...sent.effects);
  return {
    ...state,
    device: sent.device,
    view: { ...state.view, clock: sentDemand(state.view.clock, number, now) },
    number,
    demandedAt: now,
    owesDemand: false,
    told: state.draw,
  };
}

/** The retained state for people and their tools: when something but a measured value changed, and every 10 s. */
function tellState(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  if (!state.device.online) return state.published === "" ? state : { ...state, published: "" };
  const facts = factsOf(state, now);
  const key = `${state.status?.mode} ${state.status?.offer} ${state.status?.because} ${state.answer.freshness}`;
  if (key === state.published && minus(now, state.publishedAt) < STATE_PERIOD) return state;
  const message = {
    topic: chargerTopics(state.device.settings).state,
    payload: stateJson(facts),
    retain: true,
    qos: 0,
  } as const;
  const sent = publish(state.device, message, now);
  effects.push(...sent.effects);
  return { ...state, device: sent.device, published: key, publishedAt: now };
}

export const factsOf = (state: Controller, now: Millis): ChargerFacts => ({ ...state, now });

function showLamp(state: Controller, effects: ControllerEffect[]): Controller {
  const { settings } = state.device;
  const show = lampOf(state.status, settings.mode === "manual" ? deciampsOf(settings.manualA) : null);
  if (show.lamp === state.lamp?.lamp && show.blinks === state.lamp.blinks) return state;
  effects.push({ kind: "lamp", show });
  return { ...state, lamp: show };
}
