// The site of a device: its chargers and rules, and the pairing code, which is shown only to those who ask for it.

import { pairingCode } from "../pairing.js";
import type { Form } from "./fields.js";
import { escapeHtml } from "./form.js";
import { button, formBody, formOf, type Refused } from "./form-page.js";
import { GO_FIELD } from "./patch.js";
import { rows } from "./status-page.js";
import type { View } from "./view.js";

/** `code`: somebody asked for it in this very request. */
export function siteBody(view: View, form: Form, refused: Refused | null, saved: boolean, code: boolean): string {
  const { texts, model } = view;
  const refusedMessages = rows([[texts.facts.refused, String(model.refusedMessages)]]);
  return `${formBody(view, form, refused, saved)}<h2>${escapeHtml(texts.pairing.heading)}</h2>${pairing(view, code)}${refusedMessages}`;
}

function pairing(view: View, code: boolean): string {
  const { texts, model } = view;
  const { siteKey } = model.settings;
  const words = texts.pairing;
  const make = formOf(
    view,
    "/site",
    `<p class="hint">${escapeHtml(words.makeHint)}</p>${button(words.make, ` class="second" name="${GO_FIELD}" value="newKey"`)}`,
  );
  if (siteKey === "") return `<p>${escapeHtml(words.none)}</p>${make}`;
  const letters = pairingCode(siteKey);
  if (letters === null) return `<p>${escapeHtml(words.tooLong)}</p>${make}`;
  const show = code
    ? `<div class="card" role="status"><p class="secret">${letters}</p><p>${escapeHtml(words.shown)}</p></div>`
    : formOf(
        view,
        "/site",
        `<p>${escapeHtml(words.paired)}</p>${button(words.show, ` name="${GO_FIELD}" value="code"`)}`,
      );
  return show + make;
}
