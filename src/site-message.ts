// The messages of a site: the report of the meter, and the demand of a charger. Lists of numbers and short texts, no
// names: on XS each new property name of a parsed object would take a key that never comes back.

import { frozen } from "./frozen.js";
import { type Deciamps, deciamps, type Milliamps, type Millis, milliamps, millis } from "./units.js";

export const FORMAT = 1;

export interface Echo {
  readonly id: string;
  /** The number of the newest demand heard, and when, on the arbiter's clock. */
  readonly number: number;
  readonly heardAt: Millis;
}

export interface Report {
  readonly boot: number;
  /** When the reading was taken, on the arbiter's clock. */
  readonly stamp: Millis;
  /** Counts the reports of a boot: of two with one stamp the higher is the newer. */
  readonly version: number;
  readonly until: Millis;
  /** What is free for cars, per phase: contracted - buffer - house, rounded down, never below 0. */
  readonly budget: readonly Deciamps[];
  readonly house: readonly Deciamps[];
  /** What the roof gives, per phase, rounded down; null where no PZEM measures it. */
  readonly solar: readonly Deciamps[] | null;
  readonly echoes: readonly Echo[];
}

export interface Demand {
  readonly id: string;
  /** Boot nonce of the charger. */
  readonly nonce: number;
  readonly number: number;
  /** Age of the draw's reading when this was sent. */
  readonly age: Millis;
  /** Draw of the car per phase of the site (0 on phases that the charger is not wired to). */
  readonly draw: readonly Milliamps[];
  /** What the pilot offers now; 0 while the contactor is open. */
  readonly offer: Deciamps;
}

export type Decoded<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: SiteRefusal };
export type SiteRefusal = "notJson" | "otherFormat" | "malformed";

const ID_LIMIT = 32;
const MEMBERS_LIMIT = 64;
const STAMP_LIMIT = 2 ** 50;
const AMPS_LIMIT = 10_000;

export const encodeReport = (r: Report): string =>
  JSON.stringify([
    FORMAT,
    r.boot,
    r.stamp,
    r.version,
    r.until,
    r.budget,
    r.house,
    r.solar ?? 0,
    r.echoes.map((e) => [e.id, e.number, e.heardAt]),
  ]);

export const encodeDemand = (d: Demand): string =>
  JSON.stringify([FORMAT, d.id, d.nonce, d.number, d.age, d.draw, d.offer]);

export function decodeReport(text: string): Decoded<Report> {
  const parsed = listOf(text);
  if (!parsed.ok) return parsed;
  const [, boot, stamp, version, until, budget, house, solar, echoes] = parsed.value;
  const amps = phases(budget, AMPS_LIMIT);
  const houseAmps = phases(house, AMPS_LIMIT);
  const solarAmps = solar === 0 ? null : phases(solar, AMPS_LIMIT);
  const heard = echoList(echoes);
  if (!isCount(boot) || !isCount(stamp) || !isCount(version) || !isCount(until)) return MALFORMED;
  if (amps === undefined || houseAmps === undefined || solarAmps === undefined || heard === undefined) return MALFORMED;
  if (until < stamp || houseAmps.length !== amps.length) return MALFORMED;
  if (solarAmps !== null && solarAmps.length !== amps.length) return MALFORMED;
  return {
    ok: true,
    value: {
      boot,
      stamp: millis(stamp),
      version,
      until: millis(until),
      budget: amps.map(deciamps),
      house: houseAmps.map(deciamps),
      solar: solarAmps === null ? null : solarAmps.map(deciamps),
      echoes: heard,
    },
  };
}

export function decodeDemand(text: string): Decoded<Demand> {
  const parsed = listOf(text);
  if (!parsed.ok) return parsed;
  const [, id, nonce, number, age, draw, offer] = parsed.value;
  const draws = phases(draw, AMPS_LIMIT * 100);
  if (!isId(id) || !isCount(nonce) || !isCount(number) || !isCount(age) || draws === undefined) return MALFORMED;
  if (!isCount(offer) || offer > AMPS_LIMIT) return MALFORMED;
  const value = { id, nonce, number, age: millis(age), draw: draws.map(milliamps), offer: deciamps(offer) };
  return { ok: true, value };
}

const MALFORMED = frozen({ ok: false, why: "malformed" } as const);

/** Names would become keys for good, so a text with an object in it is refused unparsed. */
function listOf(text: string): Decoded<readonly unknown[]> {
  if (!text.startsWith("[") || text.includes("{")) return { ok: false, why: "notJson" };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, why: "notJson" };
  }
  if (!Array.isArray(value)) return MALFORMED;
  return value[0] === FORMAT ? { ok: true, value } : { ok: false, why: "otherFormat" };
}

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= STAMP_LIMIT;

const isId = (value: unknown): value is string =>
  typeof value === "string" && value.length > 0 && value.length <= ID_LIMIT;

/** One or three whole numbers from 0 to the limit. */
function phases(value: unknown, limit: number): readonly number[] | undefined {
  if (!Array.isArray(value) || (value.length !== 1 && value.length !== 3)) return undefined;
  const good = value.every((one: unknown) => isCount(one) && one <= limit);
  return good ? value : undefined;
}

function echoList(value: unknown): readonly Echo[] | undefined {
  if (!Array.isArray(value) || value.length > MEMBERS_LIMIT) return undefined;
  const echoes: Echo[] = [];
  for (const one of value) {
    if (!Array.isArray(one)) return undefined;
    const [id, number, heardAt]: readonly unknown[] = one;
    if (!isId(id) || !isCount(number) || !isCount(heardAt)) return undefined;
    echoes.push({ id, number, heardAt: millis(heardAt) });
  }
  return echoes;
}
