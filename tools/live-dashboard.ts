// The dashboard's server: its page, what the site is, the timeline as it happens, and the buttons' events.

import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { TimelineRecord } from "../hal/sim/plant/site.js";
import type { ConditionsRecord } from "./live-conditions.js";
import type { ReportRecord } from "./live-report.js";
import { type LiveServer, listenOn } from "./live-server.js";

/** What the dashboard hears. */
export type LiveRecord = TimelineRecord | ReportRecord | ConditionsRecord;

export interface DashboardSite {
  readonly contractedA: number;
  readonly bufferA: number;
  readonly phases: number;
  readonly measures: string;
  readonly hasMeter: boolean;
  /** The meter runs our firmware, and leads. */
  readonly meterRuns: boolean;
  readonly chargers: readonly string[];
  /** Phases of the site that each charger has, in its order. */
  readonly wiring: Readonly<Record<string, readonly number[]>>;
  readonly pages: Readonly<Record<string, string>>;
  readonly broker: string;
}

export interface Dashboard extends LiveServer {
  tell(record: LiveRecord): void;
}

/** The page's own files: path, name in `dashboard/`, type. */
const FILES: readonly (readonly [path: string, name: string, type: string])[] = Object.freeze([
  ["/", "index.html", "text/html; charset=utf-8"],
  ["/dashboard.css", "dashboard.css", "text/css; charset=utf-8"],
  ...["dashboard", "chargers", "line", "network", "page", "plot"].map(
    (name) => [`/${name}.js`, `${name}.js`, "text/javascript; charset=utf-8"] as const,
  ),
]);

const read = (name: string): Buffer => readFileSync(new URL(`dashboard/${name}`, import.meta.url));

const BODY_LIMIT = 16_384;
/** What a page that opens now is shown of the past. */
const KEPT_S = 600;
const KEPT_LIMIT = 6_000;
/** Of the reports less: each speaks of every charger. */
const REPORTS_S = 120;
const REPORTS_LIMIT = 300;
/** Bytes that wait for a page which does not read; more, and it has to ask anew. */
const LAG_LIMIT = 4_194_304;

/** Shown however long ago: the main has tripped, and nobody puts it back. */
const isForEver = (record: TimelineRecord): boolean => record.kind === "note" && record.device === "main";

/** `happen` does an event, or gives the reason why it cannot be. */
export async function serveDashboard(
  port: number,
  site: () => DashboardSite,
  happen: (event: Readonly<Record<string, unknown>>) => string | null,
): Promise<Dashboard> {
  const files = new Map(FILES.map(([path, name, type]) => [path, { type, bytes: read(name) }]));
  const listeners = new Set<ServerResponse>();
  let kept: TimelineRecord[] = [];
  let reports: ReportRecord[] = [];
  let conditions: ConditionsRecord | null = null;

  const line = (record: LiveRecord): string => `data: ${JSON.stringify(record)}\n\n`;

  function answer(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
    response.end(body);
  }

  function listen(response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const all = [...kept, ...reports, ...(conditions === null ? [] : [conditions])];
    response.write(all.map(line).join(""));
    listeners.add(response);
    response.on("close", () => listeners.delete(response));
  }

  function take(request: IncomingMessage, response: ServerResponse): void {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (text: string) => {
      body = (body + text).slice(0, BODY_LIMIT + 1);
    });
    request.on("end", () => {
      const refused = body.length > BODY_LIMIT ? "the event is too long" : eventIn(body);
      if (refused === null) answer(response, 204, "text/plain", "");
      else answer(response, 400, "text/plain; charset=utf-8", refused);
    });
  }

  function eventIn(body: string): string | null {
    let event: unknown;
    try {
      event = JSON.parse(body);
    } catch {
      return "the event is not JSON";
    }
    return typeof event === "object" && event !== null ? happen({ ...event }) : "the event is not an object";
  }

  /** Only this machine's own names: another site's page must not push the buttons. */
  function isOurs(request: IncomingMessage): boolean {
    const names = [`127.0.0.1:${port}`, `localhost:${port}`];
    const origin = request.headers.origin;
    return (
      names.includes(request.headers.host ?? "") &&
      (origin === undefined || names.some((name) => origin === `http://${name}`))
    );
  }

  const server = createServer((request, response) => {
    if (!isOurs(request)) return answer(response, 403, "text/plain", "not from here");
    const path = request.url ?? "/";
    if (request.method === "POST" && path === "/event") return take(request, response);
    if (request.method !== "GET") return answer(response, 405, "text/plain", "GET, or POST /event");
    const file = files.get(path);
    if (file !== undefined) return answer(response, 200, file.type, file.bytes);
    if (path === "/site.json") return answer(response, 200, "application/json", JSON.stringify(site()));
    if (path === "/sharing.json") {
      return answer(response, 200, "application/json", JSON.stringify({ report: reports.at(-1) ?? null, conditions }));
    }
    if (path === "/events") return listen(response);
    return answer(response, 404, "text/plain", "there is /, /site.json, /sharing.json, /events and POST /event");
  });

  function keep(record: TimelineRecord): void {
    kept.push(record);
    const from = record.t - KEPT_S;
    const oldest = kept.find((one) => !isForEver(one)) ?? record;
    if (kept.length <= KEPT_LIMIT && oldest.t >= from - 60) return;
    const late = kept.slice(-KEPT_LIMIT).filter((one) => one.t >= from && !isForEver(one));
    kept = [...kept.filter(isForEver), ...late];
  }

  function keepReport(record: ReportRecord): void {
    reports = [...reports.filter((one) => one.t > record.t - REPORTS_S), record].slice(-REPORTS_LIMIT);
  }

  return {
    ...(await listenOn(server, port)),
    tell(record) {
      if (record.kind === "report") keepReport(record);
      else if (record.kind === "conditions") conditions = record;
      else keep(record);
      const told = line(record);
      for (const listener of listeners) {
        if (listener.writableLength > LAG_LIMIT) listener.destroy();
        else listener.write(told);
      }
    },
  };
}
