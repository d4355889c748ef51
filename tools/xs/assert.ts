// node:assert/strict as the unit tests use it, for an engine that has no Node.

class AssertionError extends Error {}

function fail(message: string | Error | undefined, otherwise: string): never {
  throw message instanceof Error ? message : new AssertionError(message ?? otherwise);
}

const shown = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
};

function isDeepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (a instanceof Map && b instanceof Map) return isDeepEqual([...a], [...b]);
  if (a instanceof Set && b instanceof Set) return isDeepEqual([...a], [...b]);
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  const [left, right]: readonly [object, object] = [a, b];
  return keys.every((key) => Object.hasOwn(right, key) && isDeepEqual(Reflect.get(left, key), Reflect.get(right, key)));
}

function ok(value: unknown, message?: string): void {
  if (!value) fail(message, `${shown(value)} is not true`);
}

export default Object.freeze(
  Object.assign((value: unknown, message?: string) => ok(value, message), {
    ok,
    equal(actual: unknown, expected: unknown, message?: string): void {
      if (!Object.is(actual, expected)) fail(message, `${shown(actual)} is not ${shown(expected)}`);
    },
    notEqual(actual: unknown, other: unknown, message?: string): void {
      if (Object.is(actual, other)) fail(message, `${shown(actual)} is what it should not be`);
    },
    deepEqual(actual: unknown, expected: unknown, message?: string): void {
      if (!isDeepEqual(actual, expected)) fail(message, `${shown(actual)} is not ${shown(expected)}`);
    },
    match(text: string, pattern: RegExp, message?: string): void {
      if (!pattern.test(text)) fail(message, `${shown(text)} does not match ${pattern}`);
    },
    doesNotMatch(text: string, pattern: RegExp, message?: string): void {
      if (pattern.test(text)) fail(message, `${shown(text)} matches ${pattern}`);
    },
    throws(act: () => unknown, expected?: RegExp | (new () => Error)): void {
      let thrown: unknown = null;
      try {
        act();
      } catch (error) {
        thrown = error;
      }
      if (thrown === null) fail(undefined, "nothing was thrown");
      const fits = expected instanceof RegExp ? expected.test(String(thrown)) : thrown instanceof (expected ?? Object);
      if (!fits) fail(undefined, `${thrown} is not what was expected`);
    },
    fail: (message?: string): never => fail(message, "failed"),
  }),
);
