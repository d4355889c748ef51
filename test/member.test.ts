import assert from "node:assert/strict";
import fc from "fast-check";
import { acknowledge, answerOf, demanded, hearReport, held, type Member, startMember } from "../src/member.js";
import { type Site, siteOf } from "../src/shared-site.js";
import type { Entry, Report } from "../src/sharing-message.js";
import { deciamps, milliamps, millis } from "../src/units.js";
import { entryOf, memberOf, reportOf, row } from "./site.js";

const ROSTER = [row("c0", { failsafeA: 7 }), row("c1")];
const SITE = siteOf(memberOf(ROSTER, { houseMaxA: 20 }));
const NONCE = 77;
const NEW = startMember(NONCE);
const LINE = [{ phase: 1, from: 0, to: 320 }];

interface Said {
  readonly entry?: Partial<Entry>;
  readonly report?: Partial<Report>;
  /** How late it comes. */
  readonly late?: number;
}

/** A report of the arbiter at `at` that leaves so much, on a clock that runs with the charger's; the demand that it
 *  echoes was sent 20 ms before and heard 10 ms before. */
function hear(from: Member, at: number, amps: number, { entry, report, late = 0 }: Said = {}, site = SITE): Member {
  const asked = demanded(from, millis(at - 20));
  const own = entryOf({
    nonce: NONCE,
    number: asked.number,
    heardAt: millis(at - 10),
    until: millis(at + 10_000),
    amps: deciamps(320),
    ranges: LINE,
    ...entry,
  });
  return hearReport(
    asked,
    reportOf(at, [own, entryOf()], { budget: [deciamps(amps)], ...report }),
    site,
    millis(at + late),
  );
}

function each(from: number, to: number, amps: number, start: Member = NEW): Member {
  let member = start;
  for (let at = from; at <= to; at += 1_000) member = hear(member, at, amps);
  return member;
}
const answer = (member: Member, at: number, site: Site = SITE) => answerOf(member, site, [1], millis(at));
const amps = (member: Member, at: number, site: Site = SITE) => answer(member, at, site).amps;

describe("member", () => {
  it("has its fail-safe current until a report bounds the arbiter's clock", () => {
    assert.deepEqual([amps(NEW, 100), answer(NEW, 100).because], [70, "failsafe"]);
    const deaf = hear(NEW, 100, 200, { entry: { heardAt: null } });
    assert.equal(amps(deaf, 100), 70);
  });
  it("has what of its own ranges lies below the budget", () => {
    const ranges = [
      { phase: 1, from: 0, to: 60 },
      { phase: 1, from: 150, to: 250 },
    ];
    const of = (budget: number) => amps(hear(NEW, 1_000, budget, { entry: { ranges } }), 1_000);
    assert.deepEqual([50, 100, 200, 300].map(of), [50, 60, 110, 160]);
  });
  it("sheds at once", () => assert.equal(amps(hear(each(1_000, 8_000, 200), 9_000, 120), 9_000), 120));
  it("grows only to the smallest budget of the last 6 s", () => {
    const dipped = hear(each(1_000, 8_000, 200), 9_000, 120);
    assert.equal(amps(each(10_000, 14_000, 200, dipped), 14_000), 120);
    assert.equal(amps(each(10_000, 15_000, 200, dipped), 15_000), 200);
  });
  it("has no more than its share, though it owns more for a moment", () => {
    const shared = hear(NEW, 1_000, 300, { entry: { amps: deciamps(150), because: "share" } });
    assert.deepEqual([amps(shared, 1_000), answer(shared, 1_000).because], [150, "share"]);
  });
  it("names the site where the budget holds it below its share", () => {
    const shared = hear(NEW, 1_000, 140, { entry: { amps: deciamps(150), because: "share" } });
    assert.deepEqual([amps(shared, 1_000), answer(shared, 1_000).because], [140, "site"]);
  });
  it("has its fail-safe current whatever its share, but not in the place of the sun", () => {
    const none = (because: Entry["because"]) => hear(NEW, 1_000, 300, { entry: { amps: deciamps(0), because } });
    assert.equal(amps(none("share"), 1_000), 70);
    assert.equal(amps(none("solar"), 1_000), 0);
  });
  it("takes the worst of the phases in use", () => {
    const three = siteOf(memberOf([row("c0", { wiring: [1, 2, 3] })], { phases: 3 }));
    const ranges = [1, 2, 3].map((phase) => ({ phase, from: 0, to: 300 }));
    const budget = [10, 200, 150].map(deciamps);
    const member = hear(NEW, 1_000, 0, { entry: { ranges }, report: { budget } }, three);
    const on = (phases: readonly number[]) => answerOf(member, three, phases, millis(1_000)).amps;
    assert.deepEqual([on([1, 2, 3]), on([2, 3]), on([2])], [10, 150, 200]);
  });
});

describe("member's trust in a report", () => {
  it("takes none that is not newer, by boot, stamp and version", () => {
    const member = each(1_000, 8_000, 200);
    const heard = (at: number, report: Partial<Report> = {}) =>
      amps(hear(member, at, 80, { report, late: 8_100 - at }), 8_100);
    assert.equal(heard(7_000), 200);
    assert.equal(heard(8_000), 200);
    assert.equal(heard(8_000, { version: 8_001 }), 80);
    assert.equal(heard(8_050, { boot: 0 }), 200);
    assert.equal(heard(8_050), 80);
  });
  it("obeys a report only when its entry names this boot", () => {
    const other = hear(NEW, 1_000, 200, { entry: { nonce: NONCE + 1 } });
    assert.deepEqual([amps(other, 1_000), held(other, millis(1_000))], [70, []]);
    const kept = hear(each(1_000, 8_000, 200), 9_000, 80, { entry: { nonce: NONCE + 1 } });
    assert.equal(amps(kept, 9_000), 200, "and holds what it held");
  });
  it("obeys none whose roster does not reach it", () => {
    const short = hearReport(NEW, reportOf(1_000, []), SITE, millis(1_000));
    assert.equal(short, NEW);
  });
  it("counts a report that was late for as old as it is: nothing is counted from its receipt", () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 10, 400, 2_000, 9_000), (late) => {
        const soon = hear(each(1_000, 8_000, 200), 9_000, 120);
        const later = hear(each(1_000, 8_000, 200), 9_000, 120, { late });
        assert.equal(answer(later, 9_000 + late).until, answer(soon, 9_000).until);
      }),
    );
    const held8 = each(1_000, 8_000, 200);
    const over = hear(held8, 8_500, 250, { entry: { until: millis(8_600) }, late: 200 });
    assert.equal(answer(over, 8_700).until, answer(held8, 8_700).until, "it has ended before it came");
    const old = hear(each(1_000, 8_000, 200), 9_000, 250, { late: 10_000 });
    assert.equal(amps(old, 19_000), 70);
  });
  it("begins anew with a meter that booted, and believes in a replaced one after a minute of silence", () => {
    const member = each(50_000, 58_000, 200);
    const booted = hear(member, 59_000, 90, { report: { boot: 2, stamp: millis(59_000) } });
    assert.equal(amps(booted, 59_000), 90);
    const replaced = { report: { boot: 0 } };
    assert.equal(amps(hear(member, 118_000, 90, replaced), 118_000), 70);
    assert.equal(amps(hear(member, 118_001, 90, replaced), 118_001), 90);
  });
  it("obeys a higher term, and no other boot in the same one", () => {
    const led = hear(NEW, 1_000, 200, { report: { term: 5, arbiter: 1, boot: 900 } });
    assert.equal(amps(led, 1_000), 200);
    assert.equal(amps(hear(led, 2_000, 90, { report: { term: 5, arbiter: 1, boot: 901 } }), 2_000), 200);
    assert.equal(amps(hear(led, 2_000, 90, { report: { term: 4, arbiter: 1, boot: 902 } }), 2_000), 200);
    assert.equal(amps(hear(led, 2_000, 90, { report: { term: 6, arbiter: 1, boot: 3 } }), 2_000), 90);
  });
  it("distrusts a report older than its period and 2 s: less than 15 minutes of history leave what is assured", () => {
    const member = each(1_000, 8_000, 200);
    assert.deepEqual([amps(member, 10_900), answer(member, 10_900).freshness], [200, "fresh"]);
    assert.deepEqual([amps(member, 11_100), answer(member, 11_100).freshness], [100, "stale"]);
    assert.equal(amps(member, 11_100, { ...SITE, assured: deciamps(0) }), 0);
  });
  it("uses the lowest budget of the last 15 minutes once it has heard so long", () => {
    const dipped = hear(each(1_000, 60_000, 200), 61_000, 80);
    const long = each(62_000, 902_000, 200, dipped);
    assert.equal(amps(long, 905_500), 80);
    assert.equal(amps(each(903_000, 1_100_000, 200, long), 1_103_500), 200);
  });
  it("falls to the fail-safe current at the lease's end, by the fastest of clocks and 50 ms early to act", () => {
    const member = each(1_000, 8_000, 200);
    const ends = answer(member, 8_000).until;
    const sent = 7_980;
    assert.equal(ends, sent + Math.floor((18_000 - 7_990) / 1.03) - 50);
    assert.notEqual(answer(member, ends - 1).because, "failsafe");
    assert.deepEqual([amps(member, ends), answer(member, ends).because], [70, "failsafe"]);
    assert.deepEqual(held(member, ends), []);
  });
  it("has nothing while two devices go by its id, and is back when one is gone", () => {
    const twins = hear(each(1_000, 8_000, 200), 9_000, 200, { entry: { twins: true } });
    assert.deepEqual([amps(twins, 9_000), answer(twins, 9_000).because, held(twins, millis(9_000))], [0, "fault", []]);
    assert.equal(amps(hear(twins, 10_000, 200), 10_000), 200);
  });
  it("keeps of a renewal only what it held", () => {
    const ranges = [{ phase: 1, from: 0, to: 100 }];
    const renewal = { renewsOnly: true, boot: 2 };
    const member = hear(NEW, 1_000, 300, { entry: { ranges } });
    const renewed = hear(member, 2_000, 300, { report: renewal });
    assert.deepEqual(held(renewed, millis(2_000)), ranges);
    assert.deepEqual(held(hear(NEW, 2_000, 300, { report: renewal }), millis(2_000)), []);
  });
  it("is bounded in a renewal by what it holds, not by a share that nobody has worked out yet", () => {
    const member = hear(NEW, 1_000, 300, { entry: { ranges: [{ phase: 1, from: 0, to: 100 }] } });
    const none = { amps: deciamps(0), ranges: [{ phase: 1, from: 0, to: 90 }] };
    assert.equal(amps(hear(member, 2_000, 300, { entry: none, report: { renewsOnly: true, boot: 2 } }), 2_000), 90);
  });
});

describe("member's acknowledgement", () => {
  const member = hear(NEW, 1_000, 200);
  const accepts = (offer: number, draw: number | null): boolean =>
    acknowledge(member, deciamps(100), deciamps(offer), draw === null ? null : milliamps(draw)).accepted === 1_000;
  it("is given once offer and draw fit what is granted, the draw with 0.5 A to spare", () => {
    assert.deepEqual([accepts(100, 10_500), accepts(101, 0), accepts(100, 10_501)], [true, false, false]);
    assert.equal(accepts(0, 0), true);
  });
  it("is not given while nobody knows what the car draws", () => assert.equal(accepts(0, null), false));
  it("is owed at once where amperes were taken away, and only then", () => {
    const settled = demanded(acknowledge(member, deciamps(300), deciamps(0), milliamps(0)), millis(1_100));
    assert.equal(settled.owesWord, false);
    assert.equal(hear(settled, 2_000, 200).owesWord, false);
    const cut = hear(settled, 2_000, 200, { entry: { ranges: [{ phase: 1, from: 0, to: 100 }] } });
    assert.equal(cut.owesWord, true);
  });
  it("names no version of an arbiter that is followed no more", () => {
    const settled = acknowledge(member, deciamps(300), deciamps(0), milliamps(0));
    const other = hear(settled, 2_000, 200, { report: { boot: 2, version: 1 }, entry: { nonce: 0 } });
    assert.equal(acknowledge(other, deciamps(300), deciamps(0), milliamps(0)).accepted, 0);
  });
});

describe("member, whatever comes", () => {
  it("never has more than the last budget heard, nor more than its own ranges", () => {
    const step = fc.record({
      wait: fc.constantFrom(10, 500, 1_000, 3_500, 12_000),
      budget: fc.constantFrom(0, 59, 60, 120, 320),
      top: fc.constantFrom(70, 120, 320),
      late: fc.constantFrom(0, 0, 30, 2_000),
      nonce: fc.constantFrom(NONCE, NONCE, NONCE, 1),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let member = NEW;
        let now = 1_000;
        for (const { wait, budget, top, late, nonce } of steps) {
          now += wait;
          const entry = { ranges: [{ phase: 1, from: 0, to: top }], nonce };
          member = hear(member, now - late, budget, { entry, late });
          const { because, amps: has, until } = answer(member, now);
          assert.ok(until >= now);
          if (because === "failsafe") assert.equal(has, 70);
          else {
            const ceiling = member.report?.budget[0] ?? 0;
            const own = member.entry?.ranges[0]?.to ?? 0;
            assert.ok(has <= ceiling && has <= own);
          }
        }
      }),
    );
  });
});
