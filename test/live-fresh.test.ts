import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { request } from "node:http";
import { askAll, happen, sampleWhere, startTestSite, type TestSite, timelineAfter } from "./live-start.js";

const SPEED = 10;
const HOME_SETTINGS = {
  contractedA: 25,
  bufferA: 3,
  siteKey: "5a17e0c4d3b2916f5a17e0c4d3b2916f",
  roster: [{ id: "charger-1", wiring: [1], failsafeA: 0 }],
  mqttHost: "broker",
  wifiSsid: "Casa",
  wifiPassword: "sun-and-rain",
};

describe("a live charger out of the box", function () {
  this.timeout(60_000);
  let site: TestSite;
  before(async () => {
    site = await startTestSite({ speed: SPEED, fresh: true });
    const timeline = await timelineAfter(site, { house: 3.2 });
    await sampleWhere(timeline, ({ chargers }) => chargers["charger-1"]?.state !== "off");
    await timeline.return(undefined);
  });
  after(() => site.close());

  const portOf = () => Number(new URL(site.charger).port);
  const namesAt = (timeout = 2_000, tries = 5) => {
    const resolver = new Resolver({ timeout, tries });
    resolver.setServers([`127.0.0.1:${portOf()}`]);
    return resolver;
  };
  const probe = (host: string, path: string) => askAll(`${site.charger}${path}`, { headers: { Host: host } });

  it("answers every name with its own address, to a real resolver", async () => {
    for (const name of ["captive.apple.com", "connectivitycheck.gstatic.com", "a.b.c.d.e.example"]) {
      assert.deepEqual(await namesAt().resolve4(name), ["192.168.4.1"]);
    }
  });
  it("goes on answering after datagrams that are no queries", async () => {
    const socket = createSocket("udp4");
    for (let size = 0; size < 600; size += 7) socket.send(Buffer.alloc(size, size), portOf(), "127.0.0.1");
    await new Promise<void>((resolve) => socket.send(Buffer.alloc(12), portOf(), "127.0.0.1", () => resolve()));
    socket.close();
    assert.deepEqual(await namesAt().resolve4("captive.apple.com"), ["192.168.4.1"]);
  });
  it("leads a phone's question to its pages, and those to set-up, with a visit", async () => {
    const { status, headers } = await probe("captive.apple.com", "/hotspot-detect.html");
    assert.deepEqual([status, headers.location], [302, "http://192.168.4.1/"]);
    const front = await probe("192.168.4.1", "/");
    assert.equal(front.headers.location, "/setup/1");
    const page = await probe("192.168.4.1", "/setup/1");
    assert.equal(page.status, 200);
    assert.match(
      page.headers["set-cookie"]?.[0] ?? "",
      /^ievcc-[0-9a-f]{4}=[0-9a-f]{32}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
  });
  it("answers others while somebody drips requests into all the connections there are", async () => {
    const dripping = Array.from({ length: 8 }, () => {
      const slow = request(`${site.charger}/`, { agent: false, method: "POST", headers: { "Content-Length": 5_000 } });
      slow.on("error", () => undefined);
      slow.write("x");
      return slow;
    });
    let status = 0;
    for (let time = 0; time < 100 && status !== 200; time++) {
      status = await probe("192.168.4.1", "/setup/1").then(
        (reply) => reply.status,
        () => 0,
      );
    }
    assert.equal(status, 200);
    for (const one of dripping) one.destroy();
  });
  it("charges in auto mode once it knows its house, and lets the phone's sheet close", async () => {
    await happen(site, { plug: "charger-1", car: { maxA: 32 } });
    await happen(site, { set: "charger-1", settings: HOME_SETTINGS });
    const timeline = await timelineAfter(site, { set: "charger-1", settings: { setUp: true } });
    await sampleWhere(timeline, ({ chargers }) => (chargers["charger-1"]?.drawnA[0] ?? 0) > 15);
    await timeline.return(undefined);
    assert.equal((await probe("connectivitycheck.gstatic.com", "/generate_204")).status, 204);
    assert.match((await probe("192.168.4.1", "/mode")).headers.location ?? "", /^\/login/);
  });
  it("closes its access point then, and refuses a stranger's name again", async () => {
    let status = 0;
    for (let time = 0; time < 400 && status !== 403; time++) {
      status = (await probe("connectivitycheck.gstatic.com", "/generate_204")).status;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(status, 403);
    await assert.rejects(namesAt(300, 1).resolve4("captive.apple.com"));
  });
});
