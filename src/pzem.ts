// PZEM-004T v3: the read request and its reply. Register table of the maker's manual, ranges as printed there.
// It knows no bus and no time (src/pzem-bus.ts does).

import { frozen } from "./frozen.js";
import { crcFits, withCrc } from "./modbus.js";
import {
  type Decivolts,
  type Deciwatts,
  decivolts,
  deciwatts,
  type Milliamps,
  milliamps,
  type WattHours,
  wattHours,
} from "./units.js";

export interface PzemReading {
  readonly ok: true;
  readonly address: number;
  readonly voltage: Decivolts;
  readonly current: Milliamps;
  readonly power: Deciwatts;
  readonly energy: WattHours;
  /** 0.1 Hz. */
  readonly frequency: number;
  /** 0.01. */
  readonly powerFactor: number;
  readonly alarm: boolean;
}

export type PzemRefusal = "short" | "long" | "badCrc" | "wrongFunction" | "exception" | "range";
export type PzemReply = PzemReading | { readonly ok: false; readonly why: PzemRefusal };

const READ_INPUT = 0x04;
const EXCEPTION = 0x80;
const REGISTERS = 10;
export const REPLY_LENGTH = 5 + 2 * REGISTERS;

/** Reads all ten input registers of one module. Address 1-247. */
export const readRequest = (address: number): Uint8Array => withCrc([address, READ_INPUT, 0, 0, 0, REGISTERS]);

/** A reply frame as a reading, or why it is none. A frame with a good CRC is told by what it says, another by its
 *  length; values outside the module's ranges (all zeros is a known defect) are no reading. */
export function decodeReply(bytes: Uint8Array): PzemReply {
  const refused = crcFits(bytes) ? refusalOf(bytes) : lengthRefusal(bytes.length);
  if (refused !== null) return { ok: false, why: refused };
  const registers = new DataView(bytes.buffer, bytes.byteOffset + 3, 2 * REGISTERS);
  const word = (register: number): number => registers.getUint16(2 * register);
  const long = (register: number): number => word(register) + word(register + 1) * 0x1_0000;
  const [voltage, current, power, energy, frequency, powerFactor] = [
    word(0),
    long(1),
    long(3),
    long(5),
    word(7),
    word(8),
  ];
  if (!inRange({ voltage, current, power, energy, frequency, powerFactor })) return { ok: false, why: "range" };
  return {
    ok: true,
    address: bytes[0] ?? 0,
    voltage: decivolts(voltage),
    current: milliamps(current),
    power: deciwatts(power),
    energy: wattHours(energy),
    frequency,
    powerFactor,
    alarm: word(9) === 0xffff,
  };
}

function refusalOf(bytes: Uint8Array): PzemRefusal | null {
  const code = bytes[1] ?? 0;
  if (code & EXCEPTION) return "exception";
  if (code !== READ_INPUT) return "wrongFunction";
  if (bytes.length !== REPLY_LENGTH) return bytes.length < REPLY_LENGTH ? "short" : "long";
  return bytes[2] === 2 * REGISTERS ? null : "range";
}

function lengthRefusal(length: number): PzemRefusal {
  if (length === REPLY_LENGTH) return "badCrc";
  return length < REPLY_LENGTH ? "short" : "long";
}

/** Above its 100 A a module reads too little rather than too much: what it says then is still the best that is known of a
 *  line that is overfull, and silence would let the chargers go on for a lease. */
const RANGES = frozen({
  voltage: [800, 2_600],
  current: [0, 650_000],
  power: [0, 1_700_000],
  energy: [0, 9_999_990],
  frequency: [450, 650],
  powerFactor: [0, 100],
} as const);

function inRange(values: Record<keyof typeof RANGES, number>): boolean {
  const within = (name: keyof typeof RANGES): boolean =>
    values[name] >= RANGES[name][0] && values[name] <= RANGES[name][1];
  return (
    within("voltage") &&
    within("current") &&
    within("power") &&
    within("energy") &&
    within("frequency") &&
    within("powerFactor")
  );
}
