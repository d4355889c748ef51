// The central Manager of the published system, as a command:
// `npx tsx tools/manager/main.ts --mqtt URL [--contracted 30] [--max-chargers 8] [--max-counters 1]`.

import { fromAmps } from "../../src/units.js";
import { parseOptions, wholeOption } from "../arguments.js";
import { startLiveManager } from "./live.js";

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}

const parsed = parseOptions(process.argv.slice(2), {
  mqtt: "value",
  contracted: "value",
  "max-chargers": "value",
  "max-counters": "value",
});
if (!parsed.ok) refuse(parsed.why);
const { options } = parsed;
if (options.files.length > 0) refuse(`${options.files[0]}: no file is read`);

function whole(name: string, standard: number, most: number): number {
  const value = wholeOption(options, name, 1, most);
  return typeof value === "string" ? refuse(value) : (value ?? standard);
}

const url = options.values.get("mqtt") ?? "mqtt://127.0.0.1:1883";
const found = /^mqtt:\/\/([^:/]+)(?::(\d{1,5}))?\/?$/.exec(url);
if (found === null) refuse(`--mqtt: ${url} is not like mqtt://127.0.0.1:1883`);

const station = startLiveManager(
  { host: found[1] ?? "", port: Number(found[2] ?? 1_883) },
  {
    contracted: fromAmps(whole("contracted", 30, 630)),
    maxChargers: whole("max-chargers", 8, 64),
    maxCounters: whole("max-counters", 1, 8),
  },
);
console.log(`Manager at ${url}`);
process.once("SIGINT", () => station.close());
process.once("SIGTERM", () => station.close());
