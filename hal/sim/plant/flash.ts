// Flash of a device: survives power, writes only clear bits, and both kinds of work stop the whole chip.

export interface Flash {
  readonly sectors: number;
  readonly sectorSize: number;
  readonly pageSize: number;
  read(sector: number): Uint8Array;
  /** ms that the device stands still. */
  write(sector: number, offset: number, bytes: Uint8Array): number;
  erase(sector: number): number;
}

const SECTORS = 36;
const SECTOR_SIZE = 4_096;
const PAGE_SIZE = 256;
const WRITE_MS = 3;
const ERASE_MS = 400;

export function createFlash(): Flash {
  const contents = Array.from({ length: SECTORS }, () => new Uint8Array(SECTOR_SIZE).fill(0xff));
  return {
    sectors: SECTORS,
    sectorSize: SECTOR_SIZE,
    pageSize: PAGE_SIZE,
    read: (sector) => contents[sector]?.slice() ?? new Uint8Array(0),
    write(sector, offset, bytes) {
      const cells = contents[sector];
      if (cells === undefined || bytes.length > PAGE_SIZE || offset + bytes.length > SECTOR_SIZE) {
        throw new RangeError(`write of ${bytes.length} bytes at ${sector}:${offset} is outside a page or the flash`);
      }
      for (const [index, byte] of bytes.entries()) cells[offset + index] = (cells[offset + index] ?? 0xff) & byte;
      return WRITE_MS;
    },
    erase(sector) {
      contents[sector]?.fill(0xff);
      return ERASE_MS;
    },
  };
}
