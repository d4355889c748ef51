// The shell of one machine: a bounded queue of events before its brain, which is fed at its own pace.
// It knows no charger; a throw in a step is a bug, told once to `onBug`.

import { millis } from "../../src/units.js";
import type { Brain } from "./brain.js";

/** The part of the plant's agenda that a machine needs. */
export interface Timer {
  now(): number;
  after(ms: number, act: () => void): unknown;
}

export interface Machine<Event> {
  post(event: Event): void;
  /** Does nothing until then; events wait. */
  block(ms: number): void;
  /** Stands still for good; events are lost. */
  hang(): void;
  stop(): void;
}

interface Surroundings<Event, Effect> {
  readonly brain: Brain<Event, Effect, unknown>;
  act(effect: Effect): void;
  onBug(why: string): void;
  uptime(): number;
  /** The brain has made a step. */
  ran?(): void;
  /** How long from now the machine is busy by itself (the EVSE machine while it samples the pilot). */
  busyFor?(): number;
}

const QUEUE_LIMIT = 512;

export function createMachine<Event, Effect>(timer: Timer, around: Surroundings<Event, Effect>): Machine<Event> {
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
      const busy = Math.max(blockedUntil - timer.now(), around.busyFor?.() ?? 0);
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
      const effects = around.brain.post(event, millis(around.uptime()));
      around.ran?.();
      for (const effect of effects) around.act(effect);
    } catch (error) {
      alive = false;
      around.onBug(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  function silence(): void {
    alive = false;
    queue.length = 0;
  }

  return {
    post(event) {
      if (!alive || queue.length >= QUEUE_LIMIT) return;
      queue.push(event);
      drain();
    },
    block(ms) {
      blockedUntil = Math.max(blockedUntil, timer.now() + ms);
    },
    hang: silence,
    stop() {
      silence();
      around.brain.end();
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
