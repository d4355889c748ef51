// Wi-Fi: the SDK's notices, in whatever order they come, as the events of src/wifi.ts. When to join and when to open the
// access point is decided there.

import type { RadioAct } from "../../src/device-state.js";
import type { JoinRefusal, Network, RadioEvent } from "../../src/wifi.js";
import type { HeardStation, Net, TimerModule, WifiClass } from "./classes.js";

const STATION = 1;
const BOTH = 3;
/** The SDK's number for "the password is another". */
const WRONG_PASSWORD = -1;
/** Associated, and no address by then: the network gives none. */
const ADDRESS_LIMIT_MS = 20_000;
const OPEN_AGAIN_MS = 5_000;
const HEARD_LIMIT = 64;
const ADDRESS_NONE = "0.0.0.0";

export interface Radio {
  act(act: RadioAct): void;
}

export function radioOf(
  sdk: { readonly WiFi: WifiClass; readonly net: Net; readonly Timer: TimerModule },
  told: (event: RadioEvent) => void,
): Radio {
  const { WiFi, net, Timer } = sdk;
  let station: "off" | "joining" | "joined" = "off";
  /** The access point of the network that is joined or tried has let us in. */
  let associated = false;
  /** We have left a network, and its notice of that may still come. */
  let leaving = false;
  let attempt = 0;
  let heard: Network[] | null = null;
  let own: Extract<RadioAct, { readonly kind: "open" }> | null = null;

  function begin(next: "off" | "joining"): void {
    leaving = associated || station === "joined";
    station = next;
    associated = false;
    attempt++;
  }

  function failed(why: JoinRefusal): void {
    station = "off";
    told({ what: "failed", why });
  }

  function joined(): void {
    const address = net.get("IP", "station");
    if (station !== "joining" || address === undefined || address === ADDRESS_NONE) return;
    station = "joined";
    associated = true;
    leaving = false;
    told({ what: "joined", address });
  }

  function waitForAddress(): void {
    if (station !== "joining") return;
    leaving = false;
    associated = true;
    const mine = attempt;
    Timer.set(() => {
      if (mine === attempt && station === "joining") failed("noAddress");
    }, ADDRESS_LIMIT_MS);
  }

  function disconnected(reason: number | undefined): void {
    if (leaving) {
      leaving = false;
      return;
    }
    associated = false;
    if (station === "joined") {
      station = "off";
      told({ what: "lost" });
    } else if (station === "joining") {
      failed(reason === WRONG_PASSWORD ? "password" : "notFound");
    }
  }

  function notice(message: string, reason?: number): void {
    switch (message) {
      case "connect":
        return waitForAddress();
      case "gotIP":
        return joined();
      case "disconnect":
        return disconnected(reason);
    }
  }

  function scan(): void {
    try {
      if (heard !== null) WiFi.scan();
      const list: Network[] = [];
      heard = list;
      WiFi.scan({}, (one) => {
        if (one !== null) return note(list, one);
        if (heard === list) heard = null;
        told({ what: "scanned", networks: list });
      });
    } catch {
      heard = null;
      told({ what: "scanned", networks: [] });
    }
  }

  function act(act: RadioAct): void {
    switch (act.kind) {
      case "scan":
        return scan();
      case "join":
        begin("joining");
        return join(act.ssid, act.password);
      case "leave":
        begin("off");
        return WiFi.connect();
      case "open":
        own = act;
        return open();
      case "close":
        own = null;
        WiFi.mode = STATION;
        return;
    }
  }

  /** Nobody waits for an access point: one that does not open is tried again until it does. */
  function open(): void {
    if (own === null) return;
    try {
      WiFi.accessPoint({ ssid: own.ssid, password: own.password, station: true });
    } catch {
      Timer.set(open, OPEN_AGAIN_MS);
    }
  }

  function join(ssid: string, password: string): void {
    try {
      WiFi.connect(password === "" ? { ssid } : { ssid, password });
    } catch {
      failed("refused");
    }
  }

  WiFi.mode = BOTH;
  new WiFi(undefined, notice);
  return { act };
}

function note(list: Network[], { ssid, rssi, authentication }: HeardStation): void {
  if (list.length < HEARD_LIMIT) list.push({ ssid, rssi, open: authentication === "none" });
}
