// What goes out: QoS 0 now or never, QoS 1 in a bounded queue until the broker has it; muted topics stay at home.

import { mayPublish, published } from "./mqtt-mute.js";
import {
  isOnline,
  type Message,
  number,
  type Queued,
  type Session,
  type SessionEffect,
  send,
} from "./mqtt-session-state.js";
import { encodeText, textLength } from "./text.js";
import type { Millis } from "./units.js";

const QUEUE_LIMIT = 16;
/** The longest topic, in bytes, in either direction. */
export const TOPIC_LIMIT = 256;
const PAYLOAD_LIMIT = 8_192;

/** A name that can be published to. MQTT 3.1.1, 4.7. */
const isTopic = (name: string): boolean => name !== "" && !["+", "#", "\0"].some((one) => name.includes(one));

/** Takes a message of any QoS; what cannot be sent or kept is counted as dropped. */
export function publish(state: Session, wanted: Message, effects: SessionEffect[], now: Millis): Session {
  const { topic, payload, qos, retain } = wanted;
  const size = typeof payload === "string" ? textLength(payload) : payload.length;
  if (!isTopic(topic) || encodeText(topic).length > TOPIC_LIMIT || size > PAYLOAD_LIMIT) {
    effects.push({ kind: "log", text: `not published, too long or not a topic: ${topic.slice(0, 80)}` });
    return drop(state);
  }
  if (qos === 0) return publishNow(state, wanted, effects, now);
  const [numbered, messageId] = number(state);
  // Of what is retained the last word counts: the same word after each reconnect must not push out what is said once.
  const waiting = retain ? numbered.queue.filter((one) => one.topic !== topic || !one.retain) : numbered.queue;
  const queue: readonly Queued[] = [...waiting, { topic, payload, qos, retain, messageId, sent: "never" }];
  const full = queue.length > QUEUE_LIMIT;
  const next = { ...numbered, queue: full ? queue.slice(1) : queue, dropped: state.dropped + (full ? 1 : 0) };
  return flush(next, effects, now);
}

const drop = (state: Session): Session => ({ ...state, dropped: state.dropped + 1 });

function publishNow(state: Session, wanted: Message, effects: SessionEffect[], now: Millis): Session {
  if (!isOnline(state) || mayPublish(state.mutes, wanted.topic, now) !== "send") return drop(state);
  const { topic, payload, retain } = wanted;
  const sent = send(state, { cmd: "publish", topic, payload, qos: 0, retain, dup: false }, effects, now);
  return { ...sent, mutes: published(sent.mutes, topic, now) };
}

/** Sends what of the queue has not gone out on this connection; what was muted meanwhile is dropped. */
export function flush(state: Session, effects: SessionEffect[], now: Millis): Session {
  if (!isOnline(state)) return state;
  let next = state;
  for (const one of state.queue) {
    if (one.sent === "onThisConnection") continue;
    const may = mayPublish(next.mutes, one.topic, now);
    if (may === "send") next = sendQueued(next, one, effects, now);
    if (may === "muted") next = drop({ ...next, queue: next.queue.filter((other) => other !== one) });
  }
  return next;
}

function sendQueued(state: Session, one: Queued, effects: SessionEffect[], now: Millis): Session {
  const { topic, payload, retain, messageId } = one;
  const sent = send(
    state,
    { cmd: "publish", topic, payload, qos: 1, retain, dup: one.sent === "before", messageId },
    effects,
    now,
  );
  const queue = sent.queue.map((other): Queued => (other === one ? { ...one, sent: "onThisConnection" } : other));
  return { ...sent, queue, mutes: published(sent.mutes, topic, now) };
}
