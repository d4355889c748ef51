import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { encodeForm } from "../src/portal/form.js";
import { mosquitto } from "../tools/machine.js";
import { authority, type Made } from "./certificate-maker.js";
import {
  ask,
  freePorts,
  happen,
  insiderWith,
  offered,
  sampleWhere,
  startTestSite,
  type TestSite,
  timelineAfter,
  timelineOf,
} from "./live-start.js";
import { mosquittoFiles, startMosquitto, stopMosquitto } from "./mosquitto-run.js";

const SPEED = 10;
const HOST = "localhost";
const FORM = "application/x-www-form-urlencoded";

const mosquittoPath = mosquitto();
if (mosquittoPath !== null) {
  describe("a live site and mosquitto with TLS, passwords and rights", function () {
    this.timeout(60_000);
    const home = authority("Home");
    const stranger = authority("Stranger");
    const device = home.issue({ name: "charger-1" });
    const right = { name: "broker", dns: [HOST], addresses: ["127.0.0.1"] };
    /** One listener each. */
    const brokers: Readonly<Record<string, Made>> = {
      right: home.issue(right),
      asking: home.issue(right),
      expired: home.issue({ ...right, days: [-30, -1] }),
      early: home.issue({ ...right, days: [10, 30] }),
      other: home.issue({ name: "broker", dns: ["elsewhere.test"] }),
      strangers: stranger.issue(right),
    };
    const names = Object.keys(brokers);
    const files = mosquittoFiles();
    let first = 0;
    let broker: ChildProcess;
    let site: TestSite;

    const portOf = (name: string): number => first + names.indexOf(name);
    const settings = (name: string, more: object = {}) => ({
      mqttHost: HOST,
      mqttPort: portOf(name),
      mqttTls: true,
      mqttUser: "home",
      mqttPassword: "sol-e-chuva",
      ...more,
    });

    function configuration(): string {
      const listeners = names.flatMap((name) => [
        `listener ${portOf(name)} 127.0.0.1`,
        `cafile ${files.write("ca", home.certificate)}`,
        `certfile ${files.write(`${name}.crt`, brokers[name]?.certificate ?? "")}`,
        `keyfile ${files.write(`${name}.key`, brokers[name]?.key ?? "")}`,
        ...(name === "asking" ? ["require_certificate true"] : []),
      ]);
      const guarded = files.guarded({ home: "sol-e-chuva" }, "user home\ntopic readwrite ievcc/#\n");
      return files.configured([...listeners, ...guarded]);
    }

    before(async () => {
      first = await freePorts(names.length);
      broker = await startMosquitto(mosquittoPath, configuration());
      site = await startTestSite({ speed: SPEED });
      for await (const record of timelineOf(site)) if (record.kind === "note" && record.text === "MQTT online") break;
    });
    after(async () => {
      await site.close();
      await stopMosquitto(broker);
      files.remove();
    });

    /** Stores certificates by the device's page, as its owner does; what the page says then. */
    async function stores(url: string, fields: readonly (readonly [string, string])[]): Promise<string> {
      const headers = await insiderWith(url);
      const csrf = /name="csrf" value="([^"]+)"/.exec((await ask(`${url}/certificates`, { headers })).body)?.[1] ?? "";
      const body = encodeForm([["csrf", csrf], ...fields]);
      const posted = { method: "POST", headers: { ...headers, "Content-Type": FORM }, body };
      const { status, body: said } = await ask(`${url}/certificates`, posted);
      return status === 303 ? (await ask(`${url}/certificates`, { headers })).body : said;
    }

    /** What the page of MQTT says of the broker, once it says this. */
    async function says(url: string, words: RegExp): Promise<void> {
      const headers = await insiderWith(url);
      let last = "";
      for (let turn = 0; turn < 400; turn++) {
        last = (await ask(`${url}/mqtt`, { headers })).body;
        if (words.test(last)) return;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      assert.fail(/role="(?:status|alert)">([^<]*)|id="mqttHost-error">([^<]*)/.exec(last)?.[0] ?? last);
    }

    const CA = [
      ["go", "mqttCa"],
      ["ca", home.certificate],
    ] as const;
    const STORED = /Stored, check [0-9a-f]{8}/;
    const ANSWERS = /The broker localhost answers/;
    const refusedFor = (why: string): RegExp => new RegExp(`No connection to the broker localhost: ${why}`);

    it("trusts no broker of a private authority before that is stored, and says so on the page", async () => {
      await happen(site, { set: "charger-1", settings: settings("right") });
      await says(site.charger, refusedFor("its certificate is signed by nobody who is trusted here"));
    });

    it("carries the whole site once both devices have stored whom to trust", async () => {
      for (const url of [site.charger, site.meter]) {
        assert.match(await stores(url, CA), STORED);
      }
      await happen(site, { set: "meter", settings: settings("right") });
      await says(site.charger, ANSWERS);
      await says(site.meter, ANSWERS);
      const timeline = await timelineAfter(site, { plug: "charger-1" });
      const sample = await sampleWhere(timeline, (one) => offered(one) > 6);
      assert.ok(offered(sample) > 6);
    });

    it("stores no certificate while a car charges, for an erase would stop the chip", async () => {
      await sampleWhere(timelineOf(site), (one) => one.chargers["charger-1"]?.contactor === true);
      assert.match(await stores(site.charger, CA), /cannot be changed while a car charges/);
    });

    for (const [name, why] of [
      ["expired", "its certificate has expired"],
      ["early", "its certificate is not valid yet"],
      ["other", "its certificate is for another name"],
      ["strangers", "its certificate is signed by nobody who is trusted here"],
    ] as const) {
      it(`refuses a broker whose certificate is not right: ${name}`, async () => {
        await happen(site, { set: "charger-1", settings: settings(name) });
        await says(site.charger, refusedFor(why));
      });
    }

    it("names a wrong password, and comes back with the right one", async () => {
      await happen(site, { set: "charger-1", settings: settings("right", { mqttPassword: "nada" }) });
      await says(site.charger, refusedFor("(?:it refuses user or password|it does not authorise this device)"));
      await happen(site, { set: "charger-1", settings: settings("right") });
      await says(site.charger, ANSWERS);
    });

    it("shows its own certificate to a broker that asks for one, and is refused without it", async () => {
      await happen(site, { set: "charger-1", settings: settings("asking") });
      await says(site.charger, refusedFor("it (?:does not take the certificate of this device|does not speak TLS)"));
      const timeline = await timelineAfter(site, { unplug: "charger-1" });
      await sampleWhere(timeline, (one) => one.chargers["charger-1"]?.contactor === false);
      const own = [
        ["go", "mqttOwn"],
        ["certificate", device.certificate],
        ["key", device.key],
      ] as const;
      assert.match(await stores(site.charger, own), STORED);
      await says(site.charger, ANSWERS);
    });
  });
}
