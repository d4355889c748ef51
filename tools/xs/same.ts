// One scenario on both engines: where their timelines first differ, if they do.

import { type Engine, v8 } from "../../hal/sim/programs.js";
import { simulate } from "../../hal/sim/simulation.js";

export interface Difference {
  readonly line: number;
  readonly v8: string;
  readonly other: string;
}

/** The timeline and the summary as the simulator writes them, but for the engine's name. */
export function timelineOf(text: string, engine: Engine): readonly string[] {
  const lines: string[] = [];
  const run = simulate(text, { engine, onRecord: (record) => lines.push(JSON.stringify(record)) });
  if (!run.ok) throw new Error(`${run.key}: ${run.why}`);
  const { engine: _, ...summary } = run.summary;
  return [...lines, JSON.stringify(summary)];
}

export function firstDifference(a: readonly string[], b: readonly string[]): Difference | null {
  const line = Array.from({ length: Math.max(a.length, b.length) }).findIndex((_, index) => a[index] !== b[index]);
  return line < 0 ? null : { line: line + 1, v8: a[line] ?? "", other: b[line] ?? "" };
}

/** Null when both engines give the same bytes. */
export const differenceOn = (text: string, other: Engine): Difference | null =>
  firstDifference(timelineOf(text, v8), timelineOf(text, other));
