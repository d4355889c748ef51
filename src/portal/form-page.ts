// A form of settings as HTML: labels, the value in force or as it was typed, and errors beside their field.

import { frozen } from "../frozen.js";
import type { Settings, SettingsError } from "../settings.js";
import {
  type Choice,
  type Form,
  type FormField,
  KVA_FIELD,
  kvaChoices,
  PZEM_ROWS,
  pzemInput,
  pzemShown,
  shownValue,
} from "./fields.js";
import { escapeHtml, type Fields, fieldOf } from "./form.js";
import type { PortalModel } from "./model.js";
import { CSRF_FIELD, clearName } from "./patch.js";

/** What was typed and what was wrong with it; null for a form opened anew. */
export interface Refused {
  readonly fields: Fields;
  readonly errors: readonly SettingsError[];
}

export function formBody(model: PortalModel, form: Form, refused: Refused | null, saved: boolean): string {
  const { settings, csrf } = model;
  const inputs = form.fields.map((one) => input(one, settings, refused)).join("");
  const power = form.kva
    ? labelled(
        KVA_FIELD,
        "Contracted power",
        "",
        refused,
        select(KVA_FIELD, kvaChoices(settings), typed(refused, KVA_FIELD, ""), refused),
      )
    : "";
  const token = `<input type="hidden" name="${CSRF_FIELD}" value="${escapeHtml(csrf)}">`;
  return `${notice(form, refused, saved)}<form method="post" action="${form.path}">${token}${power}${inputs}${form.pzems ? pzemRows(settings, refused) : ""}<button>Save</button></form>`;
}

function notice(form: Form, refused: Refused | null, saved: boolean): string {
  if (refused === null) return saved ? '<p class="card" role="status">Saved.</p>' : "";
  const names: readonly string[] = [KVA_FIELD, "pzems", ...form.fields.map((one) => one.name)];
  const elsewhere = refused.errors
    .filter((one) => !names.includes(one.field) && !(form.pzems && one.field.startsWith("pzem-")))
    .map((one) => `<br>${escapeHtml(`${one.field}: ${one.why}`)}`);
  return `<p class="card warn error" role="alert">Nothing was saved: please correct what is marked.${elsewhere.join("")}</p>`;
}

const typed = (refused: Refused | null, name: string, value: string): string =>
  refused === null ? value : (fieldOf(refused.fields, name) ?? value);

const errorOf = (refused: Refused | null, name: string): string | null =>
  refused?.errors.find((one) => one.field === name)?.why ?? null;

/** Ties an input to its hint and its error for those who cannot see that they stand side by side. */
function marks(name: string, refused: Refused | null, hint: string): string {
  const wrong = errorOf(refused, name) !== null;
  const ids = [...(hint === "" ? [] : [`${name}-hint`]), ...(wrong ? [`${name}-error`] : [])];
  return (wrong ? ' aria-invalid="true"' : "") + (ids.length > 0 ? ` aria-describedby="${ids.join(" ")}"` : "");
}

/** The reason why an input was refused, where there is one. */
function errorLine(name: string, refused: Refused | null): string {
  const error = errorOf(refused, name);
  return error === null ? "" : `<p class="error" id="${name}-error">${escapeHtml(error)}</p>`;
}

function labelled(name: string, label: string, hint: string, refused: Refused | null, control: string): string {
  return `<label for="${name}">${escapeHtml(label)}</label>${control}${hint === "" ? "" : `<p class="hint" id="${name}-hint">${escapeHtml(hint)}</p>`}${errorLine(name, refused)}`;
}

function input(field: FormField, settings: Settings, refused: Refused | null): string {
  const { name, label, hint, choices, kind } = field;
  const value = typed(refused, name, shownValue(field, settings));
  const control = choices.length > 0 ? select(name, choices, value, refused, hint) : textInput(field, value, refused);
  return labelled(name, label, hint, refused, control) + (kind === "secret" ? clearBox(name) : "");
}

const clearBox = (name: string): string =>
  `<label class="check"><input type="checkbox" name="${clearName(name)}" value="yes"> No password</label>`;

function textInput({ name, kind, hint }: FormField, value: string, refused: Refused | null): string {
  const tied = marks(name, refused, hint);
  if (kind === "secret") return `<input id="${name}" name="${name}" type="password" autocomplete="off"${tied}>`;
  if (kind === "lines") {
    return `<textarea id="${name}" name="${name}" rows="4" autocomplete="off"${tied}>${escapeHtml(value)}</textarea>`;
  }
  const mode = kind === "number" || kind === "numberOrNone" ? ' inputmode="decimal"' : "";
  return `<input id="${name}" name="${name}" value="${escapeHtml(value)}" autocomplete="off"${mode}${tied}>`;
}

/** A value that is none of the choices stays there to be seen, as one more. */
function select(name: string, choices: readonly Choice[], value: string, refused: Refused | null, hint = ""): string {
  const all: readonly Choice[] = choices.some(([one]) => one === value) ? choices : [...choices, [value, value]];
  const options = all.map(
    ([one, words]) =>
      `<option value="${escapeHtml(one)}"${one === value ? " selected" : ""}>${escapeHtml(words)}</option>`,
  );
  return `<select id="${name}" name="${name}"${marks(name, refused, hint)}>${options.join("")}</select>`;
}

const ROLES: readonly Choice[] = frozen([
  ["house", "House"],
  ["grid", "Grid"],
  ["solar", "Roof"],
]);
const PHASES: readonly Choice[] = frozen([
  ["1", "L1"],
  ["2", "L2"],
  ["3", "L3"],
]);

function pzemRows(settings: Settings, refused: Refused | null): string {
  const rows = Array.from({ length: PZEM_ROWS }, (_, index) => pzemRow(settings, index, refused)).join("");
  const hint = "Address 1 to 247; empty: not there.";
  const tied = errorOf(refused, "pzems") === null ? "" : ' aria-describedby="pzems-error"';
  return `<fieldset${tied}><legend>PZEM modules</legend><p class="hint">${hint}</p>${errorLine("pzems", refused)}${rows}</fieldset>`;
}

function pzemRow({ pzems }: Settings, index: number, refused: Refused | null): string {
  const pzem = pzems[index];
  const row = index + 1;
  const [address, role, phase] = [pzemInput("address", row), pzemInput("role", row), pzemInput("phase", row)];
  const number = typed(refused, address, pzemShown(pzem, "address"));
  const of = typed(refused, role, pzemShown(pzem, "role") || "house");
  const on = typed(refused, phase, pzemShown(pzem, "phase") || "1");
  const errors = [address, role, phase].map((name) => errorLine(name, refused)).join("");
  return `<div class="row"><div><label for="${address}">Address ${row}</label><input id="${address}" name="${address}" value="${escapeHtml(number)}" inputmode="numeric"${marks(address, refused, "")}></div><div><label for="${role}">Role ${row}</label>${select(role, ROLES, of, refused)}</div><div><label for="${phase}">Phase ${row}</label>${select(phase, PHASES, on, refused)}</div></div>${errors}`;
}
