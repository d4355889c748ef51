// One scenario judged: which of the guarantees it broke, or why it could not run. And the smallest part of it that still does.

import { simulate } from "../../hal/sim/simulation.js";
import type { SoakScenario } from "./random-scenario.js";

const RULES: readonly string[] = Object.freeze(["S1", "S2", "S3"]);

export type Verdict =
  | { readonly kind: "kept"; readonly messages: number }
  | { readonly kind: "broken"; readonly rule: string; readonly t: number; readonly saw: string }
  | { readonly kind: "refused"; readonly why: string };

export function judgeRun(scenario: SoakScenario, coarse: boolean): Verdict {
  const run = simulate(JSON.stringify(scenario), { coarse });
  if (!run.ok) return { kind: "refused", why: `${run.key}: ${run.why}` };
  const broken = run.summary.broken.find((one) => RULES.includes(one.rule));
  if (broken === undefined) return { kind: "kept", messages: run.summary.messages };
  return { kind: "broken", rule: broken.rule, t: broken.t, saw: `${broken.charger} ${broken.saw}`.trim() };
}

/** Leaves out events, then shortens, as long as the same rule still breaks. `judge` is asked at most `tries` times. */
export function shrunk(
  scenario: SoakScenario,
  rule: string,
  judge: (scenario: SoakScenario) => Verdict,
  tries: number,
): SoakScenario {
  let best = scenario;
  let left = tries;
  const breaks = (one: SoakScenario): boolean => {
    left -= 1;
    const verdict = judge(one);
    return verdict.kind === "broken" && verdict.rule === rule;
  };
  const verdict = judge(scenario);
  if (verdict.kind === "broken") {
    const durationS = Math.ceil(verdict.t) + 1;
    const cut = { ...best, durationS, events: best.events.filter((event) => event.atS < durationS) };
    if (breaks(cut)) best = cut;
  }
  for (let size = Math.ceil(best.events.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best.events.length && left > 0; ) {
      const without = { ...best, events: best.events.filter((_, index) => index < at || index >= at + size) };
      if (breaks(without)) best = without;
      else at += size;
    }
  }
  for (const charger of [...best.chargers].reverse()) {
    if (left <= 0 || best.chargers.length === 1) break;
    const chargers = best.chargers.filter((one) => one !== charger);
    const text = JSON.stringify(charger.id);
    const events = best.events.filter((event) => !JSON.stringify(event).includes(text));
    const fewer = { ...best, chargers, events };
    if (breaks(fewer)) best = fewer;
  }
  return best;
}
