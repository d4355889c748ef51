// A device's session with its broker: bytes and ticks in, messages and words out. What the messages mean, others know.

import { type Device, type DeviceEffect, type Outcome, type StreamEvent, wallClock } from "./device-state.js";
import { frozen } from "./frozen.js";
import { announced, greeted, heardAssistant, takenBack, withdrawn } from "./home-assistant.js";
import {
  type Message,
  type Session,
  type SessionEffect,
  type SessionEvent,
  start as startSession,
  step as stepSession,
} from "./mqtt-session.js";
import type { Settings } from "./settings.js";
import { availabilityTopic, type DeviceKind, subscriptionsOf, topicOf } from "./topics.js";
import { wishOf } from "./trust.js";
import { type Millis, millis } from "./units.js";

const KEEP_ALIVE_S = 30;
const CONNECT_LIMIT: Millis = millis(10_000);
/** The chip computes for seconds, and whoever carries the stream gives up before (HANDSHAKE_MS, 20 s), with a reason. */
const TLS_LIMIT: Millis = millis(25_000);
const PAYLOAD_LIMIT = 4_608;

/** Null: no broker is set. `lastId`: of the session before it. */
export function sessionOf(kind: DeviceKind, settings: Settings, seed: number, lastId: number): Session | null {
  if (settings.mqttHost === "") return null;
  const will = { topic: availabilityTopic(settings), payload: "offline", retain: true };
  const { mqttHost: host, mqttPort: port, mqttUser: user, mqttPassword: password } = settings;
  const subscriptions = subscriptionsOf(kind, settings);
  const connectLimit = settings.mqttTls ? TLS_LIMIT : CONNECT_LIMIT;
  // The seed keeps two devices of one id from throwing each other off the broker: they must be heard, to be told.
  const clientId = `${settings.siteId}-${settings.id}-${seed.toString(36)}`;
  return startSession(
    { clientId, host, port, user, password, keepAliveS: KEEP_ALIVE_S, connectLimit, will, subscriptions },
    seed,
    lastId,
  );
}
export function sessionEvent(id: number, event: StreamEvent): SessionEvent {
  switch (event.what) {
    case "open":
      return { kind: "opened", id };
    case "bytes":
      return { kind: "bytes", id, bytes: event.bytes };
    case "closed":
      return event.why === undefined ? { kind: "closed", id } : { kind: "closed", id, why: event.why };
  }
}

/** What the session makes of an event, and of the effects that it leaves to the device. */
export function inSession(
  device: Device,
  event: SessionEvent,
  effects: DeviceEffect[],
  outcomes: Outcome[],
  now: Millis,
): Device {
  if (device.session === null) return device;
  const stepped = stepSession(device.session, event, now);
  let next: Device = stepped.state === device.session ? device : { ...device, session: stepped.state };
  for (const effect of stepped.effects) next = sessionEffect(next, effect, effects, outcomes, now);
  return next;
}

function sessionEffect(
  device: Device,
  effect: SessionEffect,
  effects: DeviceEffect[],
  outcomes: Outcome[],
  now: Millis,
): Device {
  switch (effect.kind) {
    case "connect": {
      const { settings } = device;
      const tls = settings.mqttTls ? wishOf(effect.host, settings, wallClock(device, now)) : null;
      effects.push({ ...effect, tls });
      return device;
    }
    case "send":
    case "close":
    case "log":
      effects.push(effect);
      return device;
    case "message": {
      const heard = heardAssistant(device, effect, now);
      if (heard !== null) return heard;
      if (effect.payload.length <= PAYLOAD_LIMIT) {
        outcomes.push({ kind: "message", topic: effect.topic, payload: effect.payload, retained: effect.retain });
      }
      return device;
    }
    case "delivered":
      outcomes.push(effect);
      return takenBack(device, effect.topic);
    case "online": {
      effects.push({ kind: "log", text: "MQTT online" });
      const topic = availabilityTopic(device.settings);
      const greeting = publish({ ...device, online: true }, { topic, payload: "online", qos: 1, retain: true }, now);
      effects.push(...greeting.effects);
      const met = greeted(greeting.device, now);
      return published(met.device, met.says, effects, now);
    }
    case "offline":
      effects.push({ kind: "log", text: `MQTT offline: ${effect.why}` });
      return { ...device, online: false };
    case "refused":
      effects.push({ kind: "log", text: `the broker refused the subscription to ${effect.topic}` });
      return device;
  }
}
/** Sends a message; without MQTT, or offline with QoS 0, it is lost. */
export function publish(
  device: Device,
  message: Message,
  now: Millis,
): { readonly device: Device; readonly effects: readonly DeviceEffect[] } {
  const effects: DeviceEffect[] = [];
  const next = inSession(device, { kind: "publish", ...message }, effects, [], now);
  return { device: next, effects };
}

const published = (device: Device, messages: readonly Message[], effects: DeviceEffect[], now: Millis): Device =>
  messages.reduce((last, message) => {
    const sent = publish(last, message, now);
    effects.push(...sent.effects);
    return sent.device;
  }, device);

/** What Home Assistant is to be told by now. */
export function announce(device: Device, effects: DeviceEffect[], now: Millis): Device {
  if (device.announcement.due === null) return device;
  const { device: told, says } = announced(device, now);
  return says === null ? told : published(told, [says], effects, now);
}

/** Takes back what was retained under the settings of before, while their broker still listens. */
export function withdraw(device: Device, before: Settings, effects: DeviceEffect[], now: Millis): Device {
  const gone = withdrawn(device, before, now);
  return published(gone.device, [...gone.says, ...leftBehind(device, before)], effects, now);
}

/** State and availability of a name that the device no longer has; for another broker's readers it is offline. */
function leftBehind({ online, settings }: Device, before: Settings): readonly Message[] {
  if (!online || !speaksAnew(before, settings)) return [];
  const topics = [topicOf("state", before), availabilityTopic(before)];
  const moved = availabilityTopic(settings) !== availabilityTopic(before);
  const elsewhere = settings.mqttHost !== before.mqttHost || settings.mqttPort !== before.mqttPort;
  if (moved) return topics.map((topic) => ({ topic, payload: "", qos: 0, retain: true }));
  return elsewhere ? [{ topic: availabilityTopic(before), payload: "offline", qos: 0, retain: true }] : [];
}

const NETWORK: readonly (keyof Settings)[] = frozen([
  "id",
  "siteId",
  "mqttHost",
  "mqttPort",
  "mqttUser",
  "mqttPassword",
  "mqttTls",
  "mqttCa",
  "mqttOwn",
  "mqttPrefix",
  "meter",
  "meterPreset",
  "meterTopic",
  "meterPath",
  "phases",
  "manager",
  "homeAssistant",
  "homeAssistantPrefix",
]);

/** The session is of other settings now. */
export const speaksAnew = (before: Settings, after: Settings): boolean =>
  NETWORK.some((name) => after[name] !== before[name]);

/** Another broker, name or site: the old session says goodbye and a new one begins. */
export function reconnect(device: Device, effects: DeviceEffect[], now: Millis): Device {
  const stopped = inSession(device, { kind: "stop" }, effects, [], now);
  const session = sessionOf(device.kind, device.settings, device.seed, stopped.session?.id ?? 0);
  return inSession({ ...stopped, session, online: false }, { kind: "link", up: device.linkUp }, effects, [], now);
}
