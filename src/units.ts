// The units of the project as types, and the only place where a bare number becomes one.
// It knows no rule of charging; whoever calls a constructor says the unit by its name.

declare const unit: unique symbol;
export type Unit<Name extends string> = number & { readonly [unit]: Name };

/** Tenths of an ampere: offers, limits, shares. 60 = 6.0 A. */
export type Deciamps = Unit<"dA">;
/** Amperes in 0.1 A steps, as people type them: settings only. 6.3 = 6.3 A. */
export type Amps = Unit<"A">;
/** Measured draw. 1000 = 1 A. */
export type Milliamps = Unit<"mA">;
export type Decivolts = Unit<"dV">;
export type Deciwatts = Unit<"dW">;
export type Watts = Unit<"W">;
export type WattHours = Unit<"Wh">;
/** Monotonic time since boot, or a length of it. Never wraps. */
export type Millis = Unit<"ms">;
/** Wall clock, whole seconds since 1970. */
export type UnixSeconds = Unit<"s">;
/** Hundredths of a percent of the pilot's period. 10000 = constant +12 V, 0 = constant -12 V. */
export type Duty = Unit<"duty">;
export type PilotMillivolts = Unit<"pilot mV">;
export type Ohms = Unit<"ohm">;
/** Tenths of a degree Celsius. */
export type Decicelsius = Unit<"d°C">;

function whole<U extends Unit<string>>(name: string, value: number): U {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${name} must be a whole number, not ${value}`);
  return value as U;
}

/** Each constructor takes a whole number in its unit and throws RangeError for any other: a fraction here is a bug. */
export const deciamps = (value: number): Deciamps => whole("deciamps", value);
export const milliamps = (value: number): Milliamps => whole("milliamps", value);
export const decivolts = (value: number): Decivolts => whole("decivolts", value);
export const deciwatts = (value: number): Deciwatts => whole("deciwatts", value);
export const watts = (value: number): Watts => whole("watts", value);
export const wattHours = (value: number): WattHours => whole("watt-hours", value);
export const millis = (value: number): Millis => whole("milliseconds", value);
export const unixSeconds = (value: number): UnixSeconds => whole("seconds", value);
export const duty = (value: number): Duty => whole("duty", value);
export const pilotMillivolts = (value: number): PilotMillivolts => whole("pilot millivolts", value);
export const ohms = (value: number): Ohms => whole("ohms", value);
export const decicelsius = (value: number): Decicelsius => whole("tenths of a degree", value);

/** Sum, difference, smaller and larger of two values of one unit, in that unit. */
export const plus = <U extends Unit<string>>(a: U, b: NoInfer<U>): U => (a + b) as U;
export const minus = <U extends Unit<string>>(a: U, b: NoInfer<U>): U => (a - b) as U;
export const lower = <U extends Unit<string>>(a: U, b: NoInfer<U>): U => (a < b ? a : b);
export const higher = <U extends Unit<string>>(a: U, b: NoInfer<U>): U => (a > b ? a : b);

/** Amperes as people and JSON write them, rounded down to 0.1 A: a limit is never read as more than was meant. */
export const fromAmps = (amps: number): Deciamps => deciamps(Math.floor(amps * 10 + 1e-6));
/** Amperes as typed, brought to the nearest 0.1 A; throws RangeError for a value between two steps. */
export function amps(value: number): Amps {
  const steps = Math.round(value * 10);
  if (!(Math.abs(value * 10 - steps) < 1e-6)) throw new RangeError(`amps must come in steps of 0.1, not ${value}`);
  return (steps / 10) as Amps;
}
/** Amperes for people and JSON: 0.1 A steps, exact. */
export const toAmps = (value: Deciamps): number => value / 10;
/** Draw in 0.1 A, rounded up: what a car may be drawing at the most. */
export const drawAtMost = (draw: Milliamps): Deciamps => deciamps(Math.ceil(draw / 100));
/** Draw in 0.1 A, rounded down: what a car draws at the least. */
export const drawAtLeast = (draw: Milliamps): Deciamps => deciamps(Math.floor(draw / 100));
