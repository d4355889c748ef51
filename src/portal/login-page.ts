// The one page for those who are not let in: it asks for the password and leads on to where they wanted to go.

import type { LoginRefusal } from "./acts.js";
import { escapeHtml } from "./form.js";
import { button } from "./form-page.js";
import { duration } from "./status-page.js";
import { filled, type Texts } from "./texts/texts.js";
import type { View } from "./view.js";

export const TYPED_FIELD = "password";
export const TO_FIELD = "to";

/** A path of this device as it came from outside; anything else leads to the first page. */
export const pathWithin = (typed: string): string =>
  /^\/[a-z0-9./]{1,40}$/.test(typed) && !typed.startsWith("//") ? typed : "/";

export function loginBody({ texts }: View, to: string, refused: LoginRefusal | null): string {
  const { login } = texts;
  const why = refused === null ? "" : refusalWords(texts, refused);
  const tied = why === "" ? "" : ' aria-invalid="true" aria-describedby="password-error"';
  const error = why === "" ? "" : `<p class="error" id="password-error" role="alert">${escapeHtml(why)}</p>`;
  return `<p>${escapeHtml(login.intro)}</p><form method="post" action="/login"><input type="hidden" name="${TO_FIELD}" value="${escapeHtml(to)}"><label for="password">${escapeHtml(login.password)}</label><input id="password" name="${TYPED_FIELD}" type="password" autocomplete="current-password"${tied}>${error}${button(login.button)}</form>`;
}

function refusalWords(texts: Texts, { why, wait }: LoginRefusal): string {
  const { login } = texts;
  const patience = wait > 0 ? filled(login.wait, duration(texts, wait)) : "";
  return why === "wait" ? patience : `${login.wrong} ${patience}`.trim();
}
