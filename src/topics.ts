// The MQTT topics of the project, made in one place.

import type { Settings } from "./settings.js";

const base = (settings: Settings): string => `${settings.mqttPrefix}/${settings.siteId}`;

/** "online" or "offline", retained; the broker says the second when the device falls silent. */
export const availabilityTopic = (settings: Settings): string => `${base(settings)}/${settings.id}/availability`;

/** Where a central Manager and this device speak. */
export const managerTopic = (settings: Settings): string => `${base(settings)}/${settings.id}/manager`;

export const chargerTopics = (settings: Settings) => ({
  /** The site's reports, from whoever leads. */
  report: `${base(settings)}/report`,
  /** Calls of candidates, and configurations. */
  site: `${base(settings)}/site`,
  /** Our demands, to the meter or to the charger that leads. */
  demand: (arbiter: string | null): string =>
    arbiter === null ? `${base(settings)}/demand/${settings.id}` : `${base(settings)}/demand/${arbiter}/${settings.id}`,
  /** Demands of others, while we lead. */
  demands: `${base(settings)}/demand/${settings.id}/+`,
  /** Each session once it has ended, as JSON: again until the broker has it, so whoever reads goes by its id. */
  sessions: `${base(settings)}/${settings.id}/session`,
  /** What the charger does and why, as JSON, retained. */
  state: `${base(settings)}/${settings.id}/state`,
});

export const meterTopics = (settings: Settings) => ({
  report: `${base(settings)}/report`,
  site: `${base(settings)}/site`,
  demands: `${base(settings)}/demand/+`,
  state: `${base(settings)}/${settings.id}/state`,
});

export type DeviceKind = "charger" | "meter";

/** What a device listens to. Chargers hear each other's demands only where one of them may lead. */
export function subscriptionsOf(kind: DeviceKind, settings: Settings): readonly string[] {
  const { site, ...topics } = meterTopics(settings);
  if (settings.manager) return [managerTopic(settings)];
  if (kind === "meter") return [topics.demands, site];
  const charger = chargerTopics(settings);
  if (settings.meter === "ours") return [charger.report, site];
  const other = settings.meter === "other" ? [settings.meterTopic] : [];
  return [charger.report, site, charger.demands, ...other];
}
