// Faults that V8 forgives and the device does not, one a function; test/xs.test.ts looks at what is said about each.

const flash = Object.freeze([1, 2, 3]);
const kept: object[] = [];

export const works = (value: number): number => value + 1;

export function patchesPrototype(): void {
  Object.assign(Date.prototype, { toString: () => "now" });
}
export function extendsBuiltIn(): void {
  Object.assign(Array, { last: (list: readonly unknown[]) => list.at(-1) });
}
export function shadowsName(): void {
  const named: Record<string, unknown> = {};
  named.toString = () => "named";
}
export function callsNewMethod(): number {
  const list: readonly number[] & { toSorted(): readonly number[] } = Object([3, 1, 2]);
  return list.toSorted().length;
}
export function usesTimeout(): void {
  setTimeout(() => undefined, 1);
}
export function usesBuffer(): unknown {
  return Buffer.from([1]);
}
// XS drops the caller of a call in tail position from the stack, so the last two do something with what they get.
export function writesFlash(): number {
  return JSON.stringify({ flash }).length;
}
export function throwsInCallback(): void {
  [1].forEach(() => {
    throw new Error("the callback threw");
  });
}
export function growsList(turn: number): void {
  kept.push({ turn, text: `number ${turn}` });
}
export function leaksKeys(turn: number): void {
  kept[0] = { [`name ${turn}`]: turn };
}
export function losesPromise(): void {
  void Promise.reject(new Error("nobody waits for me"));
}
export function recurses(): number {
  return recurses() + 1;
}
export function spins(): void {
  for (;;) kept.length = 0;
}
export function allocates(): Uint8Array {
  return new Uint8Array(100_000);
}
