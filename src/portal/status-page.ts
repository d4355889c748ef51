// The facts of a device: as a table for people, as JSON for programs.

import { localTime as localAt, minuteText } from "../calendar.js";
import type { Because } from "../limits.js";
import { zoneOf } from "../rights.js";
import {
  type Deciamps,
  type Decivolts,
  type Deciwatts,
  type Milliamps,
  type Millis,
  toAmps,
  unixSeconds,
} from "../units.js";
import { escapeHtml } from "./form.js";
import type { ChargerModel, MeterModel, PortalModel, PzemFact } from "./model.js";
import { EN } from "./texts/en.js";
import { filled, type Texts, translated } from "./texts/texts.js";
import type { View } from "./view.js";

type Row = readonly [term: string, value: string];

const tenths = (texts: Texts, value: number): string => value.toFixed(1).replace(".", texts.decimal);
const amps = (texts: Texts, value: Deciamps): string => `${tenths(texts, toAmps(value))} A`;
const measured = (texts: Texts, value: Milliamps): string => `${tenths(texts, value / 1_000)} A`;
const volts = (texts: Texts, value: Decivolts): string => `${tenths(texts, value / 10)} V`;
const watts = (value: Deciwatts): string => `${Math.round(value / 10)} W`;

/** One value, or one for each phase. */
function perPhase<T>(texts: Texts, values: readonly T[] | null, words: (texts: Texts, value: T) => string): string {
  if (values === null || values.length === 0) return texts.words.unknown;
  return values.length === 1
    ? values.map((one) => words(texts, one)).join()
    : values.map((one, at) => `L${at + 1} ${words(texts, one)}`).join(", ");
}

/** In the largest unit of which there are two, rounded down. */
export function duration({ words }: Texts, length: Millis): string {
  const seconds = Math.floor(length / 1_000);
  if (seconds < 120) return filled(words.seconds, String(seconds));
  return seconds < 7_200
    ? filled(words.minutes, String(Math.floor(seconds / 60)))
    : filled(words.hours, String(Math.floor(seconds / 3_600)));
}

/** Where no limit decides: nobody is there to be limited. */
function idleOf({ because }: Texts, { charger }: ChargerModel): string | null {
  if (!charger.evse) return because.silent;
  if (charger.because !== "none") return null;
  return charger.state === "available" ? because.noCar : because.nothing;
}

/** The reason by its name in the texts: what a person may have is another matter than that nobody has shown a card, and who
 *  leads from outside another than the amps on the page. */
export function reasonName({ charger, settings }: ChargerModel): Because | "personMax" | "outside" {
  if (charger.because === "person" && charger.session !== null) return "personMax";
  return charger.because === "manual" && settings.mode !== "manual" ? "outside" : charger.because;
}

/** Why the car gets what it gets: the limit that won, the runner-up, and since when. Plain text. */
export function reasonOf(texts: Texts, model: ChargerModel): string {
  const { charger } = model;
  const { because } = texts;
  const held = charger.heldFor === null ? "" : filled(because.held, duration(texts, charger.heldFor));
  // Two of one name are one for whoever reads: a pause of both machines.
  const runnerUp = charger.runnerUp?.name === charger.because ? null : charger.runnerUp;
  const next =
    runnerUp === null ? "" : ` ${filled(because.next, because[runnerUp.name], tenths(texts, toAmps(runnerUp.amps)))}`;
  return idleOf(texts, model) ?? `${filled(because.of, because[reasonName(model)])}${held}.${next}`;
}

export const rows = (pairs: readonly Row[]): string =>
  `<dl>${pairs.map(([term, value]) => `<dt>${escapeHtml(term)}</dt><dd>${escapeHtml(value)}</dd>`).join("")}</dl>`;

/** The time of day where the device is, as in 20:05; null while nobody has told it. */
export function localTime({ unix, settings, now }: PortalModel, at: Millis = now): string | null {
  if (unix === null) return null;
  const then = unixSeconds(unix - Math.floor((now - at) / 1_000));
  return minuteText(localAt(then, zoneOf(settings)).minute);
}

function common({ texts, model }: View): readonly Row[] {
  const { facts } = texts;
  const time = localTime(model);
  return [
    [facts.wifi, texts.wifi[model.wifi]],
    ...(model.address === null ? [] : [[facts.address, model.address] as const]),
    [facts.mqtt, texts.mqtt[model.mqtt]],
    ...(time === null ? [] : [[facts.time, time] as const]),
  ];
}

export const warnings = ({ model, texts }: View): string =>
  model.warnings.map((one) => `<p class="card warn" role="alert">${escapeHtml(translated(texts, one))}</p>`).join("");

/** "3.2 A, 4 s ago". */
const meterSaid = (texts: Texts, { otherMeter }: ChargerModel): string =>
  otherMeter === null
    ? texts.words.unknown
    : filled(texts.words.saidAgo, perPhase(texts, otherMeter.currents, measured), duration(texts, otherMeter.age));

/** All facts of a charger as a table. */
export function chargerFacts(view: View<ChargerModel>): string {
  const { texts, model } = view;
  const { charger, settings } = model;
  const { facts } = texts;
  const mode = texts.modes[settings.mode];
  return rows([
    [facts.state, texts.stateWords[charger.state]],
    ...(charger.fault === null ? [] : [[facts.fault, texts.faults[charger.fault]] as const]),
    [facts.mode, settings.member ? mode : filled(facts.away, mode)],
    [facts.ampsSet, filled(facts.forManual, tenths(texts, settings.manualA))],
    [facts.offered, amps(texts, charger.offer)],
    [facts.drawn, perPhase(texts, charger.draw, measured)],
    [facts.timer, texts.timer[charger.timer]],
    [facts.house, perPhase(texts, model.house, measured)],
    [facts.siteMeter, settings.meter === "none" ? facts.fixedLimit : texts.report[charger.report]],
    ...(settings.meter === "other" ? [[facts.otherMeter, meterSaid(texts, model)] as const] : []),
    [facts.evse, charger.evse ? facts.working : facts.silent],
    [facts.contactor, charger.contactorClosed ? facts.closed : facts.open],
    ...common(view),
  ]);
}

/** The status page of a meter; what changes by itself stands in parts that a script can renew. */
export function meterBody(view: View<MeterModel>): string {
  const { texts, model } = view;
  const { meter } = model;
  const { facts } = texts;
  const pzems = meter.pzems
    .map((one) => `<h2>${escapeHtml(texts.roles[one.role])}, L${one.phase}</h2>${rows(pzemRows(texts, one))}`)
    .join("");
  return `<div id="live" data-live>${warnings(view)}<div class="card"><p class="big">${escapeHtml(perPhase(texts, model.house, measured))}</p><p>${escapeHtml(facts.withoutCars)}</p></div>${rows(
    [[facts.left, perPhase(texts, meter.budget, amps)], [facts.heard, String(meter.chargers)], ...common(view)],
  )}${pzems}</div>`;
}

function pzemRows(texts: Texts, { address, reading }: PzemFact): readonly Row[] {
  const { facts } = texts;
  const where = [facts.pzemAddress, String(address)] as const;
  if (!reading.ok) return [where, [facts.link, texts.links[reading.why]]];
  return [
    where,
    [facts.link, facts.working],
    [facts.voltage, volts(texts, reading.voltage)],
    [facts.current, `${(reading.current / 1_000).toFixed(2).replace(".", texts.decimal)} A`],
    [facts.power, watts(reading.power)],
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
    reason: reasonOf(EN, model),
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
