// What InfluxDB is told, by 1.x and 2.x: line protocol, and what its answers mean. Every number is written as a float: an
// integer would fix the type of its field for good.

import { base64 } from "./base64.js";
import { detailOf, otherStatus, type Verdict } from "./emoncms.js";
import type { FeedLayout, FeedSample } from "./feed-sample.js";
import { frozen } from "./frozen.js";
import type { Settings } from "./settings.js";
import { encodeText } from "./text.js";

/** As line protocol wants the value of a tag. */
const escaped = (text: string): string => text.replace(/[ ,=]/g, "\\$&");

/** Digits behind the point. */
const DIGITS = frozen({ A: 3, other: 1, factor: 2 } as const);

/** The lines of a sample, one for each module that answered and one for each phase of what the house takes. */
export function linesOf(device: string, sample: FeedSample, { places }: FeedLayout): string {
  const { time, values, load } = sample;
  const start = (role: string, phase: number): string =>
    `ievcc,device=${escaped(device)},phase=${phase},role=${escaped(role)}`;
  const read = places.flatMap(({ role, phase }, at) => {
    const one = values[at] ?? null;
    if (one === null) return [];
    const fields = [
      `voltage_V=${(one.voltage / 10).toFixed(DIGITS.other)}`,
      `current_A=${(one.current / 1_000).toFixed(DIGITS.A)}`,
      `power_W=${(one.power / 10).toFixed(DIGITS.other)}`,
      `energy_Wh=${one.energy.toFixed(DIGITS.other)}`,
      `frequency_Hz=${(one.frequency / 10).toFixed(DIGITS.other)}`,
      `power_factor=${(one.powerFactor / 100).toFixed(DIGITS.factor)}`,
    ];
    return [`${start(role, phase)} ${fields.join(",")} ${time}\n`];
  });
  const taken = load.flatMap((one, at) =>
    one === null ? [] : [`${start("load", at + 1)} current_A=${(one / 1_000).toFixed(DIGITS.A)} ${time}\n`],
  );
  return [...read, ...taken].join("");
}

/** Path and query behind the path of the setting influxUrl. */
export function influxPath({ influx, influxBucket, influxOrg }: Settings): string {
  const bucket = encodeURIComponent(influxBucket);
  if (influx === "1") return `/write?db=${bucket}&precision=s`;
  return `/api/v2/write?org=${encodeURIComponent(influxOrg)}&bucket=${bucket}&precision=s`;
}

export function influxHead({ influx, influxUser, influxToken }: Settings): readonly string[] {
  const type = "Content-Type: text/plain; charset=utf-8";
  if (influx === "2") return [`Authorization: Token ${influxToken}`, type];
  if (influxUser === "") return [type];
  return [`Authorization: Basic ${base64(encodeText(`${influxUser}:${influxToken}`))}`, type];
}

/** 204 and nothing else: 1.x says 200 with an error in the body where it could not even begin. */
export function influxVerdict(status: number, body: string): Verdict {
  if (status === 204) return { what: "taken" };
  // "partial write: points beyond retention policy dropped=3": the others were written, and those only get older.
  if (body.includes("beyond retention policy")) {
    return { what: "partly", without: Number(/dropped=(\d{1,4})/.exec(body)?.[1] ?? 1) };
  }
  if (status === 200) return { what: "refused", why: "said", detail: detailOf(body) };
  return otherStatus(status, body);
}
