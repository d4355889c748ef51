// The clairvoyant's part beside a run: what each charger could have had, by what a person lets it have.

import { createIdeal } from "./ideal.js";
import type { JudgedCharger, Seen, View } from "./judged.js";
import type { CarSpec } from "./scenario.js";

export function createClairvoyant(view: View, chargers: readonly JudgedCharger[]) {
  const { site, phases, get } = view;
  const idealOf = (members: boolean) =>
    createIdeal(
      chargers
        .filter((one) => one.member === members)
        .map(({ id, maxA, cableA, wiring }) => ({
          id,
          boundA: Math.min(maxA, cableA),
          wiring: wiring.map((w) => w - 1),
        })),
      site.voltageV,
    );
  const home = idealOf(true);
  const away = idealOf(false);
  const unbounded = phases.map(() => Number.MAX_SAFE_INTEGER);

  return {
    plug({ config }: Seen, car: CarSpec | null): void {
      const which = config.member ? home : away;
      if (car === null) which.unplug(config.id);
      else which.plug(config.id, car);
    },
    /** A second has gone by with so much from the roof. */
    second(roof: readonly number[]): void {
      const house = view.house();
      const cap = (id: string): number => {
        const one = get(id);
        if (one === undefined || one.mode === "auto") return Number.POSITIVE_INFINITY;
        if (one.mode === "manual") return one.manualA;
        return Math.min(...one.config.wiring.map((w) => Math.max(0, (roof[w - 1] ?? 0) - (house[w - 1] ?? 0))));
      };
      home.second(view.budget(), cap);
      away.second(unbounded, (id) => (get(id)?.mode === "manual" ? cap(id) : 0));
    },
    energyKWh: (): number => home.energyKWh() + away.energyKWh(),
  };
}
