import assert from "node:assert/strict";
import { LOG_LINES, logged, NO_LOG } from "../src/device-log.js";
import { millis } from "../src/units.js";

const line = (text: string) => ({ kind: "log", text });

describe("a device's log", () => {
  it("holds the lines of its steps with their time, newest last", () => {
    const first = logged(NO_LOG, [line("a"), { kind: "send" }, line("b")], millis(5));
    assert.deepEqual(logged(first, [line("c")], millis(9)), [
      { at: 5, text: "a" },
      { at: 5, text: "b" },
      { at: 9, text: "c" },
    ]);
  });
  it("is the same as long as nothing is said, and has nothing of what is for the console alone", () => {
    const log = logged(NO_LOG, [line("a")], millis(0));
    assert.equal(logged(log, [{ kind: "send" }, { kind: "console", text: "password x" }], millis(9)), log);
  });
  it("keeps the last 40 lines, each of at most 160 characters", () => {
    let log = NO_LOG;
    for (let count = 1; count <= 100; count++) log = logged(log, [line(`${count} ${"x".repeat(500)}`)], millis(count));
    assert.deepEqual([log.length, log[0]?.at, log.at(-1)?.at], [LOG_LINES, 61, 100]);
    assert.ok(log.every(({ text }) => text.length === 160));
  });
});
