// The status of a device in words, for people (HTML) and for programs (JSON): the same facts in both.

import type { ChargeMode } from "../charge.js";
import { frozen } from "../frozen.js";
import type { Because } from "../limits.js";
import type { Settings } from "../settings.js";
import { type Deciamps, type Decivolts, type Deciwatts, type Milliamps, type Millis, toAmps } from "../units.js";
import { escapeHtml } from "./form.js";
import type { ChargerModel, MeterModel, PortalModel, PzemFact } from "./model.js";

const STATES: Readonly<Record<ChargeMode, string>> = frozen({
  available: "No car plugged in",
  preparing: "Car plugged in, getting ready",
  charging: "Charging",
  stopping: "Asking the car to stop",
  suspendedEV: "The car has paused",
  suspendedEVSE: "Paused: no current to offer",
  finishing: "Finished, waiting to be unplugged",
  faulted: "Fault",
});

const REASONS: Readonly<Record<Because, string>> = frozen({
  share: "this charger's share of the site",
  site: "what the house leaves free",
  rating: "the rating of this charger",
  cable: "the rating of the cable",
  manual: "the manual setting",
  solar: "what the roof gives",
  person: "access: a known card has to start it",
  schedule: "the schedule",
  temperature: "the temperature of the board",
  failsafe: "the fail-safe current: the site is silent",
  paused: "a pause",
  fault: "a fault",
  none: "nothing that asks for current",
});

const MODES: Readonly<Record<Settings["mode"], string>> = frozen({
  auto: "Automatic",
  manual: "Manual",
  solar: "Solar",
});

const WIFI = frozen({ off: "Off", joining: "Connecting", joined: "Connected" });
const MQTT = frozen({ off: "Off", connecting: "Connecting", online: "Connected" });
const REPORT = frozen({ fresh: "Heard", stale: "Late", none: "Silent" });
const TIMER = frozen({ none: "None", allows: "Lets the car charge", holds: "Holds the car until later" });
const ROLES = frozen({ house: "House", grid: "Grid", solar: "Roof" });
const UNKNOWN = "Unknown";

const amps = (value: Deciamps): string => `${toAmps(value).toFixed(1)} A`;
const measured = (value: Milliamps): string => `${(value / 1_000).toFixed(1)} A`;
const volts = (value: Decivolts): string => `${(value / 10).toFixed(1)} V`;
const watts = (value: Deciwatts): string => `${Math.round(value / 10)} W`;

/** One value, or one for each phase. */
function perPhase<T>(values: readonly T[] | null, words: (value: T) => string): string {
  if (values === null || values.length === 0) return UNKNOWN;
  return values.length === 1
    ? values.map(words).join()
    : values.map((one, at) => `L${at + 1} ${words(one)}`).join(", ");
}

function duration(length: Millis): string {
  const seconds = Math.floor(length / 1_000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3_600)} h`;
}

/** Where no limit decides: nobody is there to be limited. */
function idleOf({ charger }: ChargerModel): string | null {
  if (!charger.evse) return "The EVSE does not answer.";
  if (charger.because !== "none") return null;
  return charger.state === "available" ? "No car is plugged in." : "Nothing asks for current.";
}

/** Why the car gets what it gets: the limit that won, the runner-up, and since when. Plain text. */
export function reasonOf(model: ChargerModel): string {
  const { charger } = model;
  const held = charger.heldFor === null ? "" : `, for ${duration(charger.heldFor)}`;
  const next =
    charger.runnerUp === null ? "" : ` Next limit: ${REASONS[charger.runnerUp.name]}, ${amps(charger.runnerUp.amps)}.`;
  return idleOf(model) ?? `Because of ${REASONS[charger.because]}${held}.${next}`;
}

const rows = (pairs: readonly (readonly [string, string])[]): string =>
  `<dl>${pairs.map(([term, value]) => `<dt>${escapeHtml(term)}</dt><dd>${escapeHtml(value)}</dd>`).join("")}</dl>`;

const network = (model: PortalModel): readonly (readonly [string, string])[] => [
  ["Wi-Fi", WIFI[model.wifi]],
  ...(model.address === null ? [] : [["Address", model.address] as const]),
  ["MQTT", MQTT[model.mqtt]],
];

export function statusBody(model: PortalModel): string {
  const warnings = model.warnings.map((one) => `<p class="card warn" role="alert">${escapeHtml(one)}</p>`).join("");
  return warnings + (model.device === "charger" ? chargerBody(model) : meterBody(model));
}

function chargerBody(model: ChargerModel): string {
  const { charger, settings } = model;
  const fault = charger.fault === null ? [] : [["Fault", charger.fault] as const];
  return `<div class="card"><p class="big">${amps(charger.offer)}</p><p>${escapeHtml(reasonOf(model))}</p></div>${rows([
    ["State", STATES[charger.state]],
    ...fault,
    ["Mode", MODES[settings.mode] + (settings.member ? "" : ", away from its site")],
    ["Amps set", `${settings.manualA.toFixed(1)} A for manual mode`],
    ["Amps offered", amps(charger.offer)],
    ["Amps drawn", perPhase(charger.draw, measured)],
    ["Timer", TIMER[charger.timer]],
    ["House", perPhase(model.house, measured)],
    ["Site's meter", settings.meter === "none" ? "None: fixed limit" : REPORT[charger.report]],
    ["EVSE", charger.evse ? "Working" : "Silent"],
    ["Contactor", charger.contactorClosed ? "Closed" : "Open"],
    ...network(model),
  ])}`;
}

function meterBody(model: MeterModel): string {
  const { meter } = model;
  const pzems = meter.pzems.map((one) => `<h2>${ROLES[one.role]}, L${one.phase}</h2>${rows(pzemRows(one))}`).join("");
  return `<div class="card"><p class="big">${escapeHtml(perPhase(model.house, measured))}</p><p>The house, without the cars.</p></div>${rows(
    [["Left for cars", perPhase(meter.budget, amps)], ["Chargers heard", String(meter.chargers)], ...network(model)],
  )}${pzems}`;
}

function pzemRows({ address, reading }: PzemFact): readonly (readonly [string, string])[] {
  const where = ["PZEM address", String(address)] as const;
  if (!reading.ok) return [where, ["Link", reading.why === "timeout" ? "No answer" : reading.why]];
  return [
    where,
    ["Link", "Working"],
    ["Voltage", volts(reading.voltage)],
    ["Current", `${(reading.current / 1_000).toFixed(2)} A`],
    ["Power", watts(reading.power)],
  ];
}

const inAmps = (values: readonly Milliamps[] | null): readonly number[] | null =>
  values?.map((one) => one / 1_000) ?? null;

/** The same facts as an object for JSON; units in the names. */
export function statusFacts(model: PortalModel): object {
  const { settings, warnings, wifi, address, mqtt } = model;
  const common = { device: model.device, id: settings.id, houseA: inAmps(model.house), wifi, address, mqtt, warnings };
  if (model.device === "meter") return { ...common, ...meterFacts(model) };
  const { charger } = model;
  return {
    ...common,
    state: charger.state,
    mode: settings.mode,
    member: settings.member,
    manualA: settings.manualA,
    offerA: toAmps(charger.offer),
    because: charger.because,
    runnerUp: charger.runnerUp?.name ?? null,
    runnerUpA: charger.runnerUp === null ? null : toAmps(charger.runnerUp.amps),
    heldForS: charger.heldFor === null ? null : Math.floor(charger.heldFor / 1_000),
    reason: reasonOf(model),
    drawA: inAmps(charger.draw),
    contactorClosed: charger.contactorClosed,
    fault: charger.fault,
    evse: charger.evse,
    report: charger.report,
    timer: charger.timer,
  };
}

const meterFacts = ({ meter }: MeterModel): object => ({
  budgetA: meter.budget?.map(toAmps) ?? null,
  chargers: meter.chargers,
  pzems: meter.pzems.map(({ address, role, phase, reading }) => ({
    address,
    role,
    phase,
    link: reading.ok ? "ok" : reading.why,
    voltageV: reading.ok ? reading.voltage / 10 : null,
    currentA: reading.ok ? reading.current / 1_000 : null,
    powerW: reading.ok ? reading.power / 10 : null,
  })),
});
