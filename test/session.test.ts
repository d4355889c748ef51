import assert from "node:assert/strict";
import fc from "fast-check";
import { money } from "../src/money.js";
import {
  beginSession,
  closedOf,
  dated,
  ending,
  energyOf,
  hasEnded,
  idling,
  markOf,
  metered,
  resumedSession,
  type Session,
} from "../src/session.js";
import { deciamps, millis, unixSeconds, wattHours } from "../src/units.js";

const read = (...Wh: readonly number[]) => Wh.map(wattHours);
const WHO = { person: 7, idToken: "04A1B2C3" };
const begun = (registers: readonly number[] | null, at = 0): Session =>
  beginSession(1, WHO, registers === null ? null : read(...registers), null, millis(at));
const meters = (session: Session, registers: readonly number[], at: number, period = 0, draw = 160): Session =>
  metered(session, read(...registers), period, deciamps(draw), millis(at));
const HOUR = 3_600_000;
const PRICE = { cost: money(12_300), vat: 2_300, currency: 0 };

describe("session of a car", () => {
  it("counts what the registers of all phases gain, in the period in which it was gained", () => {
    let session = meters(begun([100, 200, 300]), [110, 200, 305], HOUR, 0);
    session = meters(session, [110, 207, 305], 2 * HOUR, 2);
    assert.deepEqual(session.energy, [15, 0, 7]);
    assert.equal(energyOf(session), 22);
    assert.equal(session.meterStart, 600);
  });
  it("counts from the first reading on when no register was known", () => {
    const session = meters(meters(begun(null), [5_000], 1_000), [5_010], HOUR);
    assert.deepEqual([energyOf(session), session.meterStart, session.disturbed], [10, 5_000, false]);
  });
  it("goes on over the end of a register at 9999.999 kWh", () => {
    const session = meters(begun([9_999_990]), [15], HOUR);
    assert.deepEqual([energyOf(session), session.disturbed], [25, false]);
  });
  it("counts what a meter shows that was reset to 0, and says so", () => {
    const session = meters(begun([5_000]), [12], HOUR);
    assert.deepEqual([energyOf(session), session.disturbed], [12, true]);
    assert.equal(energyOf(meters(session, [20], 2 * HOUR)), 20);
  });
  it("counts nothing for another meter's register, higher or lower than can have flowed, and goes on from it", () => {
    for (const other of [700_000, 1_000_000]) {
      const session = meters(begun([800_000]), [other], HOUR);
      assert.deepEqual([energyOf(session), session.disturbed], [0, true], `${other}`);
      assert.equal(energyOf(meters(session, [other + 9], 2 * HOUR)), 9);
    }
  });
  it("takes a reading of 0 between two others for no energy", () => {
    let session = meters(begun([5_000]), [5_100], HOUR);
    session = meters(session, [0], HOUR + 1_000);
    session = meters(session, [5_101], HOUR + 2_000);
    assert.deepEqual([energyOf(session), session.disturbed], [100, true]);
  });
  it("keeps the largest draw", () => {
    const session = meters(meters(begun([0]), [1], 1_000, 0, 161), [2], 2_000, 0, 80);
    assert.equal(session.peak, 161);
  });
  it("is idle while the car takes nothing although it may, once it has had something", () => {
    let session = idling(begun([0]), true, millis(1_000));
    assert.equal(session.idleAt, null, "it has had nothing yet");
    session = idling(meters(session, [10], HOUR), true, millis(HOUR));
    session = idling(session, false, millis(HOUR + 60_000));
    session = idling(session, true, millis(HOUR + 90_000));
    assert.equal(markOf(session, millis(HOUR + 100_000)).idleS, 70);
  });
  it("has ended when the contactor is open and the meter was read after the reason for its end", () => {
    const session = ending(meters(begun([0]), [10], HOUR), "unplugged", millis(HOUR + 1));
    assert.equal(hasEnded(session, false, millis(HOUR + 1_000)), false, "not read yet");
    const late = meters(session, [11], HOUR + 2_000);
    assert.equal(hasEnded(late, true, millis(HOUR + 2_000)), false, "still closed");
    assert.equal(hasEnded(late, false, millis(HOUR + 2_000)), true);
    assert.equal(closedOf(late, "unplugged", PRICE, millis(HOUR + 2_000)).energy[0], 11);
    assert.equal(ending(late, "card", millis(HOUR + 3_000)).ending?.stop, "unplugged", "the first reason holds");
  });
  it("ends 30 s after the reason even when the meter does not answer", () => {
    const session = ending(begun([0]), "card", millis(1_000));
    assert.equal(hasEnded(session, false, millis(31_000)), false);
    assert.equal(hasEnded(session, false, millis(31_001)), true);
  });
  it("is dated back to its begin once the time is known, and only once", () => {
    const session = dated(begun([0], 5_000), unixSeconds(1_000_000), millis(65_000));
    assert.equal(session.startedAt, 999_940);
    assert.equal(dated(session, unixSeconds(2_000_000), millis(66_000)), session);
  });
  it("goes on after a power cut with all that its mark says, and with what flowed since the mark", () => {
    const session = dated(meters(begun([1_000]), [3_000], HOUR), unixSeconds(1_000_000), millis(HOUR));
    const resumed = resumedSession(markOf(session, millis(HOUR)), millis(800));
    const later = meters(resumed, [3_250], 2_000);
    assert.deepEqual([energyOf(later), later.meterStart, later.startedAt], [2_250, 1_000, session.startedAt]);
    assert.deepEqual([later.id, later.person, later.idToken, later.disturbed], [1, 7, "04A1B2C3", true]);
    assert.equal(closedOf(later, "powerLoss", PRICE, millis(2_800)).durationS, 3_602);
  });
  it("has what registers that only rise have gained, however often they are read and whatever the period", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(50), fc.nat(2)), { minLength: 1, maxLength: 30 }),
        fc.nat(9_999_999),
        (steps, from) => {
          let [session, sum] = [begun([from]), 0];
          for (const [index, [step, period]] of steps.entries()) {
            sum += step;
            session = meters(session, [(from + sum) % 10_000_000], (index + 1) * HOUR, period);
          }
          assert.equal(energyOf(session), sum);
        },
      ),
    );
  });
});
