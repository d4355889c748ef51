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

/** CRC-16 of Modbus, a byte at a time. */
const CRC_OF_BYTE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 1 ? (sum >>> 1) ^ 0xa001 : sum >>> 1;
  return sum;
});

function crcOf(bytes: Uint8Array, count: number): number {
  let sum = 0xffff;
  for (let at = 0; at < count; at++) sum = (sum >>> 8) ^ (CRC_OF_BYTE[(sum ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return sum;
}

interface Values {
  readonly voltage: number;
  readonly milliamps: number;
  readonly energyWh: number;
}

const REQUEST_SIZE = 8;
const REPLY_SIZE = 25;

function replyOf(address: number, { voltage, milliamps, energyWh }: Values): Uint8Array {
  const reply = new Uint8Array(REPLY_SIZE);
  reply[0] = address;
  reply[1] = 4;
  reply[2] = 20;
  const power = Math.round((voltage * milliamps) / 1_000);
  let at = 3;
  const word = (value: number): void => {
    reply[at++] = value >>> 8;
    reply[at++] = value;
  };
  word(voltage);
  for (const value of [milliamps, power, energyWh]) {
    word(value & 0xffff);
    word(value >>> 16);
  }
  word(500);
  word(100);
  word(0);
  const sum = crcOf(reply, at);
  reply[at++] = sum;
  reply[at] = sum >>> 8;
  return reply;
}

export function createPzemBus(
  agenda: Agenda,
  chance: Chance,
  voltageV: number,
  modules: readonly Module[],
  reply: (bytes: Uint8Array) => void,
  replied: (address: number, amps: number) => void,
  /** Replies come in one piece, with their last byte. */
  inOnePiece = false,
): PzemBus {
  let fault: MeterFault = "ok";
  let powered = true;
  /** The last eight bytes on the line, and how many of them there are. */
  const asked = new Uint8Array(REQUEST_SIZE);
  let count = 0;
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

  function garbled(frame: Uint8Array): Uint8Array {
    const at = chance.whole(0, frame.length - 1);
    switch (chance.whole(0, 3)) {
      case 0: {
        const bytes = frame.slice();
        bytes[at] = (bytes[at] ?? 0) ^ (1 << chance.whole(0, 7));
        return bytes;
      }
      case 1:
        return frame.slice(0, at);
      case 2:
        return Uint8Array.from([...Array.from({ length: 12 }, () => chance.whole(0, 255)), ...frame.slice(0, at)]);
      default:
        return replyOf(((frame[0] ?? 1) % 247) + 1, { voltage: 2_300, milliamps: 1, energyWh: 0 });
    }
  }

  /** Some bytes of a reply, if the bus still has power then. */
  function sendIn(ms: number, bytes: Uint8Array, act: (() => void) | null): void {
    agenda.after(ms, () => {
      if (!powered) return;
      act?.();
      reply(bytes);
    });
  }

  function answer(module: Module): void {
    const values = valuesOf(module);
    shown.set(module.address, values);
    const whole = replyOf(module.address, values);
    const frame = fault === "garbage" ? garbled(whole) : whole;
    const last = chance.whole(READ_MS[0], READ_MS[1]);
    const cut = chance.whole(1, Math.max(1, frame.length - 1));
    if (!inOnePiece) sendIn(last - Math.ceil((frame.length - cut) * BYTE_MS), frame.slice(0, cut), null);
    sendIn(last, inOnePiece ? frame : frame.slice(cut), () => {
      if (fault !== "garbage") replied(module.address, values.milliamps / 1_000);
    });
  }

  function take(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (count === REQUEST_SIZE) asked.copyWithin(0, 1);
      else count++;
      asked[count - 1] = byte;
    }
  }

  return {
    write(bytes) {
      take(bytes);
      if (count < REQUEST_SIZE || !powered || fault === "silent") return;
      const good = crcOf(asked, REQUEST_SIZE - 2);
      if (asked[6] !== (good & 0xff) || asked[7] !== good >>> 8 || asked[1] !== 4) return;
      count = 0;
      const module = modules.find((one) => one.address === asked[0]);
      if (module !== undefined) answer(module);
    },
    spoil(next) {
      fault = next;
    },
    power(on) {
      powered = on;
      count = 0;
    },
  };
}
