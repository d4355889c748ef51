// Storage operations one after the other; each makes the whole device stand still for its time.

import type { FlashOp } from "../../src/boot-count.js";
import type { Timer } from "./machine.js";
import type { ChargerBoard, MeterBoard } from "./plant/board.js";

type Flash = (ChargerBoard | MeterBoard)["flash"];

export function flashWriter(timer: Timer, flash: Flash, standStill: (ms: number) => void) {
  const waiting: FlashOp[] = [];
  let busy = false;
  let last: (() => void) | null = null;
  let powered = true;
  function next(): void {
    const op = waiting.shift();
    if (op === undefined || !powered) {
      busy = false;
      if (powered) last?.();
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
    /** Once nothing waits any more. Not within the step that asks for it: a restart ends that. */
    afterwards(act: () => void): void {
      last = act;
      if (!busy) timer.after(0, next);
    },
    stop(): void {
      powered = false;
      waiting.length = 0;
    },
  };
}
