import assert from "node:assert/strict";
import fc from "fast-check";
import {
  CONTRACTED_KVA,
  change,
  contractedFromKva,
  DEFAULTS,
  deciampsOf,
  leaseOf,
  parse,
  periodOf,
  type Settings,
  voltageOf,
} from "../src/settings.js";
import { amps } from "../src/units.js";

function good(value: unknown): Settings {
  const parsed = parse(value);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.settings;
}

/** The one error that a value gives. */
function refusal(value: unknown): string {
  const parsed = parse(value);
  assert.ok(!parsed.ok, `accepted ${JSON.stringify(value)}`);
  assert.equal(parsed.errors.length, 1, JSON.stringify(parsed.errors));
  return `${parsed.errors[0]?.field}: ${parsed.errors[0]?.why}`;
}

describe("settings", () => {
  it("gives every setting its default when nothing is said", () => {
    assert.deepEqual(good({}), DEFAULTS);
    assert.equal(DEFAULTS.id, "ievcc");
    assert.equal(DEFAULTS.mode, "auto");
    assert.equal(DEFAULTS.manualA, 10);
    assert.equal(DEFAULTS.failsafeA, 0);
    assert.equal(DEFAULTS.contractedA, 30);
    assert.deepEqual(DEFAULTS.pzems, [{ address: 1, role: "house", phase: 1 }]);
  });

  it("names a setting that it does not know", () => {
    assert.equal(refusal({ maxAmps: 16 }), "maxAmps: unknown setting");
    assert.equal(refusal(JSON.parse('{"__proto__":1}')), "__proto__: unknown setting");
    assert.equal(refusal({ toString: 1 }), "toString: unknown setting");
  });

  it("refuses what is no object", () => {
    for (const value of [null, undefined, 3, "x", [], true])
      assert.equal(refusal(value), ": settings must be an object");
  });

  it("names every field that is wrong at once, at most 20", () => {
    const parsed = parse({ id: "", maxA: 5, phases: 2 });
    assert.ok(!parsed.ok);
    assert.deepEqual(
      parsed.errors.map((one) => one.field),
      ["id", "maxA", "phases"],
    );
    const many = parse(Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`x${index}`, 1])));
    assert.ok(!many.ok);
    assert.equal(many.errors.length, 20);
  });

  it("accepts each bound and refuses the step beyond it", () => {
    const rows: readonly (readonly [string, readonly unknown[], readonly unknown[]])[] = [
      ["id", ["a", "A-z_9", "x".repeat(32)], ["", "x".repeat(33), "a b", "é", 3]],
      ["mode", ["auto", "manual", "solar"], ["Auto", "", null]],
      ["manualA", [6, 6.1, 80], [5.9, 80.1, 6.05, "10", Number.NaN, null]],
      ["maxA", [6, 80], [5.9, 80.1]],
      ["cableA", [6, 80], [5.9, 80.1]],
      ["priority", [0, 9], [-1, 10, 1.5]],
      ["phases", [1, 3], [0, 2, 4]],
      ["contractedA", [1, 630], [0, 0.9, 630.1]],
      ["bufferA", [0, 29.9], [-0.1, 30]],
      ["houseMaxA", [null, 0, 630], [-0.1, "unknown"]],
      ["meter", ["ours", "none"], ["", "theirs"]],
      ["measures", ["house", "grid"], ["both"]],
      ["policy", ["fair", "equal"], ["unfair"]],
      ["maxCharging", [0, 64], [-1, 65]],
      ["carrier", ["auto", "mqtt", "udp", "both"], ["pigeon"]],
      ["siteVersion", [0, 4_294_967_295], [-1, 4_294_967_296]],
      ["reportLeaseS", [3, 30], [2, 31, 10.5]],
      ["periodS", [1, 4], [0, 61, 1.5]],
      ["voltageV", [100, 230.5, 260], [99, 261]],
      ["member", [true, false], [0, "true"]],
      ["mqttPort", [1, 65_535], [0, 65_536]],
      ["mqttHost", ["", "broker.local", "10.0.0.1", "::1"], ["a b", "http://x", "x".repeat(254)]],
      ["mqttPrefix", ["ievcc", "a/b"], ["", "/a", "a/", "a//b", "a/+", "#", "$x"]],
      ["wifiPassword", ["", "12345678", "x".repeat(63)], ["1234567", "x".repeat(64), "1234567\n"]],
      ["wifiSsid", ["", "my net", "x".repeat(32)], ["x".repeat(33), "a\nb"]],
    ];
    for (const [field, accepted, refused] of rows) {
      for (const value of accepted) good({ [field]: value });
      for (const value of refused) assert.match(refusal({ [field]: value }), new RegExp(`^${field}: `));
    }
  });

  it("takes amperes in steps of 0.1 A, exactly", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 800 }), (tenths) => {
        assert.equal(deciampsOf(good({ maxA: tenths / 10 }).maxA), tenths);
        assert.equal(deciampsOf(good({ maxA: tenths * 0.1 }).maxA), tenths);
      }),
    );
  });

  it("takes cards by their UID in hex, upper-cased, and refuses random ones", () => {
    assert.deepEqual(good({ cards: ["04a1b2c3", "04A1B2C3D4E5F6", "0102030405060708090A"] }).cards, [
      "04A1B2C3",
      "04A1B2C3D4E5F6",
      "0102030405060708090A",
    ]);
    assert.match(refusal({ cards: ["08a1b2c3"] }), /cards: number 1 is a random UID/);
    good({ cards: ["08A1B2C3D4E5F6"] });
    assert.match(refusal({ cards: ["04A1B2C3", "123"] }), /number 2 must be a UID/);
    assert.match(refusal({ cards: ["04A1B2C3", "04a1b2c3"] }), /twice/);
    assert.match(refusal({ cards: Array.from({ length: 33 }, (_, index) => `0400000${index}`) }), /list of 0 to 32/);
  });

  it("wires one phase, or three different ones, of those that the site has", () => {
    good({ phases: 3, wiring: [2] });
    good({ phases: 3, wiring: [3, 1, 2] });
    for (const wiring of [[], [1, 2], [1, 1, 2], [4], [0]]) assert.match(refusal({ phases: 3, wiring }), /^wiring: /);
    assert.match(refusal({ phases: 1, wiring: [2] }), /phase that the site does not have/);
  });

  it("lists PZEMs with different addresses, each measuring something else, house or grid but not both", () => {
    const one = { address: 1, role: "house", phase: 1 };
    good({ pzems: [one, { address: 247, role: "solar", phase: 1 }] });
    assert.match(refusal({ pzems: [one, { ...one, role: "solar" }] }), /same address/);
    assert.match(refusal({ pzems: [one, { ...one, address: 2 }] }), /same thing/);
    assert.match(refusal({ pzems: [one, { address: 2, role: "grid", phase: 1 }] }), /not both/);
    assert.match(refusal({ pzems: [{ ...one, address: 248 }] }), /number 1 address must be/);
    assert.match(refusal({ pzems: [{ ...one, volts: 3 }] }), /has more than/);
    assert.match(refusal({ pzems: [{ ...one, phase: 2 }] }), /phase that the site does not have/);
    assert.match(refusal({ pzems: [] }), /list of 1 to 6/);
  });

  it("refuses a grid-side PZEM under a roof that exports, because it has no sign", () => {
    const grid = { address: 1, role: "grid", phase: 1 };
    assert.match(refusal({ roof: true, pzems: [grid] }), /pzems: a PZEM has no sign: /);
    good({ roof: false, pzems: [grid] });
    good({ roof: true });
  });

  it("refuses a fail-safe current that the contract cannot bear, and shows the sum", () => {
    good({ failsafeA: 6, houseMaxA: 24 });
    assert.equal(
      refusal({ failsafeA: 6, houseMaxA: 24, bufferA: 0.1 }),
      "failsafeA: fail-safe 6 A + house 24 A + buffer 0.1 A is 30.1 A, more than the contracted 30 A",
    );
    assert.match(refusal({ failsafeA: 6 }), /must be 0 until the most that the house takes is known/);
    good({ failsafeA: 6, member: false });
    good({ failsafeA: 0, houseMaxA: 100 });
  });

  it("sums the fail-safe currents of all chargers on each phase, and shows the sum that is too much", () => {
    const row = (id: string, failsafeA: number, wiring = [1]) => ({ id, wiring, failsafeA });
    const site = (houseMaxA: number, ...roster: readonly object[]) => ({ id: "meter", phases: 3, houseMaxA, roster });
    good(site(18, row("a", 6), row("b", 6), row("c", 6, [2])));
    assert.equal(
      refusal(site(18.1, row("a", 6), row("b", 6, [1, 2, 3]))),
      "roster: fail-safe 12 A on phase 1 + house 18.1 A + buffer 0 A is 30.1 A, more than the contracted 30 A",
    );
    assert.match(refusal(site(25, row("a", 0), row("b", 6, [3]))), /^roster: fail-safe 6 A on phase 3 /);
    const unknown = { id: "meter", roster: [row("a", 6)] };
    assert.match(refusal(unknown), /^roster: must be 0 until the most that the house takes is known/);
    good({ ...site(25, row("a", 6)), id: "a", member: false });
  });

  it("lists the chargers of the site, each id once, wired to phases that the site has", () => {
    const row = (over: object = {}) => ({ id: "a", wiring: [1], failsafeA: 0, ...over });
    const listed = (...roster: readonly unknown[]) => ({ id: "meter", roster });
    good(listed(row(), row({ id: "b" })));
    assert.equal(refusal(listed(row(), row({ id: "b" }), row())), "roster: names a twice");
    assert.match(refusal(listed(row({ wiring: [2] }))), /^roster: wires a to a phase that the site does not have/);
    assert.match(refusal(listed(row({ id: "a b" }))), /^roster: number 1 id must be/);
    assert.match(refusal(listed(row(), row({ id: "b", wiring: [1, 1, 2] }))), /^roster: number 2 wiring must be/);
    assert.match(refusal(listed(row({ colour: 3 }))), /^roster: number 1 has more than/);
    assert.match(refusal(listed("a")), /^roster: number 1 must have/);
    for (const failsafeA of [0.1, 3, 5.9, 80.1, -1]) {
      assert.match(
        refusal({ ...listed(row({ failsafeA })), houseMaxA: 0 }),
        /^roster: number 1 failsafeA must be from 6/,
      );
    }
    good({ ...listed(...Array.from({ length: 64 }, (_, place) => row({ id: `c${place}` }))) });
    assert.match(
      refusal(listed(...Array.from({ length: 65 }, (_, place) => row({ id: `c${place}` })))),
      /list of 0 to 64/,
    );
  });

  it("reads a charger as a row or, to save flash, as a list of its three values", () => {
    const short = good({ id: "meter", houseMaxA: 0, roster: [["a", [1], 6]] });
    assert.deepEqual(
      short.roster,
      good({ id: "meter", houseMaxA: 0, roster: [{ id: "a", wiring: [1], failsafeA: 6 }] }).roster,
    );
    assert.match(refusal({ roster: [["a", [1]]] }), /^roster: number 1 must have/);
  });

  it("refuses what flash could not keep, by how much it is too long", () => {
    const roster = Array.from({ length: 64 }, (_, place) => ({
      id: `charger-number-${place}`.padEnd(32, "x"),
      wiring: [1, 2, 3],
      failsafeA: 0,
    }));
    const cards = Array.from({ length: 32 }, (_, place) => `04A1B2C3D4E5F60708${10 + place}`);
    const site = { id: "meter", phases: 3, roster };
    good(site);
    good({ cards });
    assert.match(refusal({ ...site, cards }), /^roster: makes the settings \d+ bytes too long to keep/);
  });

  it("takes a key of 32 to 64 hex digits, or none", () => {
    for (const siteKey of ["", "0".repeat(32), "aF".repeat(32)]) good({ siteKey });
    for (const siteKey of ["0".repeat(31), "0".repeat(33), "0".repeat(66), "g".repeat(32), 3]) {
      assert.match(refusal({ siteKey }), /^siteKey: must be 32 to 64 hex digits, or empty/);
    }
  });

  it("wants to know where somebody else's meter speaks", () => {
    good({ meter: "other", meterTopic: "emon/main" });
    assert.match(refusal({ meter: "other" }), /^meterTopic: must say where/);
    assert.match(refusal({ meterTopic: "a/+" }), /^meterTopic: must be a topic without/);
  });

  it("counts the site's version up with each change that all must know, and with no other", () => {
    const site = good({ id: "a", siteVersion: 4, roster: [{ id: "a", wiring: [1], failsafeA: 0 }] });
    const versionAfter = (patch: object): number => {
      const changed = change(site, patch);
      assert.ok(changed.ok);
      return changed.settings.siteVersion;
    };
    assert.equal(versionAfter({ contractedA: 25 }), 5);
    assert.equal(versionAfter({ policy: "equal", maxCharging: 2 }), 5);
    assert.equal(versionAfter({ houseMaxA: 10, failsafeA: 6 }), 5);
    assert.equal(versionAfter({ contractedA: 30 }), 4, "changes nothing");
    assert.equal(versionAfter({ mode: "manual", priority: 3, maxA: 16 }), 4);
    assert.equal(versionAfter({ contractedA: 25, siteVersion: 9 }), 9, "of those that it comes from");
  });

  it("takes a fail-safe current of 0, or of 6 A up to the rating", () => {
    for (const failsafeA of [0.1, 5.9])
      assert.match(refusal({ failsafeA, houseMaxA: 0 }), /^failsafeA: must be from 6/);
    good({ failsafeA: 16, maxA: 16, houseMaxA: 0 });
    assert.match(refusal({ failsafeA: 16.1, maxA: 16, houseMaxA: 0 }), /at most the rating, 16 A/);
  });

  it("refuses a lease shorter than two reports and 1 s", () => {
    good({ reportLeaseS: 11, periodS: 5 });
    assert.match(refusal({ reportLeaseS: 10, periodS: 5 }), /reportLeaseS: must be at least 11/);
  });

  it("lets manual amps stand above the rating: they are an upper bound", () => {
    assert.equal(good({ manualA: 40, maxA: 16 }).manualA, 40);
  });

  it("changes all of a patch or none of it", () => {
    const changed = change(DEFAULTS, { mode: "manual", manualA: 16 });
    assert.ok(changed.ok);
    assert.deepEqual(changed.settings, { ...DEFAULTS, mode: "manual", manualA: 16 });
    assert.ok(!change(DEFAULTS, { mode: "manual", manualA: 3 }).ok);
    assert.ok(!change(DEFAULTS, null).ok);
    assert.equal(DEFAULTS.mode, "auto");
  });

  it("never says a password in an error", () => {
    const parsed = parse({ wifiPassword: "secret", mqttPassword: "se\ncret", siteKey: "secret" });
    assert.ok(!parsed.ok);
    assert.ok(!JSON.stringify(parsed).includes("cret"));
  });

  it("answers any value at all without a throw, and what it accepts it accepts again after JSON", () => {
    const key = fc.oneof(fc.constantFrom(...Object.keys(DEFAULTS)), fc.string());
    const value = fc.oneof(fc.anything(), fc.constantFrom(0, 1, 3, 6, 30, true, null, "auto", "", [1], [1, 2, 3]));
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.dictionary(key, value)), (typed) => {
        const parsed = parse(typed);
        if (parsed.ok) assert.deepEqual(good(JSON.parse(JSON.stringify(parsed.settings))), parsed.settings);
        else assert.ok(parsed.errors.length > 0 && parsed.errors.length <= 20);
      }),
      { numRuns: 500 },
    );
  });

  it("rounds the current of a contract down to 0.1 A, per phase", () => {
    assert.equal(contractedFromKva(6.9, 1, 230), 30);
    assert.equal(contractedFromKva(3.45, 1, 230), 15);
    assert.equal(contractedFromKva(4.6, 1, 230), 20);
    assert.equal(contractedFromKva(10.35, 3, 230), 15);
    assert.equal(contractedFromKva(10, 1, 230), 43.4);
    assert.deepEqual(
      CONTRACTED_KVA.map((kva) => contractedFromKva(kva, 3, 230)),
      [5, 6.6, 8.3, 10, 15, 20, 25, 30, 40, 50, 60],
    );
  });

  it("gives lengths of time and voltage in the units of the firmware", () => {
    assert.equal(leaseOf(DEFAULTS), 10_000);
    assert.equal(periodOf(DEFAULTS), 1_000);
    assert.equal(voltageOf(good({ voltageV: 230.5 })), 2_305);
    assert.throws(() => amps(6.05), RangeError);
  });
});
