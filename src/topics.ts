// The MQTT topics of the project, made in one place.

import type { Settings } from "./settings.js";

const base = (settings: Settings): string => `${settings.mqttPrefix}/${settings.siteId}`;

/** "online" or "offline", retained; the broker says the second when the device falls silent. */
export const availabilityTopic = (settings: Settings): string => `${base(settings)}/${settings.id}/availability`;

export const chargerTopics = (settings: Settings) => ({
  report: `${base(settings)}/report`,
  demand: `${base(settings)}/demand/${settings.id}`,
  /** What the charger does and why, as JSON, retained. */
  state: `${base(settings)}/${settings.id}/state`,
});

export const meterTopics = (settings: Settings) => ({
  report: `${base(settings)}/report`,
  demands: `${base(settings)}/demand/+`,
  state: `${base(settings)}/${settings.id}/state`,
});

export type DeviceKind = "charger" | "meter";

/** What a device listens to: a charger to the report, a meter to every demand. */
export const subscriptionsOf = (kind: DeviceKind, settings: Settings): readonly string[] =>
  kind === "charger" ? [chargerTopics(settings).report] : [meterTopics(settings).demands];
