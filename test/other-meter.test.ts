import assert from "node:assert/strict";
import fc from "fast-check";
import {
  hearMeter,
  type MeterStep,
  type OtherMeter,
  readingOf,
  resettledMeter,
  slowerThanSet,
  startOtherMeter,
} from "../src/other-meter.js";
import type { Settings } from "../src/settings.js";
import { encodeText } from "../src/text.js";
import { type Milliamps, milliamps, millis } from "../src/units.js";
import { EXAMPLES } from "./meter-payloads.js";
import { settingsOf } from "./site.js";

const meterOf = (patch: object = {}): Settings => settingsOf({ meter: "other", meterTopic: "m", ...patch });

/** A meter that is heard: what it reads after each payload, null for nothing new. */
function listener(patch: object = {}) {
  let meter: OtherMeter = startOtherMeter(meterOf(patch));
  const step = (topic: string, payload: Uint8Array, atMs: number, cars: readonly Milliamps[] | null): MeterStep => {
    const done = readingOf(hearMeter(meter, topic, payload, millis(atMs)), cars, millis(atMs));
    meter = done.meter;
    return done;
  };
  const hear = (payload: string, atMs = 0, topic = "m", cars: readonly Milliamps[] | null = null) =>
    step(topic, encodeText(payload), atMs, cars).reading;
  return {
    step,
    hear,
    says: (payload: string, atMs = 0, topic = "m") => hear(payload, atMs, topic)?.currents ?? null,
    now: () => meter,
  };
}
const read = (text: string, phases: 1 | 3 = 1) => listener({ phases }).says(text);

const WATTS = { meterPreset: "custom", meterUnit: "W", voltageV: 230 };
const THREE = { ...WATTS, phases: 3, meterTopic: "a,b,c" };

describe("somebody else's meter in amperes", () => {
  it("says a number, or a list of one for each phase", () => {
    assert.deepEqual(read("12.34"), [12_340]);
    assert.deepEqual(read(" [5] "), [5_000]);
    assert.deepEqual(read("[1, 2.5,3e0]", 3), [1_000, 2_500, 3_000]);
    assert.deepEqual(read("1,2,3", 3), [1_000, 2_000, 3_000]);
  });
  it("is read in 1 mA, rounded up", () => {
    assert.deepEqual(read("0.0001"), [1]);
    assert.deepEqual(read("1.1"), [1_100]);
  });
  it("may export", () => assert.deepEqual(read("-3.2"), [-3_200]));
  it("says nothing where a phase is missing, or one too many", () => {
    assert.equal(read("[1,2]", 3), null);
    assert.equal(read("1", 3), null);
    assert.equal(read("[1,2,3]"), null);
    assert.equal(read("[1,,3]", 3), null);
    assert.equal(read("[[1,2,3]]", 3), null);
  });
  it("says nothing where it says anything but plausible numbers", () => {
    for (const text of [
      "",
      "unknown",
      "null",
      "NaN",
      "1e9",
      "1001",
      "0x10",
      '{"a":1}',
      "1 2",
      "[",
      "1e999",
      "1".repeat(65),
    ]) {
      assert.equal(read(text), null, text);
    }
    assert.deepEqual(read("1000"), [1_000_000]);
  });
  it("has a topic with any letters in it", () => {
    assert.deepEqual(listener({ meterTopic: "a, b - c" }).says("3", 0, "a, b - c"), [3_000]);
  });
});

describe("the presets of meters", () => {
  for (const { title, settings, says, reads } of EXAMPLES) {
    it(`read ${title}`, () => {
      const meter = listener(settings);
      const last = says.map(([topic, payload]) => meter.says(payload, 0, topic)).filter((one) => one !== null);
      assert.deepEqual(last.at(-1), reads);
    });
    it(`need all of ${title}`, () => {
      const needed = says.filter(([topic]) => !/voltage|pf$/.test(topic));
      for (const left of needed) {
        const meter = listener(settings);
        for (const one of needed) if (one !== left) assert.equal(meter.says(one[1], 0, one[0]), null);
      }
    });
  }
  it("hear nothing of Home Assistant's unavailable and unknown", () => {
    for (const word of ["unavailable", "unknown", "None", ""]) {
      assert.equal(listener({ meterPreset: "homeAssistant" }).says(word, 0, "m/state"), null);
    }
  });
});

describe("somebody else's meter in W", () => {
  it("becomes amperes by the voltage of the settings, rounded up, and an export toward less of it", () => {
    const says = (text: string) => listener(WATTS).says(text);
    assert.deepEqual(says("2300"), [10_000]);
    assert.deepEqual(says("2300.1"), [10_001]);
    assert.deepEqual(says("-2300.1"), [-10_000]);
    assert.deepEqual(says("230000"), [1_000_000]);
    assert.equal(says("230001"), null);
    assert.deepEqual(listener({ ...WATTS, meterUnit: "kW" }).says("2.3"), [10_000]);
  });
  it("counts a positive value as export where the settings say so", () => {
    assert.deepEqual(listener({ ...WATTS, meterSign: "export" }).says("2300"), [-10_000]);
    assert.deepEqual(listener({ meterSign: "export" }).says("-4"), [4_000]);
    const solarEdge = { meterPreset: "solarEdge", meterSign: "export" };
    assert.deepEqual(listener(solarEdge).says("2300", 0, "m/state"), [10_000]);
  });
  it("goes by the phase's own voltage while that is known and can be one", () => {
    const shelly = listener({ meterPreset: "shellyEm" });
    assert.deepEqual(shelly.says("2000", 0, "m/emeter/0/power"), [8_696]);
    assert.equal(shelly.says("200", 100, "m/emeter/0/voltage")?.[0], 10_000);
    shelly.says("0", 200, "m/emeter/0/voltage");
    assert.deepEqual(shelly.says("2000", 1_000, "m/emeter/0/power"), [8_696]);
    shelly.says("200", 1_100, "m/emeter/0/voltage");
    assert.deepEqual(shelly.says("2000", 20_000, "m/emeter/0/power"), [8_696]);
  });
  it("never reads less than what flows in, whatever is said", () => {
    const values = fc.record({
      watts: fc.double({ min: -200_000, max: 200_000, noNaN: true }),
      voltageV: fc.constantFrom(100, 117.6, 230, 260),
    });
    fc.assert(
      fc.property(values, ({ watts, voltageV }) => {
        const said = watts.toFixed(3);
        const [current = 0] = listener({ ...WATTS, voltageV }).says(said) ?? [];
        const exact = (Number(said) / voltageV) * 1_000;
        if (current !== 0 || Math.abs(exact) < 1) assert.ok(current >= exact - 1e-3 && current < exact + 1.001, said);
      }),
    );
  });
});

describe("a meter with a topic for each phase", () => {
  it("says nothing until each phase has spoken", () => {
    const meter = listener(THREE);
    assert.equal(meter.says("230", 0, "a"), null);
    assert.equal(meter.says("230", 10, "b"), null);
    assert.deepEqual(meter.says("230", 20, "c"), [1_000, 1_000, 1_000]);
  });
  it("is as old as the phase that has been silent for longest", () => {
    const meter = listener(THREE);
    meter.hear("230", 100, "a");
    meter.hear("230", 500, "b");
    const reading = meter.hear("230", 900, "c");
    assert.ok(reading !== null);
    assert.deepEqual([reading.since, reading.at], [100, [100, 500, 900]]);
  });
  it("is read anew once each phase has spoken anew, and at once when one takes more", () => {
    const meter = listener(THREE);
    for (const topic of ["a", "b", "c"]) meter.says("230", 0, topic);
    assert.equal(meter.says("230", 1_000, "a"), null);
    assert.equal(meter.says("115", 1_010, "b"), null);
    const risen = meter.hear("460", 1_020, "b");
    assert.ok(risen !== null);
    // The cars of that moment are taken off what flows then, and the whole is as old as its oldest figure.
    assert.deepEqual([risen.currents, risen.at, risen.since], [[1_000, 2_000, 1_000], [1_000, 1_020, 0], 0]);
    assert.deepEqual(meter.says("230", 1_030, "c"), [1_000, 2_000, 1_000]);
  });
  it("says nothing once a phase has been silent for the lease of a report", () => {
    const meter = listener({ ...THREE, reportLeaseS: 10 });
    for (const topic of ["a", "b", "c"]) meter.says("230", 0, topic);
    for (let second = 1; second < 10; second++) meter.says("230", second * 1_000, "a");
    assert.notEqual(meter.says("460", 9_999, "a"), null);
    assert.equal(meter.says("690", 10_000, "a"), null);
    assert.equal(meter.says("690", 10_500, "b"), null);
    assert.deepEqual(meter.says("230", 10_600, "c"), [3_000, 3_000, 1_000]);
  });
  it("keeps the last figure of a phase that says something else, until it is old", () => {
    const meter = listener(THREE);
    for (const topic of ["a", "b", "c"]) meter.says("230", 0, topic);
    assert.equal(meter.says("unavailable", 9_000, "b"), null);
    meter.says("230", 9_000, "a");
    assert.equal(meter.says("230", 10_000, "c"), null);
  });
  it("takes three paths of one topic, and one path of three", () => {
    const paths = listener({ ...THREE, meterTopic: "m", meterPath: "a, b, c" });
    assert.deepEqual(paths.says('{"a":230,"b":460,"c":0}'), [1_000, 2_000, 0]);
    const topics = listener({ ...THREE, meterPath: "P" });
    for (const topic of ["a", "b"]) topics.says('{"P":230}', 0, topic);
    assert.deepEqual(topics.says('{"P":"-230"}', 0, "c"), [1_000, 1_000, -1_000]);
  });
  it("takes off what flows out, by its path", () => {
    const meter = listener({ ...WATTS, meterPath: "in - out" });
    assert.deepEqual(meter.says('{"in":230,"out":690}'), [-2_000]);
    assert.deepEqual(meter.says('{"in":230,"out":0}', 1_000), [1_000]);
  });
});

describe("a meter that cannot be right", () => {
  it("is not believed while it says the same although the cars draw 2 A more or less", () => {
    const meter = listener({ ...WATTS, measures: "grid", periodS: 1 });
    const at = (second: number, text: string, cars: number) =>
      meter.hear(text, second * 1_000, "m", [milliamps(cars)]) !== null;
    assert.ok(at(0, "2300", 0) && at(1, "2300", 6_000) && at(5, "2300", 6_000));
    assert.equal(at(6, "2300", 6_000), false);
    assert.equal(meter.now().stuck, true);
    assert.equal(at(7, "2310", 6_000), true);
    assert.equal(meter.now().stuck, false);
  });
  it("may say the same for ever while nothing moves, or where it sees no car", () => {
    const meter = listener({ ...WATTS, measures: "grid" });
    for (let second = 0; second < 200; second++) assert.ok(meter.hear("2300", second * 1_000, "m", [milliamps(1_999)]));
    const house = listener(WATTS);
    for (let second = 0; second < 200; second++) assert.ok(house.hear("2300", second * 1_000) !== null);
  });
  it("says nothing with a payload of more than 2,048 bytes", () => {
    const long = (size: number) => `{"P":230,"x":"${"x".repeat(size - 16)}"}`;
    assert.deepEqual([long(2_048).length, listener({ ...WATTS, meterPath: "P" }).says(long(2_048))], [2_048, [1_000]]);
    assert.equal(listener({ ...WATTS, meterPath: "P" }).says(long(2_049)), null);
  });
  it("says nothing with numbers that no number holds", () => {
    const meter = listener({ ...WATTS, meterPath: "in - out" });
    assert.equal(meter.says('{"in":1e999,"out":1e999}'), null);
    assert.equal(meter.says('{"in":1e308,"out":-1e308}'), null);
  });
  it("takes any bytes on any of its topics, and never says what no house takes", () => {
    const like = fc.string({
      unit: fc.constantFrom("1", "9", "-", ".", "e", "[", "]", ",", "{", "}", '"', "P", ":"),
      maxLength: 24,
    });
    const step = fc.record({
      topic: fc.constantFrom("a", "b", "c", "other"),
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 80 }),
        like.map(encodeText),
        fc.double().map((one) => encodeText(`${one}`)),
      ),
      afterMs: fc.constantFrom(0, 10, 1_000, 11_000),
    });
    const kinds = fc.constantFrom<object>(
      THREE,
      { ...THREE, meterPath: "P,Q,[0]" },
      { phases: 3, meterTopic: "a" },
      { ...WATTS, meterTopic: "a - b" },
    );
    fc.assert(
      fc.property(kinds, fc.array(step, { maxLength: 12 }), (settings, steps) => {
        const meter = listener(settings);
        let now = 0;
        for (const { topic, bytes, afterMs } of steps) {
          now += afterMs;
          const { reading } = meter.step(topic, bytes, now, null);
          if (reading === null) continue;
          assert.equal(reading.currents.length, meter.now().settings.phases);
          assert.ok(reading.currents.every((one) => Number.isSafeInteger(one) && Math.abs(one) <= 1_000_000));
          assert.ok(reading.at.every((one) => one <= now && one >= reading.since && reading.since > now - 10_000));
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("the pace of a meter", () => {
  it("is known from three readings, and one that came late alone does not count", () => {
    const meter = listener();
    meter.says("1", 0);
    meter.says("1", 10_000);
    assert.equal(slowerThanSet(meter.now()), null);
    meter.says("1", 20_000);
    assert.equal(slowerThanSet(meter.now()), 10);
    meter.says("1", 21_000);
    assert.equal(slowerThanSet(meter.now()), null);
  });
  it("is told where the settings say another", () => {
    const told = (gap: number, settings: object): number | null => {
      const meter = listener(settings);
      for (let at = 0; at < 3; at++) meter.says("1", at * gap);
      return slowerThanSet(meter.now());
    };
    assert.deepEqual([told(10_000, {}), told(1_500, {}), told(1_501, {})], [10, null, 2]);
    assert.equal(told(10_000, { periodS: 10, reportLeaseS: 21 }), null);
  });
});

describe("a meter whose settings change", () => {
  it("is heard anew when it is another, and is the same for any other setting", () => {
    const meter = listener();
    meter.says("5");
    const settled = (patch: object) => resettledMeter(meter.now(), settingsOf(patch, meter.now().settings));
    assert.deepEqual(settled({ manualA: 12 }).told, meter.now().told);
    for (const patch of [{ meterTopic: "n" }, { meterSign: "export" }, { phases: 3 }, { meter: "ours" }]) {
      assert.deepEqual([settled(patch).told, settled(patch).heard], [null, []]);
    }
  });
});
