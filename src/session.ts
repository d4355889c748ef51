// What a plugged-in car has had so far, by the registers of the charger's own PZEMs. It knows no person and no price, and
// begins anew when the charger restarts.

import { type Millis, type WattHours, wattHours } from "./units.js";

export interface Session {
  /** Since when the car is plugged in, or was first seen so. */
  readonly since: Millis;
  /** The register of each PZEM as it was read last; null before the first reading. */
  readonly registers: readonly WattHours[] | null;
  /** What the registers have gained since then, Wh. */
  readonly energy: WattHours;
}

/** The session after the plug or the registers (null: not read just now) were seen; null while no car is plugged in. A
 *  register that went back was reset or replaced: that reading adds nothing, and the next are counted from it. */
export function followSession(
  last: Session | null,
  plugged: boolean,
  registers: readonly WattHours[] | null,
  now: Millis,
): Session | null {
  if (!plugged) return null;
  if (last === null) return { since: now, registers, energy: wattHours(0) };
  if (registers === null) return last;
  const before = last.registers ?? registers;
  const gained = registers.reduce((sum, one, index) => sum + Math.max(0, one - (before[index] ?? one)), 0);
  const same = last.registers !== null && registers.every((one, index) => one === before[index]);
  return same ? last : { ...last, registers, energy: wattHours(last.energy + gained) };
}
