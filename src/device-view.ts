// What the pages of both devices show of what both have.

import { type Device, wallClock } from "./device-state.js";
import { hostOf, isSearching } from "./found.js";
import type { PortalModel, RadioView } from "./portal/model.js";
import type { Millis } from "./units.js";
import { VERSION } from "./version.js";

type Common = Omit<PortalModel, "device" | "house" | "refusedMessages" | "tallies">;

export function commonModel(device: Device, now: Millis): Common {
  const { settings, warnings, linkUp, wifi, session, online, log, restarted, freeMemory, finding } = device;
  const byCable = settings.wifiSsid === "" ? "off" : "joining";
  return {
    settings,
    now,
    unix: wallClock(device, now),
    radio: radioView(device),
    log,
    restarted,
    freeMemory,
    version: VERSION,
    warnings,
    wifi: linkUp ? "joined" : (wifi?.station ?? byCable),
    address: wifi?.address ?? null,
    host: `${hostOf(device.ssid)}.local`,
    mqtt: session === null ? "off" : online ? "online" : "connecting",
    mqttTrouble: session?.trouble ?? null,
    found: finding === null ? null : { searching: isSearching(finding, now), list: finding.list },
  };
}

function radioView({ wifi, ssid: name, settings }: Device): RadioView | null {
  if (wifi === null) return null;
  const { accessPoint, station, address, failed, ssid, networks, scanning } = wifi;
  const password = settings.setUp ? "" : settings.accessPointPassword;
  return { accessPoint, name, password, station, address, failed, ssid, networks, scanning };
}
