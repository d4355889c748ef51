// A device under a central Manager, in place of its site's own sharing: the client's messages over the device's MQTT session.

import { type Device, type DeviceEffect, publish, type Received } from "./device.js";
import {
  type ManagerClient,
  type ManagerClientEvent,
  startManagerClient,
  stepManagerClient,
} from "./manager-client.js";
import type { Settings } from "./settings.js";
import { managerTopic } from "./topics.js";
import type { Millis } from "./units.js";

/** The client of a device that the settings put under a Manager, null for one that shares by itself. */
export const clientOf = (settings: Settings, device: "charger" | "counter"): ManagerClient | null =>
  settings.manager ? startManagerClient({ device, id: settings.id, topic: managerTopic(settings) }) : null;

export interface Managed {
  readonly device: Device;
  readonly client: ManagerClient;
}

/** Takes what happened, and sends what the client asks for; its topic is among the subscriptions of the session. */
export function stepManaged(
  { device, client }: Managed,
  events: readonly ManagerClientEvent[],
  effects: { push(effect: DeviceEffect): unknown },
  now: Millis,
): Managed {
  let next: Managed = { device, client };
  for (const event of events) {
    const step = stepManagerClient(next.client, event, now);
    next = { ...next, client: step.state };
    for (const effect of step.effects) {
      if (effect.kind === "subscribe") continue;
      const message = { topic: effect.topic, payload: effect.payload, retain: false, qos: 0 } as const;
      const sent = publish(next.device, message, now);
      for (const one of sent.effects) effects.push(one);
      next = { ...next, device: sent.device };
    }
  }
  return next;
}

export const managerHeard = ({ topic, payload, retained }: Received): ManagerClientEvent => ({
  kind: "message",
  topic,
  payload,
  retain: retained,
});

/** The session came or went. */
export const onlineEvents = (client: ManagerClient, online: boolean): readonly ManagerClientEvent[] => {
  if (online === (client.phase !== "offline")) return [];
  return [online ? { kind: "online" } : { kind: "offline" }];
};
