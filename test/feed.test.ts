import assert from "node:assert/strict";
import fc from "fast-check";
import { queueSize, thinnedTo } from "../src/feed-queue.js";
import { feedLayout } from "../src/feed-sample.js";
import { BOTH, type FeedBench, feedBench, PZEMS } from "./feed-bench.js";
import { type FeedServer, fakeInflux, MOODS, type Mood } from "./feed-servers.js";
import { settingsOf } from "./site.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Every sample but those that were in RAM alone when the power went is there, at its time, once, in order. */
function complete(
  b: FeedBench,
  server: FeedServer,
  except: (number: number) => boolean = (one) => b.gone.has(one),
  swaps = false,
): void {
  const has = b.has(server);
  const missing = [...b.readAt].filter(([number]) => !has.has(number) && !except(number));
  assert.deepEqual(missing, [], "none is missing");
  for (const [number, time] of has) {
    const at = b.readAt.get(number);
    assert.ok(at !== undefined && Math.abs(at - time) <= 1, `sample ${number} of ${at} is at ${time}`);
  }
  assert.deepEqual(server.store.changed, [], "none is there twice with different values");
  for (const [series, times] of server.store.order) {
    const before = swaps ? 2 : 1;
    assert.ok(
      times.every((time, at) => at < before || time > (times[at - before] ?? 0)),
      `${series} in order`,
    );
  }
}

describe("feed of emoncms and InfluxDB", () => {
  it("brings each sample to both within seconds, and keeps none", () => {
    const b = feedBench();
    b.run(10 * MINUTE);
    for (const server of [b.emoncms, b.influx()]) {
      complete(b, server);
      assert.ok(b.has(server).size >= 10);
    }
    assert.deepEqual(
      b.facts().map(({ waiting, lost, refused, trouble }) => [waiting, lost, refused, trouble]),
      [
        [0, 0, 0, null],
        [0, 0, 0, null],
      ],
    );
    assert.equal(b.ram(), 0);
    assert.ok(b.flash.erases.every((count) => count === 0));
  });
  it("names inputs and series by role and phase, every number of InfluxDB's with a point", () => {
    const b = feedBench();
    b.run(2 * MINUTE);
    const inputs = [...b.emoncms.store.order.keys()].filter((one) => one.includes("house") || one.includes("load"));
    assert.deepEqual(inputs, [
      ...["V", "A", "W", "Wh", "Hz", "PF"].map((unit) => `main/house_L1_${unit}`),
      "main/load_L1_A",
    ]);
    const [line = ""] = (b.influx().store.requests[0] ?? "").split("\n");
    assert.match(line, /^ievcc,device=meter-1,phase=1,role=house voltage_V=230\.\d,current_A=0\.\d{3},/);
  });
  it("writes to InfluxDB 1.x with user and password", () => {
    const b = feedBench({ patch: { influx: "1", influxUser: "meter", influxOrg: "" } });
    b.useInflux(fakeInflux("1"));
    b.run(5 * MINUTE);
    complete(b, b.influx());
    assert.ok(b.has(b.influx()).size >= 5);
  });
  for (const mood of MOODS.filter((one) => one !== "fine")) {
    it(`loses and doubles nothing through three hours of "${mood}", and says what was wrong`, () => {
      const b = feedBench();
      b.run(5 * MINUTE);
      b.emoncms.mood = mood;
      b.influx().mood = mood;
      b.run(3 * HOUR);
      for (const { waiting, trouble } of b.facts()) assert.ok(waiting > 100 && trouble !== null, `${waiting}`);
      b.emoncms.mood = "fine";
      b.influx().mood = "fine";
      b.run(HOUR);
      for (const server of [b.emoncms, b.influx()]) complete(b, server);
      for (const { waiting, lost, refused, trouble } of b.facts())
        assert.deepEqual([waiting, lost, refused, trouble], [0, 0, 0, null]);
    });
  }
  it("sends the very same bytes again until they are acknowledged", () => {
    for (const mood of ["storedLate", "storedCut", "deaf", "503"] as const) {
      const b = feedBench();
      b.run(10 * MINUTE);
      const before = b.influx().store.requests.length;
      b.influx().mood = mood;
      b.run(20 * MINUTE);
      const [first, ...again] = b.influx().store.requests.slice(before);
      assert.ok(again.length >= 2, mood);
      assert.ok(
        again.every((one) => one === first),
        mood,
      );
      const next = before + 1 + again.length;
      b.influx().mood = "fine";
      b.run(10 * MINUTE);
      assert.equal(b.influx().store.requests[next], first, "before anything else");
    }
  });
  it("keeps the whole queue through a restart at any time, and takes up where the server was", () => {
    const b = feedBench();
    b.emoncms.mood = "503";
    b.influx().mood = "503";
    b.run(8 * HOUR);
    b.restart();
    b.influx().mood = "fine";
    b.run(HOUR);
    complete(b, b.influx());
    b.restart();
    const sent = b.influx().store.requests.length;
    b.emoncms.mood = "fine";
    b.run(2 * HOUR);
    complete(b, b.emoncms);
    complete(b, b.influx());
    const more = b.influx().store.requests.slice(sent);
    assert.ok(more.length < 140, `${more.length} requests: nothing of the night again`);
  });
  it("keeps a day for two modules and loses the oldest after that, by the number it tells", () => {
    const b = feedBench({ tick: 5_000 });
    b.emoncms.mood = "deaf";
    const kept = queueSize(feedLayout(settingsOf({ ...BOTH, pzems: PZEMS })));
    assert.ok(kept >= 1_440);
    b.run(24 * HOUR);
    assert.equal(b.fact("emoncms")?.lost, 0);
    b.run((kept - 1_440 + 600) * MINUTE);
    const lost = b.fact("emoncms")?.lost ?? 0;
    assert.ok(lost > 300 && lost <= 600, `${lost} lost`);
    b.emoncms.mood = "fine";
    b.run(8 * HOUR);
    const has = b.has(b.emoncms);
    const missing = [...b.readAt.keys()].filter((one) => !has.has(one));
    assert.equal(missing.length, lost);
    complete(b, b.emoncms, (number) => missing.includes(number) && number < (missing[0] ?? 0) + (lost + 8) * 12);
    complete(b, b.influx());
  });
  it("thins what it brings to flash to one a minute, so that a day of samples each 5 s fits", () => {
    const b = feedBench({ tick: 5_000, patch: { feedPeriodS: 5, influx: "off" } });
    b.run(HOUR);
    b.emoncms.mood = "503";
    b.run(24 * HOUR);
    b.emoncms.mood = "fine";
    b.run(4 * HOUR);
    const fact = b.fact("emoncms");
    assert.equal(fact?.lost, 0);
    assert.ok(fact.waiting < 5, `${fact.waiting}`);
    const times = [...b.has(b.emoncms).values()].sort((x, y) => x - y);
    const gaps = times.slice(1).map((time, at) => time - (times[at] ?? 0));
    assert.ok(Math.max(...gaps) <= 2 * 60, `${Math.max(...gaps)}`);
    assert.deepEqual(b.emoncms.store.changed, []);
  });
  it("holds a day for any number of modules, and says in how many seconds one sample is kept", () => {
    const rows = [1, 2, 3].flatMap((phase) => [
      { address: phase, role: "house", phase },
      { address: phase + 3, role: "solar", phase },
    ]);
    const sizes = [1, 2, 3, 4, 5, 6].map((count) => {
      const layout = feedLayout(settingsOf({ phases: count > 2 ? 3 : 1, pzems: rows.slice(0, count) }));
      assert.ok(queueSize(layout) * thinnedTo(layout) >= 86_400);
      return [queueSize(layout), thinnedTo(layout)];
    });
    assert.deepEqual(sizes, [
      [4_784, 60],
      [2_944, 60],
      [1_840, 60],
      [1_472, 60],
      [1_104, 79],
      [1_104, 79],
    ]);
  });
  it("dates what it read before anybody told it the time", () => {
    const b = feedBench({ clockAfter: 20 * MINUTE });
    b.run(HOUR);
    complete(b, b.emoncms);
    assert.ok(b.has(b.emoncms).size >= 58);
  });
  it("gives no second twice when the clock steps back, and right times when it does by much", () => {
    for (const step of [-7, -90, -1_800, 3_600]) {
      const b = feedBench({ patch: { feedPeriodS: 10 } });
      b.clock(step < 0 ? -step : 0);
      b.run(30 * MINUTE);
      b.clock(step < 0 ? 0 : step);
      b.run(90 * MINUTE);
      for (const server of [b.emoncms, b.influx()]) {
        assert.deepEqual(server.store.changed, []);
        for (const [number, time] of b.has(server)) assert.ok(Math.abs((b.readAt.get(number) ?? 0) - time) <= 1);
        assert.ok(b.has(server).size > 500, `${b.has(server).size}`);
      }
    }
  });
  it("passes over a sample that the server refuses for ever once it takes later ones, and waits with all while it takes none", () => {
    const b = feedBench();
    b.run(5 * MINUTE);
    b.influx().mood = "deaf";
    b.run(2 * HOUR);
    const poison = [...b.readAt.keys()].at(-60);
    const server = b.influx();
    const honest = server.answer.bind(server);
    server.answer = (bytes) => {
      const text = Buffer.from(bytes).toString();
      const bad = text.includes(`energy_Wh=${poison}.0`);
      const mood = server.mood;
      if (bad) server.mood = "false200";
      const reply = honest(bytes);
      server.mood = mood;
      return reply;
    };
    server.mood = "fine";
    b.run(HOUR);
    complete(b, server, (number) => number === poison);
    assert.deepEqual([b.fact("influx")?.refused, b.fact("influx")?.lost, b.fact("influx")?.waiting], [1, 0, 0]);
    const typed = feedBench();
    typed.useInflux(fakeInflux("2", new Map([["voltage_V", "integer"]])));
    typed.run(6 * HOUR);
    assert.deepEqual([typed.fact("influx")?.refused, typed.fact("influx")?.lost], [0, 0]);
    assert.match(typed.fact("influx")?.trouble?.detail ?? "", /field type conflict/);
    typed.useInflux(fakeInflux("2"));
    typed.run(2 * HOUR);
    complete(typed, typed.influx());
  });
  it("asks a server that bars it once in 1 to 15 minutes, and at once where its settings change", () => {
    const b = feedBench({ patch: { emoncmsKey: "wrong" } });
    b.run(6 * HOUR);
    assert.ok(b.emoncms.store.requests.length < 40, `${b.emoncms.store.requests.length}`);
    assert.equal(b.fact("emoncms")?.trouble?.why, "key");
    b.set({ emoncmsKey: BOTH.emoncmsKey });
    b.run(HOUR);
    complete(b, b.emoncms);
    assert.equal(b.fact("emoncms")?.waiting, 0);
    assert.ok(b.logs.length < 6, `${b.logs}`);
  });
  it("goes on with other modules: what the former ones read is delivered too", () => {
    const b = feedBench();
    b.emoncms.mood = "503";
    b.run(HOUR);
    b.set({ pzems: [...PZEMS, { address: 3, role: "solar", phase: 2 }], phases: 3 });
    b.emoncms.mood = "fine";
    b.run(HOUR);
    const has = b.has(b.emoncms);
    assert.ok([...b.readAt.keys()].slice(0, 55).every((number) => has.has(number)));
  });
  it("any day of moods, cut links and power cuts at any byte loses nothing that was in flash, and doubles nothing", () => {
    const hour = fc.record({
      emoncms: fc.constantFrom(...MOODS),
      influx: fc.constantFrom<Mood>(...MOODS),
      minutes: fc.constantFrom(3, 40, 200),
      link: fc.constantFrom(true, true, true, false),
      power: fc.constantFrom("on", "on", "off", "cut"),
      after: fc.nat(256),
    });
    fc.assert(
      fc.property(fc.array(hour, { minLength: 3, maxLength: 12 }), fc.constantFrom(0, 90_000), (hours, clockAfter) => {
        const b = feedBench({ clockAfter, tick: 2_500 });
        for (const { emoncms, influx, minutes, link, power, after } of hours) {
          b.emoncms.mood = emoncms;
          b.influx().mood = influx;
          b.link(link);
          if (power === "off") b.restart();
          if (power === "cut") b.cutNext(after);
          b.run(minutes * MINUTE);
        }
        b.link(true);
        b.cutNext(1_000_000);
        b.emoncms.mood = "fine";
        b.influx().mood = "fine";
        b.run(4 * HOUR);
        for (const server of [b.emoncms, b.influx()]) {
          // Two of one minute are there only where the time was told in between: one of them is kept.
          const lost = [...b.gone].map((number) => b.readAt.get(number) ?? 0);
          const minutes = new Set([...b.has(server).values(), ...lost].map((time) => Math.floor(time / 60)));
          const kept = (number: number): boolean => minutes.has(Math.floor((b.readAt.get(number) ?? 0) / 60));
          // A server that refuses and is put in order just then takes the sample after before the one that it refused.
          complete(b, server, (one) => b.gone.has(one) || kept(one), true);
        }
        for (const { waiting, lost } of b.facts()) assert.ok(waiting <= 1 && lost === 0, `${waiting} ${lost}`);
      }),
      { numRuns: 12 },
    );
  });
});
