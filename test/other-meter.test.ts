import assert from "node:assert/strict";
import fc from "fast-check";
import { currentsOf } from "../src/other-meter.js";
import { encodeText } from "../src/text.js";

const read = (text: string, phases: 1 | 3 = 1) => currentsOf(encodeText(text), phases);

describe("somebody else's meter", () => {
  it("says amperes as a number, or as a list of one for each phase", () => {
    assert.deepEqual(read("12.34"), [12_340]);
    assert.deepEqual(read(" [5] "), [5_000]);
    assert.deepEqual(read("[1, 2.5,3e0]", 3), [1_000, 2_500, 3_000]);
    assert.deepEqual(read("1,2,3", 3), [1_000, 2_000, 3_000]);
  });
  it("is read in 1 mA, rounded up", () => {
    assert.deepEqual(read("0.0001"), [1]);
    assert.deepEqual(read("1.1"), [1_100]);
  });
  it("may export", () => assert.deepEqual(read("-3.2"), [-3_200]));
  it("says nothing where a phase is missing, or one too many", () => {
    assert.equal(read("[1,2]", 3), null);
    assert.equal(read("1", 3), null);
    assert.equal(read("[1,2,3]"), null);
    assert.equal(read("[1,,3]", 3), null);
  });
  it("says nothing where it says anything but plausible numbers", () => {
    for (const text of ["", "unknown", "null", "NaN", "1e9", "1001", "0x10", '{"a":1}', "1 2", "[", "1".repeat(65)]) {
      assert.equal(read(text), null, text);
    }
    assert.deepEqual(read("1000"), [1_000_000]);
  });
  it("takes any bytes without a throw", () => {
    const text = fc.string({ unit: fc.constantFrom("1", "-", ".", "e", "[", "]", ",", " ", "x"), maxLength: 20 });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), text.map(encodeText)), (bytes) => {
        const currents = currentsOf(bytes, 1);
        assert.ok(currents === null || (currents.length === 1 && Number.isSafeInteger(currents[0])));
      }),
    );
  });
});
