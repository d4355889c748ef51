// What settings must have to do with each other, one named rule each. Every rule sees settings that are each valid alone.

import { frozen } from "./frozen.js";
import type { SettingName, Settings } from "./settings-fields.js";
import { type Amps, type Deciamps, fromAmps, minus, plus, toAmps } from "./units.js";

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

/** Design 7 rule 9: the house at its worst and the fail-safe current together stay within the contract. Only what this
 *  device knows: the sum over all chargers of a site is checked where the roster is. */
const failsafeWithinSite: Rule = ({ failsafeA, contractedA, bufferA, houseMaxA, member }) => {
  if (!member || failsafeA === 0) return null;
  if (houseMaxA === null) return refuse("failsafeA", "must be 0 until the most that the house takes is known");
  const left = minus(minus(deciampsOf(contractedA), deciampsOf(bufferA)), deciampsOf(houseMaxA));
  if (deciampsOf(failsafeA) <= left) return null;
  const sum = toAmps(plus(plus(deciampsOf(failsafeA), deciampsOf(houseMaxA)), deciampsOf(bufferA)));
  return refuse(
    "failsafeA",
    `fail-safe ${failsafeA} A + house ${houseMaxA} A + buffer ${bufferA} A is ${sum} A, more than the contracted ${contractedA} A`,
  );
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

export const RULES: readonly Rule[] = frozen([
  failsafeWithinRating,
  failsafeWithinSite,
  bufferBelowContract,
  leaseOutlivesTwoReports,
  wiringWithinPhases,
  pzemsWithinPhases,
  signOfTheGrid,
]);
