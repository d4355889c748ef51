// The start of a device's programs, and what they find then: flash, and noise of the hardware.

import type { Boot, DeviceEffect } from "../../src/device.js";
import { START_SECTORS } from "../../src/flash-map.js";
import type { Settings } from "../../src/settings.js";
import { FORMAT } from "../../src/sharing-message.js";
import { tlsOptions } from "../../src/trust.js";
import type { Timer } from "./machine.js";
import type { ChargerBoard, MeterBoard } from "./plant/board.js";

/** Starts the programs of a device; null when one of them does not even start, and then the device tries again. */
export function startedOr<Running>(
  timer: Timer,
  board: ChargerBoard | MeterBoard,
  start: () => Running,
): Running | null {
  try {
    return start();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    timer.after(0, () => board.restart(`it does not start: ${why}`));
    return null;
  }
}

/** Opens a stream with what the device's flash keeps for it; `gone` when that is not there. */
export function openStream(
  flash: { add(op: { readonly kind: "then"; readonly act: () => void }): void },
  board: ChargerBoard | MeterBoard,
  { id, host, port, tls }: Extract<DeviceEffect, { readonly kind: "connect" }>,
): void {
  if (!tls) return board.connect(id, host, port, null);
  flash.add({
    kind: "then",
    act() {
      const options = tlsOptions(tls, board.flash.read);
      if (options === null) board.events?.stream(id, { what: "closed", why: "gone" });
      else board.connect(id, host, port, options);
    },
  });
}

/** `version`: how much newer the format is that this device speaks to its site. */
export const bootOf = (
  { flash, entropy, mac, hasRadio, restarted }: ChargerBoard | MeterBoard,
  initial: Settings,
  version = 0,
): Boot => ({
  sectors: Array.from({ length: START_SECTORS }, (_, sector) => flash.read(sector)),
  pageSize: flash.pageSize,
  entropy: entropy(),
  secret: [entropy(), entropy(), entropy(), entropy()],
  mac,
  radio: hasRadio,
  restarted: restarted(),
  initial,
  format: FORMAT + version,
});
