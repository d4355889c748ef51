import assert from "node:assert/strict";
import fc from "fast-check";
import { type FaultState, NO_FAULT, nextFault, pilotFault, STATE_F_FOR, showsStateF } from "../src/fault.js";
import type { Fault } from "../src/lease.js";
import type { PilotState } from "../src/pilot.js";
import { millis } from "../src/units.js";

const next = (last: FaultState, cause: Fault | null, pilot: PilotState | null, now: number): FaultState =>
  nextFault(last, cause, pilot, millis(now));
const shorted = () => next(NO_FAULT(millis(0)), "pilot-short", "E", 1_000);

describe("fault", () => {
  it("is what the line says: unreadable, shorted, below zero, without a diode", () => {
    assert.equal(pilotFault("C", false), "pilot-unreadable");
    assert.equal(pilotFault("E", true), "pilot-short");
    assert.equal(pilotFault("F", true), "pilot-below-zero");
    assert.equal(pilotFault("no-diode", true), "no-diode");
    for (const pilot of ["A", "B", "C", "D", null] as const) assert.equal(pilotFault(pilot, true), null);
  });
  it("keeps the name of the first cause, and its time, until it clears", () => {
    const state = next(shorted(), "residual-current", "E", 1_500);
    assert.deepEqual([state.fault, state.since], ["pilot-short", 1_000]);
  });
  it("clears after 1 s of A without a cause, and not before", () => {
    const calm = next(shorted(), null, "A", 5_000);
    assert.equal(next(calm, null, "A", 5_999).fault, "pilot-short");
    assert.equal(next(calm, null, "A", 6_000).fault, null);
  });
  it("begins that second anew when the car is back or a cause shows", () => {
    for (const [cause, pilot] of [
      [null, "B"],
      [null, null],
      ["contactor-welded", "A"],
    ] as const) {
      const calm = next(shorted(), null, "A", 5_000);
      const broken = next(calm, cause, pilot, 5_500);
      assert.equal(broken.calmSince, null);
      const again = next(broken, null, "A", 5_600);
      assert.equal(next(again, null, "A", 6_500).fault, "pilot-short");
      assert.equal(next(again, null, "A", 6_600).fault, null);
    }
  });
  it("shows state F for at least 300 ms of the world's time, and no fault shows none", () => {
    assert.deepEqual(
      [1_000, 1_000 + STATE_F_FOR - 1, 1_000 + STATE_F_FOR].map((now) => showsStateF(shorted(), millis(now))),
      [true, true, false],
    );
    assert.ok(STATE_F_FOR / 1.014 >= 300);
    assert.equal(showsStateF(NO_FAULT(millis(0)), millis(0)), false);
  });
  it("never clears without 1 s of A in a row, whatever happens", () => {
    const step = fc.record({
      cause: fc.constantFrom<Fault | null>(null, null, null, "no-diode"),
      pilot: fc.constantFrom<PilotState | null>("A", "A", "A", "C", null),
      wait: fc.constantFrom(20, 500, 980),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let state = shorted();
        let now = 1_000;
        let calm: number | null = null;
        for (const { cause, pilot, wait } of steps) {
          now += wait;
          calm = cause === null && pilot === "A" ? (calm ?? now) : null;
          state = next(state, cause, pilot, now);
          if (state.fault === null) return calm !== null && now - calm >= 1_000;
        }
        return true;
      }),
    );
  });
});
