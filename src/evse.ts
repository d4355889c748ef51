// The EVSE machine: pilot, charge, contactor and limits composed into one step. It alone moves the contactor.
// It knows no network, no meter and no settings: only leases, a set-up, and what its own board measures.

import type { PilotSamples } from "../hal/ports.js";
import { type ChargeState, NOT_PLUGGED, nextCharge } from "./charge.js";
import { lastingAtLeast } from "./clock-margin.js";
import { type ContactorState, contactorFault, nextContactor, OPEN_AT_BOOT } from "./contactor.js";
import { type FaultState, NO_FAULT, nextFault, pilotFault, showsStateF } from "./fault.js";
import { frozen } from "./frozen.js";
import type { EvseSetup, EvseStatus, Fault, Lease, Measured } from "./lease.js";
import { type Decision, decide, type Limit } from "./limits.js";
import { NO_OVER_CURRENT, type OverCurrent, overTooLong, watchDraw } from "./over-current.js";
import { cableRatingOf, MIN_OFFER, NO_OFFER, offerOf, pilotReading, STATE_F } from "./pilot.js";
import {
  isWaking,
  NOT_WAITING,
  NOTHING_OFFERED,
  nextOutput,
  nextWakeUp,
  PILOT_AT_BOOT,
  type PilotOutput,
  type WakeUp,
} from "./pilot-output.js";
import { PILOT_UNKNOWN, type PilotWatch, watchPilot } from "./pilot-watch.js";
import { temperatureLimit, tooHot } from "./temperature.js";
import {
  type Deciamps,
  type Decicelsius,
  type Duty,
  decicelsius,
  type Milliamps,
  type Millis,
  millis,
  minus,
  type Ohms,
  plus,
} from "./units.js";

export type EvseEvent =
  | {
      readonly kind: "inputs";
      readonly samples: PilotSamples;
      /** Where the contacts are, null without feedback. */
      readonly feedback: boolean | null;
      readonly temperature: Decicelsius;
      readonly proximity: Ohms | null;
    }
  | { readonly kind: "residual"; readonly tripped: boolean }
  | { readonly kind: "selfTest"; readonly ok: boolean }
  | { readonly kind: "lease"; readonly lease: Lease }
  | { readonly kind: "setup"; readonly setup: EvseSetup }
  /** Somebody wants to know what the board measures: once. */
  | { readonly kind: "look" };

export type EvseEffect =
  | { readonly kind: "setContactor"; readonly closed: boolean }
  | { readonly kind: "setDuty"; readonly duty: Duty }
  | { readonly kind: "testResidual" }
  | { readonly kind: "status"; readonly status: EvseStatus }
  | { readonly kind: "measured"; readonly measured: Measured }
  | { readonly kind: "restart"; readonly why: string };

export interface EvseState {
  readonly setup: EvseSetup | null;
  readonly lease: Lease | null;
  /** When the controller machine was last heard; boot counts as hearing it. */
  readonly heardAt: Millis;
  readonly watch: PilotWatch;
  readonly charge: ChargeState;
  readonly contactor: ContactorState;
  readonly output: PilotOutput;
  readonly wakeUp: WakeUp;
  readonly fault: FaultState;
  readonly overCurrent: OverCurrent;
  /** A pause that the charger made ends no earlier than this. */
  readonly pausedUntil: Millis;
  readonly residual: boolean;
  readonly feedback: boolean | null;
  readonly temperature: Decicelsius;
  readonly off: boolean;
  readonly cable: Deciamps | null;
  readonly decision: Decision & { readonly since: Millis };
  readonly restarting: boolean;
  /** What is measured next is told. */
  readonly looked: boolean;
}

/** The controller machine is given up after so long without a lease. */
export const CONTROLLER_SILENT: Millis = millis(30_000);
/** Whoever was paused by the charger stays paused so long: contactors wear out, and cars give up. */
export const PAUSE: Millis = lastingAtLeast(60_000);

export function startEvse(now: Millis): EvseState {
  return {
    setup: null,
    lease: null,
    heardAt: now,
    watch: PILOT_UNKNOWN,
    charge: NOT_PLUGGED(now),
    contactor: OPEN_AT_BOOT(now),
    output: PILOT_AT_BOOT(now),
    wakeUp: NOT_WAITING,
    fault: NO_FAULT(now),
    overCurrent: NO_OVER_CURRENT,
    pausedUntil: now,
    residual: false,
    feedback: null,
    temperature: decicelsius(250),
    off: false,
    cable: null,
    decision: { offer: NOTHING_OFFERED, because: "none", runnerUp: null, since: now },
    restarting: false,
    looked: false,
  };
}

/** The two levels that the EVSE machine holds; everything else is a message. */
export const contactorClosed = (state: EvseState): boolean => state.contactor.closed;
export const dutyOut = (state: EvseState): Duty => state.output.duty;

export function stepEvse(
  state: EvseState,
  event: EvseEvent,
  now: Millis,
): { readonly state: EvseState; readonly effects: readonly EvseEffect[] } {
  const taken = take(state, event, now);
  if (taken === state && waitsForCar(state, now)) return { state, effects: [] };
  const next = settle(taken, now);
  const effects = effectsOf(state, next);
  if (event.kind !== "inputs" || !state.looked) return { state: next, effects };
  return {
    state: { ...next, looked: false },
    effects: [...effects, { kind: "measured", measured: read(next, event) }],
  };
}

type Inputs = Extract<EvseEvent, { readonly kind: "inputs" }>;

const read = (state: EvseState, { samples, feedback, proximity, temperature }: Inputs): Measured => ({
  samples,
  duty: dutyOut(state),
  contactorClosed: contactorClosed(state),
  feedback,
  proximity,
  temperature,
});

/** Nobody is plugged in and all is well: nothing follows from time alone but that the controller machine falls silent. */
const waitsForCar = (state: EvseState, now: Millis): boolean =>
  state.charge.mode === "available" &&
  state.watch.state === "A" &&
  state.fault.fault === null &&
  !state.contactor.closed &&
  state.feedback !== true &&
  !state.looked &&
  state.output.duty === NO_OFFER &&
  minus(now, state.heardAt) < CONTROLLER_SILENT;

/** The event as a fact in the state; nothing is decided here. */
function take(state: EvseState, event: EvseEvent, now: Millis): EvseState {
  switch (event.kind) {
    case "inputs":
      return sampled(state, event);
    case "residual":
      return { ...state, residual: event.tripped };
    case "selfTest": {
      if (state.contactor.test !== "running") return state;
      return { ...state, contactor: { ...state.contactor, test: event.ok ? "passed" : "failed" } };
    }
    case "lease":
      return { ...state, lease: event.lease, heardAt: now };
    case "setup":
      return { ...state, setup: event.setup };
    case "look":
      return { ...state, looked: true };
  }
}

/** 50 times a second, and almost always the same as before: then the state stays the very same object. */
function sampled(state: EvseState, event: Inputs): EvseState {
  const { feedback, temperature } = event;
  const blind = state.output.duty === STATE_F;
  const watch = blind ? state.watch : watchPilot(state.watch, pilotReading(event.samples, state.output.duty));
  const cable = cableRatingOf(event.proximity);
  const off = tooHot(state.off, temperature);
  const same = watch === state.watch && feedback === state.feedback && temperature === state.temperature;
  if (same && off === state.off && cable === state.cable) return state;
  return { ...state, watch, feedback, temperature, off, cable };
}

/** Everything that follows from the facts: fault, limits, mode, contactor, duty. The one place where they meet. */
function settle(state: EvseState, now: Millis): EvseState {
  const pilot = state.watch.state;
  const fault = nextFault(state.fault, causeOf(state, now), pilot, now);
  const restarting = state.restarting || minus(now, state.heardAt) >= CONTROLLER_SILENT;
  const permitted = state.lease?.permitted === true && !restarting;
  const overCurrent = watchDraw(state.overCurrent, offerOf(state.output.duty), drawOf(state, now), now);
  const overDue = overTooLong(overCurrent, now) && state.charge.mode === "charging";
  const held = overDue ? plus(now, PAUSE) : state.pausedUntil;
  const found = decide(limitsOf(state, fault, permitted, held, now));
  const pausedUntil = pausesNow(state, found, permitted, fault) ? plus(now, PAUSE) : held;

  const faulted = fault.fault !== null;
  const ventilated = state.setup?.ventilated === true;
  const charge = nextCharge(state.charge, { pilot, offer: found.offer, permitted, faulted, ventilated }, now);
  const wanted = charge.mode === "charging" || (charge.mode === "stopping" && state.contactor.closed);
  const residualFitted = state.setup?.residualFitted !== false;
  const contactor = nextContactor(state.contactor, { wanted, residualFitted }, now);

  const offers = !faulted && charge.mode !== "available";
  const said = offers ? found.offer : NOTHING_OFFERED;
  const waits = pilot === "B" && !charge.hasCharged && state.setup?.wakeUp === true && isOffering(state);
  const wakeUp = nextWakeUp(state.wakeUp, waits, offers, now);
  const output = nextOutput(state.output, said, showsStateF(fault, now) || isWaking(wakeUp, now), now);

  const shown: Decision = charge.mode === "available" ? NOT_ASKED : found;
  const decision = sameDecision(state.decision, shown) ? state.decision : { ...shown, since: now };
  const next = { fault, restarting, overCurrent, pausedUntil, charge, contactor, wakeUp, output, decision };
  return isSettled(state, next) ? state : { ...state, ...next };
}

type Settled = Pick<
  EvseState,
  "fault" | "restarting" | "overCurrent" | "pausedUntil" | "charge" | "contactor" | "wakeUp" | "output" | "decision"
>;

const isSettled = (state: EvseState, next: Settled): boolean =>
  next.fault === state.fault &&
  next.restarting === state.restarting &&
  next.overCurrent === state.overCurrent &&
  next.pausedUntil === state.pausedUntil &&
  next.charge === state.charge &&
  next.contactor === state.contactor &&
  next.wakeUp === state.wakeUp &&
  next.output === state.output &&
  next.decision === state.decision;

const NOT_ASKED: Decision = frozen({ offer: NOTHING_OFFERED, because: "none", runnerUp: null });

const isOffering = (state: EvseState): boolean => offerOf(state.output.duty) >= MIN_OFFER;
/** A draw is as old as its lease: with that it ends. */
const drawOf = ({ lease }: EvseState, now: Millis): Milliamps | null =>
  lease !== null && now < lease.until ? lease.draw : null;

function causeOf(state: EvseState, now: Millis): Fault | null {
  const { residual, contactor, watch } = state;
  if (residual && contactor.test !== "running") return "residual-current";
  if (contactor.test === "failed") return "residual-self-test";
  const readable = watch.state !== null || watch.missed === 0;
  return (
    contactorFault(contactor, state.feedback, drawOf(state, now), now) ??
    (state.output.duty === STATE_F ? null : pilotFault(watch.state, readable))
  );
}

/** All limits of this charger's current, the lease first so that its reason is the one shown among equals. */
function limitsOf(
  state: EvseState,
  fault: FaultState,
  permitted: boolean,
  pausedUntil: Millis,
  now: Millis,
): readonly Limit[] {
  const { setup, lease } = state;
  if (fault.fault !== null) return [{ name: "fault", amps: NOTHING_OFFERED }];
  if (setup === null || lease === null) return [];
  if (!permitted) return [{ name: lease.permitted ? "failsafe" : lease.because, amps: NOTHING_OFFERED }];
  const leased: Limit =
    now < lease.until ? { name: lease.because, amps: lease.offer } : { name: "failsafe", amps: setup.failsafe };
  const cable = setup.socket ? (state.cable ?? NOTHING_OFFERED) : setup.cable;
  return [
    leased,
    ...(now < lease.until && lease.runnerUp !== null ? [lease.runnerUp] : []),
    { name: "rating", amps: setup.rating },
    { name: "cable", amps: cable },
    { name: "temperature", amps: temperatureLimit(state.temperature, state.off, setup.rating) },
    ...(now < pausedUntil ? [{ name: "paused", amps: NOTHING_OFFERED } as const] : []),
  ];
}

/** The charger takes a running car's offer away: that is a pause, and not a matter of the car or of a person. */
function pausesNow(state: EvseState, found: Decision, permitted: boolean, fault: FaultState): boolean {
  return state.charge.mode === "charging" && permitted && fault.fault === null && found.offer < MIN_OFFER;
}

const sameDecision = (a: Decision, b: Decision): boolean =>
  a.offer === b.offer && a.because === b.because && a.runnerUp?.name === b.runnerUp?.name;

export function statusOf(state: EvseState): EvseStatus {
  const { decision } = state;
  return {
    mode: state.charge.mode,
    pilot: state.watch.state,
    offer: offerOf(state.output.duty),
    because: decision.because,
    runnerUp: decision.runnerUp,
    since: decision.since,
    contactorClosed: state.contactor.closed,
    fault: state.fault.fault,
    temperature: state.temperature,
    cable: state.cable,
    pausedUntil: state.pausedUntil,
  };
}

/** The differences of the outputs, opening first and closing last. */
function effectsOf(before: EvseState, after: EvseState): readonly EvseEffect[] {
  if (before === after) return [];
  const effects: EvseEffect[] = [];
  const closed = contactorClosed(after);
  const switches = closed !== contactorClosed(before);
  if (switches && !closed) effects.push({ kind: "setContactor", closed });
  if (dutyOut(after) !== dutyOut(before)) effects.push({ kind: "setDuty", duty: dutyOut(after) });
  if (after.contactor.test === "running" && before.contactor.test !== "running") effects.push({ kind: "testResidual" });
  if (tells(before, after)) effects.push({ kind: "status", status: statusOf(after) });
  if (switches && closed) effects.push({ kind: "setContactor", closed });
  if (restartsNow(after) && !restartsNow(before)) effects.push({ kind: "restart", why: "controller machine silent" });
  return effects;
}

const restartsNow = (state: EvseState): boolean => state.restarting && !state.contactor.closed;

function tells(before: EvseState, after: EvseState): boolean {
  return (
    after.charge.mode !== before.charge.mode ||
    after.watch.state !== before.watch.state ||
    after.output.duty !== before.output.duty ||
    after.decision !== before.decision ||
    after.contactor.closed !== before.contactor.closed ||
    after.fault.fault !== before.fault.fault ||
    after.cable !== before.cable ||
    after.temperature !== before.temperature
  );
}
