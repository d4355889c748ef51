// Statements as a page, or to be printed: a head, rows of a table that is written piece by piece, and its sums.

import { localText } from "../calendar.js";
import { currencyAt, moneyText } from "../money.js";
import { personOf } from "../people.js";
import { planNames, zoneOf } from "../rights.js";
import type { ClosedSession } from "../session-record.js";
import type { Settings } from "../settings.js";
import { type Around, endOf, kWh, type Report, type Sums, totalOf, vatWithin } from "../statement.js";
import { millis, type WattHours, wattHours } from "../units.js";
import { escapeHtml } from "./form.js";
import { PAGE_END, pageStart, SESSIONS } from "./layout.js";
import type { ChargerModel } from "./model.js";
import { duration } from "./status-page.js";
import { filled, type Texts, textsOf } from "./texts/texts.js";
import { monthName } from "./times.js";
import type { View } from "./view.js";

type Shape = Pick<Report, "format">;

/** All of the page that comes before the first session. */
export function statementHead(view: View<ChargerModel>, report: Report): string {
  const { texts, model } = view;
  const { sessions } = texts;
  const isPrint = report.format === "print";
  const start = pageStart(view, { page: SESSIONS, heading: sessions.statement, ...(isPrint ? { bare: true } : {}) });
  const month = report.month === null ? sessions.all : monthName(texts, report.month);
  const about = [month, whose(texts, model, report)].join(" · ");
  const columns = [sessions.time, texts.daily.person].map((one) => `<th scope="col">${escapeHtml(one)}</th>`);
  const numbers = ["kWh", sessions.cost].map((one) => `<th scope="col" class="num">${escapeHtml(one)}</th>`);
  return `${start}<p>${escapeHtml(about)}</p><table class="sums"><thead><tr>${columns.join("")}${numbers.join("")}</tr></thead><tbody>`;
}

function whose({ sessions }: Texts, { charger }: ChargerModel, { person }: Report): string {
  if (person === null) return sessions.everybody;
  if (person === 0) return sessions.anybody;
  return personOf(charger.people.book, person)?.name ?? filled(sessions.unnamed, String(person));
}

const signOf = ({ language }: Settings): "." | "," => (language === "pt" ? "," : ".");

/** A cell with something smaller beneath. */
function cell(big: string, small: string, kind = ""): string {
  const beneath = small === "" ? "" : `<br><small>${escapeHtml(small)}</small>`;
  return `<td${kind}>${escapeHtml(big)}${beneath}</td>`;
}
const NUMBER = ' class="num"';

export function statementRow(session: ClosedSession, { name, settings }: Around, { format }: Shape): string {
  const texts = textsOf(settings.language);
  const sign = signOf(settings);
  const { cost, currency, energy, stop, disturbed } = session;
  const isPrint = format === "print";
  const why = disturbed ? `${texts.stops[stop]}; ${texts.sessions.disturbed}` : texts.stops[stop];
  const price = cost === null ? "" : moneyText(cost, currencyAt(currency), sign);
  const tax =
    cost === null || !isPrint ? "" : vatText(texts, moneyText(vatWithin(session), currencyAt(currency), sign));
  const whom = name ?? (session.person === 0 ? "" : filled(texts.sessions.unnamed, String(session.person)));
  return `<tr>${cell(fromTo(texts, session, settings), why)}${cell(whom, "")}${cell(kWh(totalOf(session), sign), isPrint ? periods(energy, settings) : "", NUMBER)}${cell(price, tax, NUMBER)}</tr>`;
}

const vatText = ({ sessions }: Texts, amount: string): string => filled(sessions.vat, amount);

/** "2026-11-20 22:00 - 23:15", with the date of the end where it is another. */
function fromTo(texts: Texts, session: ClosedSession, settings: Settings): string {
  const { startedAt, durationS } = session;
  const endedAt = endOf(session);
  if (startedAt === null || endedAt === null)
    return filled(texts.sessions.timeUnknown, duration(texts, millis(durationS * 1_000)));
  const zone = zoneOf(settings);
  const [from, to] = [localText(startedAt, zone), localText(endedAt, zone)];
  return `${from} - ${to.slice(0, 10) === from.slice(0, 10) ? to.slice(11) : to}`;
}

/** "vazio 10.000, ponta 2.340"; nothing where there is one period only. */
function periods(energy: readonly WattHours[], settings: Settings): string {
  const names = planNames(settings);
  const sign = signOf(settings);
  if (names.length < 2) return "";
  return names.map((name, at) => `${name} ${kWh(energy[at] ?? wattHours(0), sign)}`).join(", ");
}

export function statementFoot(
  { sessions, energy, byPeriod, costs }: Sums,
  settings: Settings,
  { format }: Shape,
): string {
  const texts = textsOf(settings.language);
  const sign = signOf(settings);
  const isPrint = format === "print";
  const sums = costs.map(([currency, cost]) => moneyText(cost, currencyAt(currency), sign)).join(", ");
  const taxes = costs.map(([currency, , vat]) => vatText(texts, moneyText(vat, currencyAt(currency), sign))).join(", ");
  const total = escapeHtml(filled(texts.sessions.total, String(sessions)));
  return `</tbody><tfoot><tr><th scope="row" colspan="2">${total}</th>${cell(kWh(energy, sign), isPrint ? periods(byPeriod, settings) : "", NUMBER)}${cell(sums, isPrint ? taxes : "", NUMBER)}</tr></tfoot></table>${PAGE_END}`;
}
