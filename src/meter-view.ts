// What a meter shows of itself: the retained state for other people's tools, and the model of its pages.

import type { MeterNode } from "./meter-node.js";
import type { Millis } from "./units.js";

export type MeterFacts = MeterNode & { readonly now: Millis };

/** The retained state, as JSON with units in the names. */
export function meterStateJson({ house, told, sample, stuck, answers }: MeterFacts): string {
  return JSON.stringify({
    houseA: house?.map((one) => one / 1_000) ?? null,
    budgetA: told.map((one) => one / 10),
    solarA: sample?.solar?.map((one) => one / 1_000) ?? null,
    voltageV: answers.map((one) => (one.ok ? one.voltage / 10 : null)),
    stuck,
  });
}

export const meterModel = (_facts: MeterFacts): object => ({});
