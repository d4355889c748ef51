// The device itself: software, address, restart, factory reset, log out, and the log of what happened.

import { minus } from "../units.js";
import { escapeHtml } from "./form.js";
import { button, formOf } from "./form-page.js";
import { DIAGNOSTICS } from "./layout.js";
import { GO_FIELD } from "./patch.js";
import { duration, localTime, rows } from "./status-page.js";
import { filled } from "./texts/texts.js";
import type { View } from "./view.js";

export function deviceBody(view: View): string {
  const { texts, model } = view;
  const { device, login, facts } = texts;
  const table = rows([
    [facts.software, `IEVCC ${model.version}`],
    [facts.address, [model.host, model.address ?? ""].join(" ").trim()],
    [facts.time, localTime(model) ?? texts.words.unknown],
    [facts.restarted, model.restarted],
  ]);
  const diagnostics = `<a class="button second" href="${DIAGNOSTICS.path}">${escapeHtml(texts.titles.diagnostics)}</a>`;
  const restart = formOf(
    view,
    "/device",
    `<p class="hint">${escapeHtml(device.restartHint)}</p>${button(device.restart, ` name="${GO_FIELD}" value="restart"`)}`,
  );
  const leave = formOf(view, "/logout", button(login.out, ' class="second"'));
  return `${table}${diagnostics}${restart}${leave}<p class="hint">${escapeHtml(device.resetHint)}</p><a class="button second" href="/reset">${escapeHtml(device.reset)}</a>`;
}

/** Asks whether everything should be forgotten. */
export function resetBody(view: View): string {
  const { device } = view.texts;
  const yes = button(device.resetNow, ` class="bad" name="${GO_FIELD}" value="reset"`);
  return formOf(
    view,
    "/reset",
    `<p>${escapeHtml(device.resetAsk)} ${escapeHtml(device.resetHint)}</p>${yes}<a class="button second" href="/device">${escapeHtml(device.keep)}</a>`,
  );
}

/** What is said when the device is about to go away. */
export const farewell = (words: string): string => `<p class="card" role="status">${escapeHtml(words)}</p>`;

export function logBody({ texts, model }: View): string {
  const { log } = texts;
  if (model.log.length === 0) return `<p>${escapeHtml(log.empty)}</p>`;
  const items = [...model.log].reverse().map(({ at, text }) => {
    const ago = filled(texts.words.ago, duration(texts, minus(model.now, at)));
    return `<li><b>${localTime(model, at) ?? escapeHtml(ago)}</b> ${escapeHtml(text)}</li>`;
  });
  return `<p class="hint">${escapeHtml(log.note)}</p><ol class="log">${items.join("")}</ol>`;
}
