import assert from "node:assert/strict";
import fc from "fast-check";
import { createAgenda } from "../../hal/sim/plant/agenda.js";
import { createChance } from "../../hal/sim/plant/chance.js";

describe("plant agenda", () => {
  it("does things in order of their time, and of their making within one millisecond", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9), { maxLength: 60 }), (times) => {
        const agenda = createAgenda();
        const done: [number, number][] = [];
        times.forEach((time, made) => void agenda.at(time, () => done.push([agenda.now(), made])));
        agenda.run(10);
        const wanted = times.map((time, made): [number, number] => [time, made]);
        wanted.sort(([a, first], [b, second]) => a - b || first - second);
        assert.deepEqual(done, wanted);
      }),
    );
  });

  it("leaves out what was cancelled, and moves the time to the end of the run", () => {
    const agenda = createAgenda();
    agenda.at(5, () => assert.fail("cancelled")).cancelled = true;
    agenda.run(7);
    assert.equal(agenda.now(), 7);
  });
});

describe("plant chance", () => {
  it("gives a fork the same numbers whatever else was drawn", () => {
    const [one, other] = [createChance(7), createChance(7)];
    other.next();
    assert.equal(one.fork("adc").next(), other.fork("adc").next());
    assert.notEqual(one.fork("adc").next(), one.fork("pzem").next());
  });
});
