// The figures of a row of the comparison: energy against the clairvoyant, needless overload, wear, waits and fairness.

import type { Figures } from "../../hal/sim/plant/judge.js";
import type { CarSpec, Scenario } from "../../hal/sim/plant/scenario.js";

export interface Row {
  /** Energy / clairvoyant; null where even that gives none. */
  readonly utilisation: number | null;
  readonly avoidableAs: number;
  readonly cyclesPerCarHour: number;
  /** The longest that a car which was not full drew nothing. */
  readonly longestWaitS: number;
  /** Least / most energy among equal cars; null where no two are equal. */
  readonly fairness: number | null;
}

/** Cars that are the same, and came within this time of each other, should get the same. */
const TOGETHER_S = 900;

interface Visit {
  readonly id: string;
  readonly car: CarSpec;
  readonly from: number;
  readonly until: number;
}

function visitsOf({ events, durationS }: Scenario): readonly Visit[] {
  return events.flatMap((event) => {
    if (event.what !== "plug") return [];
    const { charger: id, car, atS } = event;
    const ends = events.find((one) => one.what !== "house" && one.atS > atS && isChange(one, id));
    return [{ id, car, from: atS, until: ends?.atS ?? durationS }];
  });
}

const isChange = (event: Scenario["events"][number], id: string): boolean =>
  (event.what === "plug" || event.what === "unplug") && event.charger === id;

const areEqual = (a: Visit, b: Visit): boolean =>
  Math.abs(a.from - b.from) <= TOGETHER_S &&
  a.until === b.until &&
  a.car.maxA === b.car.maxA &&
  a.car.phases === b.car.phases &&
  a.car.batteryKWh === b.car.batteryKWh &&
  a.car.socPct === b.car.socPct;

/** Least / most energy over all pairs of equal cars. */
function fairnessOf(visits: readonly Visit[], energyKWh: Readonly<Record<string, number>>): number | null {
  const ratios = visits.flatMap((a, index) =>
    visits.slice(index + 1).flatMap((b) => {
      const pair = [energyKWh[a.id] ?? 0, energyKWh[b.id] ?? 0];
      const most = Math.max(...pair);
      return a.id !== b.id && areEqual(a, b) && most > 0 ? [Math.min(...pair) / most] : [];
    }),
  );
  return ratios.length === 0 ? null : Math.min(...ratios);
}

/** The row of a run: what the plant's judge counted, and the longest wait. */
export function rowOf(
  scenario: Scenario,
  figures: Pick<Figures, "utilisation" | "avoidableAs" | "contactorCycles" | "energyKWh">,
  longestWaitS: number,
): Row {
  const visits = visitsOf(scenario);
  const hours = visits.reduce((sum, one) => sum + one.until - one.from, 0) / 3_600;
  const cycles = Object.values(figures.contactorCycles).reduce((sum, one) => sum + one, 0);
  return {
    utilisation: figures.utilisation,
    avoidableAs: figures.avoidableAs,
    cyclesPerCarHour: hours > 0 ? cycles / hours : 0,
    longestWaitS,
    fairness: fairnessOf(visits, figures.energyKWh),
  };
}

export function createTally(scenario: Scenario) {
  const waits = new Map<string, number>();
  let longestMs = 0;
  return {
    /** What was so at a charger for the last `ms`. */
    saw(id: string, isWaiting: boolean, ms: number): void {
      const waited = isWaiting ? (waits.get(id) ?? 0) + ms : 0;
      waits.set(id, waited);
      longestMs = Math.max(longestMs, waited);
    },
    row: (figures: Parameters<typeof rowOf>[1]): Row => rowOf(scenario, figures, longestMs / 1_000),
  };
}
