// The connections that browsers opened: each brings one request, gets one answer and is closed. Bounded in number and time.
// A whole request is given to whoever asks for the next step: its answer is made from there, for a page is made deep within,
// and the device's stack is short.

import type { ConnectTrouble } from "../../hal/ports.js";
import { frozen } from "../frozen.js";
import { type Millis, millis, minus } from "../units.js";
import {
  BODY_LIMIT,
  encodeResponse,
  HEAD_LIMIT,
  type HttpRead,
  type HttpReader,
  heldBy,
  type Request,
  type Response,
  readHttp,
  startHttp,
} from "./http.js";
import type { Logins } from "./logins.js";
import type { PortalModel } from "./model.js";
import type { Patch } from "./patch.js";
import { refusal } from "./portal.js";
import { type DeviceAct, only, type Responded, respond } from "./respond.js";

export type { DeviceAct } from "./respond.js";

export type PageEffect =
  | { readonly kind: "pageSend"; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly kind: "pageClose"; readonly connection: number };

interface Connection {
  readonly id: number;
  readonly reader: HttpReader;
}

export type Connections = readonly Connection[];
export const NO_CONNECTIONS: Connections = frozen([]);

export interface Pages {
  readonly connections: Connections;
  readonly logins: Logins;
}

/** lwIP allows 8 active connections in all, and the broker's is one of them; a browser opens up to 6 at once. */
const LIMIT = 6;
/** A browser's request is whole by then. Of more than six connections one that was not gives way to the next. */
const SLOW: Millis = millis(2_000);

/** Bytes of requests that are not whole, of all connections together: the longest form, its head, and a few heads beside.
 *  Six long forms at once would be more RAM than the device has. */
const HELD_LIMIT = BODY_LIMIT + HEAD_LIMIT + 2_048;

export type StreamEvent =
  | { readonly what: "open" }
  | { readonly what: "bytes"; readonly bytes: Uint8Array }
  /** `why`: it never opened. */
  | { readonly what: "closed"; readonly why?: ConnectTrouble };

export type PagesEvent =
  | { readonly kind: "tick" }
  | { readonly kind: "page"; readonly connection: number; readonly event: StreamEvent };

/** A request that is whole, and the connection that its answer goes to. */
export interface Asked {
  readonly connection: number;
  readonly request: Request;
}

export interface PagesStep {
  readonly pages: Pages;
  readonly effects: readonly PageEffect[];
  /** To be answered next; null: nobody has asked. */
  readonly asked: Asked | null;
}

export function stepPages(pages: Pages, event: PagesEvent, now: Millis): PagesStep {
  switch (event.kind) {
    case "tick":
      return dropLate(pages, now);
    case "page":
      return onStream(pages, event.connection, event.event, now);
  }
}

export interface Answered {
  readonly pages: Pages;
  readonly effects: readonly PageEffect[];
  /** Has passed settings.change; null: nothing changes. */
  readonly change: Patch | null;
  readonly acts: readonly DeviceAct[];
}

/** Answers what was asked. */
export function answerAsked(pages: Pages, { connection, request }: Asked, model: PortalModel, now: Millis): Answered {
  const responded = respond(pages.logins, request, model, now);
  return finish(pages, connection, responded);
}

const close = (connection: number): PageEffect => ({ kind: "pageClose", connection });
const without = (connections: Connections, id: number): Connections => connections.filter((one) => one.id !== id);

const nothing = (pages: Pages, effects: readonly PageEffect[] = []): PagesStep => ({
  pages,
  effects,
  asked: null,
});

function dropLate(pages: Pages, now: Millis): PagesStep {
  const { connections } = pages;
  const late = connections.filter((one) => readHttp(one.reader, { kind: "tick" }, now).kind === "late");
  if (late.length === 0) return nothing(pages);
  const others = connections.filter((one) => !late.includes(one));
  return nothing(
    { ...pages, connections: others },
    late.map((one) => close(one.id)),
  );
}

function onStream(pages: Pages, id: number, event: StreamEvent, now: Millis): PagesStep {
  const { connections } = pages;
  switch (event.what) {
    case "open":
      return onOpen({ ...pages, connections: without(connections, id) }, id, now);
    case "bytes": {
      const found = connections.find((one) => one.id === id);
      // Bytes after the answer, or of a connection that was one too many.
      if (found === undefined) return nothing(pages);
      return onRead(pages, id, readHttp(found.reader, { kind: "bytes", bytes: event.bytes }, now));
    }
    case "closed":
      return nothing({ ...pages, connections: without(connections, id) });
  }
}

/** Whoever drips bytes into all the connections there are must not keep everybody else out. */
function onOpen(pages: Pages, id: number, now: Millis): PagesStep {
  const { connections } = pages;
  const [oldest] = connections;
  const opens = (others: Connections): Pages => ({
    ...pages,
    connections: [...others, { id, reader: startHttp(now) }],
  });
  if (connections.length < LIMIT || oldest === undefined) return nothing(opens(connections));
  if (minus(now, oldest.reader.openedAt) < SLOW) return nothing(pages, [close(id)]);
  return nothing(opens(connections.slice(1)), [close(oldest.id)]);
}

function onRead(pages: Pages, id: number, read: HttpRead): PagesStep {
  const { connections, logins } = pages;
  switch (read.kind) {
    case "more":
      return bounded({
        ...pages,
        connections: connections.map((one) => (one.id === id ? { id, reader: read.reader } : one)),
      });
    case "late":
      return nothing({ ...pages, connections: without(connections, id) }, [close(id)]);
    case "bad": {
      const { pages: left, effects } = finish(pages, id, only(logins, refusal(read.why)));
      return nothing(left, effects);
    }
    case "request":
      return {
        pages: { ...pages, connections: without(connections, id) },
        effects: [],
        asked: { connection: id, request: read.request },
      };
  }
}

/** Whoever holds most gives way: it has brought the others about. */
function bounded(pages: Pages): PagesStep {
  const { connections } = pages;
  if (connections.reduce((sum, one) => sum + heldBy(one.reader), 0) <= HELD_LIMIT) return nothing(pages);
  const most = connections.reduce((first, next) => (heldBy(next.reader) > heldBy(first.reader) ? next : first));
  return nothing({ ...pages, connections: without(connections, most.id) }, [close(most.id)]);
}

/** The answer to a request. Whoever is asked for more of it closes its connection. */
export function sentTo(connection: number, response: Response): readonly PageEffect[] {
  const sent: PageEffect = { kind: "pageSend", connection, bytes: encodeResponse(response) };
  return response.more ? [sent] : [sent, close(connection)];
}

function finish(pages: Pages, id: number, { logins, response, change, acts }: Responded): Answered {
  return {
    pages: { connections: without(pages.connections, id), logins },
    effects: sentTo(id, response),
    change,
    acts: acts.map((one) => (one.kind === "report" ? { ...one, connection: id } : one)),
  };
}
