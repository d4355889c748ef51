import assert from "node:assert/strict";
import fc from "fast-check";
import {
  delivered,
  metersRead,
  type SessionFacts,
  type Sessions,
  type SessionsEffect,
  sectorRead,
  startSessions,
  stepSessions,
} from "../src/charger-sessions.js";
import { energyOf, type Who } from "../src/session.js";
import { ringOrder, sessionsIn } from "../src/session-log.js";
import type { ClosedSession, Stop } from "../src/session-record.js";
import { parseTariff, type Tariff } from "../src/tariff.js";
import { deciamps, millis, unixSeconds, wattHours } from "../src/units.js";
import { flashModel } from "./flash-model.js";

const ANA: Who = { person: 7, idToken: "04A1B2C3D4E5F6" };
const BEA: Who = { person: 8, idToken: "5CBBE5D5" };

function tariff(): Tariff {
  const parsed = parseTariff({ currency: "EUR", vatPct: 23, plan: "flat", prices: [0.1], idleFee: 1 });
  if (!parsed.ok) throw new Error("no tariff");
  return parsed.tariff;
}

/** A charger with its flash, its meter and its broker. `cut`: the supply fails within that operation of the flash. */
function charger(unixAtStart: number | null = 1_795_000_000) {
  const flash = flashModel();
  let sessions = startSessions();
  let now = 0;
  let unix = unixAtStart;
  let register = 5_000;
  let facts: SessionFacts = {
    plugged: null,
    contactorClosed: false,
    takesNothing: false,
    may: ANA,
    period: 0,
    unix: null,
    online: false,
    mayErase: true,
    tariff: tariff(),
  };
  const published: ClosedSession[] = [];
  const logs: string[] = [];
  let cut: { operations: number; bytes: number } | null = null;

  class Cut extends Error {}

  function act(effects: readonly SessionsEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case "read":
          step((last, asked) =>
            sectorRead(last, effect.sector, flash.read(effect.sector), factsNow(), asked, millis(now)),
          );
          break;
        case "publishSession":
          published.push(effect.session);
          break;
        case "log":
          logs.push(effect.text);
          break;
        case "write":
        case "erase":
          if (cut !== null && cut.operations-- === 0) {
            flash.apply(effect, cut.bytes);
            throw new Cut();
          }
          assert.ok(effect.kind === "write" || !facts.contactorClosed, "an erase stands still with a closed contactor");
          flash.apply(effect);
      }
    }
  }
  function step(run: (last: Sessions, asked: SessionsEffect[]) => Sessions): void {
    const asked: SessionsEffect[] = [];
    sessions = run(sessions, asked);
    act(asked);
  }
  const factsNow = (): SessionFacts => ({
    ...facts,
    unix: unix === null ? null : unixSeconds(unix + Math.floor(now / 1_000)),
    mayErase: !facts.contactorClosed,
  });
  const boot = (): void => {
    if (unix !== null) unix += Math.floor(now / 1_000) + 60;
    now = 800;
    // The meter is read before the contactor can close.
    sessions = metersRead(startSessions(), [wattHours(register)], deciamps(0), 0, millis(now));
    facts = { ...facts, contactorClosed: false };
    cut = null;
  };
  const guarded = (run: () => void): void => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof Cut)) throw error;
      boot();
    }
  };
  const tick = (): void => step((last, asked) => stepSessions(last, factsNow(), asked, millis(now)));
  return {
    is: (over: Partial<SessionFacts>): void => {
      facts = { ...facts, ...over };
    },
    /** Energy flows, while its seconds go by. */
    runs(seconds: number, Wh = 0): void {
      guarded(() => {
        for (let left = seconds, flown = 0; left > 0; ) {
          const some = Math.min(left, seconds > 300 ? 60 : 10);
          now += some * 1_000;
          left -= some;
          const share = Math.round((Wh * (seconds - left)) / seconds) - flown;
          flown += share;
          register += share;
          sessions = metersRead(sessions, [wattHours(register)], deciamps(160), facts.period, millis(now));
          for (let turn = 0; turn < 3; turn++) tick();
        }
      });
    },
    meter: (Wh: number): void => {
      register = Wh;
    },
    cutIn(operations: number, bytes: number): void {
      cut = { operations, bytes };
    },
    reboot: boot,
    clock: (at: number | null): void => {
      unix = at === null ? null : at - Math.floor(now / 1_000);
    },
    deliver: (): void => {
      sessions = delivered(sessions);
    },
    register: () => register,
    sessions: () => sessions,
    published,
    logs,
    kept: (): readonly ClosedSession[] =>
      ringOrder(sessions.log).flatMap((sector) => [...sessionsIn(flash.read(sector))]),
  };
}

const sumOf = (list: readonly ClosedSession[]): number =>
  list.reduce((sum, { energy }) => sum + energy.reduce((all, one) => all + one, 0), 0);

describe("sessions of a charger", () => {
  const charged = (stop: (c: ReturnType<typeof charger>) => void) => {
    const c = charger();
    c.is({ plugged: true });
    c.runs(1);
    c.is({ contactorClosed: true });
    c.runs(3_600, 7_000);
    stop(c);
    c.is({ contactorClosed: false });
    c.runs(20, 3);
    return c;
  };
  it("keeps one from the permission to the unplugging, with its energy, person, time and cost", () => {
    const c = charged((one) => one.is({ plugged: false }));
    const [session, ...others] = c.kept();
    assert.equal(others.length, 0);
    assert.deepEqual(
      [session?.id, session?.person, session?.idToken, session?.stop, session?.meterStart],
      [1, 7, "04A1B2C3D4E5F6", "unplugged", 5_000],
    );
    assert.deepEqual(session?.energy, [7_003, 0, 0]);
    // 7.003 kWh at 0.10 € and 23 % VAT, to the cent.
    assert.deepEqual([session?.cost, session?.startedAt, session?.disturbed], [8_600, 1_795_000_001, false]);
  });
  it("ends one with the reason for which nobody may any more, and begins another for another card", () => {
    for (const why of ["card", "energyLimit", "hours", "revoked"] as const satisfies readonly Stop[]) {
      const c = charged((one) => one.is({ may: why }));
      assert.equal(c.kept()[0]?.stop, why);
      c.is({ may: BEA });
      c.runs(60);
      assert.deepEqual([c.sessions().current?.id, c.sessions().current?.person], [2, 8]);
    }
  });
  it("puts energy into the period of the tariff in which it flowed", () => {
    const c = charger();
    c.is({ plugged: true });
    c.runs(60);
    c.is({ contactorClosed: true });
    c.runs(600, 100);
    c.is({ period: 2 });
    c.runs(600, 40);
    assert.deepEqual(c.sessions().current?.energy, [100, 0, 40]);
  });
  it("begins only when somebody may, and a car without a right has no session", () => {
    const c = charger();
    c.is({ plugged: true, may: "card" });
    c.runs(600);
    assert.equal(c.sessions().current, null);
    assert.equal(c.kept().length, 0);
  });
  it("goes on after a power cut as the same session, and counts what flowed before the cut", () => {
    const c = charger();
    c.is({ plugged: true });
    c.runs(60);
    c.is({ contactorClosed: true });
    c.runs(1_000, 2_000);
    c.reboot();
    c.is({ plugged: null, contactorClosed: false });
    c.runs(1);
    c.is({ plugged: true, contactorClosed: true });
    c.runs(600, 500);
    assert.equal(c.sessions().current?.id, 1);
    assert.equal(c.sessions().current === null ? 0 : energyOf(c.sessions().current ?? assert.fail()), 2_500);
    c.is({ plugged: false, contactorClosed: false });
    c.runs(60);
    assert.deepEqual(
      c.kept().map(({ id, stop, energy, disturbed }) => [id, stop, energy[0], disturbed]),
      [[1, "unplugged", 2_500, true]],
    );
  });
  it("closes what a power cut interrupted when the car is gone afterwards", () => {
    const c = charger();
    c.is({ plugged: true });
    c.runs(60);
    c.is({ contactorClosed: true });
    c.runs(1_000, 2_000);
    c.reboot();
    c.is({ plugged: false, contactorClosed: false });
    c.runs(60);
    assert.deepEqual(
      c.kept().map(({ id, stop, energy }) => [id, stop, energy[0]]),
      [[1, "powerLoss", 2_000]],
    );
  });
  it("dates what began and ended before anybody knew the time, once it is known", () => {
    const c = charger(null);
    c.is({ plugged: true });
    c.runs(60);
    c.is({ plugged: false });
    c.runs(60);
    assert.equal(c.kept()[0]?.startedAt, null);
    c.clock(1_795_000_120);
    c.runs(60);
    assert.equal(c.kept()[0]?.startedAt, 1_795_000_010);
  });
  it("publishes each once, again until the broker has it, and never after that", () => {
    const c = charged((one) => one.is({ plugged: false }));
    assert.equal(c.published.length, 0, "offline");
    c.is({ online: true });
    c.runs(30);
    assert.deepEqual(
      c.published.map(({ id }) => id),
      [1],
    );
    c.runs(120);
    assert.ok(c.published.length > 1, "not acknowledged");
    const before = c.published.length;
    c.deliver();
    c.runs(600);
    assert.equal(c.published.length, before);
    assert.equal(c.kept()[0]?.published, true);
    c.reboot();
    c.runs(600);
    assert.equal(c.published.length, before, "not after a restart either");
  });
  it("erases nothing while the contactor is closed, however long that is", () => {
    const c = charger();
    for (let count = 0; count < 12; count++) {
      c.is({ plugged: true, contactorClosed: false });
      c.runs(20);
      c.is({ contactorClosed: true });
      // A mark each quarter of an hour; both sectors of the journal are full before the end of the last.
      c.runs(count < 11 ? 36_000 : 180_000, count < 11 ? 70_000 : 350_000);
      c.is({ plugged: false, contactorClosed: false });
      c.runs(60);
    }
    assert.equal(sumOf(c.kept()), 11 * 70_000 + 350_000);
  });
  it("puts every watt-hour of the meter into exactly one session, with the supply cut 100 times at random bytes", () => {
    const life = fc.record({
      watts: fc.constantFrom(0, 1_380, 7_360),
      seconds: fc.constantFrom(30, 600, 2_400),
      unplugs: fc.boolean(),
      gone: fc.boolean(),
      cut: fc.option(fc.record({ operations: fc.nat(3), bytes: fc.nat(64) })),
    });
    fc.assert(
      fc.property(fc.array(life, { minLength: 100, maxLength: 110 }), (lives) => {
        const c = charger();
        c.is({ plugged: false });
        c.runs(10);
        for (const { watts, seconds, unplugs, gone, cut } of lives) {
          // A cut that did not come yet may come now, before the contactor can close: the session is begun anew.
          c.is({ plugged: true, contactorClosed: false });
          c.runs(10);
          c.runs(10);
          if (cut !== null) c.cutIn(cut.operations, cut.bytes);
          c.is({ contactorClosed: true });
          c.runs(seconds, Math.round((watts * seconds) / 3_600));
          c.is({ contactorClosed: false });
          if (unplugs || gone) c.is({ plugged: false });
          c.runs(120);
        }
        c.is({ plugged: false, contactorClosed: false });
        // Once more, for a cut in the last of them.
        c.runs(300);
        c.runs(300);
        const kept = c.kept();
        assert.equal(sumOf(kept), c.register() - 5_000);
        assert.equal(new Set(kept.map(({ id }) => id)).size, kept.length, "no id twice");
      }),
      { numRuns: 12 },
    );
  });
});
