// What a meter shows of itself: the retained state for other people's tools, and the model of its pages.

import { commonModel } from "./device-view.js";
import { feedFacts } from "./feed-state.js";
import type { MeterNode } from "./meter-node.js";
import type { MeterModel, PzemFact } from "./portal/model.js";
import type { BusAnswer } from "./pzem-bus.js";
import { refusedInAll } from "./site-channel.js";
import { type Millis, millis, minus } from "./units.js";

/** A charger that was not heard for so long is not counted. */
const UNHEARD: Millis = millis(60_000);

export type MeterFacts = MeterNode & { readonly now: Millis };

/** The retained state, as JSON with units in the names; lists by phase, and of what each PZEM measures in their order. */
export function meterStateJson({ device, house, told, sample, stuck, answers }: MeterFacts): string {
  const readings = device.settings.pzems.map((_, at) => answers[at]);
  return JSON.stringify({
    houseA: sample === null ? null : (house?.map((one) => one / 1_000) ?? null),
    budgetA: sample === null ? null : told.map((one) => one / 10),
    solarA: sample?.solar?.map((one) => one / 1_000) ?? null,
    currentA: readings.map((one) => (one?.ok ? one.current / 1_000 : null)),
    voltageV: readings.map((one) => (one?.ok ? one.voltage / 10 : null)),
    powerW: readings.map((one) => (one?.ok ? one.power / 10 : null)),
    energyWh: readings.map((one) => (one?.ok ? one.energy : null)),
    stuck,
    restarted: device.restarted,
  });
}

export function meterModel(facts: MeterFacts): MeterModel {
  const { device, answers, house, told, arbiter, sample, stuck, now } = facts;
  const common = commonModel(device, now);
  const stuckWords = "A PZEM repeats the same values: no report is sent until it moves again.";
  return {
    ...common,
    warnings: stuck ? [...common.warnings, stuckWords] : common.warnings,
    device: "meter",
    refusedMessages: refusedInAll(facts.channel),
    house: sample === null ? null : house,
    tallies: facts.bus.tallies,
    meter: {
      pzems: device.settings.pzems.map((pzem, index) => ({ ...pzem, reading: readingOf(answers[index]) })),
      budget: sample === null ? null : told,
      feeds: feedFacts(facts.feed, now),
      chargers: arbiter.books.filter((one) => one.demand !== null && minus(now, one.heardAt) < UNHEARD).length,
    },
  };
}

function readingOf(answer: BusAnswer | undefined): PzemFact["reading"] {
  if (answer === undefined) return { ok: false, why: "notYet" };
  if (!answer.ok) return { ok: false, why: answer.why };
  const { voltage, current, power } = answer;
  return { ok: true, voltage, current, power };
}
