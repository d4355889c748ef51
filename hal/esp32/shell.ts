// The shell of one machine: its only mutable state, one bounded queue of events, and effects in their order. A throw in a
// step is a bug: the outputs are made safe, and the device restarts with the reason.

import { type Millis, millis } from "../../src/units.js";
import type { TimerModule } from "./classes.js";

interface Step<State, Effect> {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export interface Shell<Event> {
  post(event: Event): void;
}

const QUEUE_LIMIT = 128;

/** `start` is run at once, and its effects are done. Events are taken from the queue in turns of their own, never within
 *  the callback that brings them. */
export function shellOf<State, Event, Effect>(
  sdk: { readonly Timer: TimerModule; now(): Millis },
  program: {
    start(now: Millis): Step<State, Effect>;
    step(state: State, event: Event, now: Millis): Step<State, Effect>;
    act(effect: Effect): void;
    onBug(why: string): void;
  },
): Shell<Event> {
  const queue: Event[] = [];
  let alive = true;
  let woken = false;
  let state: State | null = null;

  function guarded(run: () => Step<State, Effect>): void {
    try {
      const step = run();
      state = step.state;
      for (const effect of step.effects) program.act(effect);
    } catch (error) {
      alive = false;
      queue.length = 0;
      program.onBug(error instanceof Error ? error.message : String(error));
    }
  }

  function drain(): void {
    woken = false;
    for (let left = queue.length; left > 0 && alive; left--) {
      const event = queue.shift();
      const was = state;
      if (event !== undefined && was !== null) guarded(() => program.step(was, event, sdk.now()));
    }
  }

  guarded(() => program.start(sdk.now()));
  return {
    post(event) {
      if (!alive || queue.length >= QUEUE_LIMIT) return;
      queue.push(event);
      if (woken) return;
      woken = true;
      sdk.Timer.set(drain, 0);
    },
  };
}

/** Milliseconds since the chip started, never falling, and the same on both machines of a charger: leases cross with their
 *  ends. `ticks` is signed 32 bits and rolls over after 24.8 days; it must be asked at least that often. */
export function clockOf(ticks: () => number): () => Millis {
  let last = ticks();
  let passed = last >>> 0;
  return () => {
    const now = ticks();
    const since = (now - last) | 0;
    if (since > 0) {
      passed += since;
      last = now;
    }
    return millis(passed);
  };
}
