// Secrets closed with a passphrase: ChaCha20-Poly1305 (RFC 8439) under a key stretched from it. The only file that knows
// that library.

import { ChaCha20Poly1305 } from "@stablelib/chacha20poly1305";
import { MAC_SIZE, type MacKey, macKey, macOf } from "./mac.js";
import { encodeText } from "./text.js";

export const SALT_SIZE = 16;
/** PBKDF2 (RFC 8018, 5.2) over the first half of HMAC-SHA-256. As many as the controller machine can do between two leases:
 *  it slows a guesser down by little, so that the passphrase must be long. */
const ROUNDS = 50;
/** The key serves for one text, so that its nonce need not change. */
const NONCE = (): Uint8Array => new Uint8Array(12);

/** Salt and sealed text. The salt must never come twice. */
export function seal(passphrase: string, salt: Uint8Array, text: Uint8Array): Uint8Array {
  const sealed = new ChaCha20Poly1305(keyOf(passphrase, salt)).seal(NONCE(), text);
  const all = new Uint8Array(SALT_SIZE + sealed.length);
  all.set(salt.subarray(0, SALT_SIZE));
  all.set(sealed, SALT_SIZE);
  return all;
}

/** What was sealed; null for a wrong passphrase, or bytes that were changed. */
export function unseal(passphrase: string, bytes: Uint8Array): Uint8Array | null {
  if (bytes.length < SALT_SIZE + MAC_SIZE) return null;
  const key = keyOf(passphrase, bytes.slice(0, SALT_SIZE));
  return new ChaCha20Poly1305(key).open(NONCE(), bytes.slice(SALT_SIZE));
}

function keyOf(passphrase: string, salt: Uint8Array): Uint8Array {
  const mac = macKey(encodeText(passphrase));
  const key = new Uint8Array(2 * MAC_SIZE);
  for (const half of [0, 1]) key.set(stretched(mac, salt, half + 1), MAC_SIZE * half);
  return key;
}

function stretched(mac: MacKey, salt: Uint8Array, part: number): Uint8Array {
  const first = new Uint8Array(SALT_SIZE + 4);
  first.set(salt);
  first[SALT_SIZE + 3] = part;
  let last = macOf(mac, first);
  const sum = last.slice();
  for (let round = 1; round < ROUNDS; round++) {
    last = macOf(mac, last);
    for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) ^ (last[at] ?? 0);
  }
  return sum;
}
