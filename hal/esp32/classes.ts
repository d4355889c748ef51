// The classes and modules of the SDK as our drivers see them: what each is given, in the SDK's own words, and no more.
// The tests give twins of these.

import type { Certificate } from "./x509.js";

export interface PwmClass {
  new (options: {
    readonly pin: number;
    readonly hz: number;
    readonly resolution: number;
  }): { write(value: number): void };
}

export interface AnalogClass {
  new (options: {
    readonly pin: number;
  }): {
    /** 0 to 4095, nothing when the converter was busy. 4095 is 2450 mV at the pin. */
    read(): number | undefined;
  };
}

export interface DigitalOptions {
  readonly pin: number;
  readonly mode: number;
  readonly initialValue?: number;
  readonly edge?: number;
  onReadable?(): void;
}

export interface DigitalClass {
  new (options: DigitalOptions): { read(): number; write(value: number): void };
  readonly Input: number;
  readonly InputPullUp: number;
  readonly InputPullDown: number;
  readonly Output: number;
  readonly Rising: number;
  readonly Falling: number;
}

export interface SerialClass {
  new (options: {
    readonly port: number;
    readonly receive: number;
    readonly transmit: number;
    readonly baud: number;
    readonly format: "buffer";
    onReadable(): void;
  }): {
    /** All that lies in the FIFO, nothing when it is empty. Arms the interrupt again. */
    read(): ArrayBuffer | undefined;
    /** Throws when the FIFO (128 bytes) has no room for all of it. */
    write(bytes: ArrayBuffer): void;
  };
}

export interface I2cClass {
  new (options: {
    readonly data: number;
    readonly clock: number;
    readonly hz: number;
    readonly address: number;
  }): {
    /** Both throw when the device does not acknowledge. */
    read(count: number): ArrayBuffer;
    write(bytes: ArrayBuffer): void;
  };
}

export interface Tcp {
  /** Throws when there is nothing like so much to read. */
  read(count?: number): ArrayBuffer | undefined;
  /** Throws when it is not open, or has no room for all of it. */
  write(bytes: ArrayBuffer): void;
  close(): void;
  readonly remoteAddress: string | undefined;
}

export interface TcpEvents {
  /** How many bytes there are. */
  onReadable(count: number): void;
  /** How many bytes there is room for. */
  onWritable(room: number): void;
  onError(): void;
}

export interface TcpClass {
  new (
    options: TcpEvents &
      ({ readonly address: string; readonly port: number; readonly nodelay: boolean } | { readonly from: Tcp }),
  ): Tcp;
}

/** What an SDK's TLS session reads records from, and writes them to. */
export interface TlsWire {
  /** Bytes of the record at the front, zero while it is not whole. */
  readonly readable: number;
  writable: number;
  write(packet: Uint8Array): number;
  /** The record at the front. Throws when it has no business there. */
  next(): ArrayBuffer | undefined;
}

/** Each may throw. */
export interface TlsSession {
  initiateHandshake(): void;
  /** One record, or the answer to those before it; true at the end. */
  handshake(wire: TlsWire): boolean;
  /** Undefined: nothing more; null: the other side has ended. */
  read(wire: TlsWire): Uint8Array | null | undefined;
  write(wire: TlsWire, bytes: ArrayBuffer): number;
  close(wire: TlsWire): void;
  readonly alert?: { readonly level: number; readonly description: number } | undefined;
}

export interface TlsSettings {
  /** Told to the server; null: an address is not. */
  readonly name: string | null;
  /** The device's own, first, and those above it. */
  readonly certificates: readonly ArrayBuffer[];
  readonly key: Uint8Array | null;
  /** Asked once for the server's certificates, DER. */
  trusts(chain: readonly Uint8Array[], signed: (what: Certificate, by: Certificate) => boolean): boolean;
}

/** tls-session.ts. */
export interface TlsModule {
  /** Throws when its key cannot be read. */
  session(settings: TlsSettings): TlsSession;
  /** The authorities in the program, DER, one behind the other. */
  roots(): Uint8Array;
}

export interface ListenerClass {
  new (options: { readonly port: number; onReadable(waiting: number): void }): { read(): Tcp | undefined };
}

export interface Packet extends ArrayBuffer {
  readonly address: string;
  readonly port: number;
}

export interface UdpOptions {
  readonly port?: number;
  onReadable(packets: number): void;
}

export interface Udp {
  read(): Packet | undefined;
  /** Throws when there is no way to that address. */
  write(bytes: ArrayBuffer, address: string, port: number): void;
  /** Joins a group on each link that there is now. Throws when it cannot. */
  add(group: string): void;
  close(): void;
}

export interface UdpClass {
  new (options: UdpOptions): Udp;
}

export type WifiNotice = (message: string, reason?: number) => void;

export interface HeardStation {
  readonly ssid: string;
  readonly rssi: number;
  readonly authentication?: string;
}

export interface WifiClass {
  new (options: undefined, notice: WifiNotice): unknown;
  mode: number;
  connect(station?: { readonly ssid: string; readonly password?: string }): void;
  /** Null ends the list. Without arguments it ends a scan. */
  scan(options?: object, each?: (heard: HeardStation | null) => void): void;
  accessPoint(own: { readonly ssid: string; readonly password: string; readonly station: boolean }): void;
}

export interface Net {
  get(property: "IP", interfaceName: "station" | "ethernet"): string | undefined;
  resolve(host: string, done: (name: string, address: string | undefined) => void): void;
}

export interface Partition {
  read(count: number, offset: number): ArrayBuffer;
  write(bytes: ArrayBuffer, offset: number): void;
  eraseBlock(first: number): void;
}

export interface FlashModule {
  /** Throws when there is no such partition. */
  open(options: { readonly path: string; readonly mode?: "r" | "r+" }): Partition;
}

export interface KeyValueModule {
  /** Throws when the namespace was never written, and when the partition is damaged. */
  open(options: { readonly path: string; readonly mode: "r"; readonly format: "string" }): {
    /** Undefined when there is no such key; throws when its value is no string. */
    read(key: string): string | undefined;
    close(): void;
  };
}

/** Milliseconds; those of a timer that repeats too. */
export interface TimerModule {
  set(act: () => void, ms: number): unknown;
  repeat(act: () => void, ms: number): unknown;
}

export interface WorkerClass {
  new (
    module: string,
    creation: object,
  ): {
    postMessage(message: unknown): void;
    onmessage?: (message: unknown) => void;
  };
}

/** hal/esp32/native/board.c. */
export interface Natives {
  ievcc_watchdog_leave(): void;
  ievcc_watchdog_join(): void;
  ievcc_watchdog_feed(): void;
  ievcc_reset_reason(): string;
  ievcc_reset_words(): string;
  ievcc_restart(why: string): void;
  ievcc_random(): number;
  /** Bytes that nobody has asked for yet. */
  ievcc_free_memory(): number;
  /** Six bytes. */
  ievcc_mac(bytes: ArrayBuffer): void;
  ievcc_ethernet_start(address: number, power: number, mdc: number, mdio: number, clock: number): number;
  /** 1: there is a cable and an address. */
  ievcc_ethernet_up(): number;
}
