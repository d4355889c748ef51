// The certificates for MQTT over TLS: pasted as text, as they come in files. What is stored is never shown again.

import { joined } from "../bytes.js";
import { certificatesIn, rsaKeyIn } from "../pem.js";
import type { SettingsError } from "../settings.js";
import { TRUST_LIMIT, type TrustKind } from "../trust.js";
import { type Answer, redirect, SAVED } from "./answers.js";
import { escapeHtml, type Fields, fieldOf } from "./form.js";
import { button, errorLine, formOf, marks, type Refused } from "./form-page.js";
import { CERTIFICATES } from "./layout.js";
import { GO_FIELD } from "./patch.js";
import { pageShown } from "./shown.js";
import { filled, translated } from "./texts/texts.js";
import type { View } from "./view.js";

const CA_FIELD = "ca";
const OWN_FIELD = "certificate";
const KEY_FIELD = "key";
/** Which button takes away what is stored. */
const REMOVE: Readonly<Record<TrustKind, string>> = Object.freeze({ mqttCa: "removeCa", mqttOwn: "removeOwn" });

export function certificatesBody(view: View, refused: Refused | null, saved: boolean): string {
  const { certificates, words } = view.texts;
  const notice = saved ? `<p class="card" role="status">${escapeHtml(words.saved)}</p>` : "";
  const alert = refused === null ? "" : `<p class="card warn error" role="alert">${escapeHtml(words.nothingSaved)}</p>`;
  const ca = area(view, CA_FIELD, refused);
  const own = area(view, OWN_FIELD, refused) + area(view, KEY_FIELD, refused);
  return `${notice}${alert}<p>${escapeHtml(certificates.intro)}</p>${part(view, "mqttCa", ca)}${part(view, "mqttOwn", own)}`;
}

function part(view: View, kind: TrustKind, inputs: string): string {
  const { certificates } = view.texts;
  const { heading, none } = certificates.parts[kind];
  const kept = view.model.settings[kind];
  const stands = kept === "" ? none : filled(certificates.stored, kept.slice(2));
  const remove = button(
    certificates.remove,
    ` class="second" name="${GO_FIELD}" value="${REMOVE[kind]}" formnovalidate`,
  );
  const buttons = `${button(certificates.store, ` name="${GO_FIELD}" value="${kind}"`)}${kept === "" ? "" : remove}`;
  return `<h2>${escapeHtml(heading)}</h2><p>${escapeHtml(stands)}</p>${formOf(view, CERTIFICATES.path, `${inputs}${buttons}`)}`;
}

function area({ texts }: View, name: keyof View["texts"]["certificates"]["fields"], refused: Refused | null): string {
  const { label, hint } = texts.certificates.fields[name];
  return `<label for="${name}">${escapeHtml(label)}</label><textarea id="${name}" name="${name}" class="code" rows="6" spellcheck="false" autocomplete="off"${marks(name, refused, hint)}></textarea><p class="hint" id="${name}-hint">${escapeHtml(hint)}</p>${errorLine(name, refused)}`;
}

/** What is typed is not shown again either, not even when it is refused: a key may be in it. */
export function certificatesPosted(view: View, fields: Fields, go: string): Answer {
  const { model, texts } = view;
  const kind = go === "mqttCa" || go === REMOVE.mqttCa ? "mqttCa" : "mqttOwn";
  const field = kind === "mqttCa" ? CA_FIELD : OWN_FIELD;
  const read = go === REMOVE[kind] ? { ok: true as const, parts: [] } : partsOf(kind, fields);
  const late: SettingsError = { field, why: texts.certificates.charging };
  // Before the EVSE machine has spoken nobody knows where the contactor is.
  const busy = model.device === "charger" && (model.charger.contactorClosed || model.charger.heldFor === null);
  if (read.ok && !busy) {
    return {
      ...redirect(`${CERTIFICATES.path}?${SAVED}`),
      acts: [{ kind: "certificates", of: kind, parts: read.parts }],
    };
  }
  const errors = read.ok ? [late] : [{ ...read.error, why: translated(texts, read.error.why) }];
  return pageShown(422, view, CERTIFICATES, { fields: [], errors }, false);
}

type Parts =
  | { readonly ok: true; readonly parts: readonly Uint8Array[] }
  | { readonly ok: false; readonly error: SettingsError };

function partsOf(kind: TrustKind, fields: Fields): Parts {
  const [first, second] = kind === "mqttCa" ? [CA_FIELD, null] : [OWN_FIELD, KEY_FIELD];
  const certificates = certificatesIn(fieldOf(fields, first) ?? "");
  if (!certificates.ok) return { ok: false, error: { field: first, why: certificates.why } };
  const key = second === null ? null : rsaKeyIn(fieldOf(fields, second) ?? "");
  if (key !== null && !key.ok) return { ok: false, error: { field: KEY_FIELD, why: key.why } };
  const parts = key === null ? [certificates.value] : [certificates.value, key.value];
  const length = joined(...parts).length;
  if (length <= TRUST_LIMIT) return { ok: true, parts };
  return { ok: false, error: { field: first, why: `is ${length} bytes long, more than ${TRUST_LIMIT}` } };
}
