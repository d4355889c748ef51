// A site against the clock: the simulated plant and the firmware as in `npm run sim`, with a real broker, real sockets and
// pages that a browser opens.

import { simCharger } from "../hal/sim/main-charger.js";
import { simMeter } from "../hal/sim/main-meter.js";
import { parseEvent, type Scenario, type ScenarioEvent } from "../hal/sim/plant/scenario.js";
import { createSite } from "../hal/sim/plant/site.js";
import type { Engine } from "../hal/sim/programs.js";
import { firstSettings } from "../hal/sim/simulation.js";
import { startBroker } from "./live-broker.js";
import { createLiveCarrier, type OutsideBroker } from "./live-carrier.js";
import { createConditions } from "./live-conditions.js";
import { type DashboardSite, type LiveRecord, serveDashboard } from "./live-dashboard.js";
import { serveNames } from "./live-names.js";
import { servePages } from "./live-pages.js";
import { createReportReader } from "./live-report.js";
import { portsOf } from "./live-scenario.js";
import { HOST, type LiveServer } from "./live-server.js";

export interface LiveOptions {
  readonly engine: Engine;
  readonly scenario: Scenario;
  /** An outside broker; null: our own. */
  readonly mqtt: OutsideBroker | null;
  readonly speed: number;
  /** The dashboard's; devices' pages and the broker follow. */
  readonly port: number;
  /** What the consoles of devices out of the box say. */
  readonly console?: (device: string, text: string) => void;
}

export interface LiveSite {
  readonly addresses: readonly (readonly [what: string, url: string])[];
  close(): Promise<void>;
}

export type LiveResult = { readonly ok: true; readonly live: LiveSite } | { readonly ok: false; readonly why: string };

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

const isRefused = (event: ScenarioEvent, hasOwnBroker: boolean): string | null =>
  event.what === "broker" && !hasOwnBroker ? "event.broker: an outside broker is not ours to turn" : null;

export async function startLive(options: LiveOptions): Promise<LiveResult> {
  const { scenario, engine } = options;
  const first = firstSettings(scenario);
  if (!first.ok) return { ok: false, why: `${first.key}: ${first.why}` };

  const brokerPort = options.port + portsOf(scenario) - 1;
  const broker = options.mqtt === null ? await startBroker(brokerPort) : null;
  const target = options.mqtt ?? { host: HOST, port: brokerPort, tls: false };
  const later = (act: () => void): void => void site.agenda.after(0, act);
  const listeners: ((record: LiveRecord) => void)[] = [];
  const tell = (record: LiveRecord): void => {
    for (const listener of listeners) listener(record);
  };
  const fresh = scenario.chargers.filter((one) => one.fresh).map((one) => one.id);
  const reports = createReportReader(first.meter, () => site.agenda.now() / 1_000, tell);
  const carrier = createLiveCarrier({
    agenda: () => site.agenda,
    seed: scenario.seed,
    fresh,
    broker: target,
    passes: reports.onStream,
    passed: reports.hear,
  });
  const conditions = createConditions(tell);
  const turnBroker = (on: boolean): void => {
    broker?.up(on).catch((error: unknown) => console.error("the broker cannot listen again:", error));
  };
  const site = createSite({
    scenario,
    carrier,
    makeCharger: (board, { id, version }) =>
      simCharger(engine, () => site.agenda, board, first.chargers.get(id) ?? first.meter, Number(version)),
    makeMeter: (board) => simMeter(engine, () => site.agenda, board, first.meter),
    onRecord(record) {
      if (record.kind === "sample") reports.see(record);
      if (record.kind === "note" && fresh.includes(record.device)) options.console?.(record.device, record.text);
      tell(record);
    },
    onFact(fact) {
      carrier.follow(fact);
      conditions(fact);
      if (fact.kind === "event" && fact.event.what === "broker") turnBroker(fact.event.up);
    },
  });

  const pages: Record<string, string> = {};
  const servers: LiveServer[] = [];
  for (const [index, device] of site.devices().entries()) {
    const port = options.port + 1 + index;
    servers.push(await servePages(site, device, port, later));
    pages[device] = `http://${HOST}:${port}`;
    // TCP and UDP ports do not meet: the names of its access point are where its pages are.
    if (fresh.includes(device)) servers.push(await serveNames(site, device, port, later));
  }
  const brokerUrl = `${target.tls ? "mqtts" : "mqtt"}://${target.host}:${target.port}`;
  const shown = { ...shownOf(scenario), pages, broker: brokerUrl, hasOwnBroker: broker !== null };
  const dashboard = await serveDashboard(
    options.port,
    () => shown,
    (said) => {
      const parsed = parseEvent(said, scenario);
      if (!parsed.ok) return `${parsed.key}: ${parsed.why}`;
      const refused = isRefused(parsed.event, broker !== null);
      if (refused === null) later(() => site.apply(parsed.event));
      return refused;
    },
  );
  listeners.push(dashboard.tell);
  servers.push(dashboard);

  const stopClock = startClock(options.speed, site.run);

  return {
    ok: true,
    live: {
      addresses: [
        ["dashboard", `http://${HOST}:${options.port}`],
        ...Object.entries(pages).map(([device, url]) => [device, url] as const),
        ...fresh.map((device) => [`set up ${device}`, `${pages[device]} (as on its own access point)`] as const),
        ["broker", brokerUrl],
      ],
      async close() {
        stopClock();
        carrier.close();
        await Promise.all(servers.map((server) => server.close()));
        await broker?.close();
      },
    },
  };
}

const shownOf = ({ site, chargers }: Scenario): Omit<DashboardSite, "pages" | "broker"> => ({
  contractedA: site.contractedA,
  bufferA: site.bufferA,
  phases: site.phases,
  measures: site.meter?.measures ?? "nothing: a fixed limit",
  hasMeter: site.meter !== null,
  meterRuns: site.meter?.ours === true,
  chargers: chargers.map((one) => one.id),
  wiring: Object.fromEntries(chargers.map((one) => [one.id, one.wiring])),
});
