// One person: the form of what they may, the question before they are removed, and the wait for their card.

import { isRandomUid } from "../access.js";
import { type Person, personOf } from "../people.js";
import { toAmps } from "../units.js";
import { usedInMonth } from "../usage.js";
import { choicesOf } from "./fields.js";
import { escapeHtml, fieldOf } from "./form.js";
import {
  alertOf,
  button,
  errorLine,
  formOf,
  linesInput,
  numberInput,
  plainInput,
  plainSelect,
  type Refused,
} from "./form-page.js";
import { PEOPLE } from "./layout.js";
import type { ChargerModel } from "./model.js";
import { GO_FIELD } from "./patch.js";
import { daysOf, ID_FIELD, rightsText } from "./people-page.js";
import { filled, numeral, type Texts, translated } from "./texts/texts.js";
import { clockText, hoursInputs } from "./times.js";
import type { View } from "./view.js";

export const LIMITED_FIELD = "limited";
/** Where the core's words about a person stand. */
export const PERSON_INPUTS: readonly string[] = Object.freeze([
  "name",
  "cards",
  "maxA",
  "priority",
  "monthlyKWh",
  "active",
  "hours",
]);

const link = (words: string, query: string): string =>
  `<a class="button second" href="${PEOPLE.path}${query}">${escapeHtml(words)}</a>`;
export const hiddenId = (id: number): string => `<input type="hidden" name="${ID_FIELD}" value="${id}">`;
const go = (name: string, more = ""): string => ` name="${GO_FIELD}" value="${name}"${more}`;

/** `person`: null: somebody new; `card`: what they begin with. */
export function personBody(
  view: View<ChargerModel>,
  person: Person | null,
  card: string,
  refused: Refused | null,
): string {
  const { texts } = view;
  const id = person?.id ?? 0;
  const { words } = texts;
  const save = button(words.save, go("person"));
  const form = formOf(view, PEOPLE.path, `${hiddenId(id)}${rightsInputs(texts, person, card, refused)}${save}`);
  const more = person === null ? "" : moreOf(view, person);
  return `${alertOf(texts, refused, PERSON_INPUTS)}${more}${form}${person === null ? "" : link(words.remove, `?remove=${id}`)}${link(words.back, "")}`;
}

/** What they may and used, and the button that waits for their card. */
function moreOf(view: View<ChargerModel>, person: Person): string {
  const { texts, model } = view;
  const { book, month } = model.charger.people;
  const used = month === null ? null : usedInMonth(book, person.id, month) / 1_000;
  const enrol = `${hiddenId(person.id)}<p>${escapeHtml(rightsText(texts, person, used))}</p>${button(texts.people.enrol, go("enrol"))}<p class="hint">${escapeHtml(texts.people.enrolHint)} ${escapeHtml(texts.people.clone)}</p>`;
  return formOf(view, PEOPLE.path, enrol);
}

function rightsInputs(texts: Texts, person: Person | null, card: string, refused: Refused | null): string {
  const { inputs } = texts;
  const yesNo = choicesOf(texts, { choices: "yesNo" });
  const amps = numeral(texts, person === null ? 0 : toAmps(person.max));
  const cards = person === null ? card : person.cards.join("\n");
  return `${plainInput("name", inputs.name, person?.name ?? "", refused)}${linesInput("cards", inputs.cards, cards, refused)}${plainSelect("active", inputs.active, yesNo, person?.active === false ? "no" : "yes", refused)}${numberInput("maxA", inputs.maxA, amps, refused)}${numberInput("priority", inputs.priority, String(person?.priority ?? 0), refused)}${numberInput("monthlyKWh", inputs.monthlyKWh, String(person?.monthlyKWh ?? 0), refused)}${hoursPart(texts, person, refused)}`;
}

function hoursPart(texts: Texts, person: Person | null, refused: Refused | null): string {
  const hours = person?.hours ?? null;
  const isOn = refused === null ? hours !== null : fieldOf(refused.fields, LIMITED_FIELD) !== null;
  const shown =
    hours === null
      ? { days: "12345", from: "08:00", to: "20:00" }
      : { days: daysOf(hours), from: clockText(hours.from), to: clockText(hours.to) };
  const tick = `<label class="check"><input type="checkbox" name="${LIMITED_FIELD}" value="yes"${isOn ? " checked" : ""}> ${escapeHtml(texts.inputs.limited.label)}</label>`;
  return `<fieldset class="boxed"><legend>${escapeHtml(texts.people.limited)}</legend>${tick}${errorLine("hours", refused)}${hoursInputs(texts, shown, refused)}</fieldset>`;
}

/** Asks whether somebody should be removed. */
export function removeBody(view: View<ChargerModel>, person: Person): string {
  const { people } = view.texts;
  const yes = button(people.removeNow, go("remove", ' class="bad"'));
  const ask = `<p>${escapeHtml(filled(people.removeAsk, person.name))}</p>`;
  return formOf(
    view,
    PEOPLE.path,
    `${hiddenId(person.id)}${ask}${yes}${link(people.keep, `?${ID_FIELD}=${person.id}`)}`,
  );
}

/** Whether it still waits: then the page asks again by itself. */
export const isWaiting = ({ charger }: ChargerModel, person: Person): boolean => charger.people.enrolling === person.id;

/** The wait for somebody's card, and what came of it. */
export function enrolBody(view: View<ChargerModel>, person: Person): string {
  const { texts, model } = view;
  const { people } = texts;
  const waits = isWaiting(model, person);
  const said = waits
    ? `<p class="big">${escapeHtml(filled(people.waiting, person.name, model.settings.id))}</p>`
    : outcome(view, person);
  const act = waits
    ? button(people.cancel, go("cancel", ' class="second"'))
    : button(people.again, go("enrol", ' class="second"'));
  const back = link(filled(people.toPerson, person.name), `?${ID_FIELD}=${person.id}`);
  return `<div class="card" role="status">${said}</div>${formOf(view, PEOPLE.path, hiddenId(person.id) + act)}${waits ? "" : back}<p class="hint">${escapeHtml(people.clone)}</p>`;
}

function outcome({ texts, model }: View<ChargerModel>, person: Person): string {
  const { people, card } = model.charger;
  const { enrolled, refused } = people;
  if (enrolled !== null && person.cards.includes(enrolled))
    return `<p class="big">${escapeHtml(filled(texts.people.enrolled, enrolled, person.name))}</p>`;
  if (refused.length === 0) return `<p>${escapeHtml(texts.people.over)}</p>`;
  const why = refused.map((one) => translated(texts, one.why)).join("; ");
  const random = card !== null && isRandomUid(card.uid) ? ` ${texts.people.randomWhy}` : "";
  return `<p>${escapeHtml(filled(texts.people.notEnrolled, why) + random)}</p>`;
}

/** Null: nobody has that id. */
export function personAsked({ charger }: ChargerModel, typedId: string): Person | null {
  return /^\d{1,5}$/.test(typedId) ? personOf(charger.people.book, Number(typedId)) : null;
}
