// Settings as the JSON that flash keeps, and how long that may be. It knows no record and no sector.

import { listedRoster } from "./roster.js";
import type { Settings } from "./settings-fields.js";
import { encodeText } from "./text.js";

/** The longest JSON kept, in bytes: a sector of 4 KiB holds one. */
export const JSON_LIMIT = 4_000;

/** The bytes of the JSON, each charger of the roster as a list of its three values. */
export function settingsJson(settings: Settings): Uint8Array {
  return encodeText(JSON.stringify({ ...settings, roster: listedRoster(settings.roster) }));
}
