// The meter device: its PZEMs, read each period, become the site's report. A reading that cannot be trusted is no reading:
// then there is no report, and every charger falls back by itself.

import { apiJson, isOfProgram, readApi } from "./api.js";
import { nextReport, takeReading } from "./arbiter.js";
import { type Arbiter, hearDemand, passTime, reconfigured, startArbiter } from "./books.js";
import { type CarDraws, drawnOn, houseWithout, withDraw, withoutSilent } from "./car-draws.js";
import { carriersOf, sendBySite } from "./carriers.js";
import {
  answerPage,
  type Boot,
  type Device,
  type DeviceEffect,
  type DeviceEvent,
  type DeviceStep,
  publish,
  type Received,
  startDevice,
  stepDevice,
  withLog,
} from "./device.js";
import {
  FEED_STREAMS,
  feedPublished,
  feedReading,
  feedSector,
  feedStream,
  feedTick,
  refeed,
  startFeed,
} from "./feed.js";
import type { Around, Feed } from "./feed-state.js";
import { steadyTenths } from "./house.js";
import { clientOf, manage, managerHeard, onlineEvents } from "./managed.js";
import type { ManagerClient } from "./manager-client.js";
import { type MeterFacts, meterModel, meterStateJson } from "./meter-view.js";
import { oledLines } from "./panel.js";
import { sentTo } from "./portal/connections.js";
import type { PzemReading } from "./pzem.js";
import { type Bus, type BusAnswer, type Round, startBus, stepBus } from "./pzem-bus.js";
import { type Pzem, periodOf, type Settings } from "./settings.js";
import { sameValue } from "./settings-checks.js";
import { budgetOf } from "./shared-site.js";
import { METER, type SiteMessage } from "./sharing-message.js";
import { type Channel, configMessage, open, openChannel, reopened, seal } from "./site-channel.js";
import { isStuck, NEVER_READ, type StuckWatch, watchStuck } from "./stuck.js";
import { jsonOf } from "./text.js";
import { meterTopics } from "./topics.js";
import {
  type Deciamps,
  deciamps,
  drawAtLeast,
  type Milliamps,
  type Millis,
  milliamps,
  millis,
  minus,
  plus,
} from "./units.js";

export type MeterEvent = DeviceEvent | { readonly kind: "serial"; readonly bytes: Uint8Array };
export type MeterEffect =
  | DeviceEffect
  | { readonly kind: "serial"; readonly bytes: Uint8Array }
  | { readonly kind: "text"; readonly lines: readonly string[] };

/** One reading of all PZEMs, trusted. */
export interface Sample {
  /** When the first was asked. */
  readonly askedAt: Millis;
  /** When the module of each phase had answered. */
  readonly at: readonly Millis[];
  /** Per phase, of the house or of the grid, as the PZEMs are placed. */
  readonly measured: readonly Milliamps[];
  readonly solar: readonly Milliamps[] | null;
}

export interface MeterNode {
  readonly device: Device;
  readonly boot: number;
  readonly bus: Bus;
  readonly answers: readonly BusAnswer[];
  readonly watches: readonly StuckWatch[];
  readonly stuck: boolean;
  readonly channel: Channel;
  /** The central Manager that leads this site, null where this meter does. */
  readonly managed: ManagerClient | null;
  readonly arbiter: Arbiter;
  readonly cars: readonly CarDraws[];
  readonly sample: Sample | null;
  /** Per phase; what the loads without the cars take. */
  readonly house: readonly Milliamps[] | null;
  /** The same by the sample before: this one's estimate starts there however often later draws make it anew. */
  readonly houseBefore: readonly Milliamps[] | null;
  /** The same in 0.1 A, as the last report had it. */
  readonly steady: readonly Deciamps[];
  /** Budget of the last report, per phase. */
  readonly told: readonly Deciamps[];
  readonly publishedAt: Millis;
  readonly lines: string;
  /** Null: neither emoncms nor InfluxDB is fed. */
  readonly feed: Feed | null;
}

interface Step {
  readonly state: MeterNode;
  readonly effects: readonly MeterEffect[];
}

const STATE_PERIOD: Millis = millis(10_000);

export function startMeter(boot: Boot, now: Millis): Step {
  const { device, effects, boots } = startDevice({ ...boot, kind: "meter" }, now);
  const channel = openChannel(device.settings, boot.format);
  const state: MeterNode = {
    device: withLog(device, effects, now),
    boot: boots,
    channel,
    managed: clientOf(device.settings, "counter"),
    arbiter: startArbiter(channel.site, { term: 0, boot: boots, place: METER }, null, now),
    bus: busOf(device.settings, now),
    answers: [],
    watches: [],
    stuck: false,
    cars: [],
    sample: null,
    house: null,
    houseBefore: null,
    steady: [],
    told: [],
    publishedAt: millis(0),
    lines: "",
    feed: startFeed(device.settings),
  };
  return { state, effects };
}

const busOf = (settings: Settings, now: Millis): Bus =>
  startBus(
    settings.pzems.map((one) => one.address),
    periodOf(settings),
    now,
  );

export function stepMeter(state: MeterNode, event: MeterEvent, now: Millis): Step {
  const effects: MeterEffect[] = [];
  const given = take(state, event, effects, now);
  const told = given.device.asked === null ? given : answered(given, effects, now);
  const taken = settingsChanged(told, state.device.settings, effects, now);
  const led =
    taken.managed === null
      ? lead(taken, event.kind === "tick", effects, now)
      : tellManager(taken, taken.managed, effects, now);
  const fed = event.kind === "tick" ? withFeed(led, feedTick, effects, now) : led;
  const shown = showText(state, tellState(fed, effects, now), effects);
  const device = withLog(shown.device, effects, now);
  return { state: device === shown.device ? shown : { ...shown, device }, effects };
}

function settingsChanged(state: MeterNode, before: Settings, effects: MeterEffect[], now: Millis): MeterNode {
  const { settings } = state.device;
  if (settings === before) return state;
  const feed = refeed(state.feed, before, { device: state.device, effects, now });
  const channel = reopened(state.channel, settings);
  const same = channel.site.hash === state.channel.site.hash;
  const arbiter = same ? state.arbiter : reconfigured(state.arbiter, state.channel.site, channel.site, now);
  const managed = settings.manager === before.manager ? state.managed : clientOf(settings, "counter");
  const next = { ...state, channel, arbiter, managed, feed };
  if (!readsAnew(before, settings)) return next;
  return { ...next, bus: busOf(settings, now), answers: [], watches: [], sample: null, house: null, steady: [] };
}

/** Other modules or another period: what was read before says nothing any more. */
const readsAnew = (before: Settings, after: Settings): boolean =>
  before !== after &&
  !sameValue([before.pzems, before.phases, before.periodS], [after.pzems, after.phases, after.periodS]);

function take(state: MeterNode, event: MeterEvent, effects: MeterEffect[], now: Millis): MeterNode {
  switch (event.kind) {
    case "serial":
      return readBus(state, { kind: "bytes", bytes: event.bytes }, effects, now);
    case "tick": {
      const cars = withoutSilent(state.cars, now);
      const known = cars === state.cars ? state : { ...state, cars };
      return inDevice(readBus(known, event, effects, now), event, effects, now);
    }
    case "datagram":
      return carriersOf(state.device.settings).udp ? hear(state, event.bytes, effects, now) : state;
    case "stream": {
      const { id } = event;
      if (id < FEED_STREAMS) return inDevice(state, event, effects, now);
      return withFeed(state, (feed, around) => feedStream(feed, id, event.event, around), effects, now);
    }
    case "sector":
      return withFeed(state, (feed, around) => feedSector(feed, event.sector, event.bytes, around), effects, now);
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

function inDevice(state: MeterNode, event: DeviceEvent, effects: MeterEffect[], now: Millis): MeterNode {
  return withDevice(state, stepDevice(state.device, event, true, now), effects, now);
}

/** Answers what a page, or a program, was asked for. */
function answered(state: MeterNode, effects: MeterEffect[], now: Millis): MeterNode {
  const { device } = state;
  if (!isOfProgram(device)) {
    return withDevice(state, answerPage(device, meterModel(meterFactsOf(state, now)), true, now), effects, now);
  }
  const read = readApi(device, device.asked);
  effects.push(
    ...sentTo(
      device.asked.connection,
      read.ok ? apiJson(200, meterStateJson(meterFactsOf(state, now))) : read.response,
    ),
  );
  return { ...state, device: { ...device, asked: null } };
}

function withDevice(state: MeterNode, step: DeviceStep, effects: MeterEffect[], now: Millis): MeterNode {
  effects.push(...step.effects);
  const next = step.device === state.device ? state : { ...state, device: step.device };
  return step.outcomes.reduce((last, one): MeterNode => {
    if (one.kind === "message") return received(last, one, effects, now);
    if (one.kind !== "delivered" || last.feed === null) return last;
    return freed(last, last.feed, one.topic, effects, now);
  }, next);
}

/** The broker has a message; of emoncms's, perhaps. */
const freed = (state: MeterNode, feed: Feed, topic: string, effects: MeterEffect[], now: Millis): MeterNode => ({
  ...state,
  feed: feedPublished(feed, topic, { device: state.device, effects, now }),
});

/** Does something to what feeds emoncms and InfluxDB, where either is fed. */
function withFeed(
  state: MeterNode,
  step: (feed: Feed, around: Around) => Pick<MeterNode, "feed" | "device">,
  effects: MeterEffect[],
  now: Millis,
): MeterNode {
  if (state.feed === null) return state;
  const { feed, device } = step(state.feed, { device: state.device, effects, now });
  return feed === state.feed && device === state.device ? state : { ...state, feed, device };
}

function received(state: MeterNode, message: Received, effects: MeterEffect[], now: Millis): MeterNode {
  if (state.managed !== null) return manage(state, state.managed, [managerHeard(message)], effects, now);
  return carriersOf(state.device.settings).mqtt ? hear(state, message.payload, effects, now) : state;
}

/** Under a Manager: what the house takes. */
function tellManager(state: MeterNode, client: ManagerClient, effects: MeterEffect[], now: Millis): MeterNode {
  const load = state.sample === null ? null : state.house;
  const events = [...onlineEvents(client, state.device.online), { kind: "counter", load }, { kind: "tick" }] as const;
  return manage(state, client, events, effects, now);
}

function hear(state: MeterNode, bytes: Uint8Array, effects: MeterEffect[], now: Millis): MeterNode {
  const opened = open(state.channel, bytes, now);
  if (opened.log !== null) effects.push({ kind: "log", text: opened.log });
  const next = { ...state, channel: opened.channel };
  const told = opened.tells ? say(next, configMessage(next.device.settings), effects, now) : next;
  const { message, head } = opened;
  if (message?.kind === "config") {
    return inDevice(told, { kind: "set", patch: jsonOf(message.json) }, effects, now);
  }
  if (message?.kind !== "demand" || head === null) return told;
  const arbiter = hearDemand(told.arbiter, told.channel.site, head, message.demand, now);
  if (!isOnGrid(told.device.settings)) return { ...told, arbiter };
  const { channel, boot } = told;
  return refine(
    { ...told, arbiter, cars: withDraw(told.cars, message.demand, { site: channel.site, boot }, now) },
    now,
  );
}

/** To all chargers, by each carrier of the site. */
function say(
  state: MeterNode,
  message: Exclude<SiteMessage, { kind: "demand" }>,
  effects: MeterEffect[],
  now: Millis,
): MeterNode {
  const bytes = seal(state.channel, message);
  if (bytes === null) return state;
  const device = sendBySite(state.device, [{ to: "everyone", kind: message.kind, bytes }], null, effects, now);
  return { ...state, device };
}

function readBus(
  state: MeterNode,
  event: { readonly kind: "tick" } | { readonly kind: "bytes"; readonly bytes: Uint8Array },
  effects: MeterEffect[],
  now: Millis,
): MeterNode {
  const { bus, send, answer, round } = stepBus(state.bus, event, now);
  if (send !== null) effects.push({ kind: "serial", bytes: send });
  const next = bus === state.bus ? state : { ...state, bus };
  if (round !== null) return takeRound(next, round, effects, now);
  return answer?.ok ? takeAnswer(next, answer, now) : next;
}

/** One phase of several: what it says is told at once when it leaves less, and with the rest of its round otherwise. */
function takeAnswer(state: MeterNode, answer: PzemReading, now: Millis): MeterNode {
  const { sample, stuck } = state;
  const pzem = state.device.settings.pzems.find((one) => one.address === answer.address);
  if (sample === null || stuck || pzem === undefined || pzem.role === "solar") return state;
  const here = (phase: number): boolean => phase === pzem.phase - 1;
  const measured = sample.measured.map((one, phase) => (here(phase) ? answer.current : one));
  const at = sample.at.map((one, phase) => (here(phase) ? now : one));
  return refine(withSample(state, { ...sample, at, measured }), now);
}

function takeRound(state: MeterNode, round: Round, effects: MeterEffect[], now: Millis): MeterNode {
  const { pzems } = state.device.settings;
  const watches = pzems.map((pzem, index) => {
    const watch = state.watches[index] ?? NEVER_READ;
    const answer = round.answers[index];
    return answer?.ok ? watchStuck(watch, answer, carsOn(state, pzem), now) : watch;
  });
  const stuck = watches.some((watch) => isStuck(watch, now));
  if (stuck && !state.stuck) effects.push({ kind: "log", text: "a PZEM repeats itself: no report until it moves" });
  const next: MeterNode = { ...state, answers: round.answers, watches, stuck };
  const sample = stuck ? null : sampleOf(state.device.settings, round, state.sample, now);
  // What the house took before two rounds without a reading says nothing of now.
  if (sample === null)
    return fed({ ...next, sample: null, house: state.sample === null ? null : state.house }, effects, now);
  return fed(withReading(withSample(next, sample), now), effects, now);
}

/** What was read goes to emoncms and InfluxDB too; what the house takes only where all of it was read. */
function fed(state: MeterNode, effects: MeterEffect[], now: Millis): MeterNode {
  if (state.feed === null) return state;
  const load = state.sample === null ? null : state.house;
  return { ...state, feed: feedReading(state.feed, state.answers, load, { device: state.device, effects, now }) };
}

/** Phases that were read anew start from what their last sample came to. */
function withSample(state: MeterNode, sample: Sample): MeterNode {
  const isNew = (phase: number): boolean => sample.at[phase] !== state.sample?.at[phase];
  const houseBefore = state.house?.map((one, phase) => (isNew(phase) ? one : (state.houseBefore?.[phase] ?? one)));
  const next = { ...state, sample, houseBefore: houseBefore ?? null };
  return { ...next, house: houseOf(next, sample) };
}

/** What the cars draw on the phase of a grid-side PZEM, null for one that does not see them. */
function carsOn(state: MeterNode, pzem: Pzem): Milliamps | null {
  if (pzem.role !== "grid") return null;
  return drawnOn(state.cars, pzem.phase - 1);
}

/** The round as currents per phase; null when any of the PZEMs gave no reading. */
function sampleOf(settings: Settings, round: Round, last: Sample | null, now: Millis): Sample | null {
  if (!round.answers.every((one) => one.ok)) return null;
  const current = (role: Pzem["role"], phase: number): Milliamps | null => {
    const index = settings.pzems.findIndex((one) => one.role === role && one.phase === phase);
    const answer = round.answers[index];
    return answer?.ok ? answer.current : null;
  };
  const phases = settings.phases === 1 ? [1] : [1, 2, 3];
  const measured = phases.map((phase) => current("house", phase) ?? current("grid", phase));
  const solar = phases.map((phase) => current("solar", phase));
  const all = measured.filter((one) => one !== null);
  if (all.length < phases.length) return null;
  const roof = solar.some((one) => one !== null) ? solar.map((one) => one ?? milliamps(0)) : null;
  const at = phases.map((_, phase) => {
    const before = last?.at[phase];
    return before !== undefined && before > round.askedAt ? before : now;
  });
  return { askedAt: round.askedAt, at, measured: all, solar: roof };
}

/** Only then the cars' draws are in what is measured, and are kept. */
const isOnGrid = ({ pzems }: Settings): boolean => pzems.some((one) => one.role === "grid");

/** Per phase what the house takes; behind a grid-side meter the cars' draws are taken off and the roof's added. */
function houseOf(state: MeterNode, sample: Sample): readonly Milliamps[] {
  if (!isOnGrid(state.device.settings)) return sample.measured;
  const grid = sample.measured.map((measured, phase) => plus(measured, sample.solar?.[phase] ?? milliamps(0)));
  return houseWithout(state.cars, grid, state.houseBefore, sample.at);
}

/** A draw measured after the grid's sample narrows what the house can have taken; a smaller budget is told at once. */
function refine(state: MeterNode, now: Millis): MeterNode {
  if (state.sample === null) return state;
  const next = { ...state, house: houseOf(state, state.sample) };
  const falls = budgets(next).some((one, phase) => one < (state.told[phase] ?? deciamps(0)));
  return falls ? withReading(next, now) : next;
}

const steadyOf = ({ house, steady }: MeterNode): readonly Deciamps[] =>
  (house ?? []).map((one, phase) => steadyTenths(steady[phase] ?? null, one));

const budgets = (state: MeterNode): readonly Deciamps[] =>
  steadyOf(state).map((one) => budgetOf(state.device.settings, one));

/** The sample becomes the arbiter's reading. */
function withReading(state: MeterNode, now: Millis): MeterNode {
  const { sample, house } = state;
  if (sample === null || house === null) return state;
  const steady = steadyOf(state);
  const budget = budgets(state);
  const solar = sample.solar?.map(drawAtLeast) ?? null;
  const arbiter = takeReading(
    state.arbiter,
    state.channel.site,
    { stamp: sample.askedAt, budget, house: steady, solar },
    now,
  );
  return { ...state, steady, told: budget, arbiter };
}

/** What time ends in the books, and the report when one is due. */
function lead(state: MeterNode, ticks: boolean, effects: MeterEffect[], now: Millis): MeterNode {
  const { site } = state.channel;
  const passed = ticks ? passTime(state.arbiter, site, now) : state.arbiter;
  const { arbiter, report } = nextReport(passed, site, now);
  const next = arbiter === state.arbiter ? state : { ...state, arbiter };
  return report === null ? next : say(next, { kind: "report", report }, effects, now);
}

export const meterFactsOf = (state: MeterNode, now: Millis): MeterFacts => ({ ...state, now });

/** The retained state for people and their tools, every 10 s. */
function tellState(state: MeterNode, effects: MeterEffect[], now: Millis): MeterNode {
  if (!state.device.online || minus(now, state.publishedAt) < STATE_PERIOD) return state;
  const { settings } = state.device;
  const payload = meterStateJson(meterFactsOf(state, now));
  const sent = publish(state.device, { topic: meterTopics(settings).state, payload, retain: true, qos: 0 }, now);
  effects.push(...sent.effects);
  return { ...state, device: sent.device, publishedAt: now };
}

function showText(before: MeterNode, state: MeterNode, effects: MeterEffect[]): MeterNode {
  if (state.lines !== "" && isShownAlike(before, state)) return state;
  const { device, stuck, answers } = state;
  const lines = oledLines({
    address: device.settings.id,
    online: device.online,
    stuck,
    answers,
    accessPoint: device.wifi?.accessPoint === true ? [device.ssid, device.settings.accessPointPassword] : null,
  });
  const shown = lines.join("\n");
  if (shown === state.lines) return state;
  effects.push({ kind: "text", lines });
  return { ...state, lines: shown };
}

/** Nothing has changed of what the display is made of. */
const isShownAlike = (a: MeterNode, b: MeterNode): boolean =>
  a.answers === b.answers &&
  a.stuck === b.stuck &&
  a.device.online === b.device.online &&
  a.device.wifi?.accessPoint === b.device.wifi?.accessPoint &&
  a.device.settings === b.device.settings;
