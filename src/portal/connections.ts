// The connections that browsers opened: each brings one request, gets one answer and is closed. Bounded in number and time.

import { frozen } from "../frozen.js";
import type { Millis } from "../units.js";
import { encodeResponse, type HttpRead, type HttpReader, readHttp, startHttp } from "./http.js";
import type { PortalModel } from "./model.js";
import type { Patch } from "./patch.js";
import { answer, refusal } from "./portal.js";

export type PageEffect =
  | { readonly kind: "pageSend"; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly kind: "pageClose"; readonly connection: number };

interface Connection {
  readonly id: number;
  readonly reader: HttpReader;
}

export type Connections = readonly Connection[];
export const NO_CONNECTIONS: Connections = frozen([]);

/** lwIP allows 8 active connections in all, and the broker's is one of them; a browser opens up to 6 at once. */
const LIMIT = 6;

type StreamEvent =
  | { readonly what: "open" }
  | { readonly what: "bytes"; readonly bytes: Uint8Array }
  | { readonly what: "closed" };

export type PagesEvent =
  | { readonly kind: "tick" }
  | { readonly kind: "page"; readonly connection: number; readonly event: StreamEvent };

export interface PagesStep {
  readonly connections: Connections;
  readonly effects: readonly PageEffect[];
  /** Changes of settings that have passed settings.change, in their order. */
  readonly changes: readonly Patch[];
}

export function stepPages(
  connections: Connections,
  event: PagesEvent,
  model: () => PortalModel,
  now: Millis,
): PagesStep {
  switch (event.kind) {
    case "tick":
      return dropLate(connections, now);
    case "page":
      return onStream(connections, event.connection, event.event, model, now);
  }
}

const close = (connection: number): PageEffect => ({ kind: "pageClose", connection });
const without = (connections: Connections, id: number): Connections => connections.filter((one) => one.id !== id);

function dropLate(connections: Connections, now: Millis): PagesStep {
  const late = connections.filter((one) => readHttp(one.reader, { kind: "tick" }, now).kind === "late");
  if (late.length === 0) return { connections, effects: [], changes: [] };
  return {
    connections: connections.filter((one) => !late.includes(one)),
    effects: late.map((one) => close(one.id)),
    changes: [],
  };
}

function onStream(
  connections: Connections,
  id: number,
  event: StreamEvent,
  model: () => PortalModel,
  now: Millis,
): PagesStep {
  switch (event.what) {
    case "open": {
      const known = without(connections, id);
      if (known.length >= LIMIT) return { connections: known, effects: [close(id)], changes: [] };
      return { connections: [...known, { id, reader: startHttp(now) }], effects: [], changes: [] };
    }
    case "bytes": {
      const found = connections.find((one) => one.id === id);
      // Bytes after the answer, or of a connection that was one too many.
      if (found === undefined) return { connections, effects: [], changes: [] };
      return onRead(connections, id, readHttp(found.reader, { kind: "bytes", bytes: event.bytes }, now), model);
    }
    case "closed":
      return { connections: without(connections, id), effects: [], changes: [] };
  }
}

function onRead(connections: Connections, id: number, read: HttpRead, model: () => PortalModel): PagesStep {
  switch (read.kind) {
    case "more":
      return {
        connections: connections.map((one) => (one.id === id ? { id, reader: read.reader } : one)),
        effects: [],
        changes: [],
      };
    case "late":
      return { connections: without(connections, id), effects: [close(id)], changes: [] };
    case "bad":
      return finish(connections, id, encodeResponse(refusal(read.why)), null);
    case "request": {
      const { response, change } = answer(read.request, model());
      return finish(connections, id, encodeResponse(response), change);
    }
  }
}

const finish = (connections: Connections, id: number, bytes: Uint8Array, change: Patch | null): PagesStep => ({
  connections: without(connections, id),
  effects: [{ kind: "pageSend", connection: id, bytes }, close(id)],
  changes: change === null ? [] : [change],
});
