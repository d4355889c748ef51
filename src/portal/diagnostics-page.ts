// What the board measures, for whoever builds one or looks for a bad wire: docs/hardware.md says what each line should be.
// It decides nothing, and nothing is decided by it.

import type { MeasuredAt } from "../lease.js";
import type { Tally } from "../pzem-bus.js";
import { type Millis, minus, type PilotMillivolts } from "../units.js";
import { escapeHtml } from "./form.js";
import type { ChargerModel } from "./model.js";
import { duration, rows } from "./status-page.js";
import { filled, type Texts } from "./texts/texts.js";
import type { View } from "./view.js";

/** Seconds, as the header Refresh has them. */
export const DIAGNOSTICS_REFRESH = "2";

type Row = readonly [term: string, value: string];

/** So many digits behind the point, zeros too: a value that stands still is read as well as one that moves. */
const digits = (texts: Texts, value: number, count: number): string =>
  value
    .toFixed(count)
    .replace(".", texts.decimal)
    .replace(/^-(?=[0.,]*$)/, "");
const volts = (texts: Texts, value: PilotMillivolts): string => `${digits(texts, value / 1_000, 2)} V`;
const ago = ({ texts, model }: View, at: Millis): string =>
  filled(texts.words.ago, duration(texts, minus(model.now, at)));
const part = (heading: string, lines: readonly Row[]): string => `<h2>${escapeHtml(heading)}</h2>${rows(lines)}`;

export function diagnosticsBody(view: View): string {
  const { texts, model } = view;
  const own = model.device === "charger" ? chargerParts(view, model) : "";
  const pzems = model.tallies.map((one) => part(`PZEM ${one.address}`, pzemRows(view, one)));
  const device = part(texts.titles.device, deviceRows(view));
  return `<p class="hint">${escapeHtml(texts.diagnostics.about)}</p>${own}${pzems.join("")}${device}`;
}

function deviceRows({ texts, model }: View): readonly Row[] {
  const { diagnostics, facts } = texts;
  return [
    [facts.restarted, model.restarted],
    [diagnostics.uptime, duration(texts, model.now)],
    ...(model.freeMemory === null
      ? []
      : [[diagnostics.memory, `${Math.floor(model.freeMemory / 1_024)} KiB`] as const]),
  ];
}

function chargerParts(view: View, { charger }: ChargerModel): string {
  const { diagnostics, facts } = view.texts;
  const { measured, reader } = charger;
  const board: readonly Row[] =
    measured === null ? [[facts.evse, charger.evse ? diagnostics.notYet : facts.silent]] : boardRows(view, measured);
  const cards: readonly Row[] = [
    [diagnostics.phase, diagnostics.phases[reader.phase]],
    [diagnostics.unanswered, String(reader.failures)],
    [diagnostics.heard, reader.heardAt === null ? diagnostics.never : ago(view, reader.heardAt)],
  ];
  return part(diagnostics.board, board) + part(diagnostics.reader, cards);
}

function boardRows(view: View, measured: MeasuredAt): readonly Row[] {
  const { texts } = view;
  const { diagnostics, facts } = texts;
  const { samples, duty, contactorClosed, feedback, proximity, temperature } = measured;
  const { count, high, low } = samples;
  const position = (closed: boolean): string => (closed ? facts.closed : facts.open);
  return [
    [diagnostics.high, volts(texts, high[0])],
    [diagnostics.low, volts(texts, low[2])],
    [diagnostics.samples, String(count)],
    [diagnostics.noise, `${minus(high[0], high[2])} mV, ${minus(low[0], low[2])} mV`],
    [diagnostics.duty, `${digits(texts, duty / 100, 2)} %`],
    [diagnostics.told, position(contactorClosed)],
    [diagnostics.contacts, feedback === null ? diagnostics.noFeedback : position(feedback)],
    [diagnostics.proximity, proximity === null ? diagnostics.openLine : `${proximity} ohm`],
    [diagnostics.temperature, `${digits(texts, temperature / 10, 1)} °C`],
    [diagnostics.measured, ago(view, measured.at)],
  ];
}

function pzemRows(view: View, { read, failed, failure, reading }: Tally): readonly Row[] {
  const { texts } = view;
  const { diagnostics, facts, links } = texts;
  const last = failure === null ? diagnostics.none : `${links[failure.why]}, ${ago(view, failure.at)}`;
  const frames: readonly Row[] = [
    [diagnostics.frames, String(read)],
    [diagnostics.failed, String(failed)],
    [diagnostics.failure, last],
  ];
  if (reading === null) return [...frames, [diagnostics.values, diagnostics.none]];
  const { voltage, current, power, energy, frequency, powerFactor } = reading;
  return [
    ...frames,
    [facts.voltage, `${digits(texts, voltage / 10, 1)} V`],
    [facts.current, `${digits(texts, current / 1_000, 3)} A`],
    [facts.power, `${digits(texts, power / 10, 1)} W`],
    [diagnostics.energy, `${energy} Wh`],
    [diagnostics.frequency, `${digits(texts, frequency / 10, 1)} Hz`],
    [diagnostics.factor, digits(texts, powerFactor / 100, 2)],
  ];
}
