// The small messages between the two machines of a charger: leases, set-ups and looks one way, status and what was measured
// the other. They are copied; nothing is shared.

import type { EvseEffect, EvseEvent } from "../../src/evse.js";
import { frozen } from "../../src/frozen.js";

export type ToEvse = Extract<EvseEvent, { readonly kind: "lease" | "setup" | "look" }>;
export type ToController = Extract<EvseEffect, { readonly kind: "status" | "measured" }>;
type Message = ToEvse | ToController;

/** Both machines are built together and speak the same types; anything else is nobody's message, and null. */
export const fromController = (message: unknown): ToEvse | null =>
  isKind<ToEvse>(message, "lease") || isKind<ToEvse>(message, "setup") || isKind<ToEvse>(message, "look")
    ? message
    : null;

export const fromEvse = (message: unknown): ToController | null =>
  isKind<ToController>(message, "status") || isKind<ToController>(message, "measured") ? message : null;

/** What a message says is under the name of its kind; a look says no more. */
function isKind<One extends Message>(message: unknown, kind: One["kind"]): message is One {
  if (typeof message !== "object" || message === null) return false;
  return "kind" in message && message.kind === kind && (kind === "look" || kind in message);
}

/** The EVSE machine's own memory, which does not grow: 4 KiB of chunks, 1,024 slots of 16 bytes and a stack of 256. */
export const EVSE_CREATION = frozen({
  static: 0,
  chunk: { initial: 4_096, incremental: 0 },
  heap: { initial: 1_024, incremental: 0 },
  stack: 256,
  keys: { initial: 32, incremental: 0, name: 53, symbol: 3 },
  /** Above the SDK's main task (4). */
  priority: 5,
});
