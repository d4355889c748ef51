// The sessions of a charger: the one that goes on, and the choice of a statement. The statement itself is statement-page.ts.

import { currencyAt, moneyText } from "../money.js";
import { monthIn, monthText, type Report } from "../statement.js";
import { minus } from "../units.js";
import { escapeHtml, type Fields, fieldOf } from "./form.js";
import { labelled, plainSelect } from "./form-page.js";
import type { ChargerModel } from "./model.js";
import { personOptions } from "./people-page.js";
import { duration, rows } from "./status-page.js";
import { filled, numeral } from "./texts/texts.js";
import { monthName } from "./times.js";
import type { View } from "./view.js";

const ALL = "all";
const MONTHS = 12;

/** The statement that a query asks for; null: there is no such month or person. Left out is all. */
export function reportOf(format: Report["format"], query: Fields): Report | null {
  const [month, person] = ["month", "person"].map((name) => fieldOf(query, name) ?? ALL);
  const decimal = fieldOf(query, "decimal") === "comma" ? "," : ".";
  if (month === undefined || person === undefined) return null;
  const number = month === ALL ? null : monthIn(month);
  if ((month !== ALL && number === null) || (person !== ALL && !/^\d{1,5}$/.test(person))) return null;
  return { format, month: number, person: person === ALL ? null : Number(person), decimal };
}

export function sessionsBody(view: View<ChargerModel>): string {
  const { texts, model } = view;
  const { sessions } = texts;
  const kept = `<p class="hint">${escapeHtml(filled(sessions.kept, String(model.charger.kept)))}</p>`;
  return `<h2>${escapeHtml(sessions.now)}</h2>${current(view)}<h2>${escapeHtml(sessions.statement)}</h2>${kept}${choice(view)}`;
}

/** The session that goes on, as far as it has come. */
function current(view: View<ChargerModel>): string {
  const { session } = view.model.charger;
  return session === null ? `<p>${escapeHtml(view.texts.sessions.nobody)}</p>` : rows(sessionRows(view));
}

export function sessionRows({ texts, model }: View<ChargerModel>): readonly (readonly [string, string])[] {
  const { session } = model.charger;
  const { daily } = texts;
  if (session === null) return [];
  const { name, since, energyWh, cost, currency } = session;
  return [
    ...(name === null ? [] : [[daily.person, name] as const]),
    [daily.since, duration(texts, minus(model.now, since))],
    ...(energyWh === null ? [] : [[daily.energy, `${numeral(texts, energyWh / 1_000, 2)} kWh`] as const]),
    ...(cost === null ? [] : [[daily.cost, moneyText(cost, currencyAt(currency), texts.decimal)] as const]),
  ];
}

/** One form with a button for each shape: no script is needed. */
function choice(view: View<ChargerModel>): string {
  const { texts, model } = view;
  const { sessions, inputs } = texts;
  const { month, book } = model.charger.people;
  const first = month === null ? 0 : Math.max(0, month - MONTHS + 1);
  const months = Array.from({ length: month === null ? 0 : month - first + 1 }, (_, back) => {
    const one = (month ?? 0) - back;
    return [monthText(one), monthName(texts, one)] as const;
  });
  const shown = month === null ? ALL : monthText(month);
  const when = plainSelect("month", inputs.month, [...months, [ALL, sessions.all]], shown, null);
  const person = `<select id="person" name="person"><option value="${ALL}">${escapeHtml(sessions.everybody)}</option>${personOptions(book, "")}<option value="0">${escapeHtml(sessions.anybody)}</option></select>`;
  const shape = (path: string, words: string, more = ""): string =>
    `<button type="submit" formaction="${path}"${more}>${escapeHtml(words)}</button>`;
  const second = ' class="second"';
  const buttons = [
    shape("/sessions/list", sessions.list),
    shape("/sessions/print", sessions.print, second),
    shape("/sessions.csv", "CSV", second),
    shape("/sessions.csv", sessions.csvComma, `${second} name="decimal" value="comma"`),
    shape("/sessions.json", "JSON", second),
  ];
  return `<form action="/sessions/list">${when}${labelled("person", inputs.person.label, "", null, person)}${buttons.join("")}</form>`;
}
