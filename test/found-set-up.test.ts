import assert from "node:assert/strict";
import { simCharger } from "../hal/sim/main-charger.js";
import { simMeter } from "../hal/sim/main-meter.js";
import { parseScenario } from "../hal/sim/plant/scenario.js";
import { createSite } from "../hal/sim/plant/site.js";
import { v8 } from "../hal/sim/programs.js";
import { firstSettings } from "../hal/sim/simulation.js";
import { visitor } from "./visitor.js";

const SCENARIO = {
  ...{ name: "found", seed: 1, durationS: 600, site: { contractedA: 25, bufferA: 3, meter: { ours: true } } },
  ...{ chargers: [{ id: "charger-1", fresh: true }], events: [{ atS: 0, house: 3.2 }] },
};

/** A charger out of the box beside a meter and a broker, in virtual time, and a phone on its access point. */
function freshSite(without?: "broker") {
  const broker = without === undefined ? [] : [{ atS: 1, broker: "down" }];
  const parsed = parseScenario(JSON.stringify({ ...SCENARIO, events: [...SCENARIO.events, ...broker] }));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const { scenario } = parsed;
  const settings = firstSettings(scenario);
  assert.ok(settings.ok);
  const first = settings.chargers.get("charger-1") ?? assert.fail();
  const published: string[] = [];
  const site = createSite({
    scenario,
    makeCharger: (board) => simCharger(v8, () => site.agenda, board, first),
    makeMeter: (board) => simMeter(v8, () => site.agenda, board, settings.meter),
    onFact: () => undefined,
    onRecord: null,
    onPublish: (topic) => void published.push(topic),
  });
  let now = 0;
  const run = (ms: number): void => {
    now += ms;
    site.run(now);
  };
  run(5_000);
  let last: Uint8Array | undefined;
  let stream: ReturnType<typeof site.openPage>;
  const phone = visitor({
    give(_connection, event) {
      if (event.what === "open") {
        stream = site.openPage("charger-1", (answer) => {
          if (answer.what === "bytes") last = answer.bytes;
        });
      }
      if (event.what === "bytes") stream?.send(event.bytes);
      run(100);
    },
    sent: () => last,
  });
  const csrfOf = (page: string): string => /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? assert.fail(page);
  const send = (path: string, fields: readonly (readonly [string, string])[]): string =>
    phone.post(path, [["csrf", csrfOf(phone.get("/setup/1"))], ...fields]);
  const join = (): void => {
    send("/setup/3", [
      ["wifiPick", "Casa"],
      ["wifiPassword", "sun-and-rain"],
    ]);
    run(5_000);
  };
  return { phone, send, join, run, published };
}

describe("set-up in virtual time", () => {
  it("finds the site's broker and meter, and speaks with the broker that was picked", () => {
    const { phone, send, join, run, published } = freshSite();
    assert.ok(!phone.get("/setup/7").includes("Brokers on this network"));
    join();
    assert.match(phone.get("/setup/5"), /Searching the network\./);
    run(1_000);
    assert.match(phone.get("/setup/5"), /meter at 192\.168\.1\.\d+ says it is of this site, home\./);
    const page = phone.get("/setup/7");
    assert.ok(page.includes("Casa&#39;s broker at 192.168.1.2:1883, not encrypted"), page);
    const picked = phone.get(/href="(\/setup\/7\?broker=[^"#]+)#mqttHost"/.exec(page)?.[1] ?? assert.fail());
    const value = (name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(picked)?.[1] ?? "";
    assert.deepEqual([value("mqttHost"), value("mqttPort")], ["192.168.1.2", "1883"]);
    const ours = () => published.filter((topic) => topic.includes("charger-1"));
    run(20_000);
    assert.deepEqual(ours(), []);
    send("/setup/7", [
      ["mqttHost", value("mqttHost")],
      ["mqttPort", value("mqttPort")],
      ["mqttTls", "no"],
    ]);
    run(20_000);
    assert.match(phone.get("/setup/7?tried=2"), /The broker 192\.168\.1\.2 answers\./);
    assert.notEqual(ours().length, 0);
  });
  it("says that no broker has answered where there is none, and finds it once there is one and somebody looks again", () => {
    const { phone, join, run } = freshSite("broker");
    join();
    phone.get("/setup/7");
    run(11_000);
    assert.match(phone.get("/setup/7"), /None has answered\./);
    assert.match(phone.get("/setup/7?again=1"), /Refresh: 4;url=\/setup\/7\r\n/);
  });
});
