// One scenario from its text to its summary: the plant, the firmware on its boards, and the judge beside them.

import type { Settings } from "../../src/settings.js";
import { freshSettings } from "./fresh-settings.js";
import { simCharger } from "./main-charger.js";
import { simMeter } from "./main-meter.js";
import type { Fact } from "./plant/facts.js";
import { createJudge, type Figures } from "./plant/judge.js";
import { putBefore } from "./plant/judge-facts.js";
import type { Worst } from "./plant/rules.js";
import { parseScenario, type Scenario, type SiteConfig } from "./plant/scenario.js";
import { createSite, type SiteOptions, type TimelineRecord, type WouldTrip } from "./plant/site.js";
import { type Engine, v8 } from "./programs.js";
import { withPeople } from "./scenario-people.js";
import { chargerSettings, meterSettings } from "./scenario-settings.js";

export interface Summary extends Figures {
  readonly kind: "summary";
  readonly name: string;
  readonly seed: number;
  readonly engine: Engine["name"];
}

export interface SimulationOptions {
  /** In place of the scenario's own. */
  readonly seed?: number | null;
  /** V8 when left out. */
  readonly engine?: Engine;
  /** For many long runs: pilots are sampled each 100 ms and controllers tick each 200 ms while nothing happens at a board. */
  readonly coarse?: boolean;
  readonly onRecord?: (record: TimelineRecord) => void;
  readonly onFact?: (fact: Fact) => void;
  readonly onPublish?: SiteOptions["onPublish"];
  readonly onAnswer?: SiteOptions["onAnswer"];
}

export type SimulationResult =
  | {
      readonly ok: true;
      readonly summary: Summary;
      readonly site: SiteConfig;
      /** The worst that each charger did by each rule of time, ms. */
      readonly worst: Readonly<Record<string, Worst>>;
      /** What each model of a main would have done with this run's currents. */
      readonly wouldTrip: WouldTrip;
      /** The longest that each charger's car waited without 6 A that it could have had by itself, s. */
      readonly longestWaitS: Readonly<Record<string, number>>;
    }
  | { readonly ok: false; readonly key: string; readonly why: string };

interface FirstSettings {
  readonly ok: true;
  readonly chargers: ReadonlyMap<string, Settings>;
  readonly meter: Settings;
}

/** What each device is set up with; refused with the key that set-up would refuse. */
export function firstSettings(scenario: Scenario): FirstSettings | Extract<SimulationResult, { ok: false }> {
  const hasRoof = scenario.events.some((event) => event.what === "solar");
  const chargers = new Map<string, Settings>();
  for (const [index, charger] of scenario.chargers.entries()) {
    const { id } = charger;
    const settings = charger.fresh ? freshSettings(charger, `chargers[${index}]`) : chargerSettings(scenario, id);
    if (!settings.ok) return settings;
    chargers.set(id, settings.settings);
  }
  const meter = meterSettings(scenario, hasRoof);
  if (!meter.ok) return meter;
  return { ok: true, chargers, meter: meter.settings };
}

/** Runs a scenario in virtual time. The same text and seed give the same records and the same summary. */
export function simulate(text: string, options: SimulationOptions = {}): SimulationResult {
  const parsed = parseScenario(text);
  if (!parsed.ok) return parsed;
  const engine = options.engine ?? v8;
  const seed = options.seed ?? parsed.scenario.seed;
  const peopled = withPeople({ ...parsed.scenario, seed });
  if (!peopled.ok) return peopled;
  const { scenario } = peopled;
  const settings = firstSettings(scenario);
  if (!settings.ok) return settings;
  const judge = createJudge(scenario.site, scenario.chargers);
  const coarse = options.coarse ?? false;
  const site = createSite({
    scenario,
    coarse,
    makeCharger: (board, { id, version }) =>
      simCharger(
        engine,
        () => site.agenda,
        board,
        settings.chargers.get(id) ?? settings.meter,
        Number(version),
        coarse,
      ),
    makeMeter: (board) => simMeter(engine, () => site.agenda, board, settings.meter),
    onRecord: options.onRecord ?? null,
    ...(options.onPublish && { onPublish: options.onPublish }),
    ...(options.onAnswer && { onAnswer: options.onAnswer }),
    onFact(fact) {
      putBefore(judge, fact);
      options.onFact?.(fact);
    },
  });
  const endMs = scenario.durationS * 1_000;
  site.run(endMs);
  judge.until(endMs);
  const summary: Summary = { kind: "summary", name: scenario.name, seed, engine: engine.name, ...judge.figures() };
  return {
    ok: true,
    summary,
    site: scenario.site,
    worst: judge.worst(),
    wouldTrip: site.wouldTrip(),
    longestWaitS: judge.longestWaitS(),
  };
}
