import assert from "node:assert/strict";
import fc from "fast-check";
import { followSession, type Session } from "../src/session.js";
import { millis, wattHours } from "../src/units.js";

const read = (...Wh: readonly number[]) => Wh.map(wattHours);
const plugged = (last: Session | null, registers: ReturnType<typeof read> | null, at: number) =>
  followSession(last, true, registers, millis(at));

describe("session of a car", () => {
  it("begins with the plug and ends with it", () => {
    const begun = plugged(null, read(5_000), 1_000);
    assert.deepEqual(begun, { since: 1_000, registers: [5_000], energy: 0 });
    assert.equal(followSession(begun, false, read(5_001), millis(2_000)), null);
  });
  it("counts what the registers of all phases gain, from the first reading on", () => {
    let session = plugged(null, null, 0);
    session = plugged(session, read(100, 200, 300), 1_000);
    assert.equal(session?.energy, 0);
    session = plugged(session, read(110, 200, 305), 2_000);
    assert.deepEqual([session?.energy, session?.since], [15, 0]);
  });
  it("takes nothing off for a register that went back, and counts on from there", () => {
    let session = plugged(null, read(9_999), 0);
    session = plugged(session, read(3), 1_000);
    assert.equal(session?.energy, 0);
    assert.equal(plugged(session, read(10), 2_000)?.energy, 7);
  });
  it("stays the same object while nothing is gained or read", () => {
    const session = plugged(null, read(7), 0);
    assert.equal(plugged(session, read(7), 1_000), session);
    assert.equal(plugged(session, null, 1_000), session);
  });
  it("has what a register that only rises has gained, however often it is read", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { minLength: 1, maxLength: 30 }), (steps) => {
        let [session, register] = [plugged(null, read(1_000), 0), 1_000];
        for (const [index, step] of steps.entries()) {
          register += step;
          session = plugged(session, read(register), index + 1);
        }
        assert.equal(session?.energy, register - 1_000);
      }),
    );
  });
});
