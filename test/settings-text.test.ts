import assert from "node:assert/strict";
import { parse } from "../src/settings.js";
import { JSON_LIMIT, settingsJson, settingsLength } from "../src/settings-text.js";
import { decodeText, jsonOf } from "../src/text.js";

describe("settings as text", () => {
  it("leave out what few sites have, and are the same when they are read again", () => {
    const text = (patch: object) => {
      const parsed = parse(patch);
      assert.ok(parsed.ok);
      const read = decodeText(settingsJson(parsed.settings), JSON_LIMIT);
      assert.ok(read.ok);
      assert.deepEqual(parse(jsonOf(read.text)), parsed);
      assert.equal(settingsLength(parsed.settings), read.text.length);
      return read.text;
    };
    assert.doesNotMatch(text({}), /meter(?:Preset|Path|Unit|Sign)/);
    const set = { meterPreset: "custom", meterPath: "a.b", meterUnit: "kW", meterSign: "export" };
    for (const [name, value] of Object.entries(set)) assert.ok(text(set).includes(`"${name}":"${value}"`), name);
  });
  it("are as long as is said beforehand, with no charger in the roster, one, and many", () => {
    for (const count of [0, 1, 2, 40]) {
      const roster = Array.from({ length: count }, (_, at) => ({ id: `charger-${at}`, wiring: [1], failsafeA: 0 }));
      const parsed = parse({ roster, wifiSsid: "Café", cards: ["04A1B2C3D4E5F6"] });
      assert.ok(parsed.ok);
      assert.equal(settingsLength(parsed.settings), settingsJson(parsed.settings).length);
    }
  });
});
