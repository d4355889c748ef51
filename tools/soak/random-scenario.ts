// A random site and what it lives through: every kind of fault of the scenario format, overlapping. The same seed, the same text.

import { type Chance, createChance } from "../../hal/sim/plant/chance.js";

export interface SoakScenario {
  readonly name: string;
  readonly seed: number;
  readonly durationS: number;
  readonly site: Readonly<Record<string, unknown>>;
  readonly chargers: readonly Readonly<Record<string, unknown>>[];
  readonly events: readonly (Readonly<Record<string, unknown>> & { readonly atS: number })[];
}

type Event = SoakScenario["events"][number];

const DURATION_S = 600;
const CALM_S = 60;

const oneOf = <T>(chance: Chance, list: readonly T[]): T => {
  const picked = list[chance.whole(0, list.length - 1)];
  if (picked === undefined) throw new Error("a list is empty");
  return picked;
};
const likely = (chance: Chance, part: number): boolean => chance.next() < part;
const tenths = (value: number): number => Math.round(value * 10) / 10;

/** `chargers`: how many, or a number from 2 to 8 by chance when null. */
export function randomScenario(seed: number, chargers: number | null): SoakScenario {
  const chance = createChance(seed).fork("soak");
  const count = chargers ?? chance.whole(2, 8);
  const phases = likely(chance, 0.3) || count > 16 ? 3 : 1;
  const contractedA = oneOf(chance, [16, 20, 25, 30, 40, 63]) * (count > 16 ? 4 : 1);
  const kind = oneOf(chance, ["ours", "ours", "ours", "grid", "other", "none"] as const);
  const houseMaxA = likely(chance, 0.6) || kind === "none" ? tenths(contractedA * (0.2 + 0.3 * chance.next())) : null;
  const periodS = kind === "grid" ? oneOf(chance, [1, 1, 2]) : oneOf(chance, [1, 1, 1, 2, 5]);
  const site = {
    contractedA,
    bufferA: oneOf(chance, [0, 0, 1]),
    ...(houseMaxA === null ? {} : { houseMaxA }),
    phases,
    meter: kind === "none" ? null : { measures: kind === "grid" ? "grid" : "house", periodS, ours: kind !== "other" },
    policy: likely(chance, 0.8) ? "fair" : "equal",
    reportLeaseS: Math.max(oneOf(chance, [3, 5, 10, 10, 10, 15]), 2 * periodS + 1),
    maxCharging: likely(chance, 0.15) ? 2 : 0,
    peers: oneOf(chance, ["mqtt", "mqtt", "udp", "both"]),
    protection: "none",
  };
  const ids = Array.from({ length: count }, (_, index) => `charger-${index + 1}`);
  const room = houseMaxA === null ? 0 : contractedA - site.bufferA - houseMaxA;
  return {
    name: `soak-${seed}`,
    seed,
    durationS: DURATION_S,
    site,
    chargers: chargersOf(chance, ids, phases, room),
    events: eventsOf(chance, ids, phases, contractedA, houseMaxA, kind),
  };
}

function chargersOf(chance: Chance, ids: readonly string[], phases: number, room: number): SoakScenario["chargers"] {
  let left = room;
  return ids.map((id) => {
    const threeFold = phases === 3 && likely(chance, 0.4);
    const wiring =
      phases === 1
        ? [1]
        : threeFold
          ? oneOf(chance, [
              [1, 2, 3],
              [2, 3, 1],
              [3, 1, 2],
            ])
          : [chance.whole(1, 3)];
    const failsafeA = left >= 6 && likely(chance, 0.2) ? 6 : 0;
    left -= failsafeA;
    return {
      id,
      maxA: oneOf(chance, [16, 32, 32]),
      failsafeA,
      wiring,
      priority: chance.whole(0, 2),
      bootS: likely(chance, 0.3) ? chance.whole(0, 20) : 0,
      clockDriftPct: oneOf(chance, [0, 0, 1.4, -1.4]),
      version: oneOf(chance, ["", "", "", "-1", "+1"]),
    };
  });
}

function eventsOf(
  chance: Chance,
  ids: readonly string[],
  phases: number,
  contractedA: number,
  houseMaxA: number | null,
  kind: string,
): readonly Event[] {
  const events: Event[] = [];
  const most = houseMaxA ?? contractedA;
  const house = (atS: number): Event => {
    const amps = () => tenths(chance.next() * most);
    return { atS, house: phases === 1 ? amps() : [amps(), amps(), amps()] };
  };
  events.push(house(0));
  for (let atS = 0; atS < DURATION_S; atS += chance.whole(5, 90)) events.push(house(atS));
  for (const id of ids) if (likely(chance, 0.85)) events.push(plug(chance, id, chance.whole(0, 60)));
  const faults = chance.whole(1, 10);
  for (let index = 0; index < faults; index++) events.push(...fault(chance, ids, kind));
  return events.sort((a, b) => a.atS - b.atS);
}

function plug(chance: Chance, id: string, atS: number): Event {
  const car = {
    maxA: oneOf(chance, [8, 16, 32]),
    phases: oneOf(chance, [1, 3]),
    batteryKWh: oneOf(chance, [12, 40, 60]),
    socPct: oneOf(chance, [20, 50, 85, 99]),
    reactS: oneOf(chance, [0.5, 1, 3]),
    rampAps: oneOf(chance, [2, 5, 10]),
  };
  return { atS, plug: id, car };
}

/** One fault and most times its end. */
function fault(chance: Chance, ids: readonly string[], kind: string): readonly Event[] {
  const atS = chance.whole(5, DURATION_S - CALM_S);
  const until = Math.min(DURATION_S - 1, atS + oneOf(chance, [0.5, 2, 5, 11, 30, 120]));
  const ends = likely(chance, 0.85);
  const id = oneOf(chance, ids);
  const devices = kind === "none" ? ids : [...ids, "meter"];
  const device = likely(chance, 0.3) ? (devices[devices.length - 1] ?? id) : oneOf(chance, devices);
  const pair = (begin: object, end: object): readonly Event[] =>
    ends
      ? [
          { atS, ...begin },
          { atS: until, ...end },
        ]
      : [{ atS, ...begin }];
  const machine = kind === "other" && device === "meter" ? id : device;
  const kinds: readonly (() => readonly Event[])[] = [
    () => pair({ power: device, on: false }, { power: device, on: true }),
    () => pair({ power: device, on: false }, { power: device, on: true }),
    () => pair({ link: device, up: false }, { link: device, up: true }),
    () => pair({ link: device, up: false }, { link: device, up: true }),
    () => pair({ network: weather(chance) }, { network: { loss: 0, duplicate: 0, delayS: [0.01, 0.01] } }),
    () => pair({ network: weather(chance) }, { network: { loss: 0, duplicate: 0, delayS: [0.01, 0.01] } }),
    () => pair({ partition: halves(chance, [...devices, "broker"]) }, { partition: [] }),
    () => pair({ broker: "down" }, { broker: "up" }),
    () => [{ atS, hang: machine, restarts: likely(chance, 0.7) }],
    () => [{ atS, busy: machine, forS: oneOf(chance, [0.4, 2, 8, 20]) }],
    () => (kind === "none" ? [] : pair({ meter: oneOf(chance, ["silent", "garbage"]) }, { meter: "ok" })),
    () => [{ atS, unplug: id }, plug(chance, id, until)],
    () => [{ atS, set: id, settings: { mode: "manual", manualA: oneOf(chance, [6, 10, 16]) } }],
    () => [{ atS, clock: id, jumpS: oneOf(chance, [-3_600, 86_400]) }],
    () => [{ atS, forge: oneOf(chance, ["report", "demand"]) }],
    () => [{ atS, forge: { replay: oneOf(chance, [10, 60, 300]) } }],
    () => [{ atS, impersonate: id }],
    () => pair({ trip: id, cause: "temperature", celsius: 78 }, { trip: id, cause: "none" }),
    () => pair({ contactor: id, fault: "stuck-open" }, { contactor: id, fault: "none" }),
  ];
  return oneOf(chance, kinds)();
}

const weather = (chance: Chance): object => ({
  loss: oneOf(chance, [0, 0.1, 0.3, 0.6]),
  duplicate: oneOf(chance, [0, 0.3]),
  delayS: oneOf(chance, [
    [0.01, 0.01],
    [0.01, 0.5],
    [0.01, 3],
    [1, 8],
  ]),
});

function halves(chance: Chance, names: readonly string[]): readonly (readonly string[])[] {
  const left = names.filter(() => likely(chance, 0.5));
  return [left, names.filter((name) => !left.includes(name))].filter((group) => group.length > 0);
}
