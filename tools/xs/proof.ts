// Runs inside a machine: seals and opens one message of a site again and again, so that its cost can be counted.

import { keyBytes, macKey, macOf } from "../../src/mac.js";
import { type Demand, decode, encode, type Report, type SiteMessage } from "../../src/sharing-message.js";
import { deciamps, milliamps, millis } from "../../src/units.js";

const KEY = macKey(keyBytes("0123456789abcdef0123456789abcdef"));
const HEAD = Object.freeze({ format: 2, site: 0x1234_5678, siteVersion: 3 });
const RANGES_EACH = 4;

function demand(): Demand {
  const wants = { wiring: [1], max: deciamps(320), need: deciamps(320), priority: 0, waitingS: 0, turn: 1 };
  return {
    id: "charger-12",
    nonce: 0x0102_0304,
    number: 1_234,
    boot: 7,
    term: 0,
    arbiter: 255,
    echo: millis(1_234_567),
    accepted: 4_321,
    held: [0, 1, 2].map((index) => ({ phase: 1, from: 100 * index, to: 100 * index + 60 })),
    wants: { ...wants, mode: "auto" },
    draws: [milliamps(15_900)],
    age: millis(120),
    offer: deciamps(160),
    uptime: millis(7_654_321),
  };
}

function report(members: number): Report {
  const budget = [1, 2, 3].map(() => deciamps(2_200));
  const entries = Array.from({ length: members }, (_, place) => ({
    nonce: 1_000 + place,
    number: 1_234,
    heardAt: millis(1_233_000),
    until: millis(1_243_000),
    amps: deciamps(100),
    ranges: Array.from({ length: RANGES_EACH }, (_none, index) => {
      const from = place * 10 + index * 640;
      return { phase: (place % 3) + 1, from, to: from + 10 };
    }),
    because: "share" as const,
    nextTurnS: null,
    twins: false,
  }));
  const stamp = millis(1_234_000);
  const head = { term: 0, boot: 7, arbiter: 255, renewsOnly: false, stamp, sentAt: millis(1_234_020), version: 9 };
  return { ...head, budget, house: budget, solar: null, entries };
}

/** The machine's only mutable state. */
let message: SiteMessage = { kind: "demand", demand: demand() };
let bytes = new Uint8Array(0);

/** A demand, or with members a report of so many; gives its length. */
export function prepare(members: number): number {
  if (members > 0) message = { kind: "report", report: report(members) };
  bytes = encode(HEAD, message, KEY).slice();
  return bytes.length;
}

export function nothing(): number {
  return bytes.length;
}

/** The proof alone, once. */
export function prove(): number {
  return macOf(KEY, bytes).length;
}

export function seal(): number {
  return encode(HEAD, message, KEY).length;
}

/** Gives 0 for a message that was refused. */
export function open(): number {
  return decode(bytes, KEY).ok ? bytes.length : 0;
}
