// What somebody asked a device to do by its pages, beside changing settings. Whoever holds the device does it.

import type { Millis } from "../units.js";

export type PortalAct =
  /** Look what Wi-Fi is there. */
  | { readonly kind: "scan" }
  /** Measure what the diagnostics page shows. */
  | { readonly kind: "look" }
  /** A password was typed; `to`: the page that was wanted, a path of this device. */
  | { readonly kind: "login"; readonly typed: string; readonly to: string }
  | { readonly kind: "logout" }
  /** The time of somebody's phone; local time is so many minutes ahead of UTC. */
  | { readonly kind: "clock"; readonly unix: number; readonly offsetMinutes: number }
  | { readonly kind: "restart" }
  | { readonly kind: "factoryReset" }
  /** Make a key for a new site from the hardware's noise, and keep it as the setting siteKey, 32 hex digits. */
  | { readonly kind: "newSiteKey" };

/** Why a login was not let in. `wait`: so long nothing that is typed will be looked at; 0: try again. */
export interface LoginRefusal {
  readonly why: "wrong" | "wait";
  readonly wait: Millis;
}
