// Bytes as base64 and back. RFC 4648, 4.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const three = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let part = 0; part < 4; part++) {
      text += at + part > bytes.length ? "=" : LETTERS.charAt((three >> (18 - 6 * part)) & 63);
    }
  }
  return text;
}

/** The bytes of base64 without spaces; null for anything else. */
export function unbase64(text: string): Uint8Array | null {
  const digits = text.replace(/={1,2}$/, "");
  if (text.length % 4 !== 0 || digits.length % 4 === 1) return null;
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  for (let at = 0, byte = 0; at < digits.length; at++) {
    const six = LETTERS.indexOf(digits.charAt(at));
    if (six < 0) return null;
    bits = ((bits << 6) | six) & 0xffff;
    if (at % 4 > 0) bytes[byte++] = bits >> (6 - 2 * (at % 4));
  }
  return bytes;
}
