// A form of settings as HTML: labels, the value in force or as it was typed, and errors beside their field.

import type { Trouble } from "../connect-trouble.js";
import type { Settings, SettingsError } from "../settings.js";
import {
  type Choice,
  choicesOf,
  type Form,
  type FormField,
  KVA_FIELD,
  kvaChoices,
  PICK_FIELD,
  PZEM_ROWS,
  pzemInput,
  pzemShown,
  shownValue,
  zoneChoices,
} from "./fields.js";
import { escapeHtml, type Fields, fieldOf } from "./form.js";
import { foundPart, pickedBroker } from "./found-page.js";
import { CSRF_FIELD, clearName } from "./patch.js";
import { filled, type Texts } from "./texts/texts.js";
import type { View } from "./view.js";

/** What was typed and what was wrong with it, in the words of the page; null for a form opened anew. */
export interface Refused {
  readonly fields: Fields;
  readonly errors: readonly SettingsError[];
}

/** A whole page of settings. `query`: of its address. */
export function formBody(view: View, form: Form, refused: Refused | null, saved: boolean, query = ""): string {
  const { texts } = view;
  const notice = refused === null && saved ? `<p class="card" role="status">${texts.words.saved}</p>` : "";
  const broker = refused === null ? brokerNews(view, form, saved) : { said: "", refused };
  const picked = refused === null ? pickedBroker(view.model, query) : null;
  const whole = formOf(view, form.path, `${inputs(view, form, picked ?? broker.refused)}${button(texts.words.save)}`);
  return `${notice}${broker.said}${foundPart(view, form.path)}${refusal(texts, form, refused)}${whole}`;
}

/** Whether the broker that was set answers: nobody can tell from its name alone. What was set just now has had no time. */
function brokerNews({ texts, model }: View, form: Form, saved: boolean) {
  const { mqttHost } = model.settings;
  const { words } = texts;
  const say = (text: string): string => `<p class="card" role="status">${escapeHtml(filled(text, mqttHost))}</p>`;
  if (mqttHost === "" || !form.fields.some((one) => one.name === "mqttHost")) return { said: "", refused: null };
  if (model.mqtt === "online") return { said: say(words.brokerAnswers), refused: null };
  return saved
    ? { said: say(words.brokerTried), refused: null }
    : { said: "", refused: silentBroker(texts, mqttHost, model.mqttTrouble) };
}

/** Its name with the reason beside it. */
export const silentBroker = ({ words, troubles }: Texts, host: string, trouble: Trouble | null): Refused => ({
  fields: [],
  errors: [
    {
      field: "mqttHost",
      why: trouble === null ? filled(words.brokerSilent, host) : filled(words.brokerTrouble, host, troubles[trouble]),
    },
  ],
});

export const formOf = (view: View, path: string, inside: string): string => `${formStart(view, path)}${inside}</form>`;

/** For what is too long to be copied once more. */
export const formStart = (view: View, path: string): string =>
  `<form method="post" action="${path}"><input type="hidden" name="${CSRF_FIELD}" value="${escapeHtml(view.csrf)}">`;

export const button = (words: string, more = ""): string =>
  `<button type="submit"${more}>${escapeHtml(words)}</button>`;

/** That nothing was saved, and why, where that stands beside no field of this form. */
export function refusal(texts: Texts, form: Form, refused: Refused | null): string {
  if (refused === null) return "";
  const names: readonly string[] = [KVA_FIELD, "pzems", ...form.fields.map((one) => one.name)];
  const elsewhere = refused.errors
    .filter((one) => !names.includes(one.field) && !(form.pzems && one.field.startsWith("pzem-")))
    .map((one) => `<br>${escapeHtml(`${nameOf(texts, one.field)}: ${one.why}`)}`);
  return `<p class="card warn error" role="alert">${escapeHtml(texts.words.nothingSaved)}${elsewhere.join("")}</p>`;
}

const isField = (texts: Texts, name: string): name is keyof Texts["fields"] => Object.hasOwn(texts.fields, name);
/** A setting as its label names it. */
export const nameOf = (texts: Texts, name: string): string => (isField(texts, name) ? texts.fields[name].label : name);

/** All inputs of a form. */
export function inputs(view: View, form: Form, refused: Refused | null): string {
  const { texts, model } = view;
  const { settings } = model;
  const power = form.kva ? powerInput(texts, settings, refused) : "";
  const all = form.fields.map((one) => input(texts, one, settings, refused)).join("");
  return power + all + (form.pzems ? pzemRows(texts, settings, refused) : "");
}

function powerInput(texts: Texts, settings: Settings, refused: Refused | null): string {
  const { label, hint } = texts.fields.contractedKva;
  const control = select(KVA_FIELD, kvaChoices(texts, settings), typed(refused, KVA_FIELD, ""), refused, hint);
  return labelled(KVA_FIELD, label, hint, refused, control);
}

export const typed = (refused: Refused | null, name: string, value: string): string =>
  refused === null ? value : (fieldOf(refused.fields, name) ?? value);

const errorOf = (refused: Refused | null, name: string): string | null =>
  refused?.errors.find((one) => one.field === name)?.why ?? null;

/** Ties an input to its hint and its error for those who cannot see that they stand side by side. */
export function marks(name: string, refused: Refused | null, hint: string): string {
  const wrong = errorOf(refused, name) !== null;
  const ids = [...(hint === "" ? [] : [`${name}-hint`]), ...(wrong ? [`${name}-error`] : [])];
  return (wrong ? ' aria-invalid="true"' : "") + (ids.length > 0 ? ` aria-describedby="${ids.join(" ")}"` : "");
}

/** The reason why an input was refused, where there is one. */
export function errorLine(name: string, refused: Refused | null): string {
  const error = errorOf(refused, name);
  return error === null ? "" : `<p class="error" id="${name}-error">${escapeHtml(error)}</p>`;
}

export function labelled(name: string, label: string, hint: string, refused: Refused | null, control: string): string {
  return `<label for="${name}">${escapeHtml(label)}</label>${control}${hint === "" ? "" : `<p class="hint" id="${name}-hint">${escapeHtml(hint)}</p>`}${errorLine(name, refused)}`;
}

export function input(texts: Texts, field: FormField, settings: Settings, refused: Refused | null): string {
  const { name, kind } = field;
  const { label, hint } = texts.fields[field.words];
  const choices = kind === "zone" ? zoneChoices(texts) : choicesOf(texts, field);
  const value = typed(refused, name, shownValue(field, settings));
  const control =
    choices.length > 0 ? select(name, choices, value, refused, hint) : textInput(field, hint, value, refused);
  return labelled(name, label, hint, refused, control) + (kind === "secret" ? clearBox(texts, name) : "");
}

const clearBox = (texts: Texts, name: string): string =>
  `<label class="check"><input type="checkbox" name="${clearName(name)}" value="yes"> ${escapeHtml(texts.words.noPassword)}</label>`;

function textInput({ name, kind }: FormField, hint: string, value: string, refused: Refused | null): string {
  const tied = marks(name, refused, hint);
  if (kind === "secret" || kind === "password") {
    return `<input id="${name}" name="${name}" type="password" autocomplete="new-password"${tied}>`;
  }
  if (kind === "lines" || kind === "roster") {
    return `<textarea id="${name}" name="${name}" rows="4" autocomplete="off"${tied}>${escapeHtml(value)}</textarea>`;
  }
  const more =
    kind === "number" || kind === "numberOrNone" ? ' inputmode="decimal"' : ' autocapitalize="none" spellcheck="false"';
  return `<input id="${name}" name="${name}" value="${escapeHtml(value)}" autocomplete="off"${more}${tied}>`;
}

/** A value that is none of the choices stays there to be seen, as one more. */
export function select(
  name: string,
  choices: readonly Choice[],
  value: string,
  refused: Refused | null,
  hint = "",
): string {
  const all: readonly Choice[] = choices.some(([one]) => one === value) ? choices : [...choices, [value, value]];
  const options = all.map(
    ([one, words]) =>
      `<option value="${escapeHtml(one)}"${one === value ? " selected" : ""}>${escapeHtml(words)}</option>`,
  );
  return `<select id="${name}" name="${name}"${marks(name, refused, hint)}>${options.join("")}</select>`;
}

export interface Words {
  readonly label: string;
  readonly hint: string;
}

/** An input that is no setting of its own: its words, what is in force, and what else stands in its tag. */
export function plainInput(name: string, words: Words, value: string, refused: Refused | null, more = ""): string {
  const { label, hint } = words;
  const shown = escapeHtml(typed(refused, name, value));
  const control = `<input id="${name}" name="${name}" value="${shown}" autocomplete="off"${more}${marks(name, refused, hint)}>`;
  return labelled(name, label, hint, refused, control);
}

/** A time of day, as "22:00". */
export const timeInput = (name: string, words: Words, value: string, refused: Refused | null): string =>
  plainInput(name, words, value, refused, ' type="time"');

/** The keys of a phone for digits with a point or a comma. */
export const numberInput = (name: string, words: Words, value: string, refused: Refused | null): string =>
  plainInput(name, words, value, refused, ' inputmode="decimal"');

export const plainSelect = (
  name: string,
  { label, hint }: Words,
  choices: readonly Choice[],
  value: string,
  refused: Refused | null,
): string => labelled(name, label, hint, refused, select(name, choices, typed(refused, name, value), refused, hint));

/** Text of several lines. */
export function linesInput(name: string, { label, hint }: Words, value: string, refused: Refused | null): string {
  const shown = escapeHtml(typed(refused, name, value));
  const control = `<textarea id="${name}" name="${name}" rows="4" autocomplete="off" autocapitalize="none" spellcheck="false"${marks(name, refused, hint)}>${shown}</textarea>`;
  return labelled(name, label, hint, refused, control);
}

/** That nothing was saved, with what is wrong beside none of these inputs. */
export function alertOf(texts: Texts, refused: Refused | null, beside: readonly string[]): string {
  if (refused === null) return "";
  const elsewhere = refused.errors.filter((one) => !beside.includes(one.field));
  const lines = elsewhere.map((one) => `<br>${escapeHtml(one.why)}`).join("");
  return `<p class="card warn error" role="alert">${escapeHtml(texts.words.nothingSaved)}${lines}</p>`;
}

export const savedNotice = ({ words }: Texts, saved: boolean): string =>
  saved ? `<p class="card" role="status">${escapeHtml(words.saved)}</p>` : "";

/** One of several networks, with what is known of it. */
export function pickInput(value: string, words: string, chosen: boolean): string {
  return `<label><input type="radio" name="${PICK_FIELD}" value="${escapeHtml(value)}"${chosen ? " checked" : ""}> ${escapeHtml(words)}</label>`;
}

function pzemRows(texts: Texts, settings: Settings, refused: Refused | null): string {
  const rows = Array.from({ length: PZEM_ROWS }, (_, index) => pzemRow(texts, settings, index, refused)).join("");
  const tied = errorOf(refused, "pzems") === null ? "" : ' aria-describedby="pzems-error"';
  return `<fieldset class="boxed"${tied}><legend>${escapeHtml(texts.pzems.legend)}</legend><p class="hint">${escapeHtml(texts.pzems.hint)}</p>${errorLine("pzems", refused)}${rows}</fieldset>`;
}

function pzemRow(texts: Texts, { pzems }: Settings, index: number, refused: Refused | null): string {
  const pzem = pzems[index];
  const row = index + 1;
  const [address, role, phase] = [pzemInput("address", row), pzemInput("role", row), pzemInput("phase", row)];
  const number = typed(refused, address, pzemShown(pzem, "address"));
  const of = typed(refused, role, pzemShown(pzem, "role") || "house");
  const on = typed(refused, phase, pzemShown(pzem, "phase") || "1");
  const errors = [address, role, phase].map((name) => errorLine(name, refused)).join("");
  const label = (name: string, words: string): string =>
    `<label for="${name}">${escapeHtml(filled(words, String(row)))}</label>`;
  const roles = select(role, choicesOf(texts, { choices: "roles" }), of, refused);
  const phases = select(phase, choicesOf(texts, { choices: "pzemPhases" }), on, refused);
  return `<div class="row"><div>${label(address, texts.pzems.address)}<input id="${address}" name="${address}" value="${escapeHtml(number)}" inputmode="numeric"${marks(address, refused, "")}></div><div>${label(role, texts.pzems.role)}${roles}</div><div>${label(phase, texts.pzems.phase)}${phases}</div></div>${errors}`;
}
