// CRC-32, to tell damaged bytes from whole ones and one configuration from another.

import { frozen } from "./frozen.js";

/** CRC-32 of IEEE 802.3, reflected, for each value of four bits. */
const CRC_OF_NIBBLE: readonly number[] = frozen(
  Array.from({ length: 16 }, (_, nibble) => {
    let crc = nibble;
    for (let bit = 0; bit < 4; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
    return crc;
  }),
);

/** CRC-32 of IEEE 802.3, four bits at a time: a table of 256 would take a kilobyte more for little. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc = (crc >>> 4) ^ (CRC_OF_NIBBLE[(crc ^ byte) & 15] ?? 0);
    crc = (crc >>> 4) ^ (CRC_OF_NIBBLE[(crc ^ (byte >> 4)) & 15] ?? 0);
  }
  return ~crc >>> 0;
}
