import assert from "node:assert/strict";
import fc from "fast-check";
import type { FlashOp } from "../src/boot-count.js";
import { find } from "../src/feed-find.js";
import {
  add,
  type FeedQueue,
  hearSector,
  isWhole,
  nextToRead,
  queueSize,
  sending,
  spill,
  startQueue,
  taken,
  waiting,
} from "../src/feed-queue.js";
import { decodeSample, encodeSample, type FeedLayout, type FeedSample, recordSize } from "../src/feed-sample.js";
import { FLASH_MAP, SECTOR_SIZE } from "../src/flash-map.js";
import { decivolts, deciwatts, milliamps, wattHours } from "../src/units.js";
import { type FlashModel, flashModel } from "./flash-model.js";

const LAYOUT: FeedLayout = {
  phases: 3,
  places: [1, 2, 3].map((phase) => ({ role: "house", phase })),
};
const START = 1_795_000_000;

const sampleOf = (number: number, layout = LAYOUT): FeedSample => ({
  time: START + number * 60,
  values: layout.places.map((_, at) =>
    (number + at) % 5 === 0
      ? null
      : {
          voltage: decivolts(800 + ((number * 7 + at) % 1_801)),
          current: milliamps((number * 1_013) % 650_001),
          power: deciwatts((number * 17) % 1_700_001),
          energy: wattHours((number * 31) % 9_999_991),
          frequency: 450 + (number % 201),
          powerFactor: number % 101,
        },
  ),
  load: Array.from({ length: layout.phases }, (_, at) => (number % 3 === 0 ? null : milliamps(number * (at + 1)))),
});

function loaded(flash: FlashModel): FeedQueue {
  let queue = startQueue(LAYOUT, ["emoncms", "influx"]);
  for (let sector = nextToRead(queue); sector !== null; sector = nextToRead(queue))
    queue = hearSector(queue, flash.read(sector));
  return queue;
}

/** All that waits for a server, sector by sector. */
function drained(flash: FlashModel, from: FeedQueue, name: "emoncms" | "influx", write = true): readonly FeedSample[] {
  let queue = from;
  const all: FeedSample[] = [];
  let had: { sector: number; bytes: Uint8Array } | null = null;
  for (;;) {
    const found = find(queue, name, 0, had);
    if (found.kind === "nothing") return all;
    if (found.kind === "sector") {
      had = { sector: found.sector, bytes: flash.read(found.sector) };
      continue;
    }
    for (const { sample, to, mark } of found.samples) {
      all.push(sample);
      queue = taken(sending(queue, name, to), name);
      if (write && mark !== null) flash.apply(mark);
    }
  }
}

describe("samples as records", () => {
  it("are 18 bytes for one module, 46 for three on three phases, 80 for six", () => {
    const of = (phases: 1 | 3, count: number) =>
      recordSize({ phases, places: Array.from({ length: count }, () => ({ role: "house", phase: 1 })) });
    assert.deepEqual([of(1, 1), of(1, 2), of(3, 3), of(3, 6)], [18, 30, 46, 80]);
  });
  it("give back every value to the last digit, at the edges of what a module says", () => {
    for (let number = 0; number < 3_000; number++) {
      const sample = sampleOf(number);
      assert.deepEqual(decodeSample(LAYOUT, encodeSample(LAYOUT, sample), 0), sample);
    }
    const most = { voltage: decivolts(2_600), current: milliamps(650_000), power: deciwatts(1_700_000) };
    const edge: FeedSample = {
      time: 0xffff_ffff,
      values: [{ ...most, energy: wattHours(9_999_990), frequency: 650, powerFactor: 100 }, null, null],
      load: [milliamps(0), milliamps(1_048_574), null],
    };
    assert.deepEqual(decodeSample(LAYOUT, encodeSample(LAYOUT, edge), 0), edge);
  });
});

describe("queue of samples", () => {
  it("gives each server all samples in their order, from flash and from RAM", () => {
    const flash = flashModel();
    let queue = loaded(flash);
    for (let number = 0; number < 500; number++) {
      queue = add(queue, sampleOf(number), true);
      const spilled = spill(queue, 60);
      for (const op of spilled.ops) flash.apply(op);
      queue = spilled.queue;
    }
    const all = Array.from({ length: 500 }, (_, number) => sampleOf(number));
    for (const name of ["emoncms", "influx"] as const) {
      assert.equal(waiting(queue, name), 500);
      assert.deepEqual(drained(flash, queue, name), all);
    }
    const after = loaded(flash);
    assert.deepEqual([drained(flash, after, "emoncms"), waiting(after, "influx")], [[], 0], "pages are marked");
  });
  it("keeps the newest, and as many as it says, and wears each sector alike", () => {
    const flash = flashModel();
    let queue = loaded(flash);
    const count = 6_000;
    for (let number = 0; number < count; number++) {
      queue = add(queue, sampleOf(number), true);
      const spilled = spill(queue, 60);
      for (const op of spilled.ops) flash.apply(op);
      queue = spilled.queue;
      if (number > queueSize(LAYOUT)) assert.ok(waiting(queue, "influx") >= queueSize(LAYOUT));
    }
    const kept = drained(flash, queue, "influx");
    assert.deepEqual(
      kept,
      Array.from({ length: kept.length }, (_, at) => sampleOf(count - kept.length + at)),
    );
    assert.equal((queue.places.influx?.lost ?? 0) + kept.length, count);
    const { first, count: sectors } = FLASH_MAP.feed;
    const wear = flash.erases.slice(first, first + sectors);
    assert.ok(Math.max(...wear) - Math.min(...wear) <= 1, `${wear}`);
  });
  it("reads any bytes without a fault, and takes them for nothing of its own", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: SECTOR_SIZE, maxLength: SECTOR_SIZE }), (bytes) => {
        let queue = startQueue(LAYOUT, ["emoncms"]);
        while (!isWhole(queue)) queue = hearSector(queue, bytes);
        assert.equal(waiting(queue, "emoncms"), 0);
        let ops: readonly FlashOp[] = [];
        for (let number = 0; ops.length === 0; number++)
          ({ queue, ops } = spill(add(queue, sampleOf(number), true), 60));
        assert.equal(ops[0]?.kind, "erase", "before it writes");
      }),
      { numRuns: 15 },
    );
  });
  it("loses no sample that was written, and doubles none, with the supply cut at any byte of any operation", () => {
    const life = fc.record({ pages: fc.nat(40), after: fc.nat(260) });
    fc.assert(
      fc.property(fc.array(life, { minLength: 1, maxLength: 25 }), (lives) => {
        const flash = flashModel();
        let queue = loaded(flash);
        let number = 0;
        const written: number[] = [];
        for (const { pages, after } of lives) {
          let operations = 0;
          while (operations <= pages) {
            queue = add(queue, sampleOf(number++), true);
            const { ram } = queue;
            const spilled = spill(queue, 60);
            queue = spilled.queue;
            for (const op of spilled.ops) {
              if (operations > pages) break;
              const cut = operations++ === pages;
              flash.apply(op, cut ? after : undefined);
              if (op.kind !== "write" || (cut && after < op.bytes.length)) continue;
              const records = (op.bytes.length - 16) / recordSize(LAYOUT);
              for (let at = 0; at < records; at++)
                written.push((decodeSample(LAYOUT, ram, at * recordSize(LAYOUT)).time - START) / 60);
            }
          }
          queue = loaded(flash);
          const kept = drained(flash, queue, "emoncms", false).map(({ time }) => (time - START) / 60);
          assert.deepEqual(kept, written.slice(written.length - kept.length));
          assert.ok(kept.length >= Math.min(written.length, queueSize(LAYOUT) - 5 * lives.length));
        }
      }),
      { numRuns: 30 },
    );
  });
});
