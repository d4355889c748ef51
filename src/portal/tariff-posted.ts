// What the form of the tariff does: a change of settings, or the form again with each reason beside its input.

import { change, type SettingsError } from "../settings.js";
import { parseTariff } from "../tariff.js";
import { type Answer, html, redirect, SAVED } from "./answers.js";
import { type Fields, fieldOf } from "./form.js";
import { layout, TARIFF } from "./layout.js";
import type { ChargerModel } from "./model.js";
import { numberOf, type Patch } from "./patch.js";
import { type Kind, kindTyped, periodInput, priceInput, tariffTyped } from "./tariff-form.js";
import { KIND_FIELD, tariffBody } from "./tariff-page.js";
import { filled, type Texts, translated } from "./texts/texts.js";
import type { View } from "./view.js";

/** Few things are kept while the settings judge it: the tariff's rules lie deep, and the device's stack is short. */
export function tariffPosted(view: View<ChargerModel>, fields: Fields): Answer {
  const judged = judge(view.texts, fields);
  if (judged.errors.length > 0) return refusedPage(view, fields, judged.errors);
  const changed = change(view.model.settings, judged.patch);
  if (changed.ok) return { ...redirect(`${TARIFF.path}?${SAVED}`), change: judged.patch };
  return refusedPage(view, fields, inWords(view.texts, changed.errors));
}

const inWords = (texts: Texts, errors: readonly SettingsError[]): readonly SettingsError[] =>
  errors.map(({ field, why }) => ({ field, why: translated(texts, why) }));

function refusedPage(view: View<ChargerModel>, fields: Fields, errors: readonly SettingsError[]): Answer {
  const body = tariffBody(view, { query: [], refused: { fields, errors }, saved: false });
  return html(422, layout(view, { page: TARIFF }, body));
}

function judge(texts: Texts, fields: Fields): Judged {
  const kind = kindTyped(texts, fieldOf(fields, KIND_FIELD)) ?? "none";
  return kind === "none" || kind === "price"
    ? { patch: priceAlone(kind, fields), errors: [] }
    : whole(texts, kind, fields);
}

const priceAlone = (kind: Kind, fields: Fields): Patch => ({
  tariff: null,
  priceCents: kind === "none" ? null : numberOf(fieldOf(fields, "priceCents")?.trim() ?? ""),
});

interface Judged {
  readonly patch: Patch;
  readonly errors: readonly SettingsError[];
}

function whole(texts: Texts, kind: Kind, fields: Fields): Judged {
  const { tariff, errors: lines } = tariffTyped(texts, kind, fields);
  if (lines.length > 0) {
    const why = lines.map((one) => filled(texts.tariff.line, String(one.line), one.why)).join("; ");
    return { patch: {}, errors: [{ field: "rules", why }] };
  }
  const parsed = parseTariff(tariff);
  if (parsed.ok) return { patch: { tariff }, errors: [] };
  return { patch: {}, errors: parsed.errors.map((error) => besideInput(texts, error)) };
}

/** An error of the tariff's JSON with the input that it belongs beside. */
function besideInput(texts: Texts, { field, why }: SettingsError): SettingsError {
  const said = translated(texts, why);
  const [, place = "", more = ""] = /^number (\d+) (.*)$/.exec(why) ?? [];
  if (field === "prices" && place !== "") return { field: priceInput(Number(place)), why: translated(texts, more) };
  if (field === "prices") return { field: priceInput(1), why: said };
  if (field === "plan.periods")
    return { field: periodInput(Number(place || 1)), why: place === "" ? said : translated(texts, more) };
  if (field === "plan.other") return { field: "other", why: said };
  const [, line = "", part = ""] = /^plan\.rules\.(\d+)\.?(.*)$/.exec(field) ?? [];
  if (line !== "") {
    const words = translated(texts, `${part} ${why}`.trim());
    return { field: "rules", why: filled(texts.tariff.line, String(Number(line) + 1), words) };
  }
  return field.startsWith("plan") ? { field: "rules", why: said } : { field, why: said };
}
