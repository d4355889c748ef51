import assert from "node:assert/strict";
import { placeOf, rosterOf, SITE_SETTINGS, siteHash, sitePatch } from "../src/roster.js";
import { change, type Settings } from "../src/settings.js";
import { memberOf, row, rows, settingsOf } from "./site.js";

const SITE = { houseMaxA: 10, roster: [row("a"), row("b", { failsafeA: 6 })] };
const ownRow = ({ roster, id }: Settings) => roster.find((one) => one.id === id);

describe("roster", () => {
  it("is the charger alone where none was set", () => {
    const alone = settingsOf({ id: "a", failsafeA: 6, houseMaxA: 10 });
    assert.deepEqual(rosterOf(alone), [{ id: "a", wiring: [1], failsafeA: 6 }]);
    assert.deepEqual([placeOf(alone, "a"), placeOf(alone, "b")], [0, -1]);
  });
  it("keeps the order of commissioning", () => {
    const site = memberOf([row("z"), row("a")]);
    assert.deepEqual([placeOf(site, "z"), placeOf(site, "a"), placeOf(site, "meter")], [0, 1, -1]);
  });
  it("gives a charger its own row as its settings", () => {
    const b = settingsOf({ ...SITE, id: "b" });
    assert.deepEqual([b.failsafeA, b.wiring], [6, [1]]);
    const three = settingsOf({ phases: 3, id: "a", roster: [row("a", { wiring: [3] })] });
    assert.deepEqual(three.wiring, [3]);
  });
  it("takes what was changed at the charger itself into its row", () => {
    const b = settingsOf({ failsafeA: 8 }, settingsOf({ ...SITE, id: "b" }));
    assert.equal(ownRow(b)?.failsafeA, 8);
    const wired = settingsOf({ wiring: [2] }, settingsOf({ phases: 3, id: "a", roster: [row("a")] }));
    assert.deepEqual(ownRow(wired)?.wiring, [2]);
  });
  it("lets the row win where both are changed at once, and leaves other chargers' rows alone", () => {
    const both = settingsOf({ ...SITE, id: "b", failsafeA: 16 });
    assert.deepEqual([both.failsafeA, ownRow(both)?.failsafeA], [6, 6]);
    const meter = settingsOf({ ...SITE, id: "meter" });
    assert.deepEqual(settingsOf({ priority: 3 }, meter).roster, meter.roster);
  });
});

describe("site's hash", () => {
  it("is the same on all devices of a site, whatever else differs", () => {
    const hashes = ["a", "b", "meter"].map((id) => siteHash(settingsOf({ ...SITE, id, maxA: 16, mode: "solar" })));
    assert.equal(new Set(hashes).size, 1);
  });
  it("is another for each change of what all must agree on", () => {
    const site = memberOf(SITE.roster, SITE);
    const changes = [
      { siteId: "away" },
      { contractedA: 29.9 },
      { bufferA: 1 },
      { houseMaxA: 11 },
      { voltageV: 231 },
      { reportLeaseS: 11 },
      { periodS: 2 },
      { meter: "none" },
      { measures: "grid" },
      { meterPreset: "tasmota" },
      { meterTopic: "x" },
      { meterPath: "x" },
      { meterUnit: "kW" },
      { meterSign: "export" },
      { policy: "equal" },
      { maxCharging: 1 },
      { roster: [...SITE.roster].reverse() },
      { roster: rows(2) },
      { phases: 3 },
    ];
    const hashes = [site, ...changes.map((patch) => settingsOf(patch, site))].map(siteHash);
    assert.equal(new Set(hashes).size, changes.length + 1);
  });
  it("does not tell a roster of one from the charger alone", () => {
    assert.equal(siteHash(memberOf([row("a")])), siteHash(memberOf([], { id: "a" })));
  });
});

describe("site's patch", () => {
  it("makes of another device's settings the same site, of the same version", () => {
    const told = settingsOf({ contractedA: 40, policy: "equal", siteVersion: 8 }, memberOf(SITE.roster, SITE));
    const taken = change(settingsOf({ id: "b" }), JSON.parse(JSON.stringify(sitePatch(told))));
    assert.ok(taken.ok);
    assert.equal(siteHash(taken.settings), siteHash(told));
    assert.equal(taken.settings.siteVersion, 8);
  });
  it("holds what the site must agree on, and no secret", () => {
    const patch = sitePatch(memberOf(SITE.roster, { houseMaxA: 10, mqttPassword: "hush", wifiPassword: "hush-hush" }));
    assert.deepEqual(Object.keys(patch).sort(), [...SITE_SETTINGS, "siteVersion"].sort());
    assert.doesNotMatch(JSON.stringify(patch), /hush/);
  });
});
