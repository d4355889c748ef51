import assert from "node:assert/strict";
import { createAgenda } from "../../hal/sim/plant/agenda.js";
import { createChance } from "../../hal/sim/plant/chance.js";
import { createFlow } from "../../hal/sim/plant/flow.js";
import { createPzemBus, type MeterFault } from "../../hal/sim/plant/pzem.js";

/** The request of facts/pzem.json to address 1. */
const READ_1 = Uint8Array.from([0x01, 0x04, 0, 0, 0, 0x0a, 0x70, 0x0d]);

/** A bus with one module on 0 A until 10 s, then on 10 A; `ask` gives the reply's bytes and when its last byte came. */
function bus() {
  const agenda = createAgenda();
  const flow = createFlow();
  let heard: number[] = [];
  let lastAt = 0;
  const hear = (bytes: Uint8Array): void => {
    heard.push(...bytes);
    lastAt = agenda.now();
  };
  const pzem = createPzemBus(agenda, createChance(3), 230, [{ address: 1, flow }], hear, () => undefined);
  const flowOn = (): void => {
    agenda.after(100, flowOn);
    flow.add(agenda.now(), agenda.now() > 10_000 ? 1_000 : 0);
  };
  flowOn();
  return {
    pzem,
    ask(atMs: number): { bytes: number[]; tookMs: number } {
      heard = [];
      agenda.run(atMs);
      pzem.write(READ_1);
      agenda.run(atMs + 200);
      return { bytes: heard, tookMs: lastAt - atMs };
    },
  };
}

const milliamps = (bytes: readonly number[]): number => ((bytes[5] ?? 0) << 8) + (bytes[6] ?? 0);

describe("plant PZEM", () => {
  it("answers in 107 to 126 ms with 25 bytes", () => {
    const { ask } = bus();
    for (let ms = 500; ms < 8_000; ms += 500) {
      const { bytes, tookMs } = ask(ms);
      assert.equal(bytes.length, 25);
      assert.ok(tookMs >= 107 && tookMs <= 126);
    }
  });

  it("shows nothing of a load for 1.2 s, and all of it after 2.55 s", () => {
    const { ask } = bus();
    assert.equal(milliamps(ask(11_200).bytes), 0);
    const half = milliamps(ask(11_900).bytes);
    assert.ok(half > 1_000 && half < 9_000);
    assert.ok(Math.abs(milliamps(ask(12_550).bytes) - 10_000) <= 1);
  });

  it("is silent, stuck, zero or garbled as the scenario says", () => {
    const { ask, pzem } = bus();
    const spoiled = (fault: MeterFault, at: number): number[] => {
      pzem.spoil(fault);
      return ask(at).bytes;
    };
    assert.deepEqual(spoiled("silent", 9_000), []);
    const before = spoiled("ok", 9_300);
    assert.deepEqual(spoiled("stuck", 14_000), before);
    assert.deepEqual(spoiled("stuck", 15_000), before);
    assert.equal(milliamps(spoiled("zero", 16_000)), 0);
    assert.ok(Math.abs(milliamps(spoiled("ok", 17_000)) - 10_000) <= 1);
  });

  it("does not answer another address", () => {
    const agenda = createAgenda();
    const hear = (): void => assert.fail("answered");
    const pzem = createPzemBus(
      agenda,
      createChance(1),
      230,
      [{ address: 2, flow: createFlow() }],
      hear,
      () => undefined,
    );
    pzem.write(READ_1);
    agenda.run(1_000);
  });
});
