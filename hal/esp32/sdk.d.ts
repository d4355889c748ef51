// The modules of the Moddable SDK that the composition roots import, in the words of classes.ts.

declare module "embedded:io/pwm" {
  const PWM: import("./classes.js").PwmClass;
  export default PWM;
}
declare module "embedded:io/analog" {
  const Analog: import("./classes.js").AnalogClass;
  export default Analog;
}
declare module "embedded:io/digital" {
  const Digital: import("./classes.js").DigitalClass;
  export default Digital;
}
declare module "embedded:io/serial" {
  const Serial: import("./classes.js").SerialClass;
  export default Serial;
}
declare module "embedded:io/i2c" {
  const I2C: import("./classes.js").I2cClass;
  export default I2C;
}
declare module "embedded:io/socket/tcp" {
  const TCP: import("./classes.js").TcpClass;
  export default TCP;
}
declare module "embedded:io/socket/udp" {
  const UDP: import("./classes.js").UdpClass;
  export default UDP;
}
declare module "embedded:io/socket/listener" {
  const Listener: import("./classes.js").ListenerClass;
  export default Listener;
}
declare module "embedded:storage/flash" {
  const flash: import("./classes.js").FlashModule;
  export default flash;
}
declare module "embedded:storage/key-value" {
  const KeyValue: import("./classes.js").KeyValueModule;
  export default KeyValue;
}
declare module "wifi" {
  const WiFi: import("./classes.js").WifiClass;
  export default WiFi;
}
declare module "net" {
  const net: import("./classes.js").Net;
  export default net;
}
declare module "timer" {
  const Timer: import("./classes.js").TimerModule;
  export default Timer;
}
declare module "time" {
  const Time: { /** Signed 32 bits of milliseconds; rolls over. */ readonly ticks: number };
  export default Time;
}
declare module "worker" {
  const Worker: import("./classes.js").WorkerClass;
  export default Worker;
}
declare module "ssl/session" {
  export default class Session {
    constructor(options: {
      readonly serverName?: string;
      readonly cache: boolean;
      readonly protocolVersion: number;
    });
    certificateManager: {
      verify(chain: readonly Uint8Array[]): boolean;
      register(certificate: ArrayBuffer): void;
      getKey(certificate: ArrayBuffer): import("x509").PublicKey | import("pkcs8").PrivateKey;
      findPreferredCert(): readonly ArrayBuffer[];
    };
    readonly alert?: { readonly level: number; readonly description: number } | undefined;
    initiateHandshake(): void;
    handshake(wire: import("./classes.js").TlsWire): boolean;
    read(wire: import("./classes.js").TlsWire): Uint8Array | null | undefined;
    write(wire: import("./classes.js").TlsWire, bytes: ArrayBuffer): number;
    close(wire: import("./classes.js").TlsWire): void;
    readPacket(wire: import("./classes.js").TlsWire): ArrayBuffer | undefined;
  }
}
declare module "x509" {
  export interface Curve {
    readonly n: bigint;
  }
  export type PublicKey =
    | { readonly curve: Curve; readonly pub: unknown }
    | { readonly curve?: undefined; readonly modulus?: bigint; readonly exponent?: bigint };
  const X509: {
    /** Throws for a key of another kind, in some of the cases. */
    decodeSPKI(certificate: ArrayBuffer): PublicKey;
  };
  export default X509;
}
declare module "pkcs8" {
  export interface PrivateKey {
    readonly modulus: bigint;
    readonly privExponent: bigint;
  }
  /** RSA alone. */
  const PKCS8: { parse(key: Uint8Array): PrivateKey };
  export default PKCS8;
}
declare module "pkcs1_5" {
  export default class PKCS1_5 {
    constructor(key: import("x509").PublicKey, secret: boolean, oid: readonly number[]);
    verify(digest: ArrayBuffer, signature: ArrayBuffer): boolean;
  }
}
declare module "sdk/ecdsa" {
  export default class ECDSA {
    constructor(point: unknown, curve: import("x509").Curve, secret: boolean);
    readonly n: { readonly m: bigint };
    readonly orderSize: number;
    verify(digest: ArrayBuffer, signature: ArrayBuffer, asn1: boolean): boolean;
    _verify(digest: ArrayBuffer, r: bigint, s: bigint): boolean;
  }
}
declare module "ecdsa" {
  export { default } from "sdk/ecdsa";
}
declare module "crypt" {
  export class Digest {
    constructor(hash: string);
    process(bytes: ArrayBuffer): ArrayBuffer;
  }
}
declare module "mc/ffi" {
  const FFI: new () => import("./classes.js").Natives;
  export default FFI;
}
declare module "mc/config" {
  const config: unknown;
  export default config;
}

/** Of the device's XS machines. `self` is there in a worker alone. */
declare function trace(...words: readonly unknown[]): void;
declare const self: { postMessage(message: unknown): void; onmessage?: (message: unknown) => void };
declare module "Resource" {
  /** A file of the image, where it lies in flash. */
  const Resource: new (name: string) => ArrayBuffer;
  export default Resource;
}
