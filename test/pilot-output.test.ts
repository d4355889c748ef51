import assert from "node:assert/strict";
import fc from "fast-check";
import { NO_OFFER, offerOf, STATE_F } from "../src/pilot.js";
import {
  isWaking,
  NOT_WAITING,
  nextOutput,
  nextWakeUp,
  PILOT_AT_BOOT,
  type PilotOutput,
  SPACING,
  type WakeUp,
} from "../src/pilot-output.js";
import { deciamps, millis } from "../src/units.js";

const output = (last: PilotOutput, offer: number, now: number, stateF = false): PilotOutput =>
  nextOutput(last, deciamps(offer), stateF, millis(now));
const amps = (state: PilotOutput) => Number(offerOf(state.duty));

describe("pilot output", () => {
  it("begins with +12 V, and holds the first offer back for 5 s", () => {
    const boot = PILOT_AT_BOOT(millis(0));
    assert.equal(boot.duty, NO_OFFER);
    assert.equal(amps(output(boot, 160, SPACING - 1)), 0);
    assert.equal(amps(output(boot, 160, SPACING)), 160);
  });
  it("waits at least 5 s of the world's time between changes upward, with a clock 1.4 % fast", () => {
    assert.ok(SPACING / 1.014 >= 5_000 && SPACING < 5_100);
  });
  it("goes down at once, and up again only 5 s later", () => {
    let state = output(PILOT_AT_BOOT(millis(0)), 160, 6_000);
    state = output(state, 100, 6_020);
    assert.equal(amps(state), 100);
    assert.equal(amps(output(state, 160, 6_019 + SPACING)), 100);
    assert.equal(amps(output(state, 160, 6_020 + SPACING)), 160);
  });
  it("offers nothing at once, as +12 V and not as a duty", () => {
    const state = output(PILOT_AT_BOOT(millis(0)), 160, 6_000);
    assert.equal(output(state, 59, 6_020).duty, NO_OFFER);
    assert.equal(output(state, 0, 6_020).duty, NO_OFFER);
  });
  it("shows state F at once, and comes back from it to +12 V until 5 s have passed", () => {
    let state = output(PILOT_AT_BOOT(millis(0)), 160, 6_000);
    state = output(state, 160, 6_100, true);
    assert.equal(state.duty, STATE_F);
    state = output(state, 160, 6_400);
    assert.equal(state.duty, NO_OFFER);
    assert.equal(amps(output(state, 160, 6_099 + SPACING)), 0);
    assert.equal(amps(output(state, 160, 6_100 + SPACING)), 160);
  });
  it("keeps the same state while nothing changes", () => {
    const state = output(PILOT_AT_BOOT(millis(0)), 160, 6_000);
    assert.equal(output(state, 160, 6_020), state);
  });
  it("never offers more than it is told, and never goes up within 5 s of a change", () => {
    const step = fc.tuple(
      fc.constantFrom(0, 59, 60, 61, 160, 510, 515, 525, 800),
      fc.boolean(),
      fc.constantFrom(20, 300, 2_500, SPACING - 1, SPACING),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (list) => {
        let state = PILOT_AT_BOOT(millis(0));
        let [now, changedAt] = [0, 0];
        for (const [offer, stateF, wait] of list) {
          now += wait;
          const next = output(state, offer, now, stateF);
          assert.ok(amps(next) <= (stateF ? 0 : offer));
          if (amps(next) > amps(state)) assert.ok(now - changedAt >= SPACING);
          if (amps(next) !== amps(state)) changedAt = now;
          state = next;
        }
      }),
    );
  });
});

describe("wake-up", () => {
  const wake = (last: WakeUp, waits: boolean, now: number, plugged = true) =>
    nextWakeUp(last, waits, plugged, millis(now));
  it("shows state F for 4 s to a car that did not ask for 30 s", () => {
    const waiting = wake(NOT_WAITING, true, 1_000);
    assert.equal(wake(waiting, true, 30_999).wokenAt, null);
    const woken = wake(waiting, true, 31_000);
    assert.deepEqual(
      [31_000, 34_999, 35_000].map((now) => isWaking(woken, millis(now))),
      [true, true, false],
    );
  });
  it("begins to count anew when the car asked in between", () => {
    const asked = wake(wake(NOT_WAITING, true, 0), false, 20_000);
    assert.equal(asked, NOT_WAITING);
    assert.equal(wake(wake(asked, true, 21_000), true, 50_999).wokenAt, null);
  });
  it("wakes once a plug, and again after the next", () => {
    const woken = wake(wake(NOT_WAITING, true, 0), true, 30_000);
    assert.equal(wake(woken, true, 90_000), woken);
    const unplugged = wake(woken, false, 91_000, false);
    assert.equal(unplugged, NOT_WAITING);
    assert.equal(wake(wake(unplugged, true, 100_000), true, 130_000).wokenAt, 130_000);
  });
});
