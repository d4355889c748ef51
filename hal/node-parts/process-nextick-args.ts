// Later in the same turn; mqtt-packet asks for it on corked streams only, which ours are not.

export function nextTick(act: (...details: readonly unknown[]) => void, ...details: readonly unknown[]): void {
  void Promise.resolve().then(() => act(...details));
}
