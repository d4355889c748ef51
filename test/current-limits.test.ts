import assert from "node:assert/strict";
import fc from "fast-check";
import { budgetOf, LEASE, leaseOf, siteAnswerOf, siteRulesOf } from "../src/current-limits.js";
import { change, DEFAULTS, type Settings } from "../src/settings.js";
import { NOTHING_HEARD, type SiteAnswer } from "../src/site-limit.js";
import { deciamps, milliamps, millis } from "../src/units.js";

const NOW = millis(10_000);

function settings(patch: object): Settings {
  const changed = change(DEFAULTS, patch);
  assert.ok(changed.ok, JSON.stringify(changed));
  return changed.settings;
}

const allows = (amps: number, over: Partial<SiteAnswer> = {}): SiteAnswer => ({
  amps: deciamps(amps),
  because: "site",
  until: millis(12_000),
  surplus: null,
  freshness: "fresh",
  ...over,
});
const lease = (patch: object, answer: SiteAnswer, permitted = true) =>
  leaseOf(settings(patch), answer, permitted, milliamps(9_000), NOW);

describe("budget", () => {
  it("is contracted - buffer - house, never below 0", () => {
    const of = (house: number) => budgetOf(settings({ contractedA: 30, bufferA: 1.5 }), deciamps(house));
    assert.deepEqual([0, 100, 284, 285, 286, 900].map(of), [285, 185, 1, 0, 0, 0]);
  });
  it("assures what is left when the house takes all it ever takes, and nothing while that is unknown", () => {
    assert.equal(siteRulesOf(settings({ contractedA: 30, bufferA: 2, houseMaxA: 20 })).assured, 80);
    assert.equal(siteRulesOf(settings({ contractedA: 30 })).assured, 0);
  });
});

describe("site answer", () => {
  const answer = (patch: object) => siteAnswerOf(settings(patch), NOTHING_HEARD, NOW);
  it("is the rating in manual mode away from the site, and nothing in the other modes", () => {
    const away = { member: false, maxA: 20 };
    assert.deepEqual(
      (["manual", "auto", "solar"] as const).map((mode) => answer({ ...away, mode }).amps),
      [200, 0, 0],
    );
  });
  it("is fixed where no meter is, and holds for 5 s at a time", () => {
    const { amps, because, until } = answer({ meter: "none", contractedA: 30, bufferA: 1, houseMaxA: 12.5 });
    assert.deepEqual([amps, because, until], [165, "site", NOW + LEASE]);
    assert.equal(answer({ meter: "none", contractedA: 30 }).amps, 300);
  });
  it("is the fail-safe current while a meter is expected and not heard", () => {
    const { amps, because } = answer({ failsafeA: 6, houseMaxA: 0 });
    assert.deepEqual([amps, because], [60, "failsafe"]);
  });
});

describe("lease of the controller", () => {
  it("ends with the report that allows it, and after 5 s at the latest", () => {
    for (const [until, ends] of [
      [14_999, 14_999],
      [15_000, 15_000],
      [15_001, 15_000],
      [70_000, 15_000],
      [10_000, 10_000],
    ] as const) {
      assert.equal(lease({}, allows(200, { until: millis(until) })).until, ends);
    }
  });
  it("carries the draw and names the limit that won and the runner-up", () => {
    const found = lease({ mode: "manual", manualA: 13 }, allows(200));
    assert.deepEqual(
      [found.offer, found.because, found.runnerUp, found.draw],
      [130, "manual", { name: "site", amps: 200 }, 9_000],
    );
  });
  it("names the site when the mode allows just as much", () => {
    assert.equal(lease({ mode: "manual", manualA: 13 }, allows(130)).because, "site");
  });
  it("takes the surplus of the roof in solar mode, and nothing where none is known", () => {
    assert.equal(lease({ mode: "solar" }, allows(200, { surplus: deciamps(60) })).offer, 60);
    assert.equal(lease({ mode: "solar" }, allows(200, { surplus: deciamps(59) })).offer, 0);
    assert.equal(lease({ mode: "solar" }, allows(200)).offer, 0);
    assert.equal(lease({ mode: "solar" }, allows(100, { surplus: deciamps(180) })).offer, 100);
  });
  it("offers nothing without permission and says that a person decides", () => {
    const found = lease({}, allows(200), false);
    assert.deepEqual([found.offer, found.because, found.permitted], [0, "person", false]);
  });
  it("is never more than the site or the mode allows, and never between 0 and 6 A", () => {
    const amps = fc.constantFrom(0, 59, 60, 61, 100, 320);
    fc.assert(
      fc.property(
        amps,
        fc.option(amps),
        fc.constantFrom("auto", "manual", "solar"),
        fc.constantFrom(6, 10, 32),
        (site, roof, mode, manualA) => {
          const surplus = roof === null ? null : deciamps(roof);
          const { offer } = lease({ mode, manualA }, allows(site, { surplus }));
          if (mode === "manual") assert.ok(offer <= manualA * 10);
          if (mode === "solar") assert.ok(offer <= (roof ?? 0));
          assert.ok(offer <= site && (offer === 0 || offer >= 60));
        },
      ),
    );
  });
});
