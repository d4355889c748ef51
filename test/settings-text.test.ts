import assert from "node:assert/strict";
import { parse } from "../src/settings.js";
import { settingsJson, settingsLength } from "../src/settings-text.js";

describe("settings as text", () => {
  it("are as long as is said beforehand, with no charger in the roster, one, and many", () => {
    for (const count of [0, 1, 2, 40]) {
      const roster = Array.from({ length: count }, (_, at) => ({ id: `charger-${at}`, wiring: [1], failsafeA: 0 }));
      const parsed = parse({ roster, wifiSsid: "Café", cards: ["04A1B2C3D4E5F6"] });
      assert.ok(parsed.ok);
      assert.equal(settingsLength(parsed.settings), settingsJson(parsed.settings).length);
    }
  });
});
