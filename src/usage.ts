// How much energy each person took this month, at each charger of the site: records of the book that only grow.
// It knows no limit and no session.

import { crc32 } from "./crc32.js";
import { afterRecord, find, KIND, keyAt, kindAt, MONTH_SHIFT, monthAt, recordOf, versionAt } from "./site-book.js";
import { encodeText } from "./text.js";
import { type WattHours, wattHours } from "./units.js";

const EPOCH = 2020;
/** Wh: what a record counts in. */
const STEP = 10;
const MOST = (1 << MONTH_SHIFT) - 1;

/** The number of a month, from 0 for January 2020 to 1023; `month` is 1-12. */
export const monthNumber = (year: number, month: number): number =>
  Math.max(0, Math.min((year - EPOCH) * 12 + month - 1, 0x3ff));

/** The 16 bits that name a charger in the book. `others`: ids of the site, for of two with the same bits one must take others. */
export function authorOf(id: string, others: readonly string[] = []): number {
  const bits = crc32(encodeText(id));
  const taken = others.some((one) => one < id && (crc32(encodeText(one)) & 0xffff) === (bits & 0xffff));
  return taken ? bits >>> 16 : bits & 0xffff;
}

const keyOf = (author: number, person: number): number => author * 0x1_0000 + person;

/** What a person has taken at one charger in a month, as a record. Rounded down to 10 Wh. */
export const usageRecord = (author: number, person: number, month: number, energy: WattHours): Uint8Array => {
  const steps = Math.max(0, Math.min(Math.floor(energy / STEP), MOST));
  return recordOf(KIND.usage, keyOf(author, person), month * (MOST + 1) + steps, new Uint8Array(0));
};

const energyAt = (book: Uint8Array, at: number): number => (versionAt(book, at) & MOST) * STEP;

/** What the book says that a person has taken in a month, at one charger; 0 where it says nothing. */
export function usedAt(book: Uint8Array, author: number, person: number, month: number): WattHours {
  const at = find(book, KIND.usage, keyOf(author, person));
  return wattHours(at < 0 || monthAt(book, at) !== month ? 0 : energyAt(book, at));
}

/** The same at all chargers together. */
export function usedInMonth(book: Uint8Array, person: number, month: number): WattHours {
  let sum = 0;
  for (let at = 0; at < book.length; at = afterRecord(book, at)) {
    if (kindAt(book, at) !== KIND.usage || (keyAt(book, at) & 0xffff) !== person) continue;
    if (monthAt(book, at) === month) sum += energyAt(book, at);
  }
  return wattHours(sum);
}
