// Command lines: known options with their values, and a plain sentence for what is wrong.

export interface Options {
  readonly files: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  readonly flags: ReadonlySet<string>;
}

export type ParsedOptions =
  | { readonly ok: true; readonly options: Options }
  | { readonly ok: false; readonly why: string };

/** `known` names each option (without dashes) and whether a value follows it. */
export function parseOptions(
  args: readonly string[],
  known: Readonly<Record<string, "value" | "flag">>,
): ParsedOptions {
  const files: string[] = [];
  const values = new Map<string, string>();
  const flags = new Set<string>();
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? "";
    if (!word.startsWith("--")) {
      files.push(word);
      continue;
    }
    const name = word.slice(2);
    const kind = known[name];
    if (kind === undefined)
      return { ok: false, why: `${word}: no such option; there are --${Object.keys(known).join(", --")}` };
    if (kind === "flag") {
      flags.add(name);
      continue;
    }
    const value = args[++at];
    if (value === undefined) return { ok: false, why: `${word}: a value is missing` };
    values.set(name, value);
  }
  return { ok: true, options: { files, values, flags } };
}

/** A whole number within bounds, or the reason why it is none. */
export function wholeOption(options: Options, name: string, from: number, to: number): number | null | string {
  const text = options.values.get(name);
  if (text === undefined) return null;
  const value = Number(text);
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  return `--${name}: ${text} is not a whole number from ${from} to ${to}`;
}
