// The plant's time: acts in order of their time, and of their making within a millisecond. Virtual, or driven by a clock.

export interface Handle {
  cancelled: boolean;
}

interface Entry extends Handle {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

export interface Agenda {
  /** Whole milliseconds since the beginning. */
  now(): number;
  at(ms: number, act: () => void): Handle;
  after(ms: number, act: () => void): Handle;
  /** Does all that is due until then, and moves the time there. */
  run(untilMs: number): void;
  /** Called each time before the time moves on: all of a millisecond is over. */
  onAdvance(act: () => void): void;
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

export function createAgenda(): Agenda {
  const heap: Entry[] = [];
  let now = 0;
  let made = 0;
  let beforeAdvance = (): void => undefined;

  function push(entry: Entry): void {
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || before(above, entry)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  function pop(): Entry | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const a = heap[left];
      if (a === undefined) break;
      const b = heap[left + 1];
      const smaller = b !== undefined && before(b, a) ? b : a;
      if (before(last, smaller)) break;
      heap[index] = smaller;
      index = smaller === a ? left : left + 1;
    }
    heap[index] = last;
    return first;
  }

  const at = (ms: number, act: () => void): Handle => {
    const entry: Entry = { at: Math.max(now, Math.round(ms)), order: made++, act, cancelled: false };
    push(entry);
    return entry;
  };
  return {
    now: () => now,
    at,
    after: (ms, act) => at(now + ms, act),
    run(untilMs) {
      while (heap[0] !== undefined && heap[0].at <= untilMs) {
        if (heap[0].at > now) beforeAdvance();
        const entry = pop();
        if (entry === undefined || entry.cancelled) continue;
        now = entry.at;
        entry.act();
      }
      beforeAdvance();
      now = untilMs;
    },
    onAdvance(act) {
      beforeAdvance = act;
    },
  };
}
