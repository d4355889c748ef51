import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate, type IPublishPacket, parser } from "mqtt-packet";
import { useFakeTimers } from "sinon";
import { startBroker } from "../tools/live-broker.js";
import { HOST } from "../tools/live-server.js";
import { startClock } from "../tools/live-site.js";
import { mosquitto } from "../tools/machine.js";
import {
  ask,
  freePorts,
  happen,
  offered,
  readPast,
  sampleWhere,
  startTestSite,
  type TestSite,
  timelineOf,
} from "./live-start.js";

const SPEED = 30;

describe("a live site", function () {
  this.timeout(60_000);
  let site: TestSite;
  before(async () => {
    site = await startTestSite({ speed: SPEED });
  });
  after(() => site.close());

  it("serves the dashboard's page, style and script, and nothing else of the disk", async () => {
    const page = await ask(site.dashboard);
    assert.equal(page.status, 200);
    assert.match(page.body, /<title>IEVCC site<\/title>/);
    assert.match((await ask(`${site.dashboard}/dashboard.css`)).body, /prefers-color-scheme: dark/);
    assert.match((await ask(`${site.dashboard}/dashboard.js`)).body, /EventSource/);
    assert.equal((await ask(`${site.dashboard}/../live-dashboard.ts`)).status, 404);
  });

  it("tells what the site is: its limit, its chargers, the addresses of their pages", async () => {
    const told = JSON.parse((await ask(`${site.dashboard}/site.json`)).body);
    assert.equal(told.contractedA, 25);
    assert.deepEqual(told.chargers, ["charger-1"]);
    assert.deepEqual(told.pages, { "charger-1": site.charger, meter: site.meter });
  });

  it("offers the car what the house leaves, by way of a real broker", async () => {
    const timeline = timelineOf(site);
    const sample = await sampleWhere(timeline, (one) => offered(one) > 0);
    assert.equal(sample.chargers["charger-1"]?.because, "site");
    await timeline.return(undefined);
  });

  it("does the event of a button", async () => {
    const timeline = timelineOf(site);
    assert.deepEqual(await happen(site, { house: 7.5 }), { status: 204, body: "" });
    await sampleWhere(timeline, ({ houseA }) => houseA[0] === 7.5);
    await timeline.return(undefined);
  });

  it("refuses an event that cannot be, with the reason", async () => {
    const unknown = await happen(site, { plug: "nobody" });
    assert.equal(unknown.status, 400);
    assert.match(unknown.body, /^event\.plug: "nobody" is not a charger of this scenario$/);
    const broken = await ask(`${site.dashboard}/event`, { method: "POST", body: "{" });
    assert.deepEqual(broken, { status: 400, body: "the event is not JSON" });
  });

  it("refuses whoever comes from another site: a foreign Origin, a foreign Host", async () => {
    const event = JSON.stringify({ house: 30 });
    for (const headers of [{ origin: "http://evil.example" }, { origin: "null" }, { host: "evil.example" }]) {
      assert.equal((await ask(`${site.dashboard}/event`, { method: "POST", headers, body: event })).status, 403);
      assert.equal((await ask(`${site.dashboard}/events`, { headers })).status, 403);
    }
    const own = await ask(`${site.dashboard}/event`, {
      method: "POST",
      headers: { origin: site.dashboard },
      body: "{",
    });
    assert.equal(own.status, 400);
  });

  it("serves the pages of charger and meter over HTTP", async () => {
    const charger = JSON.parse((await ask(`${site.charger}/status.json`)).body);
    assert.equal(charger.device, "charger");
    assert.match((await ask(site.charger)).body, /Status <small>charger-1</);
    assert.match((await ask(site.meter)).body, /The house, without the cars/);
    assert.equal((await ask(`${site.meter}/mode`)).status, 404);
  });

  it("offers nothing while the broker is down, and heals when it is back", async () => {
    const timeline = timelineOf(site);
    await sampleWhere(timeline, (one) => offered(one) > 0);
    await happen(site, { broker: "down" });
    await readPast(timeline, "broker", "down");
    await sampleWhere(timeline, (one) => offered(one) === 0);
    await happen(site, { broker: "up" });
    await sampleWhere(timeline, (one) => offered(one) > 0);
    await timeline.return(undefined);
  });
});

describe("the clock of a live site", () => {
  const time = () =>
    useFakeTimers({ toFake: ["performance", "setTimeout", "setImmediate", "clearTimeout", "clearImmediate"] });

  it("runs the site at its speed, at most 100 ms of the site's time between two turns of the event loop", () => {
    const clock = time();
    const runs: number[] = [];
    const stop = startClock(30, (until) => runs.push(until));
    clock.tick(1_000);
    clock.runMicrotasks();
    stop();
    assert.ok((runs.at(-1) ?? 0) > 29_000 && (runs.at(-1) ?? 0) <= 30_000);
    assert.ok(runs.every((until, at) => until - (runs[at - 1] ?? 0) <= 101));
    clock.restore();
  });

  it("makes up for a second of this machine's time at most, in slices, and stops when told", () => {
    const clock = time();
    const runs: number[] = [];
    const stop = startClock(20, (until) => runs.push(until));
    clock.jump(60_000);
    for (let turn = 0; turn < 1_000; turn++) clock.next();
    assert.ok(runs.every((until, at) => until - (runs[at - 1] ?? 0) <= 101));
    const behind = runs.findIndex((until) => until >= 20_000);
    assert.ok(behind >= 200 && (runs.at(-1) ?? 0) < 700_000);
    stop();
    assert.equal(clock.countTimers(), 0);
    clock.restore();
  });
});

describe("a live site's own broker", () => {
  it("is turned off and on in the order in which that was asked, however quickly", async () => {
    const port = await freePorts(1);
    const broker = await startBroker(port);
    await Promise.all([false, true, true, false, false, true].map((on) => broker.up(on)));
    const socket = connect(port, HOST);
    await once(socket, "connect");
    socket.destroy();
    await Promise.all([broker.up(true), broker.close()]);
  });
});

describe("a live site with an outside broker", () => {
  it("tells the dashboard that there is none to turn, and refuses to", async () => {
    const port = await freePorts(4);
    const site = await startTestSite({ speed: 1, port, brokerPort: port + 3 });
    assert.equal(JSON.parse((await ask(`${site.dashboard}/site.json`)).body).hasOwnBroker, false);
    const refused = await happen(site, { broker: "down" });
    assert.deepEqual(refused, { status: 400, body: "event.broker: an outside broker is not ours to turn" });
    await site.close();
  });
});

describe("the end of a live site", function () {
  this.timeout(60_000);

  it("waits for no browser: it drops a socket that is open to a page or to the dashboard", async () => {
    const site = await startTestSite({ speed: SPEED });
    const sockets = [site.charger, site.meter, site.dashboard].map((url) => connect(Number(new URL(url).port), HOST));
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    const ends = sockets.map((socket) =>
      once(
        socket.on("error", () => undefined),
        "close",
      ),
    );
    await site.close();
    await Promise.all(ends);
  });

  it("frees its ports for the next one", async () => {
    const port = await freePorts(4);
    for (const _ of [1, 2]) {
      const site = await startTestSite({ speed: SPEED, port });
      assert.equal((await ask(site.dashboard)).status, 200);
      await site.close();
    }
  });
});

const RETAINED = ["charger-1/availability", "charger-1/state", "meter/availability", "meter/state"].map(
  (topic) => `ievcc/home/${topic}`,
);

/** Subscribes to the whole site and resolves when each retained topic has come, with what each said. */
async function heardFrom(port: number, isCounted: (packet: IPublishPacket) => boolean): Promise<Map<string, string>> {
  const heard = new Map<string, string>();
  const socket = connect(port, HOST);
  const reader = parser({ protocolVersion: 4 });
  const subscription = { topic: "ievcc/home/#", qos: 0 } as const;
  await new Promise<void>((resolve, reject) => {
    reader.on("packet", (packet) => {
      if (packet.cmd === "connack") {
        socket.write(generate({ cmd: "subscribe", messageId: 1, subscriptions: [subscription] }));
      }
      if (packet.cmd === "publish" && isCounted(packet)) heard.set(packet.topic, packet.payload.toString());
      if (RETAINED.every((topic) => heard.has(topic))) resolve();
    });
    socket.on("error", reject);
    socket.on("data", (bytes) => reader.parse(bytes));
    socket.on("connect", () => {
      socket.write(
        generate({
          cmd: "connect",
          clientId: "onlooker",
          protocolId: "MQTT",
          protocolVersion: 4,
          clean: true,
          keepalive: 0,
        }),
      );
    });
  });
  socket.destroy();
  return heard;
}

/** Resolves when it listens. */
async function startMosquitto(path: string, config: string): Promise<ChildProcess> {
  const broker = spawn(path, ["-v", "-c", config], { stdio: ["ignore", "ignore", "pipe"] });
  await new Promise<void>((resolve, reject) => {
    let said = "";
    broker.once("exit", () => reject(new Error(`mosquitto ended: ${said}`)));
    broker.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (/running/.test(said)) resolve();
    });
  });
  return broker;
}

async function stop(broker: ChildProcess): Promise<void> {
  if (broker.exitCode !== null || broker.signalCode !== null) return;
  const end = once(broker, "exit");
  broker.kill("SIGKILL");
  await end;
}

const mosquittoPath = mosquitto();
if (mosquittoPath !== null) {
  describe("a live site with mosquitto for its broker", function () {
    this.timeout(60_000);
    let folder = "";
    let config = "";
    let brokerPort = 0;
    let broker: ChildProcess;
    let site: TestSite;
    before(async () => {
      folder = mkdtempSync(join(tmpdir(), "ievcc-mosquitto-"));
      config = join(folder, "mosquitto.conf");
      const port = await freePorts(4);
      brokerPort = port + 3;
      writeFileSync(config, `listener ${brokerPort} ${HOST}\nallow_anonymous true\npersistence false\n`);
      broker = await startMosquitto(mosquittoPath, config);
      site = await startTestSite({ speed: SPEED, port, brokerPort });
    });
    after(async () => {
      await site.close();
      await stop(broker);
      rmSync(folder, { recursive: true });
    });

    it("offers the car what the house leaves", async () => {
      const timeline = timelineOf(site);
      await sampleWhere(timeline, (one) => offered(one) > 0);
      await timeline.return(undefined);
    });

    it("keeps state and availability of charger and meter for whoever subscribes later", async () => {
      await heardFrom(brokerPort, () => true);
      const heard = await heardFrom(brokerPort, (packet) => packet.retain);
      assert.equal(heard.get("ievcc/home/charger-1/availability"), "online");
      assert.equal(heard.get("ievcc/home/meter/availability"), "online");
      assert.equal(typeof JSON.parse(heard.get("ievcc/home/charger-1/state") ?? "").offerA, "number");
      assert.equal(typeof JSON.parse(heard.get("ievcc/home/meter/state") ?? ""), "object");
    });

    it("offers nothing while mosquitto is gone, and heals when it is started again", async () => {
      const timeline = timelineOf(site);
      await sampleWhere(timeline, (one) => offered(one) > 0);
      await stop(broker);
      await happen(site, { house: 4 });
      await readPast(timeline, "house", 4);
      await sampleWhere(timeline, (one) => offered(one) === 0);
      broker = await startMosquitto(mosquittoPath, config);
      await sampleWhere(timeline, (one) => offered(one) > 0);
      await timeline.return(undefined);
    });
  });
}
