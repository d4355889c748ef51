import assert from "node:assert/strict";
import { nextReport, takeReading } from "../src/arbiter.js";
import {
  type Arbiter,
  hearDemand,
  NEVER,
  passTime,
  quorum,
  reconfigured,
  reservesOf,
  startArbiter,
} from "../src/books.js";
import { rangesOn } from "../src/line.js";
import type { Ranges } from "../src/ranges.js";
import type { Site } from "../src/shared-site.js";
import { type Demand, METER } from "../src/sharing-message.js";
import { deciamps, millis } from "../src/units.js";
import { demandOf, headFor, ownedOn, row, rows, siteWith } from "./site.js";

const SITE = siteWith(rows(3));
const IDENTITY = { term: 0, boot: 5, place: METER };
const fresh = (site: Site = SITE, now = 0): Arbiter => startArbiter(site, IDENTITY, null, millis(now));
/** A demand of somebody who has heard this arbiter just now. */
const says = (arbiter: Arbiter, id: string, now: number, over: Partial<Demand> = {}, site: Site = SITE): Arbiter =>
  hearDemand(arbiter, site, headFor(site), demandOf(id, { boot: 5, echo: millis(now), ...over }), millis(now));
/** Nobody unknown is left. */
function known(site: Site = SITE): Arbiter {
  const heard = site.roster.reduce((last, { id }) => says(last, id, 0, {}, site), fresh(site));
  return passTime(heard, site, millis(0));
}
const claims = (from: number, to: number): Ranges => [{ phase: 1, from, to }];
const ownedBy = (arbiter: Arbiter, place: number): number => {
  const [line] = arbiter.lines;
  return line === undefined ? -1 : ownedOn(line, place);
};

describe("books", () => {
  it("begin with all that is reserved for good, and nothing else", () => {
    const site = siteWith([row("a"), row("b", { failsafeA: 8 })], { houseMaxA: 10 });
    const books = fresh(site);
    assert.deepEqual([ownedBy(books, 0), ownedBy(books, 1)], [0, 80]);
    assert.deepEqual(
      reservesOf(books, site).map(({ amps }) => amps),
      [0, 80],
    );
  });
  it("know no holder of an earlier arbiter until everybody has shown to know this one", () => {
    let books = fresh();
    for (const id of ["c0", "c1"]) books = says(books, id, 100);
    assert.notEqual(passTime(books, SITE, millis(200)).unknownUntil, null);
    books = says(books, "c2", 300);
    assert.equal(passTime(books, SITE, millis(300)).unknownUntil, null);
  });
  it("take nobody for known who names another boot, term or arbiter", () => {
    for (const other of [{ boot: 4 }, { term: 1 }, { arbiter: 0 }]) {
      let books = fresh();
      for (const id of ["c0", "c1", "c2"]) books = says(books, id, 100, other);
      assert.notEqual(passTime(books, SITE, millis(200)).unknownUntil, null);
    }
  });
  it("wait for the unknown no longer than 1.03 leases", () => {
    assert.notEqual(passTime(fresh(), SITE, millis(10_299)).unknownUntil, null);
    assert.equal(passTime(fresh(), SITE, millis(10_300)).unknownUntil, null);
  });
  it("give everybody what it says it holds, while holders are unknown, and no ampere to a second", () => {
    let books = says(fresh(), "c0", 100, { boot: 4, held: claims(0, 60) });
    books = says(books, "c1", 100, { boot: 4, held: claims(50, 120) });
    const [line] = books.lines;
    assert.ok(line);
    assert.deepEqual([rangesOn(line, 1, 0), rangesOn(line, 1, 1)], [claims(0, 60), claims(60, 120)]);
    assert.equal(ownedBy(says(known(), "c0", 100, { number: 2, boot: 4, held: claims(0, 60) }), 0), 0);
  });
  it("keep what a charger says it holds as long as any lease of the earlier arbiter can last, whatever went out before", () => {
    let books = says(fresh(SITE, 50_000), "c0", 50_100, { boot: 4 });
    const reading = { stamp: millis(50_100), budget: [deciamps(300)], house: [deciamps(0)], solar: null };
    books = nextReport(takeReading(books, SITE, reading, millis(50_100)), SITE, millis(50_100)).arbiter;
    books = says(books, "c1", 50_200, { held: claims(0, 60) });
    assert.equal(ownedBy(passTime(books, SITE, millis(60_300)), 1), 60);
    assert.equal(ownedBy(passTime(books, SITE, millis(60_301)), 1), 0);
  });
  it("are not complete before their time when two say that they hold the same ampere", () => {
    const heard = (second: Ranges) => {
      let books = says(fresh(), "c0", 100, { held: claims(0, 60) });
      books = says(books, "c1", 100, { held: second });
      return passTime(says(books, "c2", 100), SITE, millis(100));
    };
    assert.equal(heard(claims(60, 120)).unknownUntil, null);
    assert.notEqual(heard(claims(59, 120)).unknownUntil, null);
    assert.equal(passTime(heard(claims(59, 120)), SITE, millis(10_300)).unknownUntil, null);
  });
  it("of a charger are not complete by time before a majority was with it so late: another may lead by then", () => {
    const site: Site = { ...siteWith(rows(3), { meter: "none" }), place: 0 };
    const identity = { term: 2, boot: 5, place: 0 };
    const led = startArbiter(site, identity, null, millis(0));
    const echoing = (echo: number) => {
      const said = demandOf("c1", { boot: 5, term: 2, arbiter: 0, echo: millis(echo) });
      return passTime(hearDemand(led, site, headFor(site), said, millis(echo)), site, millis(echo + 5_000));
    };
    assert.notEqual(echoing(10_299).unknownUntil, null);
    assert.equal(echoing(10_300).unknownUntil, null);
  });
  it("take a demand once, in order, of this configuration, from the roster", () => {
    const books = says(fresh(), "c0", 100, { number: 5 });
    assert.equal(says(books, "c0", 200, { number: 5 }), books);
    assert.equal(says(books, "c0", 200, { number: 4 }), books);
    assert.equal(says(books, "stranger", 200), books);
    const head = { ...headFor(SITE), site: 1 };
    assert.equal(hearDemand(books, SITE, head, demandOf("c1"), millis(200)), books);
  });
  it("take no demand for new that answers a report older than a lease: it was held back", () => {
    const books = fresh();
    assert.equal(says(books, "c0", 20_000, { echo: millis(9_999) }), books);
    assert.notEqual(says(books, "c0", 20_000, { echo: millis(10_000) }), books);
  });
  it("free the amperes of who was not renewed, after its end and not at it", () => {
    let books = says(fresh(), "c0", 100, { boot: 4, held: claims(0, 60) });
    books = {
      ...books,
      books: books.books.map((book, place) => (place === 0 ? { ...book, until: millis(5_000) } : book)),
    };
    assert.equal(ownedBy(passTime(books, SITE, millis(5_000)), 0), 60);
    assert.equal(ownedBy(passTime(books, SITE, millis(5_001)), 0), 0);
  });
  it("free what somebody was told to let go when it acknowledges that version, and no earlier one", () => {
    const base = says(fresh(), "c0", 100, { boot: 4, held: claims(0, 100) });
    const leaving = [{ place: 0, version: 7, until: millis(9_000), ranges: claims(60, 100) }];
    const lines = base.lines.map((line) => line.map((one, at) => (at >= 60 && at < 100 ? one | 0x80 : one)));
    const told: Arbiter = { ...base, leaving, lines };
    const free = (books: Arbiter) => books.lines[0]?.slice(60, 100).every((one) => one === 0);
    assert.equal(free(says(told, "c0", 200, { number: 2, accepted: 6 })), false);
    assert.equal(free(says(told, "c0", 200, { number: 2, accepted: 7, boot: 4 })), false, "of another boot");
    assert.equal(free(says(told, "c0", 200, { number: 2, accepted: 7 })), true);
    assert.equal(free(passTime(told, SITE, millis(9_000))), false);
    assert.equal(free(passTime(told, SITE, millis(9_001))), true);
  });
});

describe("registration", () => {
  const order = (...said: readonly (readonly [string, number, number])[]): readonly string[] => {
    const books = said.reduce((last, [id, now, uptime]) => says(last, id, now, { uptime: millis(uptime) }), fresh());
    return [...SITE.roster.keys()]
      .sort((a, b) => (books.books[a]?.registered ?? 0) - (books.books[b]?.registered ?? 0))
      .map((place) => SITE.roster[place]?.id ?? "");
  };
  it("is in the order in which the chargers began, whenever their first demand came", () => {
    assert.deepEqual(order(["c0", 10_000, 1_000], ["c1", 10_500, 9_000], ["c2", 11_000, 5_000]), ["c1", "c2", "c0"]);
  });
  it("is in the order of the roster for those that began together", () => {
    assert.deepEqual(order(["c2", 10_000, 9_000], ["c1", 10_100, 8_900], ["c0", 10_200, 8_800]), ["c0", "c1", "c2"]);
  });
  it("stays as it is with each further demand", () => {
    const books = says(fresh(), "c0", 10_000, { uptime: millis(1_000) });
    const later = says(books, "c0", 20_000, { number: 2, uptime: millis(500) });
    assert.equal(later.books[0]?.registered, books.books[0]?.registered);
  });
});

describe("two boots of one id", () => {
  const later = (arbiter: Arbiter, from: number, to: number, nonces: readonly number[]): Arbiter => {
    let books = arbiter;
    for (let now = from; now <= to; now += 1_000) {
      for (const nonce of nonces) books = says(books, "c0", now, { nonce, number: now });
      books = passTime(books, SITE, millis(now));
    }
    return books;
  };
  it("are a restart: the second is let in when the first holds nothing", () => {
    const books = later(later(known(), 1_000, 3_000, [1]), 4_000, 6_000, [2]);
    assert.equal(books.books[0]?.demand?.nonce, 2);
    assert.equal(books.books[0]?.twinsUntil, NEVER);
  });
  it("are two devices when both go on speaking: both are named, until one has been silent for 30 s", () => {
    const held = says(fresh(), "c0", 100, { boot: 4, held: claims(0, 60) });
    const charging = { ...held, books: held.books.map((book) => ({ ...book, until: millis(100_000) })) };
    const both = later(charging, 1_000, 12_000, [1, 2]);
    assert.ok((both.books[0]?.twinsUntil ?? 0) > 12_000);
    const one = later(both, 13_000, 80_000, [1]);
    assert.ok((one.books[0]?.twinsUntil ?? 0) <= 42_000);
  });
  it("are no two devices for a message that was recorded before and is sent again", () => {
    let books = later(known(), 1_000, 3_000, [2]);
    for (let now = 4_000; now <= 20_000; now += 1_000) {
      books = says(books, "c0", now, { nonce: 2, number: now });
      books = says(books, "c0", now, { nonce: 1, number: 9, echo: millis(2_000) });
    }
    assert.equal(books.books[0]?.twinsUntil, NEVER);
  });
});

describe("a changed configuration", () => {
  const before = siteWith([row("a", { failsafeA: 10 }), row("b")], { houseMaxA: 10 });
  const after = siteWith([row("b", { failsafeA: 6 }), row("a")], { houseMaxA: 10, siteVersion: 1 });
  it("begins the books anew, and keeps the larger fail-safe amperes until their owner shows it", () => {
    const changed = reconfigured(known(before), before, after, millis(1_000));
    const amps = (books: Arbiter) => reservesOf(books, after).map((one) => one.amps);
    assert.deepEqual(amps(changed), [60, 100]);
    assert.notEqual(changed.unknownUntil, null);
    assert.deepEqual(amps(says(changed, "a", 1_500, {}, after)), [60, 0]);
  });
  it("keeps them through further changes", () => {
    const third = siteWith([row("b"), row("a")], { houseMaxA: 10, siteVersion: 2 });
    const changed = reconfigured(known(before), before, after, millis(1_000));
    const again = reconfigured(changed, after, third, millis(2_000));
    assert.deepEqual(
      reservesOf(again, third).map((one) => one.amps),
      [60, 100],
    );
  });
});

describe("quorum", () => {
  it("is what more than half of the chargers reach", () => {
    const of = (count: number, ...values: readonly number[]) => quorum(siteWith(rows(count)), values.map(millis));
    assert.equal(of(1, 7), 7);
    assert.equal(of(2, 7, 3), 3);
    assert.equal(of(3, 1, 9, 5), 5);
    assert.equal(of(5, 1, 9, 5, 0, 0), 1);
  });
});
