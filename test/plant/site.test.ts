import assert from "node:assert/strict";
import type { ChargerBoard, Machines, MeterBoard } from "../../hal/sim/plant/board.js";
import type { Fact } from "../../hal/sim/plant/facts.js";
import { parseScenario } from "../../hal/sim/plant/scenario.js";
import { createSite, type TimelineRecord } from "../../hal/sim/plant/site.js";

const WORDS = { state: "charging", mode: "auto", because: "site", role: "member" } as const;

/** No firmware: a constant offer of 30 A, and the coil follows what the line shows at each 20 ms. */
function dumb(site: () => ReturnType<typeof createSite>, board: ChargerBoard): Machines {
  let boots = 0;
  const look = (boot: number): void => {
    if (boot !== boots) return;
    const [high] = board.pilot().high;
    board.setContactor(high < 7_500 && high > 4_500);
    site().agenda.after(20, () => look(boot));
  };
  return {
    start: () => {
      board.setDuty(5_000);
      look(boots);
    },
    stop: () => {
      boots += 1;
    },
    hang: () => undefined,
    busy: () => undefined,
    set: () => null,
    words: () => WORDS,
  };
}

const idle = (_: MeterBoard): Machines => ({
  start: () => undefined,
  stop: () => undefined,
  hang: () => undefined,
  busy: () => undefined,
  set: () => null,
  words: () => WORDS,
});

function live(over: Record<string, unknown>) {
  const text = { name: "t", durationS: 60, site: { contractedA: 40 }, chargers: [{ id: "charger-1" }], ...over };
  const parsed = parseScenario(JSON.stringify(text));
  if (!parsed.ok) throw new Error(`${parsed.key}: ${parsed.why}`);
  const { scenario } = parsed;
  const records: TimelineRecord[] = [];
  const facts: Fact[] = [];
  const site: ReturnType<typeof createSite> = createSite({
    scenario,
    makeCharger: (board) => dumb(() => site, board),
    makeMeter: idle,
    onRecord: (record) => records.push(record),
    onFact: (fact) => facts.push(fact),
  });
  site.run(scenario.durationS * 1_000);
  const samples = records.flatMap((record) => (record.kind === "sample" ? [record] : []));
  return { records, facts, samples, last: samples[samples.length - 1]?.chargers["charger-1"] };
}

const PLUG = { atS: 2, plug: "charger-1", car: {} };

describe("plant site", () => {
  it("knows why each device starts: its supply, what it asked for itself, and its supply again", () => {
    const whys: string[] = [];
    const parsed = parseScenario(
      JSON.stringify({
        name: "t",
        durationS: 20,
        site: { contractedA: 40 },
        chargers: [{ id: "charger-1" }],
        events: [
          { atS: 10, power: "charger-1", on: false },
          { atS: 11, power: "charger-1", on: true },
        ],
      }),
    );
    if (!parsed.ok) throw new Error(parsed.why);
    const boards: ChargerBoard[] = [];
    const site = createSite({
      scenario: parsed.scenario,
      makeMeter: idle,
      makeCharger(board) {
        boards.push(board);
        const start = (): void => void whys.push(board.restarted());
        return {
          start,
          stop: () => undefined,
          hang: () => undefined,
          busy: () => undefined,
          set: () => null,
          words: () => WORDS,
        };
      },
      onRecord: () => undefined,
      onFact: () => undefined,
    });
    site.agenda.after(5_000, () => boards[0]?.restart("controller machine silent"));
    site.run(20_000);
    assert.deepEqual(whys, ["power", "controller machine silent", "power"]);
  });
  it("boots in 0.8 s, charges a car at the offer, and adds it to the grid", () => {
    const { facts, samples, last } = live({ events: [{ atS: 0, house: 3.2 }, PLUG] });
    assert.equal(facts.find((fact) => fact.kind === "boot" && fact.device === "charger-1")?.t, 800);
    const { pilot, offeredA, drawnA, contactor } = last ?? {};
    assert.deepEqual(
      { pilot, offeredA, drawnA, contactor },
      { pilot: "C2", offeredA: 30, drawnA: [30], contactor: true },
    );
    assert.deepEqual(samples[samples.length - 1]?.gridA, [33.2]);
  });

  it("writes a sample at least each second, in order of time, with every charger in it", () => {
    const { samples } = live({ events: [PLUG], chargers: [{ id: "charger-1" }, { id: "charger-2", bootS: 5 }] });
    samples.forEach((one, at) => {
      const before = samples[at - 1];
      if (before !== undefined) assert.ok(one.t >= before.t && one.t - before.t <= 1.0001);
      assert.deepEqual(Object.keys(one.chargers), ["charger-1", "charger-2"]);
    });
    assert.equal(samples[0]?.chargers["charger-2"]?.state, "off");
  });

  it("gives the same records and facts for the same scenario and seed", () => {
    const run = (): string => JSON.stringify(live({ seed: 9, events: [{ atS: 0, house: 3.2 }, PLUG] }));
    assert.equal(run(), run());
  });

  it("leaves the site without power after the main has opened", () => {
    const overload = { events: [{ atS: 0, house: 20 }, PLUG], site: { contractedA: 20, protection: "smart-meter" } };
    const { facts, last, samples } = live(overload);
    const trip = facts.find((fact) => fact.kind === "trip");
    assert.ok(trip !== undefined && trip.t > 5_000 && trip.t < 12_000);
    assert.deepEqual([last?.state, last?.because, last?.drawnA, last?.contactor], ["off", "none", [0], false]);
    assert.deepEqual(samples[samples.length - 1]?.gridA, [0]);
  });

  it("keeps a charger elsewhere out of the grid and out of the trip", () => {
    const away = { events: [PLUG], site: { contractedA: 10 }, chargers: [{ id: "charger-1", member: false }] };
    const { facts, last, samples } = live(away);
    assert.deepEqual(last?.drawnA, [30]);
    assert.deepEqual(samples[samples.length - 1]?.gridA, [0]);
    assert.ok(!facts.some((fact) => fact.kind === "trip"));
  });

  it("charges the battery by what a three-phase car draws on the one phase that is wired", () => {
    const { facts } = live({ events: [{ ...PLUG, car: { phases: 3, socPct: 10 } }] });
    const draws = facts.flatMap((fact) => (fact.kind === "draw" ? [fact] : []));
    const last = draws[draws.length - 1];
    assert.ok(last !== undefined);
    assert.equal(last.amps.length, 1);
    assert.ok(Math.abs(last.socPct - (10 + last.energyWh / 240)) < 0.05, `${last.socPct} % after ${last.energyWh} Wh`);
  });

  it("trips one input and leaves the other; none clears both", () => {
    const trip = (atS: number, more: object) => ({ atS, trip: "charger-1", ...more });
    const events = [
      trip(5, { cause: "residual" }),
      trip(6, { cause: "temperature", celsius: 70 }),
      trip(7, { cause: "none" }),
    ];
    const { facts } = live({ events });
    const told = facts.flatMap((fact) => {
      if (fact.kind === "residual") return [`${fact.t} residual ${fact.tripped}`];
      return fact.kind === "temperature" ? [`${fact.t} ${fact.celsius} C`] : [];
    });
    assert.deepEqual(told, ["5000 residual true", "6000 70 C", "7000 residual false", "7000 25 C"]);
  });
});
