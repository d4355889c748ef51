// What a charger shows of itself: the retained state for other people's tools, and the model of its pages.

import type { Controller } from "./controller.js";
import { commonModel } from "./device-view.js";
import { phasesNow } from "./draw.js";
import type { EvseStatus } from "./lease.js";
import { slowerThanSet } from "./other-meter.js";
import { personOf } from "./people.js";
import { historyPoints } from "./portal/history.js";
import type { ChargerModel, PeopleView, SessionView } from "./portal/model.js";
import type { BusAnswer } from "./pzem-bus.js";
import { priced, tariffOf } from "./rights.js";
import { energyOf, idleSeconds, type Registers, type Session } from "./session.js";
import { keptIn } from "./session-log.js";
import { deciampsOf } from "./settings.js";
import { refusedInAll } from "./site-channel.js";
import { deciamps, lower, type Milliamps, type Millis, milliamps, minus, toAmps } from "./units.js";

export type ChargerFacts = Controller & { readonly now: Millis };

/** The retained state, as JSON with units in the names: mode, offer, the limit that won, the runner-up, since when, and what
 *  the charger's own meters say. What docs/mqtt.md tells of each stands in tools/mqtt-docs.ts. */
export function stateJson(facts: ChargerFacts): string {
  const { status, device, draw, answer, now, sessions, ledger, permission, card, planned, outside } = facts;
  const { settings } = device;
  const { current } = sessions;
  return JSON.stringify({
    state: status?.mode ?? "faulted",
    status: letterOf(status),
    plugged: status !== null && status.mode !== "available",
    mode: settings.mode,
    manualA: settings.manualA,
    freeCharging: settings.freeCharging,
    priority: settings.priority,
    enabled: outside?.enabled ?? true,
    maxA: toAmps(lower(deciampsOf(settings.maxA), outside?.amps ?? deciampsOf(settings.maxA))),
    boost: facts.shot.boost,
    offerA: status === null ? 0 : toAmps(status.offer),
    because: status?.because ?? "fault",
    runnerUp: status?.runnerUp?.name ?? null,
    runnerUpA: status?.runnerUp ? toAmps(status.runnerUp.amps) : null,
    sinceS: status === null ? null : secondsFrom(status.since, now),
    contactorClosed: status?.contactorClosed ?? false,
    fault: status?.fault ?? null,
    session: current?.id ?? null,
    sessionWh: current === null || current.registers === null ? null : energyOf(current),
    sessionS: current === null ? null : secondsFrom(current.since, now),
    person: personOf(ledger.book, permission.person)?.name ?? null,
    card: card?.answer ?? null,
    schedule: planned?.scheduled.name ?? null,
    drawA: phasesNow(draw, now)?.map((one) => one / 1_000) ?? null,
    voltageV: settings.wiring.map((_, at) => voltsOf(facts.answers[at])),
    powerW: powerOf(facts.answers),
    totalWh: sumOf(current?.registers ?? sessions.registers),
    report: answer.freshness,
    restarted: device.restarted,
  });
}

/** Changes when the retained state says something else, measured values apart. */
export const stateKey = (state: Controller): string => {
  const { status, device, answer, sharing, outside, shot, sessions, planned, permission, card } = state;
  const { mode, manualA, freeCharging, priority, maxA } = device.settings;
  const said = `${mode} ${manualA} ${freeCharging} ${priority} ${maxA} ${outside?.enabled} ${outside?.amps} ${shot.boost} ${planned?.scheduled.name} ${permission.person} ${card?.answer}`;
  const known = `${status?.mode} ${status?.offer} ${status?.because} ${status?.contactorClosed} ${status?.fault}`;
  return `${known} ${answer.freshness} ${sharing.member.twins} ${sessions.current?.id} ${said}`;
};

const secondsFrom = (from: Millis, now: Millis): number => Math.floor(minus(now, from) / 1_000);

/** State of the line in the letters of IEC 61851-1 as other tools read them: C and D only while current can flow. */
function letterOf(status: EvseStatus | null): "A" | "B" | "C" | "D" | "E" | "F" {
  if (status === null) return "F";
  const { mode, pilot, contactorClosed } = status;
  if (mode === "faulted") return pilot === "E" ? "E" : "F";
  if (mode === "available") return "A";
  if (!contactorClosed) return "B";
  return pilot === "D" ? "D" : "C";
}

const voltsOf = (answer: BusAnswer | undefined): number | null => (answer?.ok ? answer.voltage / 10 : null);

/** W, to 0.1; null while a module does not answer. */
function powerOf(answers: readonly BusAnswer[]): number | null {
  let sum = 0;
  for (const one of answers) {
    if (!one.ok) return null;
    sum += one.power;
  }
  return answers.length === 0 ? null : sum / 10;
}

const sumOf = (registers: Registers | null): number | null =>
  registers === null ? null : registers.reduce((sum, one) => sum + one, 0);

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

function peopleOf({ ledger, minute }: ChargerFacts): PeopleView {
  return {
    book: ledger.book,
    month: minute.month,
    enrolling: ledger.enrolling?.person ?? null,
    enrolled: ledger.enrolled,
    refused: ledger.refused,
  };
}

/** Whether the schedule lets the car charge. */
const timerOf = ({ planned }: Controller): ChargerModel["charger"]["timer"] =>
  planned === null ? "none" : planned.scheduled.limit === 0 ? "holds" : "allows";

/** What the owner should know of somebody else's meter. */
function meterWarnings({ meter }: Controller): readonly string[] {
  if (meter.stuck) return ["The meter says the same whatever the cars draw: it is not believed until it moves."];
  const seconds = slowerThanSet(meter);
  if (seconds === null) return [];
  return [`The meter speaks each ${seconds} s: the period of its readings is set to ${meter.settings.periodS} s.`];
}

const heardOf = ({ meter: { told } }: Controller, now: Millis): ChargerModel["otherMeter"] =>
  told === null ? null : { currents: told.currents, age: minus(now, told.since) };

export function chargerModel(facts: ChargerFacts): ChargerModel {
  const { status, device, draw, answer, now } = facts;
  const common = commonModel(device, now);
  return {
    ...common,
    warnings: common.warnings.concat(meterWarnings(facts)),
    otherMeter: heardOf(facts, now),
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
