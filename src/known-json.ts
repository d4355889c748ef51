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

/** Whether a name may stand there; null: it may, and its value is left out. */
type IsKnown = (name: string) => boolean | null;

/** The value of a JSON text in whose objects only known names stand. What is left out stands under the empty name. */
export function readKnownJson(text: string, isKnown: IsKnown): KnownJson {
  const read = readValue(text, isKnown);
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

/** A record or a list that has begun and not ended. */
interface Open {
  /** null: a list. */
  readonly names: string[] | null;
  readonly values: unknown[];
}

const closes = ({ names }: Open): string => (names === null ? "]" : "}");

const made = ({ names, values }: Open): unknown =>
  names === null ? values : Object.fromEntries(names.map((name, at) => [name, values[at]]));

/** What is open stands in a list of its own: the engine's stack has no room for a call a level. */
function readValue(text: string, isKnown: IsKnown): Read {
  const open: Open[] = [];
  let at = 0;
  for (;;) {
    at = spaced(text, at);
    if (open.length >= DEPTH) return broken(at);
    const sign = text.charAt(at);
    let value: unknown;
    if (sign === "{" || sign === "[") {
      const begun: Open = { names: sign === "{" ? [] : null, values: [] };
      at = spaced(text, at + 1);
      if (text.charAt(at) !== closes(begun)) {
        open.push(begun);
        const name = named(text, at, begun, isKnown);
        if (!name.ok) return name;
        at = name.end;
        continue;
      }
      value = made(begun);
      at++;
    } else {
      const read = sign === '"' ? plain(text, at, STRING) : (word(text, at) ?? plain(text, at, NUMBER));
      if (!read.ok) return read;
      ({ value, end: at } = read);
    }
    // What the value ends goes to what is around it.
    for (let around = open.at(-1); ; around = open.at(-1)) {
      if (around === undefined) return { ok: true, value, end: at };
      around.values.push(value);
      at = spaced(text, at);
      if (text.charAt(at) !== closes(around)) break;
      value = made(around);
      open.pop();
      at++;
    }
    if (text.charAt(at) !== ",") return broken(at);
    const last = open.at(-1);
    const name = last === undefined ? broken(at) : named(text, at + 1, last, isKnown);
    if (!name.ok) return name;
    at = name.end;
  }
}

/** The name of a record's next value, up to behind its colon; in a list there is none. */
function named(text: string, from: number, { names }: Open, isKnown: IsKnown): Read {
  if (names === null) return { ok: true, value: null, end: from };
  const at = spaced(text, from);
  const name = text.charAt(at) === '"' ? plain(text, at, STRING) : broken(at);
  if (!name.ok) return name;
  const known = typeof name.value === "string" ? isKnown(name.value) : false;
  if (known === false) return { ok: false, why: "unknown", at };
  const colon = spaced(text, name.end);
  if (text.charAt(colon) !== ":") return broken(colon);
  names.push(known === null ? "" : String(name.value));
  return { ok: true, value: null, end: colon + 1 };
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
