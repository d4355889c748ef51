// What mqtt-packet uses of Node's EventEmitter. An "error" that nobody listens to is thrown, as Node's is.

type Listener = (...details: readonly unknown[]) => void;

export class EventEmitter {
  readonly listeners = new Map<string, Listener[]>();

  on(name: string, listener: Listener): this {
    const known = this.listeners.get(name);
    if (known === undefined) this.listeners.set(name, [listener]);
    else known.push(listener);
    return this;
  }
  emit(name: string, ...details: readonly unknown[]): boolean {
    const listeners = this.listeners.get(name) ?? [];
    if (listeners.length === 0 && name === "error") throw details[0];
    for (const listener of [...listeners]) listener(...details);
    return listeners.length > 0;
  }
}
