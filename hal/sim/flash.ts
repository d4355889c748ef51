// Storage operations one after the other; each makes the whole device stand still for its time.

import type { FlashOp } from "../../src/boot-count.js";
import type { Timer } from "./machine.js";
import type { ChargerBoard, MeterBoard } from "./plant/board.js";

type Flash = (ChargerBoard | MeterBoard)["flash"];

export function flashWriter(timer: Timer, flash: Flash, standStill: (ms: number) => void) {
  const waiting: FlashOp[] = [];
  let busy = false;
  let powered = true;
  function next(): void {
    const op = waiting.shift();
    if (op === undefined || !powered) {
      busy = false;
      return;
    }
    busy = true;
    const ms = op.kind === "erase" ? flash.erase(op.sector) : flash.write(op.sector, op.offset, op.bytes);
    standStill(ms);
    timer.after(ms, next);
  }
  return {
    add(op: FlashOp): void {
      waiting.push(op);
      if (!busy) next();
    },
    stop(): void {
      powered = false;
      waiting.length = 0;
    },
  };
}
