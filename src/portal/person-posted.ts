// What the forms of the people do: change, remove, enrol. What the book would refuse is said beside the field at once.

import { type Entered, enterPerson, type Person, type PersonError, parsePerson, personJson } from "../people.js";
import type { PortalAct } from "./acts.js";
import { type Answer, html, plain, redirect, SAVED } from "./answers.js";
import { type Fields, fieldOf } from "./form.js";
import type { Refused } from "./form-page.js";
import { layout, PEOPLE } from "./layout.js";
import type { ChargerModel } from "./model.js";
import { numberOf } from "./patch.js";
import { CARD_FIELD, ID_FIELD, peopleBody } from "./people-page.js";
import { LIMITED_FIELD, personAsked, personBody } from "./person-page.js";
import { translated } from "./texts/texts.js";
import { clockTyped, daysTyped } from "./times.js";
import type { View } from "./view.js";

type PeopleGo = "person" | "remove" | "enrol" | "cancel" | "give";
export const isPeopleGo = (go: string): go is PeopleGo =>
  go === "person" || go === "remove" || go === "enrol" || go === "cancel" || go === "give";

export function peoplePosted(view: View<ChargerModel>, fields: Fields, go: PeopleGo): Answer {
  const { model } = view;
  const id = fieldOf(fields, ID_FIELD) ?? "";
  const person = personAsked(model, id);
  if (person === null && !(go === "person" && id === "0")) return html(404, goneBody(view));
  switch (go) {
    case "person":
      return personPosted(view, person, fields);
    case "remove":
      return acting(`${PEOPLE.path}?${SAVED}`, { kind: "removePerson", id: person?.id ?? 0 });
    case "enrol":
      return acting(`${PEOPLE.path}?enrol=${id}`, { kind: "enrol", id: person?.id ?? 0 });
    case "cancel":
      return acting(`${PEOPLE.path}?enrol=${id}`, { kind: "enrol", id: 0 });
    case "give":
      return person === null ? plain(404, "") : given(view, person, fields);
  }
}

const acting = (to: string, act: PortalAct): Answer => ({ ...redirect(to), acts: [act] });

const goneBody = (view: View<ChargerModel>): string =>
  layout(view, { page: PEOPLE }, peopleBody(view, { query: [], refused: goneOf(view), saved: false }));
const goneOf = ({ texts }: View): Refused => ({ fields: [], errors: [{ field: "", why: texts.people.gone }] });

function personPosted(view: View<ChargerModel>, person: Person | null, fields: Fields): Answer {
  const parsed = parsePerson(typedPerson(fields));
  const errors = parsed.ok ? refusalOf(entering(view.model, parsed.person, person)) : parsed.errors;
  if (parsed.ok && errors.length === 0)
    return acting(`${PEOPLE.path}?${SAVED}`, { kind: "person", id: person?.id ?? 0, person: parsed.person });
  const refused = { fields, errors: errors.map(({ field, why }) => ({ field, why: translated(view.texts, why) })) };
  const heading = person?.name ?? view.texts.people.fresh;
  return html(422, layout(view, { page: PEOPLE, heading }, personBody(view, person, "", refused)));
}

/** What the book says to it; nothing changes. */
const entering = (
  { charger }: ChargerModel,
  rights: Parameters<typeof enterPerson>[1],
  person: Person | null,
): Entered => enterPerson(charger.people.book, rights, person === null ? { chance: 0 } : { id: person.id });
const refusalOf = (entered: Entered): readonly PersonError[] => (entered.ok ? [] : entered.errors);

/** The person of a form, as JSON; what is none stays as it was typed, to be refused with the reason. */
function typedPerson(fields: Fields): object {
  const typed = (name: string): string => fieldOf(fields, name)?.trim() ?? "";
  const [active, to] = [typed("active"), clockTyped(typed("to"))];
  const days = [...daysTyped(fields)].map(Number);
  return {
    name: typed("name"),
    cards: typed("cards")
      .split(/[\s,;]+/)
      .filter((one) => one !== ""),
    maxA: numberOf(typed("maxA")),
    priority: numberOf(typed("priority")),
    // The end of a day, which a browser cannot write otherwise.
    hours:
      fieldOf(fields, LIMITED_FIELD) === null
        ? null
        : { days, from: clockTyped(typed("from")), to: to === "00:00" ? "24:00" : to },
    monthlyKWh: numberOf(typed("monthlyKWh")),
    active: active === "yes" ? true : active === "no" ? false : active,
  };
}

/** The card that was held to the reader becomes somebody's. */
function given(view: View<ChargerModel>, person: Person, fields: Fields): Answer {
  const card = fieldOf(fields, CARD_FIELD) ?? "";
  const parsed = parsePerson({ ...personJson(person), cards: [...person.cards, card] });
  const errors = parsed.ok ? refusalOf(entering(view.model, parsed.person, person)) : parsed.errors;
  if (parsed.ok && errors.length === 0)
    return acting(`${PEOPLE.path}?${SAVED}`, { kind: "person", id: person.id, person: parsed.person });
  const refused = { fields: [], errors: errors.map(({ why }) => ({ field: "", why: translated(view.texts, why) })) };
  const body = peopleBody(view, { query: [], refused, saved: false });
  return html(422, layout(view, { page: PEOPLE }, body));
}
