import assert from "node:assert/strict";
import fc from "fast-check";
import type { PilotSamples } from "../hal/ports.js";
import {
  contactorClosed,
  dutyOut,
  type EvseEffect,
  type EvseState,
  startEvse,
  statusOf,
  stepEvse,
} from "../src/evse.js";
import type { EvseSetup, Lease } from "../src/lease.js";
import { MIN_OFFER, NO_OFFER, offerOf, STATE_F } from "../src/pilot.js";
import { deciamps, decicelsius, milliamps, millis, type Ohms, ohms, pilotMillivolts } from "../src/units.js";

const SETUP: EvseSetup = {
  rating: deciamps(320),
  cable: deciamps(320),
  socket: false,
  failsafe: deciamps(0),
  ventilated: false,
  wakeUp: true,
  residualFitted: true,
};
const VOLTS = { A: 12_000, B: 9_000, C: 6_000, D: 3_000, E: 0 } as const;
type Line = keyof typeof VOLTS | "no-diode";

/** A bench for one EVSE machine: a line with a car on it, contacts that follow the coil, a lease each second. */
function bench(setup: Partial<EvseSetup> = {}) {
  let state: EvseState = startEvse(millis(0));
  let now = 0;
  const log: { at: number; effect: EvseEffect }[] = [];
  const board = {
    line: "A" as Line,
    amps: 160,
    permitted: true,
    draw: 0,
    celsius: 25,
    leases: true,
    feedback: undefined as boolean | undefined,
    proximity: null as Ohms | null,
    samples: 80,
  };
  const give = (event: Parameters<typeof stepEvse>[1]) => {
    const step = stepEvse(state, event, millis(now));
    state = step.state;
    for (const effect of step.effects) {
      log.push({ at: now, effect });
      if (effect.kind === "testResidual") give({ kind: "selfTest", ok: true });
    }
  };
  const lease = (over: Partial<Lease> = {}) =>
    give({
      kind: "lease",
      lease: {
        offer: deciamps(board.amps),
        until: millis(now + 5_000),
        because: "site",
        runnerUp: null,
        permitted: board.permitted,
        draw: milliamps(board.draw),
        ...over,
      },
    });
  const samples = (): PilotSamples => {
    const out = dutyOut(state);
    const plus = board.line === "no-diode" ? VOLTS.C : VOLTS[board.line];
    const high = pilotMillivolts(out === STATE_F ? -12_000 : plus);
    const low = pilotMillivolts(
      out === NO_OFFER ? plus : board.line === "no-diode" ? -6_000 : board.line === "E" ? 0 : -12_000,
    );
    return { count: board.samples, high: [high, high, high], low: [low, low, low] };
  };
  const run = (ms: number) => {
    for (const end = now + ms; now < end; now += 20) {
      if (board.leases && now % 1_000 === 0) lease();
      give({
        kind: "inputs",
        samples: samples(),
        feedback: board.feedback ?? contactorClosed(state),
        temperature: decicelsius(board.celsius * 10),
        proximity: board.proximity,
      });
    }
  };
  give({ kind: "setup", setup: { ...SETUP, ...setup } });
  const plug = (line: Line = "C") => {
    run(6_000);
    board.line = line;
  };
  const charging = () => {
    plug();
    run(3_000);
    assert.equal(statusOf(state).mode, "charging");
    assert.ok(contactorClosed(state));
  };
  const when = (wanted: (effect: EvseEffect) => boolean, after: number) =>
    (log.find((one) => one.at >= after && wanted(one.effect))?.at ?? Number.POSITIVE_INFINITY) - after;
  return {
    board,
    run,
    give,
    plug,
    charging,
    when,
    lease,
    log,
    now: () => now,
    status: () => statusOf(state),
    closed: () => contactorClosed(state),
    duty: () => dutyOut(state),
  };
}

const opens = (effect: EvseEffect) => effect.kind === "setContactor" && !effect.closed;
const closes = (effect: EvseEffect) => effect.kind === "setContactor" && effect.closed;
const restarts = (effect: EvseEffect) => effect.kind === "restart";
const showsF = (effect: EvseEffect) => effect.kind === "setDuty" && effect.duty === STATE_F;

describe("EVSE", () => {
  it("tells what its board measures once for each look, and nothing more of it", () => {
    const b = bench();
    const told = () => b.log.flatMap(({ effect }) => (effect.kind === "measured" ? [effect.measured] : []));
    b.run(1_000);
    assert.deepEqual(told(), []);
    b.give({ kind: "look" });
    b.run(1_000);
    b.charging();
    b.give({ kind: "look" });
    b.give({ kind: "look" });
    b.run(1_000);
    const [idle, drawing, ...rest] = told();
    assert.deepEqual(rest, []);
    assert.deepEqual([idle?.samples.high[0], idle?.duty, idle?.contactorClosed], [12_000, NO_OFFER, false]);
    assert.deepEqual([drawing?.samples.high[2], drawing?.samples.low[0]], [6_000, -12_000]);
    assert.deepEqual([drawing?.contactorClosed, drawing?.feedback, drawing?.duty], [true, true, b.duty()]);
  });
  it("closes the contactor within 3 s of C with an offer", () => {
    const b = bench();
    b.plug();
    const from = b.now();
    b.run(3_000);
    assert.ok(b.when(closes, from) < 3_000);
  });
  for (const line of ["A", "B", "E", "no-diode"] as const) {
    it(`opens the contactor within 100 ms of the car going from C to ${line}`, () => {
      const b = bench();
      b.charging();
      const from = b.now();
      b.board.line = line;
      b.run(1_000);
      assert.ok(b.when(opens, from) <= 60, `${b.when(opens, from)} ms`);
    });
  }
  it("opens within 100 ms when the line cannot be read any more, and says so", () => {
    const b = bench();
    b.charging();
    b.board.samples = 2;
    const from = b.now();
    b.run(1_000);
    assert.ok(b.when(opens, from) <= 80);
    assert.equal(b.status().fault, "pilot-unreadable");
  });
  it("forces the contactor open within 6 s of the loss of the offer, when the car stays in C", () => {
    const b = bench();
    b.charging();
    b.board.amps = 0;
    const from = b.now();
    b.run(10_000);
    assert.ok(b.when(opens, from) >= 5_860 && b.when(opens, from) <= 5_900);
    assert.equal(b.duty(), NO_OFFER);
  });
  it("falls to the fail-safe current at the lease's end, and to nothing when that is 0", () => {
    for (const failsafe of [0, 80]) {
      const b = bench({ failsafe: deciamps(failsafe) });
      b.charging();
      b.board.leases = false;
      b.run(5_020);
      assert.deepEqual([b.status().offer, b.status().because], [failsafe, "failsafe"]);
    }
  });
  it("opens in order and restarts the device after 30 s without the controller machine", () => {
    const b = bench({ failsafe: deciamps(80) });
    b.charging();
    b.board.leases = false;
    const from = b.now();
    b.run(40_000);
    assert.ok(b.when(opens, from) <= 36_100 && b.when(opens, from) > 29_000);
    assert.equal(b.when(restarts, from), b.when(opens, from));
  });
  it("restarts the device after 30 s without the controller machine also while nobody is plugged in", () => {
    const b = bench();
    b.run(5_000);
    b.board.leases = false;
    const from = b.now();
    b.run(32_000);
    const after = b.when(restarts, from);
    assert.ok(after > 28_000 && after <= 30_100, String(after));
  });
  it("never raises the duty within 5 s of the last change, and lowers it at once", () => {
    const b = bench();
    b.charging();
    b.run(6_000);
    b.board.amps = 100;
    b.lease();
    assert.equal(b.status().offer, 100);
    b.board.amps = 200;
    b.lease();
    b.run(5_060);
    assert.equal(b.status().offer, 100);
    b.run(60);
    assert.equal(b.status().offer, 200);
  });
  it("keeps a pause of its own for 60 s", () => {
    const b = bench();
    b.charging();
    const from = b.now();
    b.board.amps = 59;
    b.run(1_000);
    b.board.amps = 160;
    b.board.line = "B";
    b.run(1_000);
    b.board.line = "C";
    b.run(90_000);
    const again = b.when(closes, from);
    assert.ok(again >= 60_860 && again < 65_000, `${again} ms`);
  });
  it("rests 5 s between open and closed after a stop of the car's own", () => {
    const b = bench();
    b.charging();
    b.board.line = "B";
    b.run(200);
    const opened = b.log.filter((one) => opens(one.effect)).at(-1)?.at ?? 0;
    b.board.line = "C";
    b.run(8_000);
    assert.equal(b.when(closes, opened), 5_080);
  });
  it("pauses a car that draws more than (offer + 0.5 A) x 1.10 for 7 s, counted from 9 s after a decrease", () => {
    const b = bench();
    b.charging();
    b.board.draw = 18_150;
    b.run(30_000);
    assert.equal(b.status().mode, "charging");
    b.board.draw = 18_151;
    const from = b.now();
    b.run(20_000);
    const paused = b.when((effect) => effect.kind === "status" && effect.status.because === "paused", from);
    assert.equal(paused, 7_000);
  });
  it("gives a car 9 s after a decrease before its draw counts", () => {
    const b = bench();
    b.charging();
    b.run(20_000);
    b.board.draw = 16_000;
    b.board.amps = 100;
    const from = b.now();
    b.run(30_000);
    const paused = b.when((effect) => effect.kind === "status" && effect.status.because === "paused", from);
    assert.equal(paused, 16_000);
  });
  it("gives no more time for an offer that falls again and again by a tenth", () => {
    const b = bench();
    b.charging();
    b.board.draw = 24_000;
    const from = b.now();
    for (let n = 0; n < 10; n++) {
      b.board.amps = n % 2 === 0 ? 159 : 160;
      b.run(2_000);
    }
    const paused = b.when((effect) => effect.kind === "status" && effect.status.because === "paused", from);
    assert.ok(paused <= 7_020, `${paused} ms`);
  });
  it("forgets a draw together with the lease that brought it", () => {
    const b = bench({ failsafe: deciamps(80) });
    b.charging();
    b.board.draw = 16_000;
    b.run(20_000);
    b.board.leases = false;
    b.run(24_000);
    assert.deepEqual([b.status().mode, b.status().offer], ["charging", 80]);
  });
  it("offers nothing in the first 5 s after boot", () => {
    const b = bench();
    b.board.line = "B";
    b.run(5_060);
    assert.equal(b.duty(), NO_OFFER);
    b.run(100);
    assert.equal(b.status().offer, 160);
  });
  it("wakes a car that never asks, once, with 4 s of state F after 30 s", () => {
    const b = bench();
    b.plug("B");
    const from = b.now();
    b.run(120_000);
    assert.equal(b.log.filter((one) => showsF(one.effect)).length, 1);
    assert.ok(b.when(showsF, from) >= 30_000 && b.when(showsF, from) < 30_300);
    const back = b.when((effect) => effect.kind === "setDuty" && effect.duty === NO_OFFER, from + b.when(showsF, from));
    assert.equal(back, 4_000);
  });
  it("wakes nobody when that is switched off", () => {
    const b = bench({ wakeUp: false });
    b.plug("B");
    b.run(60_000);
    assert.ok(!b.log.some((one) => showsF(one.effect)));
  });
  it("shows state F for at least 300 ms after a fault, and forgets it after 1 s of A", () => {
    const b = bench();
    b.charging();
    b.board.line = "no-diode";
    b.run(2_000);
    const [shown, ended] = b.log.filter((one) => one.effect.kind === "setDuty").slice(-2);
    assert.ok((ended?.at ?? 0) - (shown?.at ?? 0) >= 300);
    assert.equal(b.status().fault, "no-diode");
    b.board.line = "C";
    b.run(5_000);
    assert.equal(b.status().fault, "no-diode");
    b.board.line = "A";
    b.run(1_000);
    assert.equal(b.status().fault, "no-diode");
    b.run(300);
    assert.equal(b.status().fault, null);
  });
  it("opens at the residual-current input in the same step, and stays so until unplugged", () => {
    const b = bench();
    b.charging();
    b.give({ kind: "residual", tripped: true });
    assert.equal(b.closed(), false);
    b.give({ kind: "residual", tripped: false });
    b.run(30_000);
    assert.equal(b.status().fault, "residual-current");
    b.board.line = "A";
    b.run(2_000);
    assert.equal(b.status().fault, null);
  });
  it("tests the residual-current device before each closing, and does not close when the test fails", () => {
    const b = bench();
    b.charging();
    const tests = b.log.filter((one) => one.effect.kind === "testResidual").length;
    assert.equal(tests, 1);
    const failing = bench();
    failing.plug();
    failing.run(80);
    failing.give({ kind: "selfTest", ok: false });
    assert.equal(failing.closed(), false);
  });
  it("stays open in D, unless set up as ventilated", () => {
    const b = bench();
    b.plug("D");
    b.run(5_000);
    assert.equal(b.closed(), false);
    const ventilated = bench({ ventilated: true });
    ventilated.plug("D");
    ventilated.run(5_000);
    assert.equal(ventilated.closed(), true);
  });
  it("names a welded contactor and one that does not close", () => {
    const welded = bench();
    welded.charging();
    welded.board.feedback = true;
    welded.board.line = "B";
    welded.run(1_000);
    assert.equal(welded.status().fault, "contactor-welded");
    const jammed = bench();
    jammed.board.feedback = false;
    jammed.plug();
    jammed.run(3_000);
    assert.equal(jammed.status().fault, "contactor-stuck-open");
  });
  it("limits by the cable's resistor on a socket, and offers nothing without one", () => {
    const b = bench({ socket: true });
    b.board.amps = 320;
    b.plug("B");
    b.run(1_000);
    assert.equal(b.status().offer, 0);
    b.board.proximity = ohms(680);
    b.run(6_000);
    assert.deepEqual([b.status().offer, b.status().because], [200, "cable"]);
  });
  it("limits by the board's temperature and says so", () => {
    const b = bench();
    b.board.amps = 320;
    b.plug("B");
    b.board.celsius = 70;
    b.run(6_000);
    assert.deepEqual([b.status().offer, b.status().because], [190, "temperature"]);
  });
  it("offers nothing without permission", () => {
    const b = bench();
    b.board.permitted = false;
    b.plug();
    b.run(10_000);
    assert.deepEqual([b.closed(), b.duty()], [false, NO_OFFER]);
  });
  it("keeps the pilot static while nothing is plugged in", () => {
    const b = bench();
    b.run(10_000);
    assert.equal(b.duty(), NO_OFFER);
  });
  it("never offers more than lease, rating and cable allow, nothing between 0 and 6 A, and closes only with an offer", () => {
    const act = fc.record({
      line: fc.constantFrom<Line>("A", "B", "C", "C", "D", "E", "no-diode"),
      amps: fc.constantFrom(0, 59, 60, 100, 320, 400),
      permitted: fc.boolean(),
      leases: fc.boolean(),
      draw: fc.constantFrom(0, 10_000, 40_000),
      celsius: fc.constantFrom(25, 70, 85),
      ms: fc.constantFrom(20, 200, 2_000, 8_000),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 12 }), (acts) => {
        const b = bench({ cable: deciamps(200) });
        for (const { ms, ...facts } of acts) {
          Object.assign(b.board, facts);
          b.lease();
          b.run(ms);
          const { offer } = b.status();
          const granted = Math.min(facts.amps, 200);
          if (offer !== offerOf(b.duty()) || (offer > 0 && offer < MIN_OFFER) || offer > granted) return false;
          if (b.closed() && (facts.line === "A" || facts.line === "B") && ms >= 200) return false;
        }
        return true;
      }),
      { numRuns: 60 },
    );
  });
});
