// One sample of what the meter has read, for emoncms and InfluxDB, in as few bytes as flash can hold a day of. It knows no
// queue, no server and no clock.

import { frozen } from "./frozen.js";
import type { PzemReading } from "./pzem.js";
import type { BusAnswer } from "./pzem-bus.js";
import type { Pzem, Settings } from "./settings.js";
import { decivolts, deciwatts, type Milliamps, milliamps, wattHours } from "./units.js";

/** What a module measures, and where. */
export type Place = Pick<Pzem, "role" | "phase">;

/** What the bits of a record stand for: which modules there are, in their order, and on how many phases. */
export interface FeedLayout {
  readonly phases: 1 | 3;
  readonly places: readonly Place[];
}

export type FeedValues = Omit<PzemReading, "ok" | "address" | "alarm">;

export interface FeedSample {
  /** Seconds since 1970; since boot while nobody knows the time. */
  readonly time: number;
  /** In the order of the places; null: it did not answer. */
  readonly values: readonly (FeedValues | null)[];
  /** Per phase, what the house takes without the cars; null: unknown. */
  readonly load: readonly (Milliamps | null)[];
}

export const feedLayout = ({ phases, pzems }: Settings): FeedLayout => ({
  phases,
  places: pzems.map(({ role, phase }) => ({ role, phase })),
});

/** Bits of each value, within the ranges that pzem.ts lets pass: voltage from 80.0 V on (0: no answer), current, power,
 *  energy, frequency from 45.0 Hz on, power factor. */
const [VOLTAGE, CURRENT, POWER, ENERGY, FREQUENCY, FACTOR] = [11, 20, 21, 24, 8, 7];
const LEAST_VOLTAGE = 800;
const LEAST_FREQUENCY = 450;
const TIME = 32;
const LOAD_MOST = 2 ** CURRENT - 2;

/** Bytes of one record: 18 for one module, 46 for three on three phases, 80 for six. */
export function recordSize({ phases, places }: FeedLayout): number {
  const module = VOLTAGE + CURRENT + POWER + ENERGY + FREQUENCY + FACTOR;
  return Math.ceil((TIME + module * places.length + CURRENT * phases) / 8);
}

/** Values of any number of bits up to 32, one behind the other. */
function bitsIn(bytes: Uint8Array, start: number) {
  let at = start * 8;
  return {
    put(value: number, count: number): void {
      for (let left = count; left > 0; ) {
        const room = 8 - (at % 8);
        const now = Math.min(room, left);
        const part = Math.floor(value / 2 ** (left - now)) % 2 ** now;
        bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (part << (room - now));
        at += now;
        left -= now;
      }
    },
    take(count: number): number {
      let value = 0;
      for (let left = count; left > 0; ) {
        const room = 8 - (at % 8);
        const now = Math.min(room, left);
        value = value * 2 ** now + (((bytes[at >> 3] ?? 0) >> (room - now)) & (2 ** now - 1));
        at += now;
        left -= now;
      }
      return value;
    },
  };
}

/** The record of a sample; what the house takes is cut off at 1,048.574 A. */
export function encodeSample(layout: FeedLayout, { time, values, load }: FeedSample): Uint8Array {
  const bytes = new Uint8Array(recordSize(layout));
  const { put } = bitsIn(bytes, 0);
  put(time, TIME);
  for (const [at] of layout.places.entries()) {
    const one = values[at] ?? null;
    put(one === null ? 0 : one.voltage - LEAST_VOLTAGE + 1, VOLTAGE);
    put(one?.current ?? 0, CURRENT);
    put(one?.power ?? 0, POWER);
    put(one?.energy ?? 0, ENERGY);
    put(one === null ? 0 : one.frequency - LEAST_FREQUENCY, FREQUENCY);
    put(one?.powerFactor ?? 0, FACTOR);
  }
  for (let phase = 0; phase < layout.phases; phase++) {
    const taken = load[phase] ?? null;
    put(taken === null ? 0 : Math.min(Math.max(0, taken), LOAD_MOST) + 1, CURRENT);
  }
  return bytes;
}

/** The sample whose record begins there. */
export function decodeSample(layout: FeedLayout, bytes: Uint8Array, start: number): FeedSample {
  const { take } = bitsIn(bytes, start);
  const time = take(TIME);
  const values = layout.places.map((): FeedValues | null => {
    const voltage = take(VOLTAGE);
    const one = {
      voltage: decivolts(voltage - 1 + LEAST_VOLTAGE),
      current: milliamps(take(CURRENT)),
      power: deciwatts(take(POWER)),
      energy: wattHours(take(ENERGY)),
      frequency: take(FREQUENCY) + LEAST_FREQUENCY,
      powerFactor: take(FACTOR),
    };
    return voltage === 0 ? null : one;
  });
  const load = Array.from({ length: layout.phases }, () => {
    const taken = take(CURRENT);
    return taken === 0 ? null : milliamps(taken - 1);
  });
  return { time, values, load };
}

/** The time of a record alone. */
export const timeAt = (bytes: Uint8Array, start: number): number =>
  new DataView(bytes.buffer, bytes.byteOffset + start, 4).getUint32(0);

/** Dates a record anew, in place. */
export const setTime = (bytes: Uint8Array, start: number, time: number): void =>
  new DataView(bytes.buffer, bytes.byteOffset + start, 4).setUint32(0, time);

/** What the modules have answered in a round; null: none of them did. */
export function sampleFrom(
  time: number,
  answers: readonly BusAnswer[],
  load: readonly Milliamps[] | null,
): FeedSample | null {
  const values = answers.map((one) => (one.ok ? one : null));
  return values.some((one) => one !== null) ? { time, values, load: load ?? [] } : null;
}

const ROLES = frozen(["house", "grid", "solar"] as const);

/** Each place in four bits, six of them; nothing is 15. */
export function encodePlaces(places: readonly Place[]): readonly number[] {
  const nibble = (at: number): number => {
    const one = places[at];
    return one === undefined ? 15 : ROLES.indexOf(one.role) * 4 + one.phase;
  };
  return [0, 2, 4].map((at) => nibble(at) * 16 + nibble(at + 1));
}

/** Null: these are none. */
export function decodePlaces(bytes: Uint8Array): readonly Place[] | null {
  const places: Place[] = [];
  for (let at = 0; at < 6; at++) {
    const nibble = ((bytes[at >> 1] ?? 0xff) >> (at % 2 === 0 ? 4 : 0)) & 15;
    if (nibble === 15) break;
    const role = ROLES[nibble >> 2];
    const phase = nibble & 3;
    if (role === undefined || phase === 0) return null;
    places.push({ role, phase });
  }
  return places.length === 0 ? null : places;
}
