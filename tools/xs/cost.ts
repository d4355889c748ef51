// What the firmware costs on XS: computrons by what happens, byte code by module, the smallest RAM that it lives in.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { PORTAL_PASSWORD } from "../../hal/sim/scenario-settings.js";
import { simulate } from "../../hal/sim/simulation.js";
import { CREATIONS, type ProgramName, startXs, type XsEngine } from "./engine.js";
import type { Creation } from "./host.js";
import { firmware, ROOT, reached } from "./modules.js";

export interface Turns {
  readonly turns: number;
  readonly computrons: number;
  readonly longest: number;
}

/** By "program event", as in "controller tick". */
export type Ledger = ReadonlyMap<string, Turns>;

const total = (ledger: Ledger, fits: (name: string) => boolean): number =>
  [...ledger].reduce((sum, [name, one]) => (fits(name) ? sum + one.computrons : sum), 0);
export const allOf = (ledger: Ledger): number => total(ledger, () => true);

const kindOf = (event: unknown): string =>
  typeof event === "object" && event !== null && "kind" in event ? String(event.kind) : "start";

interface Measured {
  readonly ledger: Ledger;
  readonly wallS: number;
}

/** Lives through a scenario and counts each turn from a time on, when the start is over. */
async function counted(scenario: object, fromMs: number): Promise<Measured | null> {
  const ledger = new Map<string, Turns>();
  const xs = await startXs({
    lines: false,
    core: 0,
    onTurn(program, event, { computrons }, at) {
      if (at < fromMs) return;
      const name = `${program} ${kindOf(event)}`;
      const known = ledger.get(name) ?? { turns: 0, computrons: 0, longest: 0 };
      const longest = Math.max(known.longest, computrons);
      ledger.set(name, { turns: known.turns + 1, computrons: known.computrons + computrons, longest });
    },
  });
  if (xs === null) return null;
  const started = performance.now();
  const run = simulate(JSON.stringify(scenario), { engine: xs });
  const wallS = (performance.now() - started) / 1_000;
  xs.close();
  if (!run.ok) throw new Error(`${run.key}: ${run.why}`);
  return { ledger, wallS };
}

const SECONDS = 120;
const FROM_MS = 60_000;

function quiet(events: readonly object[]): object {
  return {
    name: "cost",
    durationS: SECONDS,
    site: { contractedA: 25, bufferA: 3 },
    chargers: [{ id: "charger-1" }],
    events: [{ atS: 0, house: 3.2 }, ...events],
  };
}
const CAR = { atS: 5, plug: "charger-1", car: { maxA: 32, batteryKWh: 24, socPct: 33 } };

export interface Cost {
  /** Computrons a simulated second, of all machines. */
  readonly idle: number;
  readonly charging: number;
  /** Parts of charging, the largest first, in computrons a second. */
  readonly parts: readonly (readonly [name: string, computrons: number])[];
  /** One publish of the state: computrons. */
  readonly publish: number;
  readonly longestTurn: Readonly<Record<ProgramName, number>>;
  /** Simulated seconds a second. */
  readonly speed: number;
  /** Of this machine, from the same runs. */
  readonly nsPerComputron: number;
}

export async function costOf(): Promise<Cost | null> {
  const idle = await counted(quiet([]), FROM_MS);
  const charging = await counted(quiet([CAR]), FROM_MS);
  const visited = await counted(quiet([CAR, { atS: 90, visit: "charger-1", password: PORTAL_PASSWORD }]), 0);
  if (idle === null || charging === null || visited === null) return null;
  const counting = SECONDS - FROM_MS / 1_000;
  const parts = [...charging.ledger]
    .map(([name, one]): readonly [string, number] => [name, Math.round(one.computrons / counting)])
    .sort((a, b) => b[1] - a[1]);
  const longest = (program: ProgramName): number =>
    Math.max(...[...visited.ledger].map(([name, one]) => (name.startsWith(program) ? one.longest : 0)));
  const { publish, nsPerComputron } = await publishing();
  return {
    idle: Math.round(allOf(idle.ledger) / counting),
    charging: Math.round(allOf(charging.ledger) / counting),
    parts,
    publish,
    longestTurn: { evse: longest("evse"), controller: longest("controller"), meter: longest("meter") },
    speed: Math.round(SECONDS / charging.wallS),
    nsPerComputron,
  };
}

/** One state as an MQTT packet, and how long a computron takes here. */
async function publishing(): Promise<{ readonly publish: number; readonly nsPerComputron: number }> {
  const xs = await startXs({ lines: false });
  if (xs === null) return { publish: 0, nsPerComputron: 0 };
  const machine = xs.host.open(CREATIONS.controller);
  const payload = JSON.stringify({ state: "charging", offerA: 18.7, because: "site", drawA: [18.6], report: "fresh" });
  const packet = { cmd: "publish", topic: "ievcc/home/charger-1/state", payload, qos: 0, retain: true, dup: false };
  const once = (): number => xs.host.call(machine, 0, "src/mqtt.js", "encode", [packet]).computrons;
  const first = once();
  const started = performance.now();
  let computrons = 0;
  for (let count = 0; count < 500; count++) computrons += once();
  const nsPerComputron = ((performance.now() - started) * 1e6) / computrons;
  xs.close();
  return { publish: first, nsPerComputron: Math.round(nsPerComputron * 10) / 10 };
}

export interface ModuleSize {
  readonly module: string;
  /** Of its functions. */
  readonly bytes: number;
  /** Of the strings of its tables. */
  readonly strings: number;
}

const PROGRAMS_OF = Object.freeze({
  charger: ["src/controller.js", "src/evse.js"],
  meter: ["src/meter-node.js"],
} as const);

/** What flash keeps of each module of a device once it is preloaded, the largest first; names stay out, as in the image that
 *  the SDK strips. */
export function byteCode(xs: XsEngine, device: keyof typeof PROGRAMS_OF): readonly ModuleSize[] {
  const codes = new Map(firmware().map(({ path, code }) => [path, code]));
  return [...reached(PROGRAMS_OF[device], (path) => codes.get(path))]
    .map((path) => {
      const { functions, strings } = xs.host.measure(path);
      return { module: path, bytes: functions, strings };
    })
    .sort((a, b) => b.bytes - a.bytes);
}

const SLOT = 16;
const STEPS = 16;

/** By then all has happened that needs much at once. */
const BUSIEST_S = 110;

const bytesOf = ({ chunk, heap, stack }: Creation): number => chunk + (heap + stack) * SLOT;

/** The smallest RAM in 32-bit slots, bytes with the stack, in which a program lives through the busiest scenario; its
 *  chunks and slots shrink together, in steps of a 16th of the device's. */
export async function smallestRam(program: ProgramName): Promise<number | null> {
  const busy = readFileSync(join(ROOT, "scenarios", "busy-controller.json"), "utf8");
  const { events, ...rest } = JSON.parse(busy);
  const upTo = (end: number): string =>
    JSON.stringify({ ...rest, durationS: end, events: events.filter((one: { atS: number }) => one.atS < end) });
  const text = upTo(BUSIEST_S);
  const of = (step: number): Creation => {
    const { chunk, heap, ...others } = CREATIONS[program];
    return { ...others, chunk: Math.ceil((chunk * step) / STEPS), heap: Math.ceil((heap * step) / STEPS) };
  };
  const lives = async (step: number): Promise<boolean> => {
    const xs = await startXs({ lines: false, core: 0, creations: { [program]: of(step) } });
    if (xs === null) return false;
    let restarts = 0;
    try {
      simulate(text, {
        engine: xs,
        onRecord: (record) => {
          if (record.kind === "note" && record.text.startsWith("restart:")) restarts++;
          if (restarts > 0) throw new Error("it restarts");
        },
      });
      return true;
    } catch {
      return false;
    } finally {
      xs.close();
    }
  };
  let [low, high] = [0, STEPS];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (await lives(middle)) high = middle;
    else low = middle;
  }
  return bytesOf(of(high));
}

export const ramOf = (program: ProgramName): number => bytesOf(CREATIONS[program]);
