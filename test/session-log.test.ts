import assert from "node:assert/strict";
import fc from "fast-check";
import { SECTOR_SIZE } from "../src/flash-map.js";
import { money } from "../src/money.js";
import {
  eraseForSessions,
  hearSector,
  isWhole,
  keepClosed,
  keepMark,
  markPublished,
  nextToRead,
  repairStart,
  ringOrder,
  type SessionLog,
  sectorWith,
  sessionsIn,
  startLog,
  type Written,
} from "../src/session-log.js";
import { type ClosedSession, type OpenMark, SLOT } from "../src/session-record.js";
import { deciamps, unixSeconds, wattHours } from "../src/units.js";
import { type FlashModel, flashModel } from "./flash-model.js";

const SIZE = SECTOR_SIZE;

function loaded(from: FlashModel): SessionLog {
  let log = startLog();
  for (let sector = nextToRead(log); sector !== null; sector = nextToRead(log))
    log = hearSector(log, from.read(sector));
  assert.ok(isWhole(log));
  return log;
}

const common = (id: number, Wh: number) => ({
  id,
  person: id % 7,
  idToken: id % 2 === 0 ? "" : "04A1B2C3D4E5F6",
  meterStart: wattHours(1_000 + id),
  energy: [wattHours(Wh), wattHours(0), wattHours(3)],
  peak: deciamps(161),
  durationS: Wh,
  idleS: 70_000,
  startedAt: unixSeconds(1_795_000_000 + id),
  disturbed: false,
});
const ended = (id: number, Wh = 1_234): ClosedSession => ({
  ...common(id, Wh),
  stop: "card",
  cost: money(12_300),
  vat: 2_300,
  currency: 1,
  published: false,
});
const mark = (id: number, Wh: number): OpenMark => ({
  ...common(id, Wh),
  registers: [wattHours(9_999_999), wattHours(5)],
});

function done(flash: FlashModel, written: Written | null): SessionLog {
  assert.ok(written !== null, "there is room");
  flash.apply(written.op);
  return written.log;
}

const all = (from: FlashModel, log: SessionLog): readonly ClosedSession[] =>
  ringOrder(log).flatMap((sector) => [...sessionsIn(from.read(sector))]);

/** Erases ahead as a device with an open contactor does. */
function tidied(flash: FlashModel, log: SessionLog): SessionLog {
  let next = log;
  for (let erase = eraseForSessions(next); erase !== null; erase = eraseForSessions(next)) next = done(flash, erase);
  return next;
}

describe("log of sessions", () => {
  it("gives back what was kept, to the last field", () => {
    const device = flashModel();
    let log = done(device, keepMark(loaded(device), mark(1, 40)));
    assert.deepEqual(loaded(device).mark, mark(1, 40));
    log = done(device, keepClosed(log, ended(1)));
    assert.deepEqual(all(device, log), [ended(1)]);
    assert.deepEqual(loaded(device).mark, null, "what has ended does not go on");
    assert.equal(loaded(device).lastId, 1);
  });
  it("keeps 896 sessions at least, the newest, and erases each sector once in 1,024", () => {
    const device = flashModel();
    let log = loaded(device);
    for (let id = 1; id <= 5_000; id++) log = tidied(device, done(device, keepClosed(log, ended(id))));
    const kept = all(device, loaded(device));
    assert.ok(kept.length >= 896, `${kept.length}`);
    assert.deepEqual(
      kept.map(({ id }) => id),
      Array.from({ length: kept.length }, (_, index) => 5_001 - kept.length + index),
    );
    assert.ok(Math.max(...device.erases) <= Math.ceil(5_000 / 1_024), `${device.erases}`);
  });
  it("keeps 128 marks of a session while nothing may be erased, the newest counts", () => {
    const device = flashModel();
    let log = loaded(device);
    for (let count = 1; count <= 128; count++) log = done(device, keepMark(log, mark(5, count)));
    assert.equal(keepMark(log, mark(5, 129)), null);
    assert.equal(loaded(device).mark?.durationS, 128);
    log = tidied(device, log);
    log = done(device, keepMark(log, mark(5, 129)));
    assert.equal(loaded(device).mark?.durationS, 129);
  });
  it("remembers which a broker has, and goes to the next", () => {
    const device = flashModel();
    let log = loaded(device);
    for (let id = 1; id <= 130; id++) log = done(device, keepClosed(log, ended(id)));
    for (let id = 1; id <= 130; id++) {
      assert.equal(log.unpublished, id);
      assert.equal(loaded(device).unpublished, id);
      const sector = sectorWith(log, id);
      assert.ok(sector !== null);
      log = done(device, markPublished(log, sector, device.read(sector), id));
    }
    assert.equal(log.unpublished, 0);
    assert.equal(loaded(device).unpublished, 0);
    assert.equal(all(device, log).filter((one) => one.published).length, 130);
  });
  it("takes a time that came later, once", () => {
    const device = flashModel();
    const log = done(device, keepClosed(loaded(device), { ...ended(1), startedAt: null }));
    const sector = sectorWith(log, 1) ?? 0;
    assert.equal(all(device, log)[0]?.startedAt, null);
    const op = repairStart(sector, device.read(sector), 1, unixSeconds(1_700_000_000));
    assert.ok(op !== null);
    device.apply(op);
    assert.deepEqual(all(device, log), [{ ...ended(1), startedAt: unixSeconds(1_700_000_000) }]);
    assert.equal(repairStart(sector, device.read(sector), 1, unixSeconds(5)), null);
  });
  it("reads any bytes without a fault", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: SIZE, maxLength: SIZE }), (bytes) => {
        let log = startLog();
        while (nextToRead(log) !== null) log = hearSector(log, bytes);
        assert.ok(isWhole(log));
        assert.ok(log.lastId >= 0);
      }),
      { numRuns: 20 },
    );
  });
  it("loses no session and doubles none with the supply cut at any byte of any operation", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ marks: fc.nat(3), cutAt: fc.nat(4), after: fc.nat(SLOT) }), {
          minLength: 1,
          maxLength: 100,
        }),
        (lives) => {
          const device = flashModel();
          let log = loaded(device);
          const whole = new Map<number, number>();
          for (const { marks, cutAt, after } of lives) {
            // What the device knew goes on under its own number, or a new one begins.
            const id = log.mark?.id ?? log.lastId + 1;
            const had = log.mark?.durationS ?? 0;
            let [operations, cut] = [0, false];
            const does = (written: Written | null): void => {
              if (written === null || cut) return;
              cut = operations++ === cutAt;
              device.apply(written.op, cut ? after : undefined);
              log = written.log;
            };
            for (let count = 1; count <= marks && !cut; count++) does(keepMark(log, mark(id, had + count)));
            if (!cut) {
              does(keepClosed(log, ended(id, had + marks)));
              if (!cut || after >= 54) whole.set(id, had + marks);
            }
            if (!cut) does(eraseForSessions(log));
            log = loaded(device);
            const kept = all(device, log).map((one) => [one.id, one.durationS]);
            assert.deepEqual(kept, [...whole]);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
