// Settings: what a device was told about itself and its site. Everything typed or received comes through parse.
// It knows no storage, no page and no topic.

import { frozen } from "./frozen.js";
import { SITE_SETTINGS, withOwnRow } from "./roster.js";
import { isRecord, sameValue } from "./settings-checks.js";
import { DEFAULTS, FIELDS, isSettingName, type SettingName, type Settings, type Values } from "./settings-fields.js";
import { deciampsOf, RULES, type SettingsError } from "./settings-rules.js";
import { type Amps, amps, type Decivolts, decivolts, fromAmps, type Millis, millis, toAmps } from "./units.js";

export type { Pzem } from "./settings-fields.js";
export { DEFAULTS, deciampsOf, type Settings, type SettingsError };

export type Parsed =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly errors: readonly SettingsError[] };

const ERRORS_LIMIT = 20;
const NAME_LIMIT = 40;

/** Settings from the flat JSON shape of Values: a missing key gets its default, an unknown one is an error. On failure
 *  at most 20 errors, each with the field it belongs beside; nothing is ever clamped. */
export function parse(value: unknown): Parsed {
  return merged(DEFAULTS, value);
}

/** The current settings with some of them changed, checked as a whole: all of the patch holds, or none of it. A change of
 *  what the whole site must know counts its version up, unless the patch brings the version of those it comes from. */
export function change(current: Settings, patch: unknown): Parsed {
  const changed = merged(current, patch);
  if (!changed.ok || (isRecord(patch) && Object.hasOwn(patch, "siteVersion"))) return changed;
  const same = SITE_SETTINGS.every((name) => sameValue(changed.settings[name], current[name]));
  if (same || current.roster.length === 0) return changed;
  return { ok: true, settings: Object.freeze({ ...changed.settings, siteVersion: current.siteVersion + 1 }) };
}

function merged(base: Settings, patch: unknown): Parsed {
  if (!isRecord(patch)) return { ok: false, errors: [{ field: "", why: "settings must be an object" }] };
  const values = copyOf(base);
  const errors: SettingsError[] = [];
  const keys = Object.keys(patch);
  // By their places: an iterator takes places of the device's short stack.
  for (let at = 0; at < keys.length && errors.length < ERRORS_LIMIT; at++) {
    const key = keys[at] ?? "";
    const error = isSettingName(key) ? take(values, key, patch[key]) : unknownSetting(key);
    if (error !== null) errors.push(error);
  }
  if (errors.length > 0) return { ok: false, errors };
  return judged(withOwnRow(values, (name) => Object.hasOwn(patch, name)));
}

/** Of the lists too: the tables of defaults lie in flash on the device, and there JSON.stringify throws for such a list. */
const copyOf = (settings: Settings): Values => ({
  ...settings,
  wiring: [...settings.wiring],
  cards: [...settings.cards],
  pzems: settings.pzems.map((pzem) => ({ ...pzem })),
  roster: settings.roster.map((row) => ({ ...row, wiring: [...row.wiring] })),
  schedule: { windows: [...settings.schedule.windows], departures: [...settings.schedule.departures] },
});

function take<Name extends SettingName>(values: Values, name: Name, value: unknown): SettingsError | null {
  const checked = FIELDS[name].check(value);
  if (!checked.ok) return { field: name, why: checked.why };
  values[name] = checked.value;
  return null;
}

const unknownSetting = (key: string): SettingsError => ({ field: key.slice(0, NAME_LIMIT), why: "unknown setting" });

function judged(values: Values): Parsed {
  const errors = RULES.map((rule) => rule(values)).filter((error) => error !== null);
  return errors.length > 0 ? { ok: false, errors } : { ok: true, settings: Object.freeze(values) };
}

export const leaseOf = (settings: Settings): Millis => millis(settings.reportLeaseS * 1_000);
export const periodOf = (settings: Settings): Millis => millis(settings.periodS * 1_000);
/** Nearest 0.1 V. */
export const voltageOf = (settings: Settings): Decivolts => decivolts(Math.round(settings.voltageV * 10));

/** The powers that Portuguese contracts come in, in kVA. Up to 13.8 single-phase as well, above three-phase only. */
export const CONTRACTED_KVA: readonly number[] = frozen([
  3.45, 4.6, 5.75, 6.9, 10.35, 13.8, 17.25, 20.7, 27.6, 34.5, 41.4,
]);

/** Contracted current per phase, rounded down to 0.1 A. `voltageV` is from phase to neutral: 6.9 kVA at 230 V is 30 A. */
export const contractedFromKva = (kva: number, phases: 1 | 3, voltageV: number): Amps =>
  amps(toAmps(fromAmps((kva * 1_000) / (phases * voltageV))));
