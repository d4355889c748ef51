// One client's life with a broker: connect, greet, subscribe, publish, keep alive, come back. A pure step.
// It knows no topic's meaning; a PUBACK and a granted SUBACK prove no permission, only a message that came does.

import type { ConnectTrouble } from "../hal/ports.js";
import { TROUBLES, type Trouble } from "./connect-trouble.js";
import { frozen } from "./frozen.js";
import { type Incoming, readPackets, topicFits } from "./mqtt.js";
import { accepted, hungUp, NO_MUTES, settle } from "./mqtt-mute.js";
import { flush, publish, TOPIC_LIMIT } from "./mqtt-outbox.js";
import {
  type Heard,
  isOnline,
  number,
  type Queued,
  type Session,
  type SessionConfig,
  type SessionEffect,
  type SessionEvent,
  type SessionStep,
  send,
} from "./mqtt-session-state.js";
import { type Millis, millis, minus, plus } from "./units.js";

export type {
  Heard,
  Message,
  Session,
  SessionConfig,
  SessionEffect,
  SessionEvent,
  SessionStep,
} from "./mqtt-session-state.js";
export { isOnline };

const CONNACK_LIMIT: Millis = millis(10_000);
const FIRST_WAIT: Millis = millis(1_000);
const LONGEST_WAIT: Millis = millis(60_000);
/** A connection that lived this long was a good one: the next wait is short again, also for a broker that is restarted each
 *  half minute. */
const STABLE: Millis = millis(10_000);
const ZERO: Millis = millis(0);

/** A session that waits for the link. `seed` is any whole number; connections are numbered from `lastId` + 1. */
export function start(config: SessionConfig, seed: number, lastId = 0): Session {
  return {
    config,
    phase: { kind: "down" },
    id: lastId,
    seed: Math.imul(seed, 0x9e37_79b1) >>> 0, // neighbours by number are no neighbours by chance
    failures: 0,
    rest: new Uint8Array(0),
    queue: [],
    dropped: 0,
    nextMessageId: 1,
    sentAt: ZERO,
    heardAt: ZERO,
    pingedAt: ZERO,
    subscribeId: 0,
    heard: config.subscriptions.map((filter) => ({ filter, answer: "none", count: 0, lastAt: null })),
    mutes: NO_MUTES,
    trouble: null,
  };
}

export function step(state: Session, event: SessionEvent, now: Millis): SessionStep {
  if (state.phase.kind === "stopped") return { state, effects: [] };
  const effects: SessionEffect[] = [];
  return { state: take(state, event, effects, now), effects };
}

function take(state: Session, event: SessionEvent, effects: SessionEffect[], now: Millis): Session {
  switch (event.kind) {
    case "link":
      return link(state, event.up, effects, now);
    case "opened":
      return event.id === state.id && state.phase.kind === "connecting" ? greet(state, effects, now) : state;
    case "bytes":
      return event.id === state.id && isConnected(state) ? receive(state, event.bytes, effects, now) : state;
    case "closed":
      return event.id === state.id && isUsed(state) ? ended(state, event.why, effects, now) : state;
    case "tick":
      return tick(state, effects, now);
    case "publish":
      return publish(state, event, effects, now);
    case "stop":
      return stop(state, effects, now);
  }
}

const isConnected = ({ phase }: Session): boolean => phase.kind === "greeting" || phase.kind === "online";
const isUsed = (state: Session): boolean => state.phase.kind === "connecting" || isConnected(state);

function link(state: Session, up: boolean, effects: SessionEffect[], now: Millis): Session {
  if (up) return state.phase.kind === "down" ? connect(state, effects, now) : state;
  return { ...leave(state, "linkDown", effects), phase: { kind: "down" } };
}

function connect(state: Session, effects: SessionEffect[], now: Millis): Session {
  const id = state.id + 1;
  effects.push({ kind: "connect", id, host: state.config.host, port: state.config.port });
  return { ...state, id, phase: { kind: "connecting", since: now }, rest: new Uint8Array(0) };
}

function greet(state: Session, effects: SessionEffect[], now: Millis): Session {
  const { clientId, keepAliveS, user, password, will } = state.config;
  const greeted = send(
    state,
    {
      cmd: "connect",
      clientId,
      keepalive: keepAliveS,
      clean: true,
      ...(user === "" ? {} : { username: user, ...(password === "" ? {} : { password }) }),
      ...(will === null ? {} : { will: { ...will, qos: 1 } }),
    },
    effects,
    now,
  );
  return { ...greeted, phase: { kind: "greeting", since: now }, heardAt: now };
}

function receive(state: Session, bytes: Uint8Array, effects: SessionEffect[], now: Millis): Session {
  const read = readPackets(state.rest, bytes);
  let next: Session = { ...state, heardAt: now, rest: read.ok ? read.rest : new Uint8Array(0) };
  for (const packet of read.packets) {
    if (!isConnected(next)) return next;
    next = hear(next, packet, effects, now);
  }
  return read.ok || !isConnected(next) ? next : retreat(next, "notMqtt", effects, now);
}

function hear(state: Session, packet: Incoming, effects: SessionEffect[], now: Millis): Session {
  const greeting = state.phase.kind === "greeting";
  if (greeting !== (packet.cmd === "connack")) return retreat(state, "notMqtt", effects, now);
  switch (packet.cmd) {
    case "connack":
      return packet.returnCode === 0
        ? welcome(state, effects, now)
        : retreat(state, REFUSALS[packet.returnCode] ?? "notMqtt", effects, now);
    case "publish":
      return message(state, packet, effects, now);
    case "puback":
      return acknowledged(state, packet.messageId, effects);
    case "suback":
      return packet.messageId === state.subscribeId ? granted(state, packet.granted, effects) : state;
    case "pingresp":
      return state;
  }
}

function acknowledged(state: Session, messageId: number, effects: SessionEffect[]): Session {
  const found = state.queue.find((one) => one.messageId === messageId);
  if (found === undefined) return state;
  effects.push({ kind: "delivered", topic: found.topic });
  const mutes = accepted(state.mutes, found.topic);
  return { ...state, mutes, queue: state.queue.filter((one) => one !== found) };
}

/** MQTT 3.1.1, table 3.1. */
const REFUSALS: readonly (Trouble | undefined)[] = frozen([
  undefined,
  "version",
  "clientId",
  "unavailable",
  "login",
  "notAuthorised",
]);

function welcome(state: Session, effects: SessionEffect[], now: Millis): Session {
  effects.push({ kind: "online" });
  const queue = state.queue.map((one): Queued => (one.sent === "never" ? one : { ...one, sent: "before" }));
  const online: Session = { ...state, phase: { kind: "online", since: now }, queue, pingedAt: now, trouble: null };
  return flush(subscribe(online, effects, now), effects, now);
}

function subscribe(state: Session, effects: SessionEffect[], now: Millis): Session {
  const { subscriptions } = state.config;
  if (subscriptions.length === 0) return state;
  const [numbered, messageId] = number(state);
  const asked = subscriptions.map((topic) => ({ topic, qos: 1 as const }));
  const heard = state.heard.map((one): Heard => ({ ...one, answer: "none" }));
  return send(
    { ...numbered, subscribeId: messageId, heard },
    { cmd: "subscribe", messageId, subscriptions: asked },
    effects,
    now,
  );
}

function granted(state: Session, codes: readonly number[], effects: SessionEffect[]): Session {
  const heard = state.heard.map(
    (one, index): Heard => ({ ...one, answer: codes[index] === 0 || codes[index] === 1 ? "granted" : "refused" }),
  );
  for (const one of heard) if (one.answer === "refused") effects.push({ kind: "refused", topic: one.filter });
  return { ...state, heard };
}

function message(
  state: Session,
  packet: Incoming & { cmd: "publish" },
  effects: SessionEffect[],
  now: Millis,
): Session {
  const { topic, payload, retain, messageId } = packet;
  if (topic.length > TOPIC_LIMIT) effects.push({ kind: "log", text: "a message with a very long topic was left out" });
  else effects.push({ kind: "message", topic, payload, retain });
  const heard = state.heard.map(
    (one): Heard => (topicFits(one.filter, topic) ? { ...one, count: one.count + 1, lastAt: now } : one),
  );
  const next = { ...state, heard };
  return messageId === null ? next : send(next, { cmd: "puback", messageId }, effects, now);
}

function tick(state: Session, effects: SessionEffect[], now: Millis): Session {
  switch (state.phase.kind) {
    case "down":
    case "stopped":
      return state;
    case "waiting":
      return now >= state.phase.until ? connect(state, effects, now) : state;
    case "connecting":
      return isOver(state.phase.since, state.config.connectLimit, now) ? retreat(state, "late", effects, now) : state;
    case "greeting":
      return isOver(state.phase.since, CONNACK_LIMIT, now) ? retreat(state, "noAnswer", effects, now) : state;
    case "online":
      return keepAlive(flush(settled(state, now), effects, now), effects, now);
  }
}

function settled(state: Session, now: Millis): Session {
  const mutes = settle(state.mutes, now);
  return mutes === state.mutes ? state : { ...state, mutes };
}

const isOver = (since: Millis, limit: Millis, now: Millis): boolean => minus(now, since) >= limit;

/** Asks for a sign of life after half of the keep-alive without one, or without having sent; gives up after 1.5 of it. */
function keepAlive(state: Session, effects: SessionEffect[], now: Millis): Session {
  const half = millis(state.config.keepAliveS * 500);
  if (isOver(state.heardAt, millis(half * 3), now)) return retreat(state, "wentSilent", effects, now);
  const due = isOver(state.heardAt, half, now) || isOver(state.sentAt, half, now);
  if (!due || !isOver(state.pingedAt, half, now)) return state;
  return { ...send(state, { cmd: "pingreq" }, effects, now), pingedAt: now };
}

/** The other side closed, or never opened. */
function ended(state: Session, why: ConnectTrouble | undefined, effects: SessionEffect[], now: Millis): Session {
  if (!isOnline(state))
    return backOff(
      leave(state, why ?? (state.phase.kind === "connecting" ? "unreachable" : "closed"), effects, "theirs"),
      effects,
      now,
    );
  const { mutes, muted } = hungUp(state.mutes, now);
  for (const topic of muted)
    effects.push({ kind: "log", text: `the broker hangs up on ${topic}: muted for 10 minutes` });
  return backOff(leave({ ...state, mutes }, "hungUp", effects, "theirs"), effects, now);
}

const retreat = (state: Session, why: Trouble, effects: SessionEffect[], now: Millis): Session =>
  backOff(leave(state, why, effects), effects, now);

/** Closes the connection if there is one and says why; the phase is the caller's to set, `since` stays readable. */
function leave(state: Session, why: Trouble, effects: SessionEffect[], end: "ours" | "theirs" = "ours"): Session {
  if (isUsed(state) && end === "ours") effects.push({ kind: "close", id: state.id });
  if (isOnline(state)) effects.push({ kind: "offline", why: TROUBLES[why] });
  else if (isUsed(state)) effects.push({ kind: "log", text: `MQTT: ${TROUBLES[why]}` });
  return { ...state, rest: new Uint8Array(0), trouble: why };
}

/** Waits between half and the whole of 1 s, 2 s, 4 s ... 60 s. */
function backOff(state: Session, effects: SessionEffect[], now: Millis): Session {
  const wasStable = state.phase.kind === "online" && isOver(state.phase.since, STABLE, now);
  const failures = wasStable ? 0 : state.failures;
  const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(failures, 10));
  const seed = (Math.imul(state.seed, 1_664_525) + 1_013_904_223) >>> 0;
  const wait = Math.round(longest / 2 + (longest / 2) * (seed / 2 ** 32));
  effects.push({ kind: "log", text: `MQTT: again in ${(wait / 1_000).toFixed(1)} s` });
  return { ...state, seed, failures: failures + 1, phase: { kind: "waiting", until: plus(now, millis(wait)) } };
}

function stop(state: Session, effects: SessionEffect[], now: Millis): Session {
  const last = isOnline(state) ? send(state, { cmd: "disconnect" }, effects, now) : state;
  return { ...leave(last, "stopped", effects), phase: { kind: "stopped" } };
}
