import assert from "node:assert/strict";
import { generate, type Packet, parser } from "mqtt-packet";
import { createAgenda } from "../../hal/sim/plant/agenda.js";
import type { StreamEvent } from "../../hal/sim/plant/board.js";
import { createBroker } from "../../hal/sim/plant/broker.js";
import { createChance } from "../../hal/sim/plant/chance.js";
import { createNetwork } from "../../hal/sim/plant/network.js";

function world() {
  const agenda = createAgenda();
  const network = createNetwork(agenda, createChance(1));
  return { agenda, network };
}

const BROKER = { host: "broker", port: 1_883, tls: null };

describe("plant network", () => {
  it("keeps the order of a stream that stalled, and breaks it after 15 s", () => {
    const { agenda, network } = world();
    const heard: string[] = [];
    const ends: string[] = [];
    network.listen("broker", () => (event) => {
      if (event.what === "bytes") heard.push(...Array.from(event.bytes, String));
    });
    const stream = network.connect("charger-1", BROKER, ({ what }) => ends.push(what));
    agenda.run(100);
    network.link("charger-1", false);
    agenda.at(110, () => stream.send(Uint8Array.of(1)));
    agenda.at(250, () => stream.send(Uint8Array.of(2)));
    agenda.at(400, () => network.link("charger-1", true));
    agenda.run(3_000);
    assert.deepEqual(heard, ["1", "2"]);
    network.link("charger-1", false);
    stream.send(Uint8Array.of(3));
    agenda.run(17_900);
    assert.deepEqual(ends, ["open"]);
    agenda.run(18_300);
    assert.deepEqual(
      [ends, heard],
      [
        ["open", "closed"],
        ["1", "2"],
      ],
    );
  });

  it("loses no byte and swaps none, however much is lost on the way", () => {
    const { agenda, network } = world();
    const heard: number[] = [];
    network.listen("broker", () => (event) => {
      if (event.what === "bytes") heard.push(...event.bytes);
    });
    network.weather({ loss: 0.4, duplicate: 0.2, delayS: [0.01, 2] });
    const stream = network.connect("charger-1", BROKER, () => undefined);
    agenda.run(30_000);
    for (let byte = 0; byte < 100; byte++) stream.send(Uint8Array.of(byte));
    agenda.run(200_000);
    assert.deepEqual(
      heard,
      Array.from({ length: 100 }, (_, byte) => byte),
    );
  });

  it("lets only devices of one group reach each other, and fails a connection after 3 s", () => {
    const { agenda, network } = world();
    const ends: [number, string][] = [];
    network.listen("broker", () => () => undefined);
    network.partition([["charger-1", "broker"]]);
    for (const id of ["charger-1", "charger-2"]) {
      network.connect(id, BROKER, ({ what }) => ends.push([agenda.now(), `${id} ${what}`]));
    }
    agenda.run(5_000);
    assert.deepEqual(ends, [
      [20, "charger-1 open"],
      [3_010, "charger-2 closed"],
    ]);
  });
});

describe("plant broker", () => {
  /** A client that is connected; `heard` are the packets that it got. */
  function client(name: string, { network, agenda }: ReturnType<typeof world>, more: { will?: string } = {}) {
    const heard: Packet[] = [];
    const packets = parser({ protocolVersion: 4 });
    packets.on("packet", (packet: Packet) => heard.push(packet));
    const stream = network.connect(name, BROKER, (event: StreamEvent) => {
      if (event.what === "bytes") packets.parse(Buffer.from(event.bytes));
    });
    const say = (packet: Packet): void => {
      stream.send(generate(packet, { protocolVersion: 4 }));
      agenda.run(agenda.now() + 100);
    };
    agenda.run(agenda.now() + 100);
    const will =
      more.will === undefined ? {} : { will: { topic: more.will, payload: Buffer.from("gone"), retain: true } };
    say({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clean: true,
      clientId: name,
      keepalive: 10,
      ...will,
    });
    const subscribe = (topic: string): void =>
      say({ cmd: "subscribe", messageId: 1, subscriptions: [{ topic, qos: 0 }] });
    const publish = (topic: string, payload: string): void =>
      say({ cmd: "publish", topic, payload, qos: 0, dup: false, retain: true });
    const texts = (): string[] =>
      heard.flatMap((one) => (one.cmd === "publish" ? [`${one.topic} ${one.payload}`] : []));
    return { say, subscribe, publish, texts, heard, stream };
  }

  it("retains, and gives a new subscriber what fits its filter", () => {
    const site = world();
    createBroker(site.agenda, site.network, () => undefined);
    client("charger-1", site).publish("site/a/state", "1");
    const late = client("charger-2", site);
    late.subscribe("site/+/state");
    late.subscribe("site/b/#");
    assert.deepEqual(late.texts(), ["site/a/state 1"]);
  });

  it("publishes the will of a client that falls silent for one and a half keep-alives", () => {
    const site = world();
    createBroker(site.agenda, site.network, () => undefined);
    client("charger-1", site, { will: "one/online" });
    const other = client("charger-2", site);
    other.subscribe("#");
    site.agenda.run(site.agenda.now() + 10_000);
    other.say({ cmd: "pingreq" });
    site.agenda.run(site.agenda.now() + 6_000);
    assert.deepEqual(other.texts(), ["one/online gone"]);
  });

  it("counts a publish as delivered when it arrives, not when it is sent", () => {
    const site = world();
    const delivered: [number, string][] = [];
    const broker = createBroker(site.agenda, site.network, (device) => delivered.push([site.agenda.now(), device]));
    client("charger-1", site).subscribe("a");
    site.network.link("charger-1", false);
    const sentAt = site.agenda.now();
    broker.publish("a", "x", false);
    site.agenda.run(sentAt + 5_000);
    assert.deepEqual(delivered, []);
    site.network.link("charger-1", true);
    site.agenda.run(sentAt + 6_000);
    assert.equal(delivered.length, 1);
    assert.ok((delivered[0]?.[0] ?? 0) >= sentAt + 5_000);
  });

  it("refuses, drops or closes as it is told to by topic", () => {
    const site = world();
    const broker = createBroker(site.agenda, site.network, () => undefined);
    broker.refuseSubscriptions("secret");
    broker.deny("quiet", "drop");
    broker.deny("never", "close");
    const one = client("charger-1", site);
    one.subscribe("#");
    one.subscribe("secret/x");
    assert.deepEqual(
      one.heard.flatMap((packet) => (packet.cmd === "suback" ? [packet.granted] : [])),
      [[0], [0x80]],
    );
    one.publish("quiet/x", "1");
    one.publish("loud/x", "1");
    one.publish("never/x", "1");
    one.publish("loud/x", "2");
    assert.deepEqual(one.texts(), ["loud/x 1"]);
  });
});
