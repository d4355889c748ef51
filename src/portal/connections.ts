import type { StreamEvent } from "../device.js";
import type { Millis } from "../units.js";
import type { PortalModel } from "./model.js";
export type PageEffect =
  | { readonly kind: "pageSend"; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly kind: "pageClose"; readonly connection: number };
export type Connections = readonly number[];
export const NO_CONNECTIONS: Connections = [];
export function stepPages(
  connections: Connections,
  _event:
    | { readonly kind: "tick" }
    | { readonly kind: "page"; readonly connection: number; readonly event: StreamEvent },
  _model: () => PortalModel,
  _now: Millis,
): { connections: Connections; effects: readonly PageEffect[]; changes: readonly unknown[] } {
  return { connections, effects: [], changes: [] };
}
