// Somebody else leads the charger for a while (evcc, an automation): an upper bound beside the charger's own, and a lease of its
// own. Whoever leads says it again and again; after its silence the charger is in its own mode as before.

import { frozen } from "./frozen.js";
import type { Limit } from "./limits.js";
import { type Deciamps, deciamps, type Millis, plus } from "./units.js";

export interface Outside {
  /** false: no current. */
  readonly enabled: boolean;
  /** Null: as much as the charger has. */
  readonly amps: Deciamps | null;
  readonly until: Millis;
}

/** What is said; the other part stays as it was said before. */
export type Said = { readonly enabled: boolean } | { readonly amps: Deciamps };

const NO_LIMITS: readonly Limit[] = frozen([]);
const PAUSED: readonly Limit[] = frozen([{ name: "manual", amps: deciamps(0) }]);

/** Null: nobody leads. The lease is of all that was said, and begins anew with each word. */
export const led = (last: Outside | null, said: Said, lease: Millis, now: Millis): Outside => ({
  enabled: last?.enabled ?? true,
  amps: last?.amps ?? null,
  ...said,
  until: plus(now, lease),
});

/** Null once the lease is over. */
export const stillLed = (last: Outside | null, now: Millis): Outside | null =>
  last === null || now >= last.until ? null : last;

/** An upper bound of the current, by the name that manual currents have. */
export function outsideLimit(outside: Outside | null): readonly Limit[] {
  if (outside === null) return NO_LIMITS;
  if (!outside.enabled) return PAUSED;
  return outside.amps === null ? NO_LIMITS : [{ name: "manual", amps: outside.amps }];
}
