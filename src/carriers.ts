// How the site's messages travel: by the broker, as datagrams on the local network, or both. It reads no message.

import { type Device, type DeviceEffect, publish } from "./device.js";
import { rosterOf } from "./roster.js";
import type { Settings } from "./settings.js";
import type { Outgoing } from "./sharing.js";
import { METER } from "./sharing-message.js";
import { topicOf } from "./topics.js";
import type { Millis } from "./units.js";

export function carriersOf({ carrier, mqttHost }: Settings): { readonly mqtt: boolean; readonly udp: boolean } {
  const broker = mqttHost !== "";
  switch (carrier) {
    case "auto":
      return { mqtt: broker, udp: !broker };
    case "mqtt":
      return { mqtt: true, udp: false };
    case "udp":
      return { mqtt: false, udp: true };
    case "both":
      return { mqtt: true, udp: true };
  }
}

/** Sends each message by every carrier that the settings name. Nobody keeps a message for later: it would be old. */
export function sendBySite(
  device: Device,
  sends: readonly Outgoing[],
  arbiterAddress: string | null,
  effects: { push(effect: DeviceEffect): unknown },
  now: Millis,
): Device {
  const by = carriersOf(device.settings);
  let next = device;
  for (const one of sends) {
    if (by.udp) effects.push({ kind: "datagram", to: one.to === "arbiter" ? arbiterAddress : null, bytes: one.bytes });
    if (!by.mqtt || !next.online) continue;
    const sent = publish(next, { topic: topicFor(next.settings, one), payload: one.bytes, retain: false, qos: 0 }, now);
    for (const effect of sent.effects) effects.push(effect);
    next = sent.device;
  }
  return next;
}

function topicFor(settings: Settings, one: Outgoing): string {
  if (one.to !== "arbiter") return topicOf(one.kind === "report" ? "report" : "site", settings);
  const led = settings.meter !== "ours" && one.place !== METER;
  const arbiter = led ? rosterOf(settings)[one.place]?.id : undefined;
  return arbiter === undefined ? topicOf("demand", settings) : topicOf("demandTo", settings, arbiter);
}
