import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Election,
  hearCall,
  hearLeader,
  hearPromise,
  mayObey,
  startElection,
  tickElection,
} from "../src/election.js";
import { type Site, siteOf } from "../src/shared-site.js";
import type { Call } from "../src/sharing-message.js";
import { millis } from "../src/units.js";
import { memberOf, NO_VOTE, rows } from "./site.js";

const siteOfPlace = (place: number, count = 3): Site =>
  siteOf(memberOf(rows(count), { id: place < count ? `c${place}` : "stranger", meter: "none" }));
const begun = (place: number, vote = NO_VOTE): Election => startElection(vote, 100 + place, millis(0));
const call = (arbiter: number, term: number): Call => ({ term, boot: 100 + arbiter, arbiter, sentAt: millis(0) });
const at = millis;

/** Ticks each 20 ms up to `until`; the terms that were asked for, and when. */
function ticked(election: Election, site: Site, from: number, until: number) {
  let last = election;
  const asked: { readonly at: number; readonly term: number }[] = [];
  for (let now = from; now <= until; now += 20) {
    const step = tickElection(last, site, at(now));
    last = step.election;
    if (step.asks !== null) asked.push({ at: now, term: step.asks });
  }
  return { election: last, asked };
}

describe("election", () => {
  it("lets the only charger of a site lead at once, without a word", () => {
    const step = tickElection(begun(0), siteOfPlace(0, 1), at(0));
    assert.deepEqual([step.won, step.asks, step.election.leads], [true, null, true]);
  });
  it("begins when no arbiter was heard for a period and a second, one charger after the other", () => {
    const first = [0, 1, 2].map((place) => ticked(begun(place), siteOfPlace(place), 0, 5_000).asked[0]?.at ?? 0);
    const [zero = 0, one = 0, two = 0] = first;
    assert.ok(zero >= 2_000 && one > zero && two > one && two < 3_000, first.join());
  });
  it("never begins with a device that is not in the roster", () => {
    assert.deepEqual(ticked(begun(9), siteOfPlace(9), 0, 20_000).asked, []);
  });
  it("needs the promises of a majority, each charger's once", () => {
    const { election } = ticked(begun(0), siteOfPlace(0, 5), 0, 2_100);
    const term = election.calling?.term ?? 0;
    const site = siteOfPlace(0, 5);
    const one = hearPromise(election, 1, term, site);
    const twice = hearPromise(one.election, 1, term, site);
    const own = hearPromise(twice.election, 0, term, site);
    const old = hearPromise(own.election, 2, term - 1, site);
    assert.deepEqual([one.won, twice.won, own.won, old.won], [false, false, false, false]);
    const won = hearPromise(old.election, 2, term, site);
    assert.deepEqual([won.won, won.election.leads, won.election.vote.term], [true, true, term]);
  });
  it("needs both of two", () => {
    const site = siteOfPlace(0, 2);
    const { election } = ticked(begun(0), site, 0, 2_100);
    assert.equal(election.leads, false);
    assert.equal(hearPromise(election, 1, election.calling?.term ?? 0, site).won, true);
  });
  it("does not raise the term of a charger that nobody hears, however long it asks", () => {
    const { election, asked } = ticked(begun(1), siteOfPlace(1), 0, 60_000);
    assert.deepEqual([election.vote, election.leads], [NO_VOTE, false]);
    assert.deepEqual(new Set(asked.map(({ term }) => term)), new Set([1]));
  });
  it("promises who calls when nobody leads, and names it and its boot from then on", () => {
    const { election } = hearCall(begun(0), call(2, 4), siteOfPlace(0), at(1_700));
    assert.deepEqual(election.vote, { term: 4, arbiter: 2, boot: 102 });
  });
  it("promises nobody else while its arbiter is alive", () => {
    const led = hearLeader(begun(0), { term: 3, arbiter: 1, boot: 101 }, siteOfPlace(0), at(1_000));
    const soon = hearCall(led, call(2, 4), siteOfPlace(0), at(2_500)).election;
    assert.equal(soon.vote.arbiter, 1);
    const late = hearCall(led, call(2, 4), siteOfPlace(0), at(2_600)).election;
    assert.deepEqual(late.vote, { term: 4, arbiter: 2, boot: 102 });
  });
  it("promises its own arbiter a higher term at any time", () => {
    const led = hearLeader(begun(0), { term: 3, arbiter: 1, boot: 101 }, siteOfPlace(0), at(1_000));
    assert.equal(hearCall(led, call(1, 9), siteOfPlace(0), at(1_100)).election.vote.term, 9);
  });
  it("promises one arbiter at most in a term, and none in an older one", () => {
    const { election } = hearCall(begun(0), call(2, 4), siteOfPlace(0), at(1_700));
    for (const other of [call(1, 4), call(1, 3), call(2, 3)]) {
      assert.deepEqual(hearCall(election, other, siteOfPlace(0), at(60_000)).election.vote, election.vote);
    }
  });
  it("promises nothing to another boot of the one it promised, in that term", () => {
    const { election } = hearCall(begun(0), call(2, 4), siteOfPlace(0), at(1_700));
    const reborn = hearCall(election, { ...call(2, 4), boot: 999 }, siteOfPlace(0), at(60_000)).election;
    assert.deepEqual(reborn.vote, election.vote);
  });
  it("hears no call of itself or of a stranger", () => {
    for (const who of [0, 3, 200]) {
      assert.deepEqual(hearCall(begun(0), call(who, 4), siteOfPlace(0), at(1_700)).election, begun(0));
    }
  });
  it("makes who leads ask again above a higher term that it hears: those who promised in vain obey it again", () => {
    const alone = ticked(begun(0), siteOfPlace(0), 0, 2_100).election;
    const leader = hearPromise(alone, 1, alone.calling?.term ?? 0, siteOfPlace(0)).election;
    const step = hearCall(leader, call(2, 7), siteOfPlace(0), at(3_000));
    assert.equal(step.asks, 8);
    assert.equal(step.election.leads, false);
  });
  it("follows whoever leads in its term or a higher one, and obeys no lower term", () => {
    const { election } = hearCall(begun(0), call(2, 4), siteOfPlace(0), at(1_700));
    assert.deepEqual(
      [3, 4, 5].map((term) => mayObey(election, term)),
      [false, true, true],
    );
    const lower = hearLeader(election, { term: 3, arbiter: 1, boot: 101 }, siteOfPlace(0), at(1_800));
    assert.equal(lower, election);
    const higher = hearLeader(election, { term: 5, arbiter: 1, boot: 101 }, siteOfPlace(0), at(1_800));
    assert.deepEqual(higher.vote, { term: 5, arbiter: 1, boot: 101 });
  });
  it("gives a term to one arbiter at most, whatever is lost, late or doubled", () => {
    const count = 3;
    const move = fc.record({
      who: fc.nat(count - 1),
      wait: fc.constantFrom(20, 300, 1_000, 2_500),
      reaches: fc.constantFrom<readonly number[]>([], [0], [1], [2], [0, 1], [1, 2], [0, 1, 2]),
      answers: fc.boolean(),
      again: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
        const states = Array.from({ length: count }, (_, place) => begun(place));
        const sites = Array.from({ length: count }, (_, place) => siteOfPlace(place, count));
        const leaders = new Map<number, number>();
        const noted = (place: number, election: Election): void => {
          states[place] = election;
          if (!election.leads) return;
          const { term } = election.vote;
          assert.equal(leaders.get(term) ?? place, place, `two lead in term ${term}`);
          leaders.set(term, place);
        };
        let late: Call | null = null;
        let now = 0;
        for (const { who, wait, reaches, answers, again } of moves) {
          now += wait;
          const site = sites[who];
          const caller = states[who];
          if (site === undefined || caller === undefined) continue;
          const step = tickElection(caller, site, at(now));
          noted(who, step.election);
          const asked: Call | null = step.asks === null ? null : call(who, step.asks);
          const heard = again ? late : asked;
          late = asked ?? late;
          if (heard === null) continue;
          for (const place of reaches) {
            const voter = states[place];
            const voterSite = sites[place];
            const target = states[heard.arbiter];
            const targetSite = sites[heard.arbiter];
            if (voter === undefined || voterSite === undefined || target === undefined || targetSite === undefined)
              continue;
            const answer = hearCall(voter, heard, voterSite, at(now));
            noted(place, answer.election);
            const { vote } = answer.election;
            if (!answers || vote.arbiter !== heard.arbiter || vote.term !== heard.term) continue;
            noted(heard.arbiter, hearPromise(states[heard.arbiter] ?? target, place, heard.term, targetSite).election);
          }
        }
      }),
    );
  });
});
