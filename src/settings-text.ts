// Settings as the JSON that flash keeps, and how long that may be. It knows no record and no sector.

import { listedRoster } from "./roster.js";
import type { Settings } from "./settings-fields.js";
import { encodeText, textLength } from "./text.js";

/** The longest JSON kept, in bytes: a sector of 4 KiB holds one. */
export const JSON_LIMIT = 4_000;

/** The bytes of the JSON, each charger of the roster as a list of its three values. */
export function settingsJson(settings: Settings): Uint8Array {
  return encodeText(JSON.stringify({ ...settings, roster: listedRoster(settings.roster) }));
}

/** How many bytes that is, without the RAM for a copy of a long roster. */
export function settingsLength(settings: Settings): number {
  const others = textLength(JSON.stringify({ ...settings, roster: [] }));
  const rows = settings.roster.map((one) => textLength(JSON.stringify(listedRoster([one])[0])));
  const commas = Math.max(0, rows.length - 1);
  return rows.reduce((sum, row) => sum + row, others + commas);
}
