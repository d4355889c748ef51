// A current's history as charge over time, so that a meter can take the mean of any stretch of the last seconds.

/** Longer than any meter looks back. */
const KEPT_MS = 4_000;

export interface Flow {
  /** So much charge (A x ms) has flowed since the last call, evenly. */
  add(now: number, charge: number): void;
  /** Mean current in A between two times; nothing flowed before the first `add`. */
  mean(fromMs: number, toMs: number): number;
  /** All charge so far, A x ms. */
  total(): number;
}

export function createFlow(): Flow {
  const times: number[] = [0];
  const totals: number[] = [0];

  function until(ms: number): number {
    let later = times.length - 1;
    if (ms >= (times[later] ?? 0)) return totals[later] ?? 0;
    while (later > 0 && (times[later - 1] ?? 0) > ms) later -= 1;
    if (later === 0) return totals[0] ?? 0;
    const start = times[later - 1] ?? 0;
    const base = totals[later - 1] ?? 0;
    return base + (((totals[later] ?? 0) - base) * (ms - start)) / ((times[later] ?? 0) - start);
  }

  return {
    add: (now, charge) => {
      const last = times.length - 1;
      const total = (totals[last] ?? 0) + charge;
      if (times[last] === now) {
        totals[last] = total;
        return;
      }
      // Where nothing flows the last stretch grows, however often it is told.
      if (charge === 0 && last > 0 && totals[last - 1] === total) {
        times[last] = now;
        return;
      }
      times.push(now);
      totals.push(total);
      if (times.length < 200) return;
      const old = times.findIndex((time) => time > now - KEPT_MS) - 1;
      if (old > 0) {
        times.splice(0, old);
        totals.splice(0, old);
      }
    },
    mean: (fromMs, toMs) => (until(toMs) - until(fromMs)) / (toMs - fromMs),
    total: () => totals[totals.length - 1] ?? 0,
  };
}
