import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { parseScenario, type Scenario } from "../../hal/sim/plant/scenario.js";

const LEAST = { name: "least", durationS: 60, site: { contractedA: 30 }, chargers: [{ id: "charger-1" }], events: [] };

/** The key that is wrong, or "ok". */
function wrongKey(over: Record<string, unknown>): string {
  const result = parseScenario(JSON.stringify({ ...LEAST, ...over }));
  return result.ok ? "ok" : result.key;
}

function read(over: Record<string, unknown>): Scenario {
  const result = parseScenario(JSON.stringify({ ...LEAST, ...over }));
  if (!result.ok) throw new Error(`${result.key}: ${result.why}`);
  return result.scenario;
}

const site = (over: Record<string, unknown>) => ({ site: { contractedA: 30, ...over } });
const charger = (over: Record<string, unknown>) => ({ chargers: [{ id: "charger-1", ...over }] });
const event = (over: Record<string, unknown>) => ({ events: [{ atS: 1, ...over }] });

describe("scenario file", () => {
  it("gives every key that is left out the value of the design", () => {
    const { site: connection, chargers, seed, startsAtUnixS } = read({});
    assert.deepEqual([seed, startsAtUnixS], [1, null]);
    assert.deepEqual(connection, {
      contractedA: 30,
      bufferA: 0,
      houseMaxA: null,
      phases: 1,
      voltageV: 230,
      meter: { measures: "house", periodS: 1, ours: true, speaks: "amps" },
      policy: "fair",
      peers: "mqtt",
      reportLeaseS: 10,
      maxCharging: 0,
      protection: "rcbo",
      tariff: null,
      timeZone: "",
    });
    assert.deepEqual(chargers[0], {
      id: "charger-1",
      maxA: 32,
      cableA: 32,
      failsafeA: 0,
      wiring: [1],
      priority: 0,
      mode: "auto",
      manualA: 10,
      bootS: 0,
      member: true,
      settings: {},
      schedule: null,
      clockDriftPct: 0,
      version: "",
      fresh: false,
    });
  });

  it("names an unknown key by its full path", () => {
    assert.equal(wrongKey({ wether: 1 }), "wether");
    assert.equal(wrongKey(site({ meter: { perodS: 1 } })), "site.meter.perodS");
    assert.equal(wrongKey(charger({ maxa: 32 })), "chargers[0].maxa");
    assert.equal(wrongKey(event({ plug: "charger-1", car: { soc: 3 } })), "events[0].car.soc");
    assert.equal(wrongKey(event({ plugg: "charger-1" })), "events[0].plugg");
  });

  it("names a key that is missing", () => {
    for (const key of ["name", "durationS", "site", "chargers", "events"])
      assert.equal(wrongKey({ [key]: undefined }), key);
    assert.equal(wrongKey({ site: {} }), "site.contractedA");
    assert.equal(wrongKey({ chargers: [{}] }), "chargers[0].id");
    assert.equal(wrongKey({ events: [{ house: 3 }] }), "events[0].atS");
  });

  const impossible: readonly (readonly [string, Record<string, unknown>])[] = [
    ["durationS", { durationS: 0 }],
    ["durationS", { durationS: 3_456_001 }],
    ["site.contractedA", site({ contractedA: 0 })],
    ["site.bufferA", site({ bufferA: 30 })],
    ["site.phases", site({ phases: 2 })],
    ["site.reportLeaseS", site({ reportLeaseS: 2 })],
    ["site.reportLeaseS", site({ reportLeaseS: 10, meter: { periodS: 5 } })],
    ["chargers[0].maxA", charger({ maxA: 5 })],
    ["chargers[0].maxA", charger({ maxA: 81 })],
    ["chargers[0].failsafeA", charger({ failsafeA: 3 })],
    ["chargers[0].wiring[0]", charger({ wiring: [4] })],
    ["chargers[0].wiring", charger({ wiring: [2] })],
    ["chargers[0].wiring", { ...site({ phases: 3 }), ...charger({ wiring: [1, 1] }) }],
    ["chargers[0].clockDriftPct", charger({ clockDriftPct: 1.5 })],
    ["chargers[0].mode", { ...site({ meter: { measures: "grid" } }), ...charger({ mode: "solar" }) }],
    ["chargers[1].id", { chargers: [{ id: "a" }, { id: "a" }] }],
    ["events[0].car.socPct", event({ plug: "charger-1", car: { socPct: 101 } })],
    ["events[0].unplug", event({ unplug: "charger-2" })],
    ["events[0].unplug", event({ plug: "charger-1", unplug: "charger-1", car: {} })],
    ["events[0]", event({})],
    ["events[0].house", event({ house: [1, 2, 3] })],
    ["events[0].partition", event({ partition: [["meter"], ["meter"]] })],
  ];
  for (const [key, over] of impossible) {
    it(`refuses ${JSON.stringify(over)} at ${key}`, () => assert.equal(wrongKey(over), key));
  }

  it("refuses a grid-side PZEM on a roof that exports, and only there", () => {
    const sunny = {
      events: [
        { atS: 0, house: 3 },
        { atS: 5, solar: 4 },
      ],
    };
    assert.equal(wrongKey({ ...site({ meter: { measures: "grid" } }), ...sunny }), "site.meter.measures");
    assert.equal(wrongKey(sunny), "ok");
  });

  it("sorts events by time and keeps the file's order within one", () => {
    const { events } = read({
      events: [
        { atS: 5, house: 1 },
        { atS: 0, house: 2 },
        { atS: 5, unplug: "charger-1" },
      ],
    });
    assert.deepEqual(
      events.map(({ atS, what }) => `${atS} ${what}`),
      ["0 house", "5 house", "5 unplug"],
    );
  });

  it("takes one number as the load of each phase of a three-phase site", () => {
    const [first] = read({ ...site({ phases: 3 }), ...event({ house: 4 }) }).events;
    assert.deepEqual(first?.what === "house" && first.amps, [4, 4, 4]);
  });

  it("reads every scenario that ships", () => {
    for (const file of readdirSync("scenarios").filter((name) => name.endsWith(".json") && !name.includes("schema"))) {
      const result = parseScenario(readFileSync(`scenarios/${file}`, "utf8"));
      assert.ok(result.ok, `${file}: ${result.ok ? "" : `${result.key} ${result.why}`}`);
    }
  });

  it("knows the keys of its schema, each with the same default", () => {
    const schema = JSON.parse(readFileSync("scenarios/scenario.schema.json", "utf8"));
    const { site: ofSite, chargers } = schema.properties;
    const { houseMaxA: _, meter, ...plain } = read({}).site;
    for (const [key, value] of Object.entries({ ...plain, ...read({}).chargers[0] })) {
      const entry = ofSite.properties[key] ?? chargers.items.properties[key];
      assert.ok(entry !== undefined, key);
      if (entry.default !== undefined) assert.deepEqual(entry.default, value, key);
    }
    const [, ofMeter] = ofSite.properties.meter.anyOf;
    assert.deepEqual(Object.keys(ofMeter.properties), Object.keys(meter ?? {}));
    for (const { properties } of schema.properties.events.items.anyOf) {
      const kind = Object.keys(properties)[1] ?? "";
      const key = wrongKey(event({ [kind]: null }));
      assert.ok(key.startsWith(`events[0].`) && key !== "events[0].atS", `${kind}: ${key}`);
    }
  });
});
