import assert from "node:assert/strict";
import fc from "fast-check";
import type { FlashOp } from "../src/boot-count.js";
import { BOOK_LIMIT, type Book, KIND, MONTH_SHIFT, merged, recordOf } from "../src/site-book.js";
import {
  BOOK_SECTORS,
  type BookLog,
  hearBookSector,
  type Kept,
  keepRecords,
  nextBookOp,
  nextBookSector,
  startBookLog,
} from "../src/site-book-log.js";

const SIZE = 4_096;
const FIRST = 24;
const EMPTY = new Uint8Array(0);

/** Flash that clears bits; a cut leaves the first bytes of an operation done. */
function flash() {
  const sectors = Array.from({ length: BOOK_SECTORS }, () => new Uint8Array(SIZE).fill(0xff));
  let erases = 0;
  return {
    erases: () => erases,
    sectors,
    apply({ kind, sector, offset, bytes }: FlashOp, upTo = Number.POSITIVE_INFINITY): void {
      const cells = sectors[sector - FIRST];
      assert.ok(cells !== undefined && offset + bytes.length <= SIZE, "within the log");
      if (kind === "erase") {
        erases++;
        cells.fill(0xff, 0, Math.min(SIZE, upTo));
        return;
      }
      assert.ok(bytes.length > 0 && bytes.length <= 256);
      assert.equal(Math.floor(offset / 256), Math.floor((offset + bytes.length - 1) / 256));
      for (let at = 0; at < Math.min(bytes.length, upTo); at++) {
        assert.equal(cells[offset + at], 0xff, "each byte is written once");
        cells[offset + at] = bytes[at] ?? 0xff;
      }
    },
  };
}
type Flash = ReturnType<typeof flash>;

function loaded(from: Flash): Kept {
  let kept: Kept = { log: startBookLog(FIRST), book: EMPTY };
  for (let sector = nextBookSector(kept.log); sector !== null; sector = nextBookSector(kept.log)) {
    kept = hearBookSector(kept.log, kept.book, from.sectors[sector - FIRST]?.slice() ?? EMPTY);
  }
  return kept;
}

function changed({ log, book }: Kept, records: Uint8Array): Kept {
  const step = merged(book, records);
  return { log: keepRecords(log, step.changed), book: step.book };
}

/** All that the log would do now. */
function settled(device: Flash, { log, book }: Kept, mayErase = true): Kept {
  let next: BookLog = log;
  for (let count = 0; ; count++) {
    assert.ok(count < 200, "comes to rest");
    const written = nextBookOp(next, book, mayErase);
    if (written === null) return { log: next, book };
    device.apply(written.op);
    next = written.log;
  }
}

const person = (key: number, version: number, length = 40): Uint8Array =>
  recordOf(KIND.person, key, version, new Uint8Array(length).fill(version & 0xff));
const sameBook = (device: Flash, book: Book): void => assert.deepEqual(loaded(device).book, book);

describe("log of the book", () => {
  it("gives back every change that was kept", () => {
    const device = flash();
    let kept = settled(device, loaded(device));
    for (let key = 1; key <= 20; key++) {
      kept = settled(device, changed(kept, person(key, 1)), false);
      sameBook(device, kept.book);
    }
    kept = settled(device, changed(kept, person(3, 2, 0)));
    sameBook(device, kept.book);
  });
  it("erases nothing while a contactor is closed, and takes 400 changes of people meanwhile", () => {
    const device = flash();
    let kept = settled(device, loaded(device));
    for (let version = 1; version <= 400; version++) {
      kept = settled(device, changed(kept, person(1 + (version % 30), version)), false);
      if (version % 40 === 0) sameBook(device, kept.book);
    }
    assert.equal(device.erases(), 0);
  });
  it("keeps what it has while nothing more can be written, and writes all of it later", () => {
    const device = flash();
    let kept = settled(device, loaded(device));
    for (let version = 1; version <= 1_000; version++)
      kept = settled(device, changed(kept, person(1 + (version % 30), version)), false);
    assert.equal(device.erases(), 0);
    assert.equal(loaded(device).book.length, kept.book.length);
    kept = settled(device, kept);
    sameBook(device, kept.book);
    assert.ok(device.erases() > 0);
  });
  it("comes to rest: without a change nothing is written, after a restart neither", () => {
    const device = flash();
    let kept = settled(device, loaded(device));
    kept = settled(device, changed(kept, person(1, 1)));
    assert.equal(nextBookOp(kept.log, kept.book, true), null);
    assert.equal(keepRecords(kept.log, EMPTY), kept.log);
    const again = loaded(device);
    assert.equal(nextBookOp(again.log, again.book, true), null);
  });
  it("holds a full book, and a sector is erased once in 200 changes of usage at the most", () => {
    const device = flash();
    let kept = settled(device, loaded(device));
    for (let key = 1; key <= 100; key++) kept = settled(device, changed(kept, person(key, 1, 60)));
    assert.ok(kept.book.length > BOOK_LIMIT - 700);
    const before = device.erases();
    for (let amount = 1; amount <= 1_500; amount++) {
      const usage = recordOf(KIND.usage, 1 + (amount % 30), 82 * 2 ** MONTH_SHIFT + amount, EMPTY);
      kept = settled(device, changed(kept, usage));
    }
    sameBook(device, kept.book);
    assert.ok((device.erases() - before) / BOOK_SECTORS <= 1_500 / 200, `${device.erases() - before}`);
  });
  it("reads any bytes without a fault, and can be used afterwards", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 300, maxLength: 300 }), fc.nat(), (noise, chance) => {
        const device = flash();
        for (const [index, cells] of device.sectors.entries()) {
          if (((chance >> index) & 1) === 0)
            cells.set(Uint8Array.from(cells, (_, at) => noise[(at * 7 + index) % 300] ?? 0));
        }
        const kept = settled(device, changed(loaded(device), person(1, 1)));
        sameBook(device, kept.book);
      }),
      { numRuns: 8 },
    );
  });
  it("writes on where it was cut: what only the unfinished half has is never erased before that is whole", () => {
    const device = flash();
    let kept = settled(device, loaded(device));
    for (let version = 1; !(kept.log.writing > 0); version++) {
      kept = changed(kept, person(version <= 60 ? version : 1, version, 80));
      for (let written = nextBookOp(kept.log, kept.book, false); written !== null; ) {
        device.apply(written.op);
        kept = { ...kept, log: written.log };
        // The half is full: the first page of the whole book is written, with a change that the full half lacks.
        written = kept.log.writing > 0 ? null : nextBookOp(kept.log, kept.book, false);
      }
    }
    const found = loaded(device);
    for (let next = found, count = 0; ; count++) {
      const written = nextBookOp(next.log, next.book, true);
      if (written === null) break;
      // Every seventh operation is cut.
      const isCut = count % 7 === 0;
      device.apply(written.op, isCut ? 60 : undefined);
      next = isCut ? loaded(device) : { ...next, log: written.log };
      if (isCut || written.op.kind === "erase")
        assert.equal(String(loaded(device).book), String(found.book), `after operation ${count}`);
    }
    sameBook(device, found.book);
  });
  it("loses nothing that was there with the supply cut at any byte of any write or erase", () => {
    const life = fc.record({
      changes: fc.integer({ min: 0, max: 60 }),
      length: fc.constantFrom(0, 30, 80),
      mayErase: fc.boolean(),
      cutAt: fc.nat(80),
      after: fc.oneof(fc.nat(256), fc.nat(SIZE)),
    });
    fc.assert(
      fc.property(fc.array(life, { minLength: 1, maxLength: 20 }), (lives) => {
        const device = flash();
        let kept = loaded(device);
        let version = 0;
        for (const { changes, length, mayErase, cutAt, after } of lives) {
          let [operations, cut] = [0, false];
          /** What flash held when nothing waited. */
          let safe = kept.book;
          for (let count = 0; count <= changes && !cut; count++) {
            version++;
            if (count > 0) kept = changed(kept, person(1 + ((version * 7) % 60), version, length));
            for (let written = nextBookOp(kept.log, kept.book, mayErase); written !== null && !cut; ) {
              cut = operations++ === cutAt;
              device.apply(written.op, cut ? after : undefined);
              kept = { ...kept, log: written.log };
              written = nextBookOp(kept.log, kept.book, mayErase);
            }
            const { waiting, writing, behind } = kept.log;
            if (!cut && waiting.length === 0 && writing < 0 && !behind) safe = kept.book;
          }
          const found = loaded(device);
          assert.equal(merged(found.book, safe).book, found.book, "all that was safe is there");
          assert.equal(merged(kept.book, found.book).book, kept.book, "and nothing that never was");
          kept = found;
        }
        const last = settled(device, kept);
        sameBook(device, last.book);
      }),
      { numRuns: 25 },
    );
  });
});
