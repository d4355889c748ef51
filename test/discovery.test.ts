import assert from "node:assert/strict";
import { stateJson } from "../src/charger-view.js";
import { COMMANDS, readCommand } from "../src/commands.js";
import { factsOf, startController } from "../src/controller.js";
import { discoveryJson, discoveryTopic } from "../src/discovery.js";
import { meterFactsOf, startMeter } from "../src/meter-node.js";
import { meterStateJson } from "../src/meter-view.js";
import { change } from "../src/settings.js";
import { encodeText } from "../src/text.js";
import { type DeviceKind, topicOf } from "../src/topics.js";
import { millis } from "../src/units.js";
import { bootOf, settingsOf } from "./site.js";

const MAC = "02005e00a1b2";

type Component = Readonly<Record<string, unknown>>;

interface Payload {
  readonly dev: Component;
  readonly o: Component;
  readonly stat_t: string;
  readonly avty_t: string;
  readonly cmps: Readonly<Record<string, Component>>;
}

/** Units and state classes of each device class of a sensor. home-assistant.io, Sensor entity (developers' docs). */
const SENSOR_CLASSES: Readonly<Record<string, readonly [units: readonly string[], states: readonly string[]]>> = {
  current: [["A", "mA"], ["measurement"]],
  power: [["mW", "W", "kW", "MW", "GW", "TW"], ["measurement"]],
  voltage: [["V", "mV", "µV", "kV", "MV"], ["measurement"]],
  energy: [
    ["J", "kJ", "MJ", "GJ", "mWh", "Wh", "kWh", "MWh", "GWh", "TWh"],
    ["total", "total_increasing"],
  ],
  duration: [
    ["d", "h", "min", "s", "ms", "µs"],
    ["measurement", "total", "total_increasing"],
  ],
};
/** Of a binary sensor: those that a charger may need. */
const CLAIM_CLASSES = ["plug", "battery_charging", "problem", "connectivity"];

/** Keys that a component of a platform may have here. home-assistant.io, MQTT: abbreviations, and each platform's page. */
const KEYS: Readonly<Record<string, { readonly must: readonly string[]; readonly may: readonly string[] }>> = {
  sensor: { must: ["val_tpl", "dev_cla"], may: ["unit_of_meas", "stat_cla", "ops"] },
  binary_sensor: { must: ["val_tpl", "dev_cla"], may: ["stat_t", "avty_tpl"] },
  select: { must: ["cmd_t", "ops", "val_tpl"], may: [] },
  number: { must: ["cmd_t", "min", "max", "step", "val_tpl"], may: ["cmd_tpl", "dev_cla", "unit_of_meas"] },
  switch: { must: ["cmd_t", "val_tpl"], may: ["pl_on", "pl_off", "stat_on", "stat_off"] },
  button: { must: ["cmd_t"], may: ["pl_prs"] },
};
const ALWAYS = ["p", "name", "uniq_id"];

const THREE = { phases: 3, wiring: [1, 2, 3] };
const ALL_PZEMS = [1, 2, 3].flatMap((phase) => [
  { address: phase, role: "house", phase },
  { address: phase + 3, role: "solar", phase },
]);
const SITES: readonly (readonly [DeviceKind, object])[] = [
  ["charger", {}],
  ["charger", { ...THREE, maxA: 6, id: "x".repeat(32), siteId: "y".repeat(32), mqttPrefix: "z".repeat(64) }],
  ["meter", {}],
  ["meter", { ...THREE, roof: true, pzems: ALL_PZEMS, id: "x".repeat(32), siteId: "y".repeat(32) }],
];

const jsonOf = (kind: DeviceKind, patch: object, address = "192.168.1.7"): string =>
  discoveryJson({ kind, settings: settingsOf(patch), mac: MAC, address });
const payloadOf = (kind: DeviceKind, patch: object, address?: string): Payload =>
  JSON.parse(jsonOf(kind, patch, address));

/** What the retained state of a device says just after its boot. */
function stateOf(kind: DeviceKind, patch: object): Readonly<Record<string, unknown>> {
  const boot = bootOf(settingsOf(patch), 1);
  if (kind === "charger") return JSON.parse(stateJson(factsOf(startController(boot, millis(0)).state, millis(1))));
  return JSON.parse(meterStateJson(meterFactsOf(startMeter(boot, millis(0)).state, millis(1))));
}

const each = (check: (payload: Payload, kind: DeviceKind, patch: object) => void): void => {
  for (const [kind, patch] of SITES) check(payloadOf(kind, patch), kind, patch);
};
const componentsOf = ({ cmps }: Payload) => Object.entries(cmps);

describe("what Home Assistant is told", () => {
  it("is one message of at most 8,192 bytes, and at most 6 KB with names of an ordinary length", () => {
    for (const [kind, patch] of SITES) assert.ok(encodeText(jsonOf(kind, patch)).length <= 8_192);
    const names = { id: "charger-1", siteId: "home", mqttPrefix: "ievcc" };
    assert.ok(jsonOf("charger", { ...THREE, ...names }).length <= 6_000);
    assert.ok(jsonOf("meter", { ...THREE, roof: true, pzems: ALL_PZEMS, ...names }).length <= 6_000);
  });
  it("names the device, who made it, its version and its pages, and where the message comes from", () => {
    each(({ dev, o }, kind, patch) => {
      assert.deepEqual([dev.ids, dev.mdl, dev.cu], [MAC, `IEVCC ${kind}`, "http://192.168.1.7/"]);
      assert.equal(dev.name, settingsOf(patch).id);
      assert.deepEqual(Object.keys(o), ["name", "sw"]);
    });
  });
  it("goes to a topic that Home Assistant takes, the same for another name of the device", () => {
    const topic = discoveryTopic(settingsOf({}), MAC);
    assert.match(topic, /^homeassistant\/device\/[a-zA-Z0-9_-]+\/config$/);
    assert.equal(discoveryTopic(settingsOf({ id: "other", siteId: "elsewhere" }), MAC), topic);
    const ids = (patch: object) => componentsOf(payloadOf("charger", patch)).map(([, one]) => one.uniq_id);
    assert.deepEqual(ids({}), ids({ id: "other", siteId: "elsewhere" }));
  });
  it("gives each entity a unique id, a platform and its keys, and no others", () => {
    each((payload) => {
      const ids = componentsOf(payload).map(([, one]) => one.uniq_id);
      assert.equal(new Set(ids).size, ids.length);
      for (const [key, one] of componentsOf(payload)) {
        const rules = KEYS[String(one.p)];
        assert.ok(rules, key);
        for (const must of [...ALWAYS, ...rules.must]) assert.ok(must in one, `${key} ${must}`);
        for (const has of Object.keys(one))
          assert.ok([...ALWAYS, ...rules.must, ...rules.may].includes(has), `${key} ${has}`);
        assert.match(key, /^[a-z0-9_]+$/);
      }
      const names = componentsOf(payload).map(([, one]) => `${one.p} ${one.name}`);
      assert.equal(new Set(names).size, names.length);
    });
  });
  it("has device classes, units and state classes that belong together", () => {
    each((payload) => {
      for (const [key, { p, dev_cla, unit_of_meas, stat_cla, ops, min, max, step }] of componentsOf(payload)) {
        if (p === "binary_sensor") assert.ok(CLAIM_CLASSES.includes(String(dev_cla)), key);
        if (p === "sensor" && dev_cla === "enum") {
          assert.deepEqual([unit_of_meas, stat_cla], [undefined, undefined]);
          assert.ok(Array.isArray(ops) && new Set(ops).size === ops.length && ops.length > 1);
        } else if (p === "sensor" || p === "number") {
          const [units, states] = SENSOR_CLASSES[String(dev_cla)] ?? assert.fail(key);
          assert.ok(units.includes(String(unit_of_meas)), key);
          if (p === "sensor") assert.ok(states.includes(String(stat_cla)), key);
          else assert.ok(typeof min === "number" && typeof max === "number" && min < max && Number(step) >= 0.001);
        }
      }
    });
  });
  it("takes its topics from the table", () => {
    each(({ stat_t, avty_t, cmps }, kind, patch) => {
      const settings = settingsOf(patch);
      assert.deepEqual([stat_t, avty_t], [topicOf("state", settings), topicOf("availability", settings)]);
      const orders = [
        topicOf("set", settings),
        ...Object.keys(COMMANDS).map((name) => topicOf("command", settings, name)),
      ];
      for (const one of Object.values(cmps)) {
        if (one.cmd_t !== undefined) assert.ok(kind === "charger" && orders.includes(String(one.cmd_t)));
        if (one.stat_t !== undefined) assert.equal(one.stat_t, avty_t);
      }
    });
  });
  it("uses only names that the retained state has, and of its lists only places that are there", () => {
    each((payload, kind, patch) => {
      const state = stateOf(kind, patch);
      for (const [key, { val_tpl, stat_t }] of componentsOf(payload)) {
        if (val_tpl === undefined || stat_t !== undefined) continue;
        const used = [...String(val_tpl).matchAll(/value_json\.(\w+)(?:\[(\d)\])?/g)];
        assert.equal(used.length, 1, key);
        const [, name = "", place] = used[0] ?? [];
        assert.ok(name in state, `${key} ${name}`);
        const list = state[name];
        if (place !== undefined) assert.ok(Array.isArray(list) && Number(place) < list.length, key);
        else assert.ok(!Array.isArray(list) || /or \[none\]\*3\)\[[0-2]\]/.test(String(val_tpl)), key);
      }
    });
  });
  it("sends commands that the charger takes", () => {
    const { cmps } = payloadOf("charger", {});
    const said = (name: string, payload: unknown) => readCommand(name, encodeText(String(payload)), null).asked.ok;
    assert.ok(said("enable", cmps.enable?.pl_on) && said("enable", cmps.enable?.pl_off));
    assert.ok(said("boost", cmps.boost?.pl_prs));
    for (const option of Array.isArray(cmps.mode?.ops) ? cmps.mode.ops : assert.fail()) {
      const { asked } = readCommand("mode", encodeText(String(option)), null);
      assert.ok(asked.ok && asked.order.kind === "settings" && change(settingsOf({}), asked.order.patch).ok);
    }
    const amps = String(cmps.amps?.cmd_tpl).replace(/\{\{ value \}\}/, "12.5");
    assert.deepEqual(readCommand("set", encodeText(amps), null).asked, {
      ok: true,
      order: { kind: "settings", patch: { manualA: 12.5 } },
    });
  });
  it("has for a charger what people look for, and for a meter each PZEM", () => {
    const keys = (kind: DeviceKind, patch: object) => Object.keys(payloadOf(kind, patch).cmps);
    const common = ["power", "energy", "session_energy", "session_time", "offer", "plug", "charging", "problem"];
    const rest = ["state", "reason", "mode", "amps", "enable", "boost", "connected"];
    assert.deepEqual(keys("charger", {}), [...common, "current", "voltage", ...rest]);
    assert.equal(keys("charger", THREE).filter((key) => /^(current|voltage)_l[123]$/.test(key)).length, 6);
    assert.deepEqual(keys("meter", {}), [
      "problem",
      ...["w", "a", "v", "wh"].map((one) => `h1_${one}`),
      "budget_1",
      "connected",
    ]);
  });
});
