// What the pages of both devices show of what both have.

import type { Device } from "./device.js";
import type { PortalModel } from "./portal/model.js";

type Common = Pick<PortalModel, "settings" | "csrf" | "warnings" | "wifi" | "address" | "mqtt">;

export function commonModel(device: Device): Common {
  const { settings, csrf, warnings, linkUp, session, online } = device;
  const joining = settings.wifiSsid === "" ? "off" : "joining";
  return {
    settings,
    csrf,
    warnings,
    wifi: linkUp ? "joined" : joining,
    address: null,
    mqtt: session === null ? "off" : online ? "online" : "connecting",
  };
}
