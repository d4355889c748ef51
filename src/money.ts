// Money: amounts as whole ten-thousandths of a currency unit, how people type them and how they are shown.
// It never rounds; where a cost is rounded stands in tariff.ts.

import { frozen } from "./frozen.js";
import { bad, type Check, good, oneOf } from "./settings-checks.js";
import type { Unit } from "./units.js";

/** Ten-thousandths of a currency unit. 1534 = 0.1534 €. */
export type Money = Unit<"0.0001 money">;
/** Currency units in steps of 0.0001, as people type them: settings only. 0.1534 = 0.1534 €. */
export type Price = Unit<"money">;

const STEPS = 10_000;

const isMoney = (value: number): value is Money => Number.isSafeInteger(value);
const isPrice = (value: number): value is Price => Math.abs(value * STEPS - Math.round(value * STEPS)) < 1e-6;

/** Throws RangeError for any but a whole number. */
export function money(value: number): Money {
  if (!isMoney(value)) throw new RangeError(`money must be a whole number, not ${value}`);
  return value;
}

/** A price as typed, in the unit that costs are counted in. Exact. */
export const moneyOf = (price: Price): Money => money(Math.round(price * STEPS));

/** Currencies of two decimals, and what stands behind an amount. */
const SYMBOLS = frozen({
  EUR: "€",
  GBP: "£",
  USD: "$",
  BRL: "R$",
  CHF: "CHF",
  PLN: "zł",
  CZK: "Kč",
  SEK: "kr",
  NOK: "kr",
  DKK: "kr",
  RON: "lei",
  UAH: "₴",
  CVE: "$",
  AOA: "Kz",
  MZN: "MT",
});
export type Currency = keyof typeof SYMBOLS;

const isCurrency = (code: string): code is Currency => Object.hasOwn(SYMBOLS, code);
/** In the order of their numbers in flash: new ones come last. */
const CURRENCIES: readonly Currency[] = frozen(Object.keys(SYMBOLS).filter(isCurrency));
export const numberOfCurrency = (code: Currency): number => CURRENCIES.indexOf(code);
export const currencyAt = (number: number): Currency => CURRENCIES[number] ?? "EUR";

export const currencyOf: Check<Currency> = oneOf(...CURRENCIES);

/** Cents as people type them, to a hundredth of a cent. */
export function priceOfCents(cents: number): Price {
  const price = Math.round(cents * 100) / STEPS;
  if (!isPrice(price)) throw new RangeError(`no price: ${cents}`);
  return price;
}

const WRITTEN = /^(-?)(\d{1,9})(?:[.,](\d{1,4}))?$/;

/** Money from text such as "0.1534" or "12,5": at most nine digits, then at most four decimals. Null for any other. */
export function parseMoney(text: string): Money | null {
  const parts = WRITTEN.exec(text);
  if (parts === null) return null;
  const size = Number(parts[2]) * STEPS + Number((parts[3] ?? "").padEnd(4, "0"));
  return money(parts[1] === "-" && size > 0 ? -size : size);
}

/** A price from 0 up to so many currency units, typed as a number or as text. */
export const priceUpTo = (highest: number): Check<Price> => {
  const most = highest;
  return (value) => {
    const typed = typeof value === "string" ? (parseMoney(value) ?? Number.NaN) / STEPS : value;
    if (typeof typed !== "number" || !(typed >= 0 && typed <= most)) return bad(`must be from 0 to ${most}`);
    const price = Math.round(typed * STEPS) / STEPS;
    return isPrice(typed) && isPrice(price) ? good(price) : bad("must have at most four decimals");
  };
};

/** The number alone, "1.23" or with another decimal sign "1,23": two decimals, up to four where the amount has them, so that
 *  nothing is rounded; no sign between thousands, so that a spreadsheet reads it. */
export function decimals(amount: Money, sign = "."): string {
  const size = Math.abs(amount);
  const digits = `${size % STEPS}`.padStart(4, "0");
  const shown = digits.endsWith("00") ? digits.slice(0, 2) : digits.endsWith("0") ? digits.slice(0, 3) : digits;
  return `${amount < 0 ? "-" : ""}${Math.floor(size / STEPS)}${sign}${shown}`;
}

/** "1,23 €". */
export const moneyText = (amount: Money, currency: Currency, sign = "."): string =>
  `${decimals(amount, sign)} ${SYMBOLS[currency]}`;
