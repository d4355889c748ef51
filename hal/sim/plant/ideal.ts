// What a clairvoyant charger would have delivered: second by second, the house known beforehand, no pauses and no delays.
// Imports nothing of the firmware.

export interface IdealCar {
  readonly maxA: number;
  readonly phases: number;
  readonly batteryKWh: number;
  readonly socPct: number;
}

interface Plugged {
  readonly car: IdealCar;
  soc: number;
}

export interface IdealCharger {
  readonly id: string;
  readonly boundA: number;
  /** Phases of the site, 0-based, in the order of the wiring. */
  readonly wiring: readonly number[];
}

const MIN_A = 6;

/** What the car takes at the most, A per phase: falls above 80 % of charge. */
export function takes(car: IdealCar, socPct: number): number {
  if (socPct >= 100) return 0;
  return socPct <= 80 ? car.maxA : car.maxA * (1 - (0.9 * (socPct - 80)) / 20);
}

const tenthsDown = (amps: number): number => Math.floor(amps * 10 + 1e-6) / 10;

/** Shares one second's room, max-min in 0.1 A, 6 A or nothing, the emptiest car first where not all can have 6 A. A car
 *  that takes less than 6 A still needs an offer of 6 A, and leaves the rest of it unused. */
function share(
  wants: readonly { want: number; wiring: readonly number[]; soc: number }[],
  room: readonly number[],
): number[] {
  const left = [...room];
  const given = wants.map(() => 0);
  const order = wants.map((_, index) => index).sort((a, b) => (wants[a]?.soc ?? 0) - (wants[b]?.soc ?? 0));
  const fits = (wiring: readonly number[], amps: number): boolean =>
    wiring.every((phase) => (left[phase] ?? 0) >= amps - 1e-9);
  for (const index of order) {
    const one = wants[index];
    if (one === undefined || one.want <= 0) continue;
    const first = Math.min(one.want, MIN_A);
    if (!fits(one.wiring, MIN_A)) continue;
    given[index] = first;
    for (const phase of one.wiring) left[phase] = (left[phase] ?? 0) - first;
  }
  const growing = new Set(order.filter((index) => (given[index] ?? 0) >= MIN_A));
  while (growing.size > 0) {
    const sharers = left.map(() => 0);
    for (const index of growing) {
      for (const phase of wants[index]?.wiring ?? []) sharers[phase] = (sharers[phase] ?? 0) + 1;
    }
    const steps = [...growing].map((index) => {
      const one = wants[index];
      if (one === undefined) return 0;
      const free = Math.min(...one.wiring.map((phase) => (left[phase] ?? 0) / (sharers[phase] ?? 1)));
      return Math.min(one.want - (given[index] ?? 0), free);
    });
    const step = Math.min(...steps);
    for (const [position, index] of [...growing].entries()) {
      const one = wants[index];
      if (one === undefined) continue;
      given[index] = (given[index] ?? 0) + step;
      for (const phase of one.wiring) left[phase] = (left[phase] ?? 0) - step;
      if ((steps[position] ?? 0) - step <= 1e-9) growing.delete(index);
    }
  }
  return given;
}

/** Steps a second at a time beside the run; `energyKWh` is the sum so far. */
export function createIdeal(chargers: readonly IdealCharger[], voltageV: number) {
  const plugged = new Map<string, Plugged>();
  let energyKWh = 0;
  return {
    plug: (id: string, car: IdealCar): void => void plugged.set(id, { car, soc: car.socPct }),
    unplug: (id: string): void => void plugged.delete(id),
    energyKWh: (): number => energyKWh,
    /** One second with so much room per phase for cars, A; `bound` caps each charger beyond its own (a sun, a manual amp). */
    second(room: readonly number[], bound: (id: string) => number): void {
      const wants = chargers.map(({ id, boundA, wiring }) => {
        const one = plugged.get(id);
        const used = one === undefined ? [] : wiring.slice(0, one.car.phases);
        const allowed = Math.min(boundA, bound(id));
        const want = one === undefined || allowed < MIN_A ? 0 : Math.min(takes(one.car, one.soc), allowed);
        return { want, wiring: used, soc: one?.soc ?? 100 };
      });
      for (const [index, amps] of share(wants, room.map(tenthsDown)).entries()) {
        const one = plugged.get(chargers[index]?.id ?? "");
        if (one === undefined || amps <= 0) continue;
        const kWh = (tenthsDown(amps) * voltageV * (wants[index]?.wiring.length ?? 0)) / 3_600_000;
        one.soc = Math.min(100, one.soc + (kWh / one.car.batteryKWh) * 100);
        energyKWh += kWh;
      }
    },
  };
}
