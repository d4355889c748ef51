// Settings as a text that people keep: one setting a line, secrets only sealed. It knows no page and no passphrase's rules.

import { hexOf } from "./bytes.js";
import { readKnownJson } from "./known-json.js";
import { keyBytes } from "./mac.js";
import { listedRoster } from "./roster.js";
import { SCHEDULE_NAMES } from "./schedule.js";
import { seal, unseal } from "./seal.js";
import { isList, isRecord } from "./settings-checks.js";
import { isSettingName, SECRETS, SETTING_NAMES, type SettingName, type Settings } from "./settings-fields.js";
import { TARIFF_NAMES } from "./tariff.js";
import { decodeText, encodeText, jsonOf } from "./text.js";
import type { DeviceKind } from "./topics.js";

/** Of the text written here; a reader refuses a higher one. */
export const BACKUP_FORMAT = 1;
const SEALED_LIMIT = 1_024;

export interface SealWith {
  readonly passphrase: string;
  /** 16 bytes that never come twice. */
  readonly salt: Uint8Array;
}

/** They name what lies in the flash of this very device: certificates are in no backup. */
const isOfThisFlash = (name: SettingName): boolean => name === "mqttCa" || name === "mqttOwn";

/** The backup of a device; with its secrets where something to seal them with is given. */
export function writeBackup(settings: Settings, device: DeviceKind, version: string, secrets: SealWith | null): string {
  const names = SETTING_NAMES.filter((name) => !SECRETS.includes(name) && !isOfThisFlash(name));
  const lines = names.map((name) => `"${name}": ${settingText(settings, name)}`);
  const sealed = secrets === null ? "" : `,\n"secrets": "${sealedSecrets(settings, secrets)}"`;
  return `{\n"ievcc": ${BACKUP_FORMAT},\n"software": ${JSON.stringify(version)},\n"device": "${device}",\n"settings": {\n${lines.join(",\n")}\n}${sealed}\n}\n`;
}

/** The value of a setting as JSON; a list row by row, so that no copy of the whole takes RAM. */
export function settingText(settings: Settings, name: SettingName): string {
  const value = settings[name];
  if (!isList(value)) return JSON.stringify(plain(value));
  const rows =
    name === "roster"
      ? settings.roster.map((one) => JSON.stringify(plain(listedRoster([one])[0])))
      : value.map((one) => JSON.stringify(plain(one)));
  return `[${rows.join(",")}]`;
}

/** A copy: what lies in flash JSON.stringify refuses on XS. By loops: rules within a plan within a tariff lie deep, and the
 *  device's stack is short. */
function plain(value: unknown): unknown {
  if (isList(value)) {
    const list: unknown[] = [];
    for (let at = 0; at < value.length; at++) list.push(plain(value[at]));
    return list;
  }
  if (!isRecord(value)) return value;
  const record: Record<string, unknown> = {};
  const keys = Object.keys(value);
  for (let at = 0; at < keys.length; at++) record[keys[at] ?? ""] = plain(value[keys[at] ?? ""]);
  return record;
}

const sealedSecrets = (settings: Settings, { passphrase, salt }: SealWith): string =>
  hexOf(seal(passphrase, salt, encodeText(JSON.stringify(SECRETS.map((name) => settings[name])))));

export type ReadBackup =
  | {
      readonly ok: true;
      /** As for settings.change; not yet judged. */
      readonly patch: Readonly<Record<string, unknown>>;
      /** Its secrets are in the patch. */
      readonly withSecrets: boolean;
    }
  | { readonly ok: false; readonly why: "broken" | "unknown"; readonly line: number }
  | { readonly ok: false; readonly why: "newer"; readonly format: number }
  | { readonly ok: false; readonly why: "notABackup" | "passphrase" };

const HEAD: readonly string[] = Object.freeze(["ievcc", "software", "device", "settings", "secrets"]);
const ROW: readonly string[] = Object.freeze(["address", "role", "phase"]);
const isKnown = (name: string): boolean =>
  isSettingName(name) || [HEAD, ROW, TARIFF_NAMES, SCHEDULE_NAMES].some((names) => names.includes(name));

/** What a backup would change on a device of this kind. A newer format is refused before its names are looked at.
 *  `passphrase`: empty leaves the secrets as they are. */
export function readBackup(text: string, device: DeviceKind, passphrase: string): ReadBackup {
  const format = Number(/"ievcc"\s*:\s*(\d{1,6})/.exec(text.slice(0, 200))?.[1] ?? 0);
  if (format > BACKUP_FORMAT) return { ok: false, why: "newer", format };
  const read = readKnownJson(text, isKnown);
  if (!read.ok) return read;
  const { value } = read;
  if (!isRecord(value) || value.ievcc !== BACKUP_FORMAT || value.device !== device || !isRecord(value.settings)) {
    return { ok: false, why: "notABackup" };
  }
  const patch = patchFrom(value.settings);
  if (value.secrets === undefined || passphrase === "") return { ok: true, patch, withSecrets: false };
  const secrets = opened(value.secrets, passphrase);
  return secrets === null
    ? { ok: false, why: "passphrase" }
    : { ok: true, patch: { ...patch, ...secrets }, withSecrets: true };
}

/** Names as the settings' own, so that none of a stranger comes in. */
function patchFrom(settings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    if (settings[name] !== undefined && !isOfThisFlash(name)) patch[name] = settings[name];
  }
  return patch;
}

function opened(secrets: unknown, passphrase: string): Readonly<Record<string, unknown>> | null {
  if (typeof secrets !== "string" || secrets.length > 2 * SEALED_LIMIT || !/^(?:[0-9a-f]{2})+$/.test(secrets))
    return null;
  const bytes = unseal(passphrase, keyBytes(secrets));
  const text = bytes === null ? null : decodeText(bytes, SEALED_LIMIT);
  const values = text?.ok ? jsonOf(text.text) : null;
  // A backup of software that knew fewer secrets has the first of them.
  if (!isList(values) || values.length > SECRETS.length) return null;
  const patch: Record<string, unknown> = {};
  SECRETS.slice(0, values.length).forEach((name, at) => {
    patch[name] = values[at];
  });
  return patch;
}
