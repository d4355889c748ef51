// A device's radio beside its settings and its link: what the pure step of wifi.ts says becomes acts, words and a link.

import type { Device, DeviceEffect } from "./device-state.js";
import { answerName } from "./dns.js";
import { frozen } from "./frozen.js";
import { ACCESS_POINT_ADDRESS } from "./portal/captive.js";
import type { Settings } from "./settings.js";
import type { Millis } from "./units.js";
import { type JoinRefusal, stepWifi, type Wifi, type WifiEffect, type WifiEvent } from "./wifi.js";

/** Name of the access point of a device with this hardware address: its last four digits are on the label too. */
export const accessPointName = (mac: string): string => `IEVCC-${mac.slice(-4).toUpperCase()}`;

const WHY: Readonly<Record<JoinRefusal, string>> = frozen({
  password: "its password is another",
  notFound: "it cannot be heard",
  noAddress: "it gave no address",
  refused: "it refuses this device",
});

/** `device` has the settings of now. Its link follows by the caller. */
export function stepRadio(device: Device, event: WifiEvent, effects: DeviceEffect[], now: Millis): Device {
  if (device.wifi === null) return device;
  const { wifi, effects: acts } = stepWifi(device.wifi, event, device.settings, now);
  for (const act of acts) effects.push(...actOf(act, device));
  const words = wordsOn(device.wifi, wifi);
  if (words !== null) effects.push({ kind: "log", text: words });
  return wifi === device.wifi ? device : { ...device, wifi };
}

function actOf(act: WifiEffect, device: Device): readonly DeviceEffect[] {
  if (act.kind !== "accessPoint") return [{ kind: "radio", act }];
  if (act.open) return [openAccessPoint(device), { kind: "log", text: `access point ${device.ssid} is open` }];
  return [
    { kind: "radio", act: { kind: "close" } },
    { kind: "log", text: `access point ${device.ssid} is closed` },
  ];
}

const openAccessPoint = ({ ssid, settings }: Device): DeviceEffect => ({
  kind: "radio",
  act: { kind: "open", ssid, password: settings.accessPointPassword },
});

/** An open access point with the password that was changed. */
export function reopenedAccessPoint(device: Device, before: Settings): readonly DeviceEffect[] {
  const changed = device.settings.accessPointPassword !== before.accessPointPassword;
  return changed && device.wifi?.accessPoint === true ? [openAccessPoint(device)] : [];
}

function wordsOn(before: Wifi, after: Wifi): string | null {
  if (after.station === "joined" && before.station !== "joined") return `joined ${after.ssid} as ${after.address}`;
  if (after.station !== "joined" && before.station === "joined") return `left ${before.ssid}`;
  if (after.failed !== null && after.failed !== before.failed) return `cannot join ${after.ssid}: ${WHY[after.failed]}`;
  return null;
}

/** Every name is here, for whoever is on the access point. */
export function answeredName(device: Device, from: string, query: Uint8Array): readonly DeviceEffect[] {
  if (device.wifi?.accessPoint !== true) return [];
  const bytes = answerName(query, ACCESS_POINT_ADDRESS);
  return bytes === null ? [] : [{ kind: "name", to: from, bytes }];
}
