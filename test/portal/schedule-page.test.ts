import assert from "node:assert/strict";
import { localText } from "../../src/calendar.js";
import type { Fields } from "../../src/portal/form.js";
import type { ChargerModel, PlanView } from "../../src/portal/model.js";
import { textsOf } from "../../src/portal/texts/texts.js";
import { daysText, whenText } from "../../src/portal/times.js";
import { zoneOf } from "../../src/rights.js";
import { NOTHING_ASKED } from "../../src/schedule.js";
import { deciamps, unixSeconds, wattHours } from "../../src/units.js";
import { CONDOMINIUM, condominium, PLAN, SETTINGS } from "./condominium.js";
import { CHARGER, viewOf } from "./model.js";
import { get, post } from "./pages.js";

const EN = textsOf("en");
const shown = (path: string, model: ChargerModel = CONDOMINIUM): string => get(path, model).response.body;
const planned = (over: Partial<PlanView>): ChargerModel =>
  condominium({ plan: { ...PLAN, departure: null, plan: null, shot: NOTHING_ASKED, ...over } });
const sends = (fields: Fields, model: ChargerModel = CONDOMINIUM) => post("/schedule", fields, model);
const beside = (html: string, field: string): string =>
  new RegExp(`id="${field}-error">([^<]*)<`).exec(html)?.[1] ?? "";
/** The first card of the page: what holds now. */
const now = (model: ChargerModel): string =>
  (/<div class="card">(.*?)<[/]div>/.exec(shown("/schedule", model))?.[1] ?? "").replaceAll(/<[^>]*>/g, " ").trim();

describe("schedule page", () => {
  it("says in words what holds now, and until when", () => {
    const until = unixSeconds((CHARGER.unix ?? 0) + 3_600);
    assert.equal(now(condominium({ plan: null })), "The car may charge.");
    assert.equal(now(planned({ name: "none", limit: null, until: null })), "The car may charge.");
    assert.equal(now(planned({ name: "window", until })), "Nothing is charged. Until 23:35.");
    assert.equal(now(planned({ name: "window", limit: deciamps(105), until })), "At most 10.5 A. Until 23:35.");
    assert.match(now(planned({ name: "delay", until })), /somebody asked for later[.] Until 23:35[.]/);
    assert.match(now(planned({ name: "boost", limit: null, until: null })), /charges now, whatever the schedule says/);
    assert.match(now(planned({ name: "timeUnknown", limit: null, until: null })), /holds nothing back/);
  });
  it("tells what a departure costs, and that it cannot be reached", () => {
    assert.match(
      now(CONDOMINIUM),
      /Ready by tomorrow 07:30, with 12.5 kWh .* will cost 1.10 €.*: 3.2 kWh will be missing/,
    );
    const plan = PLAN.plan === null ? null : { ...PLAN.plan, reachable: true, missing: wattHours(0) };
    assert.doesNotMatch(now(condominium({ plan: { ...PLAN, plan } })), /missing[.] |cannot be reached/);
    assert.doesNotMatch(now(condominium({}, { tariff: null })), /€/);
  });
  it("asks for charging now, for later, and for energy by a time; each can be taken back", () => {
    const asked = (...fields: Fields) => sends(fields).acts.map((act) => (act.kind === "shot" ? act.shot : act));
    assert.deepEqual(asked(["go", "boost"]), [{ boost: true }]);
    assert.deepEqual(asked(["go", "noBoost"]), [{ boost: false }]);
    assert.deepEqual(asked(["go", "noDelay"]), [{ delayUntil: null }]);
    assert.deepEqual(asked(["go", "noReady"]), [{ departure: null }]);
    const [delay] = asked(["go", "delay"], ["delayDay", "tomorrow"], ["delayAt", "06:00"]);
    assert.ok(delay && "delayUntil" in delay && delay.delayUntil);
    assert.equal(localText(delay.delayUntil, zoneOf(SETTINGS)), "2026-11-22 06:00");
    const [ready] = asked(["go", "ready"], ["readyDay", "today"], ["readyAt", "23:30:00"], ["kWh", "12,5"]);
    assert.ok(ready && "departure" in ready && ready.departure);
    assert.deepEqual(
      [localText(ready.departure.by, zoneOf(SETTINGS)), ready.departure.need],
      ["2026-11-21 23:30", 12_500],
    );
  });
  it("takes no time that is past, none while nobody knows the time, and no energy out of bounds", () => {
    const past = sends([
      ["go", "delay"],
      ["delayDay", "today"],
      ["delayAt", "22:35"],
    ]);
    assert.deepEqual([past.acts, beside(past.response.body, "delayAt")], [[], "must be later than now"]);
    const unknown = sends(
      [
        ["go", "delay"],
        ["delayAt", "06:00"],
      ],
      { ...CONDOMINIUM, unix: null },
    );
    assert.deepEqual([unknown.acts, unknown.response.status], [[], 422]);
    assert.doesNotMatch(shown("/schedule", { ...CONDOMINIUM, unix: null }), /delayAt/);
    for (const kWh of ["", "0", "201", "x"]) {
      const { acts, response } = sends([
        ["go", "ready"],
        ["readyDay", "tomorrow"],
        ["readyAt", "07:30"],
        ["kWh", kWh],
      ]);
      assert.deepEqual([acts, beside(response.body, "kWh")], [[], "must be from 0.1 to 200"]);
    }
  });
  it("shows what was asked for once with the way to forget it", () => {
    assert.match(shown("/schedule"), /Not before tomorrow 00:35[.]<[/]p><button [^>]*value="noDelay"/);
    assert.match(shown("/schedule", planned({ shot: { ...NOTHING_ASKED, boost: true } })), /value="noBoost"/);
  });
  it("lists hours and departures of the week, each with its form", () => {
    const items = [...shown("/schedule").matchAll(/<li><a href="([^"]*)">([^<]*)<small>([^<]*)</g)];
    assert.deepEqual(
      items.map(([, ...one]) => one),
      [
        ["/schedule?window=1", "Off", "Mon-Fri, 08:00 to 22:00"],
        ["/schedule?window=2", "At most 10 A", "Sat, Sun, 10:00 to 00:00"],
        ["/schedule?departure=1", "12.5 kWh", "Mon-Fri, by 07:30"],
      ],
    );
  });
  it("adds, changes and removes one row and leaves the others as they are", () => {
    const { windows, departures } = SETTINGS.schedule;
    const row = (of: number) => JSON.stringify(windows[of - 1] ?? "").replace('""', "");
    const window = (go: string, of: number, was = row(of)): Fields => [
      ["row", String(of)],
      ["was", was],
      ...["1", "3"].map((day): readonly [string, string] => ["days", day]),
      ["from", "07:00"],
      ["to", "09:30"],
      ["limitA", "6,5"],
      ["go", go],
    ];
    const typed = { days: "13", from: "07:00", to: "09:30", limitA: 6.5 };
    assert.deepEqual(sends(window("window", 0)).change, { schedule: { windows: [...windows, typed], departures } });
    assert.deepEqual(sends(window("window", 1)).change, { schedule: { windows: [typed, windows[1]], departures } });
    assert.deepEqual(sends(window("removeWindow", 1)).change, { schedule: { windows: [windows[1]], departures } });
    const stale = sends(window("window", 1, row(2)));
    assert.deepEqual([stale.change, stale.response.status], [null, 422]);
    assert.match(stale.response.body, /Somebody else has changed the schedule/);
    for (const of of ["x", "-1", "1.5", "99"])
      assert.equal(
        sends([
          ["row", of],
          ["was", ""],
          ["go", "window"],
        ]).change,
        null,
      );
  });
  it("takes departures in kWh", () => {
    const fields: Fields = [
      ["row", "0"],
      ["was", ""],
      ["days", "5"],
      ["at", "07:30"],
      ["kWh", "8,25"],
      ["go", "departure"],
    ];
    const { departures, windows } = SETTINGS.schedule;
    assert.deepEqual(sends(fields).change, {
      schedule: { windows, departures: [...departures, { days: "5", at: "07:30", needWh: 8_250 }] },
    });
    const wrong = sends([
      ["row", "0"],
      ["was", ""],
      ["go", "departure"],
    ]).response.body;
    assert.match(beside(wrong, "days"), /must be days as digits/);
    assert.match(beside(wrong, "at"), /must be a time/);
    assert.match(beside(wrong, "kWh"), /from 0.1 to 200/);
  });
  it("says beside each input of a row what is wrong with it", () => {
    const { body, status } = sends([
      ["row", "0"],
      ["was", ""],
      ["from", "25:00"],
      ["limitA", "81"],
      ["go", "window"],
    ]).response;
    assert.equal(status, 422);
    for (const [field, why] of [
      ["days", /must be days as digits/],
      ["from", /must be a time/],
      ["to", /must be a time/],
      ["limitA", /from 0 to 80 A/],
    ] as const)
      assert.match(beside(body, field), why);
  });
  it("has room for fourteen windows, which fit the device", () => {
    const windows = Array.from({ length: 14 }, () => ({ days: "1", from: 0, to: 60, limitA: 0 }));
    assert.doesNotMatch(shown("/schedule", condominium({}, { schedule: { windows } })), /window=0/);
  });
});

describe("schedule on the daily page", () => {
  it("says from when on it charges, with a button to charge now, while it holds the car", () => {
    assert.match(shown("/"), /Waiting to charge: charges from tomorrow 00:35<.*value="boostHere">Charge now/);
    const { acts, response } = sends([["go", "boostHere"]]);
    assert.deepEqual([acts, response.headers], [[{ kind: "shot", shot: { boost: true } }], [["Location", "/"]]]);
  });
  it("says nothing where nothing is held, or nobody waits", () => {
    for (const model of [condominium({ plan: null }), condominium({ state: "available" }), planned({ limit: null })])
      assert.doesNotMatch(shown("/", model), /boostHere/);
  });
});

describe("days and times in words", () => {
  it("are short: ranges, today, tomorrow, days of the week, dates", () => {
    assert.deepEqual(
      ["1234567", "12345", "67", "1", "135", "1236", ""].map((days) => daysText(EN, days)),
      ["Every day", "Mon-Fri", "Sat, Sun", "Mon", "Mon, Wed, Fri", "Mon-Wed, Sat", ""],
    );
    const when = (seconds: number) => whenText(viewOf(CONDOMINIUM), unixSeconds((CONDOMINIUM.unix ?? 0) + seconds));
    assert.deepEqual([60, 86_400, 3 * 86_400, 8 * 86_400, -86_400].map(when), [
      "22:36",
      "tomorrow 22:35",
      "Tue 22:35",
      "2026-11-29 22:35",
      "2026-11-20 22:35",
    ]);
  });
});
