import assert from "node:assert/strict";
import { sourceOf } from "../src/meter-presets.js";
import { DEFAULTS, parse } from "../src/settings.js";
import { settingsOf } from "./site.js";

const refusal = (patch: object): string => {
  const parsed = parse({ meter: "other", meterTopic: "m", ...patch });
  return parsed.ok ? "" : parsed.errors.map(({ field, why }) => `${field}: ${why}`).join();
};
const topicsOf = (patch: object): readonly string[] => {
  const source = sourceOf(settingsOf({ meter: "other", meterTopic: "m", ...patch }));
  return "topics" in source ? source.topics : [];
};

describe("where the figures of a meter stand", () => {
  it("are all under the one topic that was typed, each topic once", () => {
    assert.deepEqual(topicsOf({}), ["m"]);
    assert.deepEqual(topicsOf({ meterPreset: "shellyPro3em", phases: 3 }), ["m/status/em:0"]);
    assert.deepEqual(topicsOf({ meterPreset: "shelly3em" }), ["m/emeter/0/power", "m/emeter/0/current"]);
    assert.equal(topicsOf({ meterPreset: "p1", phases: 3 }).length, 9);
    assert.deepEqual(topicsOf({ meterPreset: "homeAssistant", meterTopic: "a/x, a/y,a/z", phases: 3 }), [
      "a/x/state",
      "a/y/state",
      "a/z/state",
    ]);
  });
  it("are refused beside the field that is wrong", () => {
    assert.match(refusal({ meterPreset: "shellyEm", phases: 3 }), /^meterPreset: measures one phase/);
    assert.match(refusal({ meterPreset: "shelly3em", meterTopic: "a,b" }), /^meterTopic: must be one topic/);
    assert.match(refusal({ meterPreset: "p1", meterTopic: "dsmr/reading/" }), /^meterTopic: must be one topic without/);
    for (const [meterTopic, phases] of [
      ["a,b", 1],
      ["a,b", 3],
      ["a", 3],
      ["a,,c", 3],
      ["a - b - c", 1],
      ["a - ", 1],
    ]) {
      assert.match(
        refusal({ meterPreset: "esphome", meterTopic, phases }),
        /^meterTopic: must be one topic without/,
        `${meterTopic}`,
      );
    }
    const custom = { meterPreset: "custom" };
    for (const more of [
      { phases: 3 },
      { meterPath: "a,b" },
      { meterPath: "a,b", phases: 3 },
      { meterPath: "a - b - c" },
    ]) {
      assert.match(refusal({ ...custom, ...more }), /^meterPath: must lead to a value/, JSON.stringify(more));
    }
    for (const meterPath of ["a.", "a..b", "a[", "a.b.c.d.e.f.g.h.i"]) {
      assert.match(refusal({ ...custom, meterPath }), /^meterPath: must lead to a value/);
    }
    assert.match(refusal({ meterPreset: "shellyPlug" }), /^meterPreset: must be one of amps, custom/);
  });
  it("are asked for only where the meter is somebody else's", () => {
    assert.ok(parse({ meterPreset: "shellyEm", phases: 3, meterTopic: "a,b" }).ok);
    assert.equal(DEFAULTS.meterPreset, "amps");
  });
});
