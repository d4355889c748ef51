// The Manager on a connection: what it hears becomes events of its core, and what the core says goes out. Whoever drives it
// brings the stream and the time: the simulated network, or sockets and the clock.

import type { StreamEvent } from "../../hal/sim/plant/board.js";
import { HELLO_TOPIC } from "../../src/manager-message.js";
import { type Millis, millis, plus } from "../../src/units.js";
import { type Connection, createConnection, type Wire } from "./connection.js";
import { type ManagerConfig, type ManagerEvent, SHARE_PERIOD, startManager, stepManager } from "./manager.js";

export interface Station {
  /** Moves on; to be called at least each second. */
  tick(): void;
  /** The devices that are registered, in order. */
  devices(): readonly string[];
  close(): void;
}

export interface StationOptions {
  /** Any monotonic clock, ms. */
  readonly nowMs: () => number;
  /** Opens a stream to the broker. */
  readonly open: (events: (event: StreamEvent) => void) => Wire;
}

export function createStation(config: ManagerConfig, { nowMs, open }: StationOptions): Station {
  let manager = startManager(config);
  const now = (): Millis => millis(Math.round(nowMs()));
  let shareAt: Millis = now();

  function take(event: ManagerEvent): void {
    const { state, effects } = stepManager(manager, event, now());
    manager = state;
    for (const effect of effects) {
      if (effect.kind === "subscribe") connection.subscribe(effect.topic);
      else connection.publish(effect.topic, effect.payload);
    }
  }

  const connection: Connection = createConnection({
    clientId: "manager",
    nowMs,
    open,
    onOnline() {
      for (const topic of [HELLO_TOPIC, ...manager.devices.map((one) => one.topic)]) connection.subscribe(topic);
    },
    onOffline: () => undefined,
    onMessage: ({ topic, payload }) => take({ kind: "message", topic, payload }),
  });

  return {
    tick() {
      connection.tick();
      if (now() < shareAt) return;
      shareAt = plus(shareAt, SHARE_PERIOD);
      take({ kind: "share" });
    },
    devices: () => manager.devices.map((one) => one.id),
    close: () => connection.close(),
  };
}
