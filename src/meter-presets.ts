// Where the figures of somebody else's meter stand: which topics, which paths in their JSON, in which unit. One row for each
// device that is known; docs/meters.md says where each row comes from. It knows no payload and no time.

import { frozen } from "./frozen.js";
import { type Path, parsePath } from "./json-path.js";
import type { Settings } from "./settings-fields.js";

/** in: what flows in, or the difference with its sign; out: what flows out, where that is a figure of its own; size: the
 *  current without its sign; volts: of the phase. */
export type FigureKind = "in" | "out" | "size" | "volts";

export interface Figure {
  readonly kind: FigureKind;
  /** From 0. */
  readonly phase: number;
  readonly topic: string;
  readonly path: Path;
}

export interface Source {
  readonly unit: Settings["meterUnit"];
  /** -1: a positive number flows out. */
  readonly sign: 1 | -1;
  readonly figures: readonly Figure[];
  /** Each once. */
  readonly topics: readonly string[];
}

export interface Refusal {
  readonly field: "meterPreset" | "meterTopic" | "meterPath";
  readonly why: string;
}

type Places = readonly { readonly kind: FigureKind; readonly where: string }[];

interface Preset {
  /** null: as the settings say. */
  readonly unit: Settings["meterUnit"] | null;
  /** What follows the topic of the settings, and behind | the path; on one phase and on three, where # is the phase from 0,
   *  % from 1, and & as a letter from a. None: it does not measure so many phases. */
  readonly one: Places;
  readonly three: Places;
  /** The settings may name a topic for each phase, and one for what flows out. */
  readonly each: boolean;
}

/** "in/emeter/#/power size/emeter/#/current". */
const placesOf = (text: string): Places =>
  text.split(" ").map((part) => {
    const kind = KINDS.find((one) => part.startsWith(one)) ?? "in";
    return { kind, where: part.slice(kind.length) };
  });
const KINDS: readonly FigureKind[] = frozen(["in", "out", "size", "volts"]);

const device = (unit: Preset["unit"], one: string, three: string | null = one): Preset => ({
  unit,
  one: placesOf(one),
  three: three === null ? [] : placesOf(three),
  each: false,
});
const own: Preset = { ...device(null, "in"), each: true };
const POWER = "in/SENSOR|ENERGY.Power";
const CURRENT = "size/SENSOR|ENERGY.Current";
const P1 = (name: string, phase: string): string => `in/${name}_delivered${phase} out/${name}_returned${phase}`;

const PRESETS: Readonly<Record<Settings["meterPreset"], Preset>> = frozen({
  amps: device("A", "in|[#]"),
  custom: own,
  shellyEm: device("W", "in/emeter/0/power volts/emeter/0/voltage", null),
  shelly3em: device("W", "in/emeter/#/power size/emeter/#/current"),
  shellyProEm: device("W", "in/status/em1:#|act_power size/status/em1:#|current"),
  shellyPro3em: device("W", "in/status/em:0|&_act_power size/status/em:0|&_current"),
  tasmota: device("W", `${POWER} ${CURRENT}`, `${POWER}[#] ${CURRENT}[#]`),
  tasmotaSml: device("W", "in/SENSOR|SML.Power_curr", "in/SENSOR|SML.power_l%"),
  esphome: own,
  p1: device(
    "kW",
    `${P1("electricity_currently", "")} volts/phase_voltage_l1`,
    `${P1("phase_currently", "_l%")} volts/phase_voltage_l%`,
  ),
  homeAssistant: own,
  solarEdge: own,
  fronius: own,
});

type MeterSettings = Pick<
  Settings,
  "meterPreset" | "meterTopic" | "meterPath" | "meterUnit" | "meterSign" | "phases" | "voltageV"
>;

const topicWrong: Refusal = frozen({
  field: "meterTopic",
  why: "must be one topic without / at its end, or for your own topics and entities one for each phase, between commas",
});
const pathWrong: Refusal = frozen({
  field: "meterPath",
  why: "must lead to a value of each phase, between commas, as in ENERGY.Power[0]",
});

/** Where each figure stands, or what of the settings is wrong. */
export function sourceOf(settings: MeterSettings): Source | Refusal {
  const { meterPreset, meterTopic, phases } = settings;
  const preset = PRESETS[meterPreset];
  const places = phases === 1 ? preset.one : preset.three;
  if (places.length === 0) return { field: "meterPreset", why: "measures one phase, and the site has three" };
  const topics = meterPreset === "amps" ? [meterTopic] : meterTopic.split(",");
  const paths = meterPreset === "custom" ? settings.meterPath.split(",") : [""];
  const wanted = preset.each ? phases : 1;
  if (topics.length !== wanted && (meterPreset !== "custom" || topics.length > 1)) return topicWrong;
  if (paths.length !== wanted && (paths.length > 1 || topics.length < wanted)) return pathWrong;
  const figures: Figure[] = [];
  for (let phase = 0; phase < phases; phase++) {
    const topic = topics[phase % topics.length] ?? "";
    const path = paths[phase % paths.length] ?? "";
    if (preset.each) {
      const suffix = meterPreset === "custom" ? "" : "/state";
      const wrong = addTyped(figures, phase, topic.split(" - "), path.split(" - "), suffix);
      if (wrong !== null) return wrong;
    } else if (topic.endsWith("/") && meterPreset !== "amps") return topicWrong;
    else addPlaces(figures, phase, topic, places);
  }
  return {
    unit: preset.unit ?? settings.meterUnit,
    sign: (settings.meterSign === "export") === (meterPreset === "solarEdge") ? 1 : -1,
    figures,
    topics: figures.map((one) => one.topic).filter((one, at, all) => all.indexOf(one) === at),
  };
}

/** What is subscribed to. */
export function topicsOf(settings: MeterSettings): readonly string[] {
  const source = sourceOf(settings);
  return "topics" in source ? source.topics : [];
}

/** What somebody typed for a phase: what flows in, and behind " - " what flows out. */
function addTyped(
  figures: Figure[],
  phase: number,
  topics: readonly string[],
  paths: readonly string[],
  suffix: string,
): Refusal | null {
  const count = Math.max(topics.length, paths.length);
  if (count > 2) return topics.length > 2 ? topicWrong : pathWrong;
  for (let at = 0; at < count; at++) {
    const topic = (topics[at] ?? topics[0] ?? "").trim();
    const path = parsePath((paths[at] ?? paths[0] ?? "").trim());
    if (topic === "") return topicWrong;
    if (path === null) return pathWrong;
    figures.push({ kind: at === 0 ? "in" : "out", phase, topic: topic + suffix, path });
  }
  return null;
}

function addPlaces(figures: Figure[], phase: number, base: string, places: Places): void {
  for (let at = 0; at < places.length; at++) {
    const place = places[at];
    if (place === undefined) return;
    const named = place.where
      .replace("#", `${phase}`)
      .replace("%", `${phase + 1}`)
      .replace("&", "abc".charAt(phase));
    const parts = named.split("|");
    const path = parsePath(parts[1] ?? "") ?? [];
    figures.push({ kind: place.kind, phase, topic: base + (parts[0] ?? ""), path });
  }
}
