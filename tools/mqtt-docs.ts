// docs/mqtt.md, docs/home-assistant.md and docs/openapi.json, made from the tables that the firmware goes by: `npm run -s docs`.
// A test compares, so that the pages cannot drift.

import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type CommandName, DAILY, LEASE_S, LONGEST_LEASE_S } from "../src/commands.js";
import { discoveryJson } from "../src/discovery.js";
import { change, DEFAULTS, type Settings } from "../src/settings.js";
import { type DeviceKind, TOPICS } from "../src/topics.js";
import { openapiText } from "./openapi.js";

/** What each name of a charger's retained state says. */
export const CHARGER_STATE: Readonly<Record<string, string>> = {
  state: "`available`, `preparing`, `charging`, `stopping`, `suspendedEV`, `suspendedEVSE`, `finishing` or `faulted`",
  status: "state of the line in the letters of IEC 61851-1, `A` to `F`; `C` and `D` only while current can flow",
  plugged: "a car is plugged in",
  mode: "setting: `auto`, `manual` or `solar`",
  manualA: "setting, A",
  freeCharging: "setting: nobody needs a card",
  priority: "setting, 0 to 9",
  enabled: "`false` while another tool holds the charger off",
  maxA: "A: the charger's own maximum, or what another tool allows",
  boost: "somebody asked it to charge now",
  offerA: "A that the car may draw: 0, or 6 and up",
  because:
    "the limit that won: `share`, `site`, `rating`, `cable`, `manual`, `solar`, `person`, `schedule`, `temperature`, `failsafe`, `paused`, `fault` or `none`",
  runnerUp: "the limit that would hold next, or null",
  runnerUpA: "its A, or null",
  sinceS: "s that this offer and this reason hold, or null",
  contactorClosed: "current can flow",
  fault: "name of a fault, or null",
  session: "id of the session, or null",
  sessionWh: "Wh of the session, or null",
  sessionS: "s of the session, or null",
  person: "name of who charges, or null",
  card: "what the last card was answered, or null",
  schedule:
    "what the schedule says: `none`, `window`, `delay`, `boost`, `departure`, `timeUnknown`, or null without one",
  drawA: "list: A of each phase, in the order of `wiring`; null when the meter has not answered for 3 s",
  voltageV: "list: V of each phase, or null",
  powerW: "W of all phases, or null",
  totalWh: "Wh, sum of the registers of its PZEMs, each of which goes on from 0 after 9,999.999 kWh; or null",
  report: "the site's report: `fresh`, `stale`, `none`",
  restarted: "why it last started",
};

/** The same of a meter. */
export const METER_STATE: Readonly<Record<string, string>> = {
  houseA: "list: A of each phase without the cars, or null",
  budgetA: "list: A of each phase that the cars may have, or null",
  solarA: "list: A that the roof gives on each phase, or null",
  currentA: "list: A of each PZEM, in the order of the setting `pzems`, or null",
  voltageV: "list: V of each PZEM, or null",
  powerW: "list: W of each PZEM, or null; without a sign, as the module measures",
  energyWh: "list: Wh of each PZEM's register, or null",
  stuck: "a PZEM repeats the same values: no report is sent",
  restarted: "why it last started",
};

const COMMAND_ROWS: Readonly<Record<CommandName, readonly [value: string, says: string]>> = {
  mode: ["`auto`, `manual` or `solar`", "The setting `mode`."],
  current: ["A: 0, or 6 to 80, decimals", "An upper bound, rounded down to 0.1 A, for the time of a lease."],
  enable: ["`true` or `false`", "`false`: no current, for the time of a lease."],
  boost: ["`true` or `false`", "Charge now, whatever the schedule says, until the car is unplugged."],
  delay_until: ["Unix time in s, or `null`", "Charge nothing before; once, until the car is unplugged."],
  departure: [
    '`{"by": Unix time in s, "needWh": Wh}`, or `null`',
    "So much energy by then; once, until the car is unplugged.",
  ],
};

const MADE = "<!-- Made from the tables of the firmware by `npm run -s docs`: change those. -->";
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [heads, heads.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const escaped = (pattern: string): string => `\`${pattern}\``;
const names = (of: Readonly<Record<string, string>>): string =>
  table(
    ["name", "what"],
    Object.entries(of).map(([name, says]) => [escaped(name), says]),
  );

/** docs/mqtt.md. */
export function mqttPage(): string {
  const topics = Object.values(TOPICS).map(({ pattern, by, payload, retain, qos, says }) => [
    escaped(pattern),
    by,
    payload,
    retain ? "yes" : "no",
    String(qos),
    says,
  ]);
  const commands = Object.entries(COMMAND_ROWS).map(([name, cells]) => [escaped(name), ...cells]);
  return `${MADE}

# MQTT

MQTT 3.1.1. \`<prefix>\`, \`<site>\` and \`<id>\` are the settings \`mqttPrefix\` (default \`${DEFAULTS.mqttPrefix}\`), \`siteId\` (\`${DEFAULTS.siteId}\`) and \`id\`;
\`<assistant>\` is \`homeAssistantPrefix\` (\`${DEFAULTS.homeAssistantPrefix}\`). A device needs the right to publish what it publishes and to subscribe to
what others do; a topic that the broker forbids costs nothing but that topic.

${table(["topic", "who publishes", "payload", "retained", "QoS", "what"], topics)}

## Commands to a charger

${table(["\\<name>", "value", "what"], commands)}

The payload is the value as it stands (\`16\`, \`true\`, \`auto\`), or JSON with an id of yours that comes back in the result:
\`{"id": 7, "value": 16}\`. A patch of settings is JSON with some of ${DAILY.map(escaped).join(", ")}, and an \`id\` likewise.

\`current\` and \`enable\` are a lease: ${LEASE_S} s after the last of them, or after \`leaseS\` beside the value (1 to ${LONGEST_LEASE_S.toLocaleString("en")}), the charger is in its own
mode as before. They are upper bounds: what the house leaves, the shares of others, persons, the schedule and the cable limit the
current as ever. The reason is then \`manual\`.

The result is \`{"id": 7, "command": "current", "ok": true, "why": null, "field": null}\`; with \`ok\` false, \`why\` says in English what is
wrong with \`field\`. It says that the command was taken, not that the car draws: that stands in the state. A retained command
is left out when the charger finds it at the broker, without a result: nobody knows how old it is.

Whoever may publish to \`set\` and \`command\` may do all this: give that right to nobody but your own tools.

## State of a charger

${names(CHARGER_STATE)}

## State of a meter

${names(METER_STATE)}
`;
}

const settingsOf = (patch: object): Settings => {
  const changed = change(DEFAULTS, patch);
  if (!changed.ok) throw new Error(JSON.stringify(changed.errors));
  return changed.settings;
};

const PZEMS = [
  { address: 1, role: "house", phase: 1 },
  { address: 2, role: "solar", phase: 1 },
];

function entities(kind: DeviceKind, patch: object): string {
  const { cmps } = JSON.parse(discoveryJson({ kind, settings: settingsOf(patch), mac: "", address: "ievcc.local" }));
  const rows = Object.values<Record<string, unknown>>(cmps).map((one) => [
    String(one.name),
    String(one.p),
    String(one.dev_cla ?? ""),
    String(one.unit_of_meas ?? ""),
    String(one.stat_cla ?? ""),
  ]);
  return table(["entity", "platform", "device class", "unit", "state class"], rows);
}

/** docs/home-assistant.md. */
export const homeAssistantPage = (): string => `${MADE}

# Home Assistant

1. In Home Assistant, set up the MQTT integration with your broker.
2. On the page MQTT of each charger and meter, give the broker and turn \`homeAssistant\` on. \`homeAssistantPrefix\` is Home
   Assistant's discovery prefix, if you have changed that.

Each device then appears under Settings, Devices, with all its entities and a link to its pages. One retained message
(\`${TOPICS.discovery.pattern}\`) describes it; it is sent whenever the device comes online, and again when Home Assistant
starts. Turned off, the device takes it back, and Home Assistant forgets it. Turned off while the broker is away, it does so once
the broker is back, if it has not been restarted in between. The device is known by its hardware address: another \`id\` is
another name of the same device.

For the Energy dashboard take _Energy_ of each charger (under individual devices) and _Grid L1 energy_ or _House L1 energy_ of
the meter. A PZEM measures without a sign: behind a roof, a PZEM at the grid counts what goes out as well as what comes in.

_Enabled_ turned off holds the charger off for a day at most, _Manual current_ is the setting of manual mode and is kept, _Boost_ charges
now until the car is unplugged.

Tried by hand with Home Assistant 2025.4.4 and mosquitto: all entities of both devices appeared with their states, their commands came
as above, all but _Connected_ became unavailable with the device, and the empty message removed them.

## Entities of a charger with one phase

${entities("charger", {})}

With three phases, current and voltage come for each.

## Entities of a meter that measures a house and a roof

${entities("meter", { pzems: PZEMS, roof: true })}
`;

/** Each page by its path from the root. */
export const PAGES: Readonly<Record<string, () => string>> = {
  "docs/mqtt.md": mqttPage,
  "docs/home-assistant.md": homeAssistantPage,
  "docs/openapi.json": () => openapiText({ charger: CHARGER_STATE, meter: METER_STATE, commands: COMMAND_ROWS }),
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const [path, page] of Object.entries(PAGES)) {
    writeFileSync(new URL(`../${path}`, import.meta.url), page());
    console.log(path);
  }
}
