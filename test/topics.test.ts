import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { stateJson } from "../src/charger-view.js";
import { factsOf, startController } from "../src/controller.js";
import { meterFactsOf, startMeter } from "../src/meter-node.js";
import { meterStateJson } from "../src/meter-view.js";
import { topicFits } from "../src/mqtt.js";
import {
  chargerTopics,
  commandOf,
  meterTopics,
  subscriptionsOf,
  TOPICS,
  type TopicName,
  topicOf,
} from "../src/topics.js";
import { millis } from "../src/units.js";
import { CHARGER_STATE, METER_STATE, PAGES } from "../tools/mqtt-docs.js";
import { ALONE, brokerDesk } from "./broker-desk.js";
import { bootOf, settingsOf } from "./site.js";

const ROOT = new URL("..", import.meta.url);
const SETTINGS = settingsOf({ id: "c1", siteId: "s", mqttPrefix: "a/b", homeAssistantPrefix: "ha" });

const isTopicName = (name: string): name is TopicName => Object.hasOwn(TOPICS, name);

describe("the table of topics", () => {
  it("is what docs/mqtt.md and docs/home-assistant.md tell: `npm run -s docs` makes them", () => {
    for (const [path, page] of Object.entries(PAGES)) assert.equal(readFileSync(new URL(path, ROOT), "utf8"), page());
  });
  it("makes each topic of prefix, site and id", () => {
    assert.deepEqual(chargerTopics(SETTINGS), { report: "a/b/s/report", sessions: "a/b/s/c1/session" });
    assert.equal(topicOf("demand", SETTINGS), "a/b/s/demand/c1");
    assert.equal(topicOf("demandTo", SETTINGS, "c9"), "a/b/s/demand/c9/c1");
    assert.deepEqual(meterTopics(SETTINGS), { state: "a/b/s/c1/state" });
    assert.equal(topicOf("command", SETTINGS, "mode"), "a/b/s/c1/command/mode");
    assert.equal(topicOf("discovery", SETTINGS, "0011"), "ha/device/ievcc-0011/config");
    assert.equal(topicOf("assistant", SETTINGS), "ha/status");
  });
  it("leaves no place unfilled, and no two rows alike", () => {
    const all = Object.keys(TOPICS)
      .filter(isTopicName)
      .map((name) => topicOf(name, SETTINGS, "x"));
    assert.equal(all.length, Object.keys(TOPICS).length);
    for (const topic of all) assert.doesNotMatch(topic, /[<>+#]/);
    assert.equal(new Set(all).size, all.length);
  });
  it("knows a command by its topic, and nothing else as one", () => {
    assert.equal(commandOf("a/b/s/c1/command/mode", SETTINGS), "mode");
    assert.equal(commandOf("a/b/s/c1/set", SETTINGS), "set");
    for (const other of ["a/b/s/c2/set", "a/b/s/c1/state", "a/b/s/c2/command/mode", "x/command/mode", "set"])
      assert.equal(commandOf(other, SETTINGS), null);
  });
  it("has a charger listen to its site and its commands, a meter to demands, and each to Home Assistant if told to", () => {
    const heard = (patch: object) => subscriptionsOf("charger", settingsOf({ id: "c1", ...patch }));
    const orders = ["ievcc/home/c1/set", "ievcc/home/c1/command/+"];
    assert.deepEqual(heard({}), ["ievcc/home/report", "ievcc/home/site", ...orders]);
    assert.deepEqual(heard({ meter: "none", houseMaxA: 10 }), [
      "ievcc/home/report",
      "ievcc/home/site",
      "ievcc/home/demand/c1/+",
      ...orders,
    ]);
    assert.deepEqual(heard({ manager: true }), ["ievcc/home/c1/manager", ...orders]);
    assert.deepEqual(heard({ homeAssistant: true }).slice(-1), ["homeassistant/status"]);
    assert.deepEqual(subscriptionsOf("meter", settingsOf({})), ["ievcc/home/demand/+", "ievcc/home/site"]);
  });
  it("tells who says what: a device retains and assures what the table says, and publishes nothing that it does not name", () => {
    const desk = brokerDesk({ ...ALONE, homeAssistant: true });
    desk.hears("ievcc/home/c1/command/enable", "true");
    desk.waits(15_000);
    const rows = Object.values(TOPICS).map((one) => ({
      ...one,
      filter: one.pattern
        .replace(/<assistant>/, "homeassistant")
        .replace(/<prefix>/, "ievcc")
        .replace(/ievcc-<mac>|<\w+>/g, "+"),
    }));
    const said = desk.said();
    assert.ok(new Set(said.map(({ topic }) => topic)).size >= 4);
    for (const { topic, retain, qos } of said) {
      const found = rows.find(({ filter }) => topicFits(filter, topic));
      assert.deepEqual([found?.retain, found?.qos], [retain, qos], topic);
    }
  });
  it("has in its docs each name of the retained states, and no other", () => {
    const charger = startController(bootOf(settingsOf({}), 1), millis(0)).state;
    const meter = startMeter(bootOf(settingsOf({}), 1), millis(0)).state;
    assert.deepEqual(Object.keys(JSON.parse(stateJson(factsOf(charger, millis(1))))), Object.keys(CHARGER_STATE));
    assert.deepEqual(Object.keys(JSON.parse(meterStateJson(meterFactsOf(meter, millis(1))))), Object.keys(METER_STATE));
  });
});
