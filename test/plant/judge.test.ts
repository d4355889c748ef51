import assert from "node:assert/strict";
import type { Fact } from "../../hal/sim/plant/facts.js";
import { createJudge } from "../../hal/sim/plant/judge.js";
import { putBefore } from "../../hal/sim/plant/judge-facts.js";
import { parseEvent, parseScenario } from "../../hal/sim/plant/scenario.js";

const WORDS = { state: "charging", mode: "auto", because: "share", role: "member" } as const;
const CAR = {
  maxA: 32,
  phases: 1,
  batteryKWh: 50,
  socPct: 30,
  reactS: 1,
  rampAps: 5,
  obeys: true,
  leavesC: true,
  diode: true,
};
const DUTY_OF = { 0: 10_000, 6: 1_000, 10: 1_667, 16: 2_667, 30: 5_000 } as const;
type Offer = keyof typeof DUTY_OF;
/** What S2 grants with a lease of 10 s. */
const SETTLED_S = 110.6;

/** A site of chargers a, b, ... with a car each, judged by what is planted here. */
function planted(count: number, site: Record<string, unknown> = {}, chargers: Record<string, unknown> = {}) {
  const ids = ["a", "b", "c", "d", "e"].slice(0, count);
  const parsed = parseScenario(
    JSON.stringify({
      name: "planted",
      durationS: 10,
      site: { contractedA: 32, ...site },
      chargers: ids.map((id) => ({ id, ...chargers })),
      events: [],
    }),
  );
  if (!parsed.ok) throw new Error(`${parsed.key}: ${parsed.why}`);
  const { scenario } = parsed;
  const judge = createJudge(scenario.site, scenario.chargers);
  let t = 0;
  const put = (fact: Fact): void => putBefore(judge, fact);
  put({ t, kind: "power", device: "meter", on: true, cause: "scenario" });
  for (const id of ids) {
    put({ t, kind: "power", device: id, on: true, cause: "scenario" });
    put({ t, kind: "words", charger: id, words: WORDS });
    put({ t, kind: "car", charger: id, car: CAR });
  }
  return {
    judge,
    offer(id: string, amps: Offer): void {
      put({ t, kind: "duty", charger: id, duty: DUTY_OF[amps] });
    },
    draw: (id: string, amps: number): void =>
      put({ t, kind: "draw", charger: id, amps: [amps], energyWh: 0, socPct: 40 }),
    house: (amps: number): void => put({ t, kind: "house", house: [amps], solar: [0] }),
    words: (id: string, over: Partial<Record<keyof typeof WORDS, string>>): void =>
      put({
        t,
        kind: "words",
        charger: id,
        words: { ...WORDS, ...over, role: over.role === "arbiter" ? "arbiter" : "member" },
      }),
    event(said: Record<string, unknown>): void {
      const read = parseEvent(said, scenario);
      if (!read.ok) throw new Error(`${read.key}: ${read.why}`);
      put({ t, kind: "event", event: read.event });
    },
    reading: (id: string): void =>
      put({ t, kind: "delivery", charger: id, topic: "house-meter/current", bytes: 3, what: "reading" }),
    /** So many seconds; each of them a report reaches these chargers. */
    run(seconds: number, heard: readonly string[] = ids): void {
      for (const until = t + seconds * 1_000; t < until; ) {
        t += Math.min(1_000, until - t);
        judge.until(t);
        for (const charger of heard) put({ t, kind: "delivery", charger, topic: "udp", bytes: 90, what: "report" });
      }
    },
    broken: (): readonly string[] =>
      judge.figures().broken.map(({ rule, charger, t: at }) => `${rule} ${charger} ${at}`.trim()),
  };
}

describe("judge: S1", () => {
  it("breaks when the sum of offers stays above the budget for 2.7 s and a report", () => {
    const { offer, house, run, broken } = planted(2);
    run(1);
    offer("a", 16);
    offer("b", 16);
    run(20);
    house(4);
    run(3.9);
    assert.deepEqual(broken(), []);
    run(0.2);
    assert.deepEqual(broken(), ["S1  25.1"]);
  });
  it("waits for the lease where one who offers hears no report", () => {
    const { offer, house, run, broken } = planted(2);
    run(1);
    offer("a", 16);
    offer("b", 16);
    run(20);
    house(4);
    run(12.9, ["a"]);
    assert.deepEqual(broken(), []);
    run(0.2, ["a"]);
    assert.equal(broken().length, 1);
  });
  it("does not wait for one who hears nothing and offers nothing", () => {
    const { offer, house, run, broken } = planted(3);
    run(1);
    offer("a", 16);
    offer("b", 16);
    run(20, ["a", "b"]);
    house(4);
    run(4.1, ["a", "b"]);
    assert.equal(broken().length, 1);
  });
  it("takes an arbiter to hear itself, while somebody else's meter is heard", () => {
    for (const [heard, most] of [
      [true, 5],
      [false, 13],
    ] as const) {
      const { offer, house, run, words, reading, broken } = planted(1, { meter: { ours: false } });
      words("a", { role: "arbiter" });
      offer("a", 30);
      for (let second = 0; second < 12; second++) {
        reading("a");
        run(1, []);
      }
      house(10);
      for (let second = 0; second < most; second++) {
        assert.deepEqual(broken(), []);
        if (heard) reading("a");
        run(1, []);
      }
      if (heard) reading("a");
      run(1, []);
      assert.equal(broken().length, 1);
    }
  });
  it("lets reports be late while the network is slow or loses", () => {
    const { offer, house, run, event, broken } = planted(2);
    event({ network: { loss: 0.2 } });
    run(1);
    offer("a", 16);
    offer("b", 16);
    run(20);
    house(4);
    run(12.9);
    assert.deepEqual(broken(), []);
    run(0.2);
    assert.equal(broken().length, 1);
  });
});

describe("judge: S2", () => {
  it("breaks once for a car that is offered nothing while 7.5 A are free", () => {
    const { offer, run, broken } = planted(2);
    offer("a", 16);
    run(Math.ceil(SETTLED_S));
    assert.deepEqual(broken(), []);
    run(200);
    assert.deepEqual(broken(), ["S2 b 112"]);
  });
  it("counts anew from each change, and rests while the network is broken", () => {
    const { offer, run, event, house, broken } = planted(2);
    offer("a", 16);
    run(100);
    house(3);
    run(100);
    event({ link: "a", up: false });
    run(300);
    event({ link: "a", up: true });
    run(110);
    assert.deepEqual(broken(), []);
    run(3);
    assert.deepEqual(broken(), ["S2 b 612"]);
  });
  it("does not count a small step of the house as a change", () => {
    const { offer, run, house, broken } = planted(2);
    offer("a", 16);
    run(60);
    house(0.9);
    run(52);
    assert.deepEqual(broken(), ["S2 b 112"]);
  });
  it("breaks for a car that is kept short of what is free, not for one that takes no more", () => {
    const { offer, run, draw, broken } = planted(3, { contractedA: 40 });
    for (const id of ["a", "b", "c"]) offer(id, 10);
    draw("a", 9.9);
    draw("b", 9.9);
    draw("c", 8);
    run(112);
    assert.deepEqual(broken(), ["S2 a 112", "S2 b 112"]);
  });
  it("does not break for a car that nobody permits, that is full, or that has no place", () => {
    const { offer, run, words, draw, broken } = planted(3, { maxCharging: 1 });
    offer("a", 16);
    draw("a", 12);
    words("b", { because: "person" });
    run(300);
    assert.deepEqual(broken(), []);
  });
  it("is not judged where no charger can lead", () => {
    const { offer, run, event, broken } = planted(2, { meter: null, houseMaxA: 0 });
    event({ hang: "b", restarts: false });
    offer("b", 16);
    run(300);
    assert.deepEqual(broken(), []);
  });
});

describe("judge: S3", () => {
  it("breaks when one of two waits longer than a turn for the only place, and again after its next turn", () => {
    const { offer, run, broken } = planted(2, { contractedA: 10 });
    offer("a", 6);
    run(989);
    assert.deepEqual(broken(), []);
    run(1_000);
    assert.deepEqual(broken(), ["S3 b 991"]);
    offer("a", 0);
    offer("b", 6);
    run(991);
    assert.deepEqual(broken(), ["S3 b 991", "S3 a 2980"]);
  });
  it("grants as many turns as there are cars before one, by the places there are", () => {
    const { offer, run, broken } = planted(5, { contractedA: 13 });
    offer("a", 6);
    offer("b", 6);
    run(2 * 990 - 2);
    assert.deepEqual(broken(), []);
    run(4);
    assert.deepEqual(
      broken().map((one) => one.slice(0, 4)),
      ["S3 c", "S3 d", "S3 e"],
    );
  });
  it("does not count while there is not even one place, or while a fault lasts", () => {
    const { offer, run, event, house, judge, broken } = planted(2, { contractedA: 10 });
    offer("a", 6);
    run(500);
    house(5);
    run(1_000);
    house(0);
    event({ link: "a", up: false });
    run(1_000);
    event({ link: "a", up: true });
    run(480);
    assert.deepEqual(
      broken().filter((one) => one.startsWith("S3")),
      [],
    );
    assert.deepEqual(judge.longestWaitS(), { a: 0, b: 1_980 });
  });
  it("is not judged under the policy of equal parts", () => {
    const { offer, run, broken } = planted(2, { contractedA: 10, policy: "equal" });
    offer("a", 6);
    run(3_000);
    assert.deepEqual(broken(), []);
  });
});
