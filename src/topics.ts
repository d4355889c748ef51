// The MQTT topics of the project, one row each. The code makes its topics and subscriptions from this table, Home Assistant's
// discovery takes its topics here, and docs/mqtt.md is made from it (`npm run -s docs`).

import { frozen } from "./frozen.js";
import { topicsOf } from "./meter-presets.js";
import type { QoS } from "./mqtt.js";
import type { Settings } from "./settings.js";

export type DeviceKind = "charger" | "meter";

export interface TopicRow {
  /** <prefix>, <site> and <id> are settings; the other names in angle brackets are told in the sentence. */
  readonly pattern: string;
  /** Who publishes it. */
  readonly by: string;
  readonly payload: string;
  readonly retain: boolean;
  readonly qos: QoS;
  readonly says: string;
}

export type TopicName =
  | "report"
  | "site"
  | "demand"
  | "demandTo"
  | "manager"
  | "state"
  | "availability"
  | "session"
  | "set"
  | "command"
  | "result"
  | "discovery"
  | "assistant"
  | "emoncms";

const SEALED = "bytes with a MAC";

const row = (
  pattern: string,
  by: string,
  payload: string,
  says: string,
  { retain = false, qos = 0 }: { readonly retain?: boolean; readonly qos?: QoS } = {},
): TopicRow => ({ pattern, by, payload, retain, qos, says });

export const TOPICS: Readonly<Record<TopicName, TopicRow>> = frozen({
  report: row(
    "<prefix>/<site>/report",
    "whoever leads",
    SEALED,
    "Each second: what is free, and who owns which amperes until when.",
  ),
  site: row("<prefix>/<site>/site", "all", SEALED, "Calls of candidates, and new configurations."),
  demand: row(
    "<prefix>/<site>/demand/<id>",
    "charger",
    SEALED,
    "Each 2 s and on change, to the meter: what its car needs and draws, and what it has let go.",
  ),
  demandTo: row(
    "<prefix>/<site>/demand/<to>/<id>",
    "charger",
    SEALED,
    "The same, to the charger `<to>` that leads where no meter of ours does.",
  ),
  manager: row(
    "<prefix>/<site>/<id>/manager",
    "both",
    "as published",
    "With the setting `manager`: a central Manager of the published system, in place of all that.",
  ),
  state: row(
    "<prefix>/<site>/<id>/state",
    "both",
    "JSON, see below",
    "What the device does and why: on change, and every 10 s.",
    { retain: true },
  ),
  availability: row(
    "<prefix>/<site>/<id>/availability",
    "both",
    "`online` or `offline`",
    "The broker says the second by itself when the device falls silent (last will).",
    { retain: true, qos: 1 },
  ),
  session: row(
    "<prefix>/<site>/<id>/session",
    "charger",
    "JSON: id, times, energy in Wh, cost",
    "Each session once it has ended; again until the broker has it, so go by its id.",
    { qos: 1 },
  ),
  set: row(
    "<prefix>/<site>/<id>/set",
    "others",
    "JSON: some of `mode`, `manualA`, `freeCharging`, `priority`",
    "Settings that are changed daily; kept in flash, so nothing for a control loop.",
    { qos: 1 },
  ),
  command: row(
    "<prefix>/<site>/<id>/command/<name>",
    "others",
    "a value, or JSON with `value`",
    "One command, see below.",
    { qos: 1 },
  ),
  result: row(
    "<prefix>/<site>/<id>/result",
    "charger",
    "JSON: `id`, `command`, `ok`, `why`, `field`",
    "The answer to each command and each change of settings.",
    { qos: 1 },
  ),
  discovery: row(
    "<assistant>/device/ievcc-<mac>/config",
    "both",
    "JSON of Home Assistant",
    "With the setting `homeAssistant`: all entities of the device; empty when it is switched off.",
    { retain: true },
  ),
  assistant: row(
    "<assistant>/status",
    "Home Assistant",
    "`online` or `offline`",
    "Told that it has started, the device describes itself once more.",
  ),
  emoncms: row(
    "emon/<node>",
    "meter",
    "JSON: `time` in s, and each value by its name",
    "With `emoncms` set to MQTT: each sample for the MQTT input of emoncms; again until the broker has it. `<node>` is the setting `emoncmsNode`.",
    { qos: 1 },
  ),
});

const OF_SITE = "<prefix>/<site>/";
const OF_ASSISTANT = "<assistant>/";

/** The topic of a row; `more`: what stands for <to>, <name> or <mac>. Reports and demands ask for it each second: the whole
 *  pattern is not gone through for each name that may stand in it. */
export function topicOf(name: TopicName, settings: Settings, more = ""): string {
  if (name === "emoncms") return emoncmsTopic(settings);
  const { pattern } = TOPICS[name];
  if (!pattern.startsWith(OF_SITE)) {
    return `${settings.homeAssistantPrefix}/${pattern.slice(OF_ASSISTANT.length).replace("<mac>", more)}`;
  }
  const rest = pattern.slice(OF_SITE.length).replace("<id>", settings.id);
  const whole = rest.includes("<") ? rest.replace("<to>", more).replace("<name>", more) : rest;
  return `${settings.mqttPrefix}/${settings.siteId}/${whole}`;
}

export const emoncmsTopic = ({ emoncmsNode }: Settings): string =>
  TOPICS.emoncms.pattern.replace("<node>", emoncmsNode);
export const availabilityTopic = (settings: Settings): string => topicOf("availability", settings);
export const managerTopic = (settings: Settings): string => topicOf("manager", settings);

export const chargerTopics = (settings: Settings) => ({
  report: topicOf("report", settings),
  /** Each session once it has ended. */
  sessions: topicOf("session", settings),
});

export const meterTopics = (settings: Settings) => ({ state: topicOf("state", settings) });

/** Of a topic that the device hears: the name of its command, "set" for settings, null for any other topic. */
export function commandOf(topic: string, settings: Settings): string | null {
  const isSet = topic.endsWith("/set");
  if (!isSet && !topic.includes("/command/")) return null; // most messages
  if (isSet && topic === topicOf("set", settings)) return "set";
  const start = topicOf("command", settings);
  return topic.startsWith(start) ? topic.slice(start.length) : null;
}

/** What a device listens to. Chargers hear each other's demands only where one of them may lead. */
export function subscriptionsOf(kind: DeviceKind, settings: Settings): readonly string[] {
  const assistant = settings.homeAssistant ? [topicOf("assistant", settings)] : [];
  const orders = kind === "charger" ? [topicOf("set", settings), topicOf("command", settings, "+")] : [];
  return [...siteSubscriptions(kind, settings), ...orders, ...assistant];
}

function siteSubscriptions(kind: DeviceKind, settings: Settings): readonly string[] {
  if (settings.manager) return [managerTopic(settings)];
  const [report, site] = [topicOf("report", settings), topicOf("site", settings)];
  if (kind === "meter") return [topicOf("demand", { ...settings, id: "+" }), site];
  if (settings.meter === "ours") return [report, site];
  const other = settings.meter === "other" ? topicsOf(settings) : [];
  // Demands of others, while we lead.
  return [report, site, topicOf("demandTo", { ...settings, id: "+" }, settings.id), ...other];
}
