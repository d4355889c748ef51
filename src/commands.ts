// Commands by MQTT: a payload becomes an order, or a reason with the field it belongs to. It knows no state and no charger.

import { frozen } from "./frozen.js";
import { readKnownJson } from "./known-json.js";
import type { Said } from "./outside.js";
import type { OneShot } from "./schedule.js";
import { bad, type Check, type Checked, good, isRecord, whole, yesNo } from "./settings-checks.js";
import { decodeText } from "./text.js";
import { fromAmps, type Millis, millis, type UnixSeconds, unixSeconds, wattHours } from "./units.js";

export type CommandName = "mode" | "current" | "enable" | "boost" | "delay_until" | "departure";

export type Order =
  | { readonly kind: "settings"; readonly patch: Readonly<Record<string, unknown>> }
  | { readonly kind: "outside"; readonly said: Said; readonly lease: Millis }
  | { readonly kind: "shot"; readonly shot: Partial<OneShot> };

export type Refusal = { readonly field: string; readonly why: string };

export interface Command {
  /** Of whoever asked, null: none. */
  readonly id: string | number | null;
  readonly asked: { readonly ok: true; readonly order: Order } | ({ readonly ok: false } & Refusal);
}

export const COMMANDS: Readonly<Record<CommandName, 1>> = frozen({
  mode: 1,
  current: 1,
  enable: 1,
  boost: 1,
  delay_until: 1,
  departure: 1,
});

/** Settings that are changed daily, and no others. */
export const DAILY: readonly string[] = frozen(["mode", "manualA", "freeCharging", "priority"]);
/** Of `current` and `enable` without `leaseS`. */
export const LEASE_S = 60;
export const LONGEST_LEASE_S = 86_400;

/** Bytes. */
export const PAYLOAD_LIMIT = 512;
const ID_LIMIT = 40;
const OF_COMMANDS: readonly string[] = frozen(["id", "value", "leaseS", "by", "needWh"]);
const OF_SET: readonly string[] = frozen(["id", ...DAILY]);

export const isName = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name);

/** `name`: of the command, or "set" for a patch of settings. `unix` null: nobody has told the time. */
export function readCommand(name: string, payload: Uint8Array, unix: UnixSeconds | null): Command {
  const read = readPayload(payload, name === "set" ? OF_SET : OF_COMMANDS);
  if (!read.ok) return { id: null, asked: read };
  const { value } = read;
  const id = isRecord(value) ? idOf(value.id) : good(null);
  if (!id.ok) return { id: null, asked: refused("id", id.why) };
  if (name === "set") return { id: id.value, asked: patchOf(value) };
  if (!isName(name)) return { id: id.value, asked: refused(name.slice(0, ID_LIMIT), "unknown command") };
  return { id: id.value, asked: orderOf(name, value, unix) };
}

const refused = (field: string, why: string) => ({ ok: false, field, why }) as const;

/** JSON, or a bare word that is none: `auto`. */
function readPayload(payload: Uint8Array, known: readonly string[]) {
  const decoded = decodeText(payload, PAYLOAD_LIMIT);
  if (!decoded.ok) return refused("", decoded.why === "long" ? `is over ${PAYLOAD_LIMIT} bytes` : "is no text");
  const text = decoded.text.trim();
  let stranger = "";
  const read = readKnownJson(text, (name) => {
    if (!known.includes(name)) stranger = name.slice(0, ID_LIMIT);
    return stranger === "";
  });
  if (read.ok) return { ok: true, value: read.value } as const;
  if (stranger !== "") return refused(stranger, "cannot be set here");
  return /^[A-Za-z]+$/.test(text) ? ({ ok: true, value: text } as const) : refused("", "is no JSON");
}

const idOf = (id: unknown): Checked<string | number | null> => {
  if (id === undefined || id === null) return good(null);
  if (typeof id === "number" || (typeof id === "string" && id.length <= ID_LIMIT)) return good(id);
  return bad(`must be a number, or text of at most ${ID_LIMIT} letters`);
};

function patchOf(value: unknown): Command["asked"] {
  if (!isRecord(value)) return refused("", "must be an object of settings");
  const { id, ...patch } = value;
  return Object.keys(patch).length === 0
    ? refused("", `must have one of ${DAILY.join(", ")}`)
    : { ok: true, order: { kind: "settings", patch } };
}

/** The order of a value, or of an object with it. */
function orderOf(name: CommandName, given: unknown, unix: UnixSeconds | null): Command["asked"] {
  const told = isRecord(given) ? given : { value: given };
  const value = Object.hasOwn(told, "value") ? told.value : Object.hasOwn(told, "by") ? told : undefined;
  if (value === undefined) return refused("value", "is missing");
  switch (name) {
    case "mode":
      return { ok: true, order: { kind: "settings", patch: { mode: value } } };
    case "current":
      return leased(told.leaseS, within(name, value, amperes), (amps) => ({ amps: fromAmps(amps) }));
    case "enable":
      return leased(told.leaseS, within(name, value, yesNo), (enabled) => ({ enabled }));
    case "boost": {
      const boost = within(name, value, yesNo);
      return boost.ok ? once({ boost: boost.value }) : boost;
    }
    case "delay_until":
      return delayOf(value, unix);
    case "departure":
      return departureOf(value, unix);
  }
}

const once = (shot: Partial<OneShot>) => ({ ok: true, order: { kind: "shot", shot } }) as const;
const NO_TIME = "the charger does not know the time";

function amperes(value: unknown): Checked<number> {
  const fits = typeof value === "number" && (value === 0 || (value >= 6 && value <= 80));
  return fits ? good(value) : bad("must be 0, or from 6 to 80 A");
}
const moment = whole(0, 0xffff_ffff);
const energy = whole(1, 200_000);
const leaseTime = whole(1, LONGEST_LEASE_S);

type Within<T> = { readonly ok: true; readonly value: T } | ({ readonly ok: false } & Refusal);

function within<T>(field: string, value: unknown, check: Check<T>): Within<T> {
  const checked = check(value);
  return checked.ok ? checked : refused(field, checked.why);
}

function leased<T>(leaseS: unknown, value: Within<T>, of: (value: T) => Said): Command["asked"] {
  if (!value.ok) return value;
  const time = within("leaseS", leaseS ?? LEASE_S, leaseTime);
  if (!time.ok) return time;
  return { ok: true, order: { kind: "outside", said: of(value.value), lease: millis(time.value * 1_000) } };
}

function delayOf(value: unknown, unix: UnixSeconds | null): Command["asked"] {
  if (value === null) return once({ delayUntil: null });
  if (unix === null) return refused("delay_until", NO_TIME);
  const at = within("delay_until", value, moment);
  return at.ok ? once({ delayUntil: unixSeconds(at.value) }) : at;
}

function departureOf(value: unknown, unix: UnixSeconds | null): Command["asked"] {
  if (value === null) return once({ departure: null });
  if (!isRecord(value)) return refused("departure", "must have by and needWh, or be null");
  const by = within("by", value.by, moment);
  const need = within("needWh", value.needWh, energy);
  if (!by.ok) return by;
  if (!need.ok) return need;
  if (unix === null) return refused("by", NO_TIME);
  if (by.value <= unix) return refused("by", "is over");
  return once({ departure: { by: unixSeconds(by.value), need: wattHours(need.value) } });
}

/** The answer, as JSON. */
export const resultJson = (command: string, id: Command["id"], refusal: Refusal | null): string =>
  JSON.stringify({
    ...(id === null ? {} : { id }),
    command: command.slice(0, ID_LIMIT),
    ok: refusal === null,
    why: refusal?.why ?? null,
    field: refusal?.field ?? null,
  });
