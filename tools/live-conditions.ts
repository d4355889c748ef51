// What people have done to a live site and not undone: devices without power or link, halves, weather, the broker.

import type { Fact } from "../hal/sim/plant/facts.js";
import type { ScenarioEvent } from "../hal/sim/plant/scenario.js";

export interface ConditionsRecord {
  readonly t: number;
  readonly kind: "conditions";
  /** Devices without power. */
  readonly off: readonly string[];
  /** Devices without their link. */
  readonly cut: readonly string[];
  /** Who can reach whom; empty: everybody everybody. */
  readonly groups: readonly (readonly string[])[];
  readonly loss: number;
  readonly duplicate: number;
  readonly delayS: readonly [number, number];
  readonly broker: "up" | "down";
  readonly meter: "ok" | "silent" | "stuck" | "garbage" | "zero";
}

type Conditions = Omit<ConditionsRecord, "t" | "kind">;

const CALM = Object.freeze<Conditions>({
  off: [],
  cut: [],
  groups: [],
  loss: 0,
  duplicate: 0,
  delayS: [0.01, 0.01],
  broker: "up",
  meter: "ok",
});

const withOrWithout = (names: readonly string[], name: string, isIn: boolean): readonly string[] => {
  const others = names.filter((one) => one !== name);
  return isIn ? [...others, name] : others;
};

function after(last: Conditions, event: ScenarioEvent): Conditions {
  switch (event.what) {
    case "link":
      return { ...last, cut: withOrWithout(last.cut, event.device, !event.up) };
    case "partition":
      return { ...last, groups: event.groups };
    case "network":
      return { ...last, loss: event.loss, duplicate: event.duplicate, delayS: event.delayS };
    case "broker":
      return { ...last, broker: event.up ? "up" : "down" };
    case "meter":
      return { ...last, meter: event.fault };
    default:
      return last;
  }
}

/** Gives what follows the facts of a site and tells each change. */
export function createConditions(tell: (record: ConditionsRecord) => void): (fact: Fact) => void {
  let now = CALM;
  return (fact) => {
    let next = now;
    if (fact.kind === "event") next = after(now, fact.event);
    if (fact.kind === "power" && fact.cause !== "restart") {
      next = { ...now, off: withOrWithout(now.off, fact.device, !fact.on) };
    }
    if (next === now) return;
    now = next;
    tell({ t: fact.t / 1_000, kind: "conditions", ...now });
  };
}
