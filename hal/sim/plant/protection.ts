// The main's protection, by the models of the shared facts: assumed, real devices differ.

export type ProtectionKind = "rcbo" | "smart-meter" | "none";

export interface Protection {
  /** So many seconds with so much current per phase; true when it opens. */
  step(seconds: number, amps: readonly number[]): boolean;
}

/** rcbo: heat' = ((I / In)^2 - heat) / 120 s, opens at 1.69, or above 7 x In for 0.02 s (IEC 60898-1, type C). */
function rcbo(contractedA: number): Protection {
  const heats: number[] = [];
  const fast: number[] = [];
  return {
    step(seconds, amps) {
      let opens = false;
      const left = Math.exp(-seconds / 120);
      for (let phase = 0; phase < amps.length; phase++) {
        const amp = amps[phase] ?? 0;
        const load = (amp / contractedA) ** 2;
        const heat = load + ((heats[phase] ?? 0) - load) * left;
        heats[phase] = heat;
        fast[phase] = amp > 7 * contractedA ? (fast[phase] ?? 0) + seconds : 0;
        opens ||= heat >= 1.69 || (fast[phase] ?? 0) >= 0.02;
      }
      return opens;
    },
  };
}

const SMART_METER = Object.freeze([
  { above: 1.05, seconds: 60 },
  { above: 1.3, seconds: 20 },
  { above: 1.5, seconds: 10 },
  { above: 2, seconds: 5 },
]);

function smartMeter(contractedA: number): Protection {
  const counters: number[] = [];
  return {
    step(seconds, amps) {
      let opens = false;
      let at = 0;
      for (const amp of amps) {
        for (const { above, seconds: limit } of SMART_METER) {
          const over = amp > above * contractedA;
          const count = Math.max(0, (counters[at] ?? 0) + (over ? seconds : -seconds));
          counters[at++] = count;
          opens ||= count >= limit;
        }
      }
      return opens;
    },
  };
}

export function createProtection(kind: ProtectionKind, contractedA: number): Protection {
  if (kind === "rcbo") return rcbo(contractedA);
  if (kind === "smart-meter") return smartMeter(contractedA);
  return { step: () => false };
}
