import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Entered,
  enterPerson,
  isWithin,
  PEOPLE_LIMIT,
  PEOPLE_ROOM,
  type PersonRights,
  parsePerson,
  peopleOf,
  personByCard,
  personJson,
  personOf,
  removePerson,
} from "../src/people.js";
import {
  afterRecord,
  BODY_LIMIT,
  type Book,
  find,
  KIND,
  keyAt,
  merged,
  recordOf,
  versionAt,
} from "../src/site-book.js";

const EMPTY: Book = new Uint8Array(0);
const CARD = "04A1B2C3D4E5F6";
const OTHER = "12345678";
const ALL_DAYS = [1, 2, 3, 4, 5, 6, 7];

function read(typed: object): PersonRights {
  const parsed = parsePerson(typed);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.person;
}
function whys(typed: unknown): Readonly<Record<string, string>> {
  const parsed = parsePerson(typed);
  return parsed.ok ? {} : Object.fromEntries(parsed.errors.map(({ field, why }) => [field, why]));
}
function done(book: Book, entered: Entered): { readonly book: Book; readonly id: number } {
  assert.ok(entered.ok, JSON.stringify(entered));
  return { book: merged(book, entered.records).book, id: entered.id };
}
const enter = (book: Book, typed: object, chance = 0) => done(book, enterPerson(book, read(typed), { chance }));
const change = (book: Book, id: number, typed: object) => done(book, enterPerson(book, read(typed), { id }));
const whyNot = (entered: Entered): readonly string[] =>
  entered.ok ? [] : entered.errors.map(({ field, why }) => `${field}: ${why}`);

const uid = fc.constantFrom("04A1B2C3", CARD, "00112233445566778899", "FFFFFFFF", "04A1B2C4");
const time = fc.constantFrom("00:00", "00:01", "07:30", "23:59");
const typedPerson = fc.record(
  {
    name: fc.constantFrom("A", "Ana Sofia", "João", "x".repeat(24), "日本語の人"),
    cards: fc.uniqueArray(uid, { maxLength: 4 }),
    maxA: fc.constantFrom(0, 5.9, 6, 16.3, 80),
    priority: fc.constantFrom(0, 9),
    hours: fc.option(
      fc
        .tuple(
          fc.uniqueArray(fc.constantFrom(...ALL_DAYS), { minLength: 1 }),
          fc.uniqueArray(time, { minLength: 2, maxLength: 2 }),
        )
        .map(([days, times]) => ({
          days: ALL_DAYS.filter((day) => days.includes(day)),
          from: times[0] ?? "",
          to: times[1] === "00:00" ? "24:00" : (times[1] ?? ""),
        })),
    ),
    monthlyKWh: fc.constantFrom(0, 1, 60_000),
    active: fc.boolean(),
  },
  { noNullPrototype: true },
);

describe("person", () => {
  it("comes back from the book and as JSON as it was typed", () => {
    fc.assert(
      fc.property(typedPerson, (typed) => {
        const { book, id } = enter(EMPTY, typed, 41);
        assert.equal(id, 42);
        const person = personOf(book, id);
        assert.ok(person !== null);
        assert.deepEqual(person, { id, ...read(typed) });
        assert.deepEqual(personJson(person), typed);
        assert.ok(book.length <= BODY_LIMIT);
      }),
    );
  });
  it("needs a name, and has a default for all else", () => {
    assert.deepEqual(personJson(read({ name: " Ana " })), {
      name: "Ana",
      cards: [],
      maxA: 0,
      priority: 0,
      hours: null,
      monthlyKWh: 0,
      active: true,
    });
    assert.deepEqual(Object.keys(whys({})), ["name"]);
    for (const name of ["", "  ", "x".repeat(25), "日本語の人々日本語の", "a\nb", "\ud800", 7, null])
      assert.deepEqual(Object.keys(whys({ name })), ["name"], String(name));
  });
  it("is refused field by field, in words", () => {
    const why = whys({
      name: "",
      cards: ["xx"],
      maxA: 81,
      priority: 10,
      hours: { days: [8], from: "07:00", to: "23:00" },
      monthlyKWh: 0.5,
      active: 1,
      vip: true,
    });
    assert.deepEqual(Object.keys(why).sort(), [
      "active",
      "cards",
      "hours",
      "maxA",
      "monthlyKWh",
      "name",
      "priority",
      "vip",
    ]);
    for (const value of [null, 1, "x", [], undefined]) assert.deepEqual(Object.keys(whys(value)), [""]);
  });
  it("has at most four cards, each a UID of 4, 7 or 10 bytes, once, and never a random one", () => {
    const cards = (...list: readonly unknown[]) => whys({ name: "A", cards: list }).cards;
    assert.equal(cards("04a1b2c3", CARD, "00112233445566778899", "FFFFFFFF"), undefined);
    assert.match(cards("01020304", "01020305", "01020306", "01020307", "01020309") ?? "", /list of 0 to 4/);
    assert.match(cards("08A1B2C3") ?? "", /is a random UID, different each time/);
    assert.equal(cards("08A1B2C3D4E5F6"), undefined);
    assert.match(cards("0102030405") ?? "", /8, 14 or 20 hex digits/);
    assert.match(cards("04a1b2c3", "04A1B2C3") ?? "", /twice/);
  });
  it("may have a maximum below 6 A, which stays what it is", () => {
    assert.equal(read({ name: "A", maxA: 5.9 }).max, 59);
    assert.equal(read({ name: "A", maxA: 1 }).max, 10);
  });
  it("of any value at all is read or refused, never thrown", () => {
    fc.assert(
      fc.property(fc.anything({ key: fc.constantFrom("name", "cards", "hours", "days", "from", "to") }), (value) => {
        assert.equal(typeof parsePerson(value).ok, "boolean");
        assert.equal(typeof parsePerson({ name: "A", hours: value, cards: value, maxA: value }).ok, "boolean");
      }),
    );
  });
  it("of any bytes in the book is read or passed over, never thrown", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (body) => {
        const { book } = merged(EMPTY, recordOf(KIND.person, 5, 1, body));
        for (const person of peopleOf(book)) assert.equal(person.id, 5);
        const holder = personByCard(book, OTHER);
        assert.ok(holder === null || holder.cards.includes(OTHER));
      }),
    );
  });
});

describe("hours of a person", () => {
  const hours = (days: readonly number[], from: string, to: string) =>
    read({ name: "A", hours: { days, from, to } }).hours;
  it("hold from the first minute to the one before the last, on their days", () => {
    const day = hours([1, 5], "07:00", "23:00");
    assert.ok(isWithin(day, 1, 420) && isWithin(day, 5, 1_379));
    assert.ok(!isWithin(day, 1, 419) && !isWithin(day, 1, 1_380) && !isWithin(day, 2, 600));
    assert.ok(isWithin(null, 3, 0));
  });
  it("over midnight belong to the day on which they begin", () => {
    const night = hours([7], "22:00", "06:00");
    assert.ok(isWithin(night, 7, 1_320) && isWithin(night, 1, 0) && isWithin(night, 1, 359));
    assert.ok(!isWithin(night, 1, 360) && !isWithin(night, 7, 100) && !isWithin(night, 1, 1_320));
  });
  it("may be a whole day, but not nothing", () => {
    const whole = hours([3], "00:00", "24:00");
    assert.ok(isWithin(whole, 3, 0) && isWithin(whole, 3, 1_439) && !isWithin(whole, 4, 0));
    for (const [from, to] of [
      ["07:00", "07:00"],
      ["24:00", "07:00"],
      ["07:00", "00:00"],
      ["7", "8"],
      ["07:60", "08:00"],
    ])
      assert.deepEqual(Object.keys(whys({ name: "A", hours: { days: [1], from, to } })), ["hours"]);
    assert.deepEqual(Object.keys(whys({ name: "A", hours: { days: [], from: "07:00", to: "08:00" } })), ["hours"]);
  });
});

describe("people", () => {
  it("are found by any of their cards, and by none that is not theirs", () => {
    const ana = enter(EMPTY, { name: "Ana", cards: [CARD, OTHER] }, 10);
    const rui = enter(ana.book, { name: "Rui", cards: ["00112233445566778899"] }, 5);
    assert.equal(personByCard(rui.book, OTHER)?.name, "Ana");
    assert.equal(personByCard(rui.book, CARD)?.name, "Ana");
    assert.equal(personByCard(rui.book, "00112233445566778899")?.name, "Rui");
    for (const strange of ["04A1B2C3", "12345679", "0011223344556677889A", "", "00"])
      assert.equal(personByCard(rui.book, strange), null, strange);
    assert.deepEqual(
      [...peopleOf(rui.book)].map(({ name }) => name),
      ["Rui", "Ana"],
    );
  });
  it("may not have the card of another active person, who is named", () => {
    const ana = enter(EMPTY, { name: "Ana", cards: [CARD] });
    const rui = { name: "Rui", cards: [CARD] };
    assert.deepEqual(whyNot(enterPerson(ana.book, read(rui), { chance: 9 })), [`cards: ${CARD} is the card of Ana`]);
    const idle = change(ana.book, ana.id, { name: "Ana", cards: [CARD], active: false });
    const both = enter(idle.book, rui, 9);
    assert.equal(personByCard(both.book, CARD)?.name, "Rui");
    assert.equal(personByCard(idle.book, CARD)?.active, false);
    const again = enterPerson(both.book, read({ name: "Ana", cards: [CARD] }), { id: ana.id });
    assert.deepEqual(whyNot(again), [`cards: ${CARD} is the card of Rui`]);
    assert.ok(enterPerson(ana.book, read({ name: "Anna", cards: [CARD] }), { id: ana.id }).ok);
  });
  it("who were given one card at two chargers at once: the lower id has it, everywhere", () => {
    const here = enterPerson(EMPTY, read({ name: "Ana", cards: [CARD] }), { chance: 8 });
    const there = enterPerson(EMPTY, read({ name: "Rui", cards: [OTHER, CARD] }), { chance: 3 });
    assert.ok(here.ok && there.ok);
    const one = merged(merged(EMPTY, here.records).book, there.records).book;
    const other = merged(merged(EMPTY, there.records).book, here.records).book;
    assert.equal(personByCard(one, CARD)?.name, "Rui");
    assert.equal(personByCard(other, CARD)?.name, "Rui");
  });
  it("who are removed are gone, and stay so whatever older news comes", () => {
    const ana = enter(EMPTY, { name: "Ana", cards: [CARD] });
    const { book } = done(ana.book, removePerson(ana.book, ana.id));
    assert.equal(personOf(book, ana.id), null);
    assert.equal(personByCard(book, CARD), null);
    assert.equal(merged(book, ana.book).book, book);
    assert.deepEqual(whyNot(removePerson(book, ana.id)), [": this person was removed"]);
    assert.deepEqual(whyNot(enterPerson(book, read({ name: "Ana" }), { id: ana.id })), [": this person was removed"]);
    assert.deepEqual(whyNot(removePerson(EMPTY, 1)), [": this person was removed"]);
  });
  it("changed at two chargers: the one who knew of the other's change is right", () => {
    const { book, id } = enter(EMPTY, { name: "Ana" });
    const far = merged(book, EMPTY).book;
    const second = change(change(book, id, { name: "Ana B" }).book, id, { name: "Ana C" }).book;
    const other = change(far, id, { name: "Zoe" }).book;
    assert.equal(personOf(merged(other, second).book, id)?.name, "Ana C");
    assert.equal(personOf(merged(second, other).book, id)?.name, "Ana C");
  });
  it("get an id that nobody had, the next free one where chance hits another", () => {
    let book: Book = EMPTY;
    const ids = [0, 0, 65_534, 65_534, 0xffff_ffff].map((chance) => {
      const entered = enter(book, { name: "A" }, chance);
      book = entered.book;
      return entered.id;
    });
    assert.deepEqual(ids, [1, 2, 65_535, 3, 4]);
    const removed = done(book, removePerson(book, 1)).book;
    assert.equal(enter(removed, { name: "B" }, 0).id, 5);
  });
  it("get the id of who was removed first once 60 are remembered, and a higher version", () => {
    let book: Book = EMPTY;
    const life = (chance: number): number => {
      const entered = enter(book, { name: "A" }, chance);
      book = done(entered.book, removePerson(entered.book, entered.id)).book;
      return entered.id;
    };
    const ids = Array.from({ length: 60 }, (_, index) => life(1_000 - index));
    const before = versionAt(book, find(book, KIND.person, ids[0] ?? 0));
    assert.equal(life(7), ids[0]);
    assert.ok(versionAt(book, find(book, KIND.person, ids[0] ?? 0)) > before);
    for (let index = 0; index < 200; index++) life(index);
    assert.equal(book.length, 60 * 10);
  });
  it("are 100 at the most, and one more is refused and loses nobody", () => {
    let book: Book = EMPTY;
    for (let index = 0; index < PEOPLE_LIMIT; index++) book = enter(book, { name: `P${index}` }, index * 600).book;
    const more = enterPerson(book, read({ name: "B" }), { chance: 3 });
    assert.deepEqual(whyNot(more), [": there are 100 people already"]);
    const first = keyAt(book, 0);
    const changed = change(book, first, { name: "changed" }).book;
    assert.equal([...peopleOf(changed)].length, PEOPLE_LIMIT);
    const removed = done(changed, removePerson(changed, first)).book;
    assert.ok(enterPerson(removed, read({ name: "B" }), { chance: 3 }).ok);
  });
  it("with long names and many cards fill the book before they are 100, which is said", () => {
    const typed = (at: number) => ({
      name: "x".repeat(24),
      cards: [0, 1, 2, 3].map((one) => `${1_000_000_000 + at * 4 + one}0123456789`),
      hours: { days: ALL_DAYS, from: "22:00", to: "06:00" },
    });
    let book: Book = EMPTY;
    let at = 0;
    for (; ; at++) {
      const entered = enterPerson(book, read(typed(at)), { chance: at });
      if (!entered.ok) {
        assert.deepEqual(whyNot(entered), [": the book of people is full"]);
        break;
      }
      book = merged(book, entered.records).book;
    }
    assert.ok(at > 60 && book.length <= PEOPLE_ROOM);
    assert.equal([...peopleOf(book)].length, at);
    const person = personOf(book, 1);
    assert.ok(person !== null && enterPerson(book, person, { id: 1 }).ok);
  });
  it("of a version beyond all refuse a change, in place of beginning anew", () => {
    const { book } = merged(EMPTY, recordOf(KIND.person, 1, 0xffff_ffff, Uint8Array.of(1)));
    assert.deepEqual(whyNot(enterPerson(book, read({ name: "A" }), { chance: 4 })), [": the book of people is full"]);
    assert.deepEqual(whyNot(removePerson(book, 1)), [": the book of people is full"]);
    assert.equal(afterRecord(book, 0), book.length);
  });
});
