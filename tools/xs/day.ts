// Hours in the life of a charger and its meter, each with a car for ten minutes, a page of both devices and a cut of the
// broker: what their machines hold after a collection at the end of each.

import { PORTAL_PASSWORD } from "../../hal/sim/scenario-settings.js";
import { simulate } from "../../hal/sim/simulation.js";
import { CREATIONS, type ProgramName, type XsEngine } from "./engine.js";
import type { Creation, Memory } from "./host.js";

export const PROGRAMS: readonly ProgramName[] = Object.freeze(["evse", "controller", "meter"]);
const HOUR_S = 3_600;

/** The scenario's text. */
export function dayScenario(hours: number): string {
  const events = Array.from({ length: hours }, (_, hour) => {
    const at = hour * HOUR_S;
    return [
      { atS: at + 300, plug: "charger-1", car: { maxA: 32, batteryKWh: 24, socPct: 33 } },
      { atS: at + 500, house: 13.2 },
      { atS: at + 620, house: 3.2 },
      { atS: at + 900, unplug: "charger-1" },
      { atS: at + 1_200, visit: "charger-1", password: PORTAL_PASSWORD },
      { atS: at + 1_210, visit: "meter", path: "/home", password: PORTAL_PASSWORD },
      { atS: at + 1_800, broker: "down" },
      { atS: at + 1_860, broker: "up" },
    ];
  });
  return JSON.stringify({
    name: "hours",
    seed: 24,
    durationS: hours * HOUR_S,
    site: { contractedA: 25, bufferA: 3 },
    chargers: [{ id: "charger-1" }],
    events: [{ atS: 0, house: 3.2 }, ...events.flat()],
  });
}

export interface HourEnd {
  readonly hour: number;
  readonly memory: Readonly<Record<ProgramName, Memory>>;
}

/** The device's RAM, or a part of it; the stack stays. */
export const scaled = (share: number): Readonly<Record<ProgramName, Creation>> => {
  const part = ({ chunk, heap, ...rest }: Creation): Creation => ({
    ...rest,
    chunk: Math.floor(chunk * share),
    heap: Math.floor(heap * share),
  });
  return { evse: part(CREATIONS.evse), controller: part(CREATIONS.controller), meter: part(CREATIONS.meter) };
};

export interface Lived {
  /** Restarts that no event asked for, and rules that broke; in words. */
  readonly troubles: readonly string[];
}

/** Lives through the hours; `onHour` after each. */
export function liveThrough(xs: XsEngine, hours: number, onHour: (end: HourEnd) => void): Lived {
  const troubles: string[] = [];
  let hour = 1;
  const run = simulate(dayScenario(hours), {
    engine: xs,
    onRecord(record) {
      if (record.kind === "note" && /^(?:restart:|bug)/.test(record.text))
        troubles.push(`${record.t} s: ${record.text}`);
      if (record.t < hour * HOUR_S - 1) return;
      onHour({
        hour,
        memory: { evse: xs.memory("evse"), controller: xs.memory("controller"), meter: xs.memory("meter") },
      });
      hour++;
    },
  });
  if (!run.ok) return { troubles: [`${run.key}: ${run.why}`] };
  return { troubles: [...troubles, ...run.summary.broken.map(({ t, rule }) => `${t} s: broke ${rule}`)] };
}
