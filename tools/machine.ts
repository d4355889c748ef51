// What of this machine the tests need beyond Node.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Path of a program, null when it is not on this machine. */
export function program(...names: readonly string[]): string | null {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  for (const name of names) {
    for (const folder of folders) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {}
    }
  }
  return null;
}

export const chromium = (): string | null => program("chromium", "chromium-browser", "google-chrome");
export const mosquitto = (): string | null => program("mosquitto");

/** The C compiler for the XS engine. */
export const compiler = (): string | null => program(process.env.CC ?? "cc", "gcc", "clang");

/** One line for each part that is missing, with the tests that fall out. */
export function missingParts(): readonly string[] {
  return [
    ...(compiler() === null ? ["everything on the XS engine (no C compiler found)"] : []),
    ...(chromium() === null ? ["the pages in a real browser (no Chromium found)"] : []),
    ...(mosquitto() === null ? ["MQTT against mosquitto (not found)"] : []),
  ];
}
