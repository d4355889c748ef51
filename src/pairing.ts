// A site's key as a code that people can read out and type: 26 letters and digits in groups. It knows no page.

import { hexOf } from "./bytes.js";
import { crc32 } from "./crc32.js";
import { keyBytes } from "./mac.js";

/** Crockford's base 32: no I, L, O and U, which look like others or spell words. */
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const KEY_SIZE = 16;
export const CODE_LENGTH = 26;
const GROUPS: readonly number[] = Object.freeze([0, 5, 10, 15, 20]);

export type Pairing =
  | { readonly ok: true /** 32 hex digits. */; readonly key: string }
  /** letter: which one is none of the code's; length: how many there were. */
  | { readonly ok: false; readonly why: "letter"; readonly letter: string }
  | { readonly ok: false; readonly why: "length"; readonly length: number }
  | { readonly ok: false; readonly why: "check" };

/** 128 bits of key fill 26 letters but for two bits, which tell most slips of a finger. */
const checkOf = (key: Uint8Array): number => crc32(key) & 3;

/** The code of a key of 32 hex digits, null for a key of any other length. */
export function pairingCode(siteKey: string): string | null {
  if (siteKey.length !== 2 * KEY_SIZE) return null;
  const key = keyBytes(siteKey);
  const bits = [...key].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  const all = bits + checkOf(key).toString(2).padStart(2, "0");
  const letters = Array.from({ length: CODE_LENGTH }, (_, at) =>
    LETTERS.charAt(Number.parseInt(all.slice(5 * at, 5 * at + 5), 2)),
  ).join("");
  return GROUPS.map((from, at) => letters.slice(from, GROUPS[at + 1])).join("-");
}

/** The key of a code, however it is spaced and in which case; O is read as 0, I and L as 1. */
export function keyOfPairing(typed: string): Pairing {
  const letters = [...typed.toUpperCase().replace(/[\s-]/g, "")].map(meant);
  const strange = letters.find((one) => !LETTERS.includes(one));
  if (strange !== undefined) return { ok: false, why: "letter", letter: strange };
  if (letters.length !== CODE_LENGTH) return { ok: false, why: "length", length: letters.length };
  const bits = letters.map((one) => LETTERS.indexOf(one).toString(2).padStart(5, "0")).join("");
  const key = Uint8Array.from({ length: KEY_SIZE }, (_, at) => Number.parseInt(bits.slice(8 * at, 8 * at + 8), 2));
  if (Number.parseInt(bits.slice(8 * KEY_SIZE), 2) !== checkOf(key)) return { ok: false, why: "check" };
  return { ok: true, key: hexOf(key) };
}

const meant = (letter: string): string => (letter === "O" ? "0" : letter === "I" || letter === "L" ? "1" : letter);
