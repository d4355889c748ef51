// The small messages between the two machines of a charger: leases and set-ups one way, status the other. They are copied;
// nothing is shared.

import type { EvseEvent } from "../../src/evse.js";
import { frozen } from "../../src/frozen.js";
import type { EvseStatus } from "../../src/lease.js";

export type ToEvse = Extract<EvseEvent, { readonly kind: "lease" | "setup" }>;
export interface ToController {
  readonly kind: "status";
  readonly status: EvseStatus;
}

/** Both machines are built together and speak the same types; anything else is nobody's message, and null. */
export const fromController = (message: unknown): ToEvse | null =>
  isKind<ToEvse>(message, "lease") || isKind<ToEvse>(message, "setup") ? message : null;

export const fromEvse = (message: unknown): ToController | null =>
  isKind<ToController>(message, "status") ? message : null;

function isKind<Message extends { readonly kind: string }>(
  message: unknown,
  kind: Message["kind"],
): message is Message {
  return (
    typeof message === "object" && message !== null && "kind" in message && message.kind === kind && kind in message
  );
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
