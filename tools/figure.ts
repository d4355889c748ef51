// One line of the bench: a number beside its target.

export interface Figure {
  readonly name: string;
  readonly value: number | null;
  readonly unit: string;
  /** null: printed only. */
  readonly target: string | null;
  readonly ok: boolean;
}

export const atLeast = (name: string, value: number | null, least: number, unit = ""): Figure => ({
  name,
  value,
  unit,
  target: `>= ${least}`,
  ok: value !== null && value >= least,
});
export const atMost = (name: string, value: number | null, most: number, unit: string): Figure => ({
  name,
  value,
  unit,
  target: `<= ${most}`,
  ok: value !== null && value <= most,
});
export const shown = (name: string, value: number, unit: string): Figure => ({
  name,
  value,
  unit,
  target: null,
  ok: true,
});
