import assert from "node:assert/strict";
import fc from "fast-check";
import { type Because, decide, type Limit } from "../src/limits.js";
import { deciamps } from "../src/units.js";

const limit = (name: Because, amps: number): Limit => ({ name, amps: deciamps(amps) });

describe("limits", () => {
  it("gives the smallest limit, its name, and the runner-up", () => {
    const found = decide([limit("site", 200), limit("rating", 320), limit("cable", 130)]);
    assert.deepEqual(found, { offer: 130, because: "cable", runnerUp: limit("site", 200) });
  });
  it("offers nothing below 6.0 A and keeps the reason", () => {
    assert.equal(decide([limit("site", 60)]).offer, 60);
    assert.deepEqual(decide([limit("site", 59), limit("rating", 320)]), {
      offer: 0,
      because: "site",
      runnerUp: limit("rating", 320),
    });
  });
  it("takes no limits at all as no permission", () =>
    assert.deepEqual(decide([]), { offer: 0, because: "none", runnerUp: null }));
  it("never gives more than any of the limits, nor anything between 0 and 6 A", () => {
    const amps = fc.constantFrom(0, 1, 59, 60, 61, 100, 320, 800);
    fc.assert(
      fc.property(fc.array(amps, { minLength: 1, maxLength: 6 }), (list) => {
        const { offer } = decide(list.map((one) => limit("site", one)));
        return list.every((one) => offer <= one) && (offer === 0 || offer >= 60);
      }),
    );
  });
});
