// The meter device: its PZEMs, read each period, become the site's report. A reading that cannot be trusted is no reading:
// then there is no report, and every charger falls back by itself.

import { budgetOf } from "./current-limits.js";
import {
  type Boot,
  type Device,
  type DeviceEffect,
  type DeviceEvent,
  publish,
  startDevice,
  stepDevice,
} from "./device.js";
import { addDraw, type DrawSample, drawSpan, houseBehind, steadyTenths } from "./house.js";
import { type MeterFacts, meterModel, meterStateJson } from "./meter-view.js";
import { oledLines } from "./panel.js";
import type { PzemReading } from "./pzem.js";
import { type Bus, type BusAnswer, type Round, startBus, stepBus } from "./pzem-bus.js";
import { leaseOf, type Pzem, periodOf, type Settings } from "./settings.js";
import { sameValue } from "./settings-checks.js";
import { type Demand, decodeDemand, encodeReport } from "./site-message.js";
import { isStuck, NEVER_READ, type StuckWatch, watchStuck } from "./stuck.js";
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

/** A charger of the site, as its demands show it. */
export interface Member {
  readonly id: string;
  readonly nonce: number;
  readonly number: number;
  readonly heardAt: Millis;
  readonly draws: readonly DrawSample[];
}

/** One reading of all PZEMs, trusted. */
export interface Sample {
  /** When the first was asked, and when the last had answered. */
  readonly askedAt: Millis;
  readonly at: Millis;
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
  readonly members: readonly Member[];
  readonly sample: Sample | null;
  /** Per phase; what the loads without the cars take. */
  readonly house: readonly Milliamps[] | null;
  /** The same in 0.1 A, as the last report had it. */
  readonly steady: readonly Deciamps[];
  readonly version: number;
  /** Budget of the last report, per phase. */
  readonly told: readonly Deciamps[];
  readonly toldAt: Millis;
  readonly publishedAt: Millis;
  readonly lines: string;
}

interface Step {
  readonly state: MeterNode;
  readonly effects: readonly MeterEffect[];
}

/** A car whose charger was not heard for so long counts as drawing nothing. */
const UNSEEN: Millis = millis(5_000);
const FORGOTTEN: Millis = millis(60_000);
const MEMBERS_LIMIT = 64;
const STATE_PERIOD: Millis = millis(10_000);

export function startMeter(boot: Boot, now: Millis): Step {
  const { device, effects, boots } = startDevice({ ...boot, kind: "meter" });
  const state: MeterNode = {
    device,
    boot: boots,
    bus: busOf(device.settings, now),
    answers: [],
    watches: [],
    stuck: false,
    members: [],
    sample: null,
    house: null,
    steady: [],
    version: 0,
    told: [],
    toldAt: now,
    publishedAt: millis(0),
    lines: "",
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
  const taken = take(state, event, effects, now);
  const next = readsAnew(state.device.settings, taken.device.settings)
    ? {
        ...taken,
        bus: busOf(taken.device.settings, now),
        answers: [],
        watches: [],
        sample: null,
        house: null,
        steady: [],
      }
    : taken;
  return { state: showText(tellState(next, effects, now), effects), effects };
}

/** Other modules or another period: what was read before says nothing any more. */
const readsAnew = (before: Settings, after: Settings): boolean =>
  before !== after &&
  !sameValue([before.pzems, before.phases, before.periodS], [after.pzems, after.phases, after.periodS]);

function take(state: MeterNode, event: MeterEvent, effects: MeterEffect[], now: Millis): MeterNode {
  switch (event.kind) {
    case "serial":
      return readBus(state, { kind: "bytes", bytes: event.bytes }, effects, now);
    case "tick":
      return inDevice(readBus(forgetting(state, now), event, effects, now), event, effects, now);
    case "stream":
    case "page":
    case "link":
    case "clock":
    case "set":
      return inDevice(state, event, effects, now);
  }
}

/** Chargers that have not been heard for a minute. */
function forgetting(state: MeterNode, now: Millis): MeterNode {
  const members = state.members.filter((one) => minus(now, one.heardAt) < FORGOTTEN);
  return members.length === state.members.length ? state : { ...state, members };
}

function inDevice(state: MeterNode, event: DeviceEvent, effects: MeterEffect[], now: Millis): MeterNode {
  const step = stepDevice(state.device, event, true, () => meterModel(meterFactsOf(state, now)), now);
  effects.push(...step.effects);
  return step.messages.reduce((last, message) => hear(last, message.payload, effects, now), {
    ...state,
    device: step.device,
  });
}

function hear(state: MeterNode, payload: string, effects: MeterEffect[], now: Millis): MeterNode {
  const demand = decodeDemand(payload);
  if (!demand.ok) {
    effects.push({ kind: "log", text: `demand refused: ${demand.why}` });
    return state;
  }
  const members = withDemand(state.members, demand.value, now);
  return refine({ ...state, members }, effects, now);
}

function withDemand(members: readonly Member[], demand: Demand, now: Millis): readonly Member[] {
  const known = members.find((one) => one.id === demand.id && one.nonce === demand.nonce);
  if (known !== undefined && demand.number <= known.number) return members;
  const one: DrawSample = {
    at: minus(now, demand.age),
    draw: demand.draw,
    offer: milliamps(demand.offer * 100),
  };
  const member: Member = {
    id: demand.id,
    nonce: demand.nonce,
    number: demand.number,
    heardAt: now,
    draws: addDraw(known?.draws ?? [], one),
  };
  const others = members.filter((old) => old.id !== demand.id);
  return others.length < MEMBERS_LIMIT ? [...others, member] : members;
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
  return answer?.ok ? takeAnswer(next, answer, effects, now) : next;
}

/** One phase of several: what it says is told at once when it leaves less, and with the rest of its round otherwise. */
function takeAnswer(state: MeterNode, answer: PzemReading, effects: MeterEffect[], now: Millis): MeterNode {
  const { sample, stuck } = state;
  const pzem = state.device.settings.pzems.find((one) => one.address === answer.address);
  if (sample === null || stuck || pzem === undefined || pzem.role === "solar") return state;
  const measured = sample.measured.map((one, phase) => (phase === pzem.phase - 1 ? answer.current : one));
  return refine({ ...state, sample: { ...sample, at: now, measured } }, effects, now);
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
  const sample = stuck ? null : sampleOf(state.device.settings, round, now);
  if (sample === null) return { ...next, sample: null };
  return tellReport({ ...next, sample, house: houseOf(next, sample) }, effects, now);
}

/** What the cars draw on the phase of a grid-side PZEM, null for one that does not see them. */
function carsOn(state: MeterNode, pzem: Pzem): Milliamps | null {
  if (pzem.role !== "grid") return null;
  return milliamps(state.members.reduce((sum, one) => sum + (one.draws.at(-1)?.draw[pzem.phase - 1] ?? 0), 0));
}

/** The round as currents per phase; null when any of the PZEMs gave no reading. */
function sampleOf(settings: Settings, round: Round, now: Millis): Sample | null {
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
  return { askedAt: round.askedAt, at: now, measured: all, solar: roof };
}

/** Per phase what the house takes; behind a grid-side meter the cars' draws are taken off and the roof's added. */
function houseOf(state: MeterNode, sample: Sample): readonly Milliamps[] {
  const onGrid = state.device.settings.pzems.some((one) => one.role === "grid");
  if (!onGrid) return sample.measured;
  return sample.measured.map((measured, phase) => {
    const spans = state.members.map((one) => drawSpan(one.draws, phase, sample.at, UNSEEN));
    const grid = plus(measured, sample.solar?.[phase] ?? milliamps(0));
    return houseBehind(state.house?.[phase] ?? null, grid, spans);
  });
}

/** A draw measured after the grid's sample narrows what the house can have taken; a smaller budget is told at once. */
function refine(state: MeterNode, effects: MeterEffect[], now: Millis): MeterNode {
  if (state.sample === null) return state;
  const house = houseOf(state, state.sample);
  const next = { ...state, house };
  const falls = budgets(next).some((one, phase) => one < (state.told[phase] ?? deciamps(0)));
  return falls ? tellReport(next, effects, now) : next;
}

const steadyOf = ({ house, steady }: MeterNode): readonly Deciamps[] =>
  (house ?? []).map((one, phase) => steadyTenths(steady[phase] ?? null, one));

const budgets = (state: MeterNode): readonly Deciamps[] =>
  steadyOf(state).map((one) => budgetOf(state.device.settings, one));

function tellReport(state: MeterNode, effects: MeterEffect[], now: Millis): MeterNode {
  const { sample, house, device } = state;
  if (sample === null || house === null) return state;
  const { settings } = device;
  const steady = steadyOf(state);
  const budget = budgets(state);
  const version = state.version + 1;
  const payload = encodeReport({
    boot: state.boot,
    stamp: sample.askedAt,
    version,
    until: plus(sample.askedAt, leaseOf(settings)),
    budget,
    house: steady,
    solar: sample.solar?.map(drawAtLeast) ?? null,
    echoes: state.members.map(({ id, number, heardAt }) => ({ id, number, heardAt })),
  });
  const sent = publish(device, { topic: meterTopics(settings).report, payload, retain: false, qos: 0 }, now);
  effects.push(...sent.effects);
  return { ...state, device: sent.device, version, steady, told: budget, toldAt: now };
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

function showText(state: MeterNode, effects: MeterEffect[]): MeterNode {
  const { device, stuck, answers } = state;
  const lines = oledLines({ address: device.settings.id, online: device.online, stuck, answers });
  const shown = lines.join("\n");
  if (shown === state.lines) return state;
  effects.push({ kind: "text", lines });
  return { ...state, lines: shown };
}
