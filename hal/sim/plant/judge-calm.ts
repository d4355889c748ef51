// Whether the site has what it needs to share (network, broker, meter, an arbiter), and since when nothing has happened to it.

import type { View } from "./judged.js";
import type { ScenarioEvent } from "./scenario.js";

/** A step of the house that counts as a change, A. */
const STEP_A = 1;
/** A network that is slower than this loses reports, as far as a charger can tell. */
const SLOW_S = 0.3;

export function createCalm(view: View) {
  let since = 0;
  let partitioned = false;
  let brokerUp = true;
  let stormy = false;
  let meterFault = "ok";
  const meter = { powered: false, linked: true, hangs: false };

  /** Without a meter of ours one of the chargers leads, for which it needs most of them. */
  function canBeLed(): boolean {
    if (view.site.meter?.ours === true) return true;
    const up = view.members().filter((one) => one.powered && one.linked && !one.hasTwin && one.deafUntil <= view.now());
    return up.length * 2 > view.everyone.length;
  }

  const changed = (): void => {
    since = view.now();
  };

  return {
    since: (): number => since,
    changed,
    isWhole: (): boolean =>
      !partitioned &&
      brokerUp &&
      !stormy &&
      meterFault === "ok" &&
      (view.site.meter === null || (meter.powered && meter.linked && !meter.hangs)) &&
      view.everyone.every((one) => one.linked) &&
      canBeLed(),
    /** To be called before the house changes. */
    houseChanges(next: readonly number[]): void {
      const house = view.house();
      if (next.some((amps, phase) => Math.abs(amps - (house[phase] ?? 0)) > STEP_A)) changed();
    },
    meterPower(on: boolean): void {
      meter.powered = on;
      meter.hangs = false;
    },
    happened(event: ScenarioEvent): void {
      if (event.what === "house" || event.what === "solar") return;
      changed();
      if (event.what === "partition") partitioned = event.groups.length > 0;
      if (event.what === "broker") brokerUp = event.up;
      if (event.what === "network") stormy = event.loss > 0 || event.delayS[1] > SLOW_S;
      if (event.what === "meter") meterFault = event.fault;
      if (event.what === "hang" && event.device === "meter") meter.hangs = true;
      if (event.what === "link" && event.device === "meter") meter.linked = event.up;
    },
  };
}

export type Calm = ReturnType<typeof createCalm>;
