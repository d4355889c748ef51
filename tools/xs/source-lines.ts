// From lines of the compiled modules, as XS names them in a stack, to lines of the TypeScript that a person wrote.

import { SourceMap } from "node:module";
import type { Module } from "./modules.js";

/** Gives a text in which every "(path.js:line)" of these modules names its TypeScript file and line. */
export function sourceLines(modules: readonly Module[]): (text: string) => string {
  const maps = new Map<string, SourceMap>();
  for (const { path, map } of modules) if (map !== null) maps.set(path, new SourceMap(JSON.parse(map)));
  return (text) =>
    text.replace(/\(([^():]+):(\d+)\)/g, (whole, path: string, line: string) => {
      const entry = maps.get(path)?.findEntry(Number(line) - 1, 0);
      return entry !== undefined && "originalLine" in entry
        ? `(${path.replace(/\.js$/, ".ts")}:${entry.originalLine + 1})`
        : whole;
    });
}
