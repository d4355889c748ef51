// A device's supply and boot: unpowered, booting, running; restarts keep the flash and lose all memory.

import type { Agenda, Handle } from "./agenda.js";
import type { Machines } from "./board.js";

export interface Supply {
  on(): void;
  off(): void;
  /** The device restarts by itself. */
  restart(): void;
  powered(): boolean;
  running(): boolean;
  uptimeMs(): number;
}

const BOOT_MS = 800;

export function createSupply(
  agenda: Agenda,
  driftPct: number,
  machines: () => Machines,
  /** Outputs go to their unpowered levels. */
  dark: () => void,
  started: (reason: "power" | "restart") => void,
): Supply {
  let powered = false;
  let running = false;
  let bootedAt = 0;
  let coming: Handle | null = null;

  function stop(): void {
    if (coming !== null) coming.cancelled = true;
    coming = null;
    if (running) machines().stop();
    running = false;
    dark();
  }

  function boot(reason: "power" | "restart"): void {
    coming = agenda.after(BOOT_MS, () => {
      coming = null;
      running = true;
      bootedAt = agenda.now();
      machines().start(reason);
      started(reason);
    });
  }

  return {
    on() {
      if (powered) return;
      powered = true;
      boot("power");
    },
    off() {
      if (!powered) return;
      powered = false;
      stop();
    },
    restart() {
      if (!powered) return;
      stop();
      boot("restart");
    },
    powered: () => powered,
    running: () => running,
    uptimeMs: () => (agenda.now() - bootedAt) * (1 + driftPct / 100),
  };
}
