// The radio of a device that is out of the box: the Wi-Fi of the house and of its neighbours as a station finds them, and the
// device's own access point. Other devices of a scenario are on the network from the start and have none.

import type { Agenda } from "./agenda.js";
import type { RadioAct, RadioEvent } from "./board.js";

interface Station {
  readonly ssid: string;
  /** It does not say its name. */
  readonly hidden: boolean;
  /** null: open to all. */
  readonly password: string | null;
  readonly rssi: number;
  /** It is the site's own network. */
  readonly home: boolean;
}

/** What can be heard in the garage. */
export const AROUND: readonly Station[] = Object.freeze([
  { ssid: "Casa", hidden: false, password: "sun-and-rain", rssi: -58, home: true },
  { ssid: "Casa", hidden: false, password: "sun-and-rain", rssi: -79, home: true },
  { ssid: "Casa-quintal", hidden: true, password: "sun-and-rain", rssi: -71, home: true },
  { ssid: "Vizinhos 2.4", hidden: false, password: "nobody-knows-it", rssi: -83, home: false },
]);

const SCAN_MS = 2_000;
const JOIN_MS = 2_500;
const WRONG_PASSWORD_MS = 4_000;
const NOT_FOUND_MS = 3_000;

export interface Radio {
  act(act: RadioAct): void;
  /** The house's Wi-Fi comes or goes. */
  link(up: boolean): void;
  /** No power, or a restart. */
  cut(): void;
  joined(): boolean;
  accessPoint(): boolean;
}

/** `hear` takes what the radio says to its firmware, `changed` follows whether it is on the site's network. */
export function createRadio(
  agenda: Agenda,
  address: string,
  hear: (event: RadioEvent) => void,
  changed: (joined: boolean) => void,
): Radio {
  let joined = false;
  let accessPoint = false;
  let houseUp = true;
  /** Counts what the station was told: an answer to what was asked before is none. */
  let turn = 0;
  let scans = 0;

  function setJoined(next: boolean): void {
    if (next === joined) return;
    joined = next;
    changed(joined);
  }

  function drop(): number {
    setJoined(false);
    return ++turn;
  }

  const heardNow = (): readonly Station[] => AROUND.filter((one) => houseUp || !one.home);

  function scan(): void {
    const asked = ++scans;
    agenda.after(SCAN_MS, () => {
      if (asked !== scans) return;
      const networks = heardNow().map(({ ssid, hidden, rssi, password }) => ({
        ssid: hidden ? "" : ssid,
        rssi,
        open: password === null,
      }));
      hear({ what: "scanned", networks });
    });
  }

  function join(ssid: string, password: string): void {
    const mine = drop();
    const later = (ms: number, act: () => void): void =>
      void agenda.after(ms, () => {
        if (mine === turn) act();
      });
    const found = heardNow().find((one) => one.ssid === ssid);
    if (found === undefined) return later(NOT_FOUND_MS, () => hear({ what: "failed", why: "notFound" }));
    if (found.password !== null && found.password !== password) {
      return later(WRONG_PASSWORD_MS, () => hear({ what: "failed", why: "password" }));
    }
    later(JOIN_MS, () => {
      setJoined(found.home);
      hear({ what: "joined", address });
    });
  }

  return {
    act(act) {
      switch (act.kind) {
        case "scan":
          return scan();
        case "join":
          return join(act.ssid, act.password);
        case "leave":
          drop();
          return;
        case "open":
          accessPoint = true;
          return;
        case "close":
          accessPoint = false;
          return;
      }
    },
    link(up) {
      houseUp = up;
      if (up || !joined) return;
      drop();
      hear({ what: "lost" });
    },
    cut() {
      drop();
      scans++;
      accessPoint = false;
    },
    joined: () => joined,
    accessPoint: () => accessPoint,
  };
}
