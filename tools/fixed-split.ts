// What people do without any meter: the contract less the most that the house ever takes, split once for all among as many
// chargers as can have 6 A, in their order, in whole amps. By simple arithmetic over a scenario, a second at a time.

import { createIdeal, takes } from "../hal/sim/plant/ideal.js";
import type { CarSpec, ChargerConfig, Scenario } from "../hal/sim/plant/scenario.js";
import { scenarioOf } from "./manager/row.js";
import { createTally, type Row } from "./manager/tally.js";

const MIN_A = 6;
/** A car draws so long after it sees an offer. */
const REACTS_S = 1;

/** A for each charger for ever, 0 for one that never charges. */
export function fixedShares(scenario: Scenario): ReadonlyMap<string, number> {
  const { site, events, chargers } = scenario;
  const loads = events.flatMap((event) => (event.what === "house" ? [event.amps] : []));
  const rooms = Array.from({ length: site.phases }, (_, phase) =>
    loads.reduce(
      (least, amps) => Math.min(least, site.contractedA - site.bufferA - (amps[phase] ?? 0)),
      site.contractedA,
    ),
  );
  const sharers = rooms.map(() => 0);
  const sharing: ChargerConfig[] = [];
  for (const charger of chargers) {
    const phases = charger.wiring.map((phase) => phase - 1);
    if (phases.some((phase) => (rooms[phase] ?? 0) < MIN_A * ((sharers[phase] ?? 0) + 1))) continue;
    for (const phase of phases) sharers[phase] = (sharers[phase] ?? 0) + 1;
    sharing.push(charger);
  }
  const shareOf = ({ wiring, maxA, cableA }: ChargerConfig): number =>
    Math.min(maxA, cableA, ...wiring.map((phase) => Math.floor((rooms[phase - 1] ?? 0) / (sharers[phase - 1] ?? 1))));
  return new Map(chargers.map((one) => [one.id, sharing.includes(one) ? shareOf(one) : 0]));
}

interface Visit {
  readonly car: CarSpec;
  readonly sinceS: number;
  socPct: number;
}

/** The row of a scenario. It never draws more than the house leaves, and so has no overload. */
export function fixedRow(scenarioText: string): Row {
  const scenario = scenarioOf(scenarioText);
  const { site, chargers } = scenario;
  const shares = fixedShares(scenario);
  const ideal = createIdeal(
    chargers.map(({ id, maxA, cableA, wiring }) => ({
      id,
      boundA: Math.min(maxA, cableA),
      wiring: wiring.map((phase) => phase - 1),
    })),
    site.voltageV,
  );
  const tally = createTally(scenario);
  const energyKWh = Object.fromEntries(chargers.map((one) => [one.id, 0]));
  const contactorCycles = Object.fromEntries(chargers.map((one) => [one.id, 0]));
  const visits = new Map<string, Visit>();
  const events = [...scenario.events];
  let house: readonly number[] = Array.from({ length: site.phases }, () => 0);

  function happen(second: number): void {
    for (let first = events[0]; first !== undefined && first.atS <= second; first = events[0]) {
      events.shift();
      if (first.what === "house") house = first.amps;
      else if (first.what === "unplug") {
        visits.delete(first.charger);
        ideal.unplug(first.charger);
      } else if (first.what === "plug") {
        visits.set(first.charger, { car: first.car, sinceS: second, socPct: first.car.socPct });
        ideal.plug(first.charger, first.car);
        const closes = (shares.get(first.charger) ?? 0) > 0 ? 1 : 0;
        contactorCycles[first.charger] = (contactorCycles[first.charger] ?? 0) + closes;
      }
    }
  }

  function charge(id: string, visit: Visit, second: number): void {
    const { car, sinceS, socPct } = visit;
    const amps = second < sinceS + REACTS_S ? 0 : Math.min(takes(car, socPct), shares.get(id) ?? 0);
    const kWh = (amps * site.voltageV * car.phases) / 3_600_000;
    visit.socPct = Math.min(100, socPct + (kWh / car.batteryKWh) * 100);
    energyKWh[id] = (energyKWh[id] ?? 0) + kWh;
    tally.saw(id, amps === 0 && socPct < 100, 1_000);
  }

  for (let second = 0; second < scenario.durationS; second++) {
    happen(second);
    for (const [id, visit] of visits) charge(id, visit, second);
    ideal.second(
      house.map((amps) => site.contractedA - site.bufferA - amps),
      () => Number.POSITIVE_INFINITY,
    );
  }
  const energy = Object.values(energyKWh).reduce((sum, one) => sum + one, 0);
  const best = ideal.energyKWh();
  return tally.row({ utilisation: best > 0 ? energy / best : null, avoidableAs: 0, contactorCycles, energyKWh });
}
