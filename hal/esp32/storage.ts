// Our own partition, as the sectors of hal/ports.ts. Both machines stand while it is written or erased; when that may be is
// decided in src/device-store.ts, and nothing here does it unasked.

import { SECTOR_SIZE, SECTORS } from "../../src/flash-map.js";
import type { StoragePort } from "../ports.js";
import type { FlashModule } from "./classes.js";
import { bufferOf } from "./serial.js";

const LABEL = "ievcc";
const PAGE_SIZE = 256;

/** Throws when the partition is missing: the device was flashed with another table. */
export function storageOf(flash: FlashModule): StoragePort {
  const partition = flash.open({ path: LABEL, mode: "r+" });
  const within = (sector: number, offset: number, length: number): void => {
    const fits = sector >= 0 && sector < SECTORS && offset >= 0 && offset + length <= SECTOR_SIZE;
    if (!fits || length > SECTOR_SIZE) throw new RangeError(`${sector}:${offset}+${length} is outside the partition`);
  };
  return {
    sectors: SECTORS,
    sectorSize: SECTOR_SIZE,
    pageSize: PAGE_SIZE,
    read(sector) {
      within(sector, 0, SECTOR_SIZE);
      return new Uint8Array(partition.read(SECTOR_SIZE, sector * SECTOR_SIZE));
    },
    write(sector, offset, bytes) {
      within(sector, offset, bytes.length);
      if (bytes.length > PAGE_SIZE) throw new RangeError(`${bytes.length} bytes are more than a page`);
      partition.write(bufferOf(bytes), sector * SECTOR_SIZE + offset);
    },
    erase(sector) {
      within(sector, 0, SECTOR_SIZE);
      partition.eraseBlock(sector);
    },
  };
}
