import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type BudgetHistory,
  calmBudget,
  calmFor,
  lowestBudget,
  NO_HISTORY,
  rememberBudget,
} from "../src/budget-history.js";
import { deciamps, millis } from "../src/units.js";

const PERIOD = millis(1_000);
const CALM = calmFor(PERIOD);

/** Remembers a budget each second, from `from` to `to`. */
function each(from: number, to: number, amps: number, history: BudgetHistory = NO_HISTORY): BudgetHistory {
  let next = history;
  for (let at = from; at <= to; at += 1_000) next = rememberBudget(next, [deciamps(amps)], PERIOD, millis(at));
  return next;
}
const calm = (history: BudgetHistory, now: number) => calmBudget(history, CALM, millis(now))[0];
const lowest = (history: BudgetHistory, assured: number, now: number) =>
  lowestBudget(history, deciamps(assured), millis(now))[0];

describe("history of the budget", () => {
  it("says nothing while nothing was heard", () => {
    assert.deepEqual([calmBudget(NO_HISTORY, CALM, PERIOD), lowestBudget(NO_HISTORY, deciamps(60), PERIOD)], [[], []]);
  });
  it("sheds at once", () => assert.equal(calm(each(9_000, 9_000, 120, each(1_000, 8_000, 200)), 9_000), 120));
  it("grows only to the smallest of the last 6 s", () => {
    const dipped = each(9_000, 9_000, 120, each(1_000, 8_000, 200));
    assert.equal(calm(each(10_000, 14_000, 200, dipped), 14_000), 120);
    assert.equal(calm(each(10_000, 15_000, 200, dipped), 15_000), 200);
  });
  it("waits for a report of its meter and 1 s where that is longer", () => {
    assert.deepEqual(
      [1, 5, 9].map((period) => calmFor(millis(period * 1_000))),
      [6_000, 6_000, 10_000],
    );
  });
  it("grows in one step when a fall of the house shows in two readings a second apart", () => {
    const half = each(9_000, 9_000, 160, each(1_000, 8_000, 120));
    assert.equal(calm(each(10_000, 13_000, 200, half), 13_999), 120);
    assert.equal(calm(each(10_000, 14_000, 200, half), 14_000), 200);
  });
  it("counts each phase for itself", () => {
    let history = rememberBudget(NO_HISTORY, [200, 100].map(deciamps), PERIOD, millis(1_000));
    history = rememberBudget(history, [100, 200].map(deciamps), PERIOD, millis(2_000));
    assert.deepEqual(calmBudget(history, CALM, millis(2_000)), [100, 100]);
  });
  it("trusts no more than what is assured before it is 15 minutes long", () => {
    const short = each(1_000, 60_000, 200);
    assert.equal(lowest(short, 90, 62_000), 90);
    assert.equal(lowest(each(61_000, 61_000, 80, short), 90, 62_000), 80);
  });
  it("has the lowest of 15 minutes once it is so long", () => {
    const dipped = each(61_000, 61_000, 80, each(1_000, 60_000, 200));
    const long = each(62_000, 902_000, 200, dipped);
    assert.equal(lowest(long, 0, 905_500), 80);
    assert.equal(lowest(each(903_000, 1_100_000, 200, long), 0, 1_103_500), 200);
  });
  it("never answers more than the newest, whatever came when", () => {
    const step = fc.tuple(fc.constantFrom(10, 400, 1_000, 7_000), fc.constantFrom(0, 59, 60, 120, 320));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let history = NO_HISTORY;
        let now = 0;
        for (const [wait, amps] of steps) {
          now += wait;
          history = rememberBudget(history, [deciamps(amps)], PERIOD, millis(now));
          assert.ok((calm(history, now) ?? 0) <= amps && (lowest(history, 320, now) ?? 0) <= amps);
          assert.ok(history.recent.length <= 64 && history.minutes.length <= 16);
        }
      }),
    );
  });
});
