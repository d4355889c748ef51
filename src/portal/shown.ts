// Which page stands at which path, for those who only look.

import { type Answer, html, json, plain, redirect, SAVED } from "./answers.js";
import { apiBody } from "./api-page.js";
import { backupBody, backupText, restoreBody } from "./backup-page.js";
import { certificatesBody } from "./certificates-page.js";
import { chargerBody, chargerShown, isChargerPath } from "./charger-pages.js";
import { dailyBody, liveFragment } from "./daily-page.js";
import { deviceBody, logBody, resetBody } from "./device-page.js";
import { DIAGNOSTICS_REFRESH, diagnosticsBody } from "./diagnostics-page.js";
import { feedsBody } from "./feeds-page.js";
import { formAt, type Step, stepsOf } from "./fields.js";
import { formBody, type Refused } from "./form-page.js";
import { asksAround, refreshTo, showsFound, waiting, waits } from "./found-page.js";
import type { Request } from "./http.js";
import { DIAGNOSTICS, layout, type Page, pagesOf, RESET, SETUP, STATUS, settingsBody } from "./layout.js";
import { stepPage } from "./setup-page.js";
import { siteBody } from "./site-page.js";
import { meterBody, statusFacts } from "./status-page.js";
import { isCharger, type View } from "./view.js";

const LIVE = "live=1";
const LIVE_ALL = "live=all";

export function shown(request: Request, view: View): Answer {
  const { model } = view;
  const { path, query } = request;
  if (path === STATUS.path && !model.settings.setUp) return redirect(SETUP.path);
  if (path === "/status.json") return json(JSON.stringify(statusFacts(model)));
  if (path === "/backup.json") return json(backupText(view, null) ?? "");
  if (path === STATUS.path && (query === LIVE || query === LIVE_ALL)) return live(view, query === LIVE_ALL);
  const step = stepsOf(model.device).find((one) => one.form.path === path);
  if (step !== undefined) return stepShown(200, view, step, query, null);
  if (path === DIAGNOSTICS.path) return diagnosticsShown(view);
  // Returned at once: whoever calls last leaves its place on the device's short stack.
  if (isChargerPath(path) && isCharger(view)) return chargerShown(request, view);
  const page = path === RESET.path ? RESET : pagesOf(model.device).find((one) => one.path === path);
  if (page === undefined) return plain(404, view.texts.refusals.noPage);
  if (showsFound(model, page.path)) return foundShown(view, page, query);
  return pageShown(200, view, page, null, query === SAVED);
}

function live(view: View, all: boolean): Answer {
  if (isCharger(view)) return html(200, liveFragment(view, all));
  return view.model.device === "meter" ? html(200, meterBody({ ...view, model: view.model })) : html(200, "");
}

/** A page with the form as it was typed and refused, or as it is in force. */
export function pageShown(
  status: number,
  view: View,
  page: Page,
  refused: Refused | null,
  saved: boolean,
  query = "",
): Answer {
  return html(status, layout(view, { page }, bodyOf(view, page, refused, saved, query)));
}

/** The network is asked while somebody looks, and at no other time. */
function foundShown(view: View, page: Page, query: string): Answer {
  const acts = asksAround(view.model, query) ? [{ kind: "search" } as const] : [];
  if (!waits(view.model, query)) return { ...pageShown(200, view, page, null, query === SAVED, query), acts };
  const { response, ...rest } = html(200, layout(view, { page }, waiting(view)));
  return { ...rest, acts, response: { ...response, headers: [["Refresh", refreshTo(page.path)]] } };
}

/** It shows the last look, and asks for the next: a board is measured while somebody looks, and at no other time. */
function diagnosticsShown(view: View): Answer {
  const { response, ...rest } = pageShown(200, view, DIAGNOSTICS, null, false);
  return { ...rest, acts: [{ kind: "look" }], response: { ...response, headers: [["Refresh", DIAGNOSTICS_REFRESH]] } };
}

export function stepShown(status: number, view: View, step: Step, query: string, refused: Refused | null): Answer {
  const { heading, body, refresh, scan } = stepPage(view, step, query, refused);
  const { response, ...rest } = html(status, layout(view, { page: SETUP, heading }, body));
  const around = step.name !== "wifi" && asksAround(view.model, query) ? [{ kind: "search" } as const] : [];
  const acts = scan ? [{ kind: "scan" } as const] : around;
  return {
    ...rest,
    acts,
    response: refresh === undefined ? response : { ...response, headers: [["Refresh", refresh]] },
  };
}

function bodyOf(view: View, page: Page, refused: Refused | null, saved: boolean, query: string): string {
  switch (page.title) {
    case "status":
      if (isCharger(view)) return dailyBody(view, refused, saved);
      return view.model.device === "meter" ? meterBody({ ...view, model: view.model }) : "";
    case "settings":
      return settingsBody(view);
    case "log":
      return logBody(view);
    case "backup":
      return backupBody(view, backupText(view, null) ?? "", refused);
    case "restore":
      return restoreBody(view, refused);
    case "device":
      return deviceBody(view);
    case "reset":
      return resetBody(view);
    case "certificates":
      return certificatesBody(view, refused, saved);
    case "api":
      return apiBody(view, saved, false);
    case "diagnostics":
      return diagnosticsBody(view);
    case "people":
    case "sessions":
    case "tariff":
    case "schedule":
      return isCharger(view) ? chargerBody(view, page.title, { query: [], refused, saved }) : "";
    default: {
      const form = formAt(view.model.device, page.path);
      if (form === undefined) return "";
      if (page.title === "feeds") return feedsBody(view, form, refused, saved);
      if (page.title === "site") return siteBody(view, form, refused, saved, false);
      return formBody(view, form, refused, saved, query);
    }
  }
}
