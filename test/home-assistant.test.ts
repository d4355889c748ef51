import assert from "node:assert/strict";
import { discoveryJson } from "../src/discovery.js";
import { ALONE, brokerDesk } from "./broker-desk.js";

const TOPIC = "homeassistant/device/ievcc-02005e00a1b2/config";
const STATUS = "homeassistant/status";

function desk(patch: object = { homeAssistant: true }) {
  const one = brokerDesk({ ...ALONE, ...patch });
  const at = (topic: string) => one.said().filter((said) => said.topic === topic);
  const sets = (change: object): void => one.give({ kind: "set", patch: change });
  const comesBack = (): void => {
    one.waits(3_000);
    one.online();
  };
  return { ...one, at, told: () => at(TOPIC).map(({ text }) => text), sets, comesBack };
}

describe("a device and Home Assistant", () => {
  it("have nothing to do with each other until they are told to", () => {
    const one = desk({});
    one.hears(STATUS, "online");
    one.waits(30_000);
    one.sets({ homeAssistant: false, manualA: 11 });
    assert.ok(one.said().every(({ topic }) => !topic.startsWith("homeassistant/")));
  });
  it("meet when the device has been online for 2 s, by a retained message", () => {
    const one = desk();
    one.waits(1_900);
    assert.deepEqual(one.told(), []);
    one.waits(100);
    const [said] = one.at(TOPIC);
    const { settings, mac, kind } = one.state().device;
    assert.deepEqual(
      [said?.retain, said?.text],
      [true, discoveryJson({ kind, settings, mac, address: "ievcc-a1b2.local" })],
    );
    one.waits(60_000);
    assert.equal(one.told().length, 1);
  });
  it("meet again after each reconnect", () => {
    const one = desk();
    one.waits(3_000);
    one.closes();
    one.comesBack();
    one.waits(2_000);
    assert.equal(one.told().length, 2);
  });
  it("meet again within 10 s of Home Assistant's start, once however often it says so, and not for an old word of it", () => {
    const one = desk();
    one.waits(3_000);
    one.hears(STATUS, "online", true);
    one.hears(STATUS, "offline");
    one.waits(10_000);
    assert.equal(one.told().length, 1);
    for (let turn = 0; turn < 5; turn++) one.hears(STATUS, "online");
    one.waits(900);
    assert.equal(one.told().length, 1);
    one.waits(9_100);
    assert.equal(one.told().length, 2);
  });
  it("hear of a setting that an entity is made of, and of no other", () => {
    const one = desk();
    one.waits(3_000);
    one.sets({ manualA: 12 });
    one.waits(3_000);
    assert.equal(one.told().length, 1);
    one.sets({ maxA: 16 });
    one.waits(3_000);
    assert.equal(JSON.parse(one.told()[1] ?? "").cmps.amps.max, 16);
  });
  it("part by an empty retained message when it is switched off, before the session ends", () => {
    const one = desk();
    one.waits(3_000);
    one.sets({ homeAssistant: false });
    assert.deepEqual(one.at(TOPIC).at(-1), { topic: TOPIC, text: "", retain: true, qos: 1 });
    one.comesBack();
    one.acknowledges();
    one.waits(5_000);
    assert.equal(one.told().at(-1), "");
    assert.deepEqual(one.state().device.announcement, { due: null, owed: [] });
  });
  it("part once the broker is back when it was away, and again until it has the message", () => {
    const one = desk();
    one.waits(3_000);
    one.closes();
    one.sets({ homeAssistant: false });
    assert.equal(one.told().length, 1);
    one.comesBack();
    assert.deepEqual(one.told().slice(1), [""]);
    one.closes();
    one.comesBack();
    one.waits(2_000); // what was just sent when the broker went is sent one by one
    assert.deepEqual(one.told().slice(1), ["", ""]);
    one.acknowledges();
    assert.deepEqual(one.state().device.announcement.owed, []);
  });
  it("do not part when it is switched off and on again", () => {
    const one = desk();
    one.waits(3_000);
    one.closes();
    one.sets({ homeAssistant: false });
    one.sets({ homeAssistant: true });
    one.comesBack();
    one.waits(3_000);
    assert.equal(one.told().at(-1)?.slice(0, 7), '{"dev":');
    assert.ok(one.told().every((text) => text !== ""));
  });
  it("leave nothing behind under another discovery prefix, or at another broker", () => {
    const one = desk();
    one.waits(3_000);
    one.sets({ homeAssistantPrefix: "ha" });
    assert.equal(one.told().at(-1), "");
    one.comesBack();
    one.waits(3_000);
    assert.equal(one.at("ha/device/ievcc-02005e00a1b2/config").length, 1);
    one.sets({ mqttHost: "another" });
    assert.equal(one.at("ha/device/ievcc-02005e00a1b2/config").at(-1)?.text, "");
    assert.equal(one.at("ievcc/home/c1/availability").at(-1)?.text, "offline");
    one.comesBack();
    one.acknowledges();
    assert.deepEqual(one.state().device.announcement.owed, []);
  });
  it("know the device again by another id, whose old state and availability are gone", () => {
    const one = desk();
    one.waits(3_000);
    one.sets({ id: "garage" });
    for (const name of ["state", "availability"]) {
      const last = one.at(`ievcc/home/c1/${name}`).at(-1);
      assert.deepEqual([last?.text, last?.retain], ["", true]);
    }
    one.comesBack();
    one.waits(3_000);
    assert.ok(one.told().every((text) => text !== ""));
    const { dev, stat_t } = JSON.parse(one.told().at(-1) ?? "");
    assert.deepEqual([dev.name, stat_t], ["garage", "ievcc/home/garage/state"]);
  });
  it("part when MQTT is switched off", () => {
    const one = desk();
    one.waits(3_000);
    one.sets({ mqttHost: "" });
    assert.equal(one.told().at(-1), "");
    assert.equal(one.state().device.session, null);
  });
});
