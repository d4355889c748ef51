// One machine's program together with its state: what the firmware's shell holds on every engine.

import type { Millis } from "../../src/units.js";

export interface Program<Boot, State, Event, Effect, Words> {
  start(boot: Boot, now: Millis): { readonly state: State; readonly effects: readonly Effect[] };
  step(state: State, event: Event, now: Millis): { readonly state: State; readonly effects: readonly Effect[] };
  /** What the simulator is told of the state, beside its effects. */
  words(state: State): Words;
}

export interface Brain<Event, Effect, Words> {
  /** Of the start. */
  readonly effects: readonly Effect[];
  /** Throws what a step throws: a bug. */
  post(event: Event, now: Millis): readonly Effect[];
  words(): Words;
  end(): void;
}

export type Opener<Boot, Event, Effect, Words> = (boot: Boot, now: Millis) => Brain<Event, Effect, Words>;

/** Runs the program in this very engine. */
export function opener<Boot, State, Event, Effect, Words>(
  program: Program<Boot, State, Event, Effect, Words>,
): Opener<Boot, Event, Effect, Words> {
  return (boot, now) => {
    const started = program.start(boot, now);
    let { state } = started;
    return {
      effects: started.effects,
      post(event, at) {
        const step = program.step(state, event, at);
        state = step.state;
        return step.effects;
      },
      words: () => program.words(state),
      end: () => undefined,
    };
  };
}
