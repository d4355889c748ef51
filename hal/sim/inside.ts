// What runs inside a machine of the XS host: one of the three programs, behind two functions that the host calls.

import type { Millis } from "../../src/units.js";
import { type Brain, opener } from "./brain.js";
import { controllerProgram, evseProgram, meterProgram } from "./programs.js";

const OPENERS = Object.freeze({
  evse: opener(evseProgram),
  controller: opener(controllerProgram),
  meter: opener(meterProgram),
});

type Words = readonly unknown[];
type Answer = readonly [effects: readonly unknown[], words: Words | null];

/** The machine's only mutable state. */
let brain: Brain<never, unknown, Words> | null = null;
let told: Words = [];

function answer(effects: readonly unknown[], words: Words): Answer {
  if (words.every((one, index) => one === told[index]) && words.length === told.length) return [effects, null];
  told = words;
  return [effects, words];
}

function open(name: keyof typeof OPENERS, boot: never, now: Millis): Brain<never, unknown, Words> {
  switch (name) {
    case "evse":
      return OPENERS.evse(boot, now);
    case "controller":
      return OPENERS.controller(boot, now);
    case "meter":
      return OPENERS.meter(boot, now);
  }
}

export function start(name: keyof typeof OPENERS, boot: never, now: Millis): Answer {
  const opened = open(name, boot, now);
  brain = opened;
  return answer(opened.effects, opened.words());
}

export function post(event: never, now: Millis): Answer {
  if (brain === null) throw new Error("no program was started");
  return answer(brain.post(event, now), brain.words());
}
