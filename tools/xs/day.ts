// A day in the life of a charger and its meter: each hour a car for ten minutes, a page load and a cut of the broker.

/** The scenario's text; `hours` of it. */
export function dayScenario(hours: number): string {
  const events = Array.from({ length: hours }, (_, hour) => {
    const at = hour * 3_600;
    return [
      { atS: at + 300, plug: "charger-1", car: { maxA: 32, batteryKWh: 24, socPct: 33 } },
      { atS: at + 500, house: 13.2 },
      { atS: at + 620, house: 3.2 },
      { atS: at + 900, unplug: "charger-1" },
      { atS: at + 1_200, visit: "charger-1", path: "/", count: 1 },
      { atS: at + 1_210, visit: "meter", path: "/home", count: 1 },
      { atS: at + 1_800, broker: "down" },
      { atS: at + 1_860, broker: "up" },
    ];
  });
  return JSON.stringify({
    name: "day",
    seed: 24,
    durationS: hours * 3_600,
    site: { contractedA: 25, bufferA: 3, voltageV: 230 },
    chargers: [{ id: "charger-1" }],
    events: [{ atS: 0, house: 3.2 }, ...events.flat()],
  });
}
