import assert from "node:assert/strict";
import fc from "fast-check";
import { LEASE, leaseOf, siteAnswerOf } from "../src/current-limits.js";
import type { MemberAnswer } from "../src/member.js";
import { freely, NO_RIGHTS, type Rights } from "../src/rights.js";
import { startSharing } from "../src/sharing.js";
import { FORMAT } from "../src/sharing-message.js";
import { deciamps, milliamps, millis } from "../src/units.js";
import { NO_VOTE, settingsOf as settings } from "./site.js";

const NOW = millis(10_000);

const allows = (amps: number, over: Partial<MemberAnswer> = {}): MemberAnswer => ({
  amps: deciamps(amps),
  because: "site",
  until: millis(12_000),
  freshness: "fresh",
  ...over,
});
const lease = (patch: object, answer: MemberAnswer, rights = freely(settings(patch))) =>
  leaseOf(settings(patch), answer, rights, milliamps(9_000), NOW);

describe("site answer", () => {
  const answer = (patch: object) => {
    const set = settings(patch);
    const sharing = startSharing(set, { nonce: 1, vote: NO_VOTE, format: FORMAT }, NOW);
    return siteAnswerOf(set, sharing, set.wiring, NOW);
  };
  it("is the rating in manual mode away from the site, and nothing in the other modes", () => {
    const away = { member: false, maxA: 20 };
    assert.deepEqual(
      (["manual", "auto", "solar"] as const).map((mode) => answer({ ...away, mode }).amps),
      [200, 0, 0],
    );
    assert.equal(answer({ ...away, mode: "manual" }).until, NOW + LEASE);
  });
  it("makes manual mode no source of current: without a report it is the fail-safe current too", () => {
    const { amps, because } = answer({ meter: "ours", mode: "manual", manualA: 16 });
    assert.deepEqual([amps, because], [0, "failsafe"]);
  });
  it("is the fail-safe current while an arbiter is expected and not heard", () => {
    for (const meter of ["ours", "none"]) {
      const { amps, because, freshness } = answer({ meter, failsafeA: 6, houseMaxA: 0 });
      assert.deepEqual([amps, because, freshness], [60, "failsafe", "none"]);
    }
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
  it("adds no limit of its own in auto and solar mode", () => {
    for (const mode of ["auto", "solar"]) {
      const { offer, because, runnerUp } = lease({ mode, manualA: 6 }, allows(90, { because: "solar" }));
      assert.deepEqual([offer, because, runnerUp], [90, "solar", null]);
    }
  });
  it("offers nothing without permission and says that a person decides", () => {
    const found = lease({}, allows(200), NO_RIGHTS);
    assert.deepEqual([found.offer, found.because, found.permitted], [0, "person", false]);
  });
  it("makes a person's maximum and the schedule limits by name, and never 6 A of less", () => {
    const by = (...limits: Rights["limits"]) => lease({}, allows(200), { ...freely(settings({})), limits });
    const person = { name: "person", amps: deciamps(100) } as const;
    const schedule = { name: "schedule", amps: deciamps(80) } as const;
    assert.deepEqual([by(person).offer, by(person).because], [100, "person"]);
    assert.deepEqual([by(person, schedule).offer, by(person, schedule).because], [80, "schedule"]);
    assert.equal(by(person, schedule).runnerUp?.name, "person");
    const low = by({ ...person, amps: deciamps(59) });
    assert.deepEqual([low.offer, low.because, low.permitted], [0, "person", true]);
  });
  it("is never more than the site or the mode allows, and never between 0 and 6 A", () => {
    const amps = fc.constantFrom(0, 59, 60, 61, 100, 320);
    const manual = fc.constantFrom(6, 10, 32);
    fc.assert(
      fc.property(amps, fc.constantFrom("auto", "manual", "solar"), manual, (site, mode, manualA) => {
        const { offer } = lease({ mode, manualA }, allows(site));
        if (mode === "manual") assert.ok(offer <= manualA * 10);
        assert.ok(offer <= site && (offer === 0 || offer >= 60));
      }),
    );
  });
});
