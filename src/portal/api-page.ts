// The page of the interface for programs: whether it is on, its token for those who ask for it by a form, and its end.

import { type Answer, html, plain, redirect, SAVED } from "./answers.js";
import { escapeHtml } from "./form.js";
import { button, formOf, savedNotice } from "./form-page.js";
import { API, layout } from "./layout.js";
import { GO_FIELD } from "./patch.js";
import type { View } from "./view.js";

const MAKE = "newToken";
const SHOW = "token";
const STOP = "off";

/** `token`: somebody asked to see it in this very request. */
export function apiBody(view: View, saved: boolean, token: boolean): string {
  const { texts, model } = view;
  const { api } = texts;
  const { apiToken } = model.settings;
  const intro = `${savedNotice(texts, saved)}<p>${escapeHtml(api.intro)}</p>`;
  if (apiToken === "") return `${intro}<p>${escapeHtml(api.off)}</p>${pressed(view, MAKE, api.make)}`;
  const shown = token
    ? `<div class="card" role="status"><p class="secret">${apiToken}</p><p>${escapeHtml(api.shown)}</p></div>`
    : pressed(view, SHOW, api.show);
  const anew = pressed(view, MAKE, api.anew, SECOND, `<p class="hint">${escapeHtml(api.anewHint)}</p>`);
  return `${intro}<p>${escapeHtml(api.on)}</p>${shown}${anew}${pressed(view, STOP, api.stop, SECOND)}`;
}

const SECOND = ' class="second"';
const pressed = (view: View, go: string, words: string, more = "", hint = ""): string =>
  formOf(view, API.path, `${hint}${button(words, `${more} name="${GO_FIELD}" value="${go}"`)}`);

export function apiPosted(view: View, go: string): Answer {
  const back = redirect(`${API.path}?${SAVED}`);
  switch (go) {
    case MAKE:
      return { ...back, acts: [{ kind: "newApiToken" }] };
    case STOP:
      return { ...back, change: { apiToken: "" } };
    case SHOW:
      return html(200, layout(view, { page: API }, apiBody(view, false, true)));
    default:
      return plain(404, view.texts.refusals.noPage);
  }
}
