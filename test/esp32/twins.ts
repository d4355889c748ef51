// Twins of the SDK's classes, with what they do wrong on a chip: a FIFO that loses and an interrupt that must be armed
// again, a bus that nobody acknowledges, notices in any order.

import type {
  AnalogClass,
  DigitalClass,
  DigitalOptions,
  I2cClass,
  KeyValueModule,
  Packet,
  PwmClass,
  SerialClass,
  Tcp,
  TcpEvents,
  TimerModule,
  UdpClass,
  UdpOptions,
} from "../../hal/esp32/classes.js";

/** Virtual time, and the SDK's timers in it. */
export function twinTimers() {
  let now = 0;
  const due: { at: number; act: () => void; every: number | null }[] = [];
  const add = (act: () => void, ms: number, every: number | null): void => {
    due.push({ at: now + ms, act, every });
  };
  const Timer: TimerModule = {
    set: (act, ms) => add(act, ms, null),
    repeat: (act, ms) => add(act, ms, ms),
  };
  return {
    Timer,
    now: () => now,
    pass(ms: number): void {
      const until = now + ms;
      for (;;) {
        const next = due.filter((one) => one.at <= until).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        due.splice(due.indexOf(next), 1);
        now = next.at;
        if (next.every !== null) add(next.act, next.every, next.every);
        next.act();
      }
      now = until;
    },
  };
}

export function twinPwm() {
  const written: number[] = [];
  const options: unknown[] = [];
  const PWM: PwmClass = class {
    constructor(given: { readonly pin: number; readonly hz: number; readonly resolution: number }) {
      options.push(given);
    }
    write(value: number): void {
      if (value < 0 || value > 16_383) throw new RangeError("invalid value");
      written.push(value);
    }
  };
  return { PWM, written, options };
}

/** `levels` gives what each pin reads; nothing when the converter is busy. */
export function twinAnalog(levels: (pin: number) => number | undefined): AnalogClass {
  return class {
    constructor(private readonly options: { readonly pin: number }) {}
    read(): number | undefined {
      return levels(this.options.pin);
    }
  };
}

/** Pins by their numbers; a level that changes is told to whoever asked for edges, when `deliver` is called. */
export function twinDigital() {
  const levels = new Map<number, number>();
  const edges = new Map<number, () => void>();
  const writes: [pin: number, value: number][] = [];
  class Digital {
    static readonly Input = 0;
    static readonly InputPullUp = 1;
    static readonly InputPullDown = 2;
    static readonly Output = 8;
    static readonly Rising = 1;
    static readonly Falling = 2;
    constructor(private readonly options: DigitalOptions) {
      if (options.initialValue !== undefined) this.write(options.initialValue);
      if (options.mode === Digital.InputPullUp && !levels.has(options.pin)) levels.set(options.pin, 1);
      const { onReadable } = options;
      if (onReadable !== undefined) edges.set(options.pin, () => onReadable());
    }
    read(): number {
      return levels.get(this.options.pin) ?? 0;
    }
    write(value: number): void {
      levels.set(this.options.pin, value);
      writes.push([this.options.pin, value]);
    }
  }
  const typed: DigitalClass = Digital;
  return { Digital: typed, levels, writes, deliver: (pin: number) => edges.get(pin)?.() };
}

const FIFO = 128;

/** The UART: 128 bytes, and one event until somebody reads. */
export function twinSerial() {
  let fifo: number[] = [];
  let armed = true;
  let event = (): void => undefined;
  const sent: Uint8Array[] = [];
  let room = FIFO;
  const Serial: SerialClass = class {
    constructor(options: { onReadable(): void }) {
      event = () => options.onReadable();
    }
    read(): ArrayBuffer | undefined {
      armed = true;
      if (fifo.length === 0) return undefined;
      const bytes = Uint8Array.from(fifo);
      fifo = [];
      return bytes.buffer;
    }
    write(bytes: ArrayBuffer): void {
      if (bytes.byteLength > room) throw new Error("output full");
      sent.push(new Uint8Array(bytes.slice(0)));
    }
  };
  return {
    Serial,
    sent,
    setRoom(bytes: number): void {
      room = bytes;
    },
    /** Bytes on the wire; what finds the FIFO full is lost. `tells` false: the event is lost as well. */
    receive(bytes: readonly number[], tells = true): void {
      for (const byte of bytes) if (fifo.length < FIFO) fifo.push(byte);
      if (!armed) return;
      armed = false;
      if (tells) event();
    },
  };
}

/** `device` answers a read of so many bytes; null is no acknowledgement. */
export function twinI2c(device: {
  read(count: number): readonly number[] | null;
  write(bytes: Uint8Array): boolean;
}): I2cClass {
  return class {
    read(count: number): ArrayBuffer {
      const bytes = device.read(count);
      if (bytes === null) throw new Error("read failed");
      return Uint8Array.from(bytes).buffer;
    }
    write(bytes: ArrayBuffer): void {
      if (!device.write(new Uint8Array(bytes))) throw new Error("write failed");
    }
  };
}

/** A socket whose other side is the test's. */
export class TwinTcp implements Tcp {
  readonly remoteAddress = "10.0.0.2";
  readonly written: number[] = [];
  private readonly incoming: number[] = [];
  room = 0;
  closed = false;
  constructor(readonly events: TcpEvents) {}
  read(count = this.incoming.length): ArrayBuffer | undefined {
    if (this.incoming.length === 0) return undefined;
    if (count > this.incoming.length) throw new Error("invalid");
    return Uint8Array.from(this.incoming.splice(0, count)).buffer;
  }
  write(bytes: ArrayBuffer): void {
    if (bytes.byteLength > this.room) throw new Error("would block");
    this.room -= bytes.byteLength;
    this.written.push(...new Uint8Array(bytes));
  }
  close(): void {
    this.closed = true;
  }
  /** The other side takes so many bytes. */
  takes(bytes: number): void {
    this.room = bytes;
    this.events.onWritable(bytes);
  }
  says(text: string): void {
    this.brings([...new TextEncoder().encode(text)]);
  }
  brings(bytes: readonly number[]): void {
    this.incoming.push(...bytes);
    this.events.onReadable(this.incoming.length);
  }
}

interface TwinSocket {
  readonly port: number | undefined;
  readonly sent: [address: string, port: number, bytes: number[]][];
  hear(address: string, port: number, bytes: readonly number[], tells?: boolean): void;
  reachable: boolean;
  readonly groups: string[];
  closed: boolean;
}

export function twinUdp() {
  const sockets: TwinSocket[] = [];
  const UDP: UdpClass = class {
    private readonly packets: Packet[] = [];
    private readonly mine: TwinSocket;
    constructor(options: UdpOptions) {
      const { packets } = this;
      const tell = (): void => options.onReadable(packets.length);
      this.mine = {
        port: options.port,
        sent: [],
        reachable: true,
        groups: [],
        closed: false,
        hear(address: string, port: number, bytes: readonly number[], tells = true): void {
          packets.push(Object.assign(Uint8Array.from(bytes).buffer, { address, port }));
          if (tells) tell();
        },
      };
      sockets.push(this.mine);
    }
    read(): Packet | undefined {
      return this.packets.shift();
    }
    write(bytes: ArrayBuffer, address: string, port: number): void {
      if (!this.mine.reachable) throw new Error("UDP send failed");
      this.mine.sent.push([address, port, [...new Uint8Array(bytes)]]);
    }
    add(group: string): void {
      if (!this.mine.reachable) throw new Error("no link");
      this.mine.groups.push(group);
    }
    close(): void {
      this.mine.closed = true;
      this.packets.length = 0;
    }
  };
  return { UDP, sockets };
}

/** The NVS as the SDK shows it: texts by "namespace/key". A namespace that nobody has written cannot be opened to read. */
export function twinKeyValue(values: Readonly<Record<string, unknown>>): KeyValueModule {
  return {
    open({ path }) {
      const known = Object.keys(values).some((name) => name.startsWith(`${path}/`));
      if (!known) throw new Error("ESP_ERR_NVS_NOT_FOUND");
      return {
        read(key) {
          const value = values[`${path}/${key}`];
          if (value !== undefined && typeof value !== "string") throw new TypeError("mismatch");
          return value;
        },
        close: () => undefined,
      };
    },
  };
}
