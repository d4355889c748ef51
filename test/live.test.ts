import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
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
  insider,
  leadersOf,
  offered,
  offersOf,
  readPast,
  reportWhere,
  sampleWhere,
  sharingOf,
  startTestSite,
  type TestSite,
  timelineAfter,
  timelineOf,
} from "./live-start.js";
import { mosquittoFiles, startMosquitto, stopMosquitto } from "./mosquitto-run.js";

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
    const charger = await insider(site.charger);
    const meter = await insider(site.meter);
    assert.equal(JSON.parse((await charger("/status.json")).body).device, "charger");
    assert.match((await charger("/")).body, /<small>charger-1</);
    assert.match((await meter("/")).body, /<small>meter</);
    assert.equal((await meter("/mode")).status, 404);
  });

  it("shows nothing of a device to whoever has not logged in", async () => {
    for (const path of ["/", "/mode", "/status.json", "/backup.json", "/log"]) {
      const { status, body } = await ask(`${site.charger}${path}`);
      assert.ok(status === 401 || status === 303, `${path} ${status}`);
      assert.doesNotMatch(body, /charger-1/);
    }
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

const THREE = ["charger-1", "charger-2", "charger-3"] as const;

type Offers = Readonly<Record<string, number>>;

describe("a live site with three chargers", function () {
  this.timeout(60_000);
  let site: TestSite;
  let houseA = 3;
  before(async () => {
    site = await startTestSite({ speed: SPEED, chargers: 3 });
    await happen(site, { plug: "charger-3", car: { maxA: 16 } });
  });
  after(() => site.close());
  beforeEach(() => {
    houseA += 0.1;
    return offersAfter({ house: houseA }, (offers) => THREE.every((id) => (offers[id] ?? 0) >= 6));
  });

  /** Does an event and waits until the offers are so. */
  async function offersAfter(event: object, areWanted: (offers: Offers) => boolean): Promise<void> {
    const timeline = await timelineAfter(site, event);
    await sampleWhere(timeline, (sample) => areWanted(offersOf(sample)));
    await timeline.return(undefined);
  }

  const nobodyOf =
    (ids: readonly string[]) =>
    (offers: Offers): boolean =>
      ids.every((id) => offers[id] === 0);

  it("gives each of the three its own pages", async () => {
    const { pages } = JSON.parse((await ask(`${site.dashboard}/site.json`)).body);
    assert.deepEqual(Object.keys(pages), [...THREE, "meter"]);
    for (const id of THREE) {
      const inside = await insider(pages[id]);
      assert.match((await inside("/")).body, new RegExp(`<small>${id}<`));
    }
  });

  it("shows in its JSON the newest report: who leads, the budget, and for each ampere one owner", async () => {
    const { report } = await sharingOf(site);
    assert.ok(report !== null);
    assert.equal(report.arbiter, "meter");
    assert.deepEqual(Object.keys(report.chargers), THREE);
    const tenths = Object.values(report.chargers).flatMap(({ ranges }) =>
      ranges.flatMap(([phase, from, to]) =>
        Array.from({ length: Math.round((to - from) * 10) }, (_, at) => `L${phase} ${Math.round(from * 10) + at}`),
      ),
    );
    assert.equal(new Set(tenths).size, tenths.length);
    assert.ok(tenths.length >= 180 && tenths.length <= 270);
    const { budgetA, t } = report;
    assert.ok(Math.abs((budgetA[0] ?? 0) - (27 - houseA)) < 1);
    for (const { until, because, heard } of Object.values(report.chargers)) {
      assert.ok(heard && until > t && until <= t + 10.5);
      assert.equal(because, "share");
    }
  });

  it("tells since when a car waits for its turn, and when that comes", async () => {
    const timeline = await timelineAfter(site, { house: 12 });
    const { chargers, t } = await reportWhere(timeline, (report) =>
      Object.values(report.chargers).some(({ waitsSince, nextTurnS }) => waitsSince !== null && (nextTurnS ?? 0) > 0),
    );
    await timeline.return(undefined);
    for (const { waitsSince } of Object.values(chargers)) assert.ok(waitsSince === null || waitsSince <= t);
  });

  it("ends the offer of a charger whose link is cut, gives its amperes to the others, and heals", async () => {
    const othersGrow = (offers: Offers): boolean => offers["charger-2"] === 0 && (offers["charger-1"] ?? 0) > 9;
    await offersAfter({ link: "charger-2", up: false }, othersGrow);
    assert.deepEqual((await sharingOf(site)).conditions?.cut, ["charger-2"]);
    await happen(site, { link: "charger-2", up: true });
  });

  it("splits the network: who cannot reach the meter gets nothing until it is healed", async () => {
    const groups = [
      ["meter", "broker", "charger-1"],
      ["charger-2", "charger-3"],
    ];
    await offersAfter({ partition: groups }, nobodyOf(["charger-2", "charger-3"]));
    assert.deepEqual((await sharingOf(site)).conditions?.groups, groups);
    await happen(site, { partition: [] });
  });

  it("loses every message where the network does", async () => {
    await offersAfter({ network: { loss: 1 } }, nobodyOf(THREE));
    assert.equal((await sharingOf(site)).conditions?.loss, 1);
    await happen(site, { network: {} });
  });

  it("offers nothing without the meter, which leads, and shares again when it is back", async () => {
    await offersAfter({ power: "meter", on: false }, nobodyOf(THREE));
    assert.deepEqual((await sharingOf(site)).conditions?.off, ["meter"]);
    await happen(site, { power: "meter", on: true });
  });

  it("leaves a charger cut off that was switched off and on again", async () => {
    await happen(site, { link: "charger-3", up: false });
    await happen(site, { power: "charger-3", on: false });
    const timeline = await timelineAfter(site, { power: "charger-3", on: true });
    await sampleWhere(timeline, ({ chargers }) => chargers["charger-3"]?.state === "suspendedEVSE");
    await reportWhere(timeline, ({ chargers }) => chargers["charger-3"]?.heard === false);
    await timeline.return(undefined);
    const { conditions } = await sharingOf(site);
    assert.deepEqual([conditions?.off, conditions?.cut], [[], ["charger-3"]]);
    await happen(site, { link: "charger-3", up: true });
  });
});

describe("a live site without a meter", function () {
  this.timeout(60_000);

  it("has a charger for its arbiter, and another one when that is killed", async () => {
    const site = await startTestSite({ speed: SPEED, scenarioFile: "scenarios/sharing-arbiter-dies-of-three.json" });
    const started = timelineOf(site);
    const [first] = leadersOf(await sampleWhere(started, (sample) => leadersOf(sample).length === 1));
    const before = await reportWhere(started, ({ arbiter }) => arbiter === first);
    await started.return(undefined);
    const timeline = await timelineAfter(site, { power: first, on: false });
    const after = await reportWhere(timeline, ({ arbiter }) => arbiter !== first);
    assert.ok(after.term > before.term);
    const sample = await sampleWhere(timeline, (one) => leadersOf(one).includes(after.arbiter));
    assert.equal(sample.chargers[first ?? ""]?.state, "off");
    await sampleWhere(timeline, (one) => (offersOf(one)[after.arbiter] ?? 0) >= 6);
    await timeline.return(undefined);
    await site.close();
  });
});

describe("a live site whose messages go as datagrams as well", function () {
  this.timeout(60_000);

  it("shares over real sockets while the broker is down, and not with whom the link is cut", async () => {
    const site = await startTestSite({ speed: SPEED, scenarioFile: "scenarios/sharing-broker-down-udp-carries.json" });
    const timeline = await timelineAfter(site, { broker: "down" });
    await happen(site, { plug: "charger-1" });
    const { t } = await sampleWhere(timeline, (one) => (offersOf(one)["charger-1"] ?? 0) >= 6);
    await reportWhere(timeline, (report) => report.t > t + 15);
    await sampleWhere(timeline, (one) => (offersOf(one)["charger-1"] ?? 0) >= 6);
    await timeline.return(undefined);
    const cut = await timelineAfter(site, { link: "charger-1", up: false });
    await sampleWhere(cut, (one) => offersOf(one)["charger-1"] === 0);
    await cut.return(undefined);
    await site.close();
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

/** Publishes a command with QoS 1 and resolves with what the charger answers to it. */
async function askedByMqtt(port: number, name: string, payload: string): Promise<Record<string, unknown>> {
  const base = "ievcc/home/charger-1";
  const socket = connect(port, HOST);
  const reader = parser({ protocolVersion: 4 });
  const answer = new Promise<string>((resolve, reject) => {
    reader.on("packet", (packet) => {
      const subscriptions = [{ topic: `${base}/result`, qos: 1 } as const];
      if (packet.cmd === "connack") socket.write(generate({ cmd: "subscribe", messageId: 1, subscriptions }));
      const command = { topic: `${base}/command/${name}`, payload, qos: 1, retain: false, dup: false } as const;
      if (packet.cmd === "suback") socket.write(generate({ cmd: "publish", messageId: 2, ...command }));
      if (packet.cmd === "publish") resolve(packet.payload.toString());
    });
    socket.on("error", reject);
  });
  socket.on("data", (bytes) => reader.parse(bytes));
  const client = { clientId: "leader", protocolId: "MQTT", protocolVersion: 4, clean: true, keepalive: 0 } as const;
  socket.on("connect", () => socket.write(generate({ cmd: "connect", ...client })));
  const told = await answer;
  socket.destroy();
  return JSON.parse(told);
}

const mosquittoPath = mosquitto();
if (mosquittoPath !== null) {
  describe("a live site with mosquitto for its broker", function () {
    this.timeout(60_000);
    const files = mosquittoFiles();
    let config = "";
    let brokerPort = 0;
    let broker: ChildProcess;
    let site: TestSite;
    before(async () => {
      const port = await freePorts(4);
      brokerPort = port + 3;
      config = files.configured([`listener ${brokerPort} ${HOST}`, "allow_anonymous true", "persistence false"]);
      broker = await startMosquitto(mosquittoPath, config);
      site = await startTestSite({ speed: SPEED, port, brokerPort });
    });
    after(async () => {
      await site.close();
      await stopMosquitto(broker);
      files.remove();
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

    it("takes a command, answers it, and is in its own mode again when the lease of it is over", async () => {
      const timeline = timelineOf(site);
      await sampleWhere(timeline, (one) => offered(one) > 6);
      const refused = await askedByMqtt(brokerPort, "current", '{"id":1,"value":5}');
      assert.deepEqual([refused.id, refused.ok, refused.field], [1, false, "current"]);
      const taken = await askedByMqtt(brokerPort, "enable", '{"id":2,"value":false}');
      assert.deepEqual(taken, { id: 2, command: "enable", ok: true, why: null, field: null });
      const { t } = await sampleWhere(timeline, (one) => one.chargers["charger-1"]?.because === "manual");
      const after = await sampleWhere(timeline, (one) => offered(one) > 6 && one.t > t);
      assert.ok(after.t >= t + 55, `${after.t - t} s`);
      await timeline.return(undefined);
    });

    it("offers nothing while mosquitto is gone, and heals when it is started again", async () => {
      const timeline = timelineOf(site);
      await sampleWhere(timeline, (one) => offered(one) > 0);
      await stopMosquitto(broker);
      await happen(site, { house: 4 });
      await readPast(timeline, "house", 4);
      await sampleWhere(timeline, (one) => offered(one) === 0);
      broker = await startMosquitto(mosquittoPath, config);
      await sampleWhere(timeline, (one) => offered(one) > 0);
      await timeline.return(undefined);
    });
  });
}
