import assert from "node:assert/strict";
import { createAgenda } from "../../hal/sim/plant/agenda.js";
import { createBroker } from "../../hal/sim/plant/broker.js";
import { createChance } from "../../hal/sim/plant/chance.js";
import { createNetwork } from "../../hal/sim/plant/network.js";
import { createOtherMeter, type Make } from "../../hal/sim/plant/other-meter.js";
import { parseScenario } from "../../hal/sim/plant/scenario.js";

/** A meter of somebody else's on so many phases, each with 4 A; what it has published, with the second. */
function world(phases = 1, amps = 4, speaks: Make = "amps") {
  const agenda = createAgenda();
  const network = createNetwork(agenda, createChance(1));
  const broker = createBroker(agenda, network, () => undefined);
  const published: string[] = [];
  broker.onPublished(({ topic, payload }) =>
    published.push(`${Math.floor(agenda.now() / 1_000)} ${topic} ${Buffer.from(payload).toString()}`),
  );
  const plant = {
    agenda,
    carrier: network,
    tell: () => undefined,
    phases,
    measures: "grid",
    periodS: 1,
    speaks,
    voltageV: 230,
  } as const;
  const meter = createOtherMeter(plant);
  const flow = (): void => {
    agenda.after(100, flow);
    const charge = agenda.now() > 10_000 ? -amps : amps;
    meter.flowed(
      agenda.now(),
      Array.from({ length: phases }, (_, phase) => charge * 100 + phase),
    );
  };
  flow();
  meter.supply.on();
  const take = (): readonly string[] => published.splice(0);
  return { agenda, network, broker, meter, take };
}

describe("somebody else's meter", () => {
  it("publishes amperes each period, a number on one phase and a list on three", () => {
    const one = world();
    one.agenda.run(6_000);
    assert.deepEqual(one.take().slice(-2), ["4 house-meter/current 4", "5 house-meter/current 4"]);
    const three = world(3, 4.126);
    three.agenda.run(6_000);
    assert.equal(three.take().at(-1), "5 house-meter/current [4.13,4.14,4.15]");
  });
  it("publishes as a Shelly 3EM does, and as a reader of a P1 port", () => {
    const last = (speaks: Make, phases: number, count: number): readonly string[] => {
      const one = world(phases, 4, speaks);
      one.agenda.run(15_600);
      return one
        .take()
        .slice(-count)
        .map((said) => said.replace(/^14 house-meter./, ""));
    };
    const phase = (at: number, watts: string) => [
      `shelly/emeter/${at}/power ${watts}`,
      `shelly/emeter/${at}/pf 1.00`,
      `shelly/emeter/${at}/current 4.00`,
      `shelly/emeter/${at}/voltage 230.00`,
    ];
    assert.deepEqual(last("shelly3em", 1, 4), phase(0, "-920.00"));
    assert.deepEqual(last("p1", 1, 2), [
      "reading/electricity_currently_delivered 0.000",
      "reading/electricity_currently_returned 0.920",
    ]);
    assert.deepEqual(last("p1", 3, 6).at(-1), "reading/phase_currently_returned_l3 0.915");
  });
  it("measures as late as a PZEM does, and with a sign", () => {
    const { agenda, take } = world();
    agenda.run(11_200);
    assert.equal(take().at(-1), "10 house-meter/current 4");
    agenda.run(12_700);
    const value = Number(take().at(-1)?.split(" ")[2]);
    assert.ok(value < 4 && value > -4);
    agenda.run(13_900);
    assert.equal(take().at(-1), "13 house-meter/current -4");
  });
  it("is silent, stuck, garbled or zero as the scenario says", () => {
    const { agenda, meter, take } = world();
    agenda.run(8_000);
    const said = (fault: "silent" | "stuck" | "garbage" | "zero", forMs: number): readonly string[] => {
      take();
      meter.spoil(fault);
      agenda.run(agenda.now() + forMs);
      return take().map((one) => one.split(" ")[2] ?? "");
    };
    assert.deepEqual(said("silent", 2_000), []);
    assert.deepEqual(said("stuck", 4_000), ["4", "4", "4", "4"]);
    assert.deepEqual(said("garbage", 1_000), ["?#~"]);
    assert.deepEqual(said("zero", 1_000), ["0"]);
  });
  it("comes back by itself when its link, its broker or its supply does", () => {
    const { agenda, broker, meter, network, take } = world();
    agenda.run(5_000);
    broker.up(false);
    agenda.run(10_000);
    take();
    broker.up(true);
    agenda.run(18_000);
    assert.ok(take().length >= 2);
    network.link("meter", false);
    agenda.run(25_000);
    assert.equal(take().length, 0);
    network.link("meter", true);
    agenda.run(26_000);
    assert.ok(take().length >= 6);
    meter.supply.off();
    network.vanish("meter");
    agenda.run(40_000);
    assert.equal(take().length, 0);
    meter.supply.on();
    agenda.run(45_000);
    assert.ok(take().length >= 3);
  });
  it("is a device of the scenario without our firmware", () => {
    const read = (event: object): string => {
      const site = { contractedA: 30, meter: { ours: false } };
      const events = [{ atS: 1, ...event }];
      const parsed = parseScenario(JSON.stringify({ name: "x", durationS: 9, site, chargers: [{ id: "a" }], events }));
      return parsed.ok ? "ok" : parsed.key;
    };
    assert.equal(read({ power: "meter" }), "ok");
    assert.equal(read({ link: "meter" }), "ok");
    assert.equal(read({ partition: [["meter", "broker"]] }), "ok");
    assert.equal(read({ meter: "stuck" }), "ok");
    assert.equal(read({ hang: "meter" }), "events[0].hang");
    assert.equal(read({ set: "meter", settings: {} }), "events[0].set");
  });
});
