// The texts of a language, how their gaps are filled, and the words that settings say, brought into that language.

import { EN, type Texts } from "./en.js";
import { PT } from "./pt.js";

export type { Texts } from "./en.js";

export const textsOf = (language: "en" | "pt"): Texts => (language === "pt" ? PT : EN);

/** A text with {0}, {1} .. in it, filled in that order. */
export function filled(text: string, ...values: readonly string[]): string {
  return values.reduce((whole, value, at) => whole.split(`{${at}}`).join(value), text);
}

/** What a # stands for; a hint about topics has a # of its own. */
const NUMBER = "(-?\\d+(?:\\.\\d+)?|#)";

const patternOf = (template: string): RegExp =>
  new RegExp(
    `^${template
      .replace(/[.+?()[\]/\\]/g, "\\$&")
      .replaceAll("#", NUMBER)
      .replaceAll("*", "(.*)")}$`,
  );

/** A sentence of the settings in the language of the texts; one that is in no table stays as it is. */
export function translated(texts: Texts, sentence: string): string {
  const found = texts === EN ? null : findSentence(sentence);
  if (found === null) return sentence;
  const parts = found.parts.map((part) => (/^[-\d.#]*$/.test(part) ? local(texts, part) : translated(texts, part)));
  return parts
    .reduce((whole, part) => whole.replace(/[#*]/, () => part.replaceAll("#", "\u0000")), texts.sentences[found.key])
    .replaceAll("\u0000", "#");
}

const local = (texts: Texts, number: string): string => number.replace(".", texts.decimal);

interface FoundSentence {
  readonly key: keyof Texts["sentences"];
  /** What stood in the gaps. */
  readonly parts: readonly string[];
}

const isKey = (key: string): key is keyof Texts["sentences"] => Object.hasOwn(EN.sentences, key);

/** The row of the table that a sentence comes from; null: none. */
export function findSentence(sentence: string): FoundSentence | null {
  for (const [key, template] of Object.entries(EN.sentences)) {
    const match = patternOf(template).exec(sentence);
    if (match !== null && isKey(key)) return { key, parts: match.slice(1) };
  }
  return null;
}

/** A number with so many digits behind the point, or the comma; zeros at its end fall away. */
export function numeral(texts: Texts, value: number, digits = 1): string {
  const fixed = value.toFixed(digits);
  const short = fixed.includes(".") ? fixed.replace(/\.?0+$/, "") : fixed;
  return local(texts, short);
}
