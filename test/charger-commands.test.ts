import assert from "node:assert/strict";
import { TOPICS } from "../src/topics.js";
import { ALONE, brokerDesk } from "./broker-desk.js";
import { AVAILABLE } from "./site.js";

const BASE = "ievcc/home/c1";

/** A desk with what it was asked and what it answered. */
function desk(patch: object = ALONE) {
  const one = brokerDesk(patch);
  const asks = (name: string, payload: string): Record<string, unknown> => {
    const before = results().length;
    one.hears(name === "set" ? `${BASE}/set` : `${BASE}/command/${name}`, payload);
    assert.equal(results().length, before + 1);
    return JSON.parse(results().at(-1)?.text ?? "");
  };
  const results = () => one.said().filter(({ topic }) => topic === `${BASE}/result`);
  const told = (): Record<string, unknown> => {
    one.waits(100);
    return JSON.parse(
      one
        .said()
        .filter(({ topic }) => topic === `${BASE}/state`)
        .at(-1)?.text ?? "",
    );
  };
  const offerA = (): number => {
    one.waits(1_000);
    return one.lease().offer / 10;
  };
  return { ...one, asks, results, told, offerA };
}

describe("commands to a charger", () => {
  it("are answered with what became of them, QoS 1 and not retained, with the id of who asked", () => {
    const one = desk();
    const answer = one.asks("current", '{"id":"a7","value":10}');
    assert.deepEqual(answer, { id: "a7", command: "current", ok: true, why: null, field: null });
    const { retain, qos } = one.results().at(-1) ?? {};
    assert.deepEqual([retain, qos], [TOPICS.result.retain, TOPICS.result.qos]);
    assert.deepEqual(one.asks("current", "5"), {
      command: "current",
      ok: false,
      why: "must be 0, or from 6 to 80 A",
      field: "current",
    });
  });
  it("bound the current from above and never raise it over the charger's own mode", () => {
    const one = desk();
    assert.equal(one.offerA(), 20);
    one.asks("current", "9.55");
    assert.equal(one.offerA(), 9.5);
    assert.equal(one.lease().because, "manual");
    one.asks("current", "40");
    assert.equal(one.offerA(), 20);
  });
  it("hold the charger off as long as they are renewed, and 60 s after the last it is in its own mode", () => {
    const one = desk();
    one.asks("enable", "false");
    assert.deepEqual([one.offerA(), one.lease().because, one.lease().permitted], [0, "manual", true]);
    one.waits(49_000);
    one.asks("enable", "false");
    one.waits(58_000);
    assert.equal(one.offerA(), 0);
    assert.equal(one.told().enabled, false);
    one.waits(1_000);
    assert.deepEqual([one.offerA(), one.told().enabled], [20, true]);
  });
  it("change the mode and the settings of every day, and these are written to flash", () => {
    const one = desk();
    assert.equal(one.asks("mode", "auto").ok, true);
    assert.equal(one.asks("set", '{"manualA":8,"priority":3,"freeCharging":false}').ok, true);
    const { mode, manualA, priority, freeCharging } = one.state().device.settings;
    assert.deepEqual([mode, manualA, priority, freeCharging], ["auto", 8, 3, false]);
    assert.ok(one.log.some((effect) => effect.kind === "write"));
  });
  it("are refused as the pages refuse them, by the setting that is wrong, and then change nothing", () => {
    const one = desk();
    const { settings } = one.state().device;
    assert.deepEqual(one.asks("mode", "fast").field, "mode");
    assert.deepEqual(one.asks("set", '{"mode":"auto","manualA":5}').field, "manualA");
    assert.deepEqual(one.asks("set", '{"maxA":80}').field, "maxA");
    assert.equal(one.state().device.settings, settings);
  });
  it("ask the schedule for something once: boost, delay, departure", () => {
    const one = desk();
    one.asks("delay_until", "1800003600");
    assert.deepEqual([one.offerA(), one.lease().because, one.told().schedule], [0, "schedule", "delay"]);
    one.asks("boost", "true");
    assert.deepEqual([one.offerA(), one.told().boost], [20, true]);
    one.asks("departure", '{"by":1800030000,"needWh":9000}');
    assert.deepEqual(one.state().shot, {
      boost: true,
      delayUntil: 1_800_003_600,
      departure: { by: 1_800_030_000, need: 9_000 },
    });
    one.status(AVAILABLE);
    assert.equal(one.state().shot.boost, false);
  });
  it("that lay at the broker are left out with a line in the log, and not answered", () => {
    const one = desk();
    one.hears(`${BASE}/command/enable`, "false", true);
    one.hears(`${BASE}/set`, '{"mode":"auto"}', true);
    assert.equal(one.results().length, 0);
    assert.deepEqual([one.offerA(), one.state().device.settings.mode], [20, "manual"]);
    assert.ok(one.logged(/retained command.*command\/enable/));
  });
  it("are told in the state at once", () => {
    const one = desk();
    one.asks("current", "12");
    assert.deepEqual([one.told().maxA, one.told().enabled], [12, true]);
    one.asks("enable", "false");
    assert.equal(one.told().enabled, false);
  });
  it("come to nobody else: another charger's and an unknown topic's are no commands", () => {
    const one = desk();
    one.hears("ievcc/home/c2/command/enable", "false");
    one.hears("ievcc/home/c1/commands/enable", "false");
    one.hears("ievcc/other/c1/set", "{}");
    assert.equal(one.results().length, 0);
    assert.equal(one.offerA(), 20);
  });
  it("lose no answer when the broker goes before it has it", () => {
    const one = desk();
    one.acknowledges();
    one.asks("current", '{"id":1,"value":9}');
    one.closes();
    one.waits(2_000);
    one.online();
    assert.deepEqual(
      one.results().map(({ text }) => JSON.parse(text).id),
      [1, 1],
    );
    one.acknowledges();
    assert.deepEqual(one.state().device.session?.queue, []);
  });
  it("are heard under a central Manager as well", () => {
    const one = desk({ ...ALONE, manager: true });
    assert.equal(one.asks("current", "8").ok, true);
  });
});
