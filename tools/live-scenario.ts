// What a live site lives through: a scenario file, or an everyday site with as many chargers as were asked for.

import { readFileSync } from "node:fs";
import { parseScenario, type Scenario } from "../hal/sim/plant/scenario.js";
import { withPeople } from "../hal/sim/scenario-people.js";

export type LiveScenario =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly why: string };

/** Contracts as suppliers sell them, for so many chargers: fewer 6 A than cars, as soon as an oven is on. */
const CONTRACTS = Object.freeze([
  { upTo: 1, contractedA: 25, phases: 1, house: 3.2 },
  { upTo: 3, contractedA: 30, phases: 1, house: 3.2 },
  { upTo: 8, contractedA: 60, phases: 1, house: 3.2 },
  { upTo: 64, contractedA: 60, phases: 3, house: [3.2, 2.1, 4.4] },
]);

/** Different enough to see what each can use. */
const CARS = Object.freeze([
  { maxA: 32, batteryKWh: 24, socPct: 33 },
  { maxA: 16, batteryKWh: 40, socPct: 50 },
  { maxA: 32, batteryKWh: 60, socPct: 20 },
  { maxA: 10, batteryKWh: 10, socPct: 78 },
  { maxA: 32, batteryKWh: 77, socPct: 45 },
  { maxA: 20, batteryKWh: 50, socPct: 60 },
]);
const FIRST_CAR_S = 5;
const CARS_APART_S = 3;
/** Every so manieth charger of a site with three phases has all three. */
const THREE_PHASE_EVERY = 4;

/** The evening of a house, or of a condominium; three of four chargers get a car, one after the other. The other places,
 *  and the oven, are the visitor's. */
function everyday(count: number, fresh: boolean): string {
  const contract = CONTRACTS.find(({ upTo }) => count <= upTo) ?? CONTRACTS[3];
  const chargers = Array.from({ length: count }, (_, at) => ({
    id: `charger-${at + 1}`,
    wiring: contract?.phases === 1 ? [1] : (at + 1) % THREE_PHASE_EVERY === 0 ? [1, 2, 3] : [(at % 3) + 1],
    fresh: fresh && at === 0,
  }));
  const cars = chargers.slice(0, Math.max(1, Math.floor(count * 0.75))).map(({ id, wiring }, at) => ({
    atS: FIRST_CAR_S + CARS_APART_S * at,
    plug: id,
    car: { ...CARS[at % CARS.length], phases: wiring.length },
  }));
  return JSON.stringify({
    name: "everyday",
    durationS: 604_800,
    // What is out of the box learns the time as it is set up.
    ...(fresh ? {} : { startsAt: new Date().toISOString() }),
    site: { contractedA: contract?.contractedA, phases: contract?.phases, bufferA: 3 },
    chargers,
    events: [{ atS: 0, house: contract?.house }, ...cars],
  });
}

/** `file` null: the everyday site with `chargers` (1 to 64) of them; `fresh`: the first is out of the box. */
export function readLiveScenario(file: string | null, chargers: number, fresh = false): LiveScenario {
  let text = everyday(chargers, fresh);
  if (file !== null) {
    try {
      text = readFileSync(file, "utf8");
    } catch {
      return { ok: false, why: `${file}: cannot be read` };
    }
  }
  const parsed = parseScenario(text);
  const read = parsed.ok ? withPeople(parsed.scenario) : parsed;
  if (!read.ok) return { ok: false, why: `${file}: ${read.key}: ${read.why}` };
  return { ok: true, scenario: read.scenario };
}

/** The dashboard's port, one for each device with pages, and the broker's. */
export const portsOf = ({ chargers, site }: Scenario): number => chargers.length + (site.meter?.ours === true ? 3 : 2);
