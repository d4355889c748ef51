// A charger or a meter that joins a central Manager of the published system: registers, tells what it does, and holds what it
// is granted for as long as the Manager is heard. A pure step; it knows no connection and decides no current.

import {
  ANSWERS,
  CODES,
  decodeManager,
  encodeManager,
  HELLO_TOPIC,
  type ManagedKind,
  type ManagedStatus,
  type ManagerMessage,
} from "./manager-message.js";
import { type Deciamps, deciamps, type Milliamps, type Millis, millis, plus } from "./units.js";

/** The published system speaks every 5 s. */
const PERIOD: Millis = millis(5_000);
/** Three of its messages lost: nothing is granted any more, and the Manager may have forgotten us. */
const SILENCE: Millis = millis(15_000);
/** A Manager that is full may have room later. */
const REFUSED_WAIT: Millis = millis(15_000);

export interface ManagerClientConfig {
  readonly device: ManagedKind;
  readonly id: string;
  /** The device's own topic, on which both sides speak; letters, digits, / . _ and -, at most 128. */
  readonly topic: string;
}

/** What there is to tell. */
interface Now {
  readonly status: ManagedStatus;
  readonly load: readonly Milliamps[];
}

export interface ManagerClient {
  readonly config: ManagerClientConfig;
  /** "offline": no broker; "joining": not registered, or not heard any more. */
  readonly phase: "offline" | "joining" | "joined" | "left";
  readonly now: Now | null;
  /** When the next registration or the next status is due. */
  readonly dueAt: Millis;
  /** When the Manager was last heard. */
  readonly heardAt: Millis;
  readonly granted: { readonly amps: Deciamps; readonly at: Millis };
  /** The last answer that was a refusal, until one is not; for people. */
  readonly refusal: string;
}

export type ManagerClientEvent =
  | { readonly kind: "online" }
  | { readonly kind: "offline" }
  | { readonly kind: "message"; readonly topic: string; readonly payload: Uint8Array; readonly retain: boolean }
  /** What a charger does; `wants`: its car is there, may charge and is not full. Told at once when it changes. */
  | { readonly kind: "charger"; readonly wants: boolean; readonly load: readonly Milliamps[] }
  /** What a meter reads, per phase; null while it cannot. */
  | { readonly kind: "counter"; readonly load: readonly Milliamps[] | null }
  | { readonly kind: "tick" }
  /** Says goodbye. */
  | { readonly kind: "leave" };

export type ManagerClientEffect =
  | { readonly kind: "subscribe"; readonly topic: string }
  /** QoS 0, not retained: an old word is worth nothing. */
  | { readonly kind: "publish"; readonly topic: string; readonly payload: string };

interface Step {
  readonly state: ManagerClient;
  readonly effects: readonly ManagerClientEffect[];
}

const ZERO: Millis = millis(0);
const NOTHING: Deciamps = deciamps(0);

export const startManagerClient = (config: ManagerClientConfig): ManagerClient => ({
  config,
  phase: "offline",
  now: null,
  dueAt: ZERO,
  heardAt: ZERO,
  granted: { amps: NOTHING, at: ZERO },
  refusal: "",
});

/** What the Manager grants now, and until when if it is not heard again: 0 A from 15 s after its last grant on. */
export function grantOf({ granted }: ManagerClient, now: Millis): { readonly amps: Deciamps; readonly until: Millis } {
  const until = plus(granted.at, SILENCE);
  return now < until ? { amps: granted.amps, until } : { amps: NOTHING, until: now };
}

export function stepManagerClient(state: ManagerClient, event: ManagerClientEvent, now: Millis): Step {
  if (state.phase === "left") return { state, effects: [] };
  const effects: ManagerClientEffect[] = [];
  return { state: take(state, event, effects, now), effects };
}

function take(
  state: ManagerClient,
  event: ManagerClientEvent,
  effects: ManagerClientEffect[],
  now: Millis,
): ManagerClient {
  switch (event.kind) {
    case "online":
      effects.push({ kind: "subscribe", topic: state.config.topic });
      return hello({ ...state, phase: "joining" }, effects, now);
    case "offline":
      return { ...state, phase: "offline" };
    case "message": {
      if (event.retain || event.topic !== state.config.topic || state.phase === "offline") return state;
      const decoded = decodeManager(event.payload);
      if (!decoded.ok || decoded.message.id !== state.config.id) return state;
      return hear(state, decoded.message, effects, now);
    }
    case "charger":
      return learn(state, { status: statusOf(event), load: event.load }, effects, now);
    case "counter":
      return learn(state, { status: event.load === null ? "failed" : "ok", load: event.load ?? [] }, effects, now);
    case "tick":
      return tick(state, effects, now);
    case "leave":
      if (state.phase === "joined") say(state, { kind: "del", ...whoIs(state) }, effects);
      return { ...state, phase: "left", granted: { amps: NOTHING, at: ZERO } };
  }
}

function statusOf({ wants, load }: { wants: boolean; load: readonly Milliamps[] }): ManagedStatus {
  if (load.some((one) => one > 0)) return "charging";
  return wants ? "asking" : "idle";
}

const whoIs = ({ config }: ManagerClient): { readonly device: ManagedKind; readonly id: string } => ({
  device: config.device,
  id: config.id,
});

function say({ config }: ManagerClient, message: ManagerMessage, effects: ManagerClientEffect[]): void {
  const topic = message.kind === "new" ? HELLO_TOPIC : config.topic;
  effects.push({ kind: "publish", topic, payload: encodeManager(message) });
}

function hello(state: ManagerClient, effects: ManagerClientEffect[], now: Millis): ManagerClient {
  say(state, { kind: "new", ...whoIs(state), topic: state.config.topic }, effects);
  return { ...state, dueAt: plus(now, PERIOD) };
}

/** Our own messages come back to us on the same topic: they are of no kind that is heard here. */
function hear(
  state: ManagerClient,
  message: ManagerMessage,
  effects: ManagerClientEffect[],
  now: Millis,
): ManagerClient {
  const heard = { ...state, heardAt: now };
  if (message.kind === "available" && state.phase === "joined" && state.config.device === "charger") {
    return { ...heard, granted: { amps: message.load, at: now } };
  }
  if (message.kind !== "answer") return state;
  const isWelcome = message.code === CODES.new[state.config.device];
  if (message.answer === ANSWERS.ok) {
    const fine = { ...heard, refusal: "" };
    return isWelcome && state.phase === "joining" ? tell({ ...fine, phase: "joined" }, effects, now) : fine;
  }
  const refused = { ...heard, refusal: message.answer };
  if (isWelcome) return { ...refused, phase: "joining", dueAt: plus(now, REFUSED_WAIT) };
  return message.answer === ANSWERS.unknown && state.phase === "joined"
    ? { ...refused, phase: "joining", dueAt: plus(now, PERIOD) }
    : refused;
}

function learn(state: ManagerClient, told: Now, effects: ManagerClientEffect[], now: Millis): ManagerClient {
  const next = { ...state, now: told };
  const changed = state.now?.status !== told.status;
  return changed && state.phase === "joined" ? tell(next, effects, now) : next;
}

function tell(state: ManagerClient, effects: ManagerClientEffect[], now: Millis): ManagerClient {
  const next = { ...state, dueAt: plus(now, PERIOD) };
  if (state.now === null) return next;
  const { status, load } = state.now;
  say(state, { kind: "status", ...whoIs(state), status }, effects);
  if (load.length > 0) say(state, { kind: "load", ...whoIs(state), load }, effects);
  return next;
}

function tick(state: ManagerClient, effects: ManagerClientEffect[], now: Millis): ManagerClient {
  if (state.phase === "joined" && now >= plus(state.heardAt, SILENCE)) {
    return hello({ ...state, phase: "joining" }, effects, now);
  }
  if (now < state.dueAt) return state;
  if (state.phase === "joining") return hello(state, effects, now);
  return state.phase === "joined" ? tell(state, effects, now) : state;
}
