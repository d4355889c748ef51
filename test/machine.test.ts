import assert from "node:assert/strict";
import sinon from "sinon";
import { opener } from "../hal/sim/brain.js";
import { createMachine, every } from "../hal/sim/machine.js";
import { createAgenda } from "../hal/sim/plant/agenda.js";
import { millis } from "../src/units.js";

function counting() {
  const agenda = createAgenda();
  const act = sinon.spy();
  const onBug = sinon.spy();
  const open = opener<null, number, number, number, number>({
    start: () => ({ state: 0, effects: [] }),
    step: (state, event) => {
      if (event < 0) throw new Error("a bug");
      return { state: state + event, effects: [state + event] };
    },
    words: (state) => state,
  });
  const brain = open(null, millis(0));
  const machine = createMachine<number, number>(agenda, {
    brain,
    act,
    onBug,
    uptime: () => millis(agenda.now()),
  });
  return { agenda, act, onBug, brain, machine };
}

describe("shell of a machine", () => {
  it("steps once for each event, in order, and acts on the effects", () => {
    const { brain, machine, act } = counting();
    machine.post(1);
    machine.post(2);
    assert.deepEqual(act.args, [[1], [3]]);
    assert.equal(brain.words(), 3);
  });
  it("lets events wait while it stands still, and takes them in order afterwards", () => {
    const { agenda, machine, act } = counting();
    machine.block(50);
    machine.post(1);
    machine.post(2);
    agenda.run(49);
    assert.equal(act.callCount, 0);
    agenda.run(50);
    assert.deepEqual(act.args, [[1], [3]]);
  });
  it("keeps a bounded queue", () => {
    const { agenda, machine, act } = counting();
    machine.block(10);
    for (let n = 0; n < 10_000; n++) machine.post(1);
    agenda.run(10);
    assert.equal(act.callCount, 512);
  });
  it("takes an event that its own act posts after this one, not within it", () => {
    const agenda = createAgenda();
    const order: string[] = [];
    const open = opener<null, null, string, string, null>({
      start: () => ({ state: null, effects: [] }),
      step: (state, event) => {
        order.push(`step ${event}`);
        return { state, effects: event === "a" ? ["b"] : [] };
      },
      words: (state) => state,
    });
    const machine = createMachine<string, string>(agenda, {
      brain: open(null, millis(0)),
      act: (effect) => {
        machine.post(effect);
        order.push(`posted ${effect}`);
      },
      onBug: sinon.stub(),
      uptime: () => 0,
    });
    machine.post("a");
    assert.deepEqual(order, ["step a", "posted b", "step b"]);
  });
  it("tells a bug once and does nothing more", () => {
    const { machine, act, onBug } = counting();
    machine.post(-1);
    machine.post(1);
    assert.equal(onBug.callCount, 1);
    assert.equal(act.callCount, 0);
  });
  it("does nothing once it hangs", () => {
    const { machine, act } = counting();
    machine.hang();
    machine.post(1);
    assert.equal(act.callCount, 0);
  });
  it("ticks at its period until it is stopped", () => {
    const agenda = createAgenda();
    const tick = sinon.spy();
    const stop = every(agenda, 5, 20, tick);
    agenda.run(45);
    assert.equal(tick.callCount, 3);
    stop();
    agenda.run(200);
    assert.equal(tick.callCount, 3);
  });
});
