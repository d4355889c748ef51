// What a posted form does: a change of settings that has passed their checks, an act, or the form again with the reasons.

import { keyOfPairing } from "../pairing.js";
import { change, type SettingsError } from "../settings.js";
import type { PortalAct } from "./acts.js";
import { type Answer, html, notAllowed, plain, redirect, SAVED } from "./answers.js";
import { apiPosted } from "./api-page.js";
import {
  BACKUP_FIELD,
  backupBody,
  backupText,
  CONFIRM,
  CONFIRM_SEALED,
  PASSPHRASE_FIELD,
  patchBetween,
  previewOf,
  restored,
} from "./backup-page.js";
import { certificatesPosted } from "./certificates-page.js";
import { chargerPosted, isOfCharger } from "./charger-posted.js";
import { SLIDE_FIELD } from "./daily-page.js";
import { farewell } from "./device-page.js";
import { DAILY_FORM, type Form, formAt, PICK_FIELD, type Step, stepsOf } from "./fields.js";
import { type Fields, fieldOf } from "./form.js";
import type { Refused } from "./form-page.js";
import {
  API,
  BACKUP,
  CERTIFICATES,
  DEVICE,
  layout,
  type Page,
  pagesOf,
  RESET,
  RESTORE,
  SITE,
  STATUS,
} from "./layout.js";
import { besideInput, GO_FIELD, numberOf, type Patch, patchOf } from "./patch.js";
import { foundPath, nextPath, triedPath } from "./setup-page.js";
import { pageShown, stepShown } from "./shown.js";
import { siteBody } from "./site-page.js";
import { filled, type Texts, translated } from "./texts/texts.js";
import { isCharger, type View } from "./view.js";

/** `fields`: of a form that carried the visitor's token. */
export function posted(path: string, fields: Fields, view: View): Answer {
  const { model } = view;
  const go = fieldOf(fields, GO_FIELD) ?? "";
  const step = stepsOf(model.device).find((one) => one.form.path === path);
  if (step !== undefined) return stepPosted(view, step, fields, go);
  // Returned at once, as all here: whoever calls last leaves its place on the device's short stack.
  if (isOfCharger(path, go) && isCharger(view)) return chargerPosted(view, fields, go);
  switch (path) {
    case "/logout":
      return acting(redirect("/login"), { kind: "logout" });
    case "/clock":
      return clockTold(view, fields);
    case DEVICE.path:
      return restartAsked(view, go);
    case RESET.path:
      return resetAsked(view, go);
    case BACKUP.path:
      return sealedAsked(view, fields);
    case CERTIFICATES.path:
      return certificatesPosted(view, fields, go);
    case API.path:
      return apiPosted(view, go);
    case RESTORE.path:
      return restoreAsked(view, fields, go);
    default:
      return formPosted(view, path, fields, go);
  }
}

const acting = (answer: Answer, ...acts: readonly PortalAct[]): Answer => ({ ...answer, acts });

const stranger = (view: View): Answer => plain(404, view.texts.refusals.noPage);

function formPosted(view: View, path: string, fields: Fields, go: string): Answer {
  const { model } = view;
  const page = pagesOf(model.device).find((one) => one.path === path);
  const isDaily = path === STATUS.path && model.device === "charger";
  const form = isDaily ? DAILY_FORM : formAt(model.device, path);
  if (page === undefined) return stranger(view);
  if (form === undefined) return notAllowed("GET");
  if (page === SITE && go === "code") return codeShown(view, page, form);
  if (page === SITE && go === "newKey") return acting(redirect(`${SITE.path}?${SAVED}`), { kind: "newSiteKey" });
  const judgement = judge(view, form, isDaily ? withSlide(view, fields) : fields);
  return judgement.ok
    ? { ...redirect(`${path}?${SAVED}`), change: judgement.patch }
    : pageShown(422, view, page, judgement.refused, false);
}

/** Somebody asked for the pairing code: a page that is asked for by a form, so that no link leads to it. */
const codeShown = (view: View, page: Page, form: Form): Answer =>
  html(200, layout(view, { page }, siteBody(view, form, null, false, true)));

/** The slider counts where it was moved and the number was not: a script keeps the two the same. */
function withSlide({ model }: View, fields: Fields): Fields {
  const slide = fieldOf(fields, SLIDE_FIELD);
  const { manualA, maxA } = model.settings;
  const stood = Math.min(Math.round(manualA), Math.max(6, Math.floor(maxA)));
  const moved = slide !== null && slide !== String(stood) && fieldOf(fields, "manualA") === String(manualA);
  const others = fields.filter(([name]) => name !== SLIDE_FIELD);
  return moved ? [...others.filter(([name]) => name !== "manualA"), ["manualA", slide]] : others;
}

type Judgement = { readonly ok: true; readonly patch: Patch } | { readonly ok: false; readonly refused: Refused };

function judge({ model, texts }: View, form: Form, fields: Fields): Judgement {
  const patch = patchOf(form, fields, model.settings);
  const changed = change(model.settings, patch);
  if (changed.ok) return { ok: true, patch };
  const errors = changed.errors.map((error) => inWords(texts, form, besideInput(error, fields), fields));
  return { ok: false, refused: { fields, errors } };
}

function inWords(texts: Texts, form: Form, { field, why }: SettingsError, fields: Fields): SettingsError {
  if (field === "unknown field") return { field: texts.titles.settings, why: texts.words.unknownField };
  const isCode = form.fields.some((one) => one.name === field && one.kind === "pairing");
  return { field, why: isCode ? pairingWords(texts, fieldOf(fields, field) ?? "") : translated(texts, why) };
}

function pairingWords({ pairing }: Texts, typed: string): string {
  const read = keyOfPairing(typed);
  if (read.ok) return "";
  switch (read.why) {
    case "letter":
      return filled(pairing.letter, read.letter);
    case "length":
      return filled(pairing.length, String(read.length));
    case "check":
      return pairing.check;
  }
}

function stepPosted(view: View, step: Step, fields: Fields, go: string): Answer {
  if (step.name === "wifi" && go === "scan") {
    const isTyped = (fieldOf(fields, PICK_FIELD) ?? "") === "";
    const typed = isTyped ? (fieldOf(fields, "wifiSsid") ?? "") : "";
    return acting(redirect(foundPath(step, typed.slice(0, 32))), { kind: "scan" });
  }
  if (step.name === "done") return finished(view, step, fields);
  const judgement = judge(view, step.form, fields);
  if (!judgement.ok) return stepShown(422, view, step, "", judgement.refused);
  const { patch } = judgement;
  if (step.name === "wifi" && (patch.wifiSsid ?? "") === "") {
    const errors = [{ field: "wifiSsid", why: view.texts.setup.chooseNetwork }];
    return stepShown(422, view, step, "", { fields, errors });
  }
  return { ...redirect(afterStep(view, step, patch)), change: patch };
}

/** What became of joining, and of the broker, is told on the same page. */
function afterStep(view: View, step: Step, patch: Patch): string {
  if (step.name === "wifi") return step.form.path;
  return step.name === "mqtt" && (patch.mqttHost ?? "") !== "" ? triedPath(step) : nextPath(view, step);
}

/** Set-up ends with a password only: from then on everybody in the house could come in. */
function finished(view: View, step: Step, fields: Fields): Answer {
  const { model, texts } = view;
  if (model.settings.portalPassword !== "") return { ...redirect(STATUS.path), change: { setUp: true } };
  const errors = [{ field: "portalPassword", why: texts.setup.needPassword }];
  return stepShown(422, view, step, "", { fields, errors });
}

/** Bounds of a time that a phone may say: 2020 to 2100. */
const CLOCK = Object.freeze([1_577_836_800, 4_102_444_800] as const);

function clockTold(view: View, fields: Fields): Answer {
  const unix = unixOf(fieldOf(fields, "unix"));
  const offset = numberOf(fieldOf(fields, "offset") ?? "");
  const changed = change(view.model.settings, { utcOffsetMinutes: offset });
  if (unix === null || typeof offset !== "number" || !changed.ok) return plain(400, view.texts.refusals.badForm);
  const same = offset === view.model.settings.utcOffsetMinutes;
  const told = acting(plain(200, "ok"), { kind: "clock", unix, offsetMinutes: offset });
  return same ? told : { ...told, change: { utcOffsetMinutes: offset } };
}

function unixOf(typed: string | null): number | null {
  const value = typed !== null && /^\d{10}$/.test(typed) ? Number(typed) : 0;
  return value >= CLOCK[0] && value < CLOCK[1] ? value : null;
}

function restartAsked(view: View, go: string): Answer {
  if (go !== "restart") return stranger(view);
  return acting(said(view, DEVICE, view.texts.device.restarting), { kind: "restart" });
}

function resetAsked(view: View, go: string): Answer {
  if (go !== "reset") return stranger(view);
  return acting(said(view, RESET, view.texts.device.resetDone), { kind: "factoryReset" });
}

const said = (view: View, page: Page, words: string): Answer => html(200, layout(view, { page }, farewell(words)));

function sealedAsked(view: View, fields: Fields): Answer {
  const text = backupText(view, fieldOf(fields, PASSPHRASE_FIELD) ?? "");
  if (text !== null) return html(200, layout(view, { page: BACKUP }, backupBody(view, text, null)));
  const errors = [{ field: PASSPHRASE_FIELD, why: view.texts.backup.short }];
  return pageShown(422, view, BACKUP, { fields, errors }, false);
}

function restoreAsked(view: View, fields: Fields, go: string): Answer {
  if (go !== CONFIRM && go !== CONFIRM_SEALED) return previewAsked(view, fields);
  const found = restored(view, fieldOf(fields, BACKUP_FIELD) ?? "", fieldOf(fields, PASSPHRASE_FIELD) ?? "");
  if (!found.ok) return restoreRefused(view, fields, found.error);
  if (go === CONFIRM_SEALED && !found.withSecrets) {
    return restoreRefused(view, fields, { field: PASSPHRASE_FIELD, why: view.texts.backup.passphraseWrong });
  }
  return {
    ...said(view, RESTORE, view.texts.backup.restored),
    change: patchBetween(view.model.settings, found.settings),
  };
}

function previewAsked(view: View, fields: Fields): Answer {
  const preview = previewOf(view, fieldOf(fields, BACKUP_FIELD) ?? "", fieldOf(fields, PASSPHRASE_FIELD) ?? "");
  if (!preview.ok) return restoreRefused(view, fields, preview.error);
  return html(200, layout(view, { page: RESTORE }, preview.body));
}

const restoreRefused = (view: View, fields: Fields, error: SettingsError): Answer =>
  pageShown(422, view, RESTORE, { fields, errors: [error] }, false);
