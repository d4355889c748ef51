// A tariff as the inputs of a form, and back: prices, fees, and rules of one's own as lines of text. It judges nothing but
// what only lines have; tariff.ts says what else cannot be.

import { minuteText } from "../calendar.js";
import { frozen } from "../frozen.js";
import type { Price } from "../money.js";
import type { Settings } from "../settings.js";
import { type Plan, planOf, type Rule, type Tariff } from "../tariff.js";
import { PRESETS } from "../tariff-presets.js";
import { type Fields, fieldOf } from "./form.js";
import { numberOf } from "./patch.js";
import { EN } from "./texts/en.js";
import { PT } from "./texts/pt.js";
import { filled, type Texts } from "./texts/texts.js";

export type Kind = keyof Texts["choices"]["tariff"];
export const PERIODS: readonly number[] = frozen([1, 2, 3]);
export const priceInput = (period: number): string => `price-${period}`;
export const periodInput = (period: number): string => `period-${period}`;

export const kindOf = ({ tariff, priceCents }: Settings): Kind => {
  if (tariff === null) return priceCents === null ? "none" : "price";
  return typeof tariff.plan === "string" ? tariff.plan : "own";
};

export const kindTyped = ({ choices }: Texts, typed: string | null): Kind | null => {
  const isKind = (text: string): text is Kind => Object.hasOwn(choices.tariff, text);
  return typed !== null && isKind(typed) ? typed : null;
};

/** The plan that a form of this kind begins with. */
export function planFor(kind: Kind, tariff: Tariff | null): Plan {
  if (kind === "own") return tariff === null ? PRESETS["pt-bi-daily"] : planOf(tariff);
  return kind === "none" || kind === "price" ? PRESETS.flat : PRESETS[kind];
}

export const priceText = ({ decimal }: Texts, price: Price | undefined): string =>
  price === undefined ? "" : String(price).replace(".", decimal);

/** One line for each rule: "22:00-08:00 12345 winter 11-2 night". */
export const rulesText = (texts: Texts, { rules, periods }: Plan): string =>
  rules.map((rule) => ruleText(texts, rule, periods)).join("\n");

function ruleText(
  { tariff }: Texts,
  { period, days, from, to, season, months }: Rule,
  names: readonly string[],
): string {
  const parts = [
    `${minuteText(from)}-${minuteText(to)}`,
    days === "1234567" ? "" : days,
    season === undefined ? "" : tariff[season],
    months === undefined ? "" : months.join("-"),
    names[period] ?? "",
  ];
  return parts.filter((one) => one !== "").join(" ");
}

export interface LineError {
  /** From 1. */
  readonly line: number;
  readonly why: string;
}
export interface RulesTyped {
  readonly rules: readonly object[];
  readonly errors: readonly LineError[];
}

/** Rules of lines, in either language; the periods by their names. */
export function rulesTyped(texts: Texts, text: string, names: readonly string[]): RulesTyped {
  const rules: object[] = [];
  const errors: LineError[] = [];
  const lines = text.split("\n").map((one) => one.trim());
  for (const [at, one] of lines.filter((line) => line !== "").entries()) {
    const parts = LINE.exec(one);
    const [, from = "", to = "", days, season, first, last, name = ""] = parts ?? [];
    const period = names.indexOf(name.trim());
    if (parts === null) errors.push({ line: at + 1, why: texts.tariff.lineTime });
    else if (period < 0) errors.push({ line: at + 1, why: filled(texts.tariff.periodUnknown, name.slice(0, 24)) });
    else
      rules.push({
        period,
        from: from.padStart(5, "0"),
        to: to.padStart(5, "0"),
        ...(days === undefined ? {} : { days }),
        ...(season === undefined ? {} : { season: isSummer(season) ? "summer" : "winter" }),
        ...(first === undefined || last === undefined ? {} : { months: [Number(first), Number(last)] }),
      });
  }
  return { rules, errors };
}

const SEASONS = [EN, PT].flatMap(({ tariff }) => [tariff.winter, tariff.summer]).join("|");
const LINE = new RegExp(
  `^(\\d{1,2}:\\d\\d) ?- ?(\\d{1,2}:\\d\\d)(?:\\s+([1-7]+)(?=\\s))?(?:\\s+(${SEASONS})(?=\\s))?(?:\\s+(\\d{1,2})-(\\d{1,2})(?=\\s))?\\s+(\\S.*)$`,
);
const isSummer = (word: string): boolean => [EN, PT].some(({ tariff }) => tariff.summer === word);

/** The tariff of a form as JSON, with what is wrong with its lines; what is no number stays text, to be refused. */
export function tariffTyped(
  texts: Texts,
  kind: Kind,
  fields: Fields,
): { readonly tariff: object; readonly errors: readonly LineError[] } {
  const typed = (name: string): string => fieldOf(fields, name)?.trim() ?? "";
  const names = PERIODS.map((one) => typed(periodInput(one)));
  const count =
    kind === "own"
      ? names.reduce((last, one, at) => (one === "" ? last : at + 1), 0)
      : planFor(kind, null).periods.length;
  const { rules, errors } = kind === "own" ? rulesTyped(texts, typed("rules"), names) : { rules: [], errors: [] };
  const own = { periods: names.slice(0, count), rules, other: Number(typed("other")) - 1 };
  const fee = (name: string): unknown => (typed(name) === "" ? 0 : typed(name));
  const tariff = {
    currency: typed("currency"),
    vatPct: typed("vatPct") === "" ? 0 : numberOf(typed("vatPct")),
    plan: kind === "own" ? own : kind,
    prices: PERIODS.slice(0, count).map((one) => typed(priceInput(one))),
    sessionFee: fee("sessionFee"),
    idleFee: fee("idleFee"),
  };
  return { tariff, errors };
}
