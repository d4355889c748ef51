// The last lines of a device's log, for its page. What is for the console alone does not come here.

import { frozen } from "./frozen.js";
import type { LogLine } from "./portal/model.js";
import type { Millis } from "./units.js";

export const LOG_LINES = 40;
const LINE_LIMIT = 160;

export const NO_LOG: readonly LogLine[] = frozen([]);

/** The log with the lines of these effects, newest last; at most 40 of at most 160 characters. */
export function logged(
  log: readonly LogLine[],
  effects: readonly { readonly kind: string; readonly text?: string }[],
  now: Millis,
): readonly LogLine[] {
  let next = log;
  for (const { kind, text } of effects) {
    if (kind !== "log" || text === undefined) continue;
    next = [...next.slice(1 - LOG_LINES), { at: now, text: text.slice(0, LINE_LIMIT) }];
  }
  return next;
}
