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

/** A charger or a meter takes what happened, and sends what its client asks for; the client's topic is among the
 *  subscriptions of the session. */
export function manage<State extends { readonly device: Device; readonly managed: ManagerClient | null }>(
  state: State,
  client: ManagerClient,
  events: readonly ManagerClientEvent[],
  effects: { push(effect: DeviceEffect): unknown },
  now: Millis,
): State {
  let { device } = state;
  let managed = client;
  for (const event of events) {
    const step = stepManagerClient(managed, event, now);
    managed = step.state;
    for (const effect of step.effects) {
      if (effect.kind === "subscribe") continue;
      const message = { topic: effect.topic, payload: effect.payload, retain: false, qos: 0 } as const;
      const sent = publish(device, message, now);
      for (const one of sent.effects) effects.push(one);
      device = sent.device;
    }
  }
  return { ...state, device, managed };
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
