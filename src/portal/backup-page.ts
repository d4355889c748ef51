// Keeping settings and bringing them back: as text on the page, since the small browsers of captive portals can neither
// download nor upload.

import { BACKUP_FORMAT, type ReadBackup, readBackup, settingText, writeBackup } from "../backup.js";
import { macKey, macOf } from "../mac.js";
import { change, type Settings, type SettingsError } from "../settings.js";
import { sameValue } from "../settings-checks.js";
import { SECRETS, SETTING_NAMES, type SettingName } from "../settings-fields.js";
import { encodeText } from "../text.js";
import { escapeContent, escapeHtml } from "./form.js";
import { button, errorLine, formOf, formStart, marks, nameOf, type Refused, typed } from "./form-page.js";
import { GO_FIELD, type Patch } from "./patch.js";
import { filled, type Texts, translated } from "./texts/texts.js";
import type { View } from "./view.js";

export const PASSPHRASE_FIELD = "passphrase";
export const BACKUP_FIELD = "backup";
/** Which button changes it: with the secrets of the backup, or without. */
export const CONFIRM = "confirm";
export const CONFIRM_SEALED = "confirmSealed";
const SHORTEST = 12;

/** The backup as it is asked for; null: the passphrase is too short. */
export function backupText({ model, csrf }: View, passphrase: string | null): string | null {
  const { settings, device, version } = model;
  if (passphrase === null) return writeBackup(settings, device, version, null);
  if (passphrase.length < SHORTEST) return null;
  // The token is drawn from noise and the time goes on: no two backups share a salt.
  const salt = macOf(macKey(encodeText(csrf)), encodeText(`backup ${model.now} ${model.unix}`));
  return writeBackup(settings, device, version, { passphrase, salt });
}

const area = (id: string, name: string, text: string, more: string): string =>
  `<textarea id="${id}"${name === "" ? "" : ` name="${name}"`} class="code" rows="10" spellcheck="false" autocomplete="off"${more}>\n${escapeContent(text)}</textarea>`;

export function backupBody(view: View, text: string, refused: Refused | null): string {
  const { backup, titles } = view.texts;
  const sealing = `<p>${escapeHtml(backup.secretsIntro)}</p>${passphraseInput(backup.passphrase, backup.passphraseHint, refused)}${button(backup.makeSealed)}`;
  return `<p>${escapeHtml(backup.intro)}</p><label for="text">${escapeHtml(backup.text)}</label>${area("text", "", text, " readonly")}<p><a href="/backup.json">${escapeHtml(backup.open)}</a></p><h2>${escapeHtml(backup.secrets)}</h2>${formOf(view, "/backup", sealing)}<a class="button second" href="/restore">${escapeHtml(titles.restore)}</a>`;
}

function passphraseInput(label: string, hint: string, refused: Refused | null): string {
  const shown = hint === "" ? "" : `<p class="hint" id="${PASSPHRASE_FIELD}-hint">${escapeHtml(hint)}</p>`;
  return `<label for="${PASSPHRASE_FIELD}">${escapeHtml(label)}</label><input id="${PASSPHRASE_FIELD}" name="${PASSPHRASE_FIELD}" type="password" autocomplete="new-password"${marks(PASSPHRASE_FIELD, refused, hint)}>${shown}${errorLine(PASSPHRASE_FIELD, refused)}`;
}

export function restoreBody(view: View, refused: Refused | null): string {
  const { backup, titles } = view.texts;
  const alert = refused === null ? "" : `<p class="card warn error" role="alert">${escapeHtml(backup.refused)}</p>`;
  const pasted = `<label for="${BACKUP_FIELD}">${escapeHtml(backup.pasted)}</label>${area(BACKUP_FIELD, BACKUP_FIELD, typed(refused, BACKUP_FIELD, ""), marks(BACKUP_FIELD, refused, ""))}${errorLine(BACKUP_FIELD, refused)}`;
  const inside = `${pasted}${passphraseInput(backup.passphraseOf, "", refused)}${button(backup.preview)}`;
  return `${alert}<p>${escapeHtml(backup.restoreIntro)}</p>${formOf(view, "/restore", inside)}<p><a href="/backup">${escapeHtml(titles.backup)}</a></p>`;
}

export type Restore =
  | { readonly ok: true; readonly withSecrets: boolean; readonly settings: Settings }
  | { readonly ok: false; readonly error: SettingsError };

/** A pasted backup judged as a whole; or what is wrong with it, beside its input. */
export function restored({ model, texts }: View, text: string, passphrase: string): Restore {
  const read = readBackup(text, model.device, passphrase);
  if (!read.ok) return { ok: false, error: refusalOf(texts, read) };
  const { patch, withSecrets } = read;
  const changed = change(model.settings, patch);
  // What was read is not kept: it takes as much RAM again.
  if (changed.ok) return { ok: true, withSecrets, settings: changed.settings };
  const list = changed.errors.map((one) => `${nameOf(texts, one.field)} ${translated(texts, one.why)}`).join("; ");
  return { ok: false, error: { field: BACKUP_FIELD, why: filled(texts.backup.wrongSettings, list) } };
}

function refusalOf({ backup }: Texts, read: Exclude<ReadBackup, { ok: true }>): SettingsError {
  switch (read.why) {
    case "newer":
      return { field: BACKUP_FIELD, why: filled(backup.newer, String(read.format), String(BACKUP_FORMAT)) };
    case "broken":
    case "unknown":
      return { field: BACKUP_FIELD, why: filled(backup[read.why], String(read.line)) };
    case "notABackup":
      return { field: BACKUP_FIELD, why: backup.notABackup };
    case "passphrase":
      return { field: PASSPHRASE_FIELD, why: backup.passphraseWrong };
  }
}

const changedNames = (from: Settings, to: Settings): readonly SettingName[] =>
  SETTING_NAMES.filter((name) => !sameValue(from[name], to[name]));

/** The change from one to the other. */
export const patchBetween = (from: Settings, to: Settings): Patch =>
  Object.fromEntries(changedNames(from, to).map((name) => [name, to[name]]));

export type Preview =
  | { readonly ok: true; readonly body: string }
  | { readonly ok: false; readonly error: SettingsError };

/** What a pasted backup would change, as HTML alone: its settings are let go before the page is made around it. */
export function previewOf(view: View, text: string, passphrase: string): Preview {
  const found = restored(view, text, passphrase);
  return found.ok ? { ok: true, body: previewBody(view, text, found) } : found;
}

/** With the button that does it. */
function previewBody(view: View, text: string, found: Extract<Restore, { ok: true }>): string {
  const { texts, model } = view;
  const { backup } = texts;
  const names = changedNames(model.settings, found.settings);
  const kept = found.withSecrets ? "" : `<p class="hint">${escapeHtml(backup.secretsKept)}</p>`;
  if (names.length === 0) return `<p class="card" role="status">${escapeHtml(backup.nothing)}</p>${kept}`;
  const rows = names.map((name) => {
    const cells = [nameOf(texts, name), shown(texts, model.settings, name), shown(texts, found.settings, name)];
    return `<tr><th scope="row">${escapeHtml(cells[0] ?? "")}</th><td>${escapeContent(cells[1] ?? "")}</td><td>${escapeContent(cells[2] ?? "")}</td></tr>`;
  });
  const head = [backup.setting, backup.from, backup.to]
    .map((one) => `<th scope="col">${escapeHtml(one)}</th>`)
    .join("");
  const table = `<div class="card"><table><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
  // The passphrase is typed once more: what is secret stands in no page.
  const again = found.withSecrets ? passphraseInput(backup.passphraseAgain, "", null) : "";
  const go = found.withSecrets ? CONFIRM_SEALED : CONFIRM;
  const confirm = button(backup.confirm, ` name="${GO_FIELD}" value="${go}"`);
  return `<h2>${escapeHtml(backup.changes)}</h2>${table}${kept}${formStart(view, "/restore")}<textarea name="${BACKUP_FIELD}" hidden>\n${escapeContent(text)}</textarea>${again}${confirm}</form><a class="button second" href="/restore">${escapeHtml(texts.device.keep)}</a>`;
}

/** Of a list of 64 chargers its beginning must do: twice the whole would be more than the device can hold. */
const LONGEST_SHOWN = 200;

function shown(texts: Texts, settings: Settings, name: SettingName): string {
  if (SECRETS.includes(name)) return settings[name] === "" ? "" : texts.backup.hidden;
  const value = settings[name];
  const text = typeof value === "string" ? value : settingText(settings, name);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)} …` : text;
}
