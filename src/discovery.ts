// What a device tells Home Assistant of itself: one message with all of its entities, each made of what the retained state
// says (MQTT device discovery). The short keys are Home Assistant's own abbreviations.

import type { ChargeMode } from "./charge.js";
import { frozen } from "./frozen.js";
import type { Because } from "./limits.js";
import type { Settings } from "./settings.js";
import { type DeviceKind, type TopicName, topicOf } from "./topics.js";
import { VERSION } from "./version.js";

/** An entity in the words of the discovery: platform, name, device class, unit, state class and the rest. */
type Entity = Readonly<Record<string, string | number | readonly string[]>>;

/** What a device knows of itself beside its settings. */
export interface SelfFacts {
  readonly kind: DeviceKind;
  readonly settings: Settings;
  /** The hardware's address, 12 hex digits: entities keep their history when the device is given another name. */
  readonly mac: string;
  /** On the local network: an address, or the name that it announces. */
  readonly address: string;
}

export const discoveryTopic = (settings: Settings, mac: string): string => topicOf("discovery", settings, mac);

const sensor = (name: string, classes: string, unit: string, template: string): Entity => ({
  p: "sensor",
  name,
  dev_cla: classes,
  unit_of_meas: unit,
  stat_cla: classes === "energy" ? "total_increasing" : "measurement",
  val_tpl: template,
});
const claim = (name: string, classes: string, template: string): Entity => ({
  p: "binary_sensor",
  name,
  dev_cla: classes,
  val_tpl: template,
});
const json = (expression: string): string => `{{ value_json.${expression} }}`;
const onWhen = (name: string): string => `{{ 'ON' if value_json.${name} else 'OFF' }}`;
/** Of a list by phases that may be missing as a whole. */
const inList = (name: string, at: number): string => `{{ (value_json.${name} or [none]*3)[${at}] }}`;

const MODES: Readonly<Record<ChargeMode, 1>> = frozen({
  available: 1,
  preparing: 1,
  charging: 1,
  stopping: 1,
  suspendedEV: 1,
  suspendedEVSE: 1,
  finishing: 1,
  faulted: 1,
});
const REASONS: Readonly<Record<Because, 1>> = frozen({
  share: 1,
  site: 1,
  rating: 1,
  cable: 1,
  manual: 1,
  solar: 1,
  person: 1,
  schedule: 1,
  temperature: 1,
  failsafe: 1,
  paused: 1,
  fault: 1,
  none: 1,
});

const OF_CHARGER: Readonly<Record<string, Entity>> = frozen({
  power: sensor("Power", "power", "W", json("powerW")),
  energy: sensor("Energy", "energy", "Wh", json("totalWh")),
  session_energy: sensor("Session energy", "energy", "Wh", json("sessionWh")),
  session_time: sensor("Session time", "duration", "s", json("sessionS")),
  offer: sensor("Offered current", "current", "A", json("offerA")),
  plug: claim("Plug", "plug", onWhen("plugged")),
  charging: claim("Charging", "battery_charging", onWhen("contactorClosed")),
  problem: claim("Problem", "problem", onWhen("fault")),
});
const OF_METER: Readonly<Record<string, Entity>> = frozen({
  problem: claim("Problem", "problem", onWhen("stuck")),
});

/** A person who pauses means it for longer than a tool that says it again each half minute. */
const PAUSE = '{"value":false,"leaseS":86400}';

const enumOf = (name: string, template: string, of: Readonly<Record<string, 1>>): Entity => ({
  p: "sensor",
  name,
  dev_cla: "enum",
  ops: Object.keys(of),
  val_tpl: template,
});

function chargerEntities(settings: Settings): readonly (readonly [string, Entity])[] {
  const command = (name: string): string => topicOf("command", settings, name);
  const phases = settings.wiring.flatMap((_, at) => phaseEntities(at, settings.wiring.length));
  return [
    ...Object.entries(OF_CHARGER),
    ...phases,
    ["state", enumOf("State", json("state"), MODES)],
    ["reason", enumOf("Reason", json("because"), REASONS)],
    [
      "mode",
      { p: "select", name: "Mode", cmd_t: command("mode"), ops: ["auto", "manual", "solar"], val_tpl: json("mode") },
    ],
    [
      "amps",
      {
        p: "number",
        name: "Manual current",
        dev_cla: "current",
        unit_of_meas: "A",
        cmd_t: topicOf("set", settings),
        cmd_tpl: '{"manualA":{{ value }}}',
        min: 6,
        max: Math.max(7, settings.maxA),
        step: 1,
        val_tpl: json("manualA"),
      },
    ],
    [
      "enable",
      {
        p: "switch",
        name: "Enabled",
        cmd_t: command("enable"),
        pl_on: "true",
        pl_off: PAUSE,
        stat_on: "ON",
        stat_off: "OFF",
        val_tpl: onWhen("enabled"),
      },
    ],
    ["boost", { p: "button", name: "Boost", cmd_t: command("boost"), pl_prs: "true" }],
  ];
}

function phaseEntities(at: number, count: number): readonly (readonly [string, Entity])[] {
  const [words, key] = count === 1 ? ["", ""] : [` L${at + 1}`, `_l${at + 1}`];
  return [
    [`current${key}`, sensor(`Current${words}`, "current", "A", inList("drawA", at))],
    [`voltage${key}`, sensor(`Voltage${words}`, "voltage", "V", json(`voltageV[${at}]`))],
  ];
}

const NAMES = frozen({ house: "House", grid: "Grid", solar: "Solar" } as const);

function meterEntities({ pzems, phases }: Settings): readonly (readonly [string, Entity])[] {
  const entities: (readonly [string, Entity])[] = Object.entries(OF_METER).slice();
  for (const [at, { role, phase }] of pzems.entries()) {
    const name = `${NAMES[role]} L${phase}`;
    // With six PZEMs the message is as long as it may be: short keys.
    const key = `${role.charAt(0)}${phase}`;
    entities.push(
      [`${key}_w`, sensor(`${name} power`, "power", "W", json(`powerW[${at}]`))],
      [`${key}_a`, sensor(`${name} current`, "current", "A", json(`currentA[${at}]`))],
      [`${key}_v`, sensor(`${name} voltage`, "voltage", "V", json(`voltageV[${at}]`))],
      [`${key}_wh`, sensor(`${name} energy`, "energy", "Wh", json(`energyWh[${at}]`))],
    );
  }
  for (let at = 0; at < phases; at++) {
    entities.push([`budget_${at + 1}`, sensor(`Free for cars L${at + 1}`, "current", "A", inList("budgetA", at))]);
  }
  return entities;
}

/** Home Assistant calls an entity unavailable while its device is offline; this one says just that. */
const connected = (settings: Settings): Entity => ({
  ...claim("Connected", "connectivity", "{{ 'ON' if value == 'online' else 'OFF' }}"),
  stat_t: topicOf("availability", settings),
  avty_tpl: "online",
});

/** The message, piece by piece: never the whole of it as objects, which the device has no room for. */
export function discoveryJson({ kind, settings, mac, address }: SelfFacts): string {
  const entities = kind === "charger" ? chargerEntities(settings) : meterEntities(settings);
  const parts = [...entities, ["connected", connected(settings)] as const].map(
    ([key, entity]) => `"${key}":${JSON.stringify({ ...entity, uniq_id: `${mac}-${key}` })}`,
  );
  const device = {
    ids: mac,
    name: settings.id,
    mf: "IEVCC",
    mdl: `IEVCC ${kind}`,
    sw: VERSION,
    cu: `http://${address}/`,
  };
  const shared = (name: TopicName): string => JSON.stringify(topicOf(name, settings));
  const origin = JSON.stringify({ name: "ievcc", sw: VERSION });
  return `{"dev":${JSON.stringify(device)},"o":${origin},"stat_t":${shared("state")},"avty_t":${shared("availability")},"cmps":{${parts.join(",")}}}`;
}
