// CRC-16/MODBUS: polynomial A001, from FFFF, low byte first on the wire (the PZEM's manual has the bytes reversed).

export function crc16(bytes: Uint8Array, length: number): number {
  let crc = 0xffff;
  for (let at = 0; at < length; at++) {
    crc ^= bytes[at] ?? 0;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

/** The bytes with their CRC behind them. */
export function withCrc(bytes: readonly number[]): Uint8Array {
  const framed = new Uint8Array(bytes.length + 2);
  framed.set(bytes);
  const crc = crc16(framed, bytes.length);
  framed[bytes.length] = crc & 0xff;
  framed[bytes.length + 1] = crc >> 8;
  return framed;
}

/** True when the last two bytes are the CRC of those before. */
export function crcFits(bytes: Uint8Array): boolean {
  const body = bytes.length - 2;
  if (body < 1) return false;
  const crc = crc16(bytes, body);
  return bytes[body] === (crc & 0xff) && bytes[body + 1] === crc >> 8;
}
