// What all devices of a site must agree on: its contract, its chargers, its rules. It knows no message.

import { crc32 } from "./crc32.js";
import { frozen } from "./frozen.js";
import type { RosterRow, SettingName, Settings } from "./settings-fields.js";
import { encodeText } from "./text.js";

/** A change of any of these makes another site of it, for all devices at once. */
export const SITE_SETTINGS: readonly SettingName[] = frozen([
  "contractedA",
  "bufferA",
  "houseMaxA",
  "phases",
  "voltageV",
  "reportLeaseS",
  "periodS",
  "meter",
  "measures",
  "meterPreset",
  "meterTopic",
  "meterPath",
  "meterUnit",
  "meterSign",
  "policy",
  "maxCharging",
  "roster",
]);

/** The chargers of the site in the order of commissioning; without a roster the charger stands alone. */
export const rosterOf = ({ roster, id, wiring, failsafeA }: Settings): readonly RosterRow[] =>
  roster.length > 0 ? roster : [{ id, wiring, failsafeA }];

/** Place of a charger in the roster, -1 when it has none. */
export const placeOf = (settings: Settings, id: string): number => rosterOf(settings).findIndex((row) => row.id === id);

/** As lists without names, the form in which it is stored, sent and typed. */
export const listedRoster = (roster: readonly RosterRow[]) =>
  roster.map(({ id, wiring, failsafeA }) => [id, wiring, failsafeA] as const);

/** Two devices with one hash mean the same site: same contract, same chargers, same rules. */
export function siteHash(settings: Settings): number {
  const rows = listedRoster(rosterOf(settings));
  const values = SITE_SETTINGS.map((name) => (name === "roster" ? rows : settings[name]));
  return crc32(encodeText(JSON.stringify([settings.siteId, values])));
}

/** What the others are told of a change, as a patch of their settings. */
export function sitePatch(settings: Settings): Readonly<Record<string, unknown>> {
  const patch: Record<string, unknown> = { siteVersion: settings.siteVersion };
  for (const name of SITE_SETTINGS) patch[name] = settings[name];
  patch.roster = listedRoster(settings.roster);
  return patch;
}

type Fields = Pick<Settings, "id" | "roster" | "wiring" | "failsafeA" | "siteVersion">;

/** A charger's own row and its own settings are one thing: what a person changed in one place changes in the other. */
export function withOwnRow<T extends Fields>(values: T, patched: (name: SettingName) => boolean): T {
  const row = values.roster.find((one) => one.id === values.id);
  if (row === undefined) return values;
  if (patched("roster") || !(patched("wiring") || patched("failsafeA"))) {
    return { ...values, wiring: row.wiring, failsafeA: row.failsafeA };
  }
  const { id, wiring, failsafeA } = values;
  const own: RosterRow = frozen({ id, wiring: [...wiring], failsafeA });
  return { ...values, roster: values.roster.map((one) => (one.id === id ? own : one)) };
}
