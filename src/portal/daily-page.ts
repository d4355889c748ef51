// The page of every day: what the charger does in one sentence, why, and what a hand can change right there.

import { higher, type Milliamps, milliamps, toAmps } from "../units.js";
import { cardLine } from "./card-line.js";
import { DAILY_FORM } from "./fields.js";
import { escapeHtml } from "./form.js";
import { button, errorLine, formOf, marks, type Refused, refusal, typed } from "./form-page.js";
import { SESSIONS } from "./layout.js";
import type { ChargerModel } from "./model.js";
import { plot } from "./plot.js";
import { chargesFrom, heldCard } from "./schedule-page.js";
import { sessionRows } from "./sessions-page.js";
import { chargerFacts, reasonName, reasonOf, rows, warnings } from "./status-page.js";
import { filled } from "./texts/texts.js";
import { amperes, type View } from "./view.js";

/** The same amps as the number beside it, for a thumb; a browser without a script sends both. */
export const SLIDE_FIELD = "slide";
const NOTHING: Milliamps = milliamps(0);

export function dailyBody(view: View<ChargerModel>, refused: Refused | null, saved: boolean): string {
  const notice = saved && refused === null ? `<p class="card" role="status">${view.texts.words.saved}</p>` : "";
  const { texts } = view;
  return `${notice}${refusal(texts, DAILY_FORM, refused)}${liveParts(view)}${control(view, refused)}<h2>${escapeHtml(texts.daily.plot)}</h2>${plotPart(view)}<details><summary>${escapeHtml(texts.daily.facts)}</summary>${factsPart(view)}</details><noscript><p><a href="/">${escapeHtml(texts.daily.refresh)}</a></p></noscript>`;
}

/** What a script asks for again and again; `all`: the plot too. */
export const liveFragment = (view: View<ChargerModel>, all: boolean): string =>
  liveParts(view) + factsPart(view) + (all ? plotPart(view) : "");

const liveParts = (view: View<ChargerModel>): string =>
  `<div id="warnings" data-live>${warnings(view)}</div><div id="card" data-live>${cardLine(view)}</div><div id="state" class="card" aria-live="polite" data-live>${sentence(view)}</div><div id="timer" data-live>${heldCard(view)}</div><div id="session" data-live>${session(view)}</div>`;

const plotPart = (view: View<ChargerModel>): string =>
  `<div id="plot" class="card" data-live>${plot(view, view.model.history, view.model.now)}</div>`;

const factsPart = (view: View<ChargerModel>): string => `<div id="facts" data-live>${chargerFacts(view)}</div>`;

function sentence(view: View<ChargerModel>): string {
  const { texts, model } = view;
  const { charger } = model;
  const change = charger.evse && charger.state !== "finishing" ? texts.changes[reasonName(model)] : "";
  const more = charger.state === "available" ? "" : ` ${change}`;
  return `<p class="big">${escapeHtml(stateSentence(view))}</p><p>${escapeHtml(`${reasonOf(texts, model)}${more}`)}</p>`;
}

/** "Charging 16 A of 32: the house takes 9 A". Plain text. */
export function stateSentence(view: View<ChargerModel>): string {
  const { texts, model } = view;
  const { charger, settings } = model;
  if (!charger.evse) return texts.states.silent;
  const state = filled(texts.states[charger.state], amperes(view, toAmps(charger.offer)), amperes(view, settings.maxA));
  const clause = clauseOf(view);
  return clause === null ? state : `${state}: ${clause}`;
}

/** Why, in a few words; null where the state says it all. */
function clauseOf(view: View<ChargerModel>): string | null {
  const { texts, model } = view;
  const { because, state, fault } = model.charger;
  if (state === "faulted" && fault !== null) return lowered(texts.faults[fault]);
  if (state === "available" || state === "finishing" || state === "suspendedEV" || state === "stopping") return null;
  if (because === "none") return state === "preparing" ? texts.clauses.none : null;
  const from = because === "schedule" ? chargesFrom(view) : null;
  if (from !== null) return filled(texts.clauses.from, from);
  const house = model.house?.reduce((most, one) => higher(most, one), NOTHING);
  const isOfHouse = because === "site" || because === "share";
  return isOfHouse && house !== undefined && house > NOTHING
    ? filled(texts.clauses.houseTakes, amperes(view, house / 1_000))
    : texts.clauses[reasonName(model)];
}

const lowered = (words: string): string => words.charAt(0).toLowerCase() + words.slice(1);

function session(view: View<ChargerModel>): string {
  const { daily } = view.texts;
  if (view.model.charger.session === null) return "";
  return `<h2>${escapeHtml(daily.session)}</h2>${rows(sessionRows(view))}<p><a href="${SESSIONS.path}">${escapeHtml(daily.more)}</a></p>`;
}

function control(view: View<ChargerModel>, refused: Refused | null): string {
  const { texts, model } = view;
  const { daily, choices } = texts;
  const { settings } = model;
  const mode = typed(refused, "mode", settings.mode);
  const amps = typed(refused, "manualA", String(settings.manualA));
  const modes = Object.entries(choices.mode).map(
    ([value, words]) =>
      `<label><input type="radio" name="mode" value="${value}"${value === mode ? " checked" : ""}> ${escapeHtml(words)}</label>`,
  );
  return `<h2>${escapeHtml(daily.control)}</h2>${formOf(
    view,
    "/",
    `<fieldset class="modes"><legend>${escapeHtml(daily.mode)}</legend><div>${modes.join("")}</div></fieldset>
<label for="manualA">${escapeHtml(daily.amps)}</label><input id="manualA" name="manualA" value="${escapeHtml(amps)}" inputmode="decimal" autocomplete="off"${marks("manualA", refused, "")}>${errorLine("manualA", refused)}
<label for="slide">${escapeHtml(daily.slide)}</label><input id="slide" name="${SLIDE_FIELD}" type="range" min="6" max="${Math.max(6, Math.floor(settings.maxA))}" value="${Math.round(settings.manualA)}">${button(daily.set)}`,
  )}`;
}
