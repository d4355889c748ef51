// The messages between a central Manager of the published system and its devices: JSON texts with the published codes.
// A codec; it knows no topic's traffic, no time and no share.

import { frozen } from "./frozen.js";
import { decodeText, jsonOf } from "./text.js";
import { type Deciamps, fromAmps, type Milliamps, milliamps, toAmps } from "./units.js";

/** Where a device that nobody knows yet names itself and the topic on which it will be spoken to. */
export const HELLO_TOPIC = "hello/new";

/** What the published system calls a meter, and the others. */
export type ManagedKind = "counter" | "charger";

/** The published codes. */
export const CODES = frozen({
  new: { counter: 0x001, charger: 0x002 },
  del: { counter: 0x011, charger: 0x012 },
  status: { counter: 0x021, charger: 0x022 },
  load: { counter: 0x031, charger: 0x032 },
  available: 0x033,
});

const STATUSES = frozen({
  counter: ["ok", "failed"],
  charger: ["idle", "asking", "charging"],
} as const);
/** "asking": the car would draw, but is offered nothing; "failed": the meter cannot measure. */
export type ManagedStatus = (typeof STATUSES)[ManagedKind][number];

export type ManagerMessage =
  | { readonly kind: "new"; readonly device: ManagedKind; readonly id: string; readonly topic: string }
  | { readonly kind: "del"; readonly device: ManagedKind; readonly id: string }
  | { readonly kind: "status"; readonly device: ManagedKind; readonly id: string; readonly status: ManagedStatus }
  /** What flows, per phase: 1 or 3. Of a counter the loads of the house, of a charger its car's draw. */
  | { readonly kind: "load"; readonly device: ManagedKind; readonly id: string; readonly load: readonly Milliamps[] }
  /** From the Manager: what this charger may offer. */
  | { readonly kind: "available"; readonly id: string; readonly load: Deciamps }
  /** From the Manager, with the code of the message that it answers. */
  | { readonly kind: "answer"; readonly code: number; readonly id: string; readonly answer: string };

/** What the Manager answers. The first two are published, the others say in their way what those leave open. */
export const ANSWERS = frozen({
  code: "Invalid Message: message code",
  counters: "Max registered counters achieved",
  chargers: "Max registered chargers achieved",
  ok: "OK",
  format: "Invalid Message: format",
  field: "Invalid Message: field",
  unknown: "Invalid Message: unknown device",
  taken: "Invalid Message: id or topic in use",
});

export type ManagerDecoded =
  | { readonly ok: true; readonly message: ManagerMessage }
  /** "code": none of the table; "field": one is missing or out of range. As far as they could be read: code and id. */
  | {
      readonly ok: false;
      readonly why: "long" | "format" | "code" | "field";
      readonly code: number | null;
      readonly id: string | null;
    };

const PAYLOAD_LIMIT = 256;
const LARGEST_A = 1_000;

/** The JSON text of a message: amperes as a number, for three phases as a list. At most 256 bytes. */
export function encodeManager(message: ManagerMessage): string {
  const { id } = message;
  switch (message.kind) {
    case "new":
      return JSON.stringify({ code: CODES.new[message.device], id, topic: message.topic });
    case "del":
      return JSON.stringify({ code: CODES.del[message.device], id });
    case "status":
      return JSON.stringify({ code: CODES.status[message.device], id, status: message.status });
    case "load": {
      const amps = message.load.map((load) => load / 1_000);
      return JSON.stringify({ code: CODES.load[message.device], id, load: amps.length === 1 ? amps[0] : amps });
    }
    case "available":
      return JSON.stringify({ code: CODES.available, id, load: toAmps(message.load) });
    case "answer":
      return JSON.stringify({ code: message.code, id, answer: message.answer });
  }
}

/** What a payload may look like at all: one flat object with our own keys, so that no stranger's JSON leaves its keys behind
 *  in an engine that never forgets one, nor nests deeper than a small stack. */
const SHAPE = ((): RegExp => {
  const number = "-?\\d[\\d.eE+-]*";
  const value = `(?:${number}|"(?:[^"\\\\]|\\\\.)*"|\\[\\s*${number}\\s*(?:,\\s*${number}\\s*){0,2}\\])`;
  const pair = `\\s*"(?:code|id|topic|status|load|answer)"\\s*:\\s*${value}\\s*`;
  return new RegExp(`^\\s*\\{${pair}(?:,${pair}){0,5}\\}\\s*$`);
})();

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/;
const TOPIC = /^[A-Za-z0-9][A-Za-z0-9/._-]{0,127}$/;
const ANSWER = /^[\u0020-\u007e]{1,64}$/;

interface Fields {
  readonly code?: unknown;
  readonly id?: unknown;
  readonly topic?: unknown;
  readonly status?: unknown;
  readonly load?: unknown;
  readonly answer?: unknown;
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const fits = (value: unknown, form: RegExp): value is string => typeof value === "string" && form.test(value);

/** A message, or why the payload is none. Amperes are rounded to the safe side: what flows up to 1 mA, what may flow down to
 *  0.1 A. */
export function decodeManager(payload: Uint8Array): ManagerDecoded {
  const text = decodeText(payload, PAYLOAD_LIMIT);
  if (!text.ok) return { ok: false, why: text.why === "long" ? "long" : "format", code: null, id: null };
  const fields = SHAPE.test(text.text) ? jsonOf(text.text) : undefined;
  if (!isFields(fields)) return { ok: false, why: "format", code: null, id: null };
  const code = typeof fields.code === "number" && Number.isSafeInteger(fields.code) ? fields.code : null;
  const id = fits(fields.id, ID) ? fields.id : null;
  if (code === null || id === null) return { ok: false, why: "field", code, id };
  const message = messageOf(fields, code, id);
  return typeof message === "string" ? { ok: false, why: message, code, id } : { ok: true, message };
}

function messageOf(fields: Fields, code: number, id: string): ManagerMessage | "code" | "field" {
  const { answer, topic, status, load } = fields;
  if (answer !== undefined) return fits(answer, ANSWER) ? { kind: "answer", code, id, answer } : "field";
  if (code === CODES.available) {
    const amps = currentsIn(load);
    return amps?.length === 1 ? { kind: "available", id, load: fromAmps(Math.max(0, amps[0] ?? 0)) } : "field";
  }
  const device = code % 16 === CODES.new.charger ? "charger" : "counter";
  switch (code) {
    case CODES.new[device]:
      return fits(topic, TOPIC) && topic !== HELLO_TOPIC ? { kind: "new", device, id, topic } : "field";
    case CODES.del[device]:
      return { kind: "del", device, id };
    case CODES.status[device]: {
      const known = STATUSES[device].find((one) => one === status);
      return known === undefined ? "field" : { kind: "status", device, id, status: known };
    }
    case CODES.load[device]: {
      const amps = currentsIn(load);
      if (amps?.length !== 1 && amps?.length !== 3) return "field";
      // Plus 0: of -0.4 mA the ceiling is -0, which is no 0 to whoever compares.
      return { kind: "load", device, id, load: amps.map((one) => milliamps(Math.ceil(one * 1_000 - 1e-6) + 0)) };
    }
    default:
      return "code";
  }
}

/** One number or a list of them, each within what a connection can carry; null for anything else. */
function currentsIn(value: unknown): readonly number[] | null {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const amps = list.filter((one) => typeof one === "number" && Math.abs(one) <= LARGEST_A);
  return amps.length === list.length ? amps.filter((one) => typeof one === "number") : null;
}
