// What a device starts with when nothing is stored yet: what tools/provision wrote into its factory sector, or nothing.

import { readKnownJson } from "../../src/known-json.js";
import { parse, type Settings } from "../../src/settings.js";
import { isSettingName } from "../../src/settings-fields.js";

const ERASED = 0xff;
const FRAME = Object.freeze(["format", "mac", "accessPoint", "settings"]);

/** The settings in the sector (JSON, then FF to its end), and why they are the defaults when they are. */
export function factorySettings(sector: Uint8Array): { readonly settings: Settings; readonly why: string | null } {
  const end = sector.indexOf(ERASED);
  const bytes = end < 0 ? sector : sector.subarray(0, end);
  if (bytes.length === 0) return { settings: defaults(), why: null };
  // Names, passwords and amps: plain letters.
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const read = readKnownJson(text, (name) => FRAME.includes(name) || isSettingName(name));
  if (!read.ok) return { settings: defaults(), why: `the factory's settings are damaged in line ${read.line}` };
  const { value } = read;
  const given = typeof value === "object" && value !== null && "settings" in value ? value.settings : {};
  const parsed = parse(given);
  if (parsed.ok) return { settings: parsed.settings, why: null };
  return { settings: defaults(), why: `the factory's ${parsed.errors[0]?.field ?? "settings"} is refused` };
}

function defaults(): Settings {
  const parsed = parse({});
  if (!parsed.ok) throw new Error("the defaults are refused");
  return parsed.settings;
}
