// The people of the site: the list of all, and the card that nobody has. One person stands in person-page.ts.

import { isRandomUid } from "../access.js";
import { minuteText } from "../calendar.js";
import { frozen } from "../frozen.js";
import { type Hours, PEOPLE_LIMIT, type Person, peopleOf, personByCard, personOf } from "../people.js";
import type { Book } from "../site-book.js";
import { millis, minus, toAmps } from "../units.js";
import { usedInMonth } from "../usage.js";
import type { Shown } from "./charger-pages.js";
import { FREE_FORM } from "./fields.js";
import { escapeHtml, fieldOf } from "./form.js";
import { alertOf, button, formOf, inputs, labelled, savedNotice } from "./form-page.js";
import { ACCESS, PEOPLE } from "./layout.js";
import type { ChargerModel } from "./model.js";
import { GO_FIELD } from "./patch.js";
import { duration } from "./status-page.js";
import { filled, numeral, type Texts } from "./texts/texts.js";
import { daysText } from "./times.js";
import type { View } from "./view.js";

export const ID_FIELD = "id";
export const CARD_FIELD = "card";
/** So many stand on one page: all at once would be more than the device can hold. */
const SHOWN = 25;
const DIGITS: readonly string[] = frozen(["1", "2", "3", "4", "5", "6", "7"]);

/** Everybody by name, each as text: a hundred people at once would fill the device. */
function byName(book: Book): readonly string[] {
  const all: string[] = [];
  for (const { name, id } of peopleOf(book)) all.push(`${name.toLowerCase()}\n${name}\n${id}`);
  return all.sort();
}
const idIn = (row: string): string => row.slice(row.lastIndexOf("\n") + 1);
const nameIn = (row: string): string => row.split("\n")[1] ?? "";

/** Everybody as the choices of a list; `chosen`: an id. */
export const personOptions = (book: Book, chosen: string): string =>
  byName(book)
    .map(
      (row) =>
        `<option value="${idIn(row)}"${idIn(row) === chosen ? " selected" : ""}>${escapeHtml(nameIn(row))}</option>`,
    )
    .join("");

export function peopleBody(view: View<ChargerModel>, { query, refused, saved }: Shown): string {
  const { texts } = view;
  const { people } = texts;
  const free = formOf(view, PEOPLE.path, inputs(view, FREE_FORM, refused) + button(texts.words.save));
  const others = `<p class="hint">${escapeHtml(people.clone)}</p><p><a href="${ACCESS.path}">${escapeHtml(filled(people.cardsOf, texts.titles.access))}</a></p>`;
  const add = `<a class="button" href="${PEOPLE.path}?${ID_FIELD}=0">${escapeHtml(people.add)}</a>`;
  return `${savedNotice(texts, saved && refused === null)}${alertOf(texts, refused, ["freeCharging"])}${waiting(view)}${strangeCard(view)}${list(view, Number(fieldOf(query, "page") ?? 1))}${add}${free}${others}`;
}

/** That somebody's card is waited for, wherever that was begun. */
function waiting({ texts, model }: View<ChargerModel>): string {
  const { book, enrolling } = model.charger.people;
  const person = enrolling === null ? null : personOf(book, enrolling);
  if (person === null) return "";
  return `<p class="card" role="status">${escapeHtml(filled(texts.people.waits, person.name))} <a class="button second" href="${PEOPLE.path}?enrol=${person.id}">${escapeHtml(texts.people.look)}</a></p>`;
}

const CARD_KNOWN = millis(600_000);

/** UID of a card that was held to the reader lately and is of nobody; null: none. */
export function cardOfNobody({ now, settings, charger }: ChargerModel): string | null {
  const { card, people } = charger;
  if (card === null || minus(now, card.at) > CARD_KNOWN || isRandomUid(card.uid)) return null;
  return personByCard(people.book, card.uid) === null && !settings.cards.includes(card.uid) ? card.uid : null;
}

/** It can be given to somebody with one touch. */
function strangeCard(view: View<ChargerModel>): string {
  const { texts, model } = view;
  const { card, people } = model.charger;
  const uid = cardOfNobody(model);
  if (uid === null || card === null) return "";
  const ago = filled(texts.words.ago, duration(texts, minus(model.now, card.at)));
  const said = `<p>${escapeHtml(filled(texts.people.unknownCard, uid, ago))}</p>`;
  const options = personOptions(people.book, "");
  const fresh = `<a class="button second" href="${PEOPLE.path}?${ID_FIELD}=0&amp;${CARD_FIELD}=${uid}">${escapeHtml(texts.people.fresh)}</a>`;
  if (options === "") return `<div class="card">${said}${fresh}</div>`;
  const choice = labelled(
    "whose",
    texts.inputs.card.label,
    "",
    null,
    `<select id="whose" name="${ID_FIELD}">${options}</select>`,
  );
  const give = button(texts.people.give, ` name="${GO_FIELD}" value="give"`);
  return formOf(
    view,
    PEOPLE.path,
    `<input type="hidden" name="${CARD_FIELD}" value="${uid}">${said}${choice}${give}${fresh}`,
  );
}

function list(view: View<ChargerModel>, wanted: number): string {
  const { texts, model } = view;
  const { book } = model.charger.people;
  const all = byName(book);
  if (all.length === 0) return `<p>${escapeHtml(texts.people.none)}</p>`;
  const pages = Math.ceil(all.length / SHOWN);
  const page = wanted >= 1 && wanted <= pages ? Math.floor(wanted) : 1;
  const items = all.slice((page - 1) * SHOWN, page * SHOWN).map((row) => item(view, Number(idIn(row))));
  const count = filled(texts.people.count, String(all.length), String(PEOPLE_LIMIT));
  return `<p class="hint">${escapeHtml(count)}</p><ul class="list">${items.join("")}</ul>${pages > 1 ? pageLinks(texts, pages, page) : ""}`;
}

function pageLinks(texts: Texts, pages: number, current: number): string {
  const links = Array.from(
    { length: pages },
    (_, at) =>
      `<a href="${PEOPLE.path}?page=${at + 1}"${at + 1 === current ? ' aria-current="page"' : ""}>${at * SHOWN + 1}-${(at + 1) * SHOWN}</a>`,
  );
  return `<nav aria-label="${escapeHtml(texts.people.pages)}">${links.join("")}</nav>`;
}

function item({ texts, model }: View<ChargerModel>, id: number): string {
  const { book, month } = model.charger.people;
  const person = personOf(book, id);
  if (person === null) return "";
  const used = month === null ? null : usedInMonth(book, id, month) / 1_000;
  return `<li><a href="${PEOPLE.path}?${ID_FIELD}=${id}">${escapeHtml(person.name)}<small>${escapeHtml(rightsText(texts, person, used))}</small></a></li>`;
}

/** What somebody may, in one line; `used`: kWh of this month, null: nobody knows the month. */
export function rightsText(texts: Texts, person: Person, used: number | null): string {
  const { people } = texts;
  const { active, cards, max, priority, hours, monthlyKWh } = person;
  const amps = numeral(texts, toAmps(max));
  const kWh = numeral(texts, used ?? 0);
  return [
    active ? "" : people.inactive,
    filled(people.cards, String(cards.length)),
    max === 0 ? "" : filled(max < 60 ? people.never : people.most, amps),
    priority === 0 ? "" : filled(people.priority, String(priority)),
    hours === null ? "" : hoursText(texts, hours),
    monthlyKWh > 0 ? filled(people.usedOf, kWh, String(monthlyKWh)) : used === null ? "" : filled(people.used, kWh),
  ]
    .filter((one) => one !== "")
    .join(" · ");
}

/** The days of a mask as digits. */
export const daysOf = ({ days }: Hours): string => DIGITS.filter((_, at) => (days & (1 << at)) !== 0).join("");

/** "Mon-Fri 08:00-20:00". */
export const hoursText = (texts: Texts, hours: Hours): string =>
  `${daysText(texts, daysOf(hours))} ${minuteText(hours.from)}-${minuteText(hours.to)}`;
