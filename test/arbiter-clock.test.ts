import assert from "node:assert/strict";
import fc from "fast-check";
import { type ArbiterClock, boundOf, earliest, heardEcho, NO_CLOCK, sentDemand } from "../src/arbiter-clock.js";
import { millis } from "../src/units.js";

const sent = (clock: ArbiterClock, number: number, at: number) => sentDemand(clock, number, millis(at));
const echo = (clock: ArbiterClock, boot: number, number: number, stamp: number, now: number) =>
  heardEcho(clock, boot, number, millis(stamp), millis(now));
const bound = (clock: ArbiterClock, now: number) => boundOf(clock, millis(now));

describe("arbiter clock by itself", () => {
  it("knows nothing before the first echo", () => {
    assert.deepEqual([bound(NO_CLOCK, 0), earliest(NO_CLOCK, millis(5))], [null, null]);
    assert.equal(bound(sent(NO_CLOCK, 1, 0), 9_000), null);
  });
  it("counts from when the demand was sent, never from when the report came", () => {
    const clock = sent(NO_CLOCK, 1, 1_000);
    assert.equal(bound(echo(clock, 1, 1, 500, 1_010), 2_000), 1_530);
    assert.equal(bound(echo(clock, 1, 1, 500, 1_999), 2_000), 1_530);
  });
  it("rounds the bound up and the moment of a stamp down", () => {
    const clock = echo(sent(NO_CLOCK, 1, 0), 1, 1, 0, 1);
    assert.deepEqual(
      [1, 33, 34, 100].map((now) => bound(clock, now)),
      [2, 34, 36, 103],
    );
    assert.deepEqual(
      [1, 2, 103, 104].map((stamp) => earliest(clock, millis(stamp))),
      [0, 1, 100, 100],
    );
  });
  it("remembers the last 8 demands: an older echo says nothing", () => {
    let clock = NO_CLOCK;
    for (let number = 1; number <= 9; number++) clock = sent(clock, number, number);
    assert.equal(bound(echo(clock, 1, 1, 50, 20), 20), null);
    assert.notEqual(bound(echo(clock, 1, 2, 50, 20), 20), null);
  });
  it("keeps the bound of the running boot only", () => {
    const clock = echo(sent(sent(NO_CLOCK, 1, 0), 2, 10), 1, 1, 100, 20);
    assert.equal(bound(echo(clock, 2, 99, 5, 30), 30), null);
    assert.equal(bound(echo(clock, 2, 2, 5, 30), 110), 108);
  });
  it("is the smallest of the bounds that its echoes give, in whatever order they come", () => {
    const echoes = fc.array(fc.tuple(fc.constantFrom(1, 2, 3), fc.constantFrom(1_000, 1_050, 1_100)), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(echoes, (list) => {
        let clock = sent(sent(sent(NO_CLOCK, 1, 0), 2, 50), 3, 100);
        for (const [number, stamp] of list) clock = echo(clock, 1, number, stamp, 1_000);
        const each = list.map(([number, stamp]) => stamp + Math.ceil(((1_000 - 50 * (number - 1)) * 103) / 100));
        assert.equal(bound(clock, 1_000), Math.min(...each));
      }),
    );
  });
  it("is never past a stamp before the moment it names for it", () => {
    const moments = fc.record({
      at: fc.integer({ min: 0, max: 10_000 }),
      stamp: fc.integer({ min: 0, max: 10_000 }),
      ahead: fc.integer({ min: 0, max: 20_000 }),
    });
    fc.assert(
      fc.property(moments, ({ at, stamp, ahead }) => {
        const clock = echo(sent(NO_CLOCK, 1, at), 1, 1, stamp, at);
        const moment = earliest(clock, millis(stamp + ahead)) ?? 0;
        return (bound(clock, moment) ?? 0) <= stamp + ahead && (bound(clock, moment + 1) ?? 0) >= stamp + ahead;
      }),
    );
  });
});
