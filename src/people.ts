// The people of a site: who they are, their cards and rights, and how each stands in the book.
// What they typed is checked here, and what two chargers wrote at once is read the same way everywhere.

import { bytesOf, readBytes, uidText, writeBytes } from "./bytes.js";
import { minuteOfDay, minuteText } from "./calendar.js";
import { frozen } from "./frozen.js";
import {
  andThen,
  bad,
  type Check,
  type Checked,
  current,
  exactly,
  good,
  isRecord,
  listOf,
  orElse,
  whole,
  yesNo,
} from "./settings-checks.js";
import { cardUid } from "./settings-fields.js";
import { afterRecord, type Book, bodyAt, find, HEADER, KIND, keyAt, kindAt, recordOf, versionAt } from "./site-book.js";
import { decodeText, encodeText } from "./text.js";
import { type Deciamps, deciamps, fromAmps, toAmps } from "./units.js";

/** On one device, those who were removed apart. */
export const PEOPLE_LIMIT = 100;
/** So many removed people are remembered before an id is given again. */
const REMEMBERED = 60;
/** What people may take of the book. The rest is for usage, and for people who were entered at two chargers at once. */
export const PEOPLE_ROOM = 6_144;
const CARDS = 4;
const NAME = 24;
const IDS = 0xffff;
/** No version is higher: a record that says so came from no charger of ours, and could never be changed again. */
const VERSIONS = 0xffff_fffe;

/** When somebody may charge. */
export interface Hours {
  /** Bit 0 Monday to bit 6 Sunday: the days on which the time begins. */
  readonly days: number;
  /** Minutes of the day; where `to` is not after `from` it is of the day after. */
  readonly from: number;
  readonly to: number;
}

export interface PersonRights {
  readonly name: string;
  /** Upper-case hex UIDs. */
  readonly cards: readonly string[];
  /** 0: no limit of their own. Below 6 A it is one that never lets them charge. */
  readonly max: Deciamps;
  /** 0-9, 9 the first. */
  readonly priority: number;
  /** null: always. */
  readonly hours: Hours | null;
  /** 0: no limit. */
  readonly monthlyKWh: number;
  readonly active: boolean;
}

export interface Person extends PersonRights {
  /** 1-65535. */
  readonly id: number;
}

/** One person as JSON, in people's units. */
export interface PersonJson {
  readonly name: string;
  readonly cards: readonly string[];
  readonly maxA: number;
  readonly priority: number;
  readonly hours: { readonly days: readonly number[]; readonly from: string; readonly to: string } | null;
  readonly monthlyKWh: number;
  readonly active: boolean;
}

export interface PersonError {
  /** A name of PersonJson, empty: of the whole. */
  readonly field: string;
  readonly why: string;
}
export type PersonParsed =
  | { readonly ok: true; readonly person: PersonRights }
  | { readonly ok: false; readonly errors: readonly PersonError[] };

const NAME_WORDS = `must be 1 to ${NAME} plain letters, fewer with accents`;

function nameOf(value: unknown): Checked<string> {
  const name = typeof value === "string" && value.length <= NAME ? value.trim() : "";
  // As in the settings: what is allowed, not what is refused.
  if (!/^[\u0020-\u007e\u00a0-\uffff]+$/.test(name)) return bad(NAME_WORDS);
  const bytes = encodeText(name);
  const read = decodeText(bytes, NAME);
  return read.ok && read.text === name ? good(name) : bad(NAME_WORDS);
}

const differentCards = (cards: readonly string[]): Checked<readonly string[]> =>
  new Set(cards).size < cards.length ? bad("names a card twice") : good(cards);

const daysOf = listOf(1, 7, whole(1, 7));

function hoursOf(value: unknown): Checked<Hours> {
  if (!isRecord(value)) return bad("must have days, from and to, or be null");
  if (Object.keys(value).some((key) => !HOURS_KEYS.includes(key))) return bad("has more than days, from and to");
  const days = daysOf(value.days);
  const from = minuteOfDay(value.from);
  const to = minuteOfDay(value.to);
  if (!days.ok) return bad(`days ${days.why}`);
  if (!from.ok) return bad(`from ${from.why}`);
  if (!to.ok) return bad(`to ${to.why}`);
  if (from.value === to.value || from.value === 1_440 || to.value === 0)
    return bad("must begin before 24:00, and end after 00:00 and not when they begin");
  const mask = days.value.reduce((sum, day) => sum | (1 << (day - 1)), 0);
  return good({ days: mask, from: from.value, to: to.value });
}
const HOURS_KEYS: readonly string[] = frozen(["days", "from", "to"]);

const cardsOf: Check<readonly string[]> = andThen(listOf(0, CARDS, cardUid), differentCards);
const maxOf = current(0, 80);
const priorityOf = whole(0, 9);
const hoursOrNull: Check<Hours | null> = orElse<null, Hours>(exactly(null), hoursOf);
const monthlyOf = whole(0, 60_000);
const KEYS: readonly string[] = frozen(["name", "cards", "maxA", "priority", "hours", "monthlyKWh", "active"]);

/** A person from JSON as PersonJson: what is missing has its default, but for the name. Each refusal names its field. */
export function parsePerson(value: unknown): PersonParsed {
  if (!isRecord(value)) return { ok: false, errors: [{ field: "", why: "a person must be an object" }] };
  const errors: PersonError[] = [];
  const unknown = Object.keys(value).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) errors.push({ field: unknown.slice(0, 40), why: "nothing of a person is called so" });
  function read<T>(field: keyof PersonJson, check: Check<T>, otherwise: T): T {
    if (!Object.hasOwn(value ?? {}, field) && field !== "name") return otherwise;
    const checked = check(isRecord(value) ? value[field] : undefined);
    if (checked.ok) return checked.value;
    errors.push({ field, why: checked.why });
    return otherwise;
  }
  const person: PersonRights = {
    name: read("name", nameOf, ""),
    cards: read("cards", cardsOf, []),
    max: fromAmps(read<number>("maxA", maxOf, 0)),
    priority: read("priority", priorityOf, 0),
    hours: read("hours", hoursOrNull, null),
    monthlyKWh: read("monthlyKWh", monthlyOf, 0),
    active: read("active", yesNo, true),
  };
  return errors.length > 0 ? { ok: false, errors } : { ok: true, person };
}

const DAYS: readonly number[] = frozen([1, 2, 3, 4, 5, 6, 7]);
const has = (days: number, day: number): boolean => (days & (1 << (day - 1))) !== 0;

/** What parsePerson reads as the same person. */
export const personJson = ({ name, cards, max, priority, hours, monthlyKWh, active }: PersonRights): PersonJson => ({
  name,
  cards: [...cards],
  maxA: toAmps(max),
  priority,
  hours:
    hours === null
      ? null
      : { days: DAYS.filter((day) => has(hours.days, day)), from: minuteText(hours.from), to: minuteText(hours.to) },
  monthlyKWh,
  active,
});

/** Whether somebody may charge at this minute (0-1439) of this weekday (1 Monday to 7 Sunday). */
export function isWithin(hours: Hours | null, weekday: number, minute: number): boolean {
  if (hours === null) return true;
  const { days, from, to } = hours;
  if (from < to) return has(days, weekday) && minute >= from && minute < to;
  const yesterday = weekday === 1 ? 7 : weekday - 1;
  return (has(days, weekday) && minute >= from) || (has(days, yesterday) && minute < to);
}

const ACTIVE = 0x80;
const HAS_HOURS = 0x40;
/** Behind the cards: current, flags and priority, energy. */
const TAIL = 5;
const HOURS = 5;

/** Body of a record: name and cards each with their length, current in 0.1 A, flags and priority, kWh, and hours if any. */
function bodyOf({ name, cards, max, priority, hours, monthlyKWh, active }: PersonRights): Uint8Array {
  const letters = encodeText(name);
  const uids = cards.map(bytesOf);
  const length = uids.reduce((sum, uid) => sum + 1 + uid.length, 2 + letters.length + TAIL);
  const to = writeBytes(length + (hours === null ? 0 : HOURS));
  to.u8(letters.length);
  to.raw(letters);
  to.u8(uids.length);
  for (const uid of uids) {
    to.u8(uid.length);
    to.raw(uid);
  }
  to.u16(max);
  to.u8((active ? ACTIVE : 0) | (hours === null ? 0 : HAS_HOURS) | priority);
  to.u16(monthlyKWh);
  if (hours !== null) {
    to.u8(hours.days);
    to.u16(hours.from);
    to.u16(hours.to);
  }
  return to.bytes();
}

/** null: removed, or of software whose people are not ours. What a newer one adds at the end is passed over. */
function rightsOf(body: Uint8Array): PersonRights | null {
  const from = readBytes(body);
  const name = decodeText(from.raw(from.u8()), NAME);
  const count = from.u8();
  if (!name.ok || count > CARDS) return null;
  const cards = Array.from({ length: count }, () => uidText(from.raw(from.u8())));
  const max = deciamps(from.u16());
  const flags = from.u8();
  const monthlyKWh = from.u16();
  const hours = (flags & HAS_HOURS) === 0 ? null : { days: from.u8(), from: from.u16(), to: from.u16() };
  if (from.short()) return null;
  return { name: name.text, cards, max, priority: flags & 15, hours, monthlyKWh, active: (flags & ACTIVE) !== 0 };
}

function personAt(book: Book, at: number): Person | null {
  const rights = rightsOf(bodyAt(book, at));
  return rights === null ? null : { id: keyAt(book, at), ...rights };
}

/** null: nobody has that id, or not any more. */
export function personOf(book: Book, id: number): Person | null {
  const at = find(book, KIND.person, id);
  return at < 0 ? null : personAt(book, at);
}

/** Everybody, in the order of their ids; one at a time, for all at once would fill the device. */
export function* peopleOf(book: Book): Generator<Person> {
  for (let at = 0; at < book.length && kindAt(book, at) <= KIND.person; at = afterRecord(book, at)) {
    const person = personAt(book, at);
    if (person !== null) yield person;
  }
}

/** Whose card it is: of two to whom it was given at once, at different chargers, the one with the lower id, everywhere. Who
 *  is not active has it only when nobody else has. null: nobody's. */
export function personByCard(book: Book, uid: string): Person | null {
  const wanted = bytesOf(uid);
  let inactive = -1;
  for (let at = 0; at < book.length && kindAt(book, at) <= KIND.person; at = afterRecord(book, at)) {
    const tail = tailWith(book, at, wanted);
    if (tail < 0) continue;
    if (((book[tail + 2] ?? 0) & ACTIVE) !== 0) return personAt(book, at);
    if (inactive < 0) inactive = at;
  }
  return inactive < 0 ? null : personAt(book, inactive);
}

/** Where the tail of a body begins whose cards have this one, -1: they have not. Nothing is made of the others' bytes. */
function tailWith(book: Book, record: number, uid: Uint8Array): number {
  const end = afterRecord(book, record);
  let at = record + HEADER;
  at += 1 + (book[at] ?? 0);
  let found = false;
  let left = at < end ? (book[at++] ?? 0) : 0;
  for (; left > 0 && at < end; left--) {
    found ||= book[at] === uid.length && uid.every((byte, index) => book[at + 1 + index] === byte);
    at += 1 + (book[at] ?? 0);
  }
  return found && at + TAIL <= end ? at : -1;
}

export type Entered =
  /** `records` are to be merged, kept and told. */
  | { readonly ok: true; readonly id: number; readonly records: Uint8Array }
  | { readonly ok: false; readonly errors: readonly PersonError[] };

const refused = (field: string, why: string): Entered => ({ ok: false, errors: [{ field, why }] });

/** What the people take of the book. */
interface Tally {
  readonly alive: number;
  readonly removed: number;
  readonly bytes: number;
  /** The one removed longest ago. */
  readonly oldest: number;
  /** The highest of all: each change has one above it, so that the later of two that knew of each other holds. */
  readonly version: number;
}

function tallyOf(book: Book): Tally {
  let [alive, removed, bytes, oldest, version] = [0, 0, 0, -1, 0];
  for (let at = 0; at < book.length && kindAt(book, at) <= KIND.person; at = afterRecord(book, at)) {
    bytes += afterRecord(book, at) - at;
    version = Math.max(version, versionAt(book, at));
    if ((book[at] ?? 0) > 0) {
      alive++;
      continue;
    }
    removed++;
    if (oldest < 0 || versionAt(book, at) < versionAt(book, oldest)) oldest = at;
  }
  return { alive, removed, bytes, oldest, version };
}

/** Enters a person, or with an id changes one who is there. `chance` is 32 random bits. Refused: a card of another active
 *  person; more than 100; no room. Then nothing changes. */
export function enterPerson(
  book: Book,
  person: PersonRights,
  who: { readonly id: number } | { readonly chance: number },
): Entered {
  const tally = tallyOf(book);
  const id = "id" in who ? who.id : freshId(book, tally, who.chance);
  const at = find(book, KIND.person, id);
  const isThere = at >= 0 && (book[at] ?? 0) > 0;
  if ("id" in who && !isThere) return refused("", "this person was removed");
  if (!isThere && tally.alive >= PEOPLE_LIMIT) return refused("", `there are ${PEOPLE_LIMIT} people already`);
  for (const card of person.cards) {
    const other = personByCard(book, card);
    if (other?.active && other.id !== id) return refused("cards", `${card} is the card of ${other.name}`);
  }
  const body = bodyOf(person);
  const before = at < 0 ? 0 : afterRecord(book, at) - at;
  if (tally.bytes - before + HEADER + body.length > PEOPLE_ROOM || tally.version >= VERSIONS)
    return refused("", "the book of people is full");
  return { ok: true, id, records: recordOf(KIND.person, id, tally.version + 1, body) };
}

/** Removes a person: an empty record stays, so that everybody hears of it. */
export function removePerson(book: Book, id: number): Entered {
  const at = find(book, KIND.person, id);
  if (at < 0 || (book[at] ?? 0) === 0) return refused("", "this person was removed");
  const { version } = tallyOf(book);
  if (version >= VERSIONS) return refused("", "the book of people is full");
  return { ok: true, id, records: recordOf(KIND.person, id, version + 1, new Uint8Array(0)) };
}

/** An id that the book has not, unless it remembers many of the removed: then that of who was removed first. */
function freshId(book: Book, { removed, oldest }: Tally, chance: number): number {
  if (removed >= REMEMBERED) return keyAt(book, oldest);
  let id = chance % IDS;
  while (find(book, KIND.person, id + 1) >= 0) id = (id + 1) % IDS;
  return id + 1;
}
