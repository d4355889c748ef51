import assert from "node:assert/strict";
import fc from "fast-check";
import { withCrc } from "../src/modbus.js";
import { decodeReply, readRequest } from "../src/pzem.js";
import { startBus, stepBus } from "../src/pzem-bus.js";
import { millis } from "../src/units.js";

const bytes = (hex: string) => Uint8Array.from(hex.split(" "), (one) => Number.parseInt(one, 16));
const CAPTURED = bytes("01 04 14 08 D1 00 6C 00 00 00 F4 00 00 00 26 00 00 01 F4 00 64 00 00 51 34");
const why = (frame: Uint8Array) => {
  const reply = decodeReply(frame);
  return reply.ok ? "ok" : reply.why;
};

describe("PZEM codec", () => {
  it("asks as the captured requests do", () => {
    assert.deepEqual(readRequest(1), bytes("01 04 00 00 00 0A 70 0D"));
    assert.deepEqual(readRequest(0xf8), bytes("F8 04 00 00 00 0A 64 64"));
  });
  it("decodes a reply captured from a real module", () => {
    assert.deepEqual(decodeReply(CAPTURED), {
      ok: true,
      address: 1,
      voltage: 2_257,
      current: 108,
      power: 244,
      energy: 38,
      frequency: 500,
      powerFactor: 100,
      alarm: false,
    });
  });
  it("puts the low word first: 100.000 A, 6553.6 W, alarm", () => {
    const reply = decodeReply(bytes("01 04 14 08 FC 86 A0 00 01 00 00 00 01 00 00 00 00 01 F4 00 64 FF FF 90 58"));
    assert.ok(reply.ok);
    assert.deepEqual([reply.current, reply.power, reply.alarm], [100_000, 65_536, true]);
  });
  it("names what is wrong with a frame", () => {
    const flipped = Uint8Array.from(CAPTURED);
    flipped[4] = 0;
    assert.equal(why(flipped), "badCrc");
    for (const at of [23, 24]) {
      const wrongSum = Uint8Array.from(CAPTURED);
      wrongSum[at] = (wrongSum[at] ?? 0) ^ 1;
      assert.equal(why(wrongSum), "badCrc");
    }
    assert.equal(why(CAPTURED.slice(0, 24)), "short");
    assert.equal(why(new Uint8Array(0)), "short");
    assert.equal(why(Uint8Array.from([...CAPTURED, 0])), "long");
    assert.equal(why(withCrc([1, 0x84, 2])), "exception");
    assert.equal(why(bytes("F8 06 00 02 00 01 FD A3")), "wrongFunction");
    assert.equal(why(withCrc([1, 4, 20, ...new Array<number>(20).fill(0)])), "range");
  });
  it("refuses a value outside the module's range", () => {
    const registers = [2_300, 0, 0, 0, 0, 0, 0, 500, 100, 0];
    const frame = (register: number, value: number) =>
      withCrc([
        1,
        4,
        20,
        ...registers.map((one, at) => (at === register ? value : one)).flatMap((one) => [one >> 8, one & 255]),
      ]);
    assert.equal(why(frame(9, 0)), "ok");
    for (const [register, value] of [
      [0, 799],
      [0, 2_601],
      [2, 10],
      [4, 26],
      [6, 160],
      [7, 449],
      [7, 651],
      [8, 101],
    ] as const) {
      assert.equal(why(frame(register, value)), "range", `register ${register}: ${value}`);
    }
  });
  it("takes any bytes without a throw", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (frame) => typeof decodeReply(frame).ok === "boolean"));
  });
});

describe("PZEM bus", () => {
  const started = () => stepBus(startBus([1], millis(1_000), millis(0)), { kind: "tick" }, millis(0));
  it("asks when the round is due, and gives the round with the time of the question", () => {
    const asked = started();
    assert.deepEqual(asked.send, readRequest(1));
    const { round } = stepBus(asked.bus, { kind: "bytes", bytes: CAPTURED }, millis(120));
    assert.deepEqual(round, { answers: [decodeReply(CAPTURED)], askedAt: 0 });
  });
  it("finds the reply behind noise, in any pieces", () => {
    const noise = fc.uint8Array({ maxLength: 40 });
    fc.assert(
      fc.property(noise, fc.integer({ min: 1, max: 30 }), (before, size) => {
        let { bus } = started();
        let found = false;
        const line = Uint8Array.from([...before, ...CAPTURED]);
        for (let at = 0; at < line.length; at += size) {
          const step = stepBus(bus, { kind: "bytes", bytes: line.slice(at, at + size) }, millis(100));
          bus = step.bus;
          found ||= step.round?.answers[0]?.ok === true;
        }
        return found;
      }),
    );
  });
  it("gives up after 300 ms, says why, and asks again in the next period", () => {
    const lost = stepBus(started().bus, { kind: "tick" }, millis(300));
    assert.deepEqual(lost.round?.answers, [{ ok: false, address: 1, why: "timeout" }]);
    assert.equal(stepBus(lost.bus, { kind: "tick" }, millis(999)).send, null);
    assert.deepEqual(stepBus(lost.bus, { kind: "tick" }, millis(1_000)).send, readRequest(1));
  });
  it("keeps a bounded memory of what it heard, whatever comes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (chunks) => {
        let { bus } = started();
        for (const chunk of chunks) bus = stepBus(bus, { kind: "bytes", bytes: chunk }, millis(10)).bus;
        return bus.heard.length <= 100;
      }),
    );
  });
});
