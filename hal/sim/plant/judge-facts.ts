// The facts of a run, put before the judge one by one.

import type { Fact } from "./facts.js";
import type { Judge } from "./judge.js";

/** A car that does not obey, or stays in C, is not judged by its draw; it counts for the energy all the same. */
export function putBefore(judge: Judge, fact: Fact): void {
  judge.until(fact.t);
  switch (fact.kind) {
    case "event":
      return judge.happened(fact.event);
    case "power":
      return judge.power(fact.device, fact.on);
    case "boot":
      return judge.boot(fact.device, fact.reason);
    case "car":
      return judge.plug(fact.charger, fact.car);
    case "pilot":
      return judge.line(fact.charger, fact.state);
    case "duty":
      return fact.duty === null ? undefined : judge.duty(fact.charger, fact.duty);
    case "contactor":
      return judge.contacts(fact.charger, fact.closed);
    case "fault":
      return judge.spoiled(fact.charger, fact.contactor !== "none");
    case "residual":
      return judge.residual(fact.charger, fact.tripped);
    case "temperature":
      return judge.temperature(fact.charger, fact.celsius);
    case "house":
      judge.house(fact.house);
      return judge.roof(fact.solar);
    case "draw":
      return judge.draws(fact.charger, fact.amps, fact.socPct);
    case "words":
      return judge.words(fact.charger, fact.words);
    case "meterReply":
      return fact.role === "solar" ? undefined : judge.meterReply(fact.phase - 1, fact.milliamps / 1_000);
    case "member":
      return judge.set(fact.charger, { member: fact.member });
    case "trip":
      return judge.trip();
    case "delivery":
      return judge.message(fact.charger, fact.what);
    case "coil":
      return;
  }
}
