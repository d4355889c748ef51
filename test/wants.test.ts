import assert from "node:assert/strict";
import type { Draw } from "../src/draw.js";
import type { EvseStatus } from "../src/lease.js";
import { freely, NO_RIGHTS } from "../src/rights.js";
import { deciamps, milliamps, millis } from "../src/units.js";
import { drawNow, phasesOf, startWants, type Wants, wantsNow, watchWants } from "../src/wants.js";
import { AVAILABLE, CHARGING, settingsOf } from "./site.js";

const SETTINGS = settingsOf({ phases: 3, wiring: [2, 3, 1] });
const status = (over: Partial<EvseStatus> = {}): EvseStatus => ({ ...CHARGING, ...over });
const WAITING = status({ mode: "suspendedEVSE", offer: deciamps(0), contactorClosed: false });
const drawing = (at: number, ...mA: readonly number[]): Draw => ({ at: millis(at), phases: mA.map(milliamps) });

/** Watches a status, and with it a draw measured each second. */
function watched(from: Wants, start: number, seconds: number, seen: EvseStatus, ...mA: readonly number[]): Wants {
  let wants = from;
  for (let second = 0; second <= seconds; second++) {
    const now = start + second * 1_000;
    wants = watchWants(wants, seen, mA.length > 0 ? drawing(now, ...mA) : null, SETTINGS, millis(now));
  }
  return wants;
}
const said = (wants: Wants, now: number, seen: EvseStatus | null = CHARGING, patch: object = {}) =>
  wantsNow(wants, seen, freely(settingsOf(patch, SETTINGS)), settingsOf(patch, SETTINGS), millis(now));
const NEW = startWants(millis(0));

describe("what a charger asks for", () => {
  it("is nothing without a plug, without a permission, with a fault, or while the EVSE machine is unheard", () => {
    assert.equal(said(NEW, 0, AVAILABLE).need, 0);
    assert.equal(said(NEW, 0, status({ mode: "faulted" })).need, 0);
    assert.equal(said(NEW, 0, null).need, 0);
    assert.equal(wantsNow(NEW, CHARGING, NO_RIGHTS, SETTINGS, millis(0)).need, 0);
  });
  it("is all that charger and cable can, while the car's appetite is unknown", () => {
    const { need, max } = said(NEW, 0, CHARGING, { maxA: 20, cableA: 16 });
    assert.deepEqual([need, max], [160, 160]);
  });
  it("is bounded by the cable in the socket, and nothing while that is unknown", () => {
    const socket = { socket: true };
    assert.equal(said(NEW, 0, status({ cable: deciamps(130) }), socket).max, 130);
    assert.equal(said(NEW, 0, CHARGING, socket).max, 0);
  });
  it("is bounded by a person's maximum, of whose priority it is, and nothing where that is below 6 A", () => {
    const of = (amps: number) => {
      const limits = [{ name: "person", amps: deciamps(amps) }] as const;
      return wantsNow(NEW, CHARGING, { ...freely(SETTINGS), limits, priority: 7 }, SETTINGS, millis(0));
    };
    assert.deepEqual([of(100).max, of(100).need, of(100).priority], [100, 100, 7]);
    assert.equal(of(59).need, 0);
  });
  it("is bounded by the amps of manual mode", () => {
    assert.equal(said(NEW, 0, CHARGING, { mode: "manual", manualA: 13 }).max, 130);
    assert.equal(said(NEW, 0, CHARGING, { mode: "auto", manualA: 13 }).max, 320);
  });
  it("is no more than it offers while it is too warm for more", () => {
    const warm = status({ because: "temperature", offer: deciamps(60) });
    const shared = status({
      because: "share",
      offer: deciamps(60),
      runnerUp: { name: "temperature", amps: deciamps(80) },
    });
    const cool = status({ because: "share", offer: deciamps(60) });
    assert.deepEqual(
      [warm, shared, cool].map((seen) => said(NEW, 0, seen).need),
      [60, 80, 320],
    );
  });
  it("names mode and priority", () => {
    const { mode, priority } = said(NEW, 0, CHARGING, { mode: "solar", priority: 4 });
    assert.deepEqual([mode, priority], ["solar", 4]);
  });
  it("follows the car's appetite", () => {
    assert.equal(said(watched(NEW, 0, 10, CHARGING, 10_000, 9_900, 0), 10_000).need, 105);
  });
  it("is nothing during a pause that the charger made, until 2 s before its end", () => {
    const paused = status({ pausedUntil: millis(60_000) });
    assert.equal(said(NEW, 57_999, paused).need, 0);
    assert.equal(said(NEW, 58_000, paused).need, 320);
  });
  it("is 1 A for a car that has not taken its offer for 90 s: it keeps one only where one is spare", () => {
    const idle = status({ contactorClosed: false });
    const offered = watched(NEW, 0, 0, idle);
    assert.equal(said(offered, 90_000, idle).need, 320);
    assert.equal(said(offered, 90_001, idle).need, 10);
  });
});

describe("phases of a car", () => {
  it("are all that the charger is wired to, until its draw has shown them for 6 s", () => {
    const early = watched(NEW, 0, 5, CHARGING, 0, 7_000, 0);
    assert.deepEqual(phasesOf(early, SETTINGS), [2, 3, 1]);
    assert.deepEqual(phasesOf(watched(NEW, 0, 6, CHARGING, 0, 7_000, 0), SETTINGS), [3]);
  });
  it("grow at once with the draw, and shrink after 6 s", () => {
    const one = watched(NEW, 0, 10, CHARGING, 7_000, 0, 0);
    const two = watched(one, 11_000, 0, CHARGING, 7_000, 7_000, 0);
    assert.deepEqual(phasesOf(two, SETTINGS), [2, 3]);
    assert.deepEqual(phasesOf(watched(two, 12_000, 4, CHARGING, 7_000, 0, 0), SETTINGS), [2, 3]);
    assert.deepEqual(phasesOf(watched(two, 12_000, 6, CHARGING, 7_000, 0, 0), SETTINGS), [2]);
  });
  it("are not told from one reading, however long the car waited before it began", () => {
    const waited = watched(NEW, 0, 60, WAITING);
    const begins = watched(waited, 61_000, 0, CHARGING, 0, 0, 1_000);
    assert.deepEqual(phasesOf(begins, SETTINGS), [2, 3, 1]);
    assert.deepEqual(phasesOf(watched(begins, 62_000, 10, CHARGING, 7_000, 7_000, 7_000), SETTINGS), [2, 3, 1]);
  });
  it("are not told from half an ampere or less", () => {
    assert.deepEqual(phasesOf(watched(NEW, 0, 10, CHARGING, 7_000, 500, 0), SETTINGS), [2]);
    assert.deepEqual(phasesOf(watched(NEW, 0, 10, CHARGING, 500, 500, 500), SETTINGS), [2, 3, 1]);
  });
  it("are unknown again for the next car", () => {
    const one = watched(NEW, 0, 10, CHARGING, 7_000, 0, 0);
    assert.deepEqual(phasesOf(watched(one, 11_000, 0, AVAILABLE), SETTINGS), [2, 3, 1]);
  });
});

describe("waiting and turns", () => {
  it("count the time since a car wants and is not offered", () => {
    const wants = watched(NEW, 1_000, 0, WAITING);
    assert.deepEqual([said(wants, 31_500, WAITING).waitingS, said(wants, 31_500, WAITING).turn], [30, 0]);
  });
  it("count the turn from the offer on, at least 1", () => {
    const wants = watched(watched(NEW, 0, 0, WAITING), 5_000, 0, CHARGING, 0, 0, 0);
    assert.deepEqual([said(wants, 5_000).waitingS, said(wants, 5_000).turn], [0, 1]);
    assert.equal(said(wants, 65_000).turn, 61);
  });
  it("begin anew when the offer goes, and end with the plug", () => {
    const paused = watched(watched(NEW, 0, 0, CHARGING), 100_000, 0, WAITING);
    assert.deepEqual([said(paused, 110_000, WAITING).waitingS, said(paused, 110_000, WAITING).turn], [10, 0]);
    const gone = watched(paused, 120_000, 0, AVAILABLE);
    assert.equal(said(gone, 130_000, WAITING).waitingS, 0);
  });
});

describe("draw now", () => {
  it("is 0 with the contactor open, the largest phase with it closed, and unknown while the meter is silent", () => {
    assert.equal(drawNow(WAITING, null, millis(0)), 0);
    assert.equal(drawNow(null, drawing(0, 9_000), millis(0)), 0);
    assert.equal(drawNow(CHARGING, drawing(0, 7_000, 9_000, 8_000), millis(3_000)), 9_000);
    assert.equal(drawNow(CHARGING, drawing(0, 9_000), millis(3_001)), null);
    assert.equal(drawNow(CHARGING, null, millis(0)), null);
  });
});
