// From a scenario's site and chargers to the settings that their devices are given at first boot.

import { parse, type Settings } from "../../src/settings.js";
import { type Make, OTHER_METER } from "./plant/other-meter.js";

/** The parts of a scenario that this needs; bare numbers, as in the file. */
export interface SettingsSource {
  readonly site: {
    readonly contractedA: number;
    readonly bufferA: number;
    readonly houseMaxA: number | null;
    readonly phases: number;
    readonly voltageV: number;
    readonly meter: {
      readonly measures: string;
      readonly periodS: number;
      readonly ours: boolean;
      readonly speaks?: Make;
    } | null;
    readonly policy: string;
    readonly reportLeaseS: number;
    readonly maxCharging: number;
    /** What carries the site's messages; the broker when left out. */
    readonly peers?: string;
    readonly tariff?: object | null;
    readonly timeZone?: string;
  };
  readonly chargers: readonly ChargerSource[];
}

interface ChargerSource {
  readonly id: string;
  readonly maxA: number;
  readonly cableA: number;
  readonly failsafeA: number;
  readonly wiring: readonly number[];
  readonly priority: number;
  readonly mode: string;
  readonly manualA: number;
  readonly member: boolean;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly schedule?: object | null;
}

export type SettingsResult =
  | { readonly ok: true; readonly settings: Settings }
  | { readonly ok: false; readonly key: string; readonly why: string };

const SOCKET_CODES: readonly number[] = [13, 20, 32, 63];

/** Every simulated site has a key of its own, and nobody else has it. */
export const SITE_KEY = "5a17e0c4d3b2916f".repeat(2);

/** Of the pages of every simulated device. */
export const PORTAL_PASSWORD = "simulated-site";

/** Who is elsewhere at the beginning has no part in what is reserved at home. */
const rosterOf = ({ chargers }: SettingsSource) =>
  chargers.map(({ id, wiring, failsafeA, member }) => ({ id, wiring, failsafeA: member ? failsafeA : 0 }));

function siteValues(source: SettingsSource): Record<string, unknown> {
  const { contractedA, bufferA, houseMaxA, phases, voltageV, meter, reportLeaseS, policy, maxCharging } = source.site;
  return {
    contractedA,
    bufferA,
    houseMaxA,
    phases,
    voltageV,
    reportLeaseS,
    periodS: meter?.periodS ?? 1,
    policy,
    maxCharging,
    meter: meter === null ? "none" : meter.ours ? "ours" : "other",
    meterPreset: meter?.speaks ?? "amps",
    meterTopic: meter?.ours === false ? OTHER_METER[meter.speaks ?? "amps"] : "",
    measures: meter?.measures ?? "house",
    siteKey: SITE_KEY,
    roster: rosterOf(source),
    carrier: source.site.peers ?? "mqtt",
    mqttHost: "broker",
    setUp: true,
    portalPassword: PORTAL_PASSWORD,
    tariff: source.site.tariff ?? null,
    timeZone: source.site.timeZone ?? "",
  };
}

function parsed(where: string, values: Record<string, unknown>): SettingsResult {
  const result = parse(values);
  if (result.ok) return result;
  const [first] = result.errors;
  return { ok: false, key: `${where}.${first?.field}`, why: first?.why ?? "refused" };
}

/** Settings of a charger. What set-up would refuse is refused with the key and the reason. */
export function chargerSettings(source: SettingsSource, id: string): SettingsResult {
  const index = source.chargers.findIndex((one) => one.id === id);
  const charger = source.chargers[index];
  if (charger === undefined) return { ok: false, key: "chargers", why: `has no ${id}` };
  const { maxA, cableA, failsafeA, wiring, priority, mode, manualA, member, settings } = charger;
  const socket = cableA !== maxA && SOCKET_CODES.includes(cableA);
  const plain = { id, maxA, cableA, socket, failsafeA, wiring, priority, mode, manualA, member };
  const own = charger.schedule ? { ...plain, schedule: charger.schedule } : plain;
  return parsed(`chargers[${index}]`, { ...siteValues(source), ...own, ...settings });
}

/** Settings of the meter: a PZEM for each phase, and after them one for each phase of the roof. */
export function meterSettings(source: SettingsSource, hasRoof: boolean): SettingsResult {
  const { phases, meter } = source.site;
  const numbers = phases === 1 ? [1] : [1, 2, 3];
  const role = meter?.measures ?? "house";
  const pzems = numbers.map((phase) => ({ address: phase, role, phase }));
  const roof = hasRoof ? numbers.map((phase) => ({ address: phases + phase, role: "solar", phase })) : [];
  return parsed("site", { ...siteValues(source), id: "meter", roof: hasRoof, pzems: [...pzems, ...roof] });
}
