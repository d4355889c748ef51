// The controller machine of a charger: its own meter, cards, the site's reports and the button become leases.
// It never touches the pilot or the contactor; what it does wrong ends with its last lease.

import { mayCharge, NOBODY, type Permission, presentCard, unplugged } from "./access.js";
import { type CarDraws, houseWithout, withDraw, withoutSilent } from "./car-draws.js";
import { carriersOf, sendBySite } from "./carriers.js";
import { type ChargerFacts, chargerModel, stateJson } from "./charger-view.js";
import { leaseOf, siteAnswerOf } from "./current-limits.js";
import {
  type Boot,
  type Device,
  type DeviceEffect,
  type DeviceEvent,
  publish,
  type Received,
  startDevice,
  stepDevice,
  VOTE_SECTORS,
} from "./device.js";
import { type Draw, drawMoved, largestDraw, siteDraw } from "./draw.js";
import { steadyTenths } from "./house.js";
import type { EvseSetup, EvseStatus, Lease } from "./lease.js";
import { clientOf, managerHeard, onlineEvents, stepManaged } from "./managed.js";
import { grantOf, type ManagerClient, type ManagerClientEvent } from "./manager-client.js";
import type { MemberAnswer } from "./member.js";
import { type NfcReader, startReader, stepReader } from "./nfc.js";
import { currentsOf } from "./other-meter.js";
import { type LampShow, lampOf, nextManual } from "./panel.js";
import { type Bus, type BusAnswer, startBus, stepBus } from "./pzem-bus.js";
import { deciampsOf, type Settings } from "./settings.js";
import { budgetOf } from "./shared-site.js";
import {
  type Facts,
  fixedReading,
  hearMessage,
  hearReading,
  leads,
  pass,
  resettled,
  type Sharing,
  type SharingStep,
  startSharing,
} from "./sharing.js";
import { jsonOf } from "./text.js";
import { chargerTopics } from "./topics.js";
import { deciamps, type Milliamps, type Millis, millis, minus, toAmps } from "./units.js";
import { keepVote, loadVotes, type VoteLog } from "./vote-log.js";
import { drawNow, phasesOf, startWants, type Wants, wantsNow, watchWants } from "./wants.js";

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
  readonly sharing: Sharing;
  readonly wants: Wants;
  readonly answer: MemberAnswer;
  /** The central Manager that leads this site, null where its chargers share by themselves. */
  readonly managed: ManagerClient | null;
  readonly lease: Lease | null;
  readonly leasedAt: Millis;
  readonly votes: VoteLog;
  /** Where the arbiter's datagrams come from, null while that is not known. */
  readonly arbiterAddress: string | null;
  /** A report is waiting for a draw that was measured after it: a grid-side meter needs it. */
  readonly owesDraw: boolean;
  /** The draw of the last demand. */
  readonly told: Draw | null;
  /** Cars of the site, and somebody else's meter, for the case that this charger leads. */
  readonly cars: readonly CarDraws[];
  readonly house: readonly Milliamps[] | null;
  readonly readAt: Millis | null;
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
const STATE_PERIOD: Millis = millis(10_000);
/** Each module is asked this often: a grid-side meter needs to know how the car ramps. */
const READ_PERIOD_PER_PZEM = 250;
const SAMPLE_PERIOD: Millis = millis(1_000);

export function startController(boot: Boot, now: Millis): Step {
  const { device, effects } = startDevice({ ...boot, kind: "charger" });
  const { first, count } = VOTE_SECTORS;
  const { log: votes, ops } = loadVotes(boot.sectors.slice(first, first + count), first);
  const nonce = Math.max(1, boot.entropy >>> 0);
  const sharing = startSharing(device.settings, { nonce, vote: votes.vote, format: boot.format }, now);
  const wants = startWants(now);
  const state: Controller = {
    device,
    status: null,
    bus: busOf(device.settings, now),
    answers: [],
    draw: null,
    reader: startReader(now),
    permission: NOBODY,
    lastCard: null,
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
    readAt: null,
    publishedAt: millis(0),
    published: "",
    lamp: null,
    pressedAt: null,
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
  let next = take(state, event, effects, now);
  if (isHalfHeard(event, state, next)) return { state: next, effects };
  if (next.device.settings !== state.device.settings) next = settingsChanged(next, state.device.settings, effects, now);
  next = share(next, effects, now);
  next = grant(next, effects, now);
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
    case "datagram":
      return carriersOf(state.device.settings).udp ? heard(state, event.bytes, event.from, effects, now) : state;
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
  return step.messages.reduce((last, message) => received(last, message, effects, now), {
    ...state,
    device: step.device,
  });
}

/** Unsure counts as closed: an erase would stop the machine that has to open the contactor. */
const mayBeClosed = ({ status }: Controller): boolean => status === null || status.contactorClosed;

function received(state: Controller, message: Received, effects: ControllerEffect[], now: Millis): Controller {
  const { settings } = state.device;
  if (state.managed !== null) return manage(state, [managerHeard(message)], effects, now);
  if (settings.meter === "other" && message.topic === settings.meterTopic) {
    return message.retained ? state : otherMeter(state, message.payload, now);
  }
  return carriersOf(settings).mqtt ? heard(state, message.payload, null, effects, now) : state;
}

function manage(
  state: Controller,
  events: readonly ManagerClientEvent[],
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  if (state.managed === null) return state;
  const { device, client } = stepManaged({ device: state.device, client: state.managed }, events, effects, now);
  return { ...state, device, managed: client };
}

/** A message of the site, by the broker, or from an address of the local network. */
function heard(
  state: Controller,
  bytes: Uint8Array,
  from: string | null,
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  const step = hearMessage(state.sharing, bytes, now);
  const obeys = step.sharing.member.leader !== state.sharing.member.leader;
  const isReport = step.sharing.member.obeyedAt === now && obeys;
  const next = shared(
    {
      ...state,
      arbiterAddress: from !== null && obeys ? from : state.arbiterAddress,
      owesDraw: state.owesDraw || (isReport && state.device.settings.measures === "grid"),
    },
    step,
    effects,
    now,
  );
  return step.reported ? backHome(next, effects, now) : next;
}

/** What a sharing step asks for: a promise into flash before anything is sent, then messages, logs and settings. Without
 *  room for the promise the whole step is dropped. */
function shared(state: Controller, step: SharingStep, effects: ControllerEffect[], now: Millis): Controller {
  const kept = step.vote === null ? null : keepVote(state.votes, step.vote);
  if (step.vote !== null && kept === null) {
    effects.push({ kind: "log", text: "no room in flash for a promise until the next restart" });
    return state;
  }
  if (kept !== null) effects.push(kept.op);
  for (const text of step.logs) effects.push({ kind: "log", text });
  const cars = withoutSilent(state.cars, now);
  const next: Controller = {
    ...state,
    sharing: step.sharing,
    votes: kept?.log ?? state.votes,
    cars: step.demand === null ? cars : withDraw(cars, step.demand, step.sharing.channel.site, now),
  };
  const device = sendBySite(next.device, step.sends, state.arbiterAddress, effects, now);
  const sent: Controller = { ...next, device };
  return step.config === null ? sent : adopt(sent, step.config, effects, now);
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
  const permission = status.mode === "available" ? unplugged(state.permission) : state.permission;
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
  return {
    ...state,
    bus: rewired ? busOf(settings, now) : state.bus,
    sharing: resettled(state.sharing, settings, now),
    managed: settings.manager === before.manager ? state.managed : clientOf(settings, "charger"),
  };
}

function answerNow({ device, managed, sharing, wants }: Controller, now: Millis): MemberAnswer {
  const { settings } = device;
  if (managed === null || !settings.member) return siteAnswerOf(settings, sharing, phasesOf(wants, settings), now);
  const { amps, until } = grantOf(managed, now);
  return { amps, because: "share", until, freshness: until > now ? "fresh" : "none" };
}

/** Sends the lease when it says something else, and each second. */
function grant(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  const { settings } = state.device;
  const found = answerNow(state, now);
  // A car that pauses asks for nothing, and is answered with nothing: the pause is the reason.
  const pauses = found.because === "none" && state.status !== null && state.status.pausedUntil > now;
  const answer: MemberAnswer = pauses ? { ...found, because: "paused" } : found;
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

/** Follows the car, and speaks with the site: its own demand when one is due, and the arbiter's work while it leads. */
function share(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  const { settings } = state.device;
  const wants = watchWants(state.wants, state.status, state.draw, settings, now);
  const read = leads(state.sharing) && settings.meter === "none" ? fixed(state, now) : state;
  if (state.managed !== null) return tellManager({ ...state, wants }, state.managed, effects, now);
  if (!settings.member) return { ...read, wants };
  const facts = factsForSite({ ...read, wants }, now);
  const granted = siteAnswerOf(settings, read.sharing, phasesOf(wants, settings), now).amps;
  const step = pass(read.sharing, facts, granted, now);
  const spoke = step.sharing.demandedAt === now;
  const next = shared({ ...read, wants }, step, effects, now);
  return spoke ? { ...next, owesDraw: false, told: state.draw } : next;
}

/** Under a Manager: that the car wants, and what it draws. */
function tellManager(state: Controller, client: ManagerClient, effects: ControllerEffect[], now: Millis): Controller {
  const { status, draw, wants, permission, device } = state;
  const permitted = mayCharge(permission, accessOf(device.settings));
  const { need } = wantsNow(wants, status, permitted, device.settings, now);
  const load = siteDraw(device.settings, draw);
  const events = [
    ...onlineEvents(client, device.online),
    { kind: "charger", wants: need > 0, load },
    { kind: "tick" },
  ] as const;
  return manage(state, events, effects, now);
}

function factsForSite(state: Controller, now: Millis): Facts {
  const { status, draw, wants, permission, device } = state;
  const { settings } = device;
  const permitted = mayCharge(permission, accessOf(settings));
  const measured = draw !== null && draw.at === now;
  const onGrid = settings.measures === "grid" && settings.meter !== "none";
  return {
    wants: wantsNow(wants, status, permitted, settings, now),
    draws: siteDraw(settings, draw),
    age: draw === null ? millis(0) : minus(now, draw.at),
    offer: status?.offer ?? deciamps(0),
    draw: drawNow(status, draw, now),
    known: status !== null,
    news: onGrid && measured && (state.owesDraw || drawMoved(draw, state.told)),
    uptime: now,
  };
}

/** Without a meter the limit is fixed, and is there each second. */
function fixed(state: Controller, now: Millis): Controller {
  if (state.readAt !== null && minus(now, state.readAt) < SAMPLE_PERIOD) return state;
  return { ...state, readAt: now, sharing: hearReading(state.sharing, fixedReading(state.sharing, now), now) };
}

/** Somebody else's meter has spoken: its value is as old as its way here, which nobody can know. */
function otherMeter(state: Controller, payload: Uint8Array, now: Millis): Controller {
  const { settings } = state.device;
  const currents = currentsOf(payload, settings.phases);
  if (currents === null) return state;
  const house = settings.measures === "grid" ? houseWithout(state.cars, currents, state.house, now) : currents;
  const tenths = house.map((amps) => steadyTenths(null, amps));
  const reading = { stamp: now, budget: tenths.map((amps) => budgetOf(settings, amps)), house: tenths, solar: null };
  return { ...state, house, sharing: hearReading(state.sharing, reading, now) };
}

/** The retained state for people and their tools: when something but a measured value changed, and every 10 s. */
function tellState(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  if (!state.device.online) return state.published === "" ? state : { ...state, published: "" };
  const facts = factsOf(state, now);
  const key = `${state.status?.mode} ${state.status?.offer} ${state.status?.because} ${state.answer.freshness} ${state.sharing.member.twins}`;
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
