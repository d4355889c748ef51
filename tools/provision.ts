// Secrets and labels for new devices: `npm run provision -- --out DIR MAC [MAC ...]`. For each it writes what a flashing tool
// puts beside the firmware (an image of the NVS partition), and the label. A file that is there is never written over: its
// label may be printed.

import { randomInt } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FACTORY } from "../hal/esp32/factory.js";
import { accessPointName } from "../src/device-radio.js";
import { CLEAR_LETTERS, PASSWORD_LENGTH } from "../src/portal/logins.js";
import { parse } from "../src/settings.js";
import { parseOptions } from "./arguments.js";
import { labelHtml } from "./label.js";
import { nvsImage } from "./nvs-image.js";
import { partitionOf } from "./partitions.js";

/** What the device's settings begin with, as `parse` in src/settings.ts takes them. */
export interface Provision {
  readonly format: 1;
  /** 12 hex digits, lower case. */
  readonly mac: string;
  readonly accessPoint: string;
  readonly settings: { readonly accessPointPassword: string; readonly portalPassword: string };
}

/** `chance` gives a whole number from 0 to below `below` that nobody can foresee. */
export function provisionFor(mac: string, chance: (below: number) => number): Provision {
  const password = (): string =>
    Array.from({ length: PASSWORD_LENGTH }, () => CLEAR_LETTERS[chance(CLEAR_LETTERS.length)]).join("");
  const settings = { accessPointPassword: password(), portalPassword: password() };
  const checked = parse(settings);
  if (!checked.ok) throw new Error(`the device would refuse its own ${checked.errors[0]?.field}`);
  return { format: 1, mac, accessPoint: accessPointName(mac), settings };
}

/** 12 hex digits in lower case, from any common way to write a hardware address; null: it is none, or a group's. */
export function macIn(text: string): string | null {
  if (!/^(?:[0-9a-f]{12}|[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4})$/i.test(text)) return null;
  const mac = text.replace(/[:-]/g, "").toLowerCase();
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1 ? null : mac;
}

/** What the device's NVS partition holds before its first start. */
export function provisionImage(provision: Provision): Uint8Array {
  const image = nvsImage(FACTORY.path, FACTORY.key, JSON.stringify(provision), partitionOf("nvs").size);
  if (typeof image === "string") throw new Error(image);
  return image;
}

/** Writes the files of a device, readable by their owner alone; gives the reason when one is there already. */
export function writeProvision(folder: string, provision: Provision): string | null {
  const { mac, accessPoint, settings } = provision;
  const write = (ending: string, content: string | Uint8Array): void =>
    writeFileSync(join(folder, `${mac}.${ending}`), content, { flag: "wx", mode: 0o600 });
  try {
    write("json", `${JSON.stringify(provision, null, 2)}\n`);
    write("nvs.bin", provisionImage(provision));
    write("html", labelHtml({ ssid: accessPoint, mac, ...settings }));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const USAGE = "npm run provision -- --out DIR MAC [MAC ...]";

/** The exit code; `say` gets each line. */
export function provision(args: readonly string[], say: (line: string) => void): number {
  const parsed = parseOptions(args, { out: "value" });
  const out = parsed.ok ? parsed.options.values.get("out") : undefined;
  if (!parsed.ok || out === undefined || parsed.options.files.length === 0) {
    say(parsed.ok ? USAGE : `${parsed.why}\n${USAGE}`);
    return 2;
  }
  const macs = parsed.options.files.map((text) => ({ text, mac: macIn(text) }));
  const wrong = macs.find((one) => one.mac === null);
  if (wrong !== undefined) {
    say(`${wrong.text} is no hardware address of a device, like 24:6f:28:00:a1:b2`);
    return 2;
  }
  mkdirSync(out, { recursive: true });
  let code = 0;
  for (const { mac } of macs) {
    if (mac === null) continue;
    const refused = writeProvision(
      out,
      provisionFor(mac, (below) => randomInt(below)),
    );
    // Never the passwords: what a terminal shows stays in its history.
    say(refused ?? `${accessPointName(mac)}: ${join(out, mac)}.json, .nvs.bin and .html`);
    if (refused !== null) code = 1;
  }
  return code;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  process.exitCode = provision(process.argv.slice(2), (line) => console.log(line));
}
