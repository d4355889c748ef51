// A bus of PZEMs read in rounds: one request at a time, each with a deadline, and a reply found among noise.
// It does not know what the modules measure.

import { decodeReply, type PzemReading, type PzemRefusal, REPLY_LENGTH, readRequest } from "./pzem.js";
import { type Millis, millis, minus, plus } from "./units.js";

export type BusRefusal = PzemRefusal | "timeout";
export type BusAnswer = PzemReading | { readonly ok: false; readonly address: number; readonly why: BusRefusal };

/** How a module has answered since its bus was started: for whoever looks for a bad wire. */
export interface Tally {
  readonly address: number;
  readonly read: number;
  readonly failed: number;
  readonly failure: { readonly why: BusRefusal; readonly at: Millis } | null;
  /** The last that was one. */
  readonly reading: PzemReading | null;
}

export interface Round {
  /** Answers in the order of the addresses. */
  readonly answers: readonly BusAnswer[];
  /** When the first of them was asked: no value of the round is older than its module's own delay before this. */
  readonly askedAt: Millis;
}

export interface Bus {
  readonly addresses: readonly number[];
  readonly period: Millis;
  readonly nextRoundAt: Millis;
  readonly roundAskedAt: Millis;
  readonly answers: readonly BusAnswer[];
  /** Address that was asked and has not answered yet. */
  readonly waitingFor: number | null;
  readonly askedAt: Millis;
  readonly heard: Uint8Array;
  /** In the order of the addresses. */
  readonly tallies: readonly Tally[];
}

export type BusEvent = { readonly kind: "bytes"; readonly bytes: Uint8Array } | { readonly kind: "tick" };
export interface BusStep {
  readonly bus: Bus;
  readonly send: Uint8Array | null;
  /** What a module has just said, or that it did not. */
  readonly answer: BusAnswer | null;
  /** All have been asked. */
  readonly round: Round | null;
}

/** A read takes 107-126 ms; the libraries' 100 ms miss one in six. */
const REPLY_LIMIT: Millis = millis(300);
/** Noise before a reply is kept no longer than this. */
const HEARD_LIMIT = 4 * REPLY_LENGTH;
const SILENCE = new Uint8Array(0);

export const startBus = (addresses: readonly number[], period: Millis, now: Millis): Bus => ({
  addresses,
  period,
  nextRoundAt: now,
  roundAskedAt: now,
  answers: [],
  waitingFor: null,
  askedAt: now,
  heard: SILENCE,
  tallies: addresses.map((address) => ({ address, read: 0, failed: 0, failure: null, reading: null })),
});

export function stepBus(bus: Bus, event: BusEvent, now: Millis): BusStep {
  switch (event.kind) {
    case "bytes":
      return bus.waitingFor === null ? idle(bus) : hear(bus, bus.waitingFor, event.bytes, now);
    case "tick":
      return tick(bus, now);
  }
}

const idle = (bus: Bus): BusStep => ({ bus, send: null, answer: null, round: null });

function tick(bus: Bus, now: Millis): BusStep {
  if (bus.waitingFor !== null) {
    if (minus(now, bus.askedAt) < REPLY_LIMIT) return idle(bus);
    return answered(bus, { ok: false, address: bus.waitingFor, why: whatWasHeard(bus.heard) }, now);
  }
  if (now < bus.nextRoundAt || bus.addresses.length === 0) return idle(bus);
  const missed = minus(now, bus.nextRoundAt) >= bus.period;
  const nextRoundAt = plus(missed ? now : bus.nextRoundAt, bus.period);
  return ask({ ...bus, nextRoundAt, roundAskedAt: now }, [], null, now);
}

const whatWasHeard = (heard: Uint8Array): BusRefusal => {
  if (heard.length === 0) return "timeout";
  const reply = decodeReply(heard);
  return reply.ok ? "wrongFunction" : reply.why;
};

/** Asks the module that comes after these answers; after the last the round is over. `answer`: the one that has just come. */
function ask(bus: Bus, answers: readonly BusAnswer[], answer: BusAnswer | null, now: Millis): BusStep {
  const address = bus.addresses[answers.length];
  const tallies = answer === null ? bus.tallies : counted(bus.tallies, answers.length - 1, answer, now);
  if (address === undefined) {
    const round: Round = { answers, askedAt: bus.roundAskedAt };
    return { bus: { ...bus, waitingFor: null, heard: SILENCE, answers, tallies }, send: null, answer, round };
  }
  const asking: Bus = { ...bus, waitingFor: address, askedAt: now, heard: SILENCE, answers, tallies };
  return { bus: asking, send: readRequest(address), answer, round: null };
}

const counted = (tallies: readonly Tally[], place: number, answer: BusAnswer, now: Millis): readonly Tally[] =>
  tallies.map((one, at) => {
    if (at !== place) return one;
    if (answer.ok) return { ...one, read: one.read + 1, reading: answer };
    return { ...one, failed: one.failed + 1, failure: { why: answer.why, at: now } };
  });

const answered = (bus: Bus, answer: BusAnswer, now: Millis): BusStep => ask(bus, [...bus.answers, answer], answer, now);

/** Looks for the reply at every place of what was heard: noise, old bytes and other modules' frames are passed over. */
function hear(bus: Bus, address: number, bytes: Uint8Array, now: Millis): BusStep {
  const heard = joined(bus.heard, bytes);
  for (let at = 0; at < heard.length; at++) {
    if (heard[at] !== address) continue;
    const answer = answerAt(heard, at, address);
    if (answer !== null) return answered(bus, answer, now);
  }
  return idle({ ...bus, heard });
}

const EXCEPTION_LENGTH = 5;
/** The function's byte of an exception has this bit. */
const EXCEPTION = 0x80;

function answerAt(heard: Uint8Array, at: number, address: number): BusAnswer | null {
  const isWhole = heard.length - at >= REPLY_LENGTH;
  if (!isWhole && ((heard[at + 1] ?? 0) & EXCEPTION) === 0) return null;
  const reply = decodeReply(heard.subarray(at, at + REPLY_LENGTH));
  if (reply.ok) return reply;
  if (reply.why === "range") return { ok: false, address, why: "range" };
  const short = decodeReply(heard.subarray(at, at + EXCEPTION_LENGTH));
  return !short.ok && short.why === "exception" ? { ok: false, address, why: "exception" } : null;
}

function joined(before: Uint8Array, bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(before.length + Math.min(bytes.length, HEARD_LIMIT));
  all.set(before);
  all.set(bytes.subarray(-HEARD_LIMIT), before.length);
  return all.length > HEARD_LIMIT ? all.slice(-HEARD_LIMIT) : all;
}
