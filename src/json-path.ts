// Numbers out of a value that JSON told, by the paths that lead to them: "ENERGY.Power[0]", "em1:0.act_power".

import { isList, isRecord } from "./settings-checks.js";

/** Names and places in lists, from the outside in. Empty: the value itself. */
export type Path = readonly (string | number)[];

/** readKnownJson goes so deep: its eighth level is the value. */
const DEPTH = 7;
const PATH = /^(?:[^.[\]]+|\[\d{1,3}\])(?:\[\d{1,3}\]|\.[^.[\]]+)*$/;
const BEFORE_PART = /[.[]/;
const NUMBER = /^-?\d{1,9}(?:\.\d+)?$/;

/** null for what is no path, or goes deeper than 7. A name has no point and no bracket. */
export function parsePath(text: string): Path | null {
  if (text === "") return [];
  const parts = PATH.test(text) ? text.split(BEFORE_PART).filter((part) => part !== "") : [];
  if (parts.length === 0 || parts.length > DEPTH) return null;
  return parts.map((part) => (part.endsWith("]") ? Number.parseInt(part, 10) : part));
}

/** The number to which the path leads, null where there is none. One in quotes counts. */
export function numberAt(value: unknown, path: Path): number | null {
  let here = value;
  for (let depth = 0; depth < path.length; depth++) {
    const part = path[depth] ?? "";
    if (typeof part === "number") here = isList(here) ? here[part] : undefined;
    else here = isRecord(here) && Object.hasOwn(here, part) ? here[part] : undefined;
  }
  if (typeof here === "string" && NUMBER.test(here)) here = Number(here);
  return typeof here === "number" && Number.isFinite(here) ? here : null;
}
