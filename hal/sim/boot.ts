// What a program finds when its machine starts: its flash, and noise of the hardware.

import type { Boot } from "../../src/device.js";
import type { Settings } from "../../src/settings.js";
import type { ChargerBoard, MeterBoard } from "./plant/board.js";

export const bootOf = ({ flash, entropy }: ChargerBoard | MeterBoard, initial: Settings): Boot => ({
  sectors: Array.from({ length: flash.sectors }, (_, sector) => flash.read(sector)),
  pageSize: flash.pageSize,
  entropy: entropy(),
  secret: [entropy(), entropy()],
  initial,
});
