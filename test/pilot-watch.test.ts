import assert from "node:assert/strict";
import fc from "fast-check";
import type { PilotReading, PilotState } from "../src/pilot.js";
import { draws, PILOT_UNKNOWN, type PilotWatch, watchPilot } from "../src/pilot-watch.js";
import { pilotMillivolts } from "../src/units.js";

const VOLTS = { A: 12_000, B: 9_000, C: 6_000, D: 3_000, E: 0, F: -12_000 } as const;
type Line = keyof typeof VOLTS | "no-diode" | "unreadable";

function readingOf(line: Line): PilotReading {
  if (line === "unreadable") return { ok: false, why: "tooFewSamples" };
  const high = pilotMillivolts(line === "no-diode" ? VOLTS.C : VOLTS[line]);
  return { ok: true, high, low: line === "no-diode" ? pilotMillivolts(-6_000) : null };
}

const see = (last: PilotWatch, ...lines: readonly Line[]): PilotWatch =>
  lines.reduce((watch, line) => watchPilot(watch, readingOf(line)), last);
const times = (line: Line, count: number): readonly Line[] => Array.from({ length: count }, () => line);
const settled = (line: Line): PilotWatch => see(PILOT_UNKNOWN, ...times(line, 5));

describe("pilot watch", () => {
  it("takes a first state at its fifth reading, 100 ms", () => {
    assert.equal(see(PILOT_UNKNOWN, ...times("B", 4)).state, null);
    assert.equal(see(PILOT_UNKNOWN, ...times("B", 5)).state, "B");
  });
  it("leaves C and D for a state that does not draw at the second reading", () => {
    for (const from of ["C", "D"] as const) {
      for (const to of ["A", "B", "E", "F", "no-diode"] as const) {
        assert.equal(see(settled(from), to).state, from);
        assert.equal(see(settled(from), to, to).state, to, `${from} to ${to}`);
      }
    }
  });
  it("takes any other change at the fifth reading: also between C and D", () => {
    for (const [from, to] of [
      ["B", "C"],
      ["A", "B"],
      ["C", "D"],
      ["D", "C"],
      ["B", "E"],
      ["E", "C"],
    ] as const) {
      assert.equal(see(settled(from), ...times(to, 4)).state, from);
      assert.equal(see(settled(from), ...times(to, 5)).state, to);
    }
  });
  it("counts anew when a bounce shows another state in between", () => {
    assert.equal(see(settled("B"), ...times("C", 4), "B", ...times("C", 4)).state, "B");
    assert.equal(see(settled("C"), "B", "C", "B", "C", "B").state, "C");
  });
  it("knows no state after three windows without a reading, 60 ms, and keeps it over two", () => {
    const blind = see(settled("C"), "unreadable", "unreadable");
    assert.equal(blind.state, "C");
    assert.equal(see(blind, "C").missed, 0);
    assert.equal(see(blind, "unreadable").state, null);
  });
  it("takes another state at its fifth reading after such a time", () => {
    const lost = see(settled("C"), ...times("unreadable", 3));
    assert.equal(lost.state, null);
    assert.equal(see(lost, ...times("B", 4)).state, null);
    assert.equal(see(lost, ...times("B", 5)).state, "B");
  });
  it("takes no state from one reading after such a time, not even the one before", () => {
    assert.equal(see(settled("C"), ...times("unreadable", 3), ...times("C", 4)).state, null);
  });
  it("keeps the same state object while nothing new is seen", () => {
    const watch = settled("B");
    assert.equal(see(watch, "B"), watch);
  });
  it("says that C and D draw, and nothing else", () => {
    const all: readonly (PilotState | null)[] = ["A", "B", "C", "D", "E", "F", "no-diode", null];
    assert.deepEqual(all.filter(draws), ["C", "D"]);
  });
  it("never shows a state that was not seen in its last five readings, nor takes C from fewer than five", () => {
    const line = fc.constantFrom<Line>("A", "B", "C", "E", "no-diode", "unreadable");
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
        let watch = PILOT_UNKNOWN;
        for (const [index, one] of lines.entries()) {
          const next = see(watch, one);
          const seen = lines.slice(0, index + 1).filter((seen) => seen !== "unreadable");
          if (next.state === "C" && watch.state !== "C") assert.deepEqual(seen.slice(-5), times("C", 5));
          if (next.state !== watch.state && next.state !== null) assert.equal(one, next.state);
          watch = next;
        }
      }),
    );
  });
});
