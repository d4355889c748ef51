// PZEM-004T v3 modules on one 9600 baud bus: what each measures late and as a mean, how it answers, and how it fails.
// Frames and CRC are written here again on purpose: the plant shares nothing with the firmware.

import type { Agenda } from "./agenda.js";
import type { Chance } from "./chance.js";
import type { Flow } from "./flow.js";

export type MeterFault = "ok" | "silent" | "stuck" | "garbage" | "zero";

export interface Module {
  readonly address: number;
  /** Current through the module's coil; it measures the magnitude only. */
  readonly flow: Flow;
}

export interface PzemBus {
  write(bytes: Uint8Array): void;
  spoil(fault: MeterFault): void;
  /** A module has no memory of what was said to it while it was dark. */
  power(on: boolean): void;
}

/** What a module shows is the mean of what flowed from 2.55 to 1.2 s before it was asked: with a read of 107-126 ms a load
 *  shows after 1.3 s and is whole after 2.7 s. */
const WINDOW_FROM = 2_550;
const WINDOW_TO = 1_200;
const READ_MS = [107, 126] as const;
const BYTE_MS = 26 / 25;

function crc(bytes: readonly number[]): readonly number[] {
  let sum = 0xffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 1 ? (sum >>> 1) ^ 0xa001 : sum >>> 1;
  }
  return [sum & 0xff, sum >>> 8];
}

interface Values {
  readonly voltage: number;
  readonly milliamps: number;
  readonly energyWh: number;
}

function replyOf(address: number, { voltage, milliamps, energyWh }: Values): number[] {
  const power = Math.round((voltage * milliamps) / 1_000);
  const words = [
    voltage,
    milliamps & 0xffff,
    milliamps >>> 16,
    power & 0xffff,
    power >>> 16,
    energyWh & 0xffff,
    energyWh >>> 16,
    500,
    100,
    0,
  ];
  const body = [address, 4, 20, ...words.flatMap((word) => [word >>> 8, word & 0xff])];
  return [...body, ...crc(body)];
}

export function createPzemBus(
  agenda: Agenda,
  chance: Chance,
  voltageV: number,
  modules: readonly Module[],
  reply: (bytes: Uint8Array) => void,
  replied: (address: number, amps: number) => void,
): PzemBus {
  let fault: MeterFault = "ok";
  let powered = true;
  let asked: number[] = [];
  const frozen = new Map<number, Values>();
  const shown = new Map<number, Values>();

  function measure(module: Module): Values {
    const now = agenda.now();
    const amps = Math.abs(module.flow.mean(now - WINDOW_FROM, now - WINDOW_TO));
    const exact = Math.round(amps * 1_000);
    const values: Values = {
      voltage: Math.round(voltageV * 10) + chance.whole(-1, 1),
      // Below its starting current a module shows nothing.
      milliamps: exact < 20 ? 0 : exact + chance.whole(-1, 1),
      energyWh: Math.floor((Math.abs(module.flow.total()) * voltageV) / 3_600_000),
    };
    return values;
  }

  function valuesOf(module: Module): Values {
    if (fault === "stuck") {
      const held = frozen.get(module.address) ?? shown.get(module.address) ?? measure(module);
      frozen.set(module.address, held);
      return held;
    }
    frozen.clear();
    return fault === "zero" ? { voltage: 0, milliamps: 0, energyWh: 0 } : measure(module);
  }

  function garbled(frame: readonly number[]): number[] {
    const bytes = [...frame];
    const at = chance.whole(0, bytes.length - 1);
    switch (chance.whole(0, 3)) {
      case 0:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.whole(0, 7));
        return bytes;
      case 1:
        return bytes.slice(0, at);
      case 2:
        return [...Array.from({ length: 12 }, () => chance.whole(0, 255)), ...bytes.slice(0, at)];
      default:
        return replyOf(((bytes[0] ?? 1) % 247) + 1, { voltage: 2_300, milliamps: 1, energyWh: 0 });
    }
  }

  function answer(module: Module): void {
    const values = valuesOf(module);
    shown.set(module.address, values);
    const whole = replyOf(module.address, values);
    const frame = fault === "garbage" ? garbled(whole) : whole;
    const last = chance.whole(READ_MS[0], READ_MS[1]);
    const cut = chance.whole(1, Math.max(1, frame.length - 1));
    const send = (bytes: readonly number[], inMs: number, act: () => void): void => {
      agenda.after(inMs, () => {
        if (!powered) return;
        act();
        reply(Uint8Array.from(bytes));
      });
    };
    send(frame.slice(0, cut), last - Math.ceil((frame.length - cut) * BYTE_MS), () => undefined);
    send(frame.slice(cut), last, () => {
      if (fault !== "garbage") replied(module.address, values.milliamps / 1_000);
    });
  }

  return {
    write(bytes) {
      asked = [...asked, ...bytes].slice(-8);
      if (asked.length < 8 || !powered || fault === "silent") return;
      const [address = 0, code = 0] = asked;
      const good = crc(asked.slice(0, 6));
      if (asked[6] !== good[0] || asked[7] !== good[1] || code !== 4) return;
      asked = [];
      const module = modules.find((one) => one.address === address);
      if (module !== undefined) answer(module);
    },
    spoil(next) {
      fault = next;
    },
    power(on) {
      powered = on;
      asked = [];
    },
  };
}
