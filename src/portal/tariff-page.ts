// The tariff: its kind, prices and fees, and the time zone that its hours, the schedule and the months go by.

import { localTime } from "../calendar.js";
import { type Currency, currencyAt, moneyText, numberOfCurrency } from "../money.js";
import { zoneOf } from "../rights.js";
import { type Plan, periodAt, planOf, priceOf, type Tariff } from "../tariff.js";
import type { Shown } from "./charger-pages.js";
import { type Choice, choicesOf, ZONE_FORM } from "./fields.js";
import { escapeHtml, fieldOf } from "./form.js";
import {
  alertOf,
  button,
  formOf,
  linesInput,
  numberInput,
  plainInput,
  plainSelect,
  type Refused,
  savedNotice,
  inputs as settingInputs,
} from "./form-page.js";
import { TARIFF } from "./layout.js";
import type { ChargerModel } from "./model.js";
import { GO_FIELD } from "./patch.js";
import {
  type Kind,
  kindOf,
  kindTyped,
  PERIODS,
  periodInput,
  planFor,
  priceInput,
  priceText,
  rulesText,
} from "./tariff-form.js";
import { filled, type Texts } from "./texts/texts.js";
import type { View } from "./view.js";

export const KIND_FIELD = "kind";
/** Inputs beside which a reason may stand. */
const BESIDE: readonly string[] = Object.freeze([
  KIND_FIELD,
  "priceCents",
  "timeZone",
  "currency",
  "vatPct",
  "sessionFee",
  "idleFee",
  "other",
  "rules",
  ...PERIODS.flatMap((one) => [priceInput(one), periodInput(one)]),
]);

/** One part after the other: what waits for an inner call takes places of the device's short stack. */
export function tariffBody(view: View<ChargerModel>, { query, refused, saved }: Shown): string {
  const { texts } = view;
  const typed = refused === null ? fieldOf(query, KIND_FIELD) : fieldOf(refused.fields, KIND_FIELD);
  const kind = kindTyped(texts, typed) ?? kindOf(view.model.settings);
  const inside = kindInputs(view, kind, refused);
  const zone = settingInputs(view, ZONE_FORM, refused);
  const notice = savedNotice(texts, saved && refused === null) + alertOf(texts, refused, BESIDE);
  return `${notice}${nowCard(view)}${kindChoice(view, kind)}${form(view, kind, inside)}<h2>${escapeHtml(texts.tariff.zone)}</h2>${formOf(view, TARIFF.path, zone + button(texts.words.save))}`;
}

/** The price that counts at this moment. */
function nowCard({ texts, model }: View<ChargerModel>): string {
  const { tariff } = model.settings;
  if (tariff === null) return "";
  if (model.unix === null) return `<p class="card">${escapeHtml(texts.tariff.noTime)}</p>`;
  const period = periodAt(tariff, localTime(model.unix, zoneOf(model.settings)));
  const price = moneyText(priceOf(tariff, period), tariff.currency, texts.decimal);
  const words = filled(texts.tariff.now, planOf(tariff).periods[period] ?? "", price);
  return `<p class="card">${escapeHtml(words)}</p>`;
}

/** Another kind has other inputs: it is chosen first, and saved with them. */
function kindChoice({ texts }: View, kind: Kind): string {
  const choice = plainSelect(KIND_FIELD, texts.inputs.kind, choicesOf(texts, { choices: "tariff" }), kind, null);
  return `<form action="${TARIFF.path}">${choice}${button(texts.tariff.choose, ' class="second"')}</form>`;
}

function form(view: View<ChargerModel>, kind: Kind, inside: string): string {
  const { texts, model } = view;
  const hidden = `<input type="hidden" name="${KIND_FIELD}" value="${kind}">`;
  const isNew = kind === kindOf(model.settings) ? "" : `<p class="hint">${escapeHtml(texts.tariff.chosen)}</p>`;
  const save = button(texts.words.save, ` name="${GO_FIELD}" value="tariff"`);
  return formOf(view, TARIFF.path, hidden + isNew + inside + save);
}

function kindInputs(view: View<ChargerModel>, kind: Kind, refused: Refused | null): string {
  const { texts, model } = view;
  if (kind === "none") return `<p>${escapeHtml(texts.tariff.without)}</p>`;
  const { priceCents } = model.settings;
  if (kind === "price")
    return numberInput("priceCents", texts.fields.priceCents, priceCents === null ? "" : String(priceCents), refused);
  const fees = feeInputs(view, refused);
  const plan = planFor(kind, model.settings.tariff);
  return (kind === "own" ? ownInputs(view, plan, refused) : priceInputs(view, plan, refused)) + fees;
}

function priceInputs({ texts, model }: View<ChargerModel>, { periods }: Plan, refused: Refused | null): string {
  let all = "";
  for (const [at, name] of periods.entries()) all += priceOfPeriod(texts, at + 1, name, model.settings.tariff, refused);
  return all;
}

function priceOfPeriod(
  texts: Texts,
  period: number,
  name: string,
  tariff: Tariff | null,
  refused: Refused | null,
): string {
  const { label, hint } = texts.inputs.price;
  const value = priceText(texts, tariff?.prices[period - 1]);
  return numberInput(priceInput(period), { label: filled(label, name), hint }, value, refused);
}

/** Names, prices and rules of one's own. */
function ownInputs({ texts, model }: View<ChargerModel>, plan: Plan, refused: Refused | null): string {
  const { inputs } = texts;
  let all = "";
  for (const period of PERIODS) {
    const words = { label: filled(inputs.period.label, String(period)), hint: inputs.period.hint };
    all += plainInput(periodInput(period), words, plan.periods[period - 1] ?? "", refused);
    all += priceOfPeriod(texts, period, String(period), model.settings.tariff, refused);
  }
  all += linesInput("rules", inputs.rules, rulesText(texts, plan), refused);
  const numbers = PERIODS.map((one): Choice => [String(one), plan.periods[one - 1] ?? String(one)]);
  return all + plainSelect("other", inputs.other, numbers, String(plan.other + 1), refused);
}

function feeInputs({ texts, model }: View<ChargerModel>, refused: Refused | null): string {
  const { inputs, decimal } = texts;
  const { tariff } = model.settings;
  let all = plainSelect("currency", inputs.currency, currencies(), tariff?.currency ?? "EUR", refused);
  all += numberInput("vatPct", inputs.vatPct, String(tariff?.vatPct ?? 0).replace(".", decimal), refused);
  all += numberInput("sessionFee", inputs.sessionFee, priceText(texts, tariff?.sessionFee) || "0", refused);
  return all + numberInput("idleFee", inputs.idleFee, priceText(texts, tariff?.idleFee) || "0", refused);
}

function currencies(): readonly Choice[] {
  const all: Currency[] = [];
  for (let at = 0; numberOfCurrency(currencyAt(at)) === at; at++) all.push(currencyAt(at));
  return all.map((one): Choice => [one, one]);
}
