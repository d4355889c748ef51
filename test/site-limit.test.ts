import assert from "node:assert/strict";
import fc from "fast-check";
import { boundOf, earliest, heardEcho, NO_CLOCK, sentDemand } from "../src/arbiter-clock.js";
import { answerOf, hearReport, NOTHING_HEARD, type SiteRules, type SiteView } from "../src/site-limit.js";
import type { Report } from "../src/site-message.js";
import { deciamps, millis } from "../src/units.js";

const RULES: SiteRules = {
  id: "charger-1",
  wiring: [1],
  period: millis(1_000),
  failsafe: deciamps(70),
  assured: deciamps(0),
};

const report = (stamp: number, amps: number, over: Partial<Report> = {}): Report => ({
  boot: 1,
  stamp: millis(stamp),
  version: stamp,
  until: millis(stamp + 10_000),
  budget: [deciamps(amps)],
  house: [deciamps(0)],
  solar: null,
  echoes: [{ id: "charger-1", number: stamp, heardAt: millis(stamp - 10) }],
  ...over,
});

/** Hears a report at `at` on the charger's clock, which runs with the arbiter's; its demand was sent 20 ms earlier. */
const hear = (view: SiteView, at: number, amps: number, over: Partial<Report> = {}, rules = RULES): SiteView => {
  const clock = sentDemand(view.clock, at, millis(at - 20));
  return hearReport({ ...view, clock }, report(at, amps, over), rules, millis(at));
};
const each = (from: number, to: number, amps: number, view: SiteView = NOTHING_HEARD): SiteView => {
  let heard = view;
  for (let at = from; at <= to; at += 1_000) heard = hear(heard, at, amps);
  return heard;
};
const amps = (view: SiteView, at: number, rules = RULES) => answerOf(view, rules, millis(at)).amps;

describe("arbiter clock", () => {
  it("bounds the arbiter's time by the echo, with 3 % for the crystals", () => {
    const clock = heardEcho(sentDemand(NO_CLOCK, 7, millis(1_000)), 1, 7, millis(50_000), millis(1_100));
    assert.equal(boundOf(clock, millis(1_000)), 50_000);
    assert.equal(boundOf(clock, millis(2_000)), 51_030);
  });
  it("knows nothing from an echo of a number that it never sent, nor after the arbiter's reboot", () => {
    const sent = sentDemand(NO_CLOCK, 7, millis(1_000));
    assert.equal(boundOf(heardEcho(sent, 1, 8, millis(50_000), millis(1_100)), millis(1_100)), null);
    const known = heardEcho(sent, 1, 7, millis(50_000), millis(1_100));
    assert.equal(boundOf(heardEcho(known, 2, 9, millis(10), millis(1_200)), millis(1_200)), null);
  });
  it("keeps the smaller of two bounds", () => {
    const slow = heardEcho(sentDemand(NO_CLOCK, 1, millis(0)), 1, 1, millis(5_000), millis(100));
    const worse = heardEcho(sentDemand(slow, 2, millis(100)), 1, 2, millis(6_000), millis(200));
    assert.equal(boundOf(worse, millis(200)), 5_206);
  });
  it("is never behind the arbiter, whatever the delays, with crystals 1.4 % apart each way", () => {
    const delays = fc.array(fc.tuple(fc.integer({ min: 1, max: 9_000 }), fc.integer({ min: 1, max: 9_000 })), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(delays, fc.constantFrom(-1.4, 0, 1.4), fc.constantFrom(-1.4, 0, 1.4), (trips, ours, theirs) => {
        const mine = (t: number) => millis(Math.floor(t * (1 + ours / 100)));
        const arbiters = (t: number) => 77_000 + t * (1 + theirs / 100);
        let clock = NO_CLOCK;
        let t = 0;
        for (const [index, [out, back]] of trips.entries()) {
          clock = sentDemand(clock, index, mine(t));
          const stamp = millis(Math.ceil(arbiters(t + out)));
          t += out + back;
          clock = heardEcho(clock, 1, index, stamp, mine(t));
          if ((boundOf(clock, mine(t)) ?? 0) < arbiters(t) - 3) return false;
        }
        return true;
      }),
    );
  });
  it("says when a stamp may be reached: never later than the bound says so", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (ahead) => {
        const clock = heardEcho(sentDemand(NO_CLOCK, 1, millis(500)), 1, 1, millis(1_000), millis(600));
        const at = earliest(clock, millis(1_000 + ahead));
        return at !== null && (boundOf(clock, at) ?? 0) <= 1_000 + ahead;
      }),
    );
  });
});

describe("site limit", () => {
  it("is the fail-safe current until a report bounds the arbiter's clock", () => {
    assert.equal(amps(NOTHING_HEARD, 100), 70);
    const deaf = hearReport(NOTHING_HEARD, report(100, 200), RULES, millis(100));
    assert.equal(amps(deaf, 100), 70);
  });
  it("sheds at once", () => assert.equal(amps(hear(each(1_000, 8_000, 200), 9_000, 120), 9_000), 120));
  it("grows only to the smallest budget of the last 6 s", () => {
    const dipped = hear(each(1_000, 8_000, 200), 9_000, 120);
    assert.equal(amps(each(10_000, 14_000, 200, dipped), 14_000), 120);
    assert.equal(amps(each(10_000, 15_000, 200, dipped), 15_000), 200);
  });
  it("grows in one step when a fall of the house shows in two readings a second apart", () => {
    const half = hear(each(1_000, 8_000, 120), 9_000, 160);
    assert.equal(amps(each(10_000, 13_000, 200, half), 13_999), 120);
    assert.equal(amps(each(10_000, 14_000, 200, half), 14_000), 200);
  });
  it("takes no report that is not newer, by boot, stamp and version", () => {
    const view = each(1_000, 8_000, 200);
    assert.equal(hearReport(view, report(7_000, 300), RULES, millis(8_100)), view);
    assert.equal(hearReport(view, report(8_000, 300), RULES, millis(8_100)), view);
    assert.notEqual(hearReport(view, report(8_000, 300, { version: 8_001 }), RULES, millis(8_100)), view);
    assert.equal(hearReport(view, report(9_000, 300, { boot: 0 }), RULES, millis(8_100)), view);
  });
  it("counts a report that was late for as old as it is", () => {
    const view = each(1_000, 8_000, 200);
    const late = hear(view, 30_000, 250, { stamp: millis(19_000), until: millis(29_000), version: 9_000, echoes: [] });
    assert.equal(amps(late, 30_000), 70);
  });
  it("distrusts a report older than its period and 2 s: less than 15 minutes of history leave what is assured", () => {
    const view = each(1_000, 8_000, 200);
    assert.equal(amps(view, 10_900), 200);
    assert.equal(amps(view, 11_100), 0);
    assert.equal(amps(view, 11_100, { ...RULES, assured: deciamps(90) }), 90);
  });
  it("uses the lowest budget of the last 15 minutes once it has heard so long", () => {
    const dipped = hear(each(1_000, 60_000, 200), 61_000, 80);
    const long = each(62_000, 902_000, 200, dipped);
    assert.equal(amps(long, 905_500), 80);
    assert.equal(amps(each(903_000, 1_100_000, 200, long), 1_103_500), 200);
  });
  it("falls to the fail-safe current at the lease's end, never later", () => {
    const view = each(1_000, 8_000, 200);
    assert.equal(answerOf(view, RULES, millis(17_000)).because, "site");
    assert.equal(answerOf(view, RULES, millis(18_000)).because, "failsafe");
  });
  it("takes the worst of the phases in use", () => {
    const three: SiteRules = { ...RULES, wiring: [2, 3] };
    const budget = [10, 200, 150].map(deciamps);
    const house = [0, 0, 0].map(deciamps);
    assert.equal(amps(hear(NOTHING_HEARD, 1_000, 0, { budget, house }, three), 1_000, three), 150);
  });
  it("gives of the roof what the house leaves, and nothing when the roof is not measured", () => {
    const sun = hear(NOTHING_HEARD, 1_000, 200, { solar: [deciamps(150)], house: [deciamps(40)] });
    assert.equal(answerOf(sun, RULES, millis(1_000)).surplus, 110);
    assert.equal(answerOf(hear(NOTHING_HEARD, 1_000, 200), RULES, millis(1_000)).surplus, null);
  });
  it("never answers more than a budget heard in the last report, whatever comes in whatever order", () => {
    const reports = fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.constantFrom(0, 59, 60, 120, 320)), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(reports, (list) => {
        let view = NOTHING_HEARD;
        let newest = { stamp: 0, amps: 0 };
        for (const [second, budget] of list) {
          const clock = sentDemand(view.clock, second * 1_000, millis(second * 1_000 - 20));
          const before = view;
          view = hearReport({ ...view, clock }, report(second * 1_000, budget), RULES, millis(second * 1_000));
          if (view.report !== before.report) newest = { stamp: second, amps: budget };
          const answer = answerOf(view, RULES, millis(second * 1_000));
          if (answer.because === "site" && newest.stamp > 0 && answer.amps > newest.amps) return false;
        }
        return true;
      }),
    );
  });
});
