// What settings must have to do with each other, one named rule each. Every rule sees settings that are each valid alone.

import { frozen } from "./frozen.js";
import { sourceOf } from "./meter-presets.js";
import { rosterOf } from "./roster.js";
import type { SettingName, Settings } from "./settings-fields.js";
import { JSON_LIMIT, settingsLength } from "./settings-text.js";
import { type Amps, type Deciamps, deciamps, fromAmps, plus, toAmps } from "./units.js";

export interface SettingsError {
  /** Name of the setting, or what was typed in its place. */
  readonly field: string;
  readonly why: string;
}

/** A setting in amperes, in the unit that the rest of the firmware counts in. Exact. */
export const deciampsOf = (value: Amps): Deciamps => fromAmps(value);

type Rule = (settings: Settings) => SettingsError | null;

const refuse = (field: SettingName, why: string): SettingsError => ({ field, why });

const failsafeWithinRating: Rule = ({ failsafeA, maxA }) =>
  failsafeA > maxA ? refuse("failsafeA", `must be at most the rating, ${maxA} A`) : null;

/** Design 7 rule 9: the house at its worst and all fail-safe currents of a phase together stay within the contract. */
const failsafeWithinSite: Rule = (settings) => {
  const { contractedA, bufferA, houseMaxA, member } = settings;
  const rows = rosterOf(settings).filter((row) => row.failsafeA > 0 && (member || row.id !== settings.id));
  if (rows.length === 0) return null;
  const own = rows.some((row) => row.id === settings.id);
  const field = own ? "failsafeA" : "roster";
  if (houseMaxA === null) return refuse(field, "must be 0 until the most that the house takes is known");
  for (const phase of [1, 2, 3]) {
    const added = rows.filter((row) => row.wiring.includes(phase)).map((row) => deciampsOf(row.failsafeA));
    const failsafe = added.reduce(plus, deciamps(0));
    const sum = plus(plus(failsafe, deciampsOf(houseMaxA)), deciampsOf(bufferA));
    if (added.length === 0 || sum <= deciampsOf(contractedA)) continue;
    const where = settings.phases === 1 ? "" : ` on phase ${phase}`;
    return refuse(
      field,
      `fail-safe ${toAmps(failsafe)} A${where} + house ${houseMaxA} A + buffer ${bufferA} A is ${toAmps(sum)} A, more than the contracted ${contractedA} A`,
    );
  }
  return null;
};

const rosterWithinPhases: Rule = ({ roster, phases }) => {
  const row = roster.find((one) => one.wiring.some((phase) => phase > phases));
  return row === undefined ? null : refuse("roster", `wires ${row.id} to a phase that the site does not have`);
};

/** What is in use and was never kept would be gone with the next restart. */
const shortEnoughToKeep: Rule = (settings) => {
  const over = settingsLength(settings) - JSON_LIMIT;
  const field = settings.roster.length > settings.cards.length ? "roster" : "cards";
  return over <= 0
    ? null
    : refuse(field, `makes the settings ${over} bytes too long to keep: use fewer or shorter names`);
};

const topicOfOther: Rule = ({ meter, meterTopic }) =>
  meter === "other" && meterTopic === "" ? refuse("meterTopic", "must say where the meter's value is published") : null;

const sourceOfOther: Rule = (settings) => {
  if (settings.meter !== "other" || settings.meterTopic === "") return null;
  const source = sourceOf(settings);
  return "why" in source ? source : null;
};

const bufferBelowContract: Rule = ({ bufferA, contractedA }) =>
  bufferA >= contractedA ? refuse("bufferA", `must be below the contracted ${contractedA} A`) : null;

const leaseOutlivesTwoReports: Rule = ({ reportLeaseS, periodS }) =>
  reportLeaseS < 2 * periodS + 1
    ? refuse("reportLeaseS", `must be at least ${2 * periodS + 1}, twice the meter's period and 1 s`)
    : null;

const wiringWithinPhases: Rule = ({ wiring, phases }) =>
  wiring.some((phase) => phase > phases) ? refuse("wiring", "names a phase that the site does not have") : null;

const pzemsWithinPhases: Rule = ({ pzems, phases }) =>
  pzems.some((one) => one.phase > phases) ? refuse("pzems", "measure a phase that the site does not have") : null;

const signOfTheGrid: Rule = ({ roof, pzems }) =>
  roof && pzems.some((one) => one.role === "grid") && !pzems.some((one) => one.role === "solar")
    ? refuse(
        "pzems",
        "a PZEM has no sign: it reads what the roof exports as what the house takes; measure the house and the roof",
      )
    : null;

const emoncmsKnowsItsWay: Rule = ({ emoncms, emoncmsUrl, emoncmsKey, mqttHost }) => {
  if (emoncms === "mqtt") return mqttHost === "" ? refuse("emoncms", "needs a broker by MQTT") : null;
  if (emoncms === "off") return null;
  if (emoncmsUrl === "") return refuse("emoncmsUrl", "must say where the server is");
  return emoncmsKey === "" ? refuse("emoncmsKey", "must be a key that may write") : null;
};

const influxKnowsItsWay: Rule = ({ influx, influxUrl, influxBucket, influxOrg, influxToken }) => {
  if (influx === "off") return null;
  if (influxUrl === "") return refuse("influxUrl", "must say where the server is");
  if (influxBucket === "") return refuse("influxBucket", "must be a name that the server knows");
  if (influx === "1") return null;
  if (influxOrg === "") return refuse("influxOrg", "must be a name that the server knows");
  return influxToken === "" ? refuse("influxToken", "must be a key that may write") : null;
};

export const RULES: readonly Rule[] = frozen([
  failsafeWithinRating,
  failsafeWithinSite,
  bufferBelowContract,
  leaseOutlivesTwoReports,
  wiringWithinPhases,
  rosterWithinPhases,
  topicOfOther,
  sourceOfOther,
  pzemsWithinPhases,
  signOfTheGrid,
  emoncmsKnowsItsWay,
  influxKnowsItsWay,
  shortEnoughToKeep,
]);
