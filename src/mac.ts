// Proof that a message comes from somebody who has the site's key: HMAC-SHA-256 (RFC 2104, FIPS 180-4), its first 16 bytes.
// The only file that knows the libraries; a board may serve the same two functions with its own hardware.

import { HMAC } from "@stablelib/hmac";
import { SHA256 } from "@stablelib/sha256";

export const MAC_SIZE = 16;

/** A key that can be used again and again: its two first blocks are hashed once. */
export type MacKey = HMAC;

/** 16 to 32 bytes; shorter ones are padded as RFC 2104 says. */
export const macKey = (secret: Uint8Array): MacKey => new HMAC(SHA256, secret);

export function macOf(key: MacKey, bytes: Uint8Array): Uint8Array {
  return key.reset().update(bytes).digest().slice(0, MAC_SIZE);
}

/** Compares all bytes, so that the time tells nothing of where two differ. */
export function isMacOf(key: MacKey, bytes: Uint8Array, mac: Uint8Array): boolean {
  const right = macOf(key, bytes);
  let difference = right.length ^ mac.length;
  for (const [index, byte] of right.entries()) difference |= byte ^ (mac[index] ?? 0);
  return difference === 0;
}

/** The bytes of a key written as hex digits. */
export { bytesOf as keyBytes } from "./bytes.js";
