import assert from "node:assert/strict";
import { createAgenda } from "../../hal/sim/plant/agenda.js";
import type { ChargerBoard, Machines } from "../../hal/sim/plant/board.js";
import { createChance } from "../../hal/sim/plant/chance.js";
import type { Fact } from "../../hal/sim/plant/facts.js";
import { createNetwork } from "../../hal/sim/plant/network.js";
import { parseScenario } from "../../hal/sim/plant/scenario.js";
import { createSite } from "../../hal/sim/plant/site.js";
import { siteKindOf } from "../../hal/sim/plant/site-kind.js";

const REPORT = Uint8Array.from([0x49, 0x45, 1, ...Array.from({ length: 40 }, (_, index) => index)]);

describe("datagrams", () => {
  function world() {
    const agenda = createAgenda();
    const network = createNetwork(agenda, createChance(1));
    const heard: string[] = [];
    for (const name of ["a", "b", "c", "a'"]) {
      network.hear(name, ({ from, bytes }) => heard.push(`${name} ${from} ${bytes[0]}`));
    }
    return { agenda, network, heard };
  }

  it("reach one by its name, or all others, and never their sender", () => {
    const { agenda, network, heard } = world();
    network.datagram("a", "b", Uint8Array.of(1));
    network.datagram("a", "a", Uint8Array.of(2));
    network.datagram("b", null, Uint8Array.of(3));
    agenda.run(10);
    assert.deepEqual(heard, ["b a 1", "a b 3", "c b 3", "a' b 3"]);
  });
  it("are not sent again when a link or a partition stops them", () => {
    const { agenda, network, heard } = world();
    network.link("b", false);
    network.datagram("a", "b", Uint8Array.of(1));
    network.link("b", true);
    network.partition([["a", "c"], ["b"]]);
    network.datagram("a", null, Uint8Array.of(2));
    agenda.run(100);
    network.partition([]);
    agenda.run(30_000);
    assert.deepEqual(heard.sort(), ["a' a 2", "c a 2"]);
  });
  it("are lost, doubled and out of order as the weather is", () => {
    const { agenda, network, heard } = world();
    network.weather({ loss: 0.3, duplicate: 0.3, delayS: [0.01, 2] });
    for (let count = 0; count < 200; count++) network.datagram("a", "b", Uint8Array.of(count));
    agenda.run(10_000);
    const numbers = heard.map((one) => Number(one.split(" ")[2]));
    const kinds = new Set(numbers).size;
    assert.ok(kinds > 100 && kinds < 190 && numbers.length > kinds);
    assert.ok(numbers.some((one, index) => one < (numbers[index - 1] ?? 0)));
  });
});

interface Received {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Two chargers without firmware; the first sends a report each second, by datagram. */
function visited(events: readonly object[], durationS: number) {
  const text = {
    name: "t",
    durationS,
    site: { contractedA: 30, meter: null },
    chargers: [{ id: "a" }, { id: "b" }],
    events,
  };
  const parsed = parseScenario(JSON.stringify(text));
  if (!parsed.ok) throw new Error(`${parsed.key}: ${parsed.why}`);
  const { scenario } = parsed;
  const received: Received[] = [];
  const facts: Fact[] = [];
  const boards: string[] = [];

  function mute(board: ChargerBoard, id: string): Machines {
    boards.push(board.id);
    const speak = (): void => {
      site.agenda.after(1_000, speak);
      board.datagram(null, REPORT);
    };
    const idle = (): void => undefined;
    return {
      start() {
        board.events = {
          ...{ residual: idle, selfTest: idle, button: idle, serial: idle, stream: idle, page: idle, link: idle },
          ...{ clock: idle, radio: idle, name: idle, found: idle },
          datagram: (from, bytes) =>
            void (id === "b" && from !== "" && received.push({ at: site.agenda.now(), bytes })),
        };
        if (board.id === "a") speak();
      },
      stop: idle,
      hang: idle,
      busy: idle,
      set: () => null,
      words: () => ({ state: "available", mode: "auto", because: "none", role: "member" }),
    };
  }

  const site: ReturnType<typeof createSite> = createSite({
    scenario,
    makeCharger: (board, { id }) => mute(board, id),
    makeMeter: () => {
      throw new Error("there is no meter on this site");
    },
    onRecord: null,
    onFact: (fact) => facts.push(fact),
  });
  site.run(durationS * 1_000);
  return { received, facts, boards };
}

describe("strangers", () => {
  it("send noise, a part, a changed bit and far too much", () => {
    const { received, facts } = visited([{ atS: 5.5, forge: "report" }], 6);
    const forged = received.filter(({ at }) => at >= 5_500 && at < 5_800).map(({ bytes }) => bytes);
    assert.equal(forged.length, 4);
    assert.ok(forged.some((bytes) => bytes.length === 6_000));
    assert.ok(forged.some((bytes) => bytes.length < REPORT.length));
    const flipped = forged.filter((bytes) => bytes.length === REPORT.length);
    assert.equal(flipped[0]?.filter((byte, index) => byte !== REPORT[index]).length, 1);
    const counted = facts.filter((fact) => fact.kind === "delivery" && fact.charger === "b" && fact.what === "report");
    assert.equal(counted.length, received.length - 4);
  });
  it("send again, within a second, all that was said in so many seconds", () => {
    const { received } = visited([{ atS: 10.5, forge: { replay: 4 } }], 11.7);
    const again = received.filter(({ at }) => at > 10_500);
    assert.equal(again.length, 4 + 1);
    assert.ok(again.every(({ bytes }) => siteKindOf(bytes) === "report"));
  });
  it("pass themselves off as a charger with the same firmware, and are in no sample and no fact", () => {
    const { boards, facts } = visited([{ atS: 2, impersonate: "b" }], 5);
    assert.deepEqual(boards, ["a", "b", "b'"]);
    assert.ok(facts.every((fact) => !JSON.stringify(fact).includes("b'")));
  });
});
