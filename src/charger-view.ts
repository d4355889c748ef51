// What a charger shows of itself: the retained state for other people's tools, and the model of its pages.

import type { Controller } from "./controller.js";
import { commonModel } from "./device-view.js";
import { phasesNow } from "./draw.js";
import { historyPoints } from "./portal/history.js";
import type { ChargerModel } from "./portal/model.js";
import type { Session } from "./session.js";
import { refusedInAll } from "./site-channel.js";
import { deciamps, type Milliamps, type Millis, milliamps, minus, toAmps } from "./units.js";

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
    drawA: phasesNow(draw, now)?.map((one) => one / 1_000) ?? null,
    report: answer.freshness,
    restarted: device.restarted,
  });
}

const houseOf = ({ sharing }: Controller): readonly Milliamps[] | null =>
  sharing.member.report?.house.map((one) => milliamps(one * 100)) ?? null;

/** What the house takes, per phase; null while no fresh report says it. */
export const houseNow = (state: Controller): readonly Milliamps[] | null =>
  state.answer.freshness === "fresh" ? houseOf(state) : null;

const sessionOf = ({ since, registers, energy }: Session): NonNullable<ChargerModel["charger"]["session"]> => ({
  since,
  energyWh: registers === null ? null : energy,
});

export function chargerModel(facts: ChargerFacts): ChargerModel {
  const { status, device, draw, answer, now } = facts;
  return {
    ...commonModel(device, now),
    device: "charger",
    refusedMessages: refusedInAll(facts.sharing.channel),
    house: houseOf(facts),
    tallies: facts.bus.tallies,
    charger: {
      state: status?.mode ?? "faulted",
      offer: status?.offer ?? deciamps(0),
      because: status?.because ?? "fault",
      runnerUp: status?.runnerUp ?? null,
      heldFor: status === null ? null : minus(now, status.since),
      draw: phasesNow(draw, now),
      contactorClosed: status?.contactorClosed ?? false,
      fault: status?.fault ?? null,
      evse: status !== null,
      report: answer.freshness,
      timer: "none",
      session: facts.session === null ? null : sessionOf(facts.session),
      measured: facts.measured,
      reader: facts.reader,
    },
    history: historyPoints(facts.history),
  };
}
