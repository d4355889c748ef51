import assert from "node:assert/strict";
import fc from "fast-check";
import { allocate, type ShareDemand, type SharedSite } from "../src/allocate.js";
import { deciamps } from "../src/units.js";
import { car } from "./site.js";

const FAIR: SharedSite = { budget: [deciamps(300)], policy: "fair", maxCharging: 0 };
const leaving = (amps: number, over: Partial<SharedSite> = {}): SharedSite => ({
  ...FAIR,
  budget: [deciamps(amps)],
  ...over,
});
const cars = (count: number, over: Partial<ShareDemand> = {}): readonly ShareDemand[] =>
  Array.from({ length: count }, (_, place) => car(`c${place}`, { registered: place, ...over }));
const offers = (site: SharedSite, demands: readonly ShareDemand[]): readonly number[] =>
  allocate(site, demands).map(({ offer }) => offer);

describe("allocate, equal", () => {
  const given = (houseTenths: number, count: number): readonly number[] =>
    offers(leaving(300 - houseTenths, { policy: "equal" }), cars(count));
  it("gives the amperes that the published system gave, of 30 A", () => {
    assert.deepEqual(given(32, 1), [260]);
    assert.deepEqual(given(50, 1), [250]);
    assert.deepEqual(given(50, 2), [120, 120]);
    assert.deepEqual(given(50, 3), [80, 80, 80]);
    assert.deepEqual(given(43, 3), [80, 80, 80]);
    assert.deepEqual(given(164, 3), [60, 60, 0]);
    assert.deepEqual(given(164, 2), [60, 60]);
  });
  it("lets the last to have registered wait below 18 A for three", () => {
    assert.deepEqual(given(120, 3), [60, 60, 60]);
    assert.deepEqual(given(121, 3), [80, 80, 0]);
    const late = [car("a", { registered: 9 }), car("b", { registered: 1 }), car("c", { registered: 5 })];
    assert.deepEqual(offers(leaving(130, { policy: "equal" }), late), [0, 60, 60]);
  });
  it("lets all but one wait below 12 A, and everybody below 6 A", () => {
    assert.deepEqual(given(300 - 119, 3), [110, 0, 0]);
    assert.deepEqual(given(300 - 59, 3), [0, 0, 0]);
  });
  it("leaves unused what a car cannot take: there are no turns and no second round", () => {
    const [small, large] = offers(leaving(300, { policy: "equal" }), [car("a", { max: deciamps(100) }), car("b")]);
    assert.deepEqual([small, large], [100, 150]);
    const turned = [car("a", { turn: 5_000 }), car("b", { registered: 1, waitingS: 5_000 })];
    assert.deepEqual(offers(leaving(100, { policy: "equal" }), turned), [100, 0]);
  });
});

describe("allocate, fair", () => {
  it("gives one car all that the house leaves, in 0.1 A, up to its rating", () => {
    assert.deepEqual(offers(leaving(268), cars(1)), [268]);
    assert.deepEqual(offers(leaving(600), cars(1)), [320]);
  });
  it("offers nothing below 6 A", () => {
    assert.deepEqual(offers(leaving(59), cars(1)), [0]);
    assert.deepEqual(offers(leaving(60), cars(1)), [60]);
    assert.deepEqual(offers(leaving(300), [car("a", { max: deciamps(59) })]), [0]);
  });
  it("gives to the others what a car does not need", () => {
    assert.deepEqual(offers(leaving(300), [car("a", { need: deciamps(80) }), car("b")]), [80, 220]);
  });
  it("gives the tenth that cannot be shared to the first", () => {
    const [first = 0, second = 0] = offers(leaving(251), cars(2));
    assert.deepEqual([first, second], [126, 125]);
  });
  it("offers 6 A to a nearly full car, for less cannot be offered", () => {
    assert.deepEqual(offers(leaving(300), [car("a", { need: deciamps(30) }), car("b")]), [60, 240]);
  });
  it("gives nothing to a car that wants nothing", () => {
    const [share] = allocate(FAIR, [car("a", { need: deciamps(0) })]);
    assert.deepEqual(share, { id: "a", offer: 0, because: "none", nextTurnS: null });
  });
  it("counts each car on all of its phases", () => {
    const site: SharedSite = { ...FAIR, budget: [300, 200, 100].map(deciamps) };
    const three = car("three", { wiring: [1, 2, 3] });
    assert.deepEqual(offers(site, [three, car("one"), car("two", { wiring: [2] })]), [100, 200, 100]);
  });
  it("lets no more cars charge at once than the site wants", () => {
    for (const policy of ["fair", "equal"] as const) {
      assert.deepEqual(
        offers({ ...FAIR, policy, maxCharging: 2 }, cars(3)).filter((offer) => offer > 0),
        [150, 150],
      );
    }
  });
});

describe("allocate, turns", () => {
  const slot = leaving(70);
  const waiting = (waitingS: number, over: Partial<ShareDemand> = {}) => car("w", { waitingS, ...over });
  it("last 15 minutes while others wait, and as long as nobody does", () => {
    for (const [turn, keeps] of [
      [899, true],
      [900, false],
    ] as const) {
      assert.deepEqual(offers(slot, [car("a", { turn }), waiting(600)]), keeps ? [70, 0] : [0, 70]);
    }
    assert.deepEqual(offers(slot, [car("a", { turn: 90_000 })]), [70]);
  });
  it("go to who has waited longest", () => {
    assert.deepEqual(offers(slot, [waiting(100), waiting(300), waiting(200)]), [0, 70, 0]);
  });
  it("go first to the higher priority among those that have waited alike, to a minute", () => {
    assert.deepEqual(offers(slot, [waiting(10), waiting(5, { priority: 1 })]), [0, 70]);
    assert.deepEqual(offers(slot, [waiting(70), waiting(5, { priority: 1 })]), [70, 0]);
  });
  it("are never cancelled by a priority", () => {
    assert.deepEqual(offers(slot, [car("a", { turn: 10 }), waiting(500, { priority: 9 })]), [70, 0]);
  });
  it("come last to a nearly full car, and short ones once it has waited as long as a turn", () => {
    const full = { need: deciamps(20) };
    assert.deepEqual(offers(slot, [waiting(300, full), waiting(0)]), [0, 70]);
    assert.deepEqual(offers(slot, [waiting(900, full), waiting(0)]), [60, 0]);
    assert.deepEqual(offers(leaving(130), [waiting(0, full), waiting(0)]), [60, 70]);
  });
  it("are not needed by a car that charges on its own fail-safe amperes: nobody else could have them", () => {
    const long = car("own", { turn: 5_000, reserved: true });
    const waits = ["a", "b"].map((id) => car(id, { waitingS: 800 }));
    assert.deepEqual(offers(leaving(125), [...waits, long]), [62, 0, 63]);
  });
  it("are announced: the time until the next, as far as can be seen", () => {
    const shares = allocate(slot, [car("a", { turn: 300 }), waiting(100), waiting(50)]);
    assert.deepEqual(
      shares.map(({ nextTurnS }) => nextTurnS),
      [0, 600, 1_500],
    );
    const none = allocate(leaving(50), [car("a")]);
    assert.equal(none[0]?.nextTurnS, null);
  });
});

describe("allocate, sun and priority", () => {
  const sunny = (surplus: number, over: Partial<SharedSite> = {}): SharedSite => ({
    ...FAIR,
    surplus: [deciamps(surplus)],
    ...over,
  });
  it("gives a car in solar mode only of the surplus", () => {
    assert.deepEqual(offers(sunny(90), [car("a", { mode: "solar" }), car("b")]), [90, 210]);
    assert.deepEqual(offers(sunny(59), [car("a", { mode: "solar" })]), [0]);
    assert.deepEqual(offers(FAIR, [car("a", { mode: "solar" })]), [0]);
    assert.deepEqual(offers({ ...FAIR, surplus: null }, [car("a", { mode: "solar" })]), [0]);
  });
  it("gives it no more than the house leaves, however much the roof gives", () => {
    assert.deepEqual(offers(sunny(200, { budget: [deciamps(100)] }), [car("a", { mode: "solar" })]), [100]);
  });
  it("gives what is above 6 A each to the higher priority first", () => {
    assert.deepEqual(offers(leaving(300), [car("a"), car("b", { priority: 1 })]), [60, 240]);
    assert.deepEqual(offers(leaving(300), [car("a"), car("b", { priority: 1, need: deciamps(100) })]), [200, 100]);
  });
});

describe("allocate, reasons", () => {
  const why = (site: SharedSite, demands: readonly ShareDemand[]) => allocate(site, demands).map((one) => one.because);
  it("name the limit that holds", () => {
    assert.deepEqual(why(leaving(200), cars(1)), ["site"]);
    assert.deepEqual(why(leaving(59), cars(1)), ["site"]);
    assert.deepEqual(why(leaving(600), cars(1)), ["rating"]);
    assert.deepEqual(why(leaving(600), [car("a", { mode: "manual", max: deciamps(100) })]), ["manual"]);
    assert.deepEqual(why({ ...FAIR, surplus: [deciamps(50)] }, [car("a", { mode: "solar" })]), ["solar"]);
    assert.deepEqual(why(leaving(200), cars(2)), ["share", "share"]);
    assert.deepEqual(why(leaving(70), cars(2)), ["site", "share"]);
  });
});

describe("allocate, whatever is asked", () => {
  const amps = fc.constantFrom(0, 10, 59, 60, 61, 100, 160, 320).map(deciamps);
  const demand = fc.record({
    wiring: fc.constantFrom([1], [2], [3], [1, 2, 3]),
    max: fc.constantFrom(59, 60, 100, 320).map(deciamps),
    need: amps,
    priority: fc.constantFrom(0, 0, 1),
    registered: fc.integer({ min: 0, max: 3 }),
    waitingS: fc.constantFrom(0, 59, 60, 899, 900, 4_000),
    turn: fc.constantFrom(0, 0, 1, 119, 120, 899, 900, 4_000),
    mode: fc.constantFrom("auto" as const, "manual" as const, "solar" as const),
  });
  const demands = fc.array(demand, { maxLength: 9 }).map((list) => list.map((one, place) => car(`c${place}`, one)));
  const budgets = fc.array(fc.constantFrom(0, 59, 60, 119, 125, 180, 251, 600).map(deciamps), {
    minLength: 3,
    maxLength: 3,
  });
  const site = fc.record({
    budget: budgets,
    policy: fc.constantFrom("fair" as const, "equal" as const),
    maxCharging: fc.constantFrom(0, 0, 1, 3),
    surplus: fc.option(budgets),
  });
  const sum = (list: readonly ShareDemand[], given: readonly number[], phase: number, solar: boolean): number =>
    list.reduce(
      (total, one, place) =>
        one.wiring.includes(phase) && (!solar || one.mode === "solar") ? total + (given[place] ?? 0) : total,
      0,
    );
  const PHASES = [1, 2, 3];

  it("sums to no more than the budget on each phase, and in solar mode than the surplus", () => {
    fc.assert(
      fc.property(site, demands, (where, list) => {
        const given = offers(where, list);
        for (const phase of PHASES) {
          assert.ok(sum(list, given, phase, false) <= (where.budget[phase - 1] ?? 0));
          assert.ok(sum(list, given, phase, true) <= (where.surplus?.[phase - 1] ?? 0));
        }
      }),
    );
  });
  it("offers 0, or from 6 A up to what the charger can, to no more cars than may charge", () => {
    fc.assert(
      fc.property(site, demands, (where, list) => {
        const given = offers(where, list);
        for (const [place, offer] of given.entries()) {
          const { max = 0, need = 0 } = list[place] ?? {};
          assert.ok(offer === 0 || (offer >= 60 && offer <= max && need > 0));
          if (where.policy === "equal") assert.equal(offer % 10, 0);
          else assert.ok(offer <= Math.max(60, need));
        }
        const most = where.maxCharging === 0 ? list.length : where.maxCharging;
        assert.ok(given.filter((offer) => offer > 0).length <= most);
      }),
    );
  });
  it("answers each demand, in their order", () => {
    fc.assert(
      fc.property(site, demands, (where, list) => {
        assert.deepEqual(
          allocate(where, list).map(({ id }) => id),
          list.map(({ id }) => id),
        );
      }),
    );
  });
  it("gives the same to the same car wherever it stands in the list, but for a tenth", () => {
    fc.assert(
      fc.property(site, demands, (where, list) => {
        const different = list.map((one, place) => ({ ...one, registered: place, waitingS: place * 60, turn: 0 }));
        const forward = new Map(allocate(where, different).map(({ id, offer }) => [id, offer]));
        for (const { id, offer } of allocate(where, [...different].reverse())) {
          assert.ok(Math.abs(offer - (forward.get(id) ?? 0)) <= 1, id);
        }
      }),
    );
  });
  it("is max-min when fair: nobody could have more without taking from one who has no more", () => {
    fc.assert(
      fc.property(budgets, demands, (budget, list) => {
        const alike = list.map((one): ShareDemand => ({ ...one, priority: 0, mode: "auto" }));
        const given = offers({ budget, policy: "fair", maxCharging: 0 }, alike);
        for (const [place, one] of alike.entries()) {
          const offer = given[place] ?? 0;
          if (offer === 0 || offer >= Math.max(60, Math.min(one.max, one.need))) continue;
          const tight = one.wiring.some((phase) => {
            const others = alike.flatMap((other, at) => (other.wiring.includes(phase) ? [given[at] ?? 0] : []));
            const full = sum(alike, given, phase, false) === budget[phase - 1];
            return full && others.every((amount) => amount <= offer + 1);
          });
          assert.ok(tight, `${place} has ${offer} of ${given}`);
        }
      }),
    );
  });
  it("lets nobody wait when fair who could have 6 A beside the others' 6 A", () => {
    fc.assert(
      fc.property(budgets, demands, (budget, list) => {
        const given = offers({ budget, policy: "fair", maxCharging: 0, surplus: budget }, list);
        for (const [place, one] of list.entries()) {
          if ((given[place] ?? 0) > 0 || one.need === 0 || one.max < 60) continue;
          const blocked = one.wiring.some((phase) => {
            const charging = list.filter((other, at) => other.wiring.includes(phase) && (given[at] ?? 0) > 0).length;
            return (budget[phase - 1] ?? 0) - 60 * charging < 60;
          });
          assert.ok(blocked, `${place} waits: ${given}`);
        }
      }),
    );
  });
  it("gives everybody on one phase the same when equal, the floor of their part in whole amperes", () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 59, 60, 119, 120, 251, 600), fc.integer({ min: 0, max: 9 }), (room, count) => {
        const given = offers(leaving(room, { policy: "equal" }), cars(count));
        const charging = given.filter((offer) => offer > 0);
        const each = Math.min(320, Math.floor(room / Math.max(1, charging.length) / 10) * 10);
        for (const offer of charging) assert.equal(offer, each);
        assert.ok(given.slice(charging.length).every((offer) => offer === 0));
        const more = Math.floor(room / (charging.length + 1) / 10) * 10;
        assert.ok(charging.length === count || more < 60);
      }),
    );
  });
  it("shares out among a thousand cars", () => {
    const many = Array.from({ length: 1_000 }, (_, place) =>
      car(`c${place}`, { wiring: [(place % 3) + 1], registered: place, waitingS: place % 700 }),
    );
    for (const policy of ["fair", "equal"] as const) {
      const given = offers({ budget: [9_000, 9_000, 60_000].map(deciamps), policy, maxCharging: 0 }, many);
      assert.equal(given.filter((offer) => offer > 0).length, 150 + 150 + 333);
      for (const phase of PHASES) assert.ok(sum(many, given, phase, false) <= (phase === 3 ? 60_000 : 9_000));
    }
  });
});
