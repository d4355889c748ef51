// Plans of tariffs that many people have: which hours of which days are in which period. Their prices are typed.

import { frozen } from "./frozen.js";
import type { Plan, Rule } from "./tariff.js";

const at = (hours: number, minutes = 0): number => hours * 60 + minutes;
const DAILY = "1234567";
const WORKDAYS = "12345";
const SATURDAY = "6";
const SUNDAY = "7";

const rule = (period: number, days: string, from: number, to: number): Rule => ({ period, days, from, to });
const inWinter = (...given: Parameters<typeof rule>): Rule => ({ ...rule(...given), season: "winter" });
const inSummer = (...given: Parameters<typeof rule>): Rule => ({ ...rule(...given), season: "summer" });

/** Saturday's hours outside vazio, the same in both weekly plans. */
const saturday = (busy: number): readonly Rule[] => [
  inWinter(busy, SATURDAY, at(9, 30), at(13)),
  inWinter(busy, SATURDAY, at(18, 30), at(22)),
  inSummer(busy, SATURDAY, at(9), at(14)),
  inSummer(busy, SATURDAY, at(20), at(22)),
  rule(0, SATURDAY, at(0), at(24)),
  rule(0, SUNDAY, at(0), at(24)),
  rule(0, WORKDAYS, at(0), at(7)),
];

/** The flat plan, and mainland Portugal's plans for low voltage (BTN) as ERSE, the regulator, sets them; winter and summer
 *  are the legal time's. Periods are named as bills name them; holidays count as the day of the week they fall on. */
export const PRESETS: Readonly<Record<PresetName, Plan>> = frozen({
  flat: { periods: ["flat"], rules: [], other: 0 },
  "pt-bi-daily": { periods: ["vazio", "fora de vazio"], rules: [rule(0, DAILY, at(22), at(8))], other: 1 },
  "pt-bi-weekly": { periods: ["vazio", "fora de vazio"], rules: saturday(1), other: 1 },
  "pt-tri-daily": {
    periods: ["vazio", "cheias", "ponta"],
    rules: [
      rule(0, DAILY, at(22), at(8)),
      inWinter(2, DAILY, at(9), at(10, 30)),
      inWinter(2, DAILY, at(18), at(20, 30)),
      inSummer(2, DAILY, at(10, 30), at(13)),
      inSummer(2, DAILY, at(19, 30), at(21)),
    ],
    other: 1,
  },
  "pt-tri-weekly": {
    periods: ["vazio", "cheias", "ponta"],
    rules: [
      ...saturday(1),
      inWinter(2, WORKDAYS, at(9, 30), at(12)),
      inWinter(2, WORKDAYS, at(18, 30), at(21)),
      inSummer(2, WORKDAYS, at(9, 15), at(12, 15)),
    ],
    other: 1,
  },
});

export type PresetName = "flat" | "pt-bi-daily" | "pt-bi-weekly" | "pt-tri-daily" | "pt-tri-weekly";
