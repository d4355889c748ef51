// Large sites: what the roster's length costs one of their machines in RAM.

import { atMost, type Figure, shown } from "../figure.js";
import { ramOf } from "./cost.js";
import { CREATIONS, type XsEngine } from "./engine.js";
import { MOST, played, type Recording, recorded, smallest, times } from "./playing.js";

export const MEMBERS = 64;
const SECONDS = 60;
/** By then all cars are plugged in. */
const SETTLED_MS = 30_000;

/** A site's text: three phases, one- and three-phase cars; every second charger has one. */
export function siteOfMany(members: number, led: "meter" | "charger", more: readonly object[] = []): string {
  const ids = Array.from({ length: members }, (_, index) => `charger-${index + 1}`);
  const chargers = ids.map((id, index) => ({ id, wiring: index % 4 === 0 ? [1, 2, 3] : [(index % 3) + 1] }));
  const events = ids
    .filter((_, index) => index % 2 === 0)
    .map((id, index) => ({
      atS: 5 + index / 2,
      plug: id,
      car: { maxA: 32, phases: index % 2 === 0 ? 3 : 1, batteryKWh: 60, socPct: 30 },
    }));
  const site = { contractedA: 250, phases: 3, ...(led === "meter" ? {} : { meter: null, houseMaxA: 40 }) };
  return JSON.stringify({
    name: "many",
    seed: members,
    durationS: SECONDS,
    site,
    chargers,
    events: [{ atS: 0, house: 20 }, ...events, ...more],
  });
}

function figuresOf(xs: XsEngine, name: string, recording: Recording): readonly Figure[] {
  const device = CREATIONS[recording.program];
  const lived = played(xs, recording, device, SETTLED_MS);
  const seen = typeof lived === "string" ? played(xs, recording, times(device, MOST), SETTLED_MS) : lived;
  const lost = typeof lived === "string";
  const ram = [
    atMost(`${name}: restarts in the device's RAM in ${SECONDS} s`, lost ? 1 : 0, 0, lost ? lived : ""),
    atMost(
      `${name}: smallest RAM that lives, with its stack`,
      smallest(xs, recording),
      ramOf(recording.program),
      "bytes",
    ),
  ];
  if (typeof seen === "string") return [...ram, atMost(`${name}: restarts with ${MOST} times that RAM`, 1, 0, seen)];
  const { end, half, sum, longest } = seen;
  return [
    ...ram,
    shown(`${name}: live slots`, end.slots, `of ${device.heap}`),
    shown(`${name}: live chunks`, end.chunks, `of ${device.chunk} bytes`),
    atMost(`${name}: stack peak`, end.stackPeak, device.stack, "slots"),
    atMost(`${name}: growth of keys`, end.keys - half.keys, 0, ""),
    shown(`${name}: computrons a second`, Math.round(sum / (SECONDS - SETTLED_MS / 1_000)), ""),
    shown(`${name}: longest turn`, longest, "computrons"),
  ];
}

/** So many chargers fit who leads them, in the RAM of the device: 64 take a meter of 384 KB. */
const LED_BY_METER = 16;
const LED_BY_CHARGER = 8;

/** What a long roster costs its charger as a member, its meter, and a charger that leads. */
export function manyFigures(xs: XsEngine): readonly Figure[] {
  const among = (members: number, led: "meter" | "charger", program: Recording["program"]): Recording =>
    recorded(siteOfMany(members, led)).of(program);
  return [
    ...figuresOf(xs, `charger among ${MEMBERS}`, among(MEMBERS, "meter", "controller")),
    ...figuresOf(xs, `meter that leads ${LED_BY_METER}`, among(LED_BY_METER, "meter", "meter")),
    ...figuresOf(xs, `charger that leads ${LED_BY_CHARGER}`, among(LED_BY_CHARGER, "charger", "controller")),
  ];
}
