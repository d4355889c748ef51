import assert from "node:assert/strict";
import { led, outsideLimit, stillLed } from "../src/outside.js";
import { deciamps, millis } from "../src/units.js";

const LEASE = millis(60_000);
const at = millis;

describe("somebody outside who leads", () => {
  it("limits nothing before a word is said", () => {
    assert.deepEqual(outsideLimit(null), []);
    assert.equal(stillLed(null, at(1)), null);
  });
  it("is an upper bound named manual, or none at all when it only enables", () => {
    assert.deepEqual(outsideLimit(led(null, { enabled: true }, LEASE, at(0))), []);
    assert.deepEqual(outsideLimit(led(null, { amps: deciamps(83) }, LEASE, at(0))), [{ name: "manual", amps: 83 }]);
  });
  it("gives 0 A while it disables, whatever amperes it said before or says then", () => {
    const off = led(led(null, { amps: deciamps(160) }, LEASE, at(0)), { enabled: false }, LEASE, at(1));
    assert.deepEqual(outsideLimit(off), [{ name: "manual", amps: 0 }]);
    assert.deepEqual(outsideLimit(led(off, { amps: deciamps(100) }, LEASE, at(2))), [{ name: "manual", amps: 0 }]);
  });
  it("keeps the amperes over a pause", () => {
    const off = led(led(null, { amps: deciamps(160) }, LEASE, at(0)), { enabled: false }, LEASE, at(1));
    assert.deepEqual(outsideLimit(led(off, { enabled: true }, LEASE, at(2))), [{ name: "manual", amps: 160 }]);
  });
  it("ends with its lease, to the millisecond, which each word begins anew", () => {
    const first = led(null, { enabled: false }, LEASE, at(0));
    assert.equal(stillLed(first, at(59_999)), first);
    assert.equal(stillLed(first, at(60_000)), null);
    const renewed = led(first, { amps: deciamps(60) }, LEASE, at(59_999));
    assert.equal(stillLed(renewed, at(119_998)), renewed);
    assert.equal(stillLed(renewed, at(119_999)), null);
  });
});
