// Which setting stands on which page, under which label, and how its value looks in a form. Tables, no HTML.

import { frozen } from "../frozen.js";
import { CONTRACTED_KVA, contractedFromKva, type Pzem, type Settings } from "../settings.js";
import type { SettingName } from "../settings-fields.js";
import type { PortalModel } from "./model.js";

export type Choice = readonly [value: string, words: string];

export interface FormField {
  readonly name: SettingName;
  readonly label: string;
  readonly hint: string;
  /** number: digits with a point or a comma; list: numbers joined by spaces; lines: one entry a line, or between commas;
   *  secret: never shown, empty keeps it. */
  readonly kind: "text" | "number" | "numberOrNone" | "yesNo" | "choice" | "numberChoice" | "list" | "lines" | "secret";
  readonly choices: readonly Choice[];
}

const field = (
  kind: FormField["kind"],
  name: SettingName,
  label: string,
  hint = "",
  choices: readonly Choice[] = [],
): FormField => frozen({ name, label, hint, kind, choices });

const YES_NO: readonly Choice[] = frozen([
  ["yes", "Yes"],
  ["no", "No"],
]);

const MODE_FIELDS: readonly FormField[] = frozen([
  field(
    "choice",
    "mode",
    "Mode",
    "Automatic: all that the house leaves. Manual: at most the amps below. Solar: what the roof gives.",
    [
      ["auto", "Automatic"],
      ["manual", "Manual"],
      ["solar", "Solar"],
    ],
  ),
  field("number", "manualA", "Manual amps (A)", "6 to 80"),
  field(
    "yesNo",
    "member",
    "At home, on its site's connection",
    "No: on a trip; it charges in manual mode on its own account.",
    YES_NO,
  ),
]);

const ACCESS_FIELDS: readonly FormField[] = frozen([
  field("yesNo", "freeCharging", "Free charging", "Yes: everybody. No: a known card starts and stops it.", YES_NO),
  field("lines", "cards", "Known cards", "UIDs of 8, 14 or 20 hex digits, one a line or between commas"),
  field("yesNo", "wakeUp", "Wake a car that sleeps", "Once a session, by 4 s without the pilot", YES_NO),
  field(
    "yesNo",
    "ventilated",
    "The room is ventilated",
    "No: a car that asks for ventilation gets no current.",
    YES_NO,
  ),
]);

/** What a charger does with its own contract: `siteAnswerOf` in current-limits.ts, and the rules of settings. */
const CHARGER_RULES =
  "While the meter reports, the meter's own value rules. This one holds without a meter, and bounds late reports and the fail-safe current.";
const METER_RULES = "This value rules wherever a charger hears this meter.";

/** The connection, of which both devices keep their own copy; the hints say which of them counts. */
const siteFields = (rules: string, phases: string): readonly FormField[] => [
  field("number", "contractedA", "Contracted current (A per phase)", `Or choose the power above. ${rules}`),
  field("number", "bufferA", "Buffer (A)", "Kept free on every phase; it counts wherever the current above does."),
  field("numberChoice", "phases", "Phases of the connection", phases, [
    ["1", "One"],
    ["3", "Three"],
  ]),
  field("number", "voltageV", "Voltage (V)", "Phase to neutral, for the power above"),
];

const CHARGER_FIELDS: readonly FormField[] = frozen([
  ...siteFields(CHARGER_RULES, "The meter's own value rules its reports; choose the same here."),
  field("numberOrNone", "houseMaxA", "Most that the house takes (A)", "Without the cars; empty: unknown"),
  field("number", "periodS", "Period of the meter's readings (s)", "The same as on the meter"),
  field("number", "reportLeaseS", "Lease of a report (s)", "The same as on the meter, whose value rules"),
  field("number", "failsafeA", "Fail-safe current (A)", "Offered while the site is silent: 0, or 6 and up"),
  field("choice", "meter", "Reading of the house", "", [
    ["ours", "From the IEVCC meter"],
    ["none", "None: a fixed limit"],
  ]),
  field("number", "maxA", "Rating of the charger (A)", "Its wires and its breaker"),
  field(
    "yesNo",
    "socket",
    "A socket for loose cables",
    "Yes: the plug tells the cable's rating. No: as below.",
    YES_NO,
  ),
  field("number", "cableA", "Rating of the fixed cable (A)"),
  field("list", "wiring", "Wired to phase", "", [
    ["1", "L1"],
    ["2", "L2"],
    ["3", "L3"],
    ["1 2 3", "L1 L2 L3"],
    ["2 3 1", "L2 L3 L1"],
    ["3 1 2", "L3 L1 L2"],
  ]),
]);

const METER_FIELDS: readonly FormField[] = frozen([
  ...siteFields(METER_RULES, "Rules the reports; choose the same on the chargers."),
  field("number", "periodS", "Period of the readings (s)", "The same on the chargers"),
  field("number", "reportLeaseS", "Lease of a report (s)", "So long a charger goes on without hearing the meter"),
  field("yesNo", "roof", "A solar roof feeds in here", "", YES_NO),
]);

const NETWORK_FIELDS: readonly FormField[] = frozen([
  field("text", "id", "Name of the device", "Letters, digits, _ or -"),
  field("text", "siteId", "Name of the site", "The same on all its devices"),
  field("text", "wifiSsid", "Wi-Fi network"),
  field("secret", "wifiPassword", "Wi-Fi password", "Empty: unchanged"),
]);

const MQTT_FIELDS: readonly FormField[] = frozen([
  field("text", "mqttHost", "Broker", "Name or address; empty: no MQTT"),
  field("number", "mqttPort", "Port"),
  field("text", "mqttUser", "User"),
  field("secret", "mqttPassword", "Password", "Empty: unchanged"),
  field("text", "mqttPrefix", "Prefix of the topics"),
]);

export interface Form {
  readonly path: string;
  readonly fields: readonly FormField[];
  readonly kva: boolean;
  readonly pzems: boolean;
}

const form = (path: string, fields: readonly FormField[], more: { kva?: true; pzems?: true } = {}): Form =>
  frozen({ path, fields, kva: more.kva === true, pzems: more.pzems === true });

const FORMS: Readonly<Record<PortalModel["device"], readonly Form[]>> = frozen({
  charger: [
    form("/mode", MODE_FIELDS),
    form("/home", CHARGER_FIELDS, { kva: true }),
    form("/access", ACCESS_FIELDS),
    form("/network", NETWORK_FIELDS),
    form("/mqtt", MQTT_FIELDS),
  ],
  meter: [
    form("/home", METER_FIELDS, { kva: true, pzems: true }),
    form("/network", NETWORK_FIELDS),
    form("/mqtt", MQTT_FIELDS),
  ],
});

/** The form at a path, undefined where the device has none. */
export const formAt = (device: PortalModel["device"], path: string): Form | undefined =>
  FORMS[device].find((one) => one.path === path);

/** How the value of a setting stands in its form; empty for a secret. */
export function shownValue({ name, kind }: FormField, settings: Settings): string {
  const value = settings[name];
  switch (kind) {
    case "secret":
      return "";
    case "yesNo":
      return value === true ? "yes" : "no";
    case "numberOrNone":
      return value === null ? "" : String(value);
    case "list":
      return Array.isArray(value) ? value.join(" ") : "";
    case "lines":
      return Array.isArray(value) ? value.join("\n") : "";
    case "text":
    case "number":
    case "choice":
    case "numberChoice":
      return String(value);
  }
}

/** The powers of Portuguese contracts with the current that each gives now. */
export const kvaChoices = ({ phases, voltageV }: Settings): readonly Choice[] => [
  ["", "Keep the current below"],
  ...CONTRACTED_KVA.map((kva): Choice => [String(kva), `${kva} kVA, ${contractedFromKva(kva, phases, voltageV)} A`]),
];

export const KVA_FIELD = "contractedKva";
export const PZEM_ROWS = 6;
export const PZEM_PARTS: readonly ["address", "role", "phase"] = frozen(["address", "role", "phase"]);
/** Name of one input of a row of PZEMs, rows from 1. */
export const pzemInput = (part: (typeof PZEM_PARTS)[number], row: number): string => `pzem-${part}-${row}`;
export const pzemShown = (pzem: Pzem | undefined, part: (typeof PZEM_PARTS)[number]): string =>
  pzem === undefined ? "" : String(pzem[part]);
