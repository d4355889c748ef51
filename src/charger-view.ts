// What a charger shows of itself: the retained state for other people's tools, and the model of its pages.

import type { Controller } from "./controller.js";
import { wallClock } from "./device-state.js";
import { commonModel } from "./device-view.js";
import { phasesNow } from "./draw.js";
import { personOf } from "./people.js";
import { historyPoints } from "./portal/history.js";
import type { ChargerModel, PeopleView, SessionView } from "./portal/model.js";
import { monthOf, priced, tariffOf, zoneOf } from "./rights.js";
import { energyOf, idleSeconds, type Session } from "./session.js";
import { keptIn } from "./session-log.js";
import { refusedInAll } from "./site-channel.js";
import { deciamps, type Milliamps, type Millis, milliamps, minus, toAmps } from "./units.js";

export type ChargerFacts = Controller & { readonly now: Millis };

/** The retained state, as JSON with units in the names: mode, offer, the limit that won, the runner-up, since when. */
export function stateJson({
  status,
  device,
  draw,
  answer,
  now,
  sessions,
  ledger,
  permission,
  card,
  planned,
}: ChargerFacts): string {
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
    session: sessions.current?.id ?? null,
    person: personOf(ledger.book, permission.person)?.name ?? null,
    card: card?.answer ?? null,
    schedule: planned?.scheduled.name ?? null,
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

/** One that only waits for its last reading is over. */
function sessionNow(facts: ChargerFacts): SessionView | null {
  const { current } = facts.sessions;
  return current === null || current.ending !== null ? null : sessionOf(current, facts);
}

function sessionOf(session: Session, { ledger, device, now }: ChargerFacts): SessionView {
  const { cost, currency } = priced(session, tariffOf(device.settings), idleSeconds(session, now));
  return {
    id: session.id,
    name: personOf(ledger.book, session.person)?.name ?? null,
    since: session.since,
    energyWh: session.registers === null ? null : energyOf(session),
    cost,
    currency,
  };
}

function peopleOf({ ledger, device, now }: ChargerFacts): PeopleView {
  const unix = wallClock(device, now);
  return {
    book: ledger.book,
    month: unix === null ? null : monthOf(unix, zoneOf(device.settings)),
    enrolling: ledger.enrolling?.person ?? null,
    enrolled: ledger.enrolled,
    refused: ledger.refused,
  };
}

/** Whether the schedule lets the car charge. */
const timerOf = ({ planned }: Controller): ChargerModel["charger"]["timer"] =>
  planned === null ? "none" : planned.scheduled.limit === 0 ? "holds" : "allows";

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
      timer: timerOf(facts),
      session: sessionNow(facts),
      measured: facts.measured,
      reader: facts.reader,
      card: facts.card,
      people: peopleOf(facts),
      plan: facts.planned === null ? null : { ...facts.planned.scheduled, shot: facts.shot },
      kept: keptIn(facts.sessions.log),
      writing: facts.statement !== null,
    },
    history: historyPoints(facts.history),
  };
}
