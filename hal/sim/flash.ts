// Storage operations one after the other; a write or an erase makes the whole device stand still for its time.

import type { FlashOp } from "../../src/boot-count.js";
import type { Timer } from "./machine.js";
import type { ChargerBoard, MeterBoard } from "./plant/board.js";

type Flash = (ChargerBoard | MeterBoard)["flash"];

interface Read {
  readonly kind: "read";
  readonly sector: number;
}

/** Something else that what was asked of the flash before must be done for. */
interface Then {
  readonly kind: "then";
  readonly act: () => void;
}

const READ_MS = 1;

/** `heard`: a sector that was to be read. */
export function flashWriter(
  timer: Timer,
  flash: Flash,
  standStill: (ms: number) => void,
  heard: (sector: number, bytes: Uint8Array) => void,
) {
  const waiting: (FlashOp | Read | Then)[] = [];
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
    if (op.kind === "read") {
      timer.after(READ_MS, () => {
        if (powered) heard(op.sector, flash.read(op.sector));
        next();
      });
      return;
    }
    if (op.kind === "then") {
      timer.after(0, () => {
        if (powered) op.act();
        next();
      });
      return;
    }
    const ms = op.kind === "erase" ? flash.erase(op.sector) : flash.write(op.sector, op.offset, op.bytes);
    standStill(ms);
    timer.after(ms, next);
  }
  return {
    add(op: FlashOp | Read | Then): void {
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
