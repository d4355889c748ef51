// A live site: `npm start [-- --scenario F] [--mqtt URL] [--speed X] [--port P] [--chargers N] [--engine xs|v8] [--fresh]`.

import { createServer } from "node:net";
import { parseOptions, wholeOption } from "./arguments.js";
import { chosenEngine } from "./engines.js";
import type { OutsideBroker } from "./live-carrier.js";
import { portsOf, readLiveScenario } from "./live-scenario.js";
import { startLive } from "./live-site.js";

function refuse(why: string): never {
  console.error(why);
  process.exit(2);
}

const ENGINES = Object.freeze({
  xs32: "XS, with the 16-byte slots and the RAM of an ESP32",
  xs64: "XS, with 32-byte slots: this machine's compiler has no -m32",
  v8: "V8: no C compiler for XS, or --engine v8",
});
const PORTS_TRIED = 50;
const DEFAULT_PORT = 8_080;
const DEFAULT_CHARGERS = 3;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

/** The first of the ports from which so many can follow each other. */
async function freePort(count: number): Promise<number> {
  for (let port = DEFAULT_PORT; port < DEFAULT_PORT + PORTS_TRIED; port++) {
    const free = await Promise.all(Array.from({ length: count }, (_, next) => isFree(port + next)));
    if (free.every((one) => one)) return port;
  }
  return refuse(`no free ports from ${DEFAULT_PORT} to ${DEFAULT_PORT + PORTS_TRIED}; choose with --port`);
}

const parsed = parseOptions(process.argv.slice(2), {
  scenario: "value",
  mqtt: "value",
  speed: "value",
  port: "value",
  chargers: "value",
  engine: "value",
  fresh: "flag",
});
if (!parsed.ok) refuse(parsed.why);
const { options } = parsed;
if (options.files.length > 0) refuse(`${options.files[0]}: give a scenario with --scenario`);
const chargers = wholeOption(options, "chargers", 1, 64);
if (typeof chargers === "string") refuse(chargers);
const file = options.values.get("scenario") ?? null;
if (chargers !== null && file !== null) refuse("--chargers: the scenario has its own chargers");
const fresh = options.flags.has("fresh");
if (fresh && file !== null) refuse('--fresh: the scenario says it, by "fresh": true of a charger');
const read = readLiveScenario(file, chargers ?? (fresh ? 1 : DEFAULT_CHARGERS), fresh);
if (!read.ok) refuse(read.why);
const { scenario } = read;
const engine = await chosenEngine(options.values.get("engine"));
if (typeof engine === "string") refuse(engine);
const asked = wholeOption(options, "port", 1, 65_000);
if (typeof asked === "string") refuse(asked);
const speed = Number(options.values.get("speed") ?? "1");
if (!(speed >= 0.1 && speed <= 1_000))
  refuse(`--speed: ${options.values.get("speed")} is not a number from 0.1 to 1000`);

function mqttOf(url: string | undefined): OutsideBroker | null {
  if (url === undefined) return null;
  const found = /^mqtt(s?):\/\/([^:/]+)(?::(\d{1,5}))?\/?$/.exec(url);
  if (found === null) return refuse(`--mqtt: ${url} is not like mqtt://127.0.0.1:1883 or mqtts://broker.example:8883`);
  const tls = found[1] === "s";
  return { host: found[2] ?? "", port: Number(found[3] ?? (tls ? "8883" : "1883")), tls };
}

const port = asked ?? (await freePort(portsOf(scenario)));
const result = await startLive({
  engine,
  scenario,
  mqtt: mqttOf(options.values.get("mqtt")),
  speed,
  port,
  console: (device, text) => console.log(`${device}: ${text}`),
}).catch((error: unknown) =>
  refuse(`a port from ${port} on cannot be opened: ${error instanceof Error ? error.message : error}`),
);
if (!result.ok) refuse(`${file ?? "the everyday site"}: ${result.why}`);
const { live } = result;
for (const [what, url] of live.addresses) console.log(`${what.padEnd(12)} ${url}`);
console.log(`The firmware runs on ${ENGINES[engine.name]}.`);
console.log("Open the dashboard; stop with Ctrl-C.");
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void live.close().then(() => process.exit(0)));
}
