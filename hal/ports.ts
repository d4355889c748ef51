// What the programs of the firmware ask of the world, in their own words. hal/sim and hal/esp32 each give all of it.
// Facts come in as events (src/evse.ts, src/controller.ts, src/meter-node.ts); these are the acts and the readings.

import type { Decicelsius, Duty, Ohms, PilotMillivolts, UnixSeconds } from "../src/units.js";

type Three<T> = readonly [T, T, T];

/** The three highest and the three lowest of the samples that fell into the last window, each in falling order;
 *  `count` is how many samples there were at all (the rest of a short list repeats its last value). */
export interface PilotSamples {
  readonly count: number;
  readonly high: Three<PilotMillivolts>;
  readonly low: Three<PilotMillivolts>;
}

export interface PilotPort {
  write(duty: Duty): void;
  /** Samples of the window that just ended: at least 5 periods of 1 kHz, within 8 ms. */
  sample(): PilotSamples;
}

export interface ContactorPort {
  set(closed: boolean): void;
  /** Where the main contacts are, null on a board without feedback. */
  closed(): boolean | null;
}

/** Slow inputs of the charger's board. */
export interface BoardPort {
  temperature(): Decicelsius;
  /** Resistance at the proximity contact, null with an open line. */
  proximity(): Ohms | null;
  /** Starts the self-test of the residual-current device; its answer comes as an event. */
  testResidual(): void;
}

export interface SerialPort {
  write(bytes: Uint8Array): void;
}

/** What a stream needs to be private. Certificates are DER, several one behind the other. */
export interface TlsOptions {
  /** That the server's certificate must be for: a DNS name, or an IPv4 address as 192.168.1.2. */
  readonly serverName: string;
  /** Whose certificates are trusted; null: the authorities in the program. A server's own certificate here pins it. */
  readonly ca: Uint8Array | null;
  /** The device's own, with those that signed it behind it; null: it has none. */
  readonly certificate: Uint8Array | null;
  /** Its RSA key, PKCS #8. */
  readonly key: Uint8Array | null;
  /** The time now, null: unknown, and then no certificate is believed. */
  readonly unix: UnixSeconds | null;
}

/** Why the certificates of a server are not believed. */
export type ChainTrouble = "expired" | "notYetValid" | "otherName" | "unknownCa" | "badCertificate";

/** Why a connection never opened. */
export type ConnectTrouble =
  | ChainTrouble
  /** Nobody knows the host's name. */
  | "noAddress"
  /** Nothing listens there, or no way leads there. */
  | "unreachable"
  /** The device does not know the time yet. */
  | "noTime"
  /** The device's own certificate or key cannot be read; its key must be RSA. */
  | "badKey"
  /** The server does not believe the device's certificate, or asks for one and there is none. */
  | "refused"
  /** Something answers that speaks no TLS 1.2 with the ciphers of the device, or not by the rules. */
  | "handshake"
  /** No end of the handshake within its time. */
  | "silent"
  /** This device was built without TLS. */
  | "noTls"
  /** What the settings say is stored for TLS is not there. */
  | "gone";

/** What a stream tells; the end of one that never opened says why where it is known. */
export type StreamNews =
  | { readonly what: "open" }
  | { readonly what: "bytes"; readonly bytes: Uint8Array }
  | { readonly what: "closed"; readonly why?: ConnectTrouble };

/** One outgoing byte stream (MQTT). Bytes, opening and end come as events that carry `id`. */
export interface StreamPort {
  /** `tls` null or missing: in the clear. */
  connect(id: number, host: string, port: number, tls?: TlsOptions | null): void;
  send(id: number, bytes: Uint8Array): void;
  close(id: number): void;
}

/** Connections that others opened to the device's pages. */
export interface ListenerPort {
  send(connection: number, bytes: Uint8Array): void;
  close(connection: number): void;
}

/** What can be heard: rssi in dBm, -50 is near. */
export interface HeardNetwork {
  readonly ssid: string;
  readonly rssi: number;
  readonly open: boolean;
}

/** The radio, as a station and as the device's own access point at once. Its events (src/wifi.ts) carry what was heard, and
 *  whether the last join succeeded; none comes of a join that another one has followed. */
export interface RadioPort {
  scan(): void;
  /** In place of what was joined or tried before; answered by one event within 30 s. */
  join(ssid: string, password: string): void;
  leave(): void;
  /** WPA2, address 192.168.4.1, DHCP from .2 on; null closes it. */
  accessPoint(own: { readonly ssid: string; readonly password: string } | null): void;
}

/** UDP port 53 of the access point; queries come as events with the address they come from. */
export interface NamePort {
  answer(to: string, bytes: Uint8Array): void;
}

/** Flash as sectors: an erase sets a sector to FF, a write may only clear bits and is at most one page. */
export interface StoragePort {
  readonly sectors: number;
  readonly sectorSize: number;
  readonly pageSize: number;
  read(sector: number): Uint8Array;
  write(sector: number, offset: number, bytes: Uint8Array): void;
  erase(sector: number): void;
}

export type Lamp = "off" | "green" | "blue" | "red" | "blinking-blue" | "blinking-red";

export interface PanelPort {
  lamp(lamp: Lamp, blinks: number): void;
  /** Lines of the OLED, top first; each at most 21 characters. */
  text(lines: readonly string[]): void;
}

export interface DevicePort {
  log(text: string): void;
  /** To the serial console alone: passwords. */
  console(text: string): void;
  /** Restarts the whole device; does not return to the program. */
  restart(why: string): void;
}
