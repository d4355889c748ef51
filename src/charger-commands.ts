// A command of somebody else's tool at a charger: what becomes of it, and the answer. What it may say stands in commands.ts.

import { type Command, type Order, type Refusal, readCommand, resultJson } from "./commands.js";
import type { Controller } from "./controller-state.js";
import { type DeviceEffect, publish, type Received } from "./device.js";
import { wallClock } from "./device-state.js";
import { led } from "./outside.js";
import { change } from "./settings.js";
import { topicOf } from "./topics.js";
import type { Millis } from "./units.js";

/** The state after the command, its answer on the way; and a patch of settings that is good, for whoever changes them. */
export interface Commanded {
  readonly state: Controller;
  readonly patch: object | null;
}

/** What a broker brought. `name`: of the command, or "set". */
export function commanded(
  state: Controller,
  name: string,
  message: Received,
  effects: { push(effect: DeviceEffect): unknown },
  now: Millis,
): Commanded {
  if (message.retained) {
    effects.push({ kind: "log", text: `left out a retained command, nobody knows how old: ${message.topic}` });
    return { state, patch: null };
  }
  const obeyed = obey(state, name, message.payload, now);
  const topic = topicOf("result", state.device.settings);
  const answered = publish(state.device, { topic, payload: obeyed.result, qos: 1, retain: false }, now);
  for (const effect of answered.effects) effects.push(effect);
  return { state: { ...obeyed.state, device: answered.device }, patch: obeyed.patch };
}

/** The same with the answer, for whoever brings it by whatever way. */
export interface Obeyed extends Commanded {
  readonly taken: boolean;
  /** As JSON. */
  readonly result: string;
}

/** By whatever way it came. */
export function obey(state: Controller, name: string, payload: Uint8Array, now: Millis): Obeyed {
  const command = readCommand(name, payload, wallClock(state.device, now));
  const refusal = refusalOf(state, command);
  const order = command.asked.ok && refusal === null ? command.asked.order : null;
  return {
    state: done(state, order, now),
    patch: patchOf(order),
    taken: refusal === null,
    result: resultJson(name, command.id, refusal),
  };
}

/** As the pages check it: the settings as a whole. */
function refusalOf({ device }: Controller, { asked }: Command): Refusal | null {
  if (!asked.ok) return asked;
  if (asked.order.kind !== "settings") return null;
  const changed = change(device.settings, asked.order.patch);
  return changed.ok ? null : (changed.errors[0] ?? { field: "", why: "refused" });
}

function done(state: Controller, order: Order | null, now: Millis): Controller {
  if (order?.kind === "outside") return { ...state, outside: led(state.outside, order.said, order.lease, now) };
  return order?.kind === "shot" ? { ...state, shot: { ...state.shot, ...order.shot } } : state;
}

const patchOf = (order: Order | null): object | null => (order?.kind === "settings" ? order.patch : null);
