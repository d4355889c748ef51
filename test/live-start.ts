// A live site on free ports of this machine, for tests, and a look at what its dashboard's server tells.

import assert from "node:assert/strict";
import { get, type IncomingHttpHeaders, request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { isDeepStrictEqual } from "node:util";
import type { TimelineRecord } from "../hal/sim/plant/site.js";
import { v8 } from "../hal/sim/programs.js";
import { PORTAL_PASSWORD } from "../hal/sim/scenario-settings.js";
import type { ConditionsRecord } from "../tools/live-conditions.js";
import type { LiveRecord } from "../tools/live-dashboard.js";
import type { ReportRecord } from "../tools/live-report.js";
import { portsOf, readLiveScenario } from "../tools/live-scenario.js";
import { HOST } from "../tools/live-server.js";
import { startLive } from "../tools/live-site.js";

export interface TestSite {
  readonly dashboard: string;
  readonly charger: string;
  readonly meter: string;
  close(): Promise<void>;
}

/** Port 0: any. Null when the port is taken. */
function probe(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, HOST, () => {
      const { port: found } = server.address() as AddressInfo;
      server.close(() => resolve(found));
    });
  });
}

/** The first of so many free ports in a row. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = await probe(0);
    if (first === null || first + count > 65_000) continue;
    const next = await Promise.all(Array.from({ length: count - 1 }, (_, at) => probe(first + 1 + at)));
    if (next.every((port) => port !== null)) return first;
  }
}

/** The everyday site: a charger or more, a meter, and cars from the fifth second on; or what a scenario file says.
 *  `brokerPort`: an outside broker. */
export async function startTestSite(options: {
  speed: number;
  chargers?: number;
  scenarioFile?: string;
  port?: number;
  brokerPort?: number;
  fresh?: boolean;
}): Promise<TestSite> {
  const { speed, brokerPort, chargers = 1, scenarioFile = null, fresh = false } = options;
  const read = readLiveScenario(scenarioFile, chargers, fresh);
  assert.ok(read.ok);
  const port = options.port ?? (await freePorts(portsOf(read.scenario)));
  const mqtt = brokerPort === undefined ? null : { host: HOST, port: brokerPort, tls: false };
  const started = await startLive({ engine: v8, scenario: read.scenario, mqtt, speed, port });
  assert.ok(started.ok);
  const urls = new Map(started.live.addresses);
  const url = (what: string): string => urls.get(what) ?? assert.fail(`no address of ${what}`);
  return {
    dashboard: url("dashboard"),
    charger: url("charger-1"),
    meter: urls.get("meter") ?? "",
    close: () => started.live.close(),
  };
}

export interface Reply {
  readonly status: number;
  readonly body: string;
}

export interface WholeReply extends Reply {
  readonly headers: IncomingHttpHeaders;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The pages of a device that is set up, for whoever has logged in. */
export async function insider(device: string): Promise<(path: string) => Promise<Reply>> {
  const headers = await insiderWith(device);
  return (path) => ask(`${device}${path}`, { headers });
}

/** The headers of somebody who has logged in at a device's pages. */
export async function insiderWith(device: string): Promise<{ readonly Cookie: string }> {
  const { headers } = await askAll(`${device}/login`, {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: `password=${PORTAL_PASSWORD}`,
  });
  const cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? assert.fail(`${device} lets nobody in`);
  return { Cookie: cookie };
}

/** One request with any headers, Host and Origin among them, which fetch keeps for itself. */
export async function ask(url: string, asked: Asked = {}): Promise<Reply> {
  const { status, body } = await askAll(url, asked);
  return { status, body };
}

export function askAll(url: string, { method = "GET", headers = {}, body = "" }: Asked = {}): Promise<WholeReply> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }));
      response.on("error", reject);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

export const happen = (site: TestSite, event: object): Promise<Reply> =>
  ask(`${site.dashboard}/event`, { method: "POST", body: JSON.stringify(event) });

/** The timeline as the dashboard hears it. Ends when it is returned from, or fails when the site cuts it. */
export async function* timelineOf({ dashboard }: TestSite): AsyncGenerator<LiveRecord> {
  const response = await new Promise<AsyncIterable<string>>((resolve, reject) => {
    get(`${dashboard}/events`, { agent: false }, (opened) => resolve(opened.setEncoding("utf8"))).on("error", reject);
  });
  let rest = "";
  for await (const part of response) {
    const blocks = (rest + part).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) yield JSON.parse(block.replace(/^data: /, ""));
  }
}

type Sample = Extract<TimelineRecord, { kind: "sample" }>;

/** The first sample of which something is true; the timeline can be read on afterwards. */
export async function sampleWhere(
  timeline: AsyncGenerator<LiveRecord>,
  isWanted: (sample: Sample) => boolean,
): Promise<Sample> {
  for (;;) {
    const { value, done } = await timeline.next();
    if (done === true) assert.fail("the timeline ended");
    if (value.kind === "sample" && isWanted(value)) return value;
  }
}

/** Reads on until an event has happened whose key has this value: what comes then came after it. */
export async function readPast(timeline: AsyncGenerator<LiveRecord>, key: string, value: unknown): Promise<void> {
  for (;;) {
    const next = await timeline.next();
    if (next.done === true) assert.fail("the timeline ended");
    if (next.value.kind === "event" && next.value[key] === value) return;
  }
}

export const offered = (sample: Sample): number => sample.chargers["charger-1"]?.offeredA ?? 0;

/** The newest report and what was done to the site, as the dashboard's JSON has it. */
export async function sharingOf(site: TestSite): Promise<Sharing> {
  return JSON.parse((await ask(`${site.dashboard}/sharing.json`)).body);
}

/** The timeline from when this event has happened: nothing of before it. */
export async function timelineAfter(site: TestSite, event: object): Promise<AsyncGenerator<LiveRecord>> {
  const since = (await sharingOf(site)).report?.t ?? 0;
  const timeline = timelineOf(site);
  assert.deepEqual(await happen(site, event), { status: 204, body: "" });
  for (;;) {
    const { value, done } = await timeline.next();
    if (done === true) assert.fail("the timeline ended");
    if (value.kind !== "event" || value.t < since) continue;
    const { t: _, kind, ...said } = value;
    if (isDeepStrictEqual(said, event)) return timeline;
  }
}

export interface Sharing {
  readonly report: ReportRecord | null;
  readonly conditions: ConditionsRecord | null;
}

export const offersOf = ({ chargers }: Sample): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(chargers).map(([id, { offeredA }]) => [id, offeredA]));

/** Chargers that lead. */
export const leadersOf = ({ chargers }: Sample): readonly string[] =>
  Object.keys(chargers).filter((id) => chargers[id]?.role === "arbiter" && chargers[id]?.state !== "off");

/** The first report of which something is true. */
export async function reportWhere(
  timeline: AsyncGenerator<LiveRecord>,
  isWanted: (report: ReportRecord) => boolean,
): Promise<ReportRecord> {
  for (;;) {
    const { value, done } = await timeline.next();
    if (done === true) assert.fail("the timeline ended");
    if (value.kind === "report" && isWanted(value)) return value;
  }
}
