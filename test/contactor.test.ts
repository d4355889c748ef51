import assert from "node:assert/strict";
import { type ContactorState, contactorFault, nextContactor, OPEN_AT_BOOT } from "../src/contactor.js";
import { milliamps, millis } from "../src/units.js";

const wanted = { wanted: true, residualFitted: true };
const passed = (at: number): ContactorState => ({ ...OPEN_AT_BOOT(millis(at)), test: "passed" });

describe("contactor", () => {
  it("is open at boot and rests 5 s of any clock before it closes", () => {
    assert.equal(nextContactor(passed(0), wanted, millis(5_074)).closed, false);
    assert.equal(nextContactor(passed(0), wanted, millis(5_075)).closed, true);
  });
  it("starts the self-test only when it is wanted and rested, and fails it after a second without an answer", () => {
    const testing = nextContactor(OPEN_AT_BOOT(millis(0)), wanted, millis(5_075));
    assert.equal(testing.test, "running");
    assert.equal(nextContactor(testing, wanted, millis(6_075)).test, "running");
    assert.equal(nextContactor(testing, wanted, millis(6_076)).test, "failed");
  });
  it("closes without a test where no residual-current device is fitted", () =>
    assert.equal(
      nextContactor(OPEN_AT_BOOT(millis(0)), { ...wanted, residualFitted: false }, millis(5_075)).closed,
      true,
    ));
  it("opens at once and forgets the test", () => {
    const closed: ContactorState = { ...passed(0), closed: true };
    const opened = nextContactor(closed, { ...wanted, wanted: false }, millis(9));
    assert.deepEqual(opened, { closed: false, since: 9, test: "none", testSince: 0 });
  });
  it("is at fault when the contacts do not follow the coil within 300 ms", () => {
    const open = OPEN_AT_BOOT(millis(0));
    assert.equal(contactorFault(open, true, null, millis(299)), null);
    assert.equal(contactorFault(open, true, null, millis(300)), "contactor-welded");
    assert.equal(contactorFault({ ...open, closed: true }, false, null, millis(300)), "contactor-stuck-open");
  });
  it("is welded, on a board without feedback, when a draw flows 5 s after it opened", () => {
    const open = OPEN_AT_BOOT(millis(0));
    assert.equal(contactorFault(open, null, milliamps(9_000), millis(5_000)), null);
    assert.equal(contactorFault(open, null, milliamps(9_000), millis(5_001)), "contactor-welded");
    assert.equal(contactorFault(open, null, milliamps(400), millis(9_000)), null);
  });
});
