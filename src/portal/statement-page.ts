// Statements as a page: rows of a table that is written piece by piece, and its sums.

import { localText } from "../calendar.js";
import { currencyAt, moneyText } from "../money.js";
import { zoneOf } from "../rights.js";
import type { ClosedSession } from "../session-record.js";
import type { Settings } from "../settings.js";
import { type Around, kWh, type Sums, totalOf } from "../statement.js";
import { escapeHtml } from "./form.js";

const cells = (list: readonly string[]): string => list.map((one) => `<td>${escapeHtml(one)}</td>`).join("");

const signOf = ({ language }: Settings): "." | "," => (language === "pt" ? "," : ".");

export function statementRow(session: ClosedSession, { name, settings }: Around): string {
  const sign = signOf(settings);
  const { startedAt, cost, currency } = session;
  return `<tr>${cells([
    startedAt === null ? "?" : localText(startedAt, zoneOf(settings)),
    name ?? "",
    kWh(totalOf(session), sign),
    cost === null ? "" : moneyText(cost, currencyAt(currency), sign),
  ])}</tr>`;
}

export function statementFoot(sums: Sums, settings: Settings): string {
  const sign = signOf(settings);
  const costs = sums.costs.map(([currency, cost]) => moneyText(cost, currencyAt(currency), sign)).join(", ");
  return `</tbody><tfoot><tr>${cells([`${sums.sessions}`, "", kWh(sums.energy, sign), costs])}</tr></tfoot></table></main></body></html>`;
}
