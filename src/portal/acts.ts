// What somebody asked a device to do by its pages, beside changing settings. Whoever holds the device does it.

import type { PersonRights } from "../people.js";
import type { OneShot } from "../schedule.js";
import type { Report } from "../statement.js";
import type { TrustKind } from "../trust.js";
import type { Millis } from "../units.js";

export type PortalAct =
  /** Look what Wi-Fi is there. */
  | { readonly kind: "scan" }
  /** Find who announces a broker or a meter on the local network. */
  | { readonly kind: "search" }
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
  | { readonly kind: "newSiteKey" }
  /** Make a token for programs from the hardware's noise, and keep it as the setting apiToken, 32 hex digits. */
  | { readonly kind: "newApiToken" }
  /** Keep these for TLS, at most TRUST_LIMIT bytes of DER, in place of what is kept; none: forget it. */
  | { readonly kind: "certificates"; readonly of: TrustKind; readonly parts: readonly Uint8Array[] }
  | ChargerAct;

/** What only a charger does. */
export type ChargerAct =
  /** Changes a person, or with id 0 adds one; "byName": whoever has the name, and adds one where nobody has. */
  | { readonly kind: "person"; readonly id: number | "byName"; readonly person: PersonRights }
  | { readonly kind: "removePerson"; readonly id: number }
  /** The next card that is presented is this person's; 0: nobody waits for a card any more. */
  | { readonly kind: "enrol"; readonly id: number }
  /** What somebody asked of the schedule for once; each part that is left out stays. */
  | { readonly kind: "shot"; readonly shot: Partial<OneShot> }
  /** The rest of an answer that was begun on this connection. */
  | { readonly kind: "report"; readonly connection: number; readonly report: Report };

export const isOfCharger = (act: PortalAct): act is ChargerAct =>
  act.kind === "person" ||
  act.kind === "removePerson" ||
  act.kind === "enrol" ||
  act.kind === "shot" ||
  act.kind === "report";

/** Why a login was not let in. `wait`: so long nothing that is typed will be looked at; 0: try again. */
export interface LoginRefusal {
  readonly why: "wrong" | "wait";
  readonly wait: Millis;
}
