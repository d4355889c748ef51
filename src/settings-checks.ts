// Checks that turn one value that somebody typed into a setting, or say in words why not. They know no setting by name.
// What a check goes by stands frozen in it: a parameter that is kept would take a place in the device's RAM.

import { frozen } from "./frozen.js";
import { type Amps, amps } from "./units.js";

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };
export type Check<T> = (value: unknown) => Checked<T>;

export const good = <T>(value: T): Checked<T> => ({ ok: true, value });
export const bad = (why: string): { readonly ok: false; readonly why: string } => ({ ok: false, why });

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A list of unknowns, where Array.isArray alone would give a list of anything. */
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** Plain values, lists and records, compared by what they hold. By a list of what is still to be looked at: rules within a
 *  plan within a tariff lie deep, and the device's stack is short. */
export function sameValue(a: unknown, b: unknown): boolean {
  const pairs: (readonly [unknown, unknown])[] = [[a, b]];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [one, other] = pair;
    if (Object.is(one, other)) continue;
    if (isList(one) && isList(other)) {
      if (one.length !== other.length) return false;
      for (let at = 0; at < one.length; at++) pairs.push([one[at], other[at]]);
    } else {
      if (!isRecord(one) || !isRecord(other)) return false;
      const names = Object.keys(one);
      if (names.length !== Object.keys(other).length) return false;
      for (const name of names) pairs.push([one[name], other[name]]);
    }
  }
  return true;
}

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);

export const yesNo: Check<boolean> = (value) =>
  typeof value === "boolean" ? good(value) : bad("must be true or false");

export const oneOf = <T extends string | number>(...given: readonly T[]): Check<T> => {
  const choices = frozen(given);
  return (value) => {
    const found = choices.find((choice) => choice === value);
    return found === undefined ? bad(`must be one of ${choices.join(", ")}`) : good(found);
  };
};

export const whole = (from: number, to: number): Check<number> => {
  const [least, most] = [from, to];
  return (value) =>
    isNumber(value) && Number.isInteger(value) && value >= least && value <= most
      ? good(value)
      : bad(`must be a whole number from ${least} to ${most}`);
};

export const between = (from: number, to: number): Check<number> => {
  const [least, most] = [from, to];
  return (value) =>
    isNumber(value) && value >= least && value <= most ? good(value) : bad(`must be from ${least} to ${most}`);
};

/** A current in steps of 0.1 A. */
export const current = (from: number, to: number): Check<Amps> => {
  const [least, most] = [from, to];
  return (value) => {
    if (!isNumber(value) || value < least || value > most) return bad(`must be from ${least} to ${most} A`);
    return Math.abs(value * 10 - Math.round(value * 10)) < 1e-6 ? good(amps(value)) : bad("must be in steps of 0.1 A");
  };
};

export const orElse =
  <A, B>(special: Check<A>, usual: Check<B>): Check<A | B> =>
  (value) => {
    const first = special(value);
    return first.ok ? first : usual(value);
  };

export const exactly =
  <T extends number | null>(wanted: T): Check<T> =>
  (value) =>
    value === wanted ? good(wanted) : bad(`must be ${wanted}`);

/** Text of bounded length that fits a pattern; `words` says in the refusal what is allowed. The value is never repeated. */
export const text = (from: number, to: number, allowed: RegExp, words: string): Check<string> => {
  const [least, most, pattern, why] = [from, to, allowed, words];
  return (value) =>
    typeof value === "string" && value.length >= least && value.length <= most && pattern.test(value)
      ? good(value)
      : bad(why);
};

/** A list of bounded length, each of whose entries passes; the first that does not is named by its place. */
export const listOf =
  <T>(least: number, most: number, check: Check<T>): Check<readonly T[]> =>
  (value) => {
    if (!isList(value) || value.length < least || value.length > most) {
      return bad(`must be a list of ${least} to ${most}`);
    }
    const list: T[] = [];
    // By its places: an iterator takes places of the device's short stack.
    for (let place = 0; place < value.length; place++) {
      const checked = check(value[place]);
      if (!checked.ok) return bad(`number ${place + 1} ${checked.why}`);
      list.push(checked.value);
    }
    return good(Object.freeze(list));
  };

/** Passes a checked value on to a further check of the same type. */
export const andThen =
  <T>(check: Check<T>, further: (value: T) => Checked<T>): Check<T> =>
  (value) => {
    const checked = check(value);
    return checked.ok ? further(checked.value) : checked;
  };
