import assert from "node:assert/strict";
import fc from "fast-check";
import { type MeterEffect, type MeterEvent, type MeterNode, startMeter, stepMeter } from "../src/meter-node.js";
import { withCrc } from "../src/modbus.js";
import { encode, readPackets } from "../src/mqtt.js";
import type { Demand, Report } from "../src/sharing-message.js";
import { decodeText, encodeText } from "../src/text.js";
import { deciamps, milliamps, millis } from "../src/units.js";
import { bootOf, demandOf, KEY_HEX, opened, row, rows, sealed, settingsOf } from "./site.js";
import { visitor } from "./visitor.js";

const ROSTER = [row("charger-1"), row("charger-2")];
const HOME = {
  id: "meter-1",
  mqttHost: "broker",
  contractedA: 30,
  bufferA: 1,
  siteKey: KEY_HEX,
  roster: ROSTER,
};
const HOUSE = { address: 1, role: "house", phase: 1 };
const SOLAR = { address: 2, role: "solar", phase: 1 };
const GRID = { ...HOUSE, role: "grid" };
const THREE = [1, 2, 3].map((phase) => ({ address: phase, role: "house", phase }));

interface Module {
  /** null: it does not answer. */
  mA: number | null;
  /** It answers with the same digits for ever. */
  frozen: boolean;
}

type Stream = Extract<MeterEvent, { kind: "stream" }>;

interface Told extends Report {
  readonly at: number;
}

/** A meter on a bench: each module answers 100 ms after it is asked, with a voltage that jitters. */
function bench(patch: object = {}) {
  const started = startMeter(bootOf(settingsOf({ ...HOME, ...patch }), 3), millis(0));
  let state: MeterNode = started.state;
  let now = 0;
  let jitter = 0;
  let due: { readonly at: number; readonly event: MeterEvent }[] = [];
  const modules: Record<number, Module> = {};
  const module = (address: number): Module => {
    const known = modules[address] ?? { mA: 5_000, frozen: false };
    modules[address] = known;
    return known;
  };
  const asked: { readonly at: number; readonly address: number }[] = [];
  const reports: Told[] = [];
  const configs: string[] = [];
  const states: { readonly at: number; readonly payload: string }[] = [];
  const log: MeterEffect[] = [];
  const stream = (event: Stream["event"]): Stream => ({ kind: "stream", id: state.device.session?.id ?? 0, event });
  const fromBroker = (bytes: Uint8Array): Stream => stream({ what: "bytes", bytes });
  const note = (effect: MeterEffect): void => {
    log.push(effect);
    if (effect.kind === "serial") ask(effect.bytes[0] ?? 0);
    if (effect.kind !== "send") return;
    if (effect.bytes[0] === 0xc0) due.push({ at: now + 20, event: fromBroker(Uint8Array.of(0xd0, 0)) });
    if ((effect.bytes[0] ?? 0) >> 4 !== 3) return;
    for (const packet of readPackets(new Uint8Array(0), effect.bytes).packets) {
      if (packet.cmd !== "publish") continue;
      if (packet.topic === "ievcc/home/meter-1/state") {
        const text = decodeText(packet.payload, 8_192);
        assert.ok(text.ok);
        states.push({ at: now, payload: text.text });
      }
      if (packet.topic !== "ievcc/home/report" && packet.topic !== "ievcc/home/site") continue;
      const message = opened(packet.payload);
      if (message.kind === "report") reports.push({ ...message.report, at: now });
      if (message.kind === "config") configs.push(message.json);
    }
  };
  const ask = (address: number): void => {
    asked.push({ at: now, address });
    const { mA, frozen } = module(address);
    if (mA === null) return;
    jitter = (jitter + 1) % 7;
    const registers = [2_300 + (frozen ? 0 : jitter), mA & 0xffff, mA >> 16, 0, 0, 0, 0, 500, 100, 0];
    const reply = withCrc([address, 4, 20, ...registers.flatMap((one) => [one >> 8, one & 255])]);
    due.push({ at: now + 100, event: { kind: "serial", bytes: reply } });
  };
  const give = (event: MeterEvent): void => {
    const step = stepMeter(state, event, millis(now));
    state = step.state;
    for (const effect of step.effects) note(effect);
  };
  const run = (ms: number): void => {
    for (const end = now + ms; now < end; ) {
      now += 20;
      const ready = due.filter((one) => one.at <= now);
      due = due.filter((one) => one.at > now);
      for (const one of ready) give(one.event);
      give({ kind: "tick" });
    }
  };
  const hears = (payload: Uint8Array, topic = "ievcc/home/demand/charger-1"): void =>
    give(fromBroker(encode({ cmd: "publish", topic, payload, qos: 0, retain: false, dup: false })));
  let number = 0;
  const demand = (drawA: number, over: Partial<Demand> = {}): void => {
    number++;
    const { id = "charger-1", ...rest } = over;
    const draws = [milliamps(drawA * 1_000)];
    const said = demandOf(id, {
      number,
      draws,
      offer: deciamps(160),
      echo: reports.at(-1)?.sentAt ?? millis(0),
      ...rest,
    });
    hears(sealed(state.device.settings, { kind: "demand", demand: said }));
  };
  for (const effect of started.effects) note(effect);
  give({ kind: "link", up: true });
  give(stream({ what: "open" }));
  give(fromBroker(Uint8Array.of(0x20, 2, 0, 0)));
  return {
    module,
    house: () => state.house?.[0] ?? null,
    measured: () => state.sample?.measured[0],
    run,
    give,
    hears,
    demand,
    asked,
    reports,
    configs,
    states,
    log,
    settings: () => state.device.settings,
    refused: () => state.channel.refused.reduce((sum, one) => sum + one),
    now: () => now,
    last: () => {
      const report = reports.at(-1);
      assert.ok(report, "no report");
      return report;
    },
    text: () => log.flatMap((one) => (one.kind === "text" ? [one.lines] : [])).at(-1) ?? [],
    said: (words: RegExp) => log.some((one) => one.kind === "log" && words.test(one.text)),
  };
}

describe("meter", () => {
  it("asks each of its PZEMs in each period, one at a time", () => {
    const b = bench({ phases: 3, pzems: THREE, periodS: 2, reportLeaseS: 10 });
    b.run(5_900);
    assert.deepEqual(
      b.asked.map((one) => one.address),
      [1, 2, 3, 1, 2, 3, 1, 2, 3],
    );
    const rounds = b.asked.filter((one) => one.address === 1).map((one) => one.at);
    assert.deepEqual(rounds, [20, 2_000, 4_000]);
  });
  it("reports contracted - buffer - house each period, stamped with the time of the question", () => {
    const b = bench();
    b.module(1).mA = 12_340;
    b.run(5_000);
    assert.equal(b.reports.length, 5);
    for (const [index, report] of b.reports.entries()) {
      assert.deepEqual([report.budget, report.house, report.solar], [[166], [124], null]);
      assert.equal(report.stamp, b.asked[index]?.at);
      assert.deepEqual([report.boot, report.term], [1, 0]);
      assert.ok(report.version > (b.reports[index - 1]?.version ?? 0));
    }
  });
  it("never reports a budget below 0, and counts what the house takes upwards to 0.1 A", () => {
    const house = fc.constantFrom(0, 2, 99, 100, 28_900, 28_902, 29_000, 60_000, 100_000);
    fc.assert(
      fc.property(house, (mA) => {
        const b = bench();
        b.module(1).mA = mA;
        b.run(1_000);
        const { budget, house } = b.last();
        return house[0] === Math.ceil(mA / 100) && budget[0] === Math.max(0, 290 - Math.ceil(mA / 100));
      }),
    );
  });
  it("reports three phases, and what the roof gives, rounded down", () => {
    const b = bench({ phases: 3, pzems: [...THREE, { address: 9, role: "solar", phase: 2 }] });
    for (const address of [1, 2, 3]) b.module(address).mA = address * 1_000;
    b.module(9).mA = 7_999;
    b.run(2_000);
    assert.deepEqual(
      [b.last().budget, b.last().house],
      [
        [280, 270, 260],
        [10, 20, 30],
      ],
    );
    assert.deepEqual(b.last().solar, [0, 79, 0]);
  });
  it("tells at once what leaves less on one phase, and with its round what leaves more", () => {
    const b = bench({ phases: 3, pzems: THREE });
    b.run(2_980);
    for (const address of [1, 2, 3]) b.module(address).mA = 9_000;
    const before = b.reports.length;
    b.run(500);
    const told = b.reports.slice(before).map(({ house }) => house);
    assert.deepEqual(told.slice(-3), [
      [90, 50, 50],
      [90, 90, 50],
      [90, 90, 90],
    ]);
    b.run(500);
    b.module(1).mA = 1_000;
    const again = b.reports.length;
    b.run(1_000);
    assert.deepEqual(
      b.reports.slice(again).map(({ house }) => house),
      [[10, 90, 90]],
    );
  });

  it("sends no report while any of its PZEMs does not answer, and the next one that it can", () => {
    const b = bench({ roof: true, pzems: [HOUSE, SOLAR] });
    b.run(2_000);
    for (const address of [1, 2]) {
      b.module(address).mA = null;
      b.run(1_000);
      const before = b.reports.length;
      b.run(5_000);
      assert.equal(b.reports.length, before, `PZEM ${address}`);
      b.module(address).mA = 3_000;
      b.run(1_500);
      assert.ok(b.reports.length > before);
    }
  });
  it("sends no report of the others' rise either while one of them does not answer", () => {
    const b = bench({ phases: 3, pzems: THREE });
    b.run(2_000);
    b.module(3).mA = null;
    b.run(1_000);
    const before = b.reports.length;
    b.module(1).mA = 20_000;
    b.run(5_000);
    assert.equal(b.reports.length, before);
  });
  it("sends no report while a phase of its site has no PZEM", () => {
    const b = bench({ phases: 3, pzems: [HOUSE] });
    b.run(5_000);
    assert.equal(b.reports.length, 0);
  });
  it("sends no report once a PZEM repeats itself for 60 readings, says so, and goes on when it moves", () => {
    const b = bench();
    b.module(1).frozen = true;
    b.run(59_500);
    assert.equal(b.reports.length, 59);
    b.run(10_500);
    assert.equal(b.reports.length, 59);
    assert.ok(b.said(/repeats itself/));
    assert.match(b.text()[2] ?? "", /^stuck/);
    b.give({ kind: "set", patch: { voltageV: 231 } });
    b.run(5_000);
    assert.equal(b.reports.length, 59, "another setting does not make the readings good");
    b.module(1).frozen = false;
    b.run(4_000);
    assert.ok(b.reports.length > 59);
    assert.deepEqual(b.text().length, 2);
  });
  it("reads on when a module, the line or a stranger sends nonsense", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }), (noise) => {
        const b = bench();
        for (const bytes of noise) {
          b.give({ kind: "serial", bytes });
          b.run(200);
        }
        const before = b.reports.length;
        b.run(2_500);
        return b.reports.length > before;
      }),
      { numRuns: 30 },
    );
  });
});

describe("meter on the grid's side", () => {
  const onGrid = () => {
    const b = bench({ pzems: [GRID] });
    b.module(1).mA = 21_000;
    return b;
  };
  const hearsFor = (b: ReturnType<typeof bench>, seconds: number, drawA: number) => {
    for (let tenth = 0; tenth < seconds * 5; tenth++) {
      b.demand(drawA);
      b.run(200);
    }
  };
  it("takes the cars' draw off, and counts a car it has not heard for 5 s as the house", () => {
    const b = onGrid();
    b.run(1_000);
    assert.deepEqual(b.last().house, [210]);
    hearsFor(b, 4, 16);
    assert.deepEqual(b.last().house, [50]);
    b.run(7_000);
    assert.deepEqual(b.last().house, [210]);
  });
  it("mends what a sample came to when a later draw shows that the car was on its way down", () => {
    const b = onGrid();
    hearsFor(b, 4, 16);
    b.module(1).mA = 15_000;
    while (b.measured() !== 15_000) b.run(20);
    b.demand(12);
    const early = b.house();
    b.run(500);
    b.demand(10);
    assert.deepEqual([early, b.house()], [3_000, 5_000]);
  });
  it("begins anew after two rounds without a reading", () => {
    const b = onGrid();
    hearsFor(b, 4, 16);
    assert.equal(b.house(), 5_000);
    b.module(1).mA = null;
    b.run(3_000);
    assert.equal(b.house(), null);
  });
  const echoes = (b: ReturnType<typeof bench>) =>
    b.last().entries.map(({ nonce, number, heardAt }) => (heardAt === null ? null : { nonce, number, heardAt }));
  it("echoes the newest demand of each charger of the roster with the time it was heard", () => {
    const b = onGrid();
    b.run(500);
    b.demand(0, { number: 7 });
    b.demand(0, { id: "charger-2", number: 3 });
    b.demand(0, { id: "stranger", number: 3 });
    const heardAt = b.now();
    b.run(500);
    b.demand(0, { number: 6 });
    b.run(1_000);
    assert.deepEqual(echoes(b), [
      { nonce: 1, number: 7, heardAt },
      { nonce: 1, number: 3, heardAt },
    ]);
  });
  it("takes a charger that booted anew for new once nothing of its former boot is left", () => {
    const b = onGrid();
    b.run(500);
    b.demand(0, { number: 7 });
    b.run(500);
    b.demand(0, { number: 1, nonce: 2 });
    b.run(12_000);
    b.demand(0, { number: 2, nonce: 2 });
    b.run(1_000);
    assert.deepEqual(echoes(b)[0]?.nonce, 2);
  });
  it("holds a PZEM for stuck that does not move for 4 s while a car's draw moves by 2 A", () => {
    const b = onGrid();
    b.module(1).frozen = true;
    hearsFor(b, 3, 16);
    const before = b.reports.length;
    hearsFor(b, 3, 14.1);
    assert.ok(b.reports.length > before);
    hearsFor(b, 7, 14);
    assert.ok(b.said(/repeats itself/));
  });
  it("refuses a demand it cannot read, counts it, and says why once a minute", () => {
    const b = onGrid();
    for (const payload of ["x", "[9]", ""]) b.hears(encodeText(payload));
    b.hears(
      sealed(settingsOf({ siteKey: "f".repeat(32) }, b.settings()), { kind: "demand", demand: demandOf("charger-1") }),
    );
    assert.equal(b.log.filter((one) => one.kind === "log" && /message refused/.test(one.text)).length, 1);
    assert.ok(b.said(/no message of ours/));
    assert.equal(b.refused(), 4);
    b.run(1_000);
    assert.deepEqual(echoes(b), [null, null]);
  });
  it("reports of as many chargers as its roster has, up to 64", () => {
    const b = bench({ pzems: [GRID], roster: rows(64) });
    for (let one = 0; one < 80; one++) b.demand(0, { id: `c${one}`, number: 1 });
    b.run(1_000);
    assert.equal(b.last().entries.filter(({ heardAt }) => heardAt !== null).length, 64);
  });
  it("keeps the house between nothing and all that flows, whatever the chargers claim", () => {
    const claim = fc.record({
      drawA: fc.constantFrom(0, 6, 16, 32),
      age: fc.constantFrom(0, 400, 6_000, 100_000).map(millis),
      nonce: fc.constantFrom(1, 2),
    });
    fc.assert(
      fc.property(fc.array(claim, { maxLength: 8 }), fc.constantFrom(0, 5_000, 29_000), (claims, mA) => {
        const b = onGrid();
        b.module(1).mA = mA;
        for (const { drawA, ...over } of claims) {
          b.demand(drawA, over);
          b.run(400);
        }
        return b.reports.every(({ budget: [budget = -1], house: [house = -1] }) => {
          return house >= 0 && house * 100 <= mA && budget === 290 - house;
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe("meter's words", () => {
  it("show its name, its link and each PZEM on the panel, in lines of 21 characters", () => {
    const b = bench({ pzems: [HOUSE, SOLAR], id: "a-name-of-26-characters-ab" });
    b.module(1).mA = 12_340;
    b.module(1).frozen = true;
    b.module(2).mA = null;
    b.run(2_000);
    assert.deepEqual(b.text(), ["a-name-of-26-characte", "230.0V 12.34A 0W", "#2 timeout"]);
  });
  it("are written to the panel only when they change", () => {
    const b = bench();
    b.module(1).frozen = true;
    b.run(10_000);
    assert.equal(b.log.filter((one) => one.kind === "text").length, 2 + 1);
  });
  it("claim no house and no budget while a PZEM does not answer", () => {
    const b = bench();
    b.run(9_000);
    b.module(1).mA = null;
    b.run(12_000);
    const { houseA, budgetA, voltageV } = JSON.parse(b.states.at(-1)?.payload ?? "");
    assert.deepEqual([houseA, budgetA, voltageV], [null, null, [null]]);
  });
  it("tell the retained state every 10 s", () => {
    const b = bench();
    b.module(1).mA = 12_340;
    b.module(1).frozen = true;
    b.run(31_000);
    assert.deepEqual(
      b.states.map((one) => one.at),
      [10_000, 20_000, 30_000],
    );
    assert.deepEqual(JSON.parse(b.states[0]?.payload ?? ""), {
      houseA: [12.34],
      budgetA: [16.6],
      solarA: null,
      currentA: [12.34],
      voltageV: [230],
      powerW: [0],
      energyWh: [0],
      stuck: false,
      restarted: "power",
    });
  });
  it("show the readings and a stuck module on the status page", () => {
    const b = bench({ portalPassword: "sol-e-chuva", setUp: true });
    b.module(1).frozen = true;
    b.run(70_000);
    const { logIn, get } = visitor({
      give: (connection, event) => b.give({ kind: "page", connection, event }),
      sent: () => b.log.flatMap((one) => (one.kind === "pageSend" ? [one.bytes] : [])).at(-1),
    });
    logIn("sol-e-chuva");
    const page = get("/");
    assert.match(page, /A PZEM repeats the same values: no report is sent until it moves again\./);
    assert.match(page, /230\.0 V/);
  });
  it("say nothing without a key", () => {
    const b = bench({ siteKey: "" });
    b.run(5_000);
    assert.equal(b.reports.length, 0);
  });
  it("begin anew with the PZEMs of changed settings", () => {
    const b = bench();
    b.run(3_000);
    b.give({ kind: "set", patch: { pzems: [{ address: 5, role: "house", phase: 1 }] } });
    b.module(5).mA = 2_000;
    b.run(1_500);
    assert.equal(b.asked.at(-1)?.address, 5);
    assert.deepEqual(b.last().house, [20]);
  });
});

describe("meter as arbiter", () => {
  const ends = (b: ReturnType<typeof bench>) => b.last().entries.map(({ until }) => until - b.last().stamp);
  const alive = (b: ReturnType<typeof bench>, seconds: number, over: Partial<Demand> = {}) => {
    for (let second = 0; second < seconds; second++) {
      for (const id of ["charger-1", "charger-2"]) {
        b.demand(0, { id, accepted: b.reports.at(-1)?.version ?? 0, ...over });
      }
      b.run(1_000);
    }
  };
  const owned = (b: ReturnType<typeof bench>) =>
    b.last().entries.map(({ ranges }) => ranges.reduce((sum, { from, to }) => sum + to - from, 0));
  it("only renews what is held until all chargers are known or 1.03 leases have passed", () => {
    const silent = bench();
    silent.run(10_200);
    assert.equal(silent.last().renewsOnly, true);
    silent.run(1_000);
    assert.equal(silent.last().renewsOnly, false);
    const known = bench();
    known.run(1_000);
    alive(known, 2);
    assert.equal(known.last().renewsOnly, false);
  });
  it("gives two cars that want everything half of the line each, with no ampere twice", () => {
    const b = bench();
    b.module(1).mA = 5_000;
    b.run(1_000);
    alive(b, 12);
    const [first = 0, second = 0] = owned(b);
    assert.ok(Math.abs(first - second) <= 10 && first + second >= 235, `${first} ${second}`);
  });
  it("lets nobody keep amperes for longer than a lease after it was heard last", () => {
    const b = bench();
    b.run(1_000);
    alive(b, 3);
    b.run(4_000);
    assert.ok(ends(b).every((left) => left <= 6_100 && left >= 4_000));
    b.run(8_000);
    assert.deepEqual(
      [ends(b), owned(b)],
      [
        [0, 0],
        [0, 0],
      ],
    );
  });
  it("tells its configuration to who goes by an older one, at most every 3 s", () => {
    const b = bench({ siteVersion: 4 });
    const older = settingsOf({ contractedA: 20, siteVersion: 3 }, b.settings());
    for (let time = 0; time < 20; time++) {
      b.hears(sealed(older, { kind: "demand", demand: demandOf("charger-1", { number: time + 1 }) }));
      b.run(200);
    }
    assert.equal(b.configs.length, 2);
    const told = settingsOf(JSON.parse(b.configs[0] ?? ""), older);
    assert.deepEqual([told.contractedA, told.siteVersion], [30, 4]);
  });
  it("takes a newer configuration itself, and begins its books anew", () => {
    const b = bench();
    b.run(1_000);
    alive(b, 2);
    const newer = settingsOf({ contractedA: 20, siteVersion: 3 }, b.settings());
    b.hears(sealed(newer, { kind: "config", json: '{"contractedA":20,"siteVersion":3}' }), "ievcc/home/site");
    assert.deepEqual([b.settings().contractedA, b.settings().siteVersion], [20, 3]);
    b.run(1_000);
    assert.equal(b.last().renewsOnly, true);
  });
});
