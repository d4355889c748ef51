// What a device is made of that is neither charger nor meter: what it hears, what it asks for, and all that it remembers.

import type { FlashOp } from "./boot-count.js";
import type { Finding, Presence, ServiceAnswer } from "./found.js";
import type { Announcement } from "./home-assistant.js";
import type { Session } from "./mqtt-session.js";
import type { ChargerAct } from "./portal/acts.js";
import type { Asked, Connections, PageEffect, StreamEvent } from "./portal/connections.js";
import type { Logins } from "./portal/logins.js";
import type { LogLine } from "./portal/model.js";
import type { Settings } from "./settings.js";
import type { Store } from "./settings-store.js";
import type { DeviceKind } from "./topics.js";
import type { TlsWish } from "./trust.js";
import { type Millis, minus, type UnixSeconds, unixSeconds } from "./units.js";
import type { RadioEvent, Wifi, WifiEffect } from "./wifi.js";

export type { StreamEvent };

export type DeviceEvent =
  | { readonly kind: "tick" }
  | { readonly kind: "stream"; readonly id: number; readonly event: StreamEvent }
  | { readonly kind: "page"; readonly connection: number; readonly event: StreamEvent }
  /** That was asked for. */
  | { readonly kind: "sector"; readonly sector: number; readonly bytes: Uint8Array }
  /** Of a cable. */
  | { readonly kind: "link"; readonly up: boolean }
  | { readonly kind: "radio"; readonly event: RadioEvent }
  /** A query to the name server of the device's own access point, UDP port 53. */
  | { readonly kind: "name"; readonly from: string; readonly bytes: Uint8Array }
  /** Its button was held: whoever did is at the device. */
  | { readonly kind: "called" }
  /** Somebody on the local network answered a search; anybody may. */
  | { readonly kind: "found"; readonly answer: ServiceAnswer }
  | { readonly kind: "clock"; readonly unix: UnixSeconds }
  /** Bytes that the chip has left. */
  | { readonly kind: "memory"; readonly free: number }
  /** From another device of the local network; `from` is its address. */
  | { readonly kind: "datagram"; readonly from: string; readonly bytes: Uint8Array }
  /** Some settings were changed at the device itself: by its button, its console, or by what it found out. */
  | { readonly kind: "set"; readonly patch: unknown };

/** What the radio is told. */
export type RadioAct =
  | Exclude<WifiEffect, { readonly kind: "accessPoint" }>
  /** WPA2; in place of the one that is open, if any. */
  | { readonly kind: "open"; readonly ssid: string; readonly password: string }
  | { readonly kind: "close" };

export type DeviceEffect =
  | {
      readonly kind: "connect";
      readonly id: number;
      readonly host: string;
      readonly port: number;
      /** Null: in the clear. */
      readonly tls?: TlsWish | null;
    }
  | { readonly kind: "send"; readonly id: number; readonly bytes: Uint8Array }
  | { readonly kind: "close"; readonly id: number }
  /** To an address, or with null to everybody on the local network. */
  | { readonly kind: "datagram"; readonly to: string | null; readonly bytes: Uint8Array }
  | { readonly kind: "radio"; readonly act: RadioAct }
  /** The answer to a query of a name. */
  | { readonly kind: "name"; readonly to: string; readonly bytes: Uint8Array }
  | PageEffect
  | FlashOp
  /** Once all that was asked of the flash before is done; it comes as an event. */
  | { readonly kind: "read"; readonly sector: number }
  /** Somebody wants to see what the board measures: at most once a second. */
  | { readonly kind: "look" }
  /** Tell the local network that this device is there, in place of what it was told before; null: there is no network. */
  | { readonly kind: "announce"; readonly as: Presence | null }
  /** For SEARCH_TIME, who announces one of SERVICES; one that runs goes on. */
  | { readonly kind: "search" }
  | { readonly kind: "log"; readonly text: string }
  /** For whoever has the device's console in hand, and for no page, no broker and no log: passwords. */
  | { readonly kind: "console"; readonly text: string }
  /** Once all that was asked of the flash before is done. */
  | { readonly kind: "restart"; readonly why: string };

/** What came of a step for whoever composes the device. */
export type Outcome =
  | Received
  /** The broker has what was published to the topic with QoS 1. */
  | { readonly kind: "delivered"; readonly topic: string }
  /** A page asked for what the device itself does not know. */
  | { readonly kind: "asked"; readonly act: ChargerAct };

/** What a broker brought. */
export interface Received {
  readonly kind: "message";
  readonly topic: string;
  readonly payload: Uint8Array;
  /** It lay at the broker: nobody knows since when. */
  readonly retained: boolean;
}

export interface Device {
  readonly kind: DeviceKind;
  readonly settings: Settings;
  readonly store: Store;
  readonly pageSize: number;
  /** Settings changed and not yet in flash: no sector had room, or an erase would have to wait. */
  readonly unsaved: boolean;
  readonly session: Session | null;
  readonly online: boolean;
  readonly linkUp: boolean;
  readonly cableUp: boolean;
  /** Null: a board without a radio, or one that does not use it. */
  readonly wifi: Wifi | null;
  /** The hardware's address, 12 hex digits. */
  readonly mac: string;
  readonly announcement: Announcement;
  /** Name of its access point. */
  readonly ssid: string;
  /** `told`: by the network, and not by somebody's phone. */
  readonly clock: { readonly unix: UnixSeconds; readonly at: Millis; readonly told: boolean } | null;
  readonly connections: Connections;
  /** By a browser, and not answered yet. */
  readonly asked: Asked | null;
  readonly logins: Logins;
  readonly seed: number;
  readonly warnings: readonly string[];
  readonly log: readonly LogLine[];
  /** Why it last started. */
  readonly restarted: string;
  /** When what the board measures was last asked for, null: never. */
  readonly lookedAt: Millis | null;
  /** Bytes that the chip had left then; null where nobody says. */
  readonly freeMemory: number | null;
  /** What announces itself on the local network; null: nobody has looked lately. */
  readonly finding: Finding | null;
  /** Somebody wants it to restart; not before `at`, and with no contactor closed. */
  readonly restart: Restart | null;
}

/** Wall clock now, null while nobody has told it. */
export const wallClock = ({ clock }: Device, now: Millis): UnixSeconds | null =>
  clock === null ? null : unixSeconds(clock.unix + Math.floor(minus(now, clock.at) / 1_000));

export interface Restart {
  readonly why: string;
  readonly at: Millis;
  /** The settings go, and it is as from the factory. */
  readonly forgets: boolean;
}

export interface Boot {
  readonly sectors: readonly Uint8Array[];
  readonly pageSize: number;
  /** From the hardware's noise, another at each boot; others may see it. */
  readonly entropy: number;
  /** Likewise, at least 64 bits of it in whole numbers of 32, and it never leaves the device. */
  readonly secret: readonly number[];
  /** The hardware's address, 12 hex digits. */
  readonly mac: string;
  /** The board's radio is its link to the network. */
  readonly radio: boolean;
  /** Why the device starts: "power", "watchdog", "controller machine silent", the words of a bug; English. */
  readonly restarted: string;
  /** What the device is when nothing is stored yet. */
  readonly initial: Settings;
  /** The format of the site's messages that is spoken. */
  readonly format: number;
}

export interface DeviceBoot extends Boot {
  readonly kind: DeviceKind;
}
