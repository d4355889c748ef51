import assert from "node:assert/strict";
import fc from "fast-check";
import type { FlashOp } from "../src/boot-count.js";
import { crc32 } from "../src/crc32.js";
import { change, DEFAULTS, type Settings } from "../src/settings.js";
import { encodeRecord } from "../src/settings-record.js";
import { eraseAhead, erased, type Layout, load, type Store, save } from "../src/settings-store.js";
import { encodeText } from "../src/text.js";

const SECTOR = 4_096;
const LAYOUT: Layout = { first: 0, pageSize: 256 };
const blank = (): Uint8Array[] => [new Uint8Array(SECTOR).fill(0xff), new Uint8Array(SECTOR).fill(0xff)];
const copy = (sectors: readonly Uint8Array[]): Uint8Array[] => sectors.map((one) => one.slice());

/** Does the first `count` bytes of an operation, as flash would: an erase sets, a write only clears bits. */
function run(sectors: readonly Uint8Array[], op: FlashOp, count = Number.POSITIVE_INFINITY): void {
  const sector = sectors[op.sector];
  assert.ok(sector);
  if (op.kind === "erase") {
    sector.fill(0xff, 0, Math.min(count, SECTOR));
    return;
  }
  assert.ok(op.bytes.length <= LAYOUT.pageSize);
  assert.equal(Math.floor(op.offset / 256), Math.floor((op.offset + op.bytes.length - 1) / 256), "crosses a page");
  for (let at = 0; at < Math.min(count, op.bytes.length); at++) {
    sector[op.offset + at] = (sector[op.offset + at] ?? 0) & (op.bytes[at] ?? 0);
  }
}

function withManual(manualA: number): Settings {
  const changed = change(DEFAULTS, { manualA, wifiSsid: "rede de casa", cards: ["04A1B2C3D4E5F6"] });
  assert.ok(changed.ok);
  return changed.settings;
}

/** Saves with the erase ahead that a caller does, and returns every operation in turn. */
function allOps(store: Store, settings: Settings): { readonly ops: readonly FlashOp[]; readonly store: Store } {
  const erase = eraseAhead(store, LAYOUT);
  const ready = erase === null ? store : erased(store);
  const saved = save(ready, LAYOUT, settings);
  assert.ok(saved.ok, JSON.stringify(saved));
  return { ops: erase === null ? saved.ops : [erase, ...saved.ops], store: saved.store };
}

function saveInto(sectors: Uint8Array[], settings: Settings): void {
  for (const op of allOps(load(sectors).store, settings).ops) run(sectors, op);
}

describe("settings store", () => {
  it("says absent when nothing was ever written", () => {
    const loaded = load(blank());
    assert.ok(!loaded.ok);
    assert.equal(loaded.why, "absent");
  });

  it("loads what was saved last, many times over both sectors", () => {
    const sectors = blank();
    for (let count = 0; count < 60; count++) {
      saveInto(sectors, withManual(6 + count));
      const loaded = load(sectors);
      assert.ok(loaded.ok);
      assert.equal(loaded.settings.manualA, 6 + count);
      assert.equal(loaded.sequence, count + 1);
      assert.equal(loaded.warning, null);
    }
  });

  it("keeps the store that save gives equal to the one that load finds", () => {
    const sectors = blank();
    let { store } = load(sectors);
    for (let count = 0; count < 20; count++) {
      const next = allOps(store, withManual(6 + count));
      for (const op of next.ops) run(sectors, op);
      store = next.store;
      assert.deepEqual(load(sectors).store, store);
    }
  });

  it("leaves the old settings or the new ones after a power cut at any byte, and can save again", () => {
    const sectors = blank();
    saveInto(sectors, withManual(6));
    for (let count = 0; count < 14; count++) {
      const [before, after] = [6 + count, 7 + count];
      const { ops } = allOps(load(sectors).store, withManual(after));
      for (const [index, op] of ops.entries()) {
        const length = op.kind === "erase" ? SECTOR : op.bytes.length;
        for (let cut = 0; cut <= length; cut += op.kind === "erase" ? 97 : 1) {
          const torn = copy(sectors);
          for (const done of ops.slice(0, index)) run(torn, done);
          run(torn, op, cut);
          const loaded = load(torn);
          assert.ok(loaded.ok, `none left: save ${count}, operation ${index}, byte ${cut}`);
          assert.ok(loaded.settings.manualA === before || loaded.settings.manualA === after);
          if (cut % 16 !== 3) continue;
          saveInto(torn, withManual(50));
          const again = load(torn);
          assert.ok(again.ok && again.settings.manualA === 50 && again.warning === null);
        }
      }
      saveInto(sectors, withManual(after));
    }
  });

  it("never erases the sector that holds the newest good record", () => {
    const sectors = blank();
    for (let count = 0; count < 40; count++) {
      const { store } = load(sectors);
      const erase = eraseAhead(store, LAYOUT);
      if (erase !== null) assert.notEqual(erase.sector, store.active);
      saveInto(sectors, withManual(6 + count));
    }
  });

  it("keeps a site of 64 chargers over a restart", () => {
    const sectors = blank();
    const roster = Array.from({ length: 64 }, (_, place) => ({ id: `charger-${place}`, wiring: [1], failsafeA: 0 }));
    const changed = change(withManual(6), { id: "charger-7", roster });
    assert.ok(changed.ok);
    for (let time = 0; time < 5; time++) saveInto(sectors, changed.settings);
    const loaded = load(sectors);
    assert.ok(loaded.ok);
    assert.deepEqual(loaded.settings, changed.settings);
  });

  it("says needsErase when neither sector has room", () => {
    const sectors = blank();
    let { store } = load(sectors);
    for (;;) {
      const saved = save(store, LAYOUT, withManual(10));
      if (!saved.ok) {
        assert.equal(saved.why, "needsErase");
        break;
      }
      store = saved.store;
    }
    assert.ok(eraseAhead(store, LAYOUT) !== null);
    assert.ok(save(erased(store), LAYOUT, withManual(10)).ok);
  });

  it("falls back to the record before when the newest has rotted, and warns", () => {
    const sectors = blank();
    saveInto(sectors, withManual(6));
    saveInto(sectors, withManual(7));
    const { store } = load(sectors);
    fc.assert(
      fc.property(
        fc.integer({ min: (store.free[0] ?? 0) - store.newest, max: (store.free[0] ?? 0) - 8 }),
        fc.nat(7),
        (at, bit) => {
          const rotten = copy(sectors);
          const first = rotten[0];
          assert.ok(first);
          first[at] = (first[at] ?? 0) ^ (1 << bit);
          const loaded = load(rotten);
          assert.ok(loaded.ok);
          assert.equal(loaded.settings.manualA, 6);
          assert.equal(loaded.warning, "damaged");
        },
      ),
    );
  });

  it("keeps to the last record it can read when a later firmware has written a newer one, and warns", () => {
    const sectors = blank();
    saveInto(sectors, withManual(6));
    const { store } = load(sectors);
    const newer = encodeRecord(withManual(7), store.sequence + 1, 2);
    assert.ok(newer);
    sectors[0]?.set(newer, store.free[0]);
    const loaded = load(sectors);
    assert.ok(loaded.ok);
    assert.equal(loaded.settings.manualA, 6);
    assert.equal(loaded.warning, "newer");
    saveInto(sectors, withManual(8));
    const after = load(sectors);
    assert.ok(after.ok && after.settings.manualA === 8 && after.warning === null);
  });

  it("says newer, not damaged, when a newer record is all there is", () => {
    const sectors = blank();
    sectors[1]?.set(encodeRecord(withManual(6), 5, 9) ?? []);
    const loaded = load(sectors);
    assert.ok(!loaded.ok && loaded.why === "newer");
    saveInto(sectors, withManual(8));
    assert.ok(load(sectors).ok);
  });

  it("never throws and can always save again, whatever the sectors hold", () => {
    const record = encodeRecord(withManual(9), 3);
    assert.ok(record);
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.constant(record),
      fc.nat(record.length).map((cut) => record.slice(0, cut)),
      fc.nat(300).map((length) => new Uint8Array(length).fill(0xff)),
    );
    const sector = fc.array(piece, { maxLength: 12 }).map((pieces) => {
      const bytes = new Uint8Array(SECTOR).fill(0xff);
      let at = 0;
      for (const one of pieces) {
        bytes.set(one.slice(0, SECTOR - at), at);
        at = Math.min(SECTOR, at + one.length);
      }
      return bytes;
    });
    fc.assert(
      fc.property(sector, sector, (first, second) => {
        const sectors = [first, second];
        load(sectors);
        saveInto(sectors, withManual(12));
        const loaded = load(sectors);
        assert.ok(loaded.ok && loaded.settings.manualA === 12);
      }),
    );
  });

  it("computes the CRC-32 that everybody else does", () => {
    assert.equal(crc32(encodeText("123456789")), 0xcbf43926);
  });
});
