// What no key shows by itself: whether the parts of a scenario fit each other.

import type { Complaint } from "./read.js";
import type { Scenario } from "./scenario.js";

function aboutChargers({ site, chargers }: Scenario, wrong: Complaint[]): void {
  chargers.forEach((charger, at) => {
    const key = `chargers[${at}]`;
    const first = chargers.findIndex((other) => other.id === charger.id);
    if (first !== at) wrong.push({ key: `${key}.id`, why: `chargers[${first}] is called ${charger.id} too` });
    const outside = charger.wiring.find((phase) => phase > site.phases);
    if (outside !== undefined) {
      wrong.push({ key: `${key}.wiring`, why: `the site has ${site.phases} phase(s), not phase ${outside}` });
    }
    if (new Set(charger.wiring).size < charger.wiring.length) {
      wrong.push({ key: `${key}.wiring`, why: "names a phase twice" });
    }
    if (charger.failsafeA > charger.maxA) wrong.push({ key: `${key}.failsafeA`, why: "is above maxA" });
    if (charger.mode === "solar" && (site.meter === null || site.meter.measures !== "house")) {
      wrong.push({ key: `${key}.mode`, why: 'solar needs a meter that measures "house" and one on the roof' });
    }
  });
}

/** A PZEM has no sign: on the grid side, export would read as load. */
function exports({ site, events }: Scenario): boolean {
  let house: readonly number[] = Array.from({ length: site.phases }, () => 0);
  let roof = house;
  return events.some((event, at) => {
    if (event.what === "house") house = event.amps;
    if (event.what === "solar") roof = event.amps;
    if (events[at + 1]?.atS === event.atS) return false;
    return roof.some((amps, phase) => amps > (house[phase] ?? 0));
  });
}

/** Adds what is wrong with the scenario as a whole. */
export function complainAboutWhole(scenario: Scenario, wrong: Complaint[]): void {
  const { site } = scenario;
  aboutChargers(scenario, wrong);
  if (site.bufferA >= site.contractedA) wrong.push({ key: "site.bufferA", why: "leaves nothing of contractedA" });
  if (site.houseMaxA !== null && site.houseMaxA > site.contractedA) {
    wrong.push({ key: "site.houseMaxA", why: "is above contractedA" });
  }
  if (site.meter !== null && site.reportLeaseS < 2 * site.meter.periodS + 1) {
    wrong.push({ key: "site.reportLeaseS", why: "is shorter than 2 x site.meter.periodS + 1 s" });
  }
  if (site.meter?.ours && site.meter.measures === "grid" && exports(scenario)) {
    wrong.push({
      key: "site.meter.measures",
      why: "a PZEM has no sign: on a roof that exports it must measure the house",
    });
  }
}
