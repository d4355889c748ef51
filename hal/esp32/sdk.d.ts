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
declare module "embedded:network/dnssd" {
  const DNSSD: import("./classes.js").DnssdClass;
  export default DNSSD;
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
