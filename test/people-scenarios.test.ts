import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { ChargerSample } from "../hal/sim/plant/site.js";
import { simulate } from "../hal/sim/simulation.js";

interface Lived {
  readonly seen: (fromS: number, toS: number, id?: string) => readonly ChargerSample[];
  readonly notes: readonly string[];
  readonly sessions: readonly Readonly<Record<string, unknown>>[];
}

const decoder = new TextDecoder();

const textOf = (name: string): string => readFileSync(new URL(`../scenarios/${name}.json`, import.meta.url), "utf8");

/** A scenario that ships, with what the firmware notes and the sessions that it publishes; `more`: events beside its own. */
function lived(name: string, more: readonly object[] = []): Lived {
  const samples: { readonly t: number; readonly chargers: Readonly<Record<string, ChargerSample>> }[] = [];
  const notes: string[] = [];
  const sessions: Record<string, unknown>[] = [];
  const scenario = JSON.parse(textOf(name));
  const result = simulate(JSON.stringify({ ...scenario, events: [...scenario.events, ...more] }), {
    onRecord(record) {
      if (record.kind === "sample") samples.push(record);
      if (record.kind === "note") notes.push(`${record.device} ${record.text}`);
    },
    onPublish(topic, payload) {
      if (topic.endsWith("/session")) sessions.push(JSON.parse(decoder.decode(payload)));
    },
  });
  assert.ok(result.ok, JSON.stringify(result));
  const seen: Lived["seen"] = (fromS, toS, id = "charger-1") =>
    samples.flatMap(({ t, chargers }) => {
      const one = chargers[id];
      return t < fromS || t > toS || one === undefined ? [] : [one];
    });
  return { seen, notes, sessions };
}

const every = (list: readonly ChargerSample[], claim: (one: ChargerSample) => boolean): boolean =>
  list.length > 0 && list.every(claim);

describe("people, tariffs and schedules at a site", () => {
  it("person-limits: offers no more than a person's maximum, and nothing at all where that is below 6 A", () => {
    const { seen, notes, sessions } = lived("person-limits");
    assert.ok(every(seen(60, 199), (one) => one.offeredA === 10 && one.because === "person"));
    assert.ok(every(seen(30, 420, "charger-2"), (one) => one.offeredA === 0 && one.because === "person"));
    assert.ok(notes.includes("charger-2 card 04DEADBEEF0102: unknown"));
    assert.deepEqual(
      sessions.map(({ name, stop }) => [name, stop]),
      [["Ana", "card"]],
    );
  });
  it("person-month-used-up: ends at the month's energy, and every charger of the site knows it", () => {
    const { seen, notes, sessions } = lived("person-month-used-up");
    const [session] = sessions;
    assert.equal(session?.stop, "energyLimit");
    assert.ok(Number(session?.energyWh) >= 1_000 && Number(session?.energyWh) <= 1_020, `${session?.energyWh}`);
    assert.ok(notes.includes("charger-2 card 04A1B2C3D4E5F6: energyLimit"));
    assert.ok(every(seen(711, 900, "charger-2"), (one) => one.offeredA === 0 && one.because === "person"));
  });
  it("person-month-used-up, with the supply cut in the middle: counts what flowed before the cut once", () => {
    const { sessions } = lived("person-month-used-up", [
      { atS: 250, power: "charger-1", on: false },
      { atS: 260, power: "charger-1", on: true },
    ]);
    const [session] = sessions;
    assert.deepEqual([session?.stop, session?.disturbed], ["energyLimit", true]);
    assert.ok(Number(session?.energyWh) >= 990 && Number(session?.energyWh) <= 1_030, `${session?.energyWh}`);
  });
  it("person-hours-over: lets nobody charge who is not active, and ends at the end of a person's hours", () => {
    const { seen, notes, sessions } = lived("person-hours-over");
    assert.ok(notes.includes("charger-1 card 5CBBE5D5: inactive"));
    assert.equal(sessions[0]?.stop, "hours");
    assert.match(String(sessions[0]?.endedAt), /^2026-11-20T23:00:0\d\+00:00$/);
    assert.ok(every(seen(612, 900), (one) => one.offeredA === 0 && !one.contactor));
    assert.equal(
      notes.filter((one) => one === "charger-1 card 04A1B2C3D4E5F6: hours").length,
      2,
      "and again when shown",
    );
  });
  it("person-while-arbiter-dies: knows a card on all chargers, and a charger that was off learns what changed", () => {
    const { seen, notes } = lived("person-while-arbiter-dies");
    assert.ok(notes.includes("charger-3 card 5CBBE5D5: started"));
    assert.ok(notes.includes("charger-1 card 04A1B2C3D4E5F6: started"));
    // Entered at another charger while this one was off.
    assert.ok(seen(260, 400).every((one) => one.offeredA <= 13));
    assert.ok(seen(260, 400).some((one) => one.offeredA > 0));
  });
  it("session-power-cut: one session over two power cuts, in its tariff's periods", () => {
    const { notes, sessions } = lived("session-power-cut");
    assert.equal(notes.filter((one) => one.includes("goes on after a power cut")).length, 2);
    const [session, ...others] = sessions;
    assert.equal(others.length, 0);
    assert.deepEqual([session?.stop, session?.name, session?.disturbed], ["powerLoss", "Ana", true]);
    const [vazio, busy] = Array.isArray(session?.byPeriodWh) ? session.byPeriodWh : [];
    assert.ok(vazio > 500 && busy > 300, `${vazio} ${busy}`);
    assert.equal(vazio + busy, session?.energyWh);
    // Vazio 0.0988 and fora de vazio 0.1908 a kWh, 23 % VAT, to the cent.
    assert.equal(session?.cost, Math.round((vazio * 0.0988 + busy * 0.1908) * 0.123) / 100);
  });
  it("schedule-night: waits for its window, charges at once when somebody asks, and obeys the window's limit", () => {
    const { seen } = lived("schedule-night");
    assert.ok(every(seen(20, 199), (one) => one.offeredA === 0 && one.because === "schedule"));
    assert.ok(seen(205, 299).some((one) => one.state === "charging" && one.offeredA > 20));
    assert.ok(every(seen(306, 599), (one) => one.offeredA === 0 && one.because === "schedule"));
    assert.ok(seen(605, 899).some((one) => one.offeredA > 20));
    assert.ok(every(seen(906, 1_199), (one) => one.offeredA <= 8));
  });
  it("schedule-departure: charges in the cheaper period where that suffices, and at once where nothing does", () => {
    const { seen } = lived("schedule-departure");
    assert.ok(every(seen(30, 899), (one) => one.offeredA === 0 && one.because === "schedule"));
    assert.ok(seen(910, 1_800).some((one) => one.state === "charging"));
    assert.ok(every(seen(30, 899, "charger-2"), (one) => one.state === "charging"));
  });
  it("schedule-clock-unknown: holds nothing back while nobody knows the time", () =>
    assert.ok(every(lived("schedule-clock-unknown").seen(30, 300), (one) => one.state === "charging")));
  it("clock-back-in-lisbon: a session over the doubled hour is as long as it was, and a window after it has not begun", () => {
    const { seen, sessions } = lived("clock-back-in-lisbon");
    assert.ok(every(seen(610, 1_290), (one) => one.offeredA > 10));
    const [session] = sessions;
    assert.match(String(session?.startedAt), /^2026-10-25T01:50:\d\d\+01:00$/);
    assert.match(String(session?.endedAt), /^2026-10-25T01:11:\d\d\+00:00$/);
    assert.equal(session?.durationS, 1_280);
  });
  it("clock-forward-in-lisbon: a session over the missing hour is as long as it was, and a window after it begins in time", () => {
    const { seen, sessions } = lived("clock-forward-in-lisbon");
    assert.ok(every(seen(905, 1_290), (one) => one.offeredA === 10 && one.because === "schedule"));
    const [session] = sessions;
    assert.match(String(session?.startedAt), /^2027-03-28T00:50:\d\d\+00:00$/);
    assert.match(String(session?.endedAt), /^2027-03-28T02:11:\d\d\+01:00$/);
    assert.equal(session?.durationS, 1_280);
  });
});
