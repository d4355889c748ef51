import assert from "node:assert/strict";
import fc from "fast-check";
import { dutyOut, type EvseState, startEvse, statusOf, stepEvse } from "../src/evse.js";
import type { EvseSetup, Lease } from "../src/lease.js";
import { NO_OFFER } from "../src/pilot.js";
import { deciamps, decicelsius, millis, pilotMillivolts } from "../src/units.js";

const SETUP: EvseSetup = {
  rating: deciamps(320),
  cable: deciamps(320),
  socket: false,
  failsafe: deciamps(0),
  ventilated: false,
  wakeUp: false,
  residualFitted: true,
};

/** An EVSE machine with a car in B, 6 s after boot, that hears leases only when it is given one. */
function bench(setup: Partial<EvseSetup> = {}) {
  let state: EvseState = startEvse(millis(0));
  let now = 0;
  const run = (ms: number): void => {
    for (const end = now + ms; now < end; ) {
      now += 20;
      const high = pilotMillivolts(9_000);
      const low = dutyOut(state) === NO_OFFER ? high : pilotMillivolts(-12_000);
      const samples = { count: 80, high: [high, high, high], low: [low, low, low] } as const;
      const inputs = { samples, feedback: null, temperature: decicelsius(250), proximity: null };
      state = stepEvse(state, { kind: "inputs", ...inputs }, millis(now)).state;
    }
  };
  const lease = (amps: number, until: number, over: Partial<Lease> = {}): void => {
    const one: Lease = {
      offer: deciamps(amps),
      until: millis(until),
      because: "site",
      runnerUp: null,
      permitted: true,
      draw: null,
      ...over,
    };
    state = stepEvse(state, { kind: "lease", lease: one }, millis(now)).state;
  };
  state = stepEvse(state, { kind: "setup", setup: { ...SETUP, ...setup } }, millis(0)).state;
  run(6_000);
  return { run, lease, now: () => now, status: () => statusOf(state) };
}

describe("lease", () => {
  it("is needed for any offer", () => {
    const b = bench({ failsafe: deciamps(80) });
    b.run(1_000);
    assert.deepEqual([b.status().offer, b.status().because], [0, "none"]);
  });
  it("holds until its time and not a step longer", () => {
    const b = bench();
    b.lease(160, 8_000);
    b.run(1_980);
    assert.equal(b.status().offer, 160);
    b.run(20);
    assert.deepEqual([b.now(), b.status().offer, b.status().because], [8_000, 0, "failsafe"]);
  });
  it("leaves the fail-safe current at its end", () => {
    const b = bench({ failsafe: deciamps(80) });
    b.lease(160, 8_000);
    b.run(2_000);
    assert.deepEqual([b.status().offer, b.status().because], [80, "failsafe"]);
  });
  it("is replaced by the next one, also by a smaller, a shorter or one that has ended", () => {
    const b = bench();
    b.lease(160, 11_000);
    b.run(1_000);
    b.lease(100, 7_500);
    assert.equal(b.status().offer, 100);
    b.run(500);
    assert.equal(b.status().offer, 0);
    b.lease(100, 7_400);
    assert.equal(b.status().offer, 0);
  });
  it("names why, and what would hold next", () => {
    const b = bench();
    b.lease(100, 11_000, { because: "manual", runnerUp: { name: "site", amps: deciamps(130) } });
    assert.deepEqual([b.status().because, b.status().runnerUp], ["manual", { name: "site", amps: 130 }]);
  });
  it("ends the session when nobody may charge, which is no pause", () => {
    const b = bench();
    b.lease(0, 11_000, { because: "person", permitted: false });
    assert.deepEqual([b.status().mode, b.status().because], ["preparing", "person"]);
    b.lease(0, 11_000);
    assert.deepEqual([b.status().mode, b.status().because], ["suspendedEVSE", "site"]);
  });
  it("never gives an offer above its own, or after its end, whatever leases come", () => {
    const one = fc.record({
      amps: fc.constantFrom(0, 59, 60, 100, 320, 400),
      lasts: fc.constantFrom(-1, 0, 20, 500, 5_000),
      wait: fc.constantFrom(20, 500, 520, 5_020),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 10 }), (list) => {
        const b = bench();
        for (const { amps, lasts, wait } of list) {
          b.lease(amps, b.now() + lasts);
          const [end, most] = [b.now() + lasts, b.now() + wait];
          for (; b.now() < most; b.run(20)) {
            assert.ok(b.status().offer <= (b.now() < end ? Math.min(amps, 320) : 0), `${amps} for ${lasts}`);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
