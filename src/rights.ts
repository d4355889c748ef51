// What a person's rights and the schedule allow at a moment: who may charge, and limits by name. It knows no card reader, no
// flash and no page.

import { type CardRight, isRandomUid } from "./access.js";
import { type LocalTime, localTime, parseZone, type Zone } from "./calendar.js";
import { frozen } from "./frozen.js";
import type { Limit } from "./limits.js";
import { numberOfCurrency, type Price, priceOfCents } from "./money.js";
import { isWithin, type Person } from "./people.js";
import type { Session, Who } from "./session.js";
import type { ClosedSession, Stop } from "./session-record.js";
import type { Settings } from "./settings.js";
import { costOf, periodAt, planOf, type Tariff } from "./tariff.js";
import type { Deciamps, UnixSeconds, WattHours } from "./units.js";
import { monthNumber } from "./usage.js";

const NO_LIMITS: readonly Limit[] = frozen([]);

export interface Rights {
  /** Or why nobody may: how the last session ended. */
  readonly may: Who | Stop;
  readonly limits: readonly Limit[];
  /** Of the person, or of the charger where nobody in particular charges. */
  readonly priority: number;
}

export const isWho = (may: Who | Stop): may is Who => typeof may !== "string";

const EVERYBODY: Who = frozen({ person: 0, idToken: "" });

/** What everybody may where no card is needed. */
export const freely = ({ priority }: Settings, limits: readonly Limit[] = NO_LIMITS): Rights => ({
  may: EVERYBODY,
  limits,
  priority,
});

/** Nobody may, until somebody has shown a card. */
export const NO_RIGHTS: Rights = frozen({ may: "card", limits: [], priority: 0 });

/** The zone of the settings: by name or text, or so many minutes ahead of UTC all year. */
export function zoneOf({ timeZone, utcOffsetMinutes }: Settings): Zone {
  const parsed = timeZone === "" ? null : parseZone(timeZone);
  if (parsed?.ok) return parsed.zone;
  return { standard: utcOffsetMinutes * 60, summer: utcOffsetMinutes * 60, change: null };
}

/** The tariff of the settings; a price alone is a tariff of one period without VAT. Null: no price is known. */
export function tariffOf({ tariff, priceCents }: Settings): Tariff | null {
  return tariff ?? (priceCents === null ? null : flatTariff(priceOfCents(priceCents)));
}

const FREE: Price = priceOfCents(0);
const flatTariff = (price: Price): Tariff => ({
  currency: "EUR",
  vatPct: 0,
  plan: "flat",
  prices: [price],
  sessionFee: FREE,
  idleFee: FREE,
});

/** For a plan where nobody knows a price. */
export const NO_TARIFF: Tariff = frozen(flatTariff(priceOfCents(0)));

/** Names of the tariff's periods, none without a tariff. */
export const planNames = (settings: Settings): readonly string[] => {
  const tariff = tariffOf(settings);
  return tariff === null ? [] : planOf(tariff).periods;
};

/** The period now, for the energy that flows; 0 while nobody knows the time. */
export const periodNow = (tariff: Tariff | null, local: LocalTime | null): number =>
  tariff === null || local === null ? 0 : periodAt(tariff, local);

/** What a session costs; nothing is said without a tariff. */
export function priced(
  session: Session,
  tariff: Tariff | null,
  idleSeconds: number,
): Pick<ClosedSession, "cost" | "vat" | "currency"> {
  if (tariff === null) return { cost: null, vat: 0, currency: 0 };
  const { total } = costOf({ energyWh: session.energy, idleSeconds, sessions: 1 }, tariff);
  return { cost: total, vat: Math.round(tariff.vatPct * 100), currency: numberOfCurrency(tariff.currency) };
}

/** The number of the month in local time: the month that a limit of energy counts. */
export const monthOf = (unix: UnixSeconds, zone: Zone): number => {
  const { year, month } = localTime(unix, zone);
  return monthNumber(year, month);
};

/** What a card allows now. `person`: whose it is, with what they have used this month; null: nobody's. `local`: null while
 *  nobody knows the time; then a right that depends on it is none. */
export function rightOf(
  uid: string,
  cards: readonly string[],
  person: Person | null,
  used: WattHours,
  local: LocalTime | null,
): CardRight {
  if (person === null) return cards.includes(uid) ? 0 : isRandomUid(uid) ? "random" : "unknown";
  const { active, hours, monthlyKWh, id } = person;
  if (!active) return "inactive";
  if (local === null && (hours !== null || monthlyKWh > 0)) return "timeUnknown";
  if (local !== null && !isWithin(hours, local.weekday, local.minute)) return "hours";
  return monthlyKWh > 0 && used >= monthlyKWh * 1_000 ? "energyLimit" : id;
}

/** A person's maximum is one more named limit; below 6 A it is no offer at all. */
export const personLimit = (person: Person | null): readonly Limit[] =>
  person === null || person.max === 0 ? NO_LIMITS : [{ name: "person", amps: person.max }];

/** The smallest of the limits, null: there is none. What is below 6 A is none at all, and is decided in limits.ts. */
export const smallestOf = (limits: readonly Limit[]): Deciamps | null =>
  limits.reduce<Deciamps | null>((least, { amps }) => (least === null || amps < least ? amps : least), null);
