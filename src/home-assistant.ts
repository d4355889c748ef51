// When a device describes itself to Home Assistant, and when it takes that back: a retained message that nobody takes back stays
// at the broker for ever. What it says stands in discovery.ts; who publishes it, device-session.ts.

import type { Device } from "./device-state.js";
import { discoveryJson, discoveryTopic } from "./discovery.js";
import { hostOf } from "./found.js";
import { frozen } from "./frozen.js";
import type { Message } from "./mqtt-session-state.js";
import type { Settings } from "./settings.js";
import { sameValue } from "./settings-checks.js";
import { encodeText } from "./text.js";
import { topicOf } from "./topics.js";
import { type Millis, millis, plus } from "./units.js";

export interface Announcement {
  /** When to say it, null: it is said. */
  readonly due: Millis | null;
  /** Topics whose retained message has to go, until the broker has heard of it. */
  readonly owed: readonly string[];
}

export const NOTHING_ANNOUNCED: Announcement = frozen({ due: null, owed: [] });

/** After the first state, which it speaks of. */
const AFTER_ONLINE: Millis = millis(2_000);
/** When Home Assistant has started, its devices do not all speak at once. */
const SPREAD_MS = 8_000;
const OWED_LIMIT = 4;
const ONLINE = encodeText("online");

const topicFor = (settings: Settings, mac: string): string | null =>
  settings.homeAssistant && settings.mqttHost !== "" ? discoveryTopic(settings, mac) : null;

const announcing = (device: Device, change: Partial<Announcement>): Device => ({
  ...device,
  announcement: { ...device.announcement, ...change },
});

const removal = (topic: string): Message => ({ topic, payload: "", qos: 1, retain: true });

/** The device is online: what it takes back at once, and when it describes itself. */
export function greeted(device: Device, now: Millis): { readonly device: Device; readonly says: readonly Message[] } {
  const { announcement, settings } = device;
  const says = announcement.owed.map(removal);
  const due = settings.homeAssistant ? plus(now, AFTER_ONLINE) : null;
  return { device: due === announcement.due ? device : announcing(device, { due }), says };
}

/** Home Assistant says that it has started; null: the message is for somebody else. What lay at the broker is old. */
export function heardAssistant(
  device: Device,
  { topic, payload, retain }: { readonly topic: string; readonly payload: Uint8Array; readonly retain: boolean },
  now: Millis,
): Device | null {
  const { settings, announcement, seed } = device;
  if (!settings.homeAssistant || topic !== topicOf("assistant", settings)) return null;
  if (retain || announcement.due !== null || !sameValue([...payload], [...ONLINE])) return device;
  return announcing(device, { due: plus(now, millis(1_000 + ((seed >>> 0) % SPREAD_MS))) });
}

/** What is due now. */
export function announced(device: Device, now: Millis): { readonly device: Device; readonly says: Message | null } {
  const { announcement, settings, mac, kind, wifi, ssid } = device;
  const { due } = announcement;
  if (due === null || now < due || !device.online) return { device, says: null };
  const topic = topicFor(settings, mac);
  const said = announcing(device, { due: null });
  if (topic === null) return { device: said, says: null };
  const payload = discoveryJson({ kind, settings, mac, address: wifi?.address ?? `${hostOf(ssid)}.local` });
  // With QoS 0: so long a message has no place in the queue, and is said again whenever the device comes online.
  return { device: said, says: { topic, payload, qos: 0, retain: true } };
}

/** The broker has the empty message. */
export function takenBack(device: Device, topic: string): Device {
  const { owed } = device.announcement;
  return owed.includes(topic) ? announcing(device, { owed: owed.filter((one) => one !== topic) }) : device;
}

/** What an entity is made of. */
const SHOWN: readonly (keyof Settings)[] = frozen(["maxA", "wiring", "pzems", "phases"]);

/** Settings have changed: what is taken back, at once where the device is still online with the broker of before. */
export function withdrawn(
  device: Device,
  before: Settings,
  now: Millis,
): { readonly device: Device; readonly says: readonly Message[] } {
  const { settings, mac } = device;
  const [was, is] = [topicFor(before, mac), topicFor(settings, mac)];
  const elsewhere = before.mqttHost !== settings.mqttHost || before.mqttPort !== settings.mqttPort;
  const says = was !== null && device.online && (elsewhere || was !== is) ? [removal(was)] : [];
  // Another broker has heard nothing yet.
  const owes = was !== null && was !== is && !elsewhere ? [...device.announcement.owed, was] : device.announcement.owed;
  const owed = owes.filter((topic, at) => topic !== is && owes.indexOf(topic) === at).slice(-OWED_LIMIT);
  const moved = is !== null && device.online && SHOWN.some((name) => !sameValue(before[name], settings[name]));
  const due = moved ? plus(now, AFTER_ONLINE) : device.announcement.due;
  return { device: announcing(device, { owed, due }), says };
}
