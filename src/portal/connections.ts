// Connections to the pages: each carries one request and its answer. Bounded in number, bytes and time.

import type { StreamEvent } from "../device.js";
import type { Millis } from "../units.js";
import { encodeResponse, type HttpRead, type HttpReader, type Response, readHttp, startHttp } from "./http.js";
import type { PortalModel } from "./model.js";
import { answer, refusal } from "./portal.js";

export type PageEffect =
  | { readonly kind: "pageSend"; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly kind: "pageClose"; readonly connection: number };

interface Connection {
  readonly id: number;
  readonly reader: HttpReader;
}

export type Connections = readonly Connection[];
export const NO_CONNECTIONS: Connections = Object.freeze([]);

/** A phone opens up to six at once; a device has sockets for eight. */
const CONNECTIONS_LIMIT = 4;

export interface PagesStep {
  readonly connections: Connections;
  readonly effects: readonly PageEffect[];
  /** Settings that people saved, already checked as a whole. */
  readonly changes: readonly unknown[];
}

export type PagesEvent =
  | { readonly kind: "tick" }
  | { readonly kind: "page"; readonly connection: number; readonly event: StreamEvent };

export function stepPages(
  connections: Connections,
  event: PagesEvent,
  model: () => PortalModel,
  now: Millis,
): PagesStep {
  switch (event.kind) {
    case "tick":
      return tick(connections, now);
    case "page":
      return stream(connections, event.connection, event.event, model, now);
  }
}

const nothing = (connections: Connections): PagesStep => ({ connections, effects: [], changes: [] });

function tick(connections: Connections, now: Millis): PagesStep {
  const isLate = ({ reader }: Connection): boolean => readHttp(reader, { kind: "tick" }, now).kind === "late";
  const late = connections.filter(isLate);
  if (late.length === 0) return nothing(connections);
  return {
    connections: connections.filter((one) => !late.includes(one)),
    effects: late.map(({ id }) => ({ kind: "pageClose", connection: id })),
    changes: [],
  };
}

function stream(
  connections: Connections,
  id: number,
  event: StreamEvent,
  model: () => PortalModel,
  now: Millis,
): PagesStep {
  switch (event.what) {
    case "open":
      if (connections.length < CONNECTIONS_LIMIT) return nothing([...connections, { id, reader: startHttp(now) }]);
      return { connections, effects: [{ kind: "pageClose", connection: id }], changes: [] };
    case "closed":
      return nothing(connections.filter((one) => one.id !== id));
    case "bytes": {
      const known = connections.find((one) => one.id === id);
      if (known === undefined) return nothing(connections);
      const others = connections.filter((one) => one.id !== id);
      return heard(others, id, readHttp(known.reader, { kind: "bytes", bytes: event.bytes }, now), model);
    }
  }
}

function heard(others: Connections, id: number, read: HttpRead, model: () => PortalModel): PagesStep {
  switch (read.kind) {
    case "more":
      return nothing([...others, { id, reader: read.reader }]);
    case "late":
      return { connections: others, effects: [{ kind: "pageClose", connection: id }], changes: [] };
    case "bad":
      return { connections: others, effects: sent(id, refusal(read.why)), changes: [] };
    case "request": {
      const { response, change } = answer(read.request, model());
      return { connections: others, effects: sent(id, response), changes: change === null ? [] : [change] };
    }
  }
}

const sent = (connection: number, response: Response): readonly PageEffect[] => [
  { kind: "pageSend", connection, bytes: encodeResponse(response) },
  { kind: "pageClose", connection },
];
