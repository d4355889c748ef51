// Which topic makes a broker hang up: some brokers close the connection when they forbid a publish (aedes, RabbitMQ), and
// one forbidden topic must not cost all the others. It knows no connection; it is told of publishes and of ends.

import { frozen } from "./frozen.js";
import { type Millis, millis, minus, plus } from "./units.js";

interface Sent {
  readonly topic: string;
  readonly at: Millis;
}

interface Muted {
  readonly topic: string;
  readonly until: Millis;
}

export interface Mutes {
  /** Last publish of each topic within the last second, newest last. */
  readonly recent: readonly Sent[];
  /** Topics whose publish was followed by an end; each is tried again with no other suspect beside it. */
  readonly suspects: readonly string[];
  readonly muted: readonly Muted[];
}

/** An end within this time of a publish may be the broker's answer to it. */
const ANSWER: Millis = millis(1_000);
const MUTE: Millis = millis(600_000);
const LIMIT = 16;

export const NO_MUTES: Mutes = frozen({ recent: [], suspects: [], muted: [] });

/** "send" it, "wait" for the answer to another suspect, or drop it as "muted". */
export function mayPublish(mutes: Mutes, topic: string, now: Millis): "send" | "wait" | "muted" {
  if (mutes.muted.some((one) => one.topic === topic && one.until > now)) return "muted";
  if (!mutes.suspects.includes(topic)) return "send";
  return mutes.recent.some((one) => one.topic !== topic && isFresh(one, now) && mutes.suspects.includes(one.topic))
    ? "wait"
    : "send";
}

const isFresh = (sent: Sent, now: Millis): boolean => minus(now, sent.at) < ANSWER;

export function published(mutes: Mutes, topic: string, now: Millis): Mutes {
  const settled = settle(mutes, now);
  return {
    ...settled,
    recent: [...settled.recent.filter((one) => one.topic !== topic), { topic, at: now }].slice(-LIMIT),
  };
}

/** The broker has acknowledged a publish to the topic: what it does from then on is no answer to that. */
export function accepted(mutes: Mutes, topic: string): Mutes {
  if (!mutes.suspects.includes(topic) && !mutes.recent.some((one) => one.topic === topic)) return mutes;
  const others = (one: string): boolean => one !== topic;
  return {
    ...mutes,
    recent: mutes.recent.filter((one) => others(one.topic)),
    suspects: mutes.suspects.filter(others),
  };
}

/** A topic whose publish was followed by a second of life is no suspect any more. */
export function settle(mutes: Mutes, now: Millis): Mutes {
  const isSettled = mutes.recent.every((one) => isFresh(one, now)) && mutes.muted.every((one) => one.until > now);
  if (isSettled) return mutes;
  const cleared = mutes.recent.filter((one) => !isFresh(one, now)).map((one) => one.topic);
  return {
    recent: mutes.recent.filter((one) => isFresh(one, now)),
    suspects: mutes.suspects.filter((topic) => !cleared.includes(topic)),
    muted: mutes.muted.filter((one) => one.until > now),
  };
}

/** The broker ended the connection: what was just published becomes suspect, and a suspect is muted for 10 minutes. */
export function hungUp(last: Mutes, now: Millis): { readonly mutes: Mutes; readonly muted: readonly string[] } {
  const mutes = settle(last, now);
  const near = mutes.recent.map((one) => one.topic);
  const muted = near.filter((topic) => mutes.suspects.includes(topic));
  const suspects = [...mutes.suspects, ...near].filter((topic, at, all) => all.indexOf(topic) === at);
  return {
    mutes: {
      recent: [],
      suspects: suspects.filter((topic) => !muted.includes(topic)).slice(-LIMIT),
      muted: [...mutes.muted, ...muted.map((topic) => ({ topic, until: plus(now, MUTE) }))].slice(-LIMIT),
    },
    muted,
  };
}
