// The people of a scenario: entered at its first charger, as if somebody typed them on a page.

import { parsePerson } from "../../src/people.js";
import type { Scenario, ScenarioEvent, ScenarioResult } from "./plant/scenario.js";

/** After its boot a charger has read what it knows. */
const BOOTED_S = 3;

/** The scenario with an event for each of its people; refused with the key that is wrong. */
export function withPeople(scenario: Scenario): ScenarioResult {
  const { people, chargers, events } = scenario;
  const [first] = chargers;
  if (people.length === 0 || first === undefined) return { ok: true, scenario };
  const atS = first.bootS + BOOTED_S;
  const entered: ScenarioEvent[] = [];
  for (const [index, typed] of people.entries()) {
    const parsed = parsePerson(typed);
    if (!parsed.ok) {
      const [error] = parsed.errors;
      return { ok: false, key: `people[${index}].${error?.field ?? ""}`, why: error?.why ?? "refused" };
    }
    const { name: _, ...rights } = typed;
    const { name } = parsed.person;
    entered.push({ what: "person", charger: first.id, name, rights, atS, said: { person: first.id, name, rights } });
  }
  return { ok: true, scenario: { ...scenario, events: [...events, ...entered].sort((a, b) => a.atS - b.atS) } };
}
