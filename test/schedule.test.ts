import assert from "node:assert/strict";
import fc from "fast-check";
import { localText, localTime, parseZone, unixOf, type Zone } from "../src/calendar.js";
import {
  type Aim,
  limitAt,
  NO_SCHEDULE,
  NOTHING_ASKED,
  nextDeparture,
  type OneShot,
  parseSchedule,
  planDeparture,
  type Schedule,
  scheduled,
} from "../src/schedule.js";
import { parseTariff, periodAt, type Tariff } from "../src/tariff.js";
import { deciamps, type UnixSeconds, unixSeconds, wattHours, watts } from "../src/units.js";

function zone(text: string): Zone {
  const parsed = parseZone(text);
  assert.ok(parsed.ok, text);
  return parsed.zone;
}
const LISBON = zone("Europe/Lisbon");

function schedule(value: object): Schedule {
  const parsed = parseSchedule(value);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.schedule;
}
function tariff(plan: string, prices: readonly number[]): Tariff {
  const parsed = parseTariff({ currency: "EUR", plan, prices });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.tariff;
}
/** "2026-10-25 01:30" in Lisbon, the first of two. */
function at(text: string): UnixSeconds {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = text.split(/[- :]/).map(Number);
  return unixOf({ year, month, day }, hour * 60 + minute, LISBON);
}
/** "off window until 2026-10-25 08:00" */
function said(one: Schedule, unix: UnixSeconds | null, shot: OneShot = NOTHING_ASKED): string {
  const { limit, name, until } = limitAt(one, shot, unix, LISBON);
  const amount = limit === null ? "free" : limit === 0 ? "off" : `${limit / 10} A`;
  return `${amount} ${name}${until === null ? "" : ` until ${localText(until, LISBON)}`}`;
}
const NIGHT = schedule({ windows: [{ from: "00:00", to: "08:00", limitA: 0 }] });
const LATE = schedule({ windows: [{ days: "5", from: "22:00", to: "06:30", limitA: 10 }] });

describe("windows", () => {
  it("hold their limit from their first second to their last", () => {
    assert.equal(said(NIGHT, at("2026-11-03 23:59")), "free none until 2026-11-04 00:00");
    assert.equal(said(NIGHT, at("2026-11-04 00:00")), "off window until 2026-11-04 08:00");
    assert.equal(said(NIGHT, unixSeconds(at("2026-11-04 08:00") - 1)), "off window until 2026-11-04 08:00");
    assert.equal(said(NIGHT, at("2026-11-04 08:00")), "free none until 2026-11-05 00:00");
  });
  it("over midnight belong to the day on which they begin", () => {
    assert.equal(said(LATE, at("2026-11-05 23:00")), "free none until 2026-11-06 22:00");
    assert.equal(said(LATE, at("2026-11-06 22:00")), "10 A window until 2026-11-07 06:30");
    assert.equal(said(LATE, at("2026-11-07 06:29")), "10 A window until 2026-11-07 06:30");
    assert.equal(said(LATE, at("2026-11-07 06:30")), "free none until 2026-11-13 22:00");
  });
  it("below 6 A mean off and are never raised to 6 A", () => {
    const of = (limitA: number): string =>
      said(schedule({ windows: [{ from: 0, to: 480, limitA }] }), at("2026-11-04 03:00")).split(" window")[0] ?? "";
    assert.deepEqual([0, 0.1, 5.9, 6, 6.1, 80].map(of), ["off", "off", "off", "6 A", "6.1 A", "80 A"]);
  });
  it("that overlap give the lowest limit, and tell when that changes", () => {
    const both = schedule({
      windows: [
        { from: "20:00", to: "23:00", limitA: 16 },
        { from: "21:00", to: "22:00", limitA: 8 },
      ],
    });
    assert.equal(said(both, at("2026-11-04 20:30")), "16 A window until 2026-11-04 21:00");
    assert.equal(said(both, at("2026-11-04 21:30")), "8 A window until 2026-11-04 22:00");
    assert.equal(said(both, at("2026-11-04 22:00")), "16 A window until 2026-11-04 23:00");
  });
  it("that follow each other with one limit are told as one", () => {
    const two = schedule({
      windows: [
        { from: "22:00", to: "24:00", limitA: 0 },
        { from: "00:00", to: "08:00", limitA: 0 },
      ],
    });
    assert.equal(said(two, at("2026-11-04 22:30")), "off window until 2026-11-05 08:00");
    const always = schedule({ windows: [{ from: 0, to: 0, limitA: 10 }] });
    assert.equal(said(always, at("2026-11-04 22:30")), "10 A window");
  });
  const length = (from: string, to: string, near: string): readonly string[] => {
    const one = schedule({ windows: [{ from, to, limitA: 0 }] });
    let inside = 0;
    let starts = 0;
    let last = false;
    for (let unix = at(near); unix < at(near) + 79_200; unix = unixSeconds(unix + 60)) {
      const on = limitAt(one, NOTHING_ASKED, unix, LISBON).limit === 0;
      if (on) inside += 1;
      if (on && !last) starts += 1;
      last = on;
    }
    return [`${inside} min`, `${starts} times`];
  };
  it("of 00:00 to 08:00 last 9 h in the night of the doubled hour and 7 h in that of the missing one", () => {
    assert.deepEqual(length("00:00", "08:00", "2026-10-24 20:00"), ["540 min", "1 times"]);
    assert.deepEqual(length("00:00", "08:00", "2027-03-27 20:00"), ["420 min", "1 times"]);
    assert.deepEqual(length("00:00", "08:00", "2026-11-03 20:00"), ["480 min", "1 times"]);
  });
  it("with an edge in the doubled hour begin and end once, at the first of the two", () => {
    assert.deepEqual(length("01:30", "08:00", "2026-10-24 20:00"), ["450 min", "1 times"]);
    assert.deepEqual(length("23:00", "01:30", "2026-10-24 20:00"), ["150 min", "1 times"]);
    assert.deepEqual(length("01:15", "01:45", "2026-10-24 20:00"), ["30 min", "1 times"]);
  });
  it("with an edge in the missing hour have it at the jump, and none is left between them", () => {
    assert.deepEqual(length("01:30", "08:00", "2027-03-27 20:00"), ["360 min", "1 times"]);
    assert.deepEqual(length("23:00", "01:30", "2027-03-27 20:00"), ["120 min", "1 times"]);
    assert.deepEqual(length("01:15", "01:45", "2027-03-27 20:00"), ["0 min", "0 times"]);
    const gone = schedule({ windows: [{ days: "7", from: "01:15", to: "01:45", limitA: 0 }] });
    assert.equal(said(gone, at("2027-03-27 20:00")), "free none until 2027-04-04 01:15");
  });
  const minutes = fc.oneof(fc.constantFrom(0, 60, 90, 120, 480, 1_320, 1_440), fc.integer({ min: 0, max: 1_440 }));
  const anyWindow = fc.record({
    days: fc.constantFrom("1234567", "67", "7", "1", "12345"),
    from: minutes,
    to: minutes,
    limitA: fc.constantFrom(0, 6, 10),
  });
  it("change exactly when they say, whatever their days and edges, in both nights of the clock's jumps", () => {
    fc.assert(
      fc.property(
        fc.array(anyWindow, { maxLength: 4 }),
        fc.constantFrom("2026-10-24 12:00", "2027-03-27 12:00"),
        fc.integer({ min: 0, max: 2_000 }),
        (windows, near, later) => {
          const one = schedule({ windows });
          const start = unixSeconds(at(near) + later * 60);
          const { limit, until } = limitAt(one, NOTHING_ASKED, start, LISBON);
          const held = (unix: number): number | null => limitAt(one, NOTHING_ASKED, unixSeconds(unix), LISBON).limit;
          for (let unix = start + 600; unix < Math.min(until ?? Number.POSITIVE_INFINITY, start + 86_400); unix += 900)
            assert.equal(held(unix), limit);
          if (until === null) return;
          assert.equal(held(until - 1), limit);
          assert.notEqual(held(until), limit);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("a one-shot", () => {
  it("delay holds back until its moment, and then the windows hold", () => {
    const shot = { ...NOTHING_ASKED, delayUntil: at("2026-11-04 23:00") };
    assert.equal(said(NO_SCHEDULE, at("2026-11-04 22:59"), shot), "off delay until 2026-11-04 23:00");
    assert.equal(said(NO_SCHEDULE, at("2026-11-04 23:00"), shot), "free none");
    assert.equal(said(NIGHT, at("2026-11-05 01:00"), shot), "off window until 2026-11-05 08:00");
  });
  it("boost goes before windows, delay, departure and the unknown time", () => {
    const shot = { ...NOTHING_ASKED, boost: true, delayUntil: at("2026-11-04 23:00") };
    assert.equal(said(NIGHT, at("2026-11-04 03:00"), shot), "free boost");
    assert.equal(said(NIGHT, null, shot), "free boost");
    const one = scheduled({ ...WISH, schedule: DEPARTS, shot, now: at("2026-11-03 18:00") });
    assert.deepEqual([one.limit, one.name, one.plan], [null, "boost", null]);
  });
  it("without the time holds nothing back, and says so", () => {
    const shot = { ...NOTHING_ASKED, delayUntil: at("2026-11-04 23:00") };
    assert.equal(said(NIGHT, null, shot), "free timeUnknown");
    const one = scheduled({ ...WISH, schedule: DEPARTS, now: null });
    assert.deepEqual([one.limit, one.name, one.departure, one.plan], [null, "timeUnknown", null, null]);
  });
});

const BI = tariff("pt-bi-daily", [0.1, 0.2]);
const TRI = tariff("pt-tri-daily", [0.1, 0.2, 0.3]);
const DEPARTS = schedule({ departures: [{ days: "12345", at: "07:30", needWh: 12_000 }] });
const WISH = {
  power: watts(6_000),
  max: deciamps(260),
  tariff: BI,
  zone: LISBON,
  schedule: NO_SCHEDULE,
  shot: NOTHING_ASKED,
  charging: false,
  charged: wattHours(0),
};
const aim = (over: Partial<Aim>): Aim => ({
  ...WISH,
  now: at("2026-11-03 18:00"),
  by: at("2026-11-04 07:30"),
  need: wattHours(12_000),
  ...over,
});
function planned(over: Partial<Aim>): string {
  const { chargeNow, until, reachable, missing, cost } = planDeparture(aim(over));
  const reach = reachable ? "" : `, ${missing} Wh short`;
  return `${chargeNow ? "charges" : "waits"} until ${localText(until, LISBON).slice(11)} for ${cost / 10_000}${reach}`;
}

describe("a departure", () => {
  it("is the next of the weekly ones, or the one asked for once", () => {
    const next = (now: string, shot: OneShot = NOTHING_ASKED): string => {
      const found = nextDeparture(DEPARTS, shot, at(now), LISBON);
      return found === null ? "none" : `${localText(found.by, LISBON)} ${found.need}`;
    };
    assert.equal(next("2026-11-03 18:00"), "2026-11-04 07:30 12000");
    assert.equal(next("2026-11-04 07:29"), "2026-11-04 07:30 12000");
    assert.equal(next("2026-11-04 07:30"), "2026-11-05 07:30 12000");
    assert.equal(next("2026-11-06 07:30"), "2026-11-09 07:30 12000", "from Friday to Monday");
    const shot = { ...NOTHING_ASKED, departure: { by: at("2026-11-07 15:00"), need: wattHours(5_000) } };
    assert.equal(next("2026-11-04 18:00", shot), "2026-11-07 15:00 5000");
    assert.equal(next("2026-11-07 15:00", shot), "2026-11-09 07:30 12000");
    assert.equal(nextDeparture(NO_SCHEDULE, NOTHING_ASKED, at("2026-11-04 18:00"), LISBON), null);
  });
  it("waits for the cheap hours and takes the earliest of them", () => {
    assert.equal(planned({}), "waits until 22:00 for 1.2");
    assert.equal(planned({ now: at("2026-11-03 22:00") }), "charges until 00:00 for 1.2");
    assert.equal(planned({ now: at("2026-11-03 23:00"), need: wattHours(6_000) }), "charges until 00:00 for 0.6");
    assert.equal(planned({ now: at("2026-11-04 00:00"), need: wattHours(0) }), "waits until 07:30 for 0");
  });
  it("adds dearer hours only for what the cheap ones cannot give", () => {
    // 22:00 to 07:30 is 57 kWh at 6 kW.
    assert.equal(planned({ need: wattHours(57_000) }), "waits until 22:00 for 5.7");
    assert.equal(planned({ need: wattHours(60_000) }), "charges until 18:30 for 6.3");
    assert.equal(planned({ need: wattHours(60_000), tariff: TRI }), "waits until 20:30 for 6.3");
    assert.equal(planned({ need: wattHours(81_000) }), "charges until 07:30 for 10.5");
  });
  it("tells what will be missing when there is not the time", () => {
    assert.equal(planned({ need: wattHours(81_001) }), "charges until 07:30 for 10.5, 1 Wh short");
    assert.equal(planned({ now: at("2026-11-04 07:00") }), "charges until 07:30 for 0.3, 9000 Wh short");
  });
  it("past its time charges at once what is missing", () => {
    assert.equal(planned({ now: at("2026-11-04 07:30") }), "charges until 07:30 for 0, 12000 Wh short");
    assert.equal(planned({ now: at("2026-11-04 07:30"), need: wattHours(0) }), "waits until 07:30 for 0");
  });
  it("reckons with the windows and the delay", () => {
    const off = schedule({ windows: [{ from: "22:00", to: "07:00", limitA: 0 }] });
    assert.equal(planned({ schedule: off }), "charges until 19:30 for 2.1");
    const half = schedule({ windows: [{ from: "22:00", to: "08:00", limitA: 13 }] });
    assert.equal(planned({ schedule: half, now: at("2026-11-03 22:00") }), "charges until 02:00 for 1.2");
    const shot = { ...NOTHING_ASKED, delayUntil: at("2026-11-04 06:00") };
    assert.equal(planned({ shot }), "waits until 06:00 for 0.9, 3000 Wh short");
  });
  it("has an hour more in the night of the doubled hour and one less in that of the missing one", () => {
    const most = (by: string, now: string): number => {
      const { missing } = planDeparture(aim({ by: at(by), now: at(now), need: wattHours(200_000) }));
      return 200_000 - missing;
    };
    assert.equal(most("2026-11-04 07:30", "2026-11-03 22:00"), 57_000);
    assert.equal(most("2026-10-25 07:30", "2026-10-24 22:00"), 63_000);
    assert.equal(most("2027-03-28 07:30", "2027-03-27 22:00"), 51_000);
  });
  it("limits to 0 A while it waits and to nothing while it charges, and names itself", () => {
    const wish = { ...WISH, schedule: DEPARTS };
    const waits = scheduled({ ...wish, now: at("2026-11-03 18:00") });
    assert.deepEqual([waits.limit, waits.name, waits.until], [0, "departure", at("2026-11-03 22:00")]);
    const charges = scheduled({ ...wish, now: at("2026-11-03 22:00") });
    assert.deepEqual([charges.limit, charges.name, charges.plan?.chargeNow], [null, "none", true]);
    const full = scheduled({ ...wish, now: at("2026-11-04 01:00"), charged: wattHours(12_000) });
    assert.deepEqual([full.limit, full.name, full.until], [0, "departure", at("2026-11-04 07:30")]);
  });

  const aims = fc
    .record({
      start: fc.integer({ min: 0, max: 24 * 60 }),
      lasts: fc.oneof(fc.constantFrom(1, 30, 570, 810), fc.integer({ min: 1, max: 30 * 60 })),
      need: fc.oneof(fc.constantFrom(0, 1, 12_000, 57_000, 60_000), fc.integer({ min: 0, max: 150_000 })),
      one: fc.constantFrom(BI, TRI, tariff("pt-tri-daily", [0.1, 0.1, 0.3]), tariff("flat", [0.1])),
      near: fc.constantFrom("2026-11-03 12:00", "2026-10-24 12:00", "2027-03-27 12:00"),
    })
    .map(({ start, lasts, need, one, near }) => {
      const now = unixSeconds(at(near) + start * 60);
      return aim({ now, by: unixSeconds(now + lasts * 60), need: wattHours(need), tariff: one });
    });
  const priceAt = ({ tariff: one }: Aim, unix: number): number =>
    one.prices[periodAt(one, localTime(unixSeconds(unix), LISBON))] ?? 0;

  it("is charged for in a dearer period only when all cheaper time before it would not do, and is reachable when all time does", () => {
    fc.assert(
      fc.property(aims, (one) => {
        const { chargeNow, reachable, missing } = planDeparture(one);
        const current = priceAt(one, one.now);
        let [cheaper, all] = [0, 0];
        for (let unix: number = one.now; unix < one.by; unix += 60) {
          all += 100;
          if (priceAt(one, unix) < current) cheaper += 100;
        }
        assert.equal(chargeNow, one.need > cheaper);
        assert.equal(reachable, one.need <= all);
        assert.equal(missing, Math.max(0, one.need - all));
      }),
      { numRuns: 60 },
    );
  });

  /** Minute by minute as the controller does it, with a car that takes `power` of minute n. */
  function live(one: Aim, power: (minute: number) => number): { left: number; starts: number; paid: number } {
    let left: number = one.need;
    let charging = false;
    let [starts, paid] = [0, 0];
    for (let unix = one.now; unix < one.by; unix = unixSeconds(unix + 60)) {
      const asked = { ...one, now: unix, need: wattHours(Math.ceil(left)), charging };
      const { chargeNow } = planDeparture(asked);
      if (chargeNow && !charging) starts += 1;
      charging = chargeNow;
      const taken = chargeNow ? Math.min(left, power((unix - one.now) / 60)) : 0;
      left -= taken;
      paid += taken * priceAt(one, unix);
    }
    return { left, starts, paid };
  }
  it("planned again each minute reaches what is reachable, at the price of the plan but for five minutes, in few starts", () => {
    fc.assert(
      fc.property(aims, (one) => {
        const { reachable, missing, cost } = planDeparture(one);
        const { left, starts, paid } = live(one, () => 100);
        assert.equal(left, reachable ? 0 : missing);
        const spread = Math.max(...one.tariff.prices) - Math.min(...one.tariff.prices);
        assert.ok(
          Math.abs(paid / 1_000 - cost / 10_000) <= 0.6 * 2 * spread + 0.0051,
          `${paid / 1_000} ${cost / 10_000}`,
        );
        assert.ok(starts <= 4, `${starts} starts`);
      }),
      { numRuns: 12 },
    );
  });
  it("planned again each minute while the car's power wavers does not flap", () => {
    const one = aim({ need: wattHours(60_000) });
    const { left, starts } = live(one, (minute) => 97 + (minute % 7));
    assert.ok(left < 200 && starts <= 3, `${left} Wh left, ${starts} starts`);
  });
});

describe("a schedule as typed", () => {
  const errorsOf = (value: unknown): readonly string[] => {
    const parsed = parseSchedule(value);
    return parsed.ok ? [] : parsed.errors.map(({ field, why }) => `${field}: ${why}`);
  };
  it("holds up to 14 windows and 7 departures, none by itself", () => {
    assert.deepEqual(schedule({}), { windows: [], departures: [] });
    const row = { from: 0, to: 480, limitA: 10 };
    assert.deepEqual(errorsOf({ windows: Array(14).fill(row) }), []);
    assert.deepEqual(errorsOf({ windows: Array(15).fill(row) }), ["windows: must be a list of 0 to 14"]);
    assert.deepEqual(errorsOf({ departures: Array(8).fill({}) }), ["departures: must be a list of 0 to 7"]);
  });
  it("names the field of each error", () => {
    assert.deepEqual(
      errorsOf({
        windows: [{ from: "08:00", to: "8", limitA: 6.05 }, { days: "", from: 0, to: 1, limitA: 81 }, 7],
        departures: [{ at: "07:30" }, { at: "07:30", needWh: 0, by: 1 }],
      }),
      [
        "windows.0.to: must be a time from 00:00 to 24:00",
        "windows.0.limitA: must be in steps of 0.1 A",
        "windows.1.days: must be days as digits in order, 1 Monday to 7 Sunday",
        "windows.1.limitA: must be from 0 to 80 A",
        "windows.2: must be an object",
        "departures.0.needWh: is missing",
        "departures.1.by: unknown",
      ],
    );
    assert.deepEqual(errorsOf({ window: [] }), ["window: unknown"]);
    assert.deepEqual(errorsOf([]), [": must be an object"]);
  });
  it("comes back unchanged from its JSON", () => {
    const one = schedule({
      windows: [{ days: "67", from: "22:00", to: "08:00", limitA: 6.3 }],
      departures: [{ days: "12345", at: "07:30", needWh: 12_000 }],
    });
    assert.deepEqual(schedule(JSON.parse(JSON.stringify(one))), one);
  });
});
