import assert from "node:assert/strict";
import fc from "fast-check";
import { claimed, emptyLine, freed, type Line, move, type Part, rangesOn, target } from "../src/line.js";
import { below, type Ranges } from "../src/ranges.js";
import { deciamps } from "../src/units.js";
import { heldTwice, ownedOn } from "./site.js";

const PHASE = 1;
const part = (place: number, amps: number): Part => ({ place, phases: [PHASE], amps });
const amountsOn = (line: Line, count: number): readonly number[] =>
  Array.from({ length: count }, (_, place) => ownedOn(line, place));
const amountsBelow = (line: Line, budget: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, place) => below(rangesOn(line, PHASE, place), PHASE, deciamps(budget)));

interface Step {
  readonly line: Line;
  readonly leaving: ReadonlyMap<number, Ranges>;
}
const oneMove = (line: Line, parts: readonly Part[], reserves: readonly Part[] = []): Step =>
  move(line, PHASE, target(line, PHASE, parts, reserves), parts, reserves);

/** Every owner lets go of what it was told to. */
const acknowledged = ({ line, leaving }: Step): Line =>
  [...leaving].reduce<Line>((last, [place, ranges]) => freed(last, place, ranges), line);

function settled(start: Line, parts: readonly Part[], reserves: readonly Part[] = []): Line {
  let line = start;
  for (let step = 0; step < 60; step++) {
    const next = acknowledged(oneMove(line, parts, reserves));
    if (next.every((one, at) => one === line[at])) return next;
    line = next;
  }
  return line;
}

describe("line", () => {
  it("lends reserved amperes to nobody, not even for a moment after their owner's lease has ended", () => {
    const reserves = [part(1, 60)];
    const { line } = oneMove(emptyLine(120), [part(0, 60)], reserves);
    assert.deepEqual(rangesOn(line, PHASE, 1), [{ phase: PHASE, from: 0, to: 60 }]);
    assert.deepEqual(rangesOn(line, PHASE, 0), [{ phase: PHASE, from: 60, to: 120 }]);
  });
  it("gives what nobody owns to who claims it, and no ampere to a second", () => {
    const first = claimed(emptyLine(100), 0, [{ phase: PHASE, from: 10, to: 30 }]);
    const second = claimed(first, 1, [{ phase: PHASE, from: 20, to: 900 }]);
    assert.deepEqual(rangesOn(second, PHASE, 0), [{ phase: PHASE, from: 10, to: 30 }]);
    assert.deepEqual(rangesOn(second, PHASE, 1), [{ phase: PHASE, from: 30, to: 100 }]);
  });
  it("frees all of an owner, or only what it was told to let go", () => {
    const line = claimed(emptyLine(100), 0, [{ phase: PHASE, from: 0, to: 50 }]);
    assert.equal(ownedOn(freed(line, 0, [{ phase: PHASE, from: 0, to: 50 }]), 0), 50, "it was not told to");
    assert.equal(ownedOn(freed(line, 0, null), 0), 0);
    assert.equal(ownedOn(freed(line, 1, null), 0), 50);
  });
});

describe("target of the line", () => {
  const parts = [part(0, 120), part(1, 120)];
  it("has the reserved amperes lowest, then 6 A for each, then the surplus", () => {
    const { line, blocks } = target(emptyLine(300), PHASE, parts, [part(2, 60)]);
    assert.deepEqual(amountsBelow(line, 60, 3), [0, 0, 60]);
    assert.deepEqual(amountsBelow(line, 180, 3), [60, 60, 60]);
    assert.equal(blocks, 180);
    assert.deepEqual(amountsOn(line, 3), [120, 120, 60]);
  });
  it("counts the reserved amperes of a car that charges as its own", () => {
    const { line, blocks } = target(emptyLine(300), PHASE, parts, [part(0, 80)]);
    assert.deepEqual([amountsOn(line, 2), blocks], [[120, 120], 140]);
  });
  it("mixes the surplus, so that a step of the house takes from each alike", () => {
    const { line } = target(emptyLine(300), PHASE, parts, []);
    for (let budget = 120; budget <= 240; budget += 10) {
      const [first = 0, second = 0] = amountsBelow(line, budget, 2);
      assert.ok(Math.abs(first - second) <= 10, `${first} and ${second} of ${budget}`);
    }
  });
  it("leaves who owns surplus already where it is, as far as that is even enough", () => {
    const { line } = target(emptyLine(300), PHASE, [part(0, 120), part(1, 110)], []);
    const again = target(line, PHASE, [part(0, 120), part(1, 110)], []);
    assert.deepEqual([...again.line], [...line]);
  });
  it("gives what is reserved to nobody else, whatever that lacks", () => {
    const reserves = [part(2, 60)];
    const line = settled(emptyLine(300), [part(0, 150)], reserves);
    const { line: next } = oneMove(freed(line, 2, null), [part(0, 200), part(1, 60)], reserves);
    assert.deepEqual(amountsBelow(next, 60, 3), [0, 0, 60]);
  });
  it("never exceeds the line", () => {
    const { line } = target(emptyLine(100), PHASE, parts, [part(2, 60)]);
    assert.equal(line.length, 100);
  });
});

describe("a move of the line", () => {
  it("gives free amperes to their new owners at once", () => {
    const { line, leaving } = oneMove(emptyLine(300), [part(0, 100), part(1, 80)]);
    assert.deepEqual([amountsOn(line, 2), leaving.size], [[100, 80], 0]);
  });
  it("takes from who has too much only what others lack, and gives it when it was let go", () => {
    const full = settled(emptyLine(200), [part(0, 200)]);
    const step = oneMove(full, [part(0, 100), part(1, 100)]);
    assert.deepEqual(amountsOn(step.line, 2), [100, 0], "in between nobody owns it");
    assert.deepEqual(amountsOn(settled(full, [part(0, 100), part(1, 100)]), 2), [100, 100]);
  });
  it("leaves a car as it is for a trifle that nobody lacks", () => {
    const line = settled(emptyLine(300), [part(0, 100)]);
    const step = oneMove(line, [part(0, 95)]);
    assert.deepEqual([ownedOn(step.line, 0), step.leaving.size], [100, 0]);
  });
  it("tells who charges no more to let go of what others lack", () => {
    const line = settled(emptyLine(200), [part(0, 100), part(1, 100)], [part(0, 60)]);
    const { leaving } = oneMove(line, [part(1, 140)], [part(0, 60)]);
    assert.equal(below(leaving.get(0) ?? [], PHASE, deciamps(200)), 40);
    assert.equal(ownedOn(settled(line, [part(1, 140)], [part(0, 60)]), 0), 60, "what is reserved stays");
  });
  it("frees all of an owner that has no part and no reserve", () => {
    const line = settled(emptyLine(300), [part(0, 100), part(1, 80)]);
    const [gone = 0, stays = 0] = amountsOn(settled(line, [part(1, 80)]), 2);
    assert.ok(gone === 0 && stays >= 80);
  });
  it("brings everybody to its part, but for half an ampere on its way, with no ampere owned twice", () => {
    const amps = fc.constantFrom(0, 60, 61, 90, 150);
    const plan = fc.array(amps, { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(fc.array(plan, { minLength: 1, maxLength: 5 }), (plans) => {
        let line: Line = emptyLine(300);
        let order: readonly number[] = [];
        for (const wanted of plans) {
          const sum = wanted.reduce<number>((total, one) => total + one, 0);
          const charges = (place: number): boolean => sum <= 300 && (wanted[place] ?? 0) > 0;
          const staying = order.filter(charges);
          order = [...staying, ...[0, 1, 2].filter((place) => charges(place) && !staying.includes(place))];
          const parts = order.map((place) => part(place, wanted[place] ?? 0));
          line = settled(line, parts);
          const owned = amountsOn(line, 3);
          for (const { place, amps: share } of parts) {
            assert.ok((owned[place] ?? 0) >= share - 5, `${owned} of ${wanted}`);
          }
          assert.equal(heldTwice([0, 1, 2].map((place) => rangesOn(line, PHASE, place))), null);
        }
      }),
      { numRuns: 40 },
    );
  });
  it("never takes from an owner more than what it marks as leaving", () => {
    const amps = fc.constantFrom(0, 60, 80, 120);
    fc.assert(
      fc.property(amps, amps, amps, amps, (a, b, c, d) => {
        const line = settled(emptyLine(240), [part(0, a), part(1, b)]);
        const step = oneMove(line, [part(0, c), part(1, d)]);
        for (const place of [0, 1]) {
          const told = (step.leaving.get(place) ?? []).reduce((sum, { from, to }) => sum + to - from, 0);
          assert.ok(ownedOn(step.line, place) >= ownedOn(line, place) - told);
        }
      }),
    );
  });
});
