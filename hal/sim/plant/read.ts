// Reading what people wrote: each reader gives a value of its type and complains with the full key when it cannot.

export interface Complaint {
  readonly key: string;
  readonly why: string;
}

/** Gives a harmless value after a complaint, so that the rest can be read too. */
export type Read<T> = (value: unknown, key: string, wrong: Complaint[]) => T;

export interface Section {
  /** A key that may be left out. */
  take<T>(name: string, read: Read<T>, otherwise: T): T;
  /** A key that must be there. */
  need<T>(name: string, read: Read<T>): T;
  has(name: string): boolean;
  path(name: string): string;
  complain(name: string, why: string): void;
  /** Complains about every key that nobody asked for; these come first, since a typing error explains what is missing. */
  done(): void;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function section(value: unknown, key: string, wrong: Complaint[]): Section {
  if (!isRecord(value)) wrong.push({ key: key === "" ? "(file)" : key, why: "must be an object" });
  const given = isRecord(value) ? value : null;
  const known = new Set<string>();
  const path = (name: string): string => (key === "" ? name : `${key}.${name}`);
  const has = (name: string): boolean => given !== null && Object.hasOwn(given, name);
  const take = <T>(name: string, read: Read<T>, otherwise: T): T => {
    known.add(name);
    return given !== null && has(name) ? read(given[name], path(name), wrong) : otherwise;
  };
  return {
    has,
    path,
    take,
    need: (name, read) => {
      known.add(name);
      if (given !== null && !has(name)) wrong.push({ key: path(name), why: "is missing" });
      return read(given?.[name], path(name), given !== null && has(name) ? wrong : []);
    },
    complain: (name, why) => {
      wrong.push({ key: path(name), why });
    },
    done: () => {
      if (given === null) return;
      const unknown = Object.keys(given).filter((name) => !known.has(name));
      wrong.unshift(...unknown.map((name) => ({ key: path(name), why: "is not a key of a scenario" })));
    },
  };
}

export function number(low: number, high: number, unit = ""): Read<number> {
  return (value, key, wrong) => {
    if (typeof value === "number" && value >= low && value <= high) return value;
    wrong.push({ key, why: `must be a number from ${low} to ${high}${unit === "" ? "" : ` ${unit}`}` });
    return low;
  };
}

export function above(low: number, high: number, unit: string): Read<number> {
  return (value, key, wrong) => {
    if (typeof value === "number" && value > low && value <= high) return value;
    wrong.push({ key, why: `must be a number above ${low} and at most ${high} ${unit}` });
    return high;
  };
}

export function whole(low: number, high: number): Read<number> {
  return (value, key, wrong) => {
    if (typeof value === "number" && Number.isInteger(value) && value >= low && value <= high) return value;
    wrong.push({ key, why: `must be a whole number from ${low} to ${high}` });
    return low;
  };
}

/** 0, or something a car can charge with. */
export const offA: Read<number> = (value, key, wrong) => {
  if (value === 0 || (typeof value === "number" && value >= 6 && value <= 80)) return value;
  wrong.push({ key, why: "must be 0, or from 6 to 80 A: a car cannot charge with less than 6 A" });
  return 0;
};

export const flag: Read<boolean> = (value, key, wrong) => {
  if (typeof value === "boolean") return value;
  wrong.push({ key, why: "must be true or false" });
  return false;
};

export function text(pattern: RegExp, what: string): Read<string> {
  return (value, key, wrong) => {
    if (typeof value === "string" && pattern.test(value)) return value;
    wrong.push({ key, why: `must be ${what}` });
    return "";
  };
}

export function oneOf<const T extends string | number>(...choices: readonly [T, ...T[]]): Read<T> {
  return (value, key, wrong) => {
    const found = choices.find((choice) => choice === value);
    if (found !== undefined) return found;
    wrong.push({ key, why: `must be one of ${choices.map((choice) => JSON.stringify(choice)).join(", ")}` });
    return choices[0];
  };
}

export function list<T>(read: Read<T>, least = 0, most = 10_000): Read<T[]> {
  return (value, key, wrong) => {
    if (!Array.isArray(value)) {
      wrong.push({ key, why: "must be a list" });
      return [];
    }
    if (value.length < least || value.length > most) wrong.push({ key, why: `must have ${least} to ${most} entries` });
    return value.map((entry: unknown, at) => read(entry, `${key}[${at}]`, wrong));
  };
}

/** Whatever it is, as long as it is an object: judged by somebody else. */
export const anything: Read<Readonly<Record<string, unknown>>> = (value, key, wrong) => {
  if (isRecord(value)) return value;
  wrong.push({ key, why: "must be an object" });
  return {};
};
