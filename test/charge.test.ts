import assert from "node:assert/strict";
import fc from "fast-check";
import { type ChargeInput, type ChargeMode, type ChargeState, nextCharge } from "../src/charge.js";
import { deciamps, millis } from "../src/units.js";

const car: ChargeInput = { pilot: "C", offer: deciamps(160), permitted: true, faulted: false, ventilated: false };
const none = deciamps(0);
const was = (mode: ChargeMode, hasCharged = mode === "charging"): ChargeState => ({
  mode,
  since: millis(0),
  hasCharged,
});
const mode = (last: ChargeState, input: Partial<ChargeInput>, atMs = 1_000) =>
  nextCharge(last, { ...car, ...input }, millis(atMs)).mode;

describe("charge", () => {
  it("goes from available to preparing when a car is plugged in", () =>
    assert.equal(mode(was("available"), { pilot: "B" }), "preparing"));
  it("charges when the car asks (C) with an offer, also without passing B", () => {
    assert.equal(mode(was("preparing"), {}), "charging");
    assert.equal(mode(was("available"), {}), "charging");
  });
  it("stops when the offer falls from 6.0 to 5.9 A", () => {
    assert.equal(mode(was("charging"), { offer: deciamps(60) }), "charging");
    assert.equal(mode(was("charging"), { offer: deciamps(59) }), "stopping");
  });
  it("gives the car 5.88 s from the loss of the offer, so that the contacts are open at 6 s by any clock", () => {
    assert.equal(mode(was("stopping", true), { offer: none }, 5_879), "stopping");
    assert.equal(mode(was("stopping", true), { offer: none }, 5_880), "suspendedEVSE");
  });
  it("is finishing, not suspended, when the permission went", () =>
    assert.equal(mode(was("stopping", true), { offer: none, permitted: false }, 5_880), "finishing"));
  it("is suspended by the car when it goes back to B with an offer", () =>
    assert.equal(mode(was("charging"), { pilot: "B" }), "suspendedEV"));
  it("is suspended by the charger in B without an offer", () =>
    assert.equal(mode(was("preparing"), { pilot: "B", offer: none }), "suspendedEVSE"));
  it("does not charge in D, unless set up as ventilated", () => {
    assert.equal(mode(was("charging"), { pilot: "D" }), "suspendedEVSE");
    assert.equal(mode(was("charging"), { pilot: "D", ventilated: true }), "charging");
  });
  for (const pilot of ["E", "F", "no-diode"] as const) {
    it(`is faulted at ${pilot}`, () => assert.equal(mode(was("charging"), { pilot }), "faulted"));
  }
  it("is available, and has forgotten that it charged, when the car is unplugged", () => {
    const next = nextCharge(was("suspendedEV", true), { ...car, pilot: "A" }, millis(1));
    assert.deepEqual(next, { mode: "available", since: 1, hasCharged: false });
  });
  it("ends with a fault, whatever the car asks for", () =>
    assert.equal(mode(was("charging"), { faulted: true }), "faulted"));
  it("charges only in C or ventilated D, with permission to offer 6 A, and without a fault", () => {
    const inputs = fc.record<ChargeInput>({
      pilot: fc.constantFrom("A", "B", "C", "D", "E", "F", "no-diode", null),
      offer: fc.constantFrom(0, 59, 60, 320).map(deciamps),
      permitted: fc.boolean(),
      faulted: fc.boolean(),
      ventilated: fc.boolean(),
    });
    const before = fc.constantFrom<ChargeMode>("available", "preparing", "charging", "stopping", "faulted");
    fc.assert(
      fc.property(inputs, before, fc.integer({ min: 0, max: 20_000 }), (input, last, at) => {
        if (mode(was(last), input, at) !== "charging") return true;
        return (
          !input.faulted && input.offer >= 60 && (input.pilot === "C" || (input.pilot === "D" && input.ventilated))
        );
      }),
    );
  });
});
