// JSON that somebody pasted, read without trust: names that are not known are refused before they become keys, which XS
// keeps for ever, and what is broken is told by its line.

export type KnownJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly why: "broken" | "unknown" /** From 1. */; readonly line: number };

const DEPTH = 8;
const NUMBER = /^-?(?:0|[1-9]\d{0,15})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?/;
const STRING = /^"(?:[^"\\\n\r\t]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"/;

/** What was read and where the rest begins; or where it went wrong. */
type Read =
  | { readonly ok: true; readonly value: unknown; readonly end: number }
  | { readonly ok: false; readonly why: "broken" | "unknown"; readonly at: number };

/** The value of a JSON text in whose objects only known names stand. */
export function readKnownJson(text: string, isKnown: (name: string) => boolean): KnownJson {
  const read = value(text, 0, isKnown, DEPTH);
  const end = read.ok ? spaced(text, read.end) : 0;
  if (read.ok && end === text.length) return { ok: true, value: read.value };
  const [why, at] = read.ok ? (["broken", end] as const) : [read.why, read.at];
  return { ok: false, why, line: text.slice(0, at).split("\n").length };
}

const spaced = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && " \t\r\n".includes(text.charAt(at))) at++;
  return at;
};

const broken = (at: number): Read => ({ ok: false, why: "broken", at });

function value(text: string, from: number, isKnown: (name: string) => boolean, depth: number): Read {
  const at = spaced(text, from);
  if (depth === 0) return broken(at);
  switch (text.charAt(at)) {
    case "{":
      return record(text, at, isKnown, depth);
    case "[":
      return list(text, at, isKnown, depth);
    case '"':
      return plain(text, at, STRING);
    default:
      return word(text, at) ?? plain(text, at, NUMBER);
  }
}

const WORDS = Object.freeze(["true", "false", "null"]);

function word(text: string, at: number): Read | null {
  const found = WORDS.find((one) => text.startsWith(one, at));
  return found === undefined ? null : { ok: true, value: JSON.parse(found), end: at + found.length };
}

/** A string or a number, whose letters the platform reads once they are seen to be whole. */
function plain(text: string, at: number, pattern: RegExp): Read {
  const found = pattern.exec(text.slice(at, at + SHORT)) ?? pattern.exec(text.slice(at, at + LONGEST));
  return found === null ? broken(at) : { ok: true, value: JSON.parse(found[0]), end: at + found[0].length };
}

/** Most are short; each look takes a copy of so many letters. */
const SHORT = 64;
/** No setting is longer, and a sealed text neither. */
const LONGEST = 3_000;

function list(text: string, start: number, isKnown: (name: string) => boolean, depth: number): Read {
  const values: unknown[] = [];
  let at = spaced(text, start + 1);
  if (text.charAt(at) === "]") return { ok: true, value: values, end: at + 1 };
  for (;;) {
    const read = value(text, at, isKnown, depth - 1);
    if (!read.ok) return read;
    values.push(read.value);
    at = spaced(text, read.end);
    if (text.charAt(at) === "]") return { ok: true, value: values, end: at + 1 };
    if (text.charAt(at) !== ",") return broken(at);
    at++;
  }
}

function record(text: string, start: number, isKnown: (name: string) => boolean, depth: number): Read {
  const pairs: (readonly [string, unknown])[] = [];
  let at = spaced(text, start + 1);
  if (text.charAt(at) === "}") return { ok: true, value: {}, end: at + 1 };
  for (;;) {
    at = spaced(text, at);
    const name = text.charAt(at) === '"' ? plain(text, at, STRING) : broken(at);
    if (!name.ok) return name;
    if (typeof name.value !== "string" || !isKnown(name.value)) return { ok: false, why: "unknown", at };
    const colon = spaced(text, name.end);
    if (text.charAt(colon) !== ":") return broken(colon);
    const read = value(text, colon + 1, isKnown, depth - 1);
    if (!read.ok) return read;
    pairs.push([name.value, read.value]);
    at = spaced(text, read.end);
    if (text.charAt(at) === "}") return { ok: true, value: Object.fromEntries(pairs), end: at + 1 };
    if (text.charAt(at) !== ",") return broken(at);
    at++;
  }
}
