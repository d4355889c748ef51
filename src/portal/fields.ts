// Which setting stands on which page or step, and how its value looks in a form. Tables without words and without HTML.

import { ZONES } from "../calendar.js";
import { frozen } from "../frozen.js";
import { CONTRACTED_KVA, contractedFromKva, type Pzem, type Settings } from "../settings.js";
import type { SettingName } from "../settings-fields.js";
import type { PortalModel } from "./model.js";
import { filled, numeral, type Texts } from "./texts/texts.js";

export type Choice = readonly [value: string, words: string];
export type Choices = keyof Texts["choices"];

export interface FormField {
  readonly name: SettingName;
  /** Its label and hint among the texts. */
  readonly words: keyof Texts["fields"];
  /** number: digits with a point or a comma; list: numbers joined by spaces; lines: one entry a line, or between commas;
   *  secret: never shown, empty keeps it; password: a secret that must not be taken away; pairing: a site's key as a code;
   *  zone: one of the time zones. */
  readonly kind:
    | "text"
    | "number"
    | "numberOrNone"
    | "yesNo"
    | "choice"
    | "numberChoice"
    | "list"
    | "lines"
    | "roster"
    | "secret"
    | "password"
    | "pairing"
    | "zone";
  readonly choices: Choices | null;
}

interface More {
  readonly words?: keyof Texts["fields"];
  readonly choices?: Choices;
}

const field = <Name extends SettingName & keyof Texts["fields"]>(
  kind: FormField["kind"],
  name: Name,
  { words = name, choices }: More = {},
): FormField => frozen({ name, words, kind, choices: choices ?? null });

const yesNo = <Name extends SettingName & keyof Texts["fields"]>(name: Name): FormField =>
  field("yesNo", name, { choices: "yesNo" });

const MODE_FIELDS: readonly FormField[] = frozen([
  field("choice", "mode", { choices: "mode" }),
  field("number", "manualA"),
  yesNo("member"),
]);
const ACCESS_FIELDS: readonly FormField[] = frozen([field("lines", "cards"), yesNo("wakeUp"), yesNo("ventilated")]);

const CHARGER_FIELDS: readonly FormField[] = frozen([
  field("number", "contractedA"),
  field("number", "bufferA"),
  field("numberChoice", "phases", { choices: "phases" }),
  field("number", "voltageV"),
  field("numberOrNone", "houseMaxA"),
  field("number", "periodS"),
  field("number", "reportLeaseS"),
  field("choice", "meter", { choices: "meter" }),
  field("choice", "meterPreset", { choices: "meterPreset" }),
  field("text", "meterTopic"),
  field("text", "meterPath"),
  field("choice", "meterUnit", { choices: "meterUnit" }),
  field("choice", "meterSign", { choices: "meterSign" }),
  field("choice", "measures", { choices: "measures" }),
  field("number", "maxA"),
  yesNo("socket"),
  field("number", "cableA"),
  field("list", "wiring", { choices: "wiring" }),
]);

const METER_FIELDS: readonly FormField[] = frozen([
  field("number", "contractedA", { words: "contractedMeter" }),
  field("number", "bufferA"),
  field("numberChoice", "phases", { choices: "phases", words: "phasesMeter" }),
  field("number", "voltageV"),
  field("number", "periodS", { words: "periodMeter" }),
  field("number", "reportLeaseS", { words: "leaseMeter" }),
  yesNo("roof"),
]);

const NETWORK_FIELDS: readonly FormField[] = frozen([
  field("text", "id"),
  field("text", "wifiSsid"),
  field("secret", "wifiPassword"),
  field("password", "accessPointPassword"),
  field("choice", "language", { choices: "language" }),
  field("password", "portalPassword"),
  field("number", "utcOffsetMinutes"),
]);

const MQTT_FIELDS: readonly FormField[] = frozen([
  field("text", "mqttHost"),
  field("number", "mqttPort"),
  field("text", "mqttUser"),
  field("secret", "mqttPassword"),
  yesNo("mqttTls"),
  field("text", "mqttPrefix"),
  yesNo("homeAssistant"),
  field("text", "homeAssistantPrefix"),
]);

const FEED_FIELDS: readonly FormField[] = frozen([
  field("number", "feedPeriodS"),
  field("choice", "emoncms", { choices: "emoncms" }),
  field("text", "emoncmsUrl"),
  field("secret", "emoncmsKey"),
  field("text", "emoncmsNode"),
  field("choice", "influx", { choices: "influx" }),
  field("text", "influxUrl"),
  field("text", "influxBucket"),
  field("text", "influxOrg"),
  field("text", "influxUser"),
  field("secret", "influxToken"),
]);

const SITE_FIELDS: readonly FormField[] = frozen([
  field("text", "siteId"),
  field("pairing", "siteKey"),
  field("roster", "roster"),
  field("choice", "policy", { choices: "policy" }),
  field("number", "maxCharging"),
  field("choice", "carrier", { choices: "carrier" }),
  yesNo("manager"),
]);

export interface Form {
  readonly path: string;
  readonly fields: readonly FormField[];
  /** A choice of contracted powers before the fields. */
  readonly kva: boolean;
  /** Rows of PZEM modules after them. */
  readonly pzems: boolean;
  /** The Wi-Fi networks in reach before them. */
  readonly networks: boolean;
}

interface Parts {
  readonly kva?: true;
  readonly pzems?: true;
  readonly networks?: true;
}

const form = (path: string, fields: readonly FormField[], more: Parts = {}): Form =>
  frozen({ path, fields, kva: more.kva === true, pzems: more.pzems === true, networks: more.networks === true });

/** On the page of the people. */
export const FREE_FORM: Form = form("/people", [yesNo("freeCharging")]);
/** On the page of the tariff. */
export const ZONE_FORM: Form = form("/tariff", [field("zone", "timeZone")]);

const FORMS: Readonly<Record<PortalModel["device"], readonly Form[]>> = frozen({
  charger: [
    form("/mode", MODE_FIELDS),
    form("/home", CHARGER_FIELDS, { kva: true }),
    form("/access", ACCESS_FIELDS),
    FREE_FORM,
    ZONE_FORM,
    form("/site", [...SITE_FIELDS, field("number", "priority"), field("number", "failsafeA")]),
    form("/network", NETWORK_FIELDS),
    form("/mqtt", MQTT_FIELDS),
  ],
  meter: [
    form("/home", METER_FIELDS, { kva: true, pzems: true }),
    form("/site", SITE_FIELDS),
    form("/network", NETWORK_FIELDS),
    form("/mqtt", MQTT_FIELDS),
    form("/feeds", FEED_FIELDS),
  ],
});

/** The form at a path, undefined where the device has none. */
export const formAt = (device: PortalModel["device"], path: string): Form | undefined =>
  FORMS[device].find((one) => one.path === path);

/** What the daily page changes. */
export const DAILY_FORM: Form = form("/", [field("choice", "mode", { choices: "mode" }), field("number", "manualA")]);

export type StepName = keyof Texts["setup"]["names"];
export interface Step {
  readonly name: StepName;
  readonly form: Form;
}

const PHASES = field("numberChoice", "phases", { choices: "phases", words: "phasesStep" });
const CONTRACTED = field("number", "contractedA", { words: "contractedStep" });

const steps = (
  home: readonly FormField[],
  meter: readonly FormField[] | null,
  parts: Parts,
): readonly (readonly [StepName, readonly FormField[], Parts?])[] => [
  ["language", [field("choice", "language", { choices: "language" })]],
  ["password", [field("password", "portalPassword")]],
  ["wifi", [field("text", "wifiSsid", { words: "wifiOther" }), field("secret", "wifiPassword")], { networks: true }],
  ["home", [PHASES, CONTRACTED, ...home], parts],
  ...(meter === null ? [] : [["meter", meter] as const]),
  ["site", [field("text", "siteId"), field("pairing", "siteKey")]],
  ["mqtt", MQTT_FIELDS.slice(0, 5)],
  ["done", []],
];

const numbered = (list: ReturnType<typeof steps>): readonly Step[] =>
  list.map(([name, fields, parts], at) => ({ name, form: form(`/setup/${at + 1}`, fields, parts) }));

const STEPS: Readonly<Record<PortalModel["device"], readonly Step[]>> = frozen({
  charger: numbered(
    steps(
      [field("number", "maxA"), field("number", "cableA")],
      [
        field("choice", "meter", { choices: "meter" }),
        field("choice", "meterPreset", { choices: "meterPreset" }),
        field("text", "meterTopic"),
        field("choice", "measures", { choices: "measures" }),
      ],
      { kva: true },
    ),
  ),
  meter: numbered(steps([], null, { kva: true, pzems: true })),
});

/** The steps of set-up, in their order; the path of each is that of its form. */
export const stepsOf = (device: PortalModel["device"]): readonly Step[] => STEPS[device];

/** The choices of a list with their words. */
export const choicesOf = (texts: Texts, { choices }: Pick<FormField, "choices">): readonly Choice[] =>
  choices === null ? [] : Object.entries(texts.choices[choices]);

/** How the value of a setting stands in its form; empty for a secret. */
export function shownValue({ name, kind }: FormField, settings: Settings): string {
  const value = settings[name];
  switch (kind) {
    case "secret":
    case "password":
    case "pairing":
      return "";
    case "yesNo":
      return value === true ? "yes" : "no";
    case "numberOrNone":
      return value === null ? "" : String(value);
    case "list":
      return Array.isArray(value) ? value.join(" ") : "";
    case "lines":
      return Array.isArray(value) ? value.join("\n") : "";
    case "roster":
      return settings.roster.map(({ id, wiring, failsafeA }) => `${id} ${wiring.join(",")} ${failsafeA}`).join("\n");
    case "text":
    case "number":
    case "choice":
    case "numberChoice":
    case "zone":
      return String(value);
  }
}

/** The zones that have a name; none: the phone that was here last said how far local time is ahead. */
export const zoneChoices = ({ words }: Texts): readonly Choice[] => [
  ["", words.asPhone],
  ...ZONES.map(([name]): Choice => [name, name]),
];

/** The powers of Portuguese contracts with the current that each gives now. */
export const kvaChoices = (texts: Texts, { phases, voltageV }: Settings): readonly Choice[] => [
  ["", texts.kva.keep],
  ...CONTRACTED_KVA.map((kva): Choice => {
    const amps = numeral(texts, contractedFromKva(kva, phases, voltageV));
    return [String(kva), filled(texts.kva.row, numeral(texts, kva, 2), amps)];
  }),
];

export const KVA_FIELD = "contractedKva";
/** The network that was picked from the list; empty: the one typed beside it. */
export const PICK_FIELD = "wifiPick";
export const PZEM_ROWS = 6;
export const PZEM_PARTS: readonly ["address", "role", "phase"] = frozen(["address", "role", "phase"]);
/** Name of one input of a row of PZEMs, rows from 1. */
export const pzemInput = (part: (typeof PZEM_PARTS)[number], row: number): string => `pzem-${part}-${row}`;
export const pzemShown = (pzem: Pzem | undefined, part: (typeof PZEM_PARTS)[number]): string =>
  pzem === undefined ? "" : String(pzem[part]);
