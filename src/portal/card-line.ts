// What became of the card that was presented last, in words, for as long as whoever held it may look.

import { type Person, personByCard } from "../people.js";
import { millis, minus } from "../units.js";
import { escapeHtml } from "./form.js";
import type { CardView, ChargerModel } from "./model.js";
import { hoursText } from "./people-page.js";
import { filled, type Texts } from "./texts/texts.js";
import type { View } from "./view.js";

const SHOWN = millis(60_000);

/** HTML; nothing when nobody has presented a card within 60 s. */
export function cardLine({ texts, model }: View<ChargerModel>): string {
  const { card, people } = model.charger;
  if (card === null || minus(model.now, card.at) > SHOWN) return "";
  const person = personByCard(people.book, card.uid);
  const isRefused = card.answer !== "started" && card.answer !== "stopped" && card.answer !== "noted";
  // The book may have refused the card that was waited for.
  const isEnrolled = card.answer === "enrolled" && person !== null && people.refused.length === 0;
  const kind = isRefused && !isEnrolled ? "card warn" : "card";
  return `<p class="${kind}" role="status">${escapeHtml(isEnrolled || card.answer !== "enrolled" ? words(texts, card, person) : filled(texts.cards.notEnrolled, card.uid))}</p>`;
}

function words(texts: Texts, { uid, answer }: CardView, person: Person | null): string {
  const { cards } = texts;
  const known = person === null ? uid : `${uid} (${person.name})`;
  switch (answer) {
    case "enrolled":
      return filled(cards.enrolled, known);
    case "hours":
      return filled(cards.hours, known, person?.hours ? hoursText(texts, person.hours) : "");
    case "energyLimit":
      return filled(cards.energyLimit, known, String(person?.monthlyKWh ?? 0));
    case "started":
    case "stopped":
    case "noted":
    case "notYours":
    case "unknown":
    case "random":
    case "inactive":
    case "timeUnknown":
      return filled(cards[answer], known);
  }
}
