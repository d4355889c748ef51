// The ESP-IDF's settings as text: what a board asked for, and whether the SDK passed it on.

const lineOf = (line: string): readonly [name: string, value: string] | null => {
  const found = /^(CONFIG_\w+)=(.*)$/.exec(line.trim());
  return found === null ? null : [found[1] ?? "", found[2] ?? ""];
};

/** Of two lines of one name the last counts, as it does for the ESP-IDF. */
export function settingsIn(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  for (const line of text.split("\n")) {
    const found = lineOf(line);
    if (found !== null) settings.set(...found);
  }
  return settings;
}

/** Settings of the first that the second does not have, as NAME=value. Off is n, nothing, or no line at all. */
export function lostSettings(wanted: string, merged: string): readonly string[] {
  const has = settingsIn(merged);
  const isOff = (value: string | undefined): boolean => value === undefined || value === "" || value === "n";
  return [...settingsIn(wanted)]
    .filter(([name, value]) => (isOff(value) ? !isOff(has.get(name)) : has.get(name) !== value))
    .map(([name, value]) => `${name}=${value}`);
}
