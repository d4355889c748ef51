import assert from "node:assert/strict";
import {
  isoText,
  localTime,
  monthStart,
  nextZoneChange,
  parseZone,
  unixOf,
  ZONES,
  type Zone,
} from "../src/calendar.js";
import { type UnixSeconds, unixSeconds } from "../src/units.js";

const START = Date.UTC(2020, 0, 1) / 1_000;
const END = Date.UTC(2041, 0, 1) / 1_000;
const DAYS = ["", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** What the platform's own table of zones shows: weekday, date, time. */
function reference(name: string): (unix: number) => string {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: name,
    hourCycle: "h23",
    weekday: "short",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  return (unix) => {
    const parts: Record<string, string> = {};
    for (const { type, value } of format.formatToParts(unix * 1_000)) parts[type] = value;
    const { weekday, year, month, day, hour, minute, second } = parts;
    return `${weekday} ${year}-${month}-${day}T${hour}:${minute}:${second}`;
  };
}
const ours = (unix: UnixSeconds, zone: Zone): string =>
  `${DAYS[localTime(unix, zone).weekday]} ${isoText(unix, zone).slice(0, 19)}`;

/** Moments at which something could be wrong: each change of the clock, each month's turn, noon of each leap day and others. */
function moments(zone: Zone): readonly number[] {
  const found: number[] = [];
  let change = nextZoneChange(unixSeconds(START), zone);
  while (change !== null && change < END) {
    found.push(change - 3_601, change - 1, change, change + 1, change + 3_599, change + 3_600);
    change = nextZoneChange(change, zone);
  }
  for (let month = unixSeconds(START); month < END; month = monthStart(month, zone, 1)) found.push(month - 1, month);
  for (const year of [2020, 2024, 2028, 2032, 2036, 2040])
    found.push(unixOf({ year, month: 2, day: 29 }, 0, zone), unixOf({ year, month: 2, day: 29 }, 1_439, zone));
  for (let unix = START; unix < END; unix += 555_555) found.push(unix);
  return found;
}

describe("calendar beside the platform's", () => {
  it("shows in each of its zones from 2020 to 2040 what the platform's table of zones shows", () => {
    for (const [name] of ZONES) {
      const parsed = parseZone(name);
      assert.ok(parsed.ok);
      const shown = reference(name);
      for (const unix of moments(parsed.zone)) {
        const mine = ours(unixSeconds(unix), parsed.zone);
        if (mine !== shown(unix)) assert.equal(mine, shown(unix), `${name} at ${unix}`);
      }
    }
  });
  it("misses none of the platform's changes of the clock", () => {
    for (const [name] of ZONES) {
      const parsed = parseZone(name);
      assert.ok(parsed.ok);
      const shown = reference(name);
      for (let unix = START; unix < END; unix += 86_400 * 5)
        if (ours(unixSeconds(unix), parsed.zone) !== shown(unix)) assert.ok(false, `${name} at ${unix}`);
    }
  });
});
