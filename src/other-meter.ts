// Somebody else's meter: its payloads become currents of the phases once each phase has spoken, and as long as each is
// fresh. Where its figures stand is in meter-presets.ts; it knows no broker, no car and no budget.

import { frozen } from "./frozen.js";
import { numberAt } from "./json-path.js";
import { readKnownJson } from "./known-json.js";
import { type FigureKind, type Source, sourceOf } from "./meter-presets.js";
import { leaseOf, periodOf, type Settings } from "./settings.js";
import { isList } from "./settings-checks.js";
import { isUnmoved, NEVER_READ, type StuckWatch, watchStuck } from "./stuck.js";
import { decodeText } from "./text.js";
import { decivolts, higher, lower, type Milliamps, type Millis, milliamps, millis, minus } from "./units.js";

const LIST_LIMIT = 64;
/** The longest of the known devices say 1 KB. */
const PAYLOAD_LIMIT = 2_048;
/** No house takes more. */
const LARGEST: number = 1_000_000;
/** A voltage beyond this is no voltage: the setting holds. */
const [LEAST_VOLTS, MOST_VOLTS] = [100, 300] as const;

/** A reading of it has no voltage and no frequency by which one could see that it stands still. */
const UNSAID = frozen({ voltage: decivolts(0), frequency: 0, current: milliamps(0) });

interface Heard {
  readonly value: number;
  readonly at: Millis;
}

/** What the meter says of all phases. */
export interface MeterReading {
  /** A negative one flows out. */
  readonly currents: readonly Milliamps[];
  /** When each phase was heard last. */
  readonly at: readonly Millis[];
  /** When that figure was heard that is the oldest of all. */
  readonly since: Millis;
}

export interface OtherMeter {
  readonly settings: Settings;
  /** null: what the settings say of it cannot be read. */
  readonly source: Source | null;
  /** The last of each figure of the source. */
  readonly heard: readonly (Heard | null)[];
  /** The last reading. */
  readonly told: MeterReading | null;
  /** Between the last two readings in which all was new, and between the two before. */
  readonly gap: Millis | null;
  readonly before: Millis | null;
  readonly watches: readonly StuckWatch[];
  /** It says the same although the cars draw another current. */
  readonly stuck: boolean;
}

export function startOtherMeter(settings: Settings): OtherMeter {
  const source = settings.meter === "other" ? sourceOf(settings) : null;
  return {
    settings,
    source: source !== null && "figures" in source ? source : null,
    heard: [],
    told: null,
    gap: null,
    before: null,
    watches: [],
    stuck: false,
  };
}

const OF_METER: readonly (keyof Settings)[] = frozen([
  "meter",
  "meterPreset",
  "meterTopic",
  "meterPath",
  "meterUnit",
  "meterSign",
  "phases",
  "measures",
]);

/** Other settings: another meter is heard anew. */
export function resettledMeter(meter: OtherMeter, settings: Settings): OtherMeter {
  if (meter.settings === settings) return meter;
  const isSame = OF_METER.every((name) => meter.settings[name] === settings[name]);
  return isSame ? { ...meter, settings } : startOtherMeter(settings);
}

/** Takes a payload of one of its topics. A figure that cannot be trusted is none: the one before grows old. */
export function hearMeter(meter: OtherMeter, topic: string, payload: Uint8Array, now: Millis): OtherMeter {
  const { source } = meter;
  const value = source === null ? undefined : jsonIn(meter, source, payload);
  if (source === null || value === undefined) return meter;
  const heard = source.figures.map((one, place): Heard | null => {
    const number = one.topic === topic ? numberAt(value, one.path) : null;
    return number === null ? (meter.heard[place] ?? null) : { value: number, at: now };
  });
  return { ...meter, heard };
}

/** What of the payload has to do with the figures; undefined for what is no JSON. "1,2,3" alone is a list too. */
function jsonIn({ settings }: OtherMeter, { figures }: Source, payload: Uint8Array): unknown {
  const inList = settings.meterPreset === "amps";
  const read = decodeText(payload, inList ? LIST_LIMIT : PAYLOAD_LIMIT);
  if (!read.ok) return undefined;
  const text = inList && !read.text.includes("[") ? `[${read.text}]` : read.text;
  const json = readKnownJson(text, (name) => (figures.some(({ path }) => path.includes(name)) ? true : null));
  if (!json.ok || (inList && (!isList(json.value) || json.value.length !== figures.length))) return undefined;
  return json.value;
}

export interface MeterStep {
  readonly meter: OtherMeter;
  /** null: not all of it is known, or nothing of it is new. */
  readonly reading: MeterReading | null;
}

/** What the meter says of all phases, once each has been heard anew, and before that as soon as one of them takes more.
 *  `cars` is what they draw on each phase, null where the meter does not see them. */
export function readingOf(meter: OtherMeter, cars: readonly Milliamps[] | null, now: Millis): MeterStep {
  const reading = complete(meter, now);
  const { told } = meter;
  const isNew = reading !== null && (told === null || reading.since > told.since);
  if (reading === null || (!isNew && !reading.currents.some((one, phase) => one > (told?.currents[phase] ?? one)))) {
    return { meter, reading: null };
  }
  const next = isNew ? watched(meter, reading, cars, now) : meter;
  return { meter: { ...next, told: reading }, reading: next.stuck ? null : reading };
}

function watched(meter: OtherMeter, reading: MeterReading, cars: readonly Milliamps[] | null, now: Millis): OtherMeter {
  const { told, gap, watches, settings } = meter;
  const last = watches.length === 0 ? reading.currents.map(() => NEVER_READ) : watches;
  const next = last.map((watch, phase) =>
    watchStuck(watch, { ...UNSAID, current: reading.currents[phase] ?? UNSAID.current }, cars?.[phase] ?? null, now),
  );
  return {
    ...meter,
    gap: told === null ? null : minus(reading.since, told.since),
    before: gap,
    watches: next,
    stuck: next.some((watch) => isUnmoved(watch, periodOf(settings), now)),
  };
}

/** The currents of all phases, null while one has not been heard within the lease of a report, or cannot be true. */
function complete({ source, heard, settings }: OtherMeter, now: Millis): MeterReading | null {
  const currents: Milliamps[] = [];
  const at: Millis[] = [];
  let since = now;
  if (source === null) return null;
  for (let phase = 0; phase < settings.phases; phase++) {
    const values = { in: 0, out: 0, size: 0, volts: 0 };
    let newest = millis(0);
    for (let place = 0; place < source.figures.length; place++) {
      const figure = source.figures[place];
      if (figure?.phase !== phase) continue;
      const one = heard[place] ?? null;
      const fresh = one !== null && minus(now, one.at) < leaseOf(settings) ? one : null;
      if (fresh !== null) values[figure.kind] = fresh.value;
      if (figure.kind === "volts") continue; // without them the setting holds
      if (fresh === null) return null;
      newest = higher(newest, fresh.at);
      since = lower(since, fresh.at);
    }
    const current = currentOf(source, values, settings.voltageV);
    if (current === null) return null;
    currents.push(current);
    at.push(newest);
  }
  return { currents, at, since };
}

type Values = Readonly<Record<FigureKind, number>>;

/** In mA, up to the next: a house is never read as taking less than it does, nor as giving more. null: it cannot be true. */
function currentOf({ unit, sign }: Source, values: Values, voltageV: number): Milliamps | null {
  const { volts } = values;
  const flow = (values.in - values.out) * sign;
  const voltage = volts >= LEAST_VOLTS && volts <= MOST_VOLTS ? volts : voltageV;
  const amps = unit === "A" ? flow : (flow * (unit === "kW" ? 1_000 : 1)) / voltage;
  // What flows in W is part of the current, never all of it.
  const most = flow < 0 ? amps : Math.max(amps, Math.abs(values.size));
  const current = Math.ceil(most * 1_000 - 1e-6) + 0; // no -0
  return Math.abs(current) <= LARGEST ? milliamps(current) : null;
}

/** It speaks more seldom than the settings say: each so many seconds, rounded up; null: it does not. One reading that came
 *  late alone does not count. */
export function slowerThanSet({ gap, before, settings }: OtherMeter): number | null {
  const pace = gap === null || before === null ? 0 : Math.min(gap, before);
  // Clocks differ, and the network is now quick, now slow.
  return pace > Math.max(periodOf(settings) + 500, periodOf(settings) * 1.1) ? Math.ceil(pace / 1_000) : null;
}
