import assert from "node:assert/strict";
import { simCharger } from "../hal/sim/main-charger.js";
import { simMeter } from "../hal/sim/main-meter.js";
import { parseScenario } from "../hal/sim/plant/scenario.js";
import { createSite, type TimelineRecord } from "../hal/sim/plant/site.js";
import { v8 } from "../hal/sim/programs.js";
import { firstSettings } from "../hal/sim/simulation.js";
import { change } from "../src/settings.js";
import { deciamps } from "../src/units.js";
import { startVirtualManager } from "../tools/manager/virtual.js";

const CAR = { maxA: 32, phases: 1, batteryKWh: 60, socPct: 30 };

/** Two chargers and a meter of ours under a Manager on the site's broker; gives what was offered at the end. */
function offeredUnderManager(house: number): readonly number[] {
  const parsed = parseScenario(
    JSON.stringify({
      name: "managed",
      durationS: 120,
      site: { contractedA: 30 },
      chargers: [{ id: "charger-1" }, { id: "charger-2", bootS: 3 }],
      events: [
        { atS: 0, house },
        { atS: 20, plug: "charger-1", car: CAR },
        { atS: 40, plug: "charger-2", car: CAR },
      ],
    }),
  );
  assert.ok(parsed.ok);
  const first = firstSettings(parsed.scenario);
  assert.ok(first.ok);
  const managed = (settings: typeof first.meter): typeof first.meter => {
    const changed = change(settings, { manager: true });
    assert.ok(changed.ok);
    return changed.settings;
  };
  const records: TimelineRecord[] = [];
  const site = createSite({
    scenario: parsed.scenario,
    makeCharger: (board, { id }) =>
      simCharger(v8, () => site.agenda, board, managed(first.chargers.get(id) ?? first.meter)),
    makeMeter: (board) => simMeter(v8, () => site.agenda, board, managed(first.meter)),
    onRecord: (record) => records.push(record),
    onFact: () => undefined,
  });
  startVirtualManager(site.agenda, site.network, { contracted: deciamps(300), maxChargers: 3, maxCounters: 1 });
  site.run(120_000);
  const last = records.filter((one) => one.kind === "sample").at(-1);
  return Object.values(last?.chargers ?? {}).map((one) => one.offeredA);
}

describe("managed", () => {
  it("joins a central Manager by a setting: two cars get the same whole amps of what the house leaves", () => {
    assert.deepEqual(offeredUnderManager(5), [12, 12]);
  });
  it("lets the last to have registered wait when there is not enough for both", () => {
    assert.deepEqual(offeredUnderManager(19.5), [10, 0]);
  });
});
