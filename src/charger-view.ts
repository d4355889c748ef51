// What a charger shows of itself: the retained state for other people's tools, and the model of its pages.

import type { Controller } from "./controller.js";
import { type Millis, minus, toAmps } from "./units.js";

export type ChargerFacts = Controller & { readonly now: Millis };

/** The retained state, as JSON with units in the names: mode, offer, the limit that won, the runner-up, since when. */
export function stateJson({ status, device, draw, answer, now }: ChargerFacts): string {
  const { settings } = device;
  return JSON.stringify({
    state: status?.mode ?? "faulted",
    mode: settings.mode,
    offerA: status === null ? 0 : toAmps(status.offer),
    because: status?.because ?? "fault",
    runnerUp: status?.runnerUp?.name ?? null,
    runnerUpA: status?.runnerUp ? toAmps(status.runnerUp.amps) : null,
    sinceS: status === null ? null : Math.floor(minus(now, status.since) / 1_000),
    contactorClosed: status?.contactorClosed ?? false,
    fault: status?.fault ?? null,
    drawA: draw?.phases.map((one) => one / 1_000) ?? null,
    report: answer.freshness,
  });
}

export const chargerModel = (_facts: ChargerFacts): object => ({});
