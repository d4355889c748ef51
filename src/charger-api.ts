// What a charger answers to programs that ask by HTTP: its state, its sessions, and the result of a command. Each has the
// shape that MQTT gives it, and is made by the same hands.

import { apiJson, apiRefusal, isOfProgram, readApi } from "./api.js";
import { type Commanded, obey } from "./charger-commands.js";
import { beginStatement } from "./charger-statement.js";
import { stateJson } from "./charger-view.js";
import type { Controller, ControllerEffect } from "./controller-state.js";
import { sentTo } from "./portal/connections.js";
import type { Response } from "./portal/http.js";
import type { Report } from "./statement.js";
import type { Millis } from "./units.js";

const REFUSED = 422;

/** Answers the program that waits. */
export function answerProgram(state: Controller, effects: ControllerEffect[], now: Millis): Commanded {
  const { device } = state;
  if (!isOfProgram(device)) return { state, patch: null };
  const read = readApi(device, device.asked);
  const { connection } = device.asked;
  const next: Controller = { ...state, device: { ...device, asked: null } };
  const says = (response: Response): void => void effects.push(...sentTo(connection, response));
  if (!read.ok) {
    says(read.response);
    return { state: next, patch: null };
  }
  const { asked } = read;
  switch (asked.kind) {
    case "state":
      says(apiJson(200, stateJson({ ...next, now })));
      return { state: next, patch: null };
    case "sessions":
      return { state: sessionsSent(next, connection, asked.report, effects, now), patch: null };
    case "command": {
      const obeyed = obey(next, asked.name, asked.payload, now);
      says(apiJson(obeyed.taken ? 200 : REFUSED, obeyed.result));
      return obeyed;
    }
  }
}

/** Seconds, as the header Retry-After has them. */
const SOON = "2";

/** The flash gives one statement at a time. */
function sessionsSent(
  state: Controller,
  connection: number,
  report: Report,
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  if (state.statement !== null) {
    const busy = apiRefusal(503, "another statement is being written", null, [["Retry-After", SOON]]);
    effects.push(...sentTo(connection, busy));
    return state;
  }
  effects.push(...sentTo(connection, { ...apiJson(200, ""), more: true }));
  return beginStatement(state, connection, report, effects, now);
}
