// Pages as a device would send them, on a port of this machine, so that a real browser can look at any of them.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { PortalAct } from "../../src/portal/acts.js";
import type { Visitor } from "../../src/portal/logins.js";
import type { PortalModel } from "../../src/portal/model.js";
import { answer } from "../../src/portal/portal.js";
import type { ClosedSession } from "../../src/session-record.js";
import { change } from "../../src/settings.js";
import { restOf } from "./condominium.js";
import { OWNER } from "./model.js";

/** What is served, and may change while it is. */
export interface Served {
  model: PortalModel;
  visitor: Visitor;
  readonly acts: PortalAct[];
  /** That a statement names. */
  sessions: readonly ClosedSession[];
}

export interface Serving {
  readonly url: string;
  readonly served: Served;
  close(): Promise<void>;
}

/** What the device says beside every answer. */
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

export async function serve(model: PortalModel): Promise<Serving> {
  const served: Served = { model, visitor: OWNER, acts: [], sessions: [] };
  const server: Server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const [path = "/", query = ""] = (request.url ?? "/").split("?");
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const);
      const body = Buffer.concat(parts).toString();
      const asked = { method: request.method ?? "GET", path, query, host: "127.0.0.1", headers, body };
      const { response: said, change: patch, acts } = answer(asked, served.model, served.visitor);
      const changed = change(served.model.settings, patch ?? {});
      if (changed.ok) served.model = { ...served.model, settings: changed.settings };
      served.acts.push(...acts);
      response.writeHead(said.status, {
        ...Object.fromEntries(said.headers),
        "Content-Type": said.type,
        "Content-Security-Policy": POLICY,
      });
      const report = acts.find((act) => act.kind === "report")?.report;
      const rest = report === undefined ? "" : restOf(report, served.model.settings, served.sessions);
      response.end(said.body + rest);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    served,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
