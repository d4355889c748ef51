import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { FEED_STREAMS } from "../src/feed.js";
import { type MeterEffect, type MeterEvent, type MeterNode, startMeter, stepMeter } from "../src/meter-node.js";
import { withCrc } from "../src/modbus.js";
import { encode, readPackets } from "../src/mqtt.js";
import { decodeText } from "../src/text.js";
import { millis, unixSeconds } from "../src/units.js";
import { BOTH, PZEMS, UNIX } from "./feed-bench.js";
import { type FeedServer, fakeEmoncms, fakeInflux } from "./feed-servers.js";
import { flashModel } from "./flash-model.js";
import { bootOf, KEY_HEX, row, settingsOf } from "./site.js";
import { visitor } from "./visitor.js";

const METER = { ...BOTH, siteKey: KEY_HEX, roster: [row("charger-1")], pzems: PZEMS };

/** A meter with its modules, its flash and its effects for a network that the test is. */
function meterOn(patch: object, network: (effect: MeterEffect, give: (event: MeterEvent) => void) => void) {
  const flash = flashModel();
  const started = startMeter(bootOf(settingsOf({ ...METER, ...patch }), 3), millis(0));
  let state: MeterNode = started.state;
  let now = 0;
  let due: { readonly at: number; readonly event: MeterEvent }[] = [];
  const later = (event: MeterEvent, ms = 60): void => void due.push({ at: now + ms, event });
  const give = (event: MeterEvent): void => {
    const step = stepMeter(state, event, millis(now));
    state = step.state;
    for (const effect of step.effects) act(effect);
  };
  function act(effect: MeterEffect): void {
    if (effect.kind === "write" || effect.kind === "erase") return flash.apply(effect);
    if (effect.kind === "read")
      return later({ kind: "sector", sector: effect.sector, bytes: flash.read(effect.sector) });
    if (effect.kind === "serial") {
      const registers = [
        2_300 + (Math.floor(now / 1_000) % 9),
        5_000,
        0,
        0,
        0,
        Math.floor(now / 1_000),
        0,
        500,
        100,
        0,
      ];
      const reply = [effect.bytes[0] ?? 0, 4, 20, ...registers.flatMap((one) => [(one >> 8) & 255, one & 255])];
      return later({ kind: "serial", bytes: withCrc(reply) });
    }
    network(effect, give);
  }
  for (const effect of started.effects) act(effect);
  give({ kind: "link", up: true });
  give({ kind: "clock", unix: unixSeconds(UNIX) });
  return {
    give,
    tick(): void {
      now += 100;
      const ready = due.filter((one) => one.at <= now);
      due = due.filter((one) => one.at > now);
      for (const { event } of ready) give(event);
      give({ kind: "tick" });
    },
    run(ms: number): void {
      for (const end = now + ms; now < end; ) this.tick();
    },
    now: () => now,
    state: () => state,
  };
}

/** The fakes behind a real web server, which speaks chunked where they do not say how long their answer is. */
async function webServer(fake: FeedServer): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
      const head = `${request.method} ${request.url} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
      const reply = fake.answer(Buffer.concat([Buffer.from(head), ...parts]));
      const text = Buffer.from(reply?.bytes ?? []).toString();
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      if (status === undefined || fake.mood === "storedCut") return void request.socket.destroy();
      response.writeHead(Number(status));
      if (status !== "204") response.write(text.slice(text.indexOf("\r\n\r\n") + 4) || " ");
      response.end();
    });
  });
  await new Promise<void>((done) => void server.listen(0, "127.0.0.1", done));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return { server, port: address.port };
}

describe("meter that feeds", () => {
  it("emoncms and InfluxDB over real sockets: all of it, through answers that are cut, and its page says how it goes", async () => {
    const [emoncms, influx] = [fakeEmoncms(), fakeInflux("2")];
    const [web, database] = [await webServer(emoncms), await webServer(influx)];
    const sockets = new Map<number, Socket>();
    const sent: Uint8Array[] = [];
    let open = 0;
    const meter = meterOn(
      {
        feedPeriodS: 5,
        emoncmsUrl: `http://127.0.0.1:${web.port}/emoncms`,
        influxUrl: `http://127.0.0.1:${database.port}`,
        portalPassword: "sol-e-chuva",
        setUp: true,
      },
      (effect, give) => {
        if (effect.kind === "pageSend") sent.push(effect.bytes);
        if (effect.kind === "send") sockets.get(effect.id)?.write(effect.bytes);
        if (effect.kind === "close") sockets.get(effect.id)?.destroy();
        if (effect.kind !== "connect") return;
        const { id, host, port } = effect;
        assert.ok(id >= FEED_STREAMS);
        const socket = connect(port, host);
        open++;
        sockets.set(id, socket);
        socket.on("connect", () => give({ kind: "stream", id, event: { what: "open" } }));
        socket.on("data", (bytes) =>
          give({ kind: "stream", id, event: { what: "bytes", bytes: new Uint8Array(bytes) } }),
        );
        socket.on("error", () => undefined);
        socket.on("close", () => {
          open--;
          sockets.delete(id);
          give({ kind: "stream", id, event: { what: "closed" } });
        });
      },
    );
    const live = async (ms: number): Promise<void> => {
      for (const end = meter.now() + ms; meter.now() < end; ) {
        meter.tick();
        if (open > 0) await new Promise((done) => setTimeout(done, 1));
      }
    };
    try {
      await live(60_000);
      emoncms.mood = "storedCut";
      influx.mood = "storedCut";
      await live(120_000);
      emoncms.mood = "silent200";
      influx.mood = "fine";
      await live(120_000);
      const { logIn, get } = visitor({
        give: (connection, event) => meter.give({ kind: "page", connection, event }),
        sent: () => sent.at(-1),
      });
      logIn("sol-e-chuva");
      const page = get("/feeds");
      assert.match(page, /the server answered 200 without a word/);
      assert.match(page, /Last delivered<\/dt><dd>\d+ s ago/);
      assert.ok(!page.includes(METER.emoncmsKey) && !page.includes("pa ss=w,ord"));
      emoncms.mood = "fine";
      await live(1_000_000);
      for (const server of [emoncms, influx]) {
        assert.deepEqual(server.store.changed, []);
        for (const times of server.store.order.values()) {
          // What waited for more than 64 samples was thinned to one a minute.
          assert.ok(times.length >= (server === influx ? 250 : 100), `${times.length}`);
          const most = server === influx ? 6 : 66;
          assert.ok(times.every((time, at) => at === 0 || time - (times[at - 1] ?? 0) <= most));
        }
      }
    } finally {
      for (const socket of sockets.values()) socket.destroy();
      web.server.close();
      database.server.close();
    }
  });
  it("the MQTT input of emoncms: each sample with its time, again until the broker has it, one at a time", () => {
    const heard: { readonly time: number; readonly names: readonly string[] }[] = [];
    let acknowledges = true;
    let waiting = 0;
    let session = 0;
    let knocks = false;
    const meter = meterOn({ emoncms: "mqtt", influx: "off", mqttHost: "broker", feedPeriodS: 10 }, (effect, give) => {
      const say = (bytes: Uint8Array): void => give({ kind: "stream", id: session, event: { what: "bytes", bytes } });
      if (effect.kind === "connect") {
        session = effect.id;
        waiting = 0;
        knocks = true;
      }
      if (effect.kind !== "send" || effect.id !== session) return;
      for (const packet of readPackets(new Uint8Array(0), effect.bytes).packets) {
        if (packet.cmd !== "publish" || packet.topic !== "emon/main") continue;
        const text = decodeText(packet.payload, 4_096);
        assert.ok(text.ok && packet.messageId !== null);
        const { time, ...values } = JSON.parse(text.text);
        heard.push({ time, names: Object.keys(values) });
        waiting++;
        if (!acknowledges) continue;
        assert.equal(waiting, 1);
        waiting = 0;
        say(encode({ cmd: "puback", messageId: packet.messageId }));
      }
      if (effect.bytes[0] === 0xc0) say(Uint8Array.of(0xd0, 0));
    });
    const answer = (): void => {
      knocks = false;
      meter.give({ kind: "stream", id: session, event: { what: "open" } });
      meter.give({ kind: "stream", id: session, event: { what: "bytes", bytes: Uint8Array.of(0x20, 2, 0, 0) } });
    };
    const run = (ms: number, up = true): void => {
      for (const end = meter.now() + ms; meter.now() < end; ) {
        if (knocks && up) answer();
        meter.tick();
      }
    };
    run(60_000);
    assert.ok(heard.length >= 5);
    assert.deepEqual(heard[0]?.names.slice(0, 3), ["house_L1_V", "house_L1_A", "house_L1_W"]);
    acknowledges = false;
    run(15_000);
    const last = heard.at(-1)?.time;
    meter.give({ kind: "stream", id: session, event: { what: "closed" } });
    run(300_000, false);
    acknowledges = true;
    run(90_000);
    assert.equal(heard.filter(({ time }) => time === last).length, 2, "again, as it was");
    const times = [...new Set(heard.map(({ time }) => time))];
    assert.ok(times.length >= 42, `${times.length}`);
    assert.ok(
      times.every((time, at) => at === 0 || Math.abs(time - (times[at - 1] ?? 0) - 10) <= 2),
      `${times}`,
    );
  });
  it("nobody: no stream of its own and nothing in flash where both are off", () => {
    const meter = meterOn({ emoncms: "off", influx: "off" }, (effect) => assert.notEqual(effect.kind, "connect"));
    meter.run(120_000);
    assert.equal(meter.state().feed, null);
  });
});
