// The central Manager of the published system, as a pure core: devices register with it, counters tell what the house takes,
// and each 5 s it grants every charger that wants current the same whole amps. It knows no connection.

import {
  ANSWERS,
  CODES,
  decodeManager,
  encodeManager,
  HELLO_TOPIC,
  type ManagedKind,
  type ManagerMessage,
} from "../../src/manager-message.js";
import { type Deciamps, deciamps, fromAmps, type Milliamps, type Millis, millis } from "../../src/units.js";

export interface ManagerConfig {
  /** Per phase. */
  readonly contracted: Deciamps;
  readonly maxChargers: number;
  readonly maxCounters: number;
}

interface Device {
  readonly device: ManagedKind;
  readonly id: string;
  readonly topic: string;
  readonly heardAt: Millis;
  /** A charger's car would charge; a counter can measure. */
  readonly active: boolean;
  /** What flows, per phase; null until it was told. */
  readonly load: readonly Milliamps[] | null;
}

export interface Manager {
  readonly config: ManagerConfig;
  /** In the order in which they registered. */
  readonly devices: readonly Device[];
}

export type ManagerEvent =
  | { readonly kind: "message"; readonly topic: string; readonly payload: Uint8Array }
  /** Comes each 5 s. */
  | { readonly kind: "share" };

export type ManagerEffect =
  | { readonly kind: "subscribe"; readonly topic: string }
  | { readonly kind: "publish"; readonly topic: string; readonly payload: string };

interface Step {
  readonly state: Manager;
  readonly effects: readonly ManagerEffect[];
}

/** Between two allocations: published. */
export const SHARE_PERIOD: Millis = millis(5_000);
/** A counter that is silent for so long says nothing any more, and a charger no longer counts. */
const SILENCE: Millis = millis(15_000);
const MIN_SHARE: Deciamps = fromAmps(6);
const AMP: Deciamps = fromAmps(1);
const NOTHING: Deciamps = deciamps(0);

export const startManager = (config: ManagerConfig): Manager => ({ config, devices: [] });

export function stepManager(state: Manager, event: ManagerEvent, now: Millis): Step {
  if (event.kind === "share") return { state, effects: grants(state, now) };
  const decoded = decodeManager(event.payload);
  if (decoded.ok) return hear(state, event.topic, decoded.message, now);
  const { code, id, why } = decoded;
  if (code === null || id === null) return { state, effects: [] };
  const text = why === "code" ? ANSWERS.code : ANSWERS.field;
  return { state, effects: [answer(event.topic, code, id, text)] };
}

const publish = (topic: string, message: ManagerMessage): ManagerEffect => ({
  kind: "publish",
  topic,
  payload: encodeManager(message),
});

const answer = (topic: string, code: number, id: string, text: string): ManagerEffect =>
  publish(topic, { kind: "answer", code, id, answer: text });

/** What the Manager says itself comes back to it on the same topics, and is nobody's request. */
function hear(state: Manager, topic: string, message: ManagerMessage, now: Millis): Step {
  if (message.kind === "answer" || message.kind === "available") return { state, effects: [] };
  const code = CODES[message.kind][message.device];
  const says = (text: string, to = topic): ManagerEffect => answer(to, code, message.id, text);
  if ((message.kind === "new") !== (topic === HELLO_TOPIC)) return { state, effects: [says(ANSWERS.code)] };
  if (message.kind === "new") {
    const refusal = refusalOf(state, message);
    if (refusal === ANSWERS.taken) return { state, effects: [says(refusal)] };
    const subscribed: ManagerEffect = { kind: "subscribe", topic: message.topic };
    if (refusal !== null) return { state, effects: [says(refusal, message.topic)] };
    return { state: registered(state, message, now), effects: [subscribed, says(ANSWERS.ok, message.topic)] };
  }
  const known = state.devices.find((one) => one.id === message.id);
  if (known?.topic !== topic || known.device !== message.device) return { state, effects: [says(ANSWERS.unknown)] };
  return {
    state: { ...state, devices: told(state.devices, message, now) },
    effects: isAnswered(message) ? [says(ANSWERS.ok)] : [],
  };
}

/** A charger knows from its next grant that it was heard; a counter only from an answer. */
const isAnswered = (message: Told): boolean =>
  message.kind === "del" || (message.kind === "load" && message.device === "counter");

type New = Extract<ManagerMessage, { kind: "new" }>;

function refusalOf({ devices, config }: Manager, { device, id, topic }: New): string | null {
  const namesakes = devices.filter((one) => one.id === id || one.topic === topic);
  if (namesakes.some((one) => one.id !== id || one.topic !== topic || one.device !== device)) return ANSWERS.taken;
  if (namesakes.length > 0) return null;
  const count = devices.filter((one) => one.device === device).length;
  if (device === "counter") return count < config.maxCounters ? null : ANSWERS.counters;
  return count < config.maxChargers ? null : ANSWERS.chargers;
}

/** A device that comes again, after its reboot or ours, keeps its place. */
function registered(state: Manager, { device, id, topic }: New, now: Millis): Manager {
  const fresh: Device = { device, id, topic, heardAt: now, active: false, load: null };
  const known = state.devices.some((one) => one.id === id);
  const devices = known ? state.devices.map((one) => (one.id === id ? fresh : one)) : [...state.devices, fresh];
  return { ...state, devices };
}

type Told = Exclude<ManagerMessage, { kind: "new" | "answer" | "available" }>;

function told(devices: readonly Device[], message: Told, now: Millis): readonly Device[] {
  if (message.kind === "del") return devices.filter((one) => one.id !== message.id);
  return devices.map((one): Device => {
    if (one.id !== message.id) return one;
    const heard = { ...one, heardAt: now };
    if (message.kind === "load") return { ...heard, load: message.load };
    return { ...heard, active: message.status !== "idle" && message.status !== "failed" };
  });
}

/** What the house leaves on its worst phase, rounded down to 0.1 A; nothing while a counter is silent or there is none. What
 *  flows out of the house adds nothing: no more than the contract is ever shared. */
function roomOf({ config, devices }: Manager, now: Millis): Deciamps {
  const counters = devices.filter((one) => one.device === "counter");
  const loads = counters.map((one) => (one.active && now < one.heardAt + SILENCE ? one.load : null));
  if (loads.length === 0 || loads.includes(null)) return NOTHING;
  const phases = Math.max(...loads.map((load) => load?.length ?? 0));
  const rooms = Array.from({ length: phases }, (_, phase) =>
    loads.reduce((room, load) => room - Math.max(0, load?.[phase] ?? 0), config.contracted * 100),
  );
  return deciamps(Math.max(0, Math.floor(Math.min(...rooms) / 100)));
}

/** Everybody who wants gets floor(room / n) whole amps; while that is below 6 A, the last to have registered waits. */
function grants(state: Manager, now: Millis): readonly ManagerEffect[] {
  const chargers = state.devices.filter((one) => one.device === "charger");
  const wanting = chargers.filter((one) => one.active && now < one.heardAt + SILENCE);
  const room = roomOf(state, now);
  let count = wanting.length;
  while (count > 0 && shareOf(room, count) < MIN_SHARE) count--;
  const charging = wanting.slice(0, count);
  return chargers.map((one) =>
    publish(one.topic, {
      kind: "available",
      id: one.id,
      load: charging.includes(one) ? shareOf(room, count) : NOTHING,
    }),
  );
}

const shareOf = (room: Deciamps, count: number): Deciamps => deciamps(AMP * Math.floor(room / (AMP * count)));
