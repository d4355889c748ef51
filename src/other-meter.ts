// Somebody else's meter: what its MQTT payload says. Amperes as a number, or as a list of one for each phase.

import { decodeText } from "./text.js";
import { type Milliamps, milliamps } from "./units.js";

const PAYLOAD_LIMIT = 64;
/** No house takes more. */
const LARGEST_A = 1_000;

/** Per phase, rounded up to 1 mA; a negative one (the roof exports) stays so. null for anything else than so many numbers. */
export function currentsOf(payload: Uint8Array, phases: 1 | 3): readonly Milliamps[] | null {
  const text = decodeText(payload, PAYLOAD_LIMIT);
  if (!text.ok || !/^[[\]0-9eE.,+\s-]+$/.test(text.text)) return null;
  const value = numbersIn(text.text);
  const currents = value.map((one) => Math.ceil(one * 1_000 - 1e-6));
  const plausible = currents.every((one) => Number.isSafeInteger(one) && Math.abs(one) <= LARGEST_A * 1_000);
  return plausible && currents.length === phases ? currents.map(milliamps) : null;
}

/** "1.5" or "[1.5, 2, 3]"; an empty list for what is neither. */
function numbersIn(text: string): readonly number[] {
  const inner = /^\s*\[(.*)\]\s*$/.exec(text)?.[1] ?? text;
  const numbers = inner.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  return numbers.every(Number.isFinite) ? numbers : [];
}
