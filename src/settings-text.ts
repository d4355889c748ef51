// Settings as the JSON that flash keeps, and how long that may be. It knows no record and no sector.

import { frozen } from "./frozen.js";
import { listedRoster } from "./roster.js";
import { DEFAULTS, type SettingName, type Settings } from "./settings-fields.js";
import { encodeText, textLength } from "./text.js";

/** The longest JSON kept, in bytes: a sector of 4 KiB holds one. */
export const JSON_LIMIT = 4_000;

/** Left out while they are as they were made: few sites have them, and a long roster wants the room. */
const RARE: readonly SettingName[] = frozen([
  "meterPreset",
  "meterPath",
  "meterUnit",
  "meterSign",
  "emoncms",
  "emoncmsUrl",
  "emoncmsKey",
  "emoncmsNode",
  "influx",
  "influxUrl",
  "influxBucket",
  "influxOrg",
  "influxUser",
  "influxToken",
  "feedPeriodS",
  "mqttTls",
  "mqttCa",
  "mqttOwn",
  "apiToken",
]);

function kept(settings: Settings, roster: readonly unknown[]): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = { ...settings, roster };
  for (const name of RARE) if (settings[name] === DEFAULTS[name]) values[name] = undefined;
  return values;
}

/** The bytes of the JSON, each charger of the roster as a list of its three values. */
export function settingsJson(settings: Settings): Uint8Array {
  return encodeText(JSON.stringify(kept(settings, listedRoster(settings.roster))));
}

/** How many bytes that is, without the RAM for a copy of a long roster. */
export function settingsLength(settings: Settings): number {
  const others = textLength(JSON.stringify(kept(settings, [])));
  const rows = settings.roster.map((one) => textLength(JSON.stringify(listedRoster([one])[0])));
  const commas = Math.max(0, rows.length - 1);
  return rows.reduce((sum, row) => sum + row, others + commas);
}
