// The shell of one machine: a bounded queue of events and the only mutable state, stepped at its own pace.
// It knows no charger; a throw in a step is a bug, told once to `onBug`.

import { type Millis, millis } from "../../src/units.js";

/** The part of the plant's agenda that a machine needs. */
export interface Timer {
  now(): number;
  after(ms: number, act: () => void): unknown;
}

export interface Machine<State, Event> {
  post(event: Event): void;
  state(): State;
  /** Does nothing until then; events wait. */
  block(ms: number): void;
  /** Stands still for good; events are lost. */
  hang(): void;
  stop(): void;
}

interface Program<State, Event, Effect> {
  readonly start: State;
  step(state: State, event: Event, now: Millis): { readonly state: State; readonly effects: readonly Effect[] };
  act(effect: Effect): void;
  onBug(why: string): void;
  uptime(): number;
  /** How long from now the machine is busy by itself (the EVSE machine while it samples the pilot). */
  busyFor?(): number;
}

const QUEUE_LIMIT = 512;

export function createMachine<State, Event, Effect>(
  timer: Timer,
  program: Program<State, Event, Effect>,
): Machine<State, Event> {
  let state = program.start;
  let blockedUntil = 0;
  let alive = true;
  let draining = false;
  let waiting = false;
  const queue: Event[] = [];

  function wake(ms: number): void {
    if (waiting) return;
    waiting = true;
    timer.after(ms, () => {
      waiting = false;
      drain();
    });
  }

  function drain(): void {
    if (draining) return;
    draining = true;
    while (alive && queue.length > 0) {
      const busy = Math.max(blockedUntil - timer.now(), program.busyFor?.() ?? 0);
      if (busy > 0) {
        wake(busy);
        break;
      }
      const event = queue.shift();
      if (event !== undefined) run(event);
    }
    draining = false;
  }

  function run(event: Event): void {
    try {
      const step = program.step(state, event, millis(program.uptime()));
      state = step.state;
      for (const effect of step.effects) program.act(effect);
    } catch (error) {
      alive = false;
      program.onBug(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  return {
    post(event) {
      if (!alive || queue.length >= QUEUE_LIMIT) return;
      queue.push(event);
      drain();
    },
    state: () => state,
    block(ms) {
      blockedUntil = Math.max(blockedUntil, timer.now() + ms);
    },
    hang() {
      alive = false;
      queue.length = 0;
    },
    stop() {
      alive = false;
      queue.length = 0;
    },
  };
}

/** Runs `act` each `period` until it is stopped; the first time after `phase`. */
export function every(timer: Timer, phase: number, period: number, act: () => void): () => void {
  let running = true;
  const again = (): void => {
    if (!running) return;
    timer.after(period, again);
    act();
  };
  timer.after(phase, again);
  return () => {
    running = false;
  };
}
