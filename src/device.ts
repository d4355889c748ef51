// What a charger's controller and a meter have in common: settings in flash, an MQTT session, and pages.
// It knows neither amps nor PZEMs; whoever composes it gives the view of the pages and takes the messages.

import { countBoot, type FlashOp } from "./boot-count.js";
import { frozen } from "./frozen.js";
import {
  type Message,
  type Session,
  type SessionEffect,
  type SessionEvent,
  start as startSession,
  step as stepSession,
} from "./mqtt-session.js";
import { type Connections, NO_CONNECTIONS, type PageEffect, stepPages } from "./portal/connections.js";
import type { PortalModel } from "./portal/model.js";
import { change, type Settings, type SettingsError } from "./settings.js";
import { sameValue } from "./settings-checks.js";
import { eraseAhead, erased, load, type Store, save } from "./settings-store.js";
import { availabilityTopic, type DeviceKind, subscriptionsOf } from "./topics.js";
import type { Millis, UnixSeconds } from "./units.js";

export type StreamEvent =
  | { readonly what: "open" }
  | { readonly what: "bytes"; readonly bytes: Uint8Array }
  | { readonly what: "closed" };

export type DeviceEvent =
  | { readonly kind: "tick" }
  | { readonly kind: "stream"; readonly id: number; readonly event: StreamEvent }
  | { readonly kind: "page"; readonly connection: number; readonly event: StreamEvent }
  | { readonly kind: "link"; readonly up: boolean }
  | { readonly kind: "clock"; readonly unix: UnixSeconds }
  /** From another device of the local network; `from` is its address. */
  | { readonly kind: "datagram"; readonly from: string; readonly bytes: Uint8Array }
  /** Some settings were changed at the device itself: by its button, its console, or by what it found out. */
  | { readonly kind: "set"; readonly patch: unknown };

export type DeviceEffect =
  | { readonly kind: "connect"; readonly id: number; readonly host: string; readonly port: number }
  | { readonly kind: "send"; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: "close"; readonly id: number }
  /** To an address, or with null to everybody on the local network. */
  | { readonly kind: "datagram"; readonly to: string | null; readonly bytes: Uint8Array }
  | PageEffect
  | FlashOp
  | { readonly kind: "log"; readonly text: string };

export interface Device {
  readonly kind: DeviceKind;
  readonly settings: Settings;
  readonly store: Store;
  readonly pageSize: number;
  /** Settings changed and not yet in flash: no sector had room, or an erase would have to wait. */
  readonly unsaved: boolean;
  readonly session: Session | null;
  readonly online: boolean;
  readonly linkUp: boolean;
  readonly clock: { readonly unix: UnixSeconds; readonly at: Millis } | null;
  readonly connections: Connections;
  /** From the hardware's noise; keeps forms of other sites out. */
  readonly csrf: string;
  readonly seed: number;
  readonly warnings: readonly string[];
}

export interface DeviceStep {
  readonly device: Device;
  readonly effects: readonly DeviceEffect[];
  readonly messages: readonly Received[];
}

/** What a broker brought. */
export interface Received {
  readonly topic: string;
  readonly payload: Uint8Array;
  /** It lay at the broker: nobody knows since when. */
  readonly retained: boolean;
}

export interface Boot {
  readonly sectors: readonly Uint8Array[];
  readonly pageSize: number;
  /** From the hardware's noise, another at each boot; others may see it. */
  readonly entropy: number;
  /** Likewise, and it never leaves the device but as the token in its own forms. */
  readonly secret: readonly [number, number];
  /** What the device is when nothing is stored yet. */
  readonly initial: Settings;
  /** The format of the site's messages that is spoken. */
  readonly format: number;
}

export interface DeviceBoot extends Boot {
  readonly kind: DeviceKind;
}

/** Sectors 0 and 1 hold the settings, 2 and 3 the count of boots, 4 and 5 the promises of elections. */
const SETTINGS_SECTORS = 2;
export const VOTE_SECTORS = frozen({ first: 4, count: 2 });
const KEEP_ALIVE_S = 30;
const PAYLOAD_LIMIT = 4_608;

const WARNINGS = frozen({
  damaged: "The newest settings in flash were damaged; the last good ones are in use.",
  newer: "The newest settings in flash were written by a newer software; the last ones that fit are in use.",
} as const);
const NONE_LEFT = frozen({
  damaged: "All settings in flash were damaged; those that the device was made with are in use.",
  newer: "All settings in flash were written by a newer software; those that the device was made with are in use.",
  absent: null,
} as const);

export function startDevice(boot: DeviceBoot): {
  readonly device: Device;
  readonly effects: readonly DeviceEffect[];
  readonly boots: number;
} {
  const loaded = load(boot.sectors.slice(0, SETTINGS_SECTORS));
  const settings = loaded.ok ? loaded.settings : boot.initial;
  const warning = loaded.ok ? (loaded.warning === null ? null : WARNINGS[loaded.warning]) : NONE_LEFT[loaded.why];
  const counted = countBoot(boot.sectors.slice(SETTINGS_SECTORS, VOTE_SECTORS.first), SETTINGS_SECTORS);
  const device: Device = {
    kind: boot.kind,
    settings,
    store: loaded.store,
    pageSize: boot.pageSize,
    unsaved: false,
    session: sessionOf(boot.kind, settings, boot.entropy, 0),
    online: false,
    linkUp: false,
    clock: null,
    connections: NO_CONNECTIONS,
    csrf: boot.secret.map((part) => (part >>> 0).toString(36).padStart(7, "0")).join(""),
    seed: boot.entropy,
    warnings: warning === null ? [] : [warning],
  };
  const effects: DeviceEffect[] = [...counted.ops];
  if (warning !== null) effects.push({ kind: "log", text: warning });
  return { device: tidyStore(device, true, effects), effects, boots: counted.boot };
}

function sessionOf(kind: DeviceKind, settings: Settings, seed: number, lastId: number): Session | null {
  if (settings.mqttHost === "") return null;
  const will = { topic: availabilityTopic(settings), payload: "offline", retain: true };
  const { mqttHost: host, mqttPort: port, mqttUser: user, mqttPassword: password } = settings;
  const subscriptions = subscriptionsOf(kind, settings);
  // The seed keeps two devices of one id from throwing each other off the broker: they must be heard, to be told.
  const clientId = `${settings.siteId}-${settings.id}-${seed.toString(36)}`;
  return startSession(
    { clientId, host, port, user, password, keepAliveS: KEEP_ALIVE_S, will, subscriptions },
    seed,
    lastId,
  );
}

/** `mayErase`: no contactor is closed, so that an erase may stop the chip. */
export function stepDevice(
  device: Device,
  event: DeviceEvent,
  mayErase: boolean,
  model: () => PortalModel,
  now: Millis,
): DeviceStep {
  const effects: DeviceEffect[] = [];
  const messages: Received[] = [];
  const next = take(device, event, model, effects, messages, now);
  return { device: event.kind === "tick" ? tidyStore(next, mayErase, effects) : next, effects, messages };
}

type Messages = Received[];

function take(
  device: Device,
  event: DeviceEvent,
  model: () => PortalModel,
  effects: DeviceEffect[],
  messages: Messages,
  now: Millis,
): Device {
  switch (event.kind) {
    case "tick":
      return pages(inSession(device, event, effects, messages, now), event, model, effects, now);
    case "stream":
      return inSession(device, sessionEvent(event.id, event.event), effects, messages, now);
    case "link":
      return inSession({ ...device, linkUp: event.up }, event, effects, messages, now);
    case "page":
      return pages(device, event, model, effects, now);
    case "datagram":
      return device;
    case "clock":
      return { ...device, clock: { unix: event.unix, at: now } };
    case "set":
      return setting(device, event.patch, effects, now);
  }
}

function sessionEvent(id: number, event: StreamEvent): SessionEvent {
  switch (event.what) {
    case "open":
      return { kind: "opened", id };
    case "bytes":
      return { kind: "bytes", id, bytes: event.bytes };
    case "closed":
      return { kind: "closed", id };
  }
}

function inSession(
  device: Device,
  event: SessionEvent,
  effects: DeviceEffect[],
  messages: Messages,
  now: Millis,
): Device {
  if (device.session === null) return device;
  const stepped = stepSession(device.session, event, now);
  let next: Device = { ...device, session: stepped.state };
  for (const effect of stepped.effects) next = sessionEffect(next, effect, effects, messages, now);
  return next;
}

function sessionEffect(
  device: Device,
  effect: SessionEffect,
  effects: DeviceEffect[],
  messages: Messages,
  now: Millis,
): Device {
  switch (effect.kind) {
    case "connect":
    case "send":
    case "close":
    case "log":
      effects.push(effect);
      return device;
    case "message":
      if (effect.payload.length <= PAYLOAD_LIMIT) {
        messages.push({ topic: effect.topic, payload: effect.payload, retained: effect.retain });
      }
      return device;
    case "online": {
      effects.push({ kind: "log", text: "MQTT online" });
      const topic = availabilityTopic(device.settings);
      const greeting = publish({ ...device, online: true }, { topic, payload: "online", qos: 1, retain: true }, now);
      effects.push(...greeting.effects);
      return greeting.device;
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

function pages(
  device: Device,
  event:
    | { readonly kind: "tick" }
    | { readonly kind: "page"; readonly connection: number; readonly event: StreamEvent },
  model: () => PortalModel,
  effects: DeviceEffect[],
  now: Millis,
): Device {
  const stepped = stepPages(device.connections, event, model, now);
  effects.push(...stepped.effects);
  let next: Device = { ...device, connections: stepped.connections };
  for (const patch of stepped.changes) next = setting(next, patch, effects, now);
  return next;
}

const NETWORK: readonly (keyof Settings)[] = frozen([
  "id",
  "siteId",
  "mqttHost",
  "mqttPort",
  "mqttUser",
  "mqttPassword",
  "mqttPrefix",
  "meter",
  "meterTopic",
  "manager",
]);

function setting(device: Device, patch: unknown, effects: DeviceEffect[], now: Millis): Device {
  const changed = change(device.settings, patch);
  if (!changed.ok) {
    effects.push({ kind: "log", text: `settings refused: ${wordsOf(changed.errors)}` });
    return device;
  }
  const { settings } = changed;
  if (sameValue(settings, device.settings)) return device;
  const next = tidyStore({ ...device, settings, unsaved: true }, false, effects);
  return NETWORK.some((name) => settings[name] !== device.settings[name]) ? reconnect(next, effects, now) : next;
}

const wordsOf = (errors: readonly SettingsError[]): string =>
  errors.map(({ field, why }) => `${field}: ${why}`).join("; ");

/** Another broker, name or site: the old session says goodbye and a new one begins. */
function reconnect(device: Device, effects: DeviceEffect[], now: Millis): Device {
  const stopped = inSession(device, { kind: "stop" }, effects, [], now);
  const session = sessionOf(device.kind, device.settings, device.seed, stopped.session?.id ?? 0);
  return inSession({ ...stopped, session, online: false }, { kind: "link", up: device.linkUp }, effects, [], now);
}

/** Writes what is not written yet, and erases ahead while that may be done. */
function tidyStore(device: Device, mayErase: boolean, effects: DeviceEffect[]): Device {
  const layout = { first: 0, pageSize: device.pageSize };
  let { store, unsaved } = device;
  const erase = mayErase ? eraseAhead(store, layout) : null;
  if (erase !== null) {
    effects.push(erase);
    store = erased(store);
  }
  const saved = unsaved ? save(store, layout, device.settings) : null;
  if (saved?.ok) {
    effects.push(...saved.ops);
    store = saved.store;
    unsaved = false;
  }
  return store === device.store && unsaved === device.unsaved ? device : { ...device, store, unsaved };
}
