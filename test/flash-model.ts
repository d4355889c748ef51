// Flash as tests have it: clears bits, counts erases, and a cut leaves the first bytes of an operation done.

import assert from "node:assert/strict";
import type { FlashOp } from "../src/boot-count.js";
import { SECTOR_SIZE, SECTORS } from "../src/flash-map.js";

const PAGE = 256;

export function flashModel() {
  const sectors = Array.from({ length: SECTORS }, () => new Uint8Array(SECTOR_SIZE).fill(0xff));
  const erases = sectors.map(() => 0);
  return {
    erases,
    read: (sector: number): Uint8Array => sectors[sector]?.slice() ?? new Uint8Array(0),
    apply({ kind, sector, offset, bytes }: FlashOp, upTo = Number.POSITIVE_INFINITY): void {
      const cells = sectors[sector];
      assert.ok(cells !== undefined && offset + bytes.length <= SECTOR_SIZE, "within the flash");
      if (kind === "erase") {
        cells.fill(0xff, 0, Math.min(SECTOR_SIZE, upTo));
        erases[sector] = (erases[sector] ?? 0) + 1;
        return;
      }
      assert.equal(Math.floor(offset / PAGE), Math.floor((offset + bytes.length - 1) / PAGE), "within a page");
      for (let at = 0; at < Math.min(bytes.length, upTo); at++) {
        cells[offset + at] = (cells[offset + at] ?? 0) & (bytes[at] ?? 0xff);
      }
    },
  };
}
export type FlashModel = ReturnType<typeof flashModel>;
