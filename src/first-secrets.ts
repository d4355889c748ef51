// The passwords that a device makes for itself when nobody gave it any: another on each device, and shown at its console.

import type { DeviceEffect } from "./device-state.js";
import { drawnPassword, type Logins } from "./portal/logins.js";
import { change, type Settings } from "./settings.js";

/** The settings with a password for the pages, and one for the access point where there is a radio. */
export function withSecrets(settings: Settings, logins: Logins, radio: boolean): Settings {
  const { portalPassword, accessPointPassword } = settings;
  const pages = portalPassword === "" ? { portalPassword: drawnPassword(logins, "pages") } : {};
  const own = radio && accessPointPassword === "" ? { accessPointPassword: drawnPassword(logins, "access point") } : {};
  const missing = { ...pages, ...own };
  if (Object.keys(missing).length === 0) return settings;
  const changed = change(settings, missing);
  if (!changed.ok) throw new Error("a password of the device itself is refused");
  return changed.settings;
}

/** What the console says at boot: how to reach the access point, and until set-up is done the password of the pages. */
export function consoleWords(settings: Settings, ssid: string, radio: boolean): readonly DeviceEffect[] {
  const { accessPointPassword, portalPassword, setUp } = settings;
  const own = radio ? [`access point ${ssid}, password ${accessPointPassword}`] : [];
  const pages = setUp ? [] : [`password of the pages: ${portalPassword}`];
  return [...own, ...pages].map((text) => ({ kind: "console", text }));
}
