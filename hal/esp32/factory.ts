// What a device starts with when nothing is stored yet: what tools/provision put into its NVS partition, or nothing.

import { frozen } from "../../src/frozen.js";
import { readKnownJson } from "../../src/known-json.js";
import { parse, type Settings } from "../../src/settings.js";
import { isSettingName } from "../../src/settings-fields.js";
import type { KeyValueModule } from "./classes.js";

/** Namespace and key of the factory's text. */
export const FACTORY = frozen({ path: "ievcc", key: "factory" } as const);
const FRAME: readonly string[] = frozen(["format", "mac", "accessPoint", "settings"]);
/** The ESP-IDF's name for a namespace that nobody has written. */
const NOT_FOUND = "ESP_ERR_NVS_NOT_FOUND";

interface Found {
  readonly settings: Settings;
  /** Why they are the defaults though there is something; null when all is well. */
  readonly why: string | null;
}

/** The factory's settings, as its NVS has them, or the defaults. */
export function factorySettings(store: KeyValueModule): Found {
  const text = textIn(store);
  if (!text.ok) return { settings: defaults(), why: text.why };
  return text.value === null ? { settings: defaults(), why: null } : settingsIn(text.value);
}

type Text = { readonly ok: true; readonly value: string | null } | { readonly ok: false; readonly why: string };

function textIn(store: KeyValueModule): Text {
  try {
    const opened = store.open({ path: FACTORY.path, mode: "r", format: "string" });
    const found = opened.read(FACTORY.key);
    opened.close();
    return { ok: true, value: found ?? null };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return why.includes(NOT_FOUND) ? { ok: true, value: null } : { ok: false, why: `the factory's settings: ${why}` };
  }
}

function settingsIn(text: string): Found {
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
