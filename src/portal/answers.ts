// The shapes that answers have, so that pages need not know HTTP.

import type { PortalAct } from "./acts.js";
import type { Request, Response } from "./http.js";
import type { Patch } from "./patch.js";

export interface Answer {
  readonly response: Response;
  /** Has passed settings.change as it is; null: nothing changes. */
  readonly change: Patch | null;
  /** What the device is asked to do beside it, in this order. */
  readonly acts: readonly PortalAct[];
}

export const SAVED = "saved=1";

const answerOf = (response: Response): Answer => ({ response, change: null, acts: [] });

export const html = (status: number, body: string): Answer =>
  answerOf({ status, type: "text/html; charset=utf-8", headers: [], body });

export const text = (status: number, body: string, headers: Response["headers"] = []): Response => ({
  status,
  type: "text/plain; charset=utf-8",
  headers,
  body,
});

export const plain = (status: number, body: string): Answer => answerOf(text(status, body));

export const json = (body: string): Answer => answerOf({ status: 200, type: "application/json", headers: [], body });

/** 303: whatever was asked, look there. */
export const redirect = (to: string): Answer => answerOf(text(303, to, [["Location", to]]));

export const notAllowed = (allow: string): Answer => answerOf(text(405, "Not with this method.", [["Allow", allow]]));

export const onlyGet = (request: Request, respond: () => Answer): Answer =>
  request.method === "GET" ? respond() : notAllowed("GET");
