import assert from "node:assert/strict";
import { createAgenda } from "../../hal/sim/plant/agenda.js";
import { createChance } from "../../hal/sim/plant/chance.js";
import { createContactor } from "../../hal/sim/plant/contactor.js";
import { createPilotLine, letterOf } from "../../hal/sim/plant/pilot-line.js";
import { createProtection, type ProtectionKind } from "../../hal/sim/plant/protection.js";

/** Seconds until it opens at a multiple of the contracted current, null when it holds for an hour. */
function opensAfter(kind: ProtectionKind, factor: number): number | null {
  const protection = createProtection(kind, 30);
  for (let step = 1; step <= 36_000; step++) {
    if (protection.step(0.1, [factor * 30])) return Math.round(step) / 10;
  }
  return null;
}

describe("plant protection", () => {
  it("rcbo: opens after 195 s at 1.45 x, 36 s at 2.55 x, at once above 7 x, never at 1.13 x", () => {
    assert.ok(Math.abs((opensAfter("rcbo", 1.45) ?? 0) - 195) < 2);
    assert.ok(Math.abs((opensAfter("rcbo", 2.55) ?? 0) - 36) < 1);
    assert.equal(opensAfter("rcbo", 7.1), 0.1);
    assert.equal(opensAfter("rcbo", 1.13), null);
  });

  it("smart-meter: opens after 60, 20, 10 and 5 s above its four steps, never at 1.05 x", () => {
    const times = [1.06, 1.31, 1.51, 2.01].map((factor) => Math.round(opensAfter("smart-meter", factor) ?? 0));
    assert.deepEqual(times, [60, 20, 10, 5]);
    assert.equal(opensAfter("smart-meter", 1.05), null);
  });

  it("none: holds whatever flows", () => assert.equal(opensAfter("none", 20), null));
});

describe("plant contactor", () => {
  function contactor() {
    const agenda = createAgenda();
    const moves: [number, boolean][] = [];
    return { agenda, moves, contacts: createContactor(agenda, (closed) => moves.push([agenda.now(), closed])) };
  }

  it("closes 20 ms after its coil and opens 8 ms after it", () => {
    const { agenda, moves, contacts } = contactor();
    contacts.coil(true);
    agenda.run(100);
    contacts.coil(false);
    agenda.run(200);
    assert.deepEqual(
      [moves, contacts.cycles()],
      [
        [
          [20, true],
          [108, false],
        ],
        1,
      ],
    );
  });

  it("welded, stays closed when it is told to open; jammed, stays open", () => {
    const { agenda, contacts } = contactor();
    contacts.coil(true);
    agenda.run(100);
    contacts.spoil("welded");
    contacts.coil(false);
    agenda.run(200);
    assert.equal(contacts.closed(), true);
    contacts.spoil("stuck-open");
    contacts.coil(true);
    agenda.run(300);
    assert.equal(contacts.closed(), false);
  });
});

describe("plant pilot line", () => {
  it("shows 6 V and -12 V of a car in C while PWM runs, and one level while it is static", () => {
    const agenda = createAgenda();
    const line = createPilotLine(agenda.now, createChance(1));
    line.present("C");
    agenda.run(100);
    line.drive(5_000);
    agenda.run(200);
    const { high, low } = line.window();
    assert.ok(high.every((mv) => Math.abs(mv - 6_000) <= 40) && low.every((mv) => Math.abs(mv + 12_000) <= 40));
    line.drive(10_000);
    agenda.run(300);
    const still = line.window();
    assert.ok([...still.high, ...still.low].every((mv) => Math.abs(mv - 6_000) <= 40));
  });

  it("mixes both loads in the window in which the load changed", () => {
    const agenda = createAgenda();
    const line = createPilotLine(agenda.now, createChance(1));
    line.drive(5_000);
    line.present("C");
    agenda.run(100);
    line.present("A");
    agenda.run(103);
    assert.ok(line.window().high[0] > 11_000);
    agenda.run(110);
    assert.equal(letterOf(line.line()), "A");
  });
});
