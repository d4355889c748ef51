import assert from "node:assert/strict";
import { carriersOf, sendBySite } from "../src/carriers.js";
import { type Device, type DeviceEffect, startDevice, stepDevice } from "../src/device.js";
import { readPackets } from "../src/mqtt.js";
import type { Outgoing } from "../src/sharing.js";
import { METER } from "../src/sharing-message.js";
import { millis } from "../src/units.js";
import { bootOf, KEY_HEX, rows, settingsOf } from "./site.js";

const NOW = millis(1_000);
const SITE = { id: "c0", siteKey: KEY_HEX, roster: rows(3), mqttHost: "broker" };

function deviceOf(patch: object, online = true): Device {
  let { device } = startDevice({ ...bootOf(settingsOf({ ...SITE, ...patch }), 1), kind: "charger" }, millis(0));
  const give = (event: Parameters<typeof stepDevice>[1]): void => {
    device = stepDevice(device, event, true, NOW).device;
  };
  const id = () => device.session?.id ?? 0;
  if (!online) return device;
  give({ kind: "link", up: true });
  give({ kind: "stream", id: id(), event: { what: "open" } });
  give({ kind: "stream", id: id(), event: { what: "bytes", bytes: Uint8Array.of(0x20, 2, 0, 0) } });
  return device;
}

function sent(patch: object, send: Outgoing, address: string | null = null, online = true) {
  const effects: DeviceEffect[] = [];
  sendBySite(deviceOf(patch, online), [send], address, effects, NOW);
  const datagrams = effects.flatMap((one) => (one.kind === "datagram" ? [one.to] : []));
  const topics = effects.flatMap((one) =>
    one.kind === "send"
      ? readPackets(new Uint8Array(0), one.bytes).packets.flatMap((packet) =>
          packet.cmd === "publish" ? [packet.topic] : [],
        )
      : [],
  );
  return { datagrams, topics };
}

const bytes = Uint8Array.of(1, 2, 3);
const REPORT: Outgoing = { to: "everyone", kind: "report", bytes };
const CALL: Outgoing = { to: "everyone", kind: "call", bytes };
const demandTo = (place: number): Outgoing => ({ to: "arbiter", place, bytes });

describe("carriers", () => {
  it("are the broker where there is one, else the local network, unless the settings say which", () => {
    const of = (patch: object) => {
      const { mqtt, udp } = carriersOf(settingsOf(patch));
      return [mqtt, udp];
    };
    assert.deepEqual(of({ mqttHost: "" }), [false, true]);
    assert.deepEqual(of({ mqttHost: "broker" }), [true, false]);
    assert.deepEqual(of({ carrier: "mqtt" }), [true, false]);
    assert.deepEqual(of({ mqttHost: "broker", carrier: "udp" }), [false, true]);
    assert.deepEqual(of({ carrier: "both" }), [true, true]);
  });
  it("bring reports, and calls and configurations, each to a topic of the site", () => {
    assert.deepEqual(sent({}, REPORT), { datagrams: [], topics: ["ievcc/home/report"] });
    assert.deepEqual(sent({}, CALL), { datagrams: [], topics: ["ievcc/home/site"] });
  });
  it("bring a demand to the meter, or to the charger that leads", () => {
    assert.deepEqual(sent({}, demandTo(METER)).topics, ["ievcc/home/demand/c0"]);
    assert.deepEqual(sent({ meter: "none" }, demandTo(2)).topics, ["ievcc/home/demand/c2/c0"]);
    assert.deepEqual(sent({ meter: "none" }, demandTo(METER)).topics, ["ievcc/home/demand/c0"]);
  });
  it("bring datagrams to everybody, and a demand to the arbiter's address once that is known", () => {
    const udp = { carrier: "udp" };
    assert.deepEqual(sent(udp, REPORT, "10.0.0.9"), { datagrams: [null], topics: [] });
    assert.deepEqual(sent(udp, demandTo(METER), "10.0.0.9").datagrams, ["10.0.0.9"]);
    assert.deepEqual(sent(udp, demandTo(METER)).datagrams, [null]);
  });
  it("bring it twice where the settings want both", () => {
    assert.deepEqual(sent({ carrier: "both" }, REPORT), { datagrams: [null], topics: ["ievcc/home/report"] });
  });
  it("keep nothing for later: what is sent while the broker is away is lost", () => {
    assert.deepEqual(sent({}, REPORT, null, false), { datagrams: [], topics: [] });
  });
});
