// The Manager, and devices that join it, on real sockets and the machine's clock.

import { connect } from "node:net";
import { performance } from "node:perf_hooks";
import type { StreamEvent } from "../../hal/sim/plant/board.js";
import type { Wire } from "./connection.js";
import type { ManagerConfig } from "./manager.js";
import { createStation, type Station } from "./station.js";

const TICK_MS = 100;

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** Opens streams to a broker. */
export const socketsTo =
  ({ host, port }: BrokerAddress) =>
  (events: (event: StreamEvent) => void): Wire => {
    const socket = connect(port, host);
    socket.setNoDelay(true);
    socket.on("connect", () => events({ what: "open" }));
    socket.on("data", (bytes) => events({ what: "bytes", bytes: new Uint8Array(bytes) }));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => events({ what: "closed" }));
    return {
      send: (bytes) => void (socket.destroyed || socket.write(bytes)),
      close: () => void socket.end(),
    };
  };

/** Runs until `close`; comes back by itself when the broker was away. */
export function startLiveManager(
  broker: BrokerAddress,
  config: ManagerConfig,
  nowMs: () => number = () => performance.now(),
): Station {
  const station = createStation(config, { nowMs, open: socketsTo(broker) });
  const timer = setInterval(() => station.tick(), TICK_MS);
  station.tick();
  return {
    ...station,
    close() {
      clearInterval(timer);
      station.close();
    },
  };
}
