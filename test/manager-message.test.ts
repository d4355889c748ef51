import assert from "node:assert/strict";
import fc from "fast-check";
import { ANSWERS, CODES, decodeManager, encodeManager, type ManagerMessage } from "../src/manager-message.js";
import { encodeText } from "../src/text.js";
import { fromAmps, milliamps } from "../src/units.js";

const decoded = (text: string) => decodeManager(encodeText(text));
const why = (text: string): string => {
  const read = decoded(text);
  return read.ok ? "ok" : read.why;
};

const EXAMPLES: readonly (readonly [ManagerMessage, string])[] = [
  [{ kind: "new", device: "counter", id: "meter", topic: "a/meter" }, '{"code":1,"id":"meter","topic":"a/meter"}'],
  [{ kind: "new", device: "charger", id: "c-1", topic: "a/c-1" }, '{"code":2,"id":"c-1","topic":"a/c-1"}'],
  [{ kind: "del", device: "counter", id: "meter" }, '{"code":17,"id":"meter"}'],
  [{ kind: "del", device: "charger", id: "c-1" }, '{"code":18,"id":"c-1"}'],
  [{ kind: "status", device: "counter", id: "meter", status: "failed" }, '{"code":33,"id":"meter","status":"failed"}'],
  [{ kind: "status", device: "charger", id: "c-1", status: "asking" }, '{"code":34,"id":"c-1","status":"asking"}'],
  [{ kind: "load", device: "counter", id: "meter", load: [milliamps(3_200)] }, '{"code":49,"id":"meter","load":3.2}'],
  [
    { kind: "load", device: "charger", id: "c-1", load: [milliamps(6_000), milliamps(0), milliamps(1)] },
    '{"code":50,"id":"c-1","load":[6,0,0.001]}',
  ],
  [{ kind: "available", id: "c-1", load: fromAmps(26) }, '{"code":51,"id":"c-1","load":26}'],
  [{ kind: "answer", code: 2, id: "c-1", answer: ANSWERS.ok }, '{"code":2,"id":"c-1","answer":"OK"}'],
];

describe("manager message", () => {
  it("writes each published code as plain JSON, and reads it back", () => {
    for (const [message, text] of EXAMPLES) {
      assert.equal(encodeManager(message), text);
      assert.deepEqual(decoded(text), { ok: true, message });
    }
  });

  it("has the published codes", () => {
    assert.deepEqual(CODES, {
      new: { counter: 0x001, charger: 0x002 },
      del: { counter: 0x011, charger: 0x012 },
      status: { counter: 0x021, charger: 0x022 },
      load: { counter: 0x031, charger: 0x032 },
      available: 0x033,
    });
  });

  it("rounds to the safe side: what flows up, what may flow down", () => {
    const load = decoded('{"code":49,"id":"m","load":3.20001}');
    assert.ok(load.ok && load.message.kind === "load");
    assert.deepEqual(load.message.load, [3_201]);
    const available = decoded('{"code":51,"id":"c","load":9.99}');
    assert.ok(available.ok && available.message.kind === "available");
    assert.equal(available.message.load, 99);
    const negative = decoded('{"code":51,"id":"c","load":-3}');
    assert.ok(negative.ok && negative.message.kind === "available");
    assert.equal(negative.message.load, 0);
  });

  it("says which part of a message is wrong, with its code and id", () => {
    assert.deepEqual(decoded('{"code":64,"id":"c-1"}'), { ok: false, why: "code", code: 64, id: "c-1" });
    assert.deepEqual(decoded('{"code":2,"id":"c-1"}'), { ok: false, why: "field", code: 2, id: "c-1" });
    assert.deepEqual(decoded('{"code":2,"id":"c 1","topic":"a"}'), { ok: false, why: "field", code: 2, id: null });
    assert.deepEqual(decoded('{"id":"c-1"}'), { ok: false, why: "field", code: null, id: "c-1" });
  });

  it("refuses fields that are out of range", () => {
    for (const text of [
      '{"code":2,"id":"c","topic":"hello/new"}',
      '{"code":2,"id":"c","topic":"a/#"}',
      '{"code":2,"id":"c","topic":"+"}',
      '{"code":2,"id":"c","topic":""}',
      '{"code":34,"id":"c","status":"ok"}',
      '{"code":49,"id":"m","load":[1,2]}',
      '{"code":49,"id":"m","load":1001}',
      '{"code":51,"id":"c","load":[6,6,6]}',
      '{"code":51,"id":"c"}',
      '{"code":51,"id":"c","load":"26"}',
      '{"code":1.5,"id":"c"}',
      '{"code":2,"id":"c","answer":""}',
    ]) {
      assert.equal(why(text), "field", text);
    }
  });

  it("parses nothing that has other keys, nests, or is longer than 256 bytes", () => {
    for (const text of [
      "",
      "{}",
      "[]",
      "null",
      '"code"',
      '{"code":2,"id":"c","other":1}',
      '{"code":2,"id":"c","__proto__":1}',
      '{"c\\u006fde":2,"id":"c"}',
      '{"code":{"code":2},"id":"c"}',
      '{"code":[[2]],"id":"c"}',
      `${"[".repeat(100)}${"]".repeat(100)}`,
      '{"code":2,"id":"c",}',
      '{"code":2,"id":"c"} {"code":2,"id":"c"}',
      '{"code":02,"id":"c"}',
      '{"code":2,"id":"c","load":1e}',
    ]) {
      assert.equal(why(text), "format", text);
    }
    assert.equal(why(`{"code":2,"id":"c","topic":"a"${" ".repeat(256)}}`), "long");
    assert.deepEqual(decodeManager(Uint8Array.of(0xff)), { ok: false, why: "format", code: null, id: null });
  });

  it("answers any bytes and any JSON without a throw", () => {
    const key = fc.constantFrom("code", "id", "topic", "status", "load", "answer", "x");
    const value = fc.oneof(
      fc.constantFrom<unknown>(0, 1, 2, 17, 34, 49, 50, 51, 52, -1, 1e300, -0.0001, "c", "a/b", "OK", "asking", null),
      fc.array(fc.constantFrom<unknown>(1, 6.05, "6", null), { maxLength: 4 }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decodeManager(bytes)));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, value), { maxLength: 7 }), (pairs) => {
        const text = `{${pairs.map(([name, one]) => `${JSON.stringify(name)}:${JSON.stringify(one)}`).join(",")}}`;
        const read = decoded(text);
        if (read.ok) assert.deepEqual(decoded(encodeManager(read.message)), read);
      }),
    );
  });
});
