import assert from "node:assert/strict";
import fc from "fast-check";
import {
  clockFrom,
  dateOf,
  dateText,
  dayNumber,
  dayOn,
  isoText,
  localOn,
  localText,
  localTime,
  minuteOfDay,
  minuteText,
  momentOn,
  monthStart,
  nextZoneChange,
  parseZone,
  unixOf,
  weekdays,
  ZONES,
  type Zone,
} from "../src/calendar.js";
import { unixSeconds } from "../src/units.js";

function zone(text: string): Zone {
  const parsed = parseZone(text);
  assert.ok(parsed.ok, text);
  return parsed.zone;
}
const LISBON = zone("Europe/Lisbon");
const NEW_YORK = zone("America/New_York");
const SYDNEY = zone("Australia/Sydney");
/** 2026-10-25 00:00 UTC, the day of Lisbon's doubled hour, and 2027-03-28 00:00 UTC, that of its missing hour. */
const OCTOBER = 1_792_886_400;
const MARCH = 1_806_192_000;
const at = (unix: number, where: Zone): string => isoText(unixSeconds(unix), where);

describe("calendar", () => {
  it("counts days as people do, over leap years and centuries", () => {
    assert.equal(dayNumber(1970, 1, 1), 0);
    assert.equal(dayNumber(2000, 2, 29), 11_016);
    assert.equal(dayNumber(2100, 3, 1) - dayNumber(2100, 2, 28), 1);
    assert.equal(dayNumber(2028, 3, 1) - dayNumber(2028, 2, 28), 2);
    assert.equal(dayNumber(2026, 13, 1), dayNumber(2027, 1, 1));
    assert.equal(dayNumber(2026, 0, 31), dayNumber(2025, 12, 31));
    assert.deepEqual(dateOf(-1), { year: 1969, month: 12, day: 31 });
  });
  it("finds each day again from its number, in order, for 400 years", () => {
    let last = dateOf(dayNumber(1800, 1, 1) - 1);
    for (let days = dayNumber(1800, 1, 1); days < dayNumber(2200, 1, 2); days += 1) {
      const date = dateOf(days);
      const follows = date.day === last.day + 1 || (date.day === 1 && last.day >= 28);
      if (!follows || dayNumber(date.year, date.month, date.day) !== days) assert.ok(false, dateText(date));
      last = date;
    }
    assert.deepEqual(last, { year: 2200, month: 1, day: 1 });
  });
  it("shows Lisbon's clock going from 01:59:59 summer time back to 01:00 in October", () => {
    assert.equal(at(OCTOBER + 3_599, LISBON), "2026-10-25T01:59:59+01:00");
    assert.equal(at(OCTOBER + 3_600, LISBON), "2026-10-25T01:00:00+00:00");
    assert.equal(localTime(unixSeconds(OCTOBER + 3_599), LISBON).summer, true);
    assert.equal(localTime(unixSeconds(OCTOBER + 3_600), LISBON).summer, false);
  });
  it("shows Lisbon's clock going from 00:59:59 to 02:00 summer time in March", () => {
    assert.equal(at(MARCH + 3_599, LISBON), "2027-03-28T00:59:59+00:00");
    assert.equal(at(MARCH + 3_600, LISBON), "2027-03-28T02:00:00+01:00");
  });
  it("knows the weekday, 1 Monday to 7 Sunday", () => {
    assert.equal(localTime(unixSeconds(0), zone("UTC")).weekday, 4);
    assert.equal(localTime(unixSeconds(OCTOBER), LISBON).weekday, 7);
    assert.equal(localTime(unixSeconds(OCTOBER + 86_400), LISBON).weekday, 1);
  });
  it("is right at 2^31 and 2^32 seconds and on the leap day", () => {
    assert.equal(at(2 ** 31 - 1, LISBON), "2038-01-19T03:14:07+00:00");
    assert.equal(at(2 ** 31, LISBON), "2038-01-19T03:14:08+00:00");
    assert.equal(at(2 ** 32, LISBON), "2106-02-07T06:28:16+00:00");
    assert.equal(localText(unixSeconds(1_835_395_200), LISBON), "2028-02-29 00:00");
    assert.equal(localText(unixSeconds(1_835_395_200 + 86_399), LISBON), "2028-02-29 23:59");
  });
  it("takes the first moment after a jump for a time that does not exist", () => {
    for (const minute of [60, 61, 90, 119, 120])
      assert.equal(unixOf({ year: 2027, month: 3, day: 28 }, minute, LISBON), MARCH + 3_600);
    assert.equal(unixOf({ year: 2027, month: 3, day: 28 }, 59, LISBON), MARCH + 3_540);
    assert.equal(unixOf({ year: 2027, month: 3, day: 28 }, 121, LISBON), MARCH + 3_660);
  });
  it("takes the first of the two for a time that comes twice", () => {
    const day = { year: 2026, month: 10, day: 25 };
    assert.equal(unixOf(day, 59, LISBON), OCTOBER - 60);
    assert.equal(unixOf(day, 60, LISBON), OCTOBER);
    assert.equal(unixOf(day, 119, LISBON), OCTOBER + 3_540);
    assert.equal(unixOf(day, 120, LISBON), OCTOBER + 7_200);
  });
  it("counts on where a day or a minute goes beyond its end", () => {
    assert.equal(
      unixOf({ year: 2026, month: 12, day: 32 }, 0, LISBON),
      unixOf({ year: 2027, month: 1, day: 1 }, 0, LISBON),
    );
    assert.equal(
      unixOf({ year: 2026, month: 10, day: 24 }, 1_440, LISBON),
      unixOf({ year: 2026, month: 10, day: 25 }, 0, LISBON),
    );
  });
  it("tells when a month began and the next begins, in legal time", () => {
    const inOctober = unixSeconds(OCTOBER);
    assert.equal(at(monthStart(inOctober, LISBON), LISBON), "2026-10-01T00:00:00+01:00");
    assert.equal(at(monthStart(inOctober, LISBON, 1), LISBON), "2026-11-01T00:00:00+00:00");
    assert.equal(at(monthStart(inOctober, LISBON, 3), LISBON), "2027-01-01T00:00:00+00:00");
    assert.equal(at(monthStart(inOctober, LISBON, -10), LISBON), "2025-12-01T00:00:00+00:00");
    const hours = (monthStart(inOctober, LISBON, 1) - monthStart(inOctober, LISBON)) / 3_600;
    assert.equal(hours, 31 * 24 + 1);
  });
  it("has summer over the turn of the year in the south", () => {
    assert.equal(localTime(unixSeconds(1_798_761_600), SYDNEY).summer, true);
    assert.equal(at(1_798_761_600, SYDNEY), "2027-01-01T11:00:00+11:00");
    assert.equal(at(1_783_000_000, SYDNEY), "2026-07-02T23:46:40+10:00");
  });
  it("calls the larger offset summer also where the law calls the winter an exception", () => {
    const irish = zone("IST-1GMT0,M10.5.0,M3.5.0/1");
    for (let unix = OCTOBER - 7_200; unix < OCTOBER + 20_000_000; unix += 1_800)
      assert.deepEqual(localTime(unixSeconds(unix), irish), localTime(unixSeconds(unix), LISBON));
  });
  it("tells when the clock jumps next, to the second, and never for a zone without summer time", () => {
    assert.equal(nextZoneChange(unixSeconds(OCTOBER), LISBON), OCTOBER + 3_600);
    assert.equal(nextZoneChange(unixSeconds(OCTOBER + 3_599), LISBON), OCTOBER + 3_600);
    assert.equal(nextZoneChange(unixSeconds(OCTOBER + 3_600), LISBON), MARCH + 3_600);
    assert.equal(nextZoneChange(unixSeconds(OCTOBER), zone("UTC")), null);
  });
  it("reads zones by name and as POSIX text, with signs, minutes and quoted names", () => {
    for (const [name] of ZONES) assert.ok(parseZone(name).ok, name);
    assert.deepEqual(zone("<+0530>-5:30"), { standard: 19_800, summer: 19_800, change: null });
    assert.deepEqual(zone("UTC0"), { standard: 0, summer: 0, change: null });
    assert.deepEqual(zone("AAA+3BBB3,M1.1.1,M2.2.2"), { standard: -10_800, summer: -10_800, change: null });
    assert.equal(at(1_798_761_600, zone("<-0930>9:30")), "2026-12-31T14:30:00-09:30");
    const greenland = zone("<-02>2<-01>,M3.5.0/-1,M10.5.0/0");
    assert.equal(nextZoneChange(unixSeconds(OCTOBER), greenland), OCTOBER + 3_600);
    assert.equal(nextZoneChange(unixSeconds(OCTOBER + 3_600), greenland), MARCH + 3_600);
  });
  it("refuses what is no zone", () => {
    const refused = [
      "",
      "Lisbon",
      "europe/lisbon",
      "WET",
      "WET0WEST",
      "WE0",
      "WET25",
      "WET0:60",
      "WET0WEST,M3.5.0/1",
      "WET0WEST,M13.5.0,M10.5.0",
      "WET0WEST,M0.5.0,M10.5.0",
      "WET0WEST,M3.6.0,M10.5.0",
      "WET0WEST,M3.5.7,M10.5.0",
      "WET0WEST,M3.5.0/168,M10.5.0",
      "WET0WEST,J60,J300",
      "WET0WEST,M3.5.0,M4.1.0",
      "WET0WEST,M12.3.0,M1.1.0",
      "WET0WEST,M3.5.0/1,M10.5.0,",
      "<+0>0",
      `<${"A".repeat(80)}>0`,
    ];
    for (const text of refused) assert.equal(parseZone(text).ok, false, text);
  });
  it("answers any text with a zone or a reason", () => {
    const pieces = fc.constantFrom(
      "WET",
      "0",
      "-1",
      "WEST",
      ",M3.5.0",
      "/1",
      ",M10.5.0",
      "<",
      ">",
      ":",
      "M",
      ",",
      "99",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const parsed = parseZone(parts.join(""));
        if (parsed.ok) localTime(unixSeconds(OCTOBER), parsed.zone);
        else assert.ok(parsed.why.length > 0);
      }),
    );
  });
  it("finds each moment again from what the clock shows, but for the second of two equal times", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(LISBON, NEW_YORK, SYDNEY, zone("Atlantic/Azores")),
        fc.constantFrom(OCTOBER, MARCH, 1_772_928_000, 1_790_985_600),
        fc.integer({ min: -3_000, max: 3_000 }),
        (where, day, minutes) => {
          const unix = unixSeconds(day + minutes * 60);
          const local = localTime(unix, where);
          const again = unixOf(local, local.minute, where);
          const earlier = localTime(unixSeconds(unix - 3_600), where);
          const isSecond = earlier.minute === local.minute && earlier.day === local.day;
          assert.equal(again, isSecond ? unix - 3_600 : unix);
        },
      ),
      { numRuns: 500 },
    );
  });
  it("says the same by a clock made once for many times, from its moment on for 30 days", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(LISBON, NEW_YORK, SYDNEY, zone("Atlantic/Azores"), zone("UTC")),
        fc.constantFrom(OCTOBER, MARCH, 1_772_928_000, 1_790_985_600),
        fc.integer({ min: -40_000, max: 3_000 }),
        fc.integer({ min: 0, max: 43_200 }),
        (where, day, minutes, later) => {
          const clock = clockFrom(unixSeconds(day + minutes * 60), where);
          const unix = unixSeconds(day + (minutes + later) * 60);
          const local = localTime(unix, where);
          assert.deepEqual(localOn(unix, clock), local);
          assert.equal(dayOn(unix, clock), dayNumber(local.year, local.month, local.day));
          if (later < 1_440) return;
          assert.equal(momentOn(dayOn(unix, clock), local.minute, clock), unixOf(local, local.minute, where));
        },
      ),
      { numRuns: 500 },
    );
    const clock = clockFrom(unixSeconds(MARCH - 86_400), LISBON);
    for (const minute of [60, 90, 120]) assert.equal(momentOn(dayNumber(2027, 3, 28), minute, clock), MARCH + 3_600);
  });
  it("writes times of the day and reads them as typed or as minutes", () => {
    assert.equal(minuteText(0), "00:00");
    assert.equal(minuteText(450), "07:30");
    assert.equal(minuteText(1_440), "24:00");
    for (const minute of [0, 59, 60, 1_439, 1_440]) {
      assert.deepEqual(minuteOfDay(minuteText(minute)), { ok: true, value: minute });
      assert.deepEqual(minuteOfDay(minute), { ok: true, value: minute });
    }
    for (const wrong of ["7:30", "24:01", "25:00", "07:60", "", -1, 1_441, 1.5, null, "450"])
      assert.equal(minuteOfDay(wrong).ok, false, `${wrong}`);
  });
  it("reads days of the week in order, each once", () => {
    for (const right of ["1", "12345", "67", "1234567"]) assert.ok(weekdays(right).ok);
    for (const wrong of ["", "0", "8", "21", "11", "1 2", 1, null]) assert.equal(weekdays(wrong).ok, false, `${wrong}`);
  });
});
