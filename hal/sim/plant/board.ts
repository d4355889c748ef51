// The seam between the plant (the physical world) and whatever runs the firmware on a board.
// The plant imports nothing from src: everything here is bare numbers with the unit in the name.

import type { Wish } from "./scenario-events.js";

/** The highest three and lowest three pilot samples of the last 6 ms, in falling order, in mV. */
export interface PilotWindow {
  readonly count: number;
  readonly high: readonly [number, number, number];
  readonly low: readonly [number, number, number];
}

/** Why a stream never opened. */
export type ConnectTrouble =
  | "noAddress"
  | "unreachable"
  | "expired"
  | "notYetValid"
  | "otherName"
  | "unknownCa"
  | "badCertificate"
  | "noTime"
  | "badKey"
  | "refused"
  | "handshake"
  | "silent"
  | "gone";

export type StreamEvent =
  | { what: "open" }
  | { what: "bytes"; bytes: Uint8Array }
  | { what: "closed"; why?: ConnectTrouble };

/** What a stream needs to be private; DER, null: none. */
export interface TlsOptions {
  readonly serverName: string;
  readonly ca: Uint8Array | null;
  readonly certificate: Uint8Array | null;
  readonly key: Uint8Array | null;
  /** UTC by the device, null: unknown. */
  readonly unix: number | null;
}

/** What a radio is told: the station, and the device's own access point. A join takes the place of what was joined before. */
export type RadioAct =
  | { readonly kind: "scan" }
  | { readonly kind: "join"; readonly ssid: string; readonly password: string }
  | { readonly kind: "leave" }
  | { readonly kind: "open"; readonly ssid: string; readonly password: string }
  | { readonly kind: "close" };

export type RadioEvent =
  | {
      readonly what: "scanned";
      readonly networks: readonly { readonly ssid: string; readonly rssi: number; readonly open: boolean }[];
    }
  | { readonly what: "joined"; readonly address: string }
  | { readonly what: "failed"; readonly why: "password" | "notFound" }
  | { readonly what: "lost" };

/** What a device says of itself on the local network. */
export interface Presence {
  /** Before ".local". */
  readonly host: string;
  readonly name: string;
  /** Each "key=value". */
  readonly text: readonly string[];
}

/** What a search of the local network brings. */
export interface ServiceAnswer {
  readonly service: "_mqtt._tcp" | "_secure-mqtt._tcp" | "_ievcc._tcp";
  readonly name: string;
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly text: readonly string[];
}

/** What the world does to a board; the firmware's host installs these when a machine starts. */
export interface BoardEvents {
  /** The residual-current input changed (1 ms after the fact). Charger only. */
  residual(tripped: boolean): void;
  selfTest(ok: boolean): void;
  button(pressed: boolean): void;
  /** Bytes from the PZEM bus, or from the PN532. */
  serial(port: "pzem" | "nfc", bytes: Uint8Array): void;
  /** The outgoing stream (MQTT). */
  stream(id: number, event: StreamEvent): void;
  /** Connections to the device's pages. */
  page(connection: number, event: StreamEvent): void;
  /** The network of a device that is on it by a cable, or as if it were. */
  link(up: boolean): void;
  radio(event: RadioEvent): void;
  /** A query to the name server of the device's own access point. */
  name(from: string, bytes: Uint8Array): void;
  /** Wall clock learned or jumped. */
  clock(unixS: number): void;
  /** From another device of the local network, by its name there. */
  datagram(from: string, bytes: Uint8Array): void;
  /** Somebody answered a search. */
  found(answer: ServiceAnswer): void;
}

interface Board {
  readonly id: string;
  /** Monotonic time of this device since its boot, ms (drifts by clockDriftPct). */
  uptimeMs(): number;
  /** A seed from the hardware's noise: seeded by the scenario, different for each device and boot. */
  entropy(): number;
  /** 12 hex digits. */
  readonly mac: string;
  /** The radio is its link to the network: a device out of the box. */
  readonly hasRadio: boolean;
  events: BoardEvents | null;
  serial(port: "pzem" | "nfc", bytes: Uint8Array): void;
  /** `tls` null: in the clear. */
  connect(id: number, host: string, port: number, tls: TlsOptions | null): void;
  send(id: number, bytes: Uint8Array): void;
  close(id: number): void;
  /** To one device of the local network, or with null to all others. Nobody says whether it arrived. */
  datagram(to: string | null, bytes: Uint8Array): void;
  /** To everybody on the local network; null: no more. */
  announce(as: Presence | null): void;
  /** Who announces a broker or a device like this. */
  search(): void;
  radio(act: RadioAct): void;
  /** The answer to a query of a name. */
  name(to: string, bytes: Uint8Array): void;
  pageSend(connection: number, bytes: Uint8Array): void;
  pageClose(connection: number): void;
  flash: {
    readonly sectors: number;
    readonly sectorSize: number;
    readonly pageSize: number;
    read(sector: number): Uint8Array;
    /** Both return how many ms both machines of the device stand still. */
    write(sector: number, offset: number, bytes: Uint8Array): number;
    erase(sector: number): number;
  };
  /** The firmware has run: its words may be others now. */
  ran(): void;
  log(text: string): void;
  /** Why it starts: "power", or what `restart` was told. */
  restarted(): string;
  /** Whole device: outputs go to their unpowered levels at once, machines stop, boot begins. */
  restart(why: string): void;
}

export interface ChargerBoard extends Board {
  /** Hundredths of a percent at the pin: 10000 constant +12 V, 0 constant -12 V. */
  setDuty(hundredths: number): void;
  pilot(): PilotWindow;
  setContactor(closed: boolean): void;
  contactorClosed(): boolean | null;
  temperatureDeciC(): number;
  proximityOhms(): number | null;
  testResidual(): void;
  /** Nothing has happened on the line or at the contactor for a while: whoever samples may do it less often. */
  isQuiet(): boolean;
  lamp(lamp: string, blinks: number): void;
}

export interface MeterBoard extends Board {
  text(lines: readonly string[]): void;
}

/** The firmware's own words about itself, for the timeline. */
export interface Words {
  state: string;
  mode: string;
  because: string;
  role: "arbiter" | "member" | "alone";
}

/** What the host that runs a device's firmware does for the plant. */
export interface Machines {
  /** Power is good and the boot loader done: run from fresh memory. */
  start(reason: "power" | "restart"): void;
  /** Power gone or restarting: nothing of the device runs any more. */
  stop(): void;
  /** The controller machine (the only one of a meter) stops; false: it hangs again after each restart until power-cycled. */
  hang(curedByRestart: boolean): void;
  /** The controller machine does nothing else for so long. */
  busy(ms: number): void;
  /** As if somebody had typed a person's rights on a page; gives the reason when it is refused. */
  person?(name: string, rights: Readonly<Record<string, unknown>>): string | null;
  /** As if somebody had asked for it on a page. */
  ask?(wish: Wish): void;
  /** As if a person had saved these settings; gives the reason when they are refused. */
  set(settings: Readonly<Record<string, unknown>>): string | null;
  words(): Words;
}
