import assert from "node:assert/strict";
import fc from "fast-check";
import { startDevice, stepDevice } from "../src/device.js";
import type { DeviceEffect, DeviceEvent } from "../src/device-state.js";
import {
  type Finding,
  foundIn,
  isSearching,
  lasting,
  presenceOf,
  SERVICES,
  type ServiceAnswer,
  search,
  withAnswer,
} from "../src/found.js";
import { DEFAULTS } from "../src/settings.js";
import { millis } from "../src/units.js";
import { blankFlash, bootOf, settingsOf } from "./site.js";

const BROKER: ServiceAnswer = {
  service: "_mqtt._tcp",
  name: "Casa's broker",
  host: "broker.local",
  address: "192.168.1.2",
  port: 1_883,
  text: [],
};
const METER: ServiceAnswer = {
  service: "_ievcc._tcp",
  name: "IEVCC-0001",
  host: "ievcc-0001.local",
  address: "192.168.1.21",
  port: 80,
  text: ["kind=meter", "id=meter-1", "site=home", "version=0.1.0"],
};
const UNTIL = millis(300_000);
const LOOKED: Finding = { searchedAt: millis(0), list: [] };
const kept = (answers: readonly ServiceAnswer[], own = "charger-1", from: Finding | null = LOOKED) =>
  answers.reduce((last: Finding | null, one) => withAnswer(last, one, own, millis(10)), from);

describe("what announces itself", () => {
  it("is told of a device without a secret: its kind, its name, its site and its version", () => {
    const settings = { ...DEFAULTS, id: "charger-1", siteId: "casa", siteKey: "5a17e0c4d3b2916f5a17e0c4d3b2916f" };
    const presence = presenceOf("charger", settings, "IEVCC-A1B2");
    assert.deepEqual(presence, {
      host: "ievcc-a1b2",
      name: "IEVCC-A1B2",
      text: ["kind=charger", "id=charger-1", "site=casa", "version=0.1.0"],
    });
    assert.ok(!JSON.stringify(presence).includes("5a17"));
  });
  it("is a broker with its address and whether it is encrypted, or a meter with its site", () => {
    const { name, address, port } = BROKER;
    assert.deepEqual(foundIn(BROKER, UNTIL), { kind: "broker", name, address, port, tls: false, until: UNTIL });
    assert.deepEqual(foundIn({ ...BROKER, service: "_secure-mqtt._tcp", port: 8_883 }, UNTIL), {
      ...{ kind: "broker", name, address, until: UNTIL },
      ...{ port: 8_883, tls: true },
    });
    assert.deepEqual(foundIn(METER, UNTIL), {
      ...{ kind: "meter", name: "meter-1", address: "192.168.1.21", siteId: "home", until: UNTIL },
    });
  });
  it("is nothing with an address outside of a house's network, a port that is none, or a name that no device has", () => {
    const hosts = ["127.0.0.1", "8.8.8.8", "172.32.0.1", "192.168.1", "192.168.1.256", "010.0.0.1", "224.0.0.251"];
    for (const address of [...hosts, "0.0.0.0", "", "fe80::1", "broker", "10.0.0.1 ", "1e1.0.0.1"]) {
      assert.equal(foundIn({ ...BROKER, address }, UNTIL), null, address);
      assert.equal(foundIn({ ...METER, address }, UNTIL), null, address);
    }
    for (const address of ["10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.0.1", "169.254.7.7"]) {
      assert.notEqual(foundIn({ ...BROKER, address }, UNTIL), null, address);
    }
    for (const port of [0, -1, 65_536, 1.5, Number.NaN]) assert.equal(foundIn({ ...BROKER, port }, UNTIL), null);
    const texts = [["kind=charger", "id=a", "site=b"], ["kind=meter", "id=<b>", "site=b"], ["kind=meter", "id=a"], []];
    for (const text of texts) assert.equal(foundIn({ ...METER, text }, UNTIL), null, text.join());
  });
  it("has a name of one short line, without signs that turn its letters around", () => {
    const found = foundIn({ ...BROKER, name: `a\u202e\n<b>\u0000é${"x".repeat(90)}` }, UNTIL);
    assert.equal(found?.name, `a<b>é${"x".repeat(24)}`);
  });
  it("is taken while somebody looks, and neither unasked, later, nor of the device itself", () => {
    assert.equal(kept([BROKER], "charger-1", null), null);
    assert.equal(withAnswer(LOOKED, BROKER, "", millis(10_000)), LOOKED);
    assert.equal(kept([METER], "meter-1")?.list.length, 0);
    assert.deepEqual(
      kept([BROKER, METER, BROKER])?.list.map(({ kind }) => kind),
      ["meter", "broker"],
    );
  });
  it("is kept as what it was first: a plain broker takes no place of an encrypted one at the same port", () => {
    const both = kept([{ ...BROKER, service: "_secure-mqtt._tcp" }, BROKER]);
    assert.equal(both?.list.length, 2);
  });
  it("is searched once in 10 s, however many look, and forgotten after 5 minutes", () => {
    const effects: DeviceEffect[] = [];
    let finding: Finding | null = search(null, effects, millis(0));
    for (let at = 0; at < 30_000; at += 100) finding = search(finding, effects, millis(at));
    assert.deepEqual(
      effects,
      Array.from({ length: 3 }, () => ({ kind: "search" })),
    );
    const found = kept([BROKER]);
    assert.equal(lasting(found, millis(299_999)), found);
    assert.equal(lasting(found, millis(300_000)), null);
    const again = search(found, effects, millis(200_000));
    assert.equal(lasting(again, millis(300_009))?.list.length, 1);
    assert.equal(lasting(again, millis(300_010))?.list.length, 0);
    assert.equal(isSearching(again, millis(210_000)), false);
  });
  it("is at most four brokers and four meters of short words, whatever the network answers", () => {
    const answer: fc.Arbitrary<ServiceAnswer> = fc.record({
      service: fc.constantFrom(...SERVICES),
      name: fc.oneof(fc.string({ unit: "binary", maxLength: 80 }), fc.constant("broker")),
      host: fc.string(),
      address: fc.oneof(
        fc.ipV4(),
        fc.nat(255).map((last) => `10.0.0.${last}`),
        fc.string(),
      ),
      port: fc.oneof(fc.nat(70_000), fc.double()),
      text: fc.array(
        fc.oneof(
          fc.constantFrom("kind=meter", "site=home", "id=", "id=m"),
          fc.string(),
          fc.nat(9).map((id) => `id=m${id}`),
        ),
      ),
    });
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 40 }), (answers) => {
        const list = kept(answers)?.list ?? [];
        assert.ok(list.filter((one) => one.kind === "broker").length <= 4);
        assert.ok(list.filter((one) => one.kind === "meter").length <= 4);
        assert.ok(list.every(({ name, address }) => name.length <= 32 && address.length <= 15));
        assert.ok(JSON.stringify(list).length < 2_000);
      }),
      { numRuns: 2_000 },
    );
  });
  it("is said by a device once it has a link, again with another name or site, and taken back without the link", () => {
    const booted = { ...bootOf(settingsOf({ setUp: true }), 1, blankFlash()), kind: "charger", radio: false } as const;
    let { device } = startDevice(booted, millis(0));
    const told: (readonly string[])[] = [];
    const give = (event: DeviceEvent): void => {
      const step = stepDevice(device, event, true, millis(1_000));
      device = step.device;
      for (const one of step.effects) if (one.kind === "announce") told.push(one.as?.text ?? ["nothing"]);
    };
    give({ kind: "set", patch: { siteId: "casa" } });
    assert.equal(told.length, 0);
    give({ kind: "link", up: true });
    give({ kind: "link", up: true });
    give({ kind: "set", patch: { contractedA: 20 } });
    give({ kind: "set", patch: { id: "garage" } });
    give({ kind: "found", answer: BROKER });
    give({ kind: "link", up: false });
    assert.deepEqual(
      told.map((text) => text.filter((one) => !/^(?:kind|version)=/.test(one))),
      [["id=ievcc", "site=casa"], ["id=garage", "site=casa"], ["nothing"]],
    );
    assert.equal(device.finding, null);
  });
});
