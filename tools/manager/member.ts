// A device that joins a Manager over a connection: the firmware's own client step, driven by whoever has the stream and the
// time.

import type { StreamEvent } from "../../hal/sim/plant/board.js";
import {
  grantOf,
  type ManagerClient,
  type ManagerClientConfig,
  type ManagerClientEvent,
  startManagerClient,
  stepManagerClient,
} from "../../src/manager-client.js";
import { type Millis, millis, toAmps } from "../../src/units.js";
import { type Connection, createConnection, type Wire } from "./connection.js";

export interface Member {
  /** What the device does or reads. */
  tell(event: Extract<ManagerClientEvent, { kind: "charger" | "counter" }>): void;
  /** Moves on; to be called at least each second. */
  tick(): void;
  /** What the Manager grants now, A. */
  grantedA(): number;
  phase(): ManagerClient["phase"];
  /** Says goodbye, and hangs up. */
  leave(): void;
}

export function createMember(
  config: ManagerClientConfig,
  nowMs: () => number,
  open: (events: (event: StreamEvent) => void) => Wire,
): Member {
  let client = startManagerClient(config);
  const now = (): Millis => millis(Math.round(nowMs()));

  function take(event: ManagerClientEvent): void {
    const { state, effects } = stepManagerClient(client, event, now());
    client = state;
    for (const effect of effects) {
      if (effect.kind === "subscribe") connection.subscribe(effect.topic);
      else connection.publish(effect.topic, effect.payload);
    }
  }

  const connection: Connection = createConnection({
    clientId: config.id,
    nowMs,
    open,
    onOnline: () => take({ kind: "online" }),
    onOffline: () => take({ kind: "offline" }),
    onMessage: (message) => take({ kind: "message", ...message }),
  });

  return {
    tell: take,
    tick() {
      connection.tick();
      take({ kind: "tick" });
    },
    grantedA: () => toAmps(grantOf(client, now()).amps),
    phase: () => client.phase,
    leave() {
      take({ kind: "leave" });
      connection.close();
    },
  };
}
