// What emoncms is told: samples as its HTTP input's bulk and as its MQTT input's JSON have them, and what its answers mean.
// Whether it has taken a batch stands in the body of its answer and nowhere else: its status is 200 for refusals too.

import type { FeedLayout, FeedSample, Place } from "./feed-sample.js";
import type { Settings } from "./settings.js";

/** What became of a request. "refused": by what it holds; "barred": nothing that is sent would be taken; "failed": the server
 *  is in trouble. */
export type Verdict =
  | { readonly what: "taken" }
  /** But for so many samples, which it will never have: they are older than it keeps. */
  | { readonly what: "partly"; readonly without: number }
  | { readonly what: "refused" | "barred" | "failed"; readonly why: Refusal; readonly detail: string };
export type Refusal = "silent200" | "key" | "place" | "status" | "said";

type Input = readonly [name: string, value: string];

const nameOf = ({ role, phase }: Place): string => `${role}_L${phase}`;

/** The inputs of a sample: house_L1_W and its like in V, A, W, Wh, Hz and as power factor; load_L1_A is what the house takes
 *  without the cars. */
function inputsOf({ values, load }: FeedSample, { places }: FeedLayout): readonly Input[] {
  const read = places.flatMap((place, at): readonly Input[] => {
    const one = values[at] ?? null;
    if (one === null) return [];
    const name = nameOf(place);
    return [
      [`${name}_V`, (one.voltage / 10).toFixed(1)],
      [`${name}_A`, (one.current / 1_000).toFixed(3)],
      [`${name}_W`, (one.power / 10).toFixed(1)],
      [`${name}_Wh`, String(one.energy)],
      [`${name}_Hz`, (one.frequency / 10).toFixed(1)],
      [`${name}_PF`, (one.powerFactor / 100).toFixed(2)],
    ];
  });
  const taken = load.flatMap((one, at): readonly Input[] =>
    one === null ? [] : [[`load_L${at + 1}_A`, (one / 1_000).toFixed(3)]],
  );
  return [...read, ...taken];
}

const pair = ([name, value]: Input): string => `"${name}":${value}`;

/** A sample as an entry of a bulk whose time is that of its first one. Each value is an object of its own: emoncms before 11
 *  reads but the first name of an object. */
export function bulkEntry(node: string, sample: FeedSample, layout: FeedLayout, firstTime: number): string {
  const inputs = inputsOf(sample, layout).map((one) => `{${pair(one)}}`);
  return `[${sample.time - firstTime},"${node}",${inputs.join(",")}]`;
}

/** Of nothing but letters, digits and signs that a form may hold as they are. */
export const bulkBody = (entries: readonly string[], firstTime: number): string =>
  `time=${firstTime}&data=[${entries.join(",")}]`;

/** A sample for the MQTT input: flat, with its time in seconds. */
export const mqttPayload = (sample: FeedSample, layout: FeedLayout): string =>
  `{"time":${sample.time},${inputsOf(sample, layout).map(pair).join(",")}}`;

export const emoncmsHead = ({ emoncmsKey }: Settings): readonly string[] => [
  `Authorization: Bearer ${emoncmsKey}`,
  "Content-Type: application/x-www-form-urlencoded",
];

const DETAIL = 80;
/** Of what a server says, what fits a line and has no control characters. */
export const detailOf = (body: string): string =>
  body
    .slice(0, DETAIL)
    .replace(/[^\x20-\x7e\xa0-\uffff]+/g, " ")
    .trim();

export function emoncmsVerdict(status: number, body: string): Verdict {
  const said = body.trim();
  if (status === 200) {
    if (said === "ok" || said === '"ok"') return { what: "taken" };
    if (said === "") return { what: "barred", why: "silent200", detail: "" };
    return { what: "refused", why: "said", detail: detailOf(said) };
  }
  return otherStatus(status, said);
}

/** Of any server. */
export function otherStatus(status: number, body: string): Verdict {
  const detail = `${status} ${detailOf(body)}`.trim();
  if (status === 401 || status === 403) return { what: "barred", why: "key", detail };
  if (status === 404 || (status >= 300 && status < 400) || status === 405)
    return { what: "barred", why: "place", detail };
  if (status >= 500 || status === 408 || status === 429) return { what: "failed", why: "status", detail };
  return { what: "refused", why: "said", detail };
}
