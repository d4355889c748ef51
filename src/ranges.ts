// Amperes of the line as ranges: which tenths of an ampere of which phase, numbered from 0. It knows no owner.

import { type Deciamps, deciamps } from "./units.js";

/** From `from` up to, and not with, `to`, in 0.1 A. */
export interface Range {
  /** 1-3. */
  readonly phase: number;
  readonly from: number;
  readonly to: number;
}

export type Ranges = readonly Range[];

/** How much of the ranges of a phase lies below a budget. */
export const below = (ranges: Ranges, phase: number, budget: Deciamps): Deciamps =>
  deciamps(
    ranges.reduce(
      (sum, one) => (one.phase === phase ? sum + Math.max(0, Math.min(one.to, budget) - one.from) : sum),
      0,
    ),
  );

/** What both hold. */
export const common = (a: Ranges, b: Ranges): Ranges =>
  a.flatMap((one) =>
    b
      .filter((other) => other.phase === one.phase && other.from < one.to && one.from < other.to)
      .map((other) => ({ phase: one.phase, from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) })),
  );

/** Does `a` hold anything that `b` does not? */
export const exceeds = (a: Ranges, b: Ranges): boolean =>
  a.some((one) => {
    const covered = common([one], b).reduce((sum, part) => sum + part.to - part.from, 0);
    return covered < one.to - one.from;
  });
