// A statement that is being written to whoever asked for it: sector by sector of the flash, a piece of the answer each.

import type { Controller, ControllerEffect } from "./controller-state.js";
import { personOf } from "./people.js";
import { statementFoot, statementRow } from "./portal/statement-page.js";
import { ringOrder, sessionsIn } from "./session-log.js";
import type { ClosedSession } from "./session-record.js";
import {
  type Around,
  csvFoot,
  csvHead,
  csvRow,
  isWanted,
  jsonFoot,
  jsonHead,
  NO_SUMS,
  type Report,
  type Sums,
  sessionJson,
  withSession,
} from "./statement.js";
import { encodeText } from "./text.js";
import { type Millis, millis, minus } from "./units.js";

export interface Writing {
  readonly connection: number;
  readonly report: Report;
  /** Still to be read, the first is asked for. */
  readonly sectors: readonly number[];
  readonly sums: Sums;
  /** Of the last piece. */
  readonly at: Millis;
}

/** The flash does not answer: whoever waits is let go. */
const LIMIT: Millis = millis(5_000);

/** One at a time; whoever asks meanwhile was told to come again. */
export function beginStatement(
  state: Controller,
  connection: number,
  report: Report,
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  if (state.statement !== null) {
    effects.push({ kind: "pageClose", connection });
    return state;
  }
  const writing: Writing = { connection, report, sectors: ringOrder(state.sessions.log), sums: NO_SUMS, at: now };
  send(writing, headOf(state, report), effects);
  return asksOn({ ...state, statement: writing }, writing, effects);
}

/** A sector has come, perhaps for the statement. */
export function statementSector(
  state: Controller,
  sector: number,
  bytes: Uint8Array,
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  const { statement } = state;
  if (statement === null || statement.sectors[0] !== sector) return state;
  let { sums } = statement;
  let piece = "";
  for (const session of sessionsIn(bytes)) {
    if (!isWanted(session, statement.report, state.device.settings)) continue;
    piece += rowOf(state, session, statement.report, sums);
    sums = withSession(sums, session);
  }
  const next: Writing = { ...statement, sectors: statement.sectors.slice(1), sums, at: now };
  send(next, piece, effects);
  return asksOn({ ...state, statement: next }, next, effects);
}

export function dropLateStatement(state: Controller, effects: ControllerEffect[], now: Millis): Controller {
  const { statement } = state;
  if (statement === null || minus(now, statement.at) < LIMIT) return state;
  effects.push({ kind: "pageClose", connection: statement.connection });
  return { ...state, statement: null };
}

function send({ connection }: Writing, text: string, effects: ControllerEffect[]): void {
  if (text !== "") effects.push({ kind: "pageSend", connection, bytes: encodeText(text) });
}

function asksOn(state: Controller, writing: Writing, effects: ControllerEffect[]): Controller {
  const [sector] = writing.sectors;
  if (sector !== undefined) {
    effects.push({ kind: "read", sector });
    return state;
  }
  send(writing, footOf(state, writing), effects);
  effects.push({ kind: "pageClose", connection: writing.connection });
  return { ...state, statement: null };
}

const aroundOf = ({ device, ledger }: Controller, session: ClosedSession): Around => ({
  charger: device.settings.id,
  name: personOf(ledger.book, session.person)?.name ?? null,
  settings: device.settings,
});

function headOf({ device }: Controller, report: Report): string {
  switch (report.format) {
    case "csv":
      return csvHead(report, device.settings);
    case "json":
      return jsonHead(report, device.settings);
    case "page":
    case "print":
      return "";
  }
}

function rowOf(state: Controller, session: ClosedSession, report: Report, before: Sums): string {
  const around = aroundOf(state, session);
  switch (report.format) {
    case "csv":
      return csvRow(session, report, around);
    case "json":
      return `${before.sessions > 0 ? "," : ""}${sessionJson(session, around)}`;
    case "page":
    case "print":
      return statementRow(session, around, report);
  }
}

function footOf({ device }: Controller, { report, sums }: Writing): string {
  switch (report.format) {
    case "csv":
      return csvFoot(sums, report, device.settings);
    case "json":
      return jsonFoot(sums);
    case "page":
    case "print":
      return statementFoot(sums, device.settings, report);
  }
}
