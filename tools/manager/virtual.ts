// The Manager on the plant's network, in the plant's time.

import type { Agenda } from "../../hal/sim/plant/agenda.js";
import type { Carrier } from "../../hal/sim/plant/network.js";
import type { ManagerConfig } from "./manager.js";
import { createStation, type Station } from "./station.js";

const TICK_MS = 100;

/** Its name on the network. */
export const MANAGER = "manager";

/** Starts now, by the agenda, and shares each 5 s from here on; ends with `close`. */
export function startVirtualManager(agenda: Agenda, carrier: Carrier, config: ManagerConfig): Station {
  let ended = false;
  const station = createStation(config, {
    nowMs: () => agenda.now(),
    open: (events) => carrier.connect(MANAGER, { host: "broker", port: 1_883, tls: null }, events),
  });
  const tick = (): void => {
    if (ended) return;
    station.tick();
    agenda.after(TICK_MS, tick);
  };
  agenda.after(0, tick);
  return {
    ...station,
    close() {
      ended = true;
      station.close();
    },
  };
}
