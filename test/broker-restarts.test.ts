import assert from "node:assert/strict";
import { generate, type Packet, parser } from "mqtt-packet";
import type { ControllerEffect } from "../src/controller.js";
import { ALONE, brokerDesk } from "./broker-desk.js";

const BASE = "ievcc/home/c1";
/** Of the broker: up for so long, then down; and so long until an answer of it has come. */
const UP_MS = 28_000;
const DOWN_MS = 2_000;
const ANSWER_MS = 50;
const STEP_MS = 50;

/** A charger and a broker that is killed each 30 s, with commands on the way all the time. */
function restarts() {
  const answered = new Set<number>();
  const due: { readonly at: number; readonly act: () => void }[] = [];
  let connections = 0;
  let connection = 0;
  let isUp = true;
  const desk = brokerDesk({ ...ALONE, homeAssistant: true }, hear);

  function later(act: () => void): void {
    const of = connection;
    due.push({ at: desk.now() + ANSWER_MS, act: () => of === connection && act() });
  }
  const says = (packet: Packet): void => desk.stream(Uint8Array.from(generate(packet)));

  function hear(effect: ControllerEffect): void {
    if (effect.kind === "connect") {
      connections++;
      connection++;
      // Not before the desk is there.
      if (connections > 1)
        later(() => (isUp ? desk.give({ kind: "stream", id: effect.id, event: { what: "open" } }) : desk.closes()));
    }
    if (effect.kind !== "send" || connections < 2) return;
    const feed = parser({ protocolVersion: 4 });
    feed.on("packet", (packet) => later(() => answer(packet)));
    feed.parse(Buffer.from(effect.bytes));
  }

  function answer(packet: Packet): void {
    if (packet.cmd === "connect") says({ cmd: "connack", returnCode: 0, sessionPresent: false });
    if (packet.cmd === "pingreq") says({ cmd: "pingresp" });
    if (packet.cmd === "subscribe")
      says({ cmd: "suback", messageId: packet.messageId ?? 0, granted: packet.subscriptions.map(() => 1) });
    if (packet.cmd !== "publish" || packet.qos !== 1) return;
    if (packet.topic === `${BASE}/result`) answered.add(JSON.parse(String(packet.payload)).id);
    says({ cmd: "puback", messageId: packet.messageId ?? 0 });
  }

  return {
    desk,
    answered,
    connections: () => connections,
    passes(): void {
      desk.ticks(STEP_MS);
      for (const { act } of due.splice(0).filter((one) => one.at <= desk.now() || !due.push(one))) act();
      const up = desk.now() % (UP_MS + DOWN_MS) < UP_MS;
      if (isUp && !up) {
        connection++;
        desk.closes();
      }
      isUp = up;
    },
  };
}

describe("a charger whose broker is restarted every 30 s for an hour", function () {
  this.timeout(60_000);

  it("answers each command that reached it, is online most of the time, mutes nothing and does not grow", () => {
    const { desk, answered, connections, passes } = restarts();
    const asked: number[] = [];
    const sizes: number[] = [];
    let online = 0;
    desk.closes();
    for (let step = 1; step <= 3_600_000 / STEP_MS; step++) {
      passes();
      const { device } = desk.state();
      if (device.online) online++;
      // Each 1.7 s, so that each moment of a connection has its turn, the last one too.
      if (device.online && step % 34 === 0) {
        asked.push(step);
        desk.hears(`${BASE}/command/current`, JSON.stringify({ id: step, value: 6 + (step % 10) }));
      }
      if (step % 12_000 === 0) sizes.push(JSON.stringify(device.session).length);
      assert.ok((device.session?.queue.length ?? 0) <= 16);
    }
    for (let step = 0; step < 400; step++) passes();
    const lost = asked.filter((id) => !answered.has(id));
    assert.deepEqual([asked.length > 1_500, lost], [true, []]);
    assert.ok(online > 0.8 * (3_600_000 / STEP_MS), `${online}`);
    assert.ok(connections() < 500, `${connections()} connections`);
    assert.ok(!desk.logged(/muted/));
    assert.ok(Math.max(...sizes) < 12_000, String(sizes));
    assert.deepEqual(desk.state().device.session?.queue, []);
  });
});
