// A site against the clock: the simulated plant and the firmware as in `npm run sim`, with a real broker, real sockets and
// pages that a browser opens.

import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { simCharger } from "../hal/sim/main-charger.js";
import { simMeter } from "../hal/sim/main-meter.js";
import { parseEvent, parseScenario, type Scenario } from "../hal/sim/plant/scenario.js";
import { createSite, type TimelineRecord } from "../hal/sim/plant/site.js";
import type { Engine } from "../hal/sim/programs.js";
import { firstSettings } from "../hal/sim/simulation.js";
import { startBroker } from "./live-broker.js";
import { createLiveCarrier } from "./live-carrier.js";
import { type DashboardSite, serveDashboard } from "./live-dashboard.js";
import { servePages } from "./live-pages.js";
import { HOST, type LiveServer } from "./live-server.js";

export interface LiveOptions {
  readonly engine: Engine;
  /** null: the everyday site below. */
  readonly scenarioFile: string | null;
  /** An outside broker; null: our own. */
  readonly mqtt: { readonly host: string; readonly port: number } | null;
  readonly speed: number;
  /** The dashboard's; devices' pages and the broker follow. */
  readonly port: number;
}

export interface LiveSite {
  readonly addresses: readonly (readonly [what: string, url: string])[];
  close(): Promise<void>;
}

export type LiveResult = { readonly ok: true; readonly live: LiveSite } | { readonly ok: false; readonly why: string };

/** A house in the evening; the car comes after five seconds. The oven is the visitor's to turn on. */
const EVERYDAY = JSON.stringify({
  name: "everyday",
  durationS: 604_800,
  site: { contractedA: 25, bufferA: 3 },
  chargers: [{ id: "charger-1" }],
  events: [
    { atS: 0, house: 3.2 },
    { atS: 5, plug: "charger-1", car: { maxA: 32, batteryKWh: 24, socPct: 33 } },
  ],
});

const TICK_MS = 10;
/** Site time in one go: after it the real sockets have their turn, many times within a lease. */
const SLICE_MS = 100;
/** A machine that was asleep, or is too slow for its speed, makes up for no more than this. */
const CATCH_UP_MS = 1_000;

/** Runs a site at `speed` times this machine's time, in slices. What is behind for longer than a second is dropped.
 *  Gives what stops it. */
export function startClock(speed: number, run: (untilMs: number) => void): () => void {
  let lastAt = performance.now();
  let dueMs = 0;
  let doneMs = 0;
  let cancel = (): void => undefined;

  function turn(): void {
    const now = performance.now();
    dueMs = Math.min(dueMs + (now - lastAt) * speed, doneMs + CATCH_UP_MS * speed);
    lastAt = now;
    doneMs = Math.min(dueMs, doneMs + SLICE_MS);
    run(Math.floor(doneMs));
    if (doneMs < dueMs) {
      const next = setImmediate(turn);
      cancel = () => clearImmediate(next);
    } else {
      const next = setTimeout(turn, TICK_MS);
      cancel = () => clearTimeout(next);
    }
  }

  turn();
  return () => cancel();
}

function scenarioOf(
  file: string | null,
): { readonly ok: true; readonly scenario: Scenario } | { readonly ok: false; readonly why: string } {
  let text = EVERYDAY;
  if (file !== null) {
    try {
      text = readFileSync(file, "utf8");
    } catch {
      return { ok: false, why: `${file}: cannot be read` };
    }
  }
  const parsed = parseScenario(text);
  if (!parsed.ok) return { ok: false, why: `${file}: ${parsed.key}: ${parsed.why}` };
  return { ok: true, scenario: parsed.scenario };
}

export async function startLive(options: LiveOptions): Promise<LiveResult> {
  const read = scenarioOf(options.scenarioFile);
  if (!read.ok) return read;
  const { scenario } = read;
  const first = firstSettings(scenario);
  if (!first.ok) return { ok: false, why: `${options.scenarioFile}: ${first.key}: ${first.why}` };

  const deviceCount = scenario.chargers.length + (scenario.site.meter === null ? 0 : 1);
  const brokerPort = options.port + 1 + deviceCount;
  const broker = options.mqtt === null ? await startBroker(brokerPort) : null;
  const target = options.mqtt ?? { host: HOST, port: brokerPort };
  const later = (act: () => void): void => void site.agenda.after(0, act);
  const carrier = createLiveCarrier(target.host, target.port, later);
  const turnBroker = (on: boolean): void => {
    broker?.up(on).catch((error: unknown) => console.error("the broker cannot listen again:", error));
  };
  const records: ((record: TimelineRecord) => void)[] = [];
  const site = createSite({
    scenario,
    carrier,
    makeCharger: (board, { id }) =>
      simCharger(options.engine, () => site.agenda, board, first.chargers.get(id) ?? first.meter),
    makeMeter: (board) => simMeter(options.engine, () => site.agenda, board, first.meter),
    onRecord: (record) => {
      for (const tell of records) tell(record);
    },
    onFact(fact) {
      if (fact.kind === "power") carrier.reach(fact.device, fact.on);
      if (fact.kind !== "event") return;
      if (fact.event.what === "link") carrier.reach(fact.event.device, fact.event.up);
      if (fact.event.what === "broker") turnBroker(fact.event.up);
    },
  });

  const pages: Record<string, string> = {};
  const servers: LiveServer[] = [];
  for (const [index, device] of site.devices().entries()) {
    const port = options.port + 1 + index;
    servers.push(await servePages(site, device, port, later));
    pages[device] = `http://${HOST}:${port}`;
  }
  const brokerUrl = `mqtt://${target.host}:${target.port}`;
  const shown: DashboardSite & { readonly hasOwnBroker: boolean } = {
    contractedA: scenario.site.contractedA,
    bufferA: scenario.site.bufferA,
    phases: scenario.site.phases,
    measures: scenario.site.meter?.measures ?? "nothing: a fixed limit",
    hasMeter: scenario.site.meter !== null,
    chargers: scenario.chargers.map((one) => one.id),
    pages,
    broker: brokerUrl,
    hasOwnBroker: broker !== null,
  };
  const dashboard = await serveDashboard(
    options.port,
    () => shown,
    (said) => {
      const parsed = parseEvent(said, scenario);
      if (!parsed.ok) return `${parsed.key}: ${parsed.why}`;
      if (parsed.event.what === "broker" && broker === null)
        return "event.broker: an outside broker is not ours to turn";
      later(() => site.apply(parsed.event));
      return null;
    },
  );
  records.push(dashboard.tell);
  servers.push(dashboard);

  const stopClock = startClock(options.speed, site.run);

  return {
    ok: true,
    live: {
      addresses: [
        ["dashboard", `http://${HOST}:${options.port}`],
        ...Object.entries(pages).map(([device, url]) => [device, url] as const),
        ["broker", brokerUrl],
      ],
      async close() {
        stopClock();
        carrierClose(carrier, site.devices());
        await Promise.all(servers.map((server) => server.close()));
        await broker?.close();
      },
    },
  };
}

function carrierClose(carrier: ReturnType<typeof createLiveCarrier>, devices: readonly string[]): void {
  for (const device of devices) carrier.reach(device, false);
}
