// The pages that only a charger has: people, sessions, tariff, schedule. Which one stands at which path and query.

import { frozen } from "../frozen.js";
import { monthText, type Report } from "../statement.js";
import { type Answer, html, plain, SAVED } from "./answers.js";
import { type Fields, fieldOf, parseForm } from "./form.js";
import type { Refused } from "./form-page.js";
import type { Request } from "./http.js";
import { layout, type Page, PEOPLE, SCHEDULE, SESSIONS, TARIFF } from "./layout.js";
import type { ChargerModel } from "./model.js";
import { CARD_FIELD, ID_FIELD, peopleBody } from "./people-page.js";
import { enrolBody, isWaiting, personAsked, personBody, removeBody } from "./person-page.js";
import { scheduleBody, scheduleRowBody } from "./schedule-page.js";
import { reportOf, sessionsBody } from "./sessions-page.js";
import { statementHead } from "./statement-page.js";
import { tariffBody } from "./tariff-page.js";
import type { View } from "./view.js";

/** What a page is shown with beside the facts. */
export interface Shown {
  readonly query: Fields;
  readonly refused: Refused | null;
  readonly saved: boolean;
}

export type ChargerPage = "people" | "sessions" | "tariff" | "schedule";

export function chargerBody(view: View<ChargerModel>, title: ChargerPage, shown: Shown): string {
  switch (title) {
    case "people":
      return peopleBody(view, shown);
    case "sessions":
      return sessionsBody(view);
    case "tariff":
      return tariffBody(view, shown);
    case "schedule":
      return scheduleBody(view, shown);
  }
}

const REPORTS: Readonly<Record<string, Report["format"]>> = frozen({
  "/sessions/list": "page",
  "/sessions/print": "print",
  "/sessions.csv": "csv",
  "/sessions.json": "json",
});

export const isChargerPath = (path: string): boolean =>
  Object.hasOwn(REPORTS, path) || OWN.some((one) => one.path === path);
const OWN: readonly Page[] = frozen([PEOPLE, SESSIONS, TARIFF, SCHEDULE]);

/** Of a path that is one of these. */
export function chargerShown({ path, query }: Request, view: View<ChargerModel>): Answer {
  const format = REPORTS[path];
  const fields = queryOf(query);
  if (format !== undefined) return reportShown(view, reportOf(format, fields));
  if (path === PEOPLE.path) return peopleShown(view, fields, query);
  if (path === SCHEDULE.path) return scheduleShown(view, fields, query);
  if (path === TARIFF.path) return whole(view, TARIFF, "tariff", fields, query);
  return whole(view, SESSIONS, "sessions", fields, query);
}

/** What cannot be read asks for nothing. */
function queryOf(query: string): Fields {
  const parsed = parseForm(query);
  return parsed.ok ? parsed.fields : [];
}

/** One step after the other: what waits for an inner call takes places of the stack. */
function whole(view: View<ChargerModel>, page: Page, title: ChargerPage, query: Fields, raw: string): Answer {
  const body = chargerBody(view, title, { query, refused: null, saved: raw === SAVED });
  return html(200, layout(view, { page }, body));
}

/** Seconds, as the header Refresh has them. */
const SOON = "2";

function peopleShown(view: View<ChargerModel>, query: Fields, raw: string): Answer {
  const { model, texts } = view;
  const [id, enrol, remove] = [ID_FIELD, "enrol", "remove"].map((name) => fieldOf(query, name));
  if (id === "0") return personShown(view, texts.people.fresh, personBody(view, null, cardIn(query), null));
  const asked = id ?? enrol ?? remove ?? null;
  if (asked === null) return whole(view, PEOPLE, "people", query, raw);
  const person = personAsked(model, asked);
  if (person === null) return personShown(view, texts.titles.people, missing(view), 404);
  if (enrol !== null && enrol !== undefined) {
    const answer = personShown(view, person.name, enrolBody(view, person));
    const { response } = answer;
    return isWaiting(model, person) ? { ...answer, response: { ...response, headers: [["Refresh", SOON]] } } : answer;
  }
  const body = id === null || id === undefined ? removeBody(view, person) : personBody(view, person, "", null);
  return personShown(view, person.name, body);
}

const missing = (view: View<ChargerModel>): string => {
  const refused = { fields: [], errors: [{ field: "", why: view.texts.people.gone }] };
  return peopleBody(view, { query: [], refused, saved: false });
};

const personShown = (view: View<ChargerModel>, heading: string, body: string, status = 200): Answer =>
  html(status, layout(view, { page: PEOPLE, heading }, body));

/** A card that was held to the reader, for somebody new. */
function cardIn(query: Fields): string {
  const card = fieldOf(query, CARD_FIELD) ?? "";
  return /^[0-9A-F]{8,20}$/.test(card) ? card : "";
}

function scheduleShown(view: View<ChargerModel>, query: Fields, raw: string): Answer {
  const row = scheduleRowBody(view, query, null);
  if (row === null) return whole(view, SCHEDULE, "schedule", query, raw);
  return html(200, layout(view, { page: SCHEDULE, heading: row.heading }, row.body));
}

/** The head of a statement; the charger itself writes the rest, and closes. */
function reportShown(view: View<ChargerModel>, report: Report | null): Answer {
  const { refusals } = view.texts;
  if (report === null) return plain(400, refusals.noReport);
  if (view.model.charger.writing) return busy(plain(503, refusals.writing));
  const begun = html(
    200,
    report.format === "page" || report.format === "print" ? statementHead(view, report) : bom(report),
  );
  const response = { ...begun.response, ...typeOf(view.model, report), more: true } as const;
  return { ...begun, response, acts: [{ kind: "report", connection: 0, report }] };
}

const busy = (answer: Answer): Answer => ({
  ...answer,
  response: {
    ...answer.response,
    headers: [
      ["Retry-After", SOON],
      ["Refresh", SOON],
    ],
  },
});

/** By this mark spreadsheets know the letters of a file; those that want decimal commas would guess others. */
const bom = ({ format, decimal }: Report): string => (format === "csv" && decimal === "," ? "\ufeff" : "");

function typeOf({ settings }: ChargerModel, { format, month, person }: Report) {
  const name = `${settings.id}-${month === null ? "all" : monthText(month)}${person === null ? "" : `-${person}`}`;
  switch (format) {
    case "page":
    case "print":
      return {};
    case "csv":
      return { type: "text/csv; charset=utf-8", headers: attachment(`${name}.csv`) };
    case "json":
      return { type: "application/json", headers: attachment(`${name}.json`) };
  }
}

const attachment = (name: string) => [["Content-Disposition", `attachment; filename="${name}"`]] as const;
