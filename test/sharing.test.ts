import assert from "node:assert/strict";
import fc from "fast-check";
import { encode } from "../src/sharing-message.js";
import { millis } from "../src/units.js";
import { headOf, heldTwice, reportOf, row, rows, STRANGE_KEY, sealed, settingsOf } from "./site.js";
import { type Network, town } from "./town.js";

const PLACES = [0, 1, 2];
const sum = (amps: readonly number[]): number => amps.reduce((total, one) => total + one, 0);
/** After the death of an elected arbiter: promise + 1.03 x lease + 5 s. */
const RECOVERED = 10_000 + 10_300 + 5_000;
const cut = (...alone: readonly number[]): Network => ({
  fate: (from, to) => (alone.includes(from) === alone.includes(to) ? [10] : []),
});

describe("a site of one charger with a fixed limit", () => {
  it("is led by it at once, and all of the line is its own", () => {
    const one = town(rows(1), { contractedA: 16 });
    one.run(100);
    assert.deepEqual(one.leaders(), [0]);
    one.run(1_000);
    assert.deepEqual([one.offers(), one.answer(0).because], [[160], "site"]);
  });
  it("leaves the house what it may take", () => {
    const one = town(rows(1), { contractedA: 30, bufferA: 1, houseMaxA: 20 });
    one.run(2_000);
    assert.deepEqual(one.offers(), [90]);
  });
  it("counts a house that nobody knows as nothing: the limit is contracted - buffer", () => {
    const one = town(rows(1), { houseMaxA: null, contractedA: 20, bufferA: 2 });
    one.run(20_000);
    assert.deepEqual(one.offers(), [180]);
  });
});

describe("a site of three chargers with a fixed limit", () => {
  const settled = (patch: object = {}) => {
    const three = town(rows(3), patch);
    three.run(25_000);
    return three;
  };
  it("has one leader, and a third of the line for each", () => {
    const three = settled();
    assert.equal(three.leaders().length, 1);
    assert.deepEqual(three.offers(), [100, 100, 100]);
  });
  it("gives to the others what one does not need, and back", () => {
    const three = settled();
    three.at(1).need = 0;
    three.run(15_000);
    assert.deepEqual(three.offers(), [150, 0, 150]);
    three.at(1).need = 80;
    three.run(15_000);
    assert.deepEqual(three.offers(), [110, 80, 110]);
  });
  it("finds another leader when the first dies, and shares again among those who are left", () => {
    const three = settled();
    const [first = -1] = three.leaders();
    three.kill(first);
    three.run(RECOVERED);
    const [second = -1, ...more] = three.leaders();
    assert.ok(second >= 0 && second !== first && more.length === 0);
    assert.deepEqual(
      three.offers(),
      PLACES.map((place) => (place === first ? 0 : 150)),
    );
  });
  it("takes the first back as a member when it comes again", () => {
    const three = settled();
    const [first = -1] = three.leaders();
    three.kill(first);
    three.run(RECOVERED);
    three.boot(first);
    three.run(RECOVERED);
    assert.equal(three.leaders().length, 1);
    assert.deepEqual(three.offers(), [100, 100, 100]);
  });
  it("falls to the fail-safe currents without a majority, and recovers with one", () => {
    const three = town([row("c0", { failsafeA: 6 }), row("c1"), row("c2", { failsafeA: 7 })]);
    three.run(25_000);
    three.kill(1);
    three.kill(2);
    three.run(25_000);
    assert.equal(three.answer(0).because, "failsafe");
    assert.equal(three.offers()[0], 60);
    three.boot(1);
    three.run(RECOVERED);
    assert.deepEqual(three.offers(), [115, 115, 0]);
  });
  it("leaves one who is cut off with its fail-safe current, and does not change its leader for its return", () => {
    const three = town(rows(3, { failsafeA: 6 }));
    three.run(25_000);
    const [first = -1] = three.leaders();
    const alone = PLACES.find((place) => place !== first) ?? -1;
    three.network(cut(alone));
    three.run(30_000);
    assert.deepEqual([three.offers()[alone], three.answer(alone).because], [60, "failsafe"]);
    assert.ok(sum(three.offers()) <= 300);
    three.network(cut());
    three.run(15_000);
    assert.deepEqual([three.leaders(), three.offers()], [[first], [100, 100, 100]]);
  });
  it("shares as well with clocks that run apart by 1.4 % each way", () => {
    const three = town(rows(3));
    three.at(0).pace = 1_014;
    three.at(1).pace = 986;
    three.run(60_000);
    assert.deepEqual(three.offers(), [100, 100, 100]);
  });
});

describe("a site of two chargers", () => {
  it("has no majority without both: who is left falls to its fail-safe current", () => {
    const two = town(rows(2, { failsafeA: 6 }));
    two.run(25_000);
    assert.deepEqual(two.offers(), [150, 150]);
    two.kill(1);
    two.run(20_000);
    assert.deepEqual([two.offers()[0], two.answer(0).because], [60, "failsafe"]);
  });
});

describe("messages that are not as they were meant", () => {
  const site = () => {
    const three = town(rows(3));
    three.run(25_000);
    return three;
  };
  const followers = (three: ReturnType<typeof site>) => PLACES.filter((place) => !three.leaders().includes(place));
  it("change nothing and are counted, when they are torn, too long, forged, or of another site", () => {
    const three = site();
    const [place = 0] = followers(three);
    const { settings, sharing } = three.at(place);
    const report = reportOf(9_000_000, [], { term: 99, arbiter: 0 });
    const whole = sealed(settings, { kind: "report", report });
    const bad = [
      whole.subarray(0, whole.length - 1),
      new Uint8Array(5_000),
      new Uint8Array(0),
      encode(headOf(settings), { kind: "report", report }, STRANGE_KEY),
      sealed(settingsOf({ siteId: "away" }, settings), { kind: "report", report }),
    ];
    for (const bytes of bad) three.hear(place, bytes);
    const { channel, ...after } = three.at(place).sharing;
    const { channel: before, ...same } = sharing;
    assert.deepEqual(after, same);
    assert.equal(sum(channel.refused), sum(before.refused) + bad.length);
  });
  it("change nothing when each comes twice", () => {
    const twice = town(rows(3), {}, { fate: () => [10, 60] });
    twice.run(30_000);
    assert.deepEqual([twice.offers(), twice.leaders().length], [[100, 100, 100], 1]);
  });
  it("change nothing when all that was ever sent is sent again", () => {
    const three = site();
    const offers = three.offers();
    const all = [...three.sent];
    const leader = three.leaders();
    for (const { to, bytes } of all) three.hear(to, bytes);
    three.run(10_000, () => assert.deepEqual(three.offers(), offers));
    assert.deepEqual(three.leaders(), leader);
    assert.equal(sum(PLACES.map(three.refused)), 0);
  });
  it("keep nobody from electing another leader when a dead one's are sent again and again", () => {
    for (const kind of ["report", "call"]) {
      const three = site();
      const [first = -1] = three.leaders();
      const recorded = three.sent.filter((one) => one.from === first && one.kind === kind).slice(-20);
      three.kill(first);
      let step = 0;
      three.run(RECOVERED, () => {
        const again = recorded[step++ % recorded.length];
        for (const place of followers(three)) if (again !== undefined) three.hear(place, again.bytes);
      });
      assert.equal(three.leaders().length, 1, kind);
    }
  });
  it("keep nobody from being heard when old calls of its own leader are sent again and again", () => {
    const three = site();
    const recorded = three.sent.filter((one) => one.kind === "call");
    assert.ok(recorded.length > 0);
    let step = 0;
    three.run(30_000, () => {
      const again = recorded[step++ % recorded.length];
      for (const place of followers(three)) if (again !== undefined) three.hear(place, again.bytes);
    });
    assert.deepEqual(three.offers(), [100, 100, 100]);
  });
});

describe("a configuration", () => {
  it("spreads from one charger to all, and the site goes by it", () => {
    const three = town(rows(3));
    three.run(25_000);
    three.set(2, { contractedA: 24 });
    three.run(RECOVERED);
    assert.deepEqual(
      PLACES.map((place) => Number(three.at(place).settings.contractedA)),
      [24, 24, 24],
    );
    assert.deepEqual(three.offers(), [80, 80, 80]);
  });
  it("reaches a charger that was off while it changed", () => {
    const three = town(rows(3));
    three.run(25_000);
    three.kill(1);
    three.set(0, { contractedA: 24 });
    three.run(RECOVERED);
    three.boot(1);
    three.run(RECOVERED);
    assert.equal(Number(three.at(1).settings.contractedA), 24);
    assert.deepEqual(three.offers(), [80, 80, 80]);
  });
  it("of another site makes a charger forget what its last one gave it", () => {
    const three = town(rows(3, { failsafeA: 6 }));
    three.run(25_000);
    three.set(1, { siteId: "away" });
    assert.deepEqual([three.answer(1).amps, three.answer(1).because], [60, "failsafe"]);
  });
});

describe("an ampere of a site that leads itself", () => {
  const PERIOD = 400;
  const weather = fc.record({
    lost: fc.constantFrom(0, 0, 10, 40, 100),
    late: fc.constantFrom(0, 0, 300, 3_000, 12_000),
    doubled: fc.boolean(),
    cutOff: fc.constantFrom<readonly number[]>([], [], [], [0], [1], [2], [0, 1]),
    lasts: fc.constantFrom(1_000, 4_000, 12_000),
    falls: fc.constantFrom(9, 9, 9, 0, 1, 2),
    off: fc.constantFrom(100, 3_000),
    needs: fc.tuple(...PLACES.map(() => fc.constantFrom(0, 80, 320))),
  });
  it("is never held by two, whatever is lost, late, doubled, cut off or restarted, with drifting clocks", () => {
    fc.assert(
      fc.property(fc.array(weather, { minLength: 1, maxLength: 7, size: "max" }), fc.nat(), (days, seed) => {
        let chance = seed;
        const roll = (below: number): number => {
          chance = (Math.imul(chance, 1_103_515_245) + 12_345) >>> 0;
          return (chance >>> 8) % below;
        };
        const three = town([row("c0", { failsafeA: 6 }), row("c1"), row("c2")]);
        three.at(0).pace = 1_014;
        three.at(2).pace = 986;
        const check = (): void => {
          const held = three.held();
          assert.equal(heldTwice(held), null, `at ${three.now()}: ${JSON.stringify(held)}`);
          assert.ok(sum(three.offers()) <= 300, `at ${three.now()}: ${three.offers()}`);
        };
        three.run(12_000, check);
        for (const { lost, late, doubled, cutOff, lasts, falls, off, needs } of days) {
          for (const [place, need] of needs.entries()) three.at(place).need = need;
          three.network({
            fate(from, to) {
              if (cutOff.includes(from) !== cutOff.includes(to) || roll(100) < lost) return [];
              const delay = 10 + (late === 0 ? 0 : roll(late));
              return doubled ? [delay, delay + roll(PERIOD)] : [delay];
            },
          });
          if (falls < 9) {
            three.kill(falls);
            three.run(off, check);
            three.boot(falls);
          }
          three.run(lasts, check);
        }
        three.network({ fate: () => [10] });
        three.run(RECOVERED, check);
        assert.equal(three.leaders().length, 1);
      }),
      { numRuns: 12 },
    );
  });
  it("is never held by two after a message of any moment comes late, once more", () => {
    const three = town(rows(3));
    three.run(20_000);
    fc.assert(
      fc.property(fc.nat(), fc.nat(2), (which, place) => {
        const one = three.sent[which % three.sent.length];
        if (one !== undefined) three.hear(place, one.bytes);
        three.run(50);
        assert.equal(heldTwice(three.held()), null);
      }),
      { numRuns: 40 },
    );
    assert.ok(three.now() > millis(20_000));
  });
});
