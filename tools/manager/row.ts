// The Manager on a scenario: its real messages over the simulated network, the plant's cars, and the same judge that judges
// our own firmware. Gives the row that stands beside ours.

import { createAgenda } from "../../hal/sim/plant/agenda.js";
import type { StreamEvent } from "../../hal/sim/plant/board.js";
import { createBroker } from "../../hal/sim/plant/broker.js";
import { createChance } from "../../hal/sim/plant/chance.js";
import type { TellFact } from "../../hal/sim/plant/facts.js";
import { createFlow } from "../../hal/sim/plant/flow.js";
import { createJudge } from "../../hal/sim/plant/judge.js";
import { putBefore } from "../../hal/sim/plant/judge-facts.js";
import { createNetwork } from "../../hal/sim/plant/network.js";
import { parseScenario, type Scenario, type ScenarioEvent } from "../../hal/sim/plant/scenario.js";
import { fromAmps, milliamps } from "../../src/units.js";
import { createManagedCharger } from "./charger.js";
import type { Wire } from "./connection.js";
import { createMember } from "./member.js";
import { createTally, type Row } from "./tally.js";
import { startVirtualManager } from "./virtual.js";

const STEP_MS = 100;
const SECOND = 1_000;
/** A PZEM's reading is the mean of what flowed so long ago: facts of the module. */
const READS_FROM_MS = 2_700;
const READS_TO_MS = 1_300;
/** The Manager starts so long after its devices that it shares just after the meter has reported: the phase of the two
 *  periods that is kindest to it. Just before, its readings are 5 s older, and the overload some four times as large. */
const KINDEST_MS = 300;

/** Throws for a text that is no scenario: it is one of ours. */
export function scenarioOf(text: string): Scenario {
  const parsed = parseScenario(text);
  if (!parsed.ok) throw new Error(`${parsed.key}: ${parsed.why}`);
  return parsed.scenario;
}

/** The house's meter: reads each second, and reports through its member each 5 s. */
function createCounter(phases: number, nowMs: () => number, open: (events: (event: StreamEvent) => void) => Wire) {
  const member = createMember({ device: "counter", id: "meter", topic: "ievcc/meter" }, nowMs, open);
  const flows = Array.from({ length: phases }, createFlow);
  let loads: readonly number[] = flows.map(() => 0);
  return {
    loadsAre(amps: readonly number[]): void {
      loads = amps;
    },
    step(): void {
      const now = nowMs();
      flows.forEach((flow, phase) => void flow.add(now, (loads[phase] ?? 0) * STEP_MS));
      if (now >= READS_FROM_MS && now % SECOND === 0) {
        const means = flows.map((flow) => flow.mean(now - READS_FROM_MS, now - READS_TO_MS));
        member.tell({ kind: "counter", load: means.map((amps) => milliamps(Math.ceil(SECOND * amps))) });
      }
      member.tick();
    },
  };
}

/** Runs a scenario with a Manager in the lead; `startsMs` moves the phase of its period against the meter's. */
export function runManager(scenario: Scenario, startsMs = KINDEST_MS): Row {
  const { site } = scenario;
  const agenda = createAgenda();
  const nowMs = (): number => agenda.now();
  const network = createNetwork(agenda, createChance(scenario.seed));
  createBroker(agenda, network, () => undefined);
  const judge = createJudge(site, scenario.chargers);
  const tell: TellFact = (fact) => putBefore(judge, { t: agenda.now(), ...fact });
  const opener = (name: string) => (events: (event: StreamEvent) => void) =>
    network.connect(name, { host: "broker", port: 1_883, tls: null }, events);
  const chargers = scenario.chargers.map((config) =>
    createManagedCharger(config, { voltageV: site.voltageV, nowMs, open: opener(config.id), tell }),
  );
  const counter = createCounter(site.phases, nowMs, opener("meter"));
  const tally = createTally(scenario);

  function step(): void {
    counter.step();
    for (const one of chargers) {
      one.step();
      tally.saw(one.id, one.waits(), STEP_MS);
    }
    agenda.after(STEP_MS, step);
  }

  function happen(event: ScenarioEvent): void {
    const plugged = (id: string) => chargers.find((one) => one.id === id);
    if (event.what === "plug") plugged(event.charger)?.plug(event.car);
    else if (event.what === "unplug") plugged(event.charger)?.plug(null);
    else if (event.what === "house") {
      counter.loadsAre(event.amps);
      tell({ kind: "house", house: event.amps, solar: event.amps.map(() => 0) });
    }
  }

  const manager = {
    contracted: fromAmps(site.contractedA - site.bufferA),
    maxChargers: scenario.chargers.length,
    maxCounters: 1,
  };
  for (const event of scenario.events) agenda.at(event.atS * SECOND, () => happen(event));
  agenda.after(0, step);
  agenda.after(startsMs, () => void startVirtualManager(agenda, network, manager));
  agenda.run(scenario.durationS * SECOND);
  judge.until(scenario.durationS * SECOND);
  return tally.row(judge.figures());
}

/** The Manager's row of a scenario, as the bench table has it. */
export const managerRow = (scenarioText: string): Row => runManager(scenarioOf(scenarioText));
