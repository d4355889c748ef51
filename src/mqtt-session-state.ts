// What a session with a broker is made of, and the two things that all of its steps do: send a packet, number a message.

import type { ConnectTrouble } from "../hal/ports.js";
import type { Trouble } from "./connect-trouble.js";
import { encode, type Outgoing, type QoS, type Will } from "./mqtt.js";
import type { Mutes } from "./mqtt-mute.js";
import type { Millis } from "./units.js";

export interface SessionConfig {
  readonly clientId: string;
  readonly host: string;
  readonly port: number;
  /** Empty: none. */
  readonly user: string;
  readonly password: string;
  /** 10-65535. */
  readonly keepAliveS: number;
  /** From the wish to connect to the end of the handshake. */
  readonly connectLimit: Millis;
  readonly will: Will | null;
  /** Topic filters, asked for with QoS 1. */
  readonly subscriptions: readonly string[];
}

export interface Message {
  readonly topic: string;
  readonly payload: string | Uint8Array;
  /** 0: sent now or never. 1: kept until the broker has it, over reconnects, up to 16 of them. */
  readonly qos: QoS;
  readonly retain: boolean;
}

export type SessionEvent =
  | { readonly kind: "link"; readonly up: boolean }
  | { readonly kind: "opened"; readonly id: number }
  | { readonly kind: "bytes"; readonly id: number; readonly bytes: Uint8Array }
  /** `why`: it never opened. */
  | { readonly kind: "closed"; readonly id: number; readonly why?: ConnectTrouble }
  | { readonly kind: "tick" }
  | ({ readonly kind: "publish" } & Message)
  /** Says goodbye, so that the broker keeps the will to itself, and stays off. */
  | { readonly kind: "stop" };

export type SessionEffect =
  | { readonly kind: "connect"; readonly id: number; readonly host: string; readonly port: number }
  | { readonly kind: "send"; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: "close"; readonly id: number }
  | { readonly kind: "message"; readonly topic: string; readonly payload: Uint8Array; readonly retain: boolean }
  /** The broker has a message of QoS 1. */
  | { readonly kind: "delivered"; readonly topic: string }
  | { readonly kind: "online" }
  | { readonly kind: "offline"; readonly why: string }
  | { readonly kind: "refused"; readonly topic: string }
  | { readonly kind: "log"; readonly text: string };

type Phase =
  | { readonly kind: "down" }
  | { readonly kind: "waiting"; readonly until: Millis }
  | { readonly kind: "connecting"; readonly since: Millis }
  | { readonly kind: "greeting"; readonly since: Millis }
  | { readonly kind: "online"; readonly since: Millis }
  | { readonly kind: "stopped" };

export interface Queued extends Message {
  readonly messageId: number;
  readonly sent: "never" | "before" | "onThisConnection";
}

/** What a subscription has shown so far: "granted" without a message may still be forbidden. */
export interface Heard {
  readonly filter: string;
  readonly answer: "none" | "granted" | "refused";
  readonly count: number;
  readonly lastAt: Millis | null;
}

export interface Session {
  readonly config: SessionConfig;
  readonly phase: Phase;
  /** Of the connection in hand, or the last one. */
  readonly id: number;
  /** State of the generator of the jitter. */
  readonly seed: number;
  readonly failures: number;
  readonly rest: Uint8Array;
  readonly queue: readonly Queued[];
  /** Messages lost: queue full, too long, muted, or QoS 0 while offline. */
  readonly dropped: number;
  readonly nextMessageId: number;
  readonly sentAt: Millis;
  readonly heardAt: Millis;
  readonly pingedAt: Millis;
  readonly subscribeId: number;
  readonly heard: readonly Heard[];
  readonly mutes: Mutes;
  /** Why it was online or connecting last and is not now; null while it is online. */
  readonly trouble: Trouble | null;
}

export interface SessionStep {
  readonly state: Session;
  readonly effects: readonly SessionEffect[];
}

export const isOnline = (state: Session): boolean => state.phase.kind === "online";

export function send(state: Session, packet: Outgoing, effects: SessionEffect[], now: Millis): Session {
  effects.push({ kind: "send", id: state.id, bytes: encode(packet) });
  return { ...state, sentAt: now };
}

/** A message id that none of the queue has. */
export function number(state: Session): readonly [Session, number] {
  let id = state.nextMessageId;
  while (state.queue.some((one) => one.messageId === id)) id = (id % 65_535) + 1;
  return [{ ...state, nextMessageId: (id % 65_535) + 1 }, id];
}
