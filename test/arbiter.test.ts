import assert from "node:assert/strict";
import fc from "fast-check";
import { nextReport, takeReading } from "../src/arbiter.js";
import { type Arbiter, hearDemand, passTime, startArbiter } from "../src/books.js";
import { common, type Ranges } from "../src/ranges.js";
import type { Site } from "../src/shared-site.js";
import { type Demand, encode, METER, type Report } from "../src/sharing-message.js";
import { deciamps, milliamps, millis } from "../src/units.js";
import { demandOf, headFor, heldTwice, KEY, opened, row, rows, siteWith, wantsOf } from "./site.js";

const amountOf = (ranges: Ranges, phase = 1): number =>
  ranges.reduce((sum, one) => (one.phase === phase ? sum + one.to - one.from : sum), 0);

type Wants = Partial<Demand["wants"]>;

/** A meter's arbiter on a bench, with chargers that obey and acknowledge what they hear at once. */
function bench(site: Site, boot = 1) {
  let arbiter: Arbiter = startArbiter(site, { term: 0, boot, place: METER }, null, millis(0));
  let now = 0;
  let number = 0;
  let last: Report | null = null;
  const wants = new Map<string, Wants>(site.roster.map(({ id }) => [id, {}]));
  const offers = new Map<string, number>();
  const reports: Report[] = [];
  const report = (): Report | null => {
    const next = nextReport(passTime(arbiter, site, millis(now)), site, millis(now));
    arbiter = next.arbiter;
    last = next.report ?? last;
    if (next.report !== null) reports.push(next.report);
    return next.report;
  };
  const demand = (id: string, over: Partial<Demand> = {}): void => {
    number++;
    const said = demandOf(id, {
      number,
      boot,
      echo: last?.sentAt ?? millis(0),
      accepted: last?.version ?? 0,
      wants: wantsOf(wants.get(id)),
      offer: deciamps(offers.get(id) ?? 0),
      uptime: millis(now + site.roster.findIndex((one) => one.id === id) * -1_000 + 100_000),
      ...over,
    });
    arbiter = hearDemand(arbiter, site, headFor(site), said, millis(now));
  };
  const reads = (
    budget: readonly number[],
    over: { readonly solar?: readonly number[]; readonly house?: number } = {},
  ): void => {
    const reading = {
      stamp: millis(now),
      budget: budget.map(deciamps),
      house: budget.map(() => deciamps(over.house ?? 0)),
      solar: over.solar?.map(deciamps) ?? null,
    };
    arbiter = takeReading(arbiter, site, reading, millis(now));
  };
  /** Seconds of demands, readings and reports, in turn. */
  const run = (seconds: number, budget: readonly number[], over: Parameters<typeof reads>[1] = {}): void => {
    for (let second = 0; second < seconds; second++) {
      for (const { id } of site.roster) if (wants.has(id)) demand(id);
      reads(budget, over);
      report();
      now += 500;
      for (const { id } of site.roster) if (wants.has(id)) demand(id);
      report();
      now += 500;
    }
  };
  const newest = (): Report => {
    assert.ok(last, "no report");
    return last;
  };
  return {
    run,
    reads,
    report,
    demand,
    wants,
    offers,
    reports,
    newest,
    wait: (ms: number) => {
      now += ms;
    },
    owned: () => newest().entries.map(({ ranges }) => amountOf(ranges)),
    shares: () => newest().entries.map(({ amps }) => amps),
  };
}

describe("arbiter", () => {
  it("reports nothing before it has a reading", () => {
    const b = bench(siteWith(rows(2)));
    b.demand("c0");
    assert.equal(b.report(), null);
  });
  it("reports each reading once, with a version that only grows", () => {
    const b = bench(siteWith(rows(2)));
    b.run(1, [300]);
    b.reads([300]);
    b.run(10, [300]);
    const stamps = b.reports.map(({ stamp }) => stamp);
    assert.deepEqual(
      stamps,
      [...stamps].sort((a, c) => a - c),
    );
    const versions = b.reports.map(({ version }) => version);
    assert.ok(versions.every((version, index) => version > (versions[index - 1] ?? 0)));
  });
  it("reports at once when less is left than it told last", () => {
    const b = bench(siteWith(rows(2)));
    b.run(3, [300]);
    b.reads([100]);
    assert.deepEqual(b.report()?.budget, [100]);
    assert.equal(b.report(), null);
  });
  it("answers what it heard with another report, when that moves anything, 0.5 s after the last", () => {
    const b = bench(siteWith(rows(2)));
    b.run(15, [300]);
    b.wants.set("c0", { need: deciamps(100) });
    b.wants.set("c1", { need: deciamps(100) });
    b.run(15, [300]);
    b.reads([300]);
    b.report();
    b.wait(100);
    b.demand("c0", { wants: wantsOf({ need: deciamps(320) }) });
    assert.equal(b.report(), null);
    b.wait(400);
    assert.notEqual(b.report(), null);
  });
  it("echoes each demand with when it was heard", () => {
    const b = bench(siteWith(rows(2)));
    b.wait(700);
    b.demand("c1", { nonce: 9, number: 44 });
    b.reads([300]);
    b.report();
    const [nobody, one] = b.newest().entries;
    assert.deepEqual([nobody?.heardAt, one?.nonce, one?.number, one?.heardAt], [null, 9, 44, 700]);
  });
  it("says no more than a message can hold, however the line is cut up: what lies on top is left out", () => {
    for (const count of [1, 2, 64]) {
      const site = siteWith(rows(count, { wiring: [1, 2, 3] }), { phases: 3 });
      const whole = startArbiter(site, { term: 0, boot: 1, place: METER }, null, millis(0));
      const lines = whole.lines.map((line) => line.map((_, at) => (count === 1 ? at % 2 : (at % count) + 1)));
      const budget = [300, 300, 300].map(deciamps);
      const reading = { stamp: millis(0), budget, house: budget, solar: budget };
      const { report } = nextReport(takeReading({ ...whole, lines }, site, reading, millis(0)), site, millis(0));
      assert.ok(report);
      const told = opened(encode(headFor(site), { kind: "report", report }, KEY));
      assert.deepEqual(told, { kind: "report", report });
    }
  });
});

describe("arbiter's shares", () => {
  const TWO = siteWith(rows(2));
  it("are all the line for one car, and half for each of two, once everybody is known", () => {
    const b = bench(TWO);
    b.wants.set("c1", { need: deciamps(0) });
    b.run(12, [300]);
    assert.deepEqual(b.shares(), [300, 0]);
    b.wants.set("c1", {});
    b.run(10, [300]);
    assert.deepEqual(b.shares(), [150, 150]);
    assert.ok(b.owned().every((amps) => amps >= 150));
  });
  it("are for the only charger of a site its rating, whatever it draws: nobody else will need it", () => {
    const b = bench(siteWith(rows(1)));
    b.wants.set("c0", { need: deciamps(80) });
    b.run(12, [300]);
    assert.deepEqual(b.shares(), [300]);
  });
  it("lie below the budget, so that a step of the house leaves each its 6 A at the bottom of the line", () => {
    const b = bench(TWO);
    b.run(15, [300]);
    const lowest = b.newest().entries.map(({ ranges }) => amountOf(common(ranges, [{ phase: 1, from: 0, to: 120 }])));
    assert.deepEqual(lowest, [60, 60]);
  });
  it("keep what is reserved for a charger that does not charge out of the others' reach", () => {
    const b = bench(siteWith([row("c0", { failsafeA: 8 }), row("c1")], { houseMaxA: 20 }));
    b.wants.set("c0", { need: deciamps(0) });
    b.run(15, [300]);
    assert.deepEqual(b.shares(), [0, 220]);
    assert.equal(amountOf(common(b.newest().entries[1]?.ranges ?? [], [{ phase: 1, from: 0, to: 80 }])), 0);
  });
  it("follow the roof's surplus for cars in solar mode, calmly: by the smallest of 6 s", () => {
    const b = bench(TWO);
    b.wants.set("c0", { mode: "solar" });
    b.wants.set("c1", { need: deciamps(0) });
    b.run(15, [300], { solar: [140], house: 50 });
    assert.deepEqual([b.shares()[0], b.newest().entries[0]?.because], [90, "solar"]);
    b.run(1, [300], { solar: [109], house: 50 });
    assert.deepEqual([b.shares()[0], b.newest().entries[0]?.because], [0, "solar"]);
    b.run(5, [300], { solar: [200], house: 50 });
    assert.equal(b.shares()[0], 0);
    b.run(3, [300], { solar: [200], house: 50 });
    assert.equal(b.shares()[0], 150);
  });
  it("are nothing of the sun where nothing measures the roof", () => {
    const b = bench(TWO);
    b.wants.set("c0", { mode: "solar" });
    b.run(15, [300]);
    assert.equal(b.shares()[0], 0);
  });
  it("go to the others a lease after a charger was heard last", () => {
    const b = bench(TWO);
    b.run(15, [300]);
    b.wants.delete("c1");
    b.run(9, [300]);
    assert.ok((b.owned()[1] ?? 0) > 0);
    b.run(4, [300]);
    assert.deepEqual(b.owned()[1], 0);
    assert.equal(b.shares()[0], 300);
  });
  it("go to another car only when the first has let go: in between they are nobody's", () => {
    const b = bench(TWO);
    b.wants.set("c1", { need: deciamps(0) });
    b.run(15, [300]);
    b.wants.set("c1", {});
    b.demand("c1");
    b.reads([300]);
    b.report();
    const [first = 0, second = 0] = b.owned();
    assert.ok(first < 300 && second === 0, `${first} and ${second}`);
  });
  it("wait for who does not acknowledge until its time is over", () => {
    const b = bench(TWO);
    b.wants.set("c1", { need: deciamps(0) });
    b.run(15, [300]);
    b.wants.delete("c0");
    b.wants.set("c1", {});
    b.run(9, [300]);
    assert.equal(b.owned()[1], 0);
    b.run(4, [300]);
    assert.ok((b.owned()[1] ?? 0) >= 150);
  });
  it("are whole amperes, in the order of registration, where the site wants them equal", () => {
    const b = bench(siteWith(rows(3), { policy: "equal" }));
    b.run(15, [164]);
    assert.deepEqual(b.shares(), [80, 80, 0]);
  });
  it("leave nothing to a car that has paused because the house took its 6 A, until it wants again", () => {
    const b = bench(TWO);
    b.run(15, [300]);
    b.offers.set("c0", 150);
    b.offers.set("c1", 150);
    b.run(1, [70]);
    const [first = 0, second = 0] = b.shares();
    assert.ok(first === 0 || second === 0);
  });
});

describe("arbiter after its own boot", () => {
  it("renews everybody in what it says it holds, and nobody in more", () => {
    const b = bench(siteWith(rows(2)), 2);
    b.demand("c0", { boot: 1, held: [{ phase: 1, from: 0, to: 100 }] });
    b.reads([300]);
    const report = b.report();
    assert.equal(report?.renewsOnly, true);
    assert.deepEqual(
      report?.entries.map(({ ranges }) => ranges),
      [[{ phase: 1, from: 0, to: 100 }], []],
    );
  });
  it("shares out once all are known, or 1.03 leases have passed", () => {
    const known = bench(siteWith(rows(2)));
    known.run(2, [300]);
    assert.equal(known.newest().renewsOnly, false);
    const b = bench(siteWith(rows(2)));
    b.wants.delete("c1");
    b.run(10, [300]);
    assert.equal(b.newest().renewsOnly, true);
    b.run(3, [300]);
    assert.deepEqual([b.newest().renewsOnly, b.shares()[0]], [false, 300]);
  });
});

describe("a charger that leads", () => {
  const site: Site = { ...siteWith(rows(3), { meter: "none" }), place: 0 };
  const led = (echoes: readonly number[], now: number): Report | null => {
    const identity = { term: 4, boot: 9, place: 0 };
    let arbiter = startArbiter(site, identity, null, millis(0));
    for (const [place, echo] of echoes.entries()) {
      const said = demandOf(`c${place}`, { boot: 9, term: 4, arbiter: 0, echo: millis(echo) });
      arbiter = hearDemand(arbiter, site, headFor(site), said, millis(Math.max(0, echo)));
    }
    const reading = { stamp: millis(now), budget: [deciamps(300)], house: [deciamps(0)], solar: null };
    return nextReport(takeReading(arbiter, site, reading, millis(now)), site, millis(now)).report;
  };
  it("reports nothing without a majority that promised to obey it", () => {
    assert.equal(led([], 100), null);
    assert.equal(led([100], 100), null);
    assert.notEqual(led([100, 100], 100), null);
  });
  it("gives no ampere past the moment at which a majority's promises end, by the fastest of their clocks", () => {
    const report = led([5_000, 1_000], 5_000);
    assert.ok(report);
    const promised = 1_000 + Math.floor(10_000 / 1.03);
    assert.ok(report.entries.every(({ until }) => until <= promised));
    assert.ok(report.entries.some(({ until }) => until === promised));
  });
  it("is silent when its majority's promises are over", () => {
    assert.equal(led([20_000, 1_000], 20_000), null);
  });
});

/** A charger in the worst way that is allowed: until it acknowledges a version or its end passes, it uses all that any
 *  report since the last acknowledged one said. */
interface Holder {
  readonly id: string;
  nonce: number;
  number: number;
  boot: number;
  echo: number;
  heard: { readonly boot: number; readonly stamp: number; readonly version: number };
  accepted: number;
  holds: readonly { readonly version: number; readonly until: number; readonly ranges: Ranges }[];
}

const usable = ({ holds }: Holder, now: number): Ranges =>
  holds.flatMap(({ until, ranges }) => (until >= now ? ranges : []));
/** The same ampere twice in one hand is one ampere. */
const merged = (ranges: Ranges): Ranges => {
  const kept: { phase: number; from: number; to: number }[] = [];
  for (const one of [...ranges].sort((a, b) => a.phase - b.phase || a.from - b.from)) {
    const last = kept.at(-1);
    if (last?.phase === one.phase && one.from <= last.to) last.to = Math.max(last.to, one.to);
    else kept.push({ ...one });
  }
  return kept;
};

/** What may happen to a site, in small pieces and, so that it gets somewhere, in whole rounds. */
type Happening =
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "read"; readonly amps: number }
  | { readonly kind: "deliver"; readonly who: number; readonly old: number }
  | {
      readonly kind: "demand";
      readonly who: number;
      readonly need: number;
      readonly lost: boolean;
      readonly one: boolean;
    }
  | { readonly kind: "lateDemand"; readonly old: number }
  | { readonly kind: "accept" | "restart"; readonly who: number }
  /** A reading, its report to all but one, acknowledgements of all but one, and demands. */
  | {
      readonly kind: "round";
      readonly amps: number;
      readonly needs: readonly number[];
      readonly deaf: number;
      readonly slow: number;
      readonly times: number;
    }
  | { readonly kind: "reboot" };

const ROSTER = [row("c0", { failsafeA: 6 }), row("c1", { wiring: [1, 2, 3] }), row("c2", { wiring: [2] })];
const WORLD = siteWith(ROSTER, { phases: 3, contractedA: 20, houseMaxA: 10 });
const RESERVED: Ranges = [{ phase: 1, from: 0, to: 60 }];

/** A site of three in the hands of chance; `check` fails when an ampere has two users. */
function world() {
  let now = 0;
  let boot = 1;
  let arbiter = startArbiter(WORLD, { term: 0, boot, place: METER }, null, millis(0));
  const reports: Report[] = [];
  const demands: Demand[] = [];
  const needs = ROSTER.map(() => 320);
  const holders = ROSTER.map(
    ({ id }, index): Holder => ({
      id,
      nonce: index + 1,
      number: 0,
      boot: 0,
      echo: 0,
      heard: { boot: 0, stamp: -1, version: 0 },
      accepted: 0,
      holds: [],
    }),
  );
  const lead = (): void => {
    const next = nextReport(passTime(arbiter, WORLD, millis(now)), WORLD, millis(now));
    arbiter = next.arbiter;
    if (next.report !== null) reports.push(next.report);
  };
  const hears = (demand: Demand): void => {
    arbiter = hearDemand(arbiter, WORLD, headFor(WORLD), demand, millis(now));
  };
  const read = (amps: number): void => {
    const budget = [amps, amps, 200].map(deciamps);
    const house = budget.map(() => deciamps(0));
    arbiter = takeReading(arbiter, WORLD, { stamp: millis(now), budget, house, solar: null }, millis(now));
    lead();
  };
  const deliver = (holder: Holder, report: Report): void => {
    const entry = report.entries[holders.indexOf(holder)];
    const { heard } = holder;
    const later = report.stamp > heard.stamp || (report.stamp === heard.stamp && report.version > heard.version);
    if (entry === undefined || report.boot < heard.boot || (report.boot === heard.boot && !later)) return;
    if (report.boot !== holder.boot) holder.accepted = 0;
    holder.boot = report.boot;
    holder.echo = report.sentAt;
    if (entry.nonce !== holder.nonce || entry.twins || entry.until <= now) return;
    const ranges = report.renewsOnly ? common(merged(usable(holder, now)), entry.ranges) : entry.ranges;
    holder.heard = report;
    holder.holds = [...holder.holds, { version: report.version, until: entry.until, ranges }];
  };
  const accept = (holder: Holder): void => {
    const newest = holder.holds.at(-1);
    if (newest === undefined || holder.heard.boot !== holder.boot) return;
    holder.accepted = newest.version;
    holder.holds = [newest];
  };
  const demand = (holder: Holder, lost: boolean, one: boolean): void => {
    holder.number++;
    const place = holders.indexOf(holder);
    const all = ROSTER[place]?.wiring ?? [];
    const said = demandOf(holder.id, {
      nonce: holder.nonce,
      number: holder.number,
      boot: holder.boot,
      echo: millis(holder.echo),
      accepted: holder.accepted,
      held: merged(usable(holder, now)),
      wants: wantsOf({ need: deciamps(needs[place] ?? 0), wiring: one ? all.slice(0, 1) : all }),
      draws: [0, 0, 0].map(milliamps),
    });
    demands.push(said);
    if (!lost) hears(said);
  };
  const check = (after: string): void => {
    const held = holders.map((holder) => merged(usable(holder, now)));
    assert.equal(heldTwice(held), null, `at ${now} ms after ${after}: ${JSON.stringify(held)}`);
    for (const ranges of held.slice(1)) assert.deepEqual(common(ranges, RESERVED), [], "it is reserved for c0");
    const told = reports.at(-1)?.entries.map(({ ranges }) => ranges) ?? [];
    assert.equal(heldTwice(told), null, "no report gives an ampere to two");
  };
  const round = (amps: number, deaf: number, slow: number): void => {
    now += 500;
    read(amps);
    const report = reports.at(-1);
    for (const [place, holder] of holders.entries()) {
      if (report !== undefined && place !== deaf) deliver(holder, report);
      check(`a report to ${place}`);
      if (place !== slow) accept(holder);
      demand(holder, false, false);
    }
    now += 500;
    lead();
  };
  const happen = (one: Happening): void => {
    const holder = "who" in one ? holders[one.who] : undefined;
    switch (one.kind) {
      case "wait":
        now += one.ms;
        break;
      case "read":
        read(one.amps);
        break;
      case "deliver": {
        const report = reports.at(-1 - one.old);
        if (holder !== undefined && report !== undefined) deliver(holder, report);
        break;
      }
      case "demand":
        needs[one.who] = one.need;
        if (holder !== undefined) demand(holder, one.lost, one.one);
        break;
      case "lateDemand": {
        const said = demands.at(-1 - one.old);
        if (said !== undefined) hears(said);
        break;
      }
      case "accept":
        if (holder !== undefined) accept(holder);
        break;
      case "restart":
        if (holder !== undefined)
          Object.assign(holder, { nonce: holder.nonce + 10, number: 0, accepted: 0, holds: [] });
        break;
      case "round":
        for (const [place, need] of one.needs.entries()) needs[place] = need;
        for (let time = 0; time < one.times; time++) {
          round(one.amps, one.deaf, one.slow);
          check(`round ${time}`);
        }
        break;
      case "reboot":
        boot++;
        arbiter = startArbiter(WORLD, { term: 0, boot, place: METER }, null, millis(now));
        break;
    }
    lead();
  };
  return { happen, check, held: () => holders.map((holder) => usable(holder, now)) };
}

describe("an ampere", () => {
  const who = fc.nat(2);
  const amps = fc.constantFrom(0, 59, 60, 120, 200);
  const need = fc.constantFrom(0, 30, 100, 320);
  const nobody = 9;
  const round = fc.record({
    kind: fc.constant("round" as const),
    amps,
    needs: fc.tuple(need, need, need),
    deaf: fc.constantFrom(nobody, nobody, 0, 1, 2),
    slow: fc.constantFrom(nobody, 0, 1, 2),
    times: fc.constantFrom(1, 2, 4),
  });
  const happening: fc.Arbitrary<Happening> = fc.oneof(
    { weight: 8, arbitrary: round },
    { weight: 2, arbitrary: fc.constantFrom(100, 480, 1_000).map((ms) => ({ kind: "wait", ms }) as const) },
    { weight: 1, arbitrary: fc.constantFrom(3_000, 10_301).map((ms) => ({ kind: "wait", ms }) as const) },
    { weight: 2, arbitrary: amps.map((one) => ({ kind: "read", amps: one }) as const) },
    {
      weight: 3,
      arbitrary: fc.tuple(who, fc.nat(3)).map(([one, old]) => ({ kind: "deliver", who: one, old }) as const),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("demand" as const), who, need, lost: fc.boolean(), one: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.nat(6).map((old) => ({ kind: "lateDemand", old }) as const) },
    { weight: 2, arbitrary: who.map((one) => ({ kind: "accept", who: one }) as const) },
    { weight: 1, arbitrary: who.map((one) => ({ kind: "restart", who: one }) as const) },
    { weight: 2, arbitrary: fc.constant({ kind: "reboot" } as const) },
  );
  const quiet: Happening = { kind: "round", amps: 200, needs: [320, 320, 320], deaf: nobody, slow: nobody, times: 1 };

  it("is used by everybody who may, once a site has settled", () => {
    const one = world();
    for (let second = 0; second < 15; second++) one.happen(quiet);
    assert.ok(one.held().every((ranges, place) => amountOf(ranges, ROSTER[place]?.wiring[0]) >= 90));
  });
  it("never has two owners, whatever is read, said, lost, late, doubled or restarted", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40, size: "max" }), (happenings) => {
        const one = world();
        for (let second = 0; second < 3; second++) one.happen(quiet);
        for (const next of happenings) {
          one.happen(next);
          one.check(JSON.stringify(next));
        }
      }),
      { numRuns: 60 },
    );
  });
});
