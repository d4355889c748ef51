import assert from "node:assert/strict";
import fc from "fast-check";
import { withCrc } from "../src/modbus.js";
import { readRequest } from "../src/pzem.js";
import { type Bus, type BusEvent, type BusStep, type Round, startBus, stepBus } from "../src/pzem-bus.js";
import { millis } from "../src/units.js";

const reply = (address: number, mA: number): Uint8Array => {
  const registers = [2_300, mA, 0, 0, 0, 0, 0, 500, 100, 0];
  return withCrc([address, 4, 20, ...registers.flatMap((one) => [one >> 8, one & 255])]);
};
const start = (addresses: readonly number[]): Bus => startBus(addresses, millis(1_000), millis(0));
const tick = (bus: Bus, now: number): BusStep => stepBus(bus, { kind: "tick" }, millis(now));
const hear = (bus: Bus, now: number, ...bytes: readonly number[]): BusStep =>
  stepBus(bus, { kind: "bytes", bytes: Uint8Array.from(bytes) }, millis(now));
const whys = (round: Round | null) => round?.answers.map((one) => (one.ok ? Number(one.current) : one.why));

describe("bus of PZEMs", () => {
  it("asks the next module as soon as the one before has answered, and gives the round after the last", () => {
    let step = tick(start([1, 7]), 0);
    assert.deepEqual(step.send, readRequest(1));
    step = hear(step.bus, 110, ...reply(1, 5_000));
    assert.deepEqual([step.send, step.round, step.answer?.address], [readRequest(7), null, 1]);
    step = hear(step.bus, 220, ...reply(7, 6_000));
    assert.deepEqual([step.send, whys(step.round), step.round?.askedAt], [null, [5_000, 6_000], 0]);
  });
  it("goes on to the next module when one does not answer within 300 ms", () => {
    const asked = tick(start([1, 7]), 0);
    assert.equal(tick(asked.bus, 299).send, null);
    const late = tick(asked.bus, 300);
    assert.deepEqual(late.send, readRequest(7));
    assert.deepEqual(whys(hear(late.bus, 400, ...reply(7, 6_000)).round), ["timeout", 6_000]);
  });
  it("passes over the answer of another module, and of one that answers too late", () => {
    const asked = tick(start([1, 7]), 0);
    assert.equal(hear(asked.bus, 100, ...reply(7, 9)).answer, null);
    const late = tick(asked.bus, 300);
    assert.deepEqual(whys(hear(late.bus, 310, ...reply(1, 5_000), ...reply(7, 6_000)).round), ["timeout", 6_000]);
  });
  it("says what was wrong with what it heard", () => {
    const heard = (...bytes: readonly number[]) => {
      const step = hear(tick(start([1]), 0).bus, 100, ...bytes);
      return whys(step.round ?? tick(step.bus, 300).round)?.[0];
    };
    assert.equal(heard(), "timeout");
    assert.equal(heard(...reply(1, 5).slice(0, 24)), "short");
    assert.equal(heard(...reply(1, 5).slice(0, 24), 0), "badCrc");
    assert.equal(heard(...withCrc([1, 0x84, 2])), "exception");
    assert.equal(heard(...withCrc([1, 4, 20, ...new Array<number>(20).fill(0)])), "range");
  });
  it("counts for each module what was read and what failed, with the last reading and the last failure", () => {
    let step = tick(start([1, 7]), 0);
    step = hear(step.bus, 100, ...reply(1, 5_000));
    step = hear(step.bus, 200, ...reply(7, 6_000));
    step = tick(step.bus, 1_000);
    step = tick(step.bus, 1_300);
    step = hear(step.bus, 1_400, ...reply(7, 6_100));
    assert.deepEqual(
      step.bus.tallies.map(({ address, read, failed, failure, reading }) => [
        [address, read, failed, reading?.current],
        failure,
      ]),
      [
        [[1, 1, 1, 5_000], { why: "timeout", at: 1_300 }],
        [[7, 2, 0, 6_100], null],
      ],
    );
  });
  it("hears nothing while it has asked nothing", () => {
    const bus = start([1]);
    assert.equal(hear(bus, 0, ...reply(1, 5)).bus, bus);
  });
  it("keeps its rounds a period apart, and makes up for none that it missed", () => {
    let bus = start([1]);
    const asked: number[] = [];
    for (const now of [0, 110, 1_005, 1_100, 2_000, 2_100, 9_300, 9_400, 9_500, 10_299, 10_300]) {
      const step = tick(bus, now);
      if (step.send !== null) asked.push(now);
      bus = hear(step.bus, now, ...reply(1, 5)).bus;
    }
    assert.deepEqual(asked, [0, 1_005, 2_000, 9_300, 10_300]);
  });
  it("asks nobody where there is nobody", () => assert.equal(tick(start([]), 5_000).send, null));
  it("ends every round within 300 ms a module, one answer for each in their order, whatever it hears", () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(reply(1, 5), reply(2, 6), reply(3, 7), withCrc([2, 0x84, 1]), reply(2, 6).slice(0, 13)),
      fc.constantFrom(new Uint8Array(300), new Uint8Array(300).fill(2)),
    );
    const event: fc.Arbitrary<BusEvent> = fc.oneof(
      fc.constant({ kind: "tick" } as const),
      piece.map((bytes) => ({ kind: "bytes", bytes }) as const),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.constantFrom(0, 20, 100)), { maxLength: 60 }), (events) => {
        let bus = start([1, 2, 3]);
        let now = 0;
        let roundAt: number | null = null;
        for (const [one, wait] of events) {
          now += wait;
          for (const given of [one, { kind: "tick" } as const]) {
            const step = stepBus(bus, given, millis(now));
            if (bus.waitingFor === null && step.bus.waitingFor !== null) roundAt = now;
            if (step.round !== null) {
              assert.deepEqual(
                step.round.answers.map((one) => one.address),
                [1, 2, 3],
              );
              assert.equal(step.round.askedAt, roundAt);
              assert.ok(now - (roundAt ?? 0) <= 3 * 400);
            }
            bus = step.bus;
            assert.ok(bus.heard.length <= 100);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
  it("finds the answer behind any noise in any pieces, unless the noise has the very frame of its module", () => {
    const noise = fc.array(fc.constantFrom(0, 1, 4, 20, 0x84, 0xff), { maxLength: 60 });
    fc.assert(
      fc.property(noise, fc.integer({ min: 1, max: 30 }), (before, size) => {
        let { bus } = tick(start([1]), 0);
        const line = [...before, ...reply(1, 5)];
        let found: Round | null = null;
        for (let at = 0; at < line.length && found === null; at += size) {
          const step = hear(bus, 50, ...line.slice(at, at + size));
          bus = step.bus;
          found = step.round;
        }
        assert.deepEqual(whys(found), [5]);
      }),
    );
  });
});
