// The radio as a pure step: the house's Wi-Fi as a station, and the device's own access point for whoever sets it up.
// It knows no page and no socket. A board on a cable has a link without this.

import { frozen } from "./frozen.js";
import type { Settings } from "./settings.js";
import { type Millis, millis, minus, plus } from "./units.js";

export interface Network {
  readonly ssid: string;
  /** dBm; -50 is near, -85 is hardly there. */
  readonly rssi: number;
  readonly open: boolean;
}

export type JoinRefusal = "password" | "notFound" | "noAddress" | "refused";

export type RadioEvent =
  | { readonly what: "scanned"; readonly networks: readonly Network[] }
  | { readonly what: "joined"; readonly address: string }
  | { readonly what: "failed"; readonly why: JoinRefusal }
  | { readonly what: "lost" };

export type WifiEvent =
  | { readonly kind: "tick" }
  | { readonly kind: "radio"; readonly event: RadioEvent }
  /** Somebody wants to see what is there. */
  | { readonly kind: "scan" }
  /** The button was held: whoever did is at the device, and may set it up. */
  | { readonly kind: "called" };

export type WifiEffect =
  | { readonly kind: "scan" }
  /** In place of whatever was joined or tried before. */
  | { readonly kind: "join"; readonly ssid: string; readonly password: string }
  | { readonly kind: "leave" }
  | { readonly kind: "accessPoint"; readonly open: boolean };

export interface Wifi {
  /** What the radio was told to join; empty: nothing. */
  readonly ssid: string;
  readonly password: string;
  readonly station: "off" | "joining" | "joined";
  readonly address: string | null;
  /** Why the last try failed, until one does not. */
  readonly failed: JoinRefusal | null;
  /** Since the station was last joined. */
  readonly tries: number;
  /** While joining: when it is tried again, whatever the radio says or does not say until then. */
  readonly tryAt: Millis;
  /** Since when there is no house Wi-Fi, though one is set. */
  readonly aloneSince: Millis;
  readonly calledAt: Millis | null;
  readonly accessPoint: boolean;
  /** Since when nobody needs the open access point any more, and the house's Wi-Fi is joined; null otherwise. */
  readonly spareSince: Millis | null;
  readonly networks: readonly Network[];
  readonly scanning: boolean;
  readonly scanAt: Millis;
}

/** A retry each so often, twice as long each time. */
const FIRST_RETRY = 2_000;
const LAST_RETRY = 60_000;
/** A radio that says nothing for so long is told again. Association, keys and DHCP take a few seconds, in a bad place 15. */
const JOIN_LIMIT: Millis = millis(30_000);
/** All 13 channels at 120 ms each take 2 s. */
const SCAN_LIMIT: Millis = millis(15_000);
/** So long without the house's Wi-Fi, and the device can be reached by itself again. */
const ALONE: Millis = millis(180_000);
/** So long the access point stays open when nobody needs it any more, for the page that says so. */
const FAREWELL: Millis = millis(60_000);
const CALLED: Millis = millis(600_000);
const NETWORKS_LIMIT = 16;
/** No radio brings more; a list from a radio that does is not sorted whole. */
const HEARD_LIMIT = 64;

export const startWifi = (now: Millis): Wifi => ({
  ssid: "",
  password: "",
  station: "off",
  address: null,
  failed: null,
  tries: 0,
  tryAt: now,
  aloneSince: now,
  calledAt: null,
  accessPoint: false,
  spareSince: null,
  networks: frozen([]),
  scanning: false,
  scanAt: now,
});

export type WifiSettings = Pick<Settings, "wifiSsid" | "wifiPassword" | "member" | "setUp">;

export function stepWifi(
  wifi: Wifi,
  event: WifiEvent,
  settings: WifiSettings,
  now: Millis,
): { readonly wifi: Wifi; readonly effects: readonly WifiEffect[] } {
  const effects: WifiEffect[] = [];
  const heard = hear(wifi, event, effects, now);
  const led = follow(heard, settings, effects, now);
  return { wifi: openOrClose(led, settings, effects, now), effects };
}

function hear(wifi: Wifi, event: WifiEvent, effects: WifiEffect[], now: Millis): Wifi {
  switch (event.kind) {
    case "tick":
      return wifi.scanning && minus(now, wifi.scanAt) >= SCAN_LIMIT ? { ...wifi, scanning: false } : wifi;
    case "called":
      return { ...wifi, calledAt: now };
    case "scan":
      if (wifi.scanning) return wifi;
      effects.push({ kind: "scan" });
      return { ...wifi, scanning: true, scanAt: now };
    case "radio":
      return onRadio(wifi, event.event, now);
  }
}

function onRadio(wifi: Wifi, event: RadioEvent, now: Millis): Wifi {
  switch (event.what) {
    case "scanned":
      return { ...wifi, scanning: false, networks: strongest(event.networks) };
    case "joined":
      if (wifi.station !== "joining") return wifi;
      return { ...wifi, station: "joined", address: event.address, failed: null, tries: 0 };
    case "failed":
      return wifi.station === "joining"
        ? { ...wifi, failed: event.why, tryAt: plus(now, waitAfter(wifi.tries)) }
        : wifi;
    case "lost":
      return wifi.station === "joined"
        ? { ...wifi, station: "joining", address: null, aloneSince: now, tryAt: now }
        : wifi;
  }
}

const waitAfter = (tries: number): Millis =>
  millis(Math.min(LAST_RETRY, FIRST_RETRY * 2 ** Math.min(Math.max(tries - 1, 0), 5)));

/** One line for each name, the nearest of its stations; the nearest first. */
function strongest(networks: readonly Network[]): readonly Network[] {
  const named = networks.slice(0, HEARD_LIMIT).filter((one) => one.ssid !== "");
  const sorted = named.sort((a, b) => b.rssi - a.rssi);
  const names = sorted.map((one) => one.ssid);
  return sorted.filter((one, index) => names.indexOf(one.ssid) === index).slice(0, NETWORKS_LIMIT);
}

/** The station does what the settings say; a change is tried at once. */
function follow(wifi: Wifi, settings: WifiSettings, effects: WifiEffect[], now: Millis): Wifi {
  const { wifiSsid: ssid, wifiPassword: password } = settings;
  if (ssid !== wifi.ssid || password !== wifi.password) {
    if (ssid === "") effects.push({ kind: "leave" });
    const station = ssid === "" ? "off" : "joining";
    const fresh: Wifi = { ...startWifi(now), ...keptOf(wifi), ssid, password, station };
    return ssid === "" ? fresh : join(fresh, effects, now);
  }
  return wifi.station === "joining" && now >= wifi.tryAt ? join(wifi, effects, now) : wifi;
}

const keptOf = ({ accessPoint, spareSince, networks, scanning, scanAt, calledAt }: Wifi) => ({
  accessPoint,
  spareSince,
  networks,
  scanning,
  scanAt,
  calledAt,
});

function join(wifi: Wifi, effects: WifiEffect[], now: Millis): Wifi {
  effects.push({ kind: "join", ssid: wifi.ssid, password: wifi.password });
  return { ...wifi, tries: wifi.tries + 1, tryAt: plus(now, JOIN_LIMIT) };
}

/** Does somebody need the device's own access point? Until it is set up, on a trip, without a house Wi-Fi, when it has been
 *  alone for minutes, and for a while after its button was held. */
function isNeeded(wifi: Wifi, { member, setUp }: WifiSettings, now: Millis): boolean {
  if (!setUp || !member || wifi.ssid === "") return true;
  if (wifi.calledAt !== null && minus(now, wifi.calledAt) < CALLED) return true;
  return wifi.station !== "joined" && minus(now, wifi.aloneSince) >= ALONE;
}

function openOrClose(wifi: Wifi, settings: WifiSettings, effects: WifiEffect[], now: Millis): Wifi {
  const needed = isNeeded(wifi, settings, now);
  // Whoever is alone closes nothing: the next minutes would open it again.
  const spare = !needed && wifi.accessPoint && wifi.station === "joined";
  const spareSince = spare ? (wifi.spareSince ?? now) : null;
  const leaves = spareSince !== null && minus(now, spareSince) >= FAREWELL;
  const open = needed || (wifi.accessPoint && !leaves);
  if (open !== wifi.accessPoint) effects.push({ kind: "accessPoint", open });
  const same = open === wifi.accessPoint && spareSince === wifi.spareSince;
  return same ? wifi : { ...wifi, accessPoint: open, spareSince: open ? spareSince : null };
}
