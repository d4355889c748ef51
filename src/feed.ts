// What feeds emoncms and InfluxDB from the meter: samples go into the queue, and leave it a batch at a time, once the server has
// said that it has them. What was sent and not answered is sent again as it was: both servers go by name and time, so that
// nothing is there twice. Pure; HTTP by a stream of its own, MQTT by the device's session.

import type { FlashOp } from "./boot-count.js";
import { type Device, type DeviceEffect, publish, type StreamEvent } from "./device.js";
import { wallClock } from "./device-state.js";
import { bulkBody, bulkEntry, emoncmsHead, emoncmsVerdict, mqttPayload, type Refusal } from "./emoncms.js";
import type { FeedName } from "./feed-page.js";
import {
  add,
  date,
  FEEDS,
  type FeedQueue,
  feeding,
  find,
  hearSector,
  isWhole,
  nextToRead,
  type Positioned,
  passed,
  relaid,
  sending,
  spill,
  startQueue,
  taken,
  unsent,
  waiting,
} from "./feed-queue.js";
import { feedLayout, sampleFrom } from "./feed-sample.js";
import { frozen } from "./frozen.js";
import { type HttpAnswer, type HttpCall, type HttpTrouble, startCall, stepCall, urlOf } from "./http-client.js";
import { influxHead, influxPath, influxVerdict, linesOf } from "./influx.js";
import type { BusAnswer } from "./pzem-bus.js";
import type { Settings } from "./settings.js";
import { encodeText } from "./text.js";
import { emoncmsTopic } from "./topics.js";
import { wishOf } from "./trust.js";
import { type Milliamps, type Millis, millis, minus, plus } from "./units.js";

/** Streams of feeds are numbered from here, far from those of the broker. */
export const FEED_STREAMS = 1_000_001;

export interface Trouble {
  readonly why: Refusal | HttpTrouble | "address";
  /** What the server said of it. */
  readonly detail: string;
}

interface Batch {
  readonly body: string;
  /** Pages of flash that are done with once it is taken. */
  readonly marks: readonly FlashOp[];
}

interface Outlet {
  /** Kept until the server has it. */
  readonly batch: Batch | null;
  /** Samples of a batch at most: fewer after one that was refused for what it holds. */
  readonly most: number;
  /** One sample was refused alone: the next tells whether it is the sample or the server. */
  readonly probing: boolean;
  /** The next was taken: the one that was refused has a last try. */
  readonly again: boolean;
  readonly failures: number;
  readonly notBefore: Millis;
  readonly deliveredAt: Millis | null;
  /** Samples that the server refused while it took later ones, since boot. */
  readonly refused: number;
  readonly trouble: Trouble | null;
  /** A message that the broker has not taken yet. */
  readonly published: boolean;
}

export interface Feed {
  readonly queue: FeedQueue;
  readonly outlets: Readonly<Record<FeedName, Outlet | null>>;
  readonly call: { readonly name: FeedName; readonly http: HttpCall } | null;
  readonly lastStream: number;
  /** The sector that was asked for, null: none is on its way. */
  readonly reading: { readonly sector: number; readonly name: FeedName | null } | null;
  /** Slot of time of the newest sample. */
  readonly slot: number;
}

/** Whoever composes the meter has more kinds of them. */
interface Effects {
  push(...effects: readonly DeviceEffect[]): unknown;
}

/** What it looks at and what it asks for. */
export interface Around {
  readonly device: Device;
  readonly effects: Effects;
  readonly now: Millis;
}

interface FeedStep {
  readonly feed: Feed | null;
  readonly device: Device;
}

const MOST = 30;
/** Letters of a body: what it takes of the device's RAM several times over. */
const BODY_LIMIT = 2_000;
/** The first wait and the longest. */
const AFTER_FAILURE = frozen([5_000, 300_000]);
const AFTER_REFUSAL = frozen([60_000, 900_000]);
const BETWEEN_HALVES: Millis = millis(1_000);
/** A message that the session has lost by then is said again. */
const MESSAGE_LIMIT: Millis = millis(60_000);
const ZERO: Millis = millis(0);

const NEW_OUTLET: Outlet = frozen({
  batch: null,
  most: MOST,
  probing: false,
  again: false,
  failures: 0,
  notBefore: ZERO,
  deliveredAt: null,
  refused: 0,
  trouble: null,
  published: false,
});

const fedBy = ({ emoncms, influx }: Settings): readonly FeedName[] =>
  FEEDS.filter((name) => (name === "emoncms" ? emoncms : influx) !== "off");

/** Null: nothing is to be fed. */
export function startFeed(settings: Settings): Feed | null {
  const fed = fedBy(settings);
  if (fed.length === 0) return null;
  const outlet = (name: FeedName): Outlet | null => (fed.includes(name) ? NEW_OUTLET : null);
  return {
    queue: startQueue(feedLayout(settings), fed),
    outlets: { emoncms: outlet("emoncms"), influx: outlet("influx") },
    call: null,
    lastStream: FEED_STREAMS - 1,
    reading: null,
    slot: 0,
  };
}

const WHERE: readonly (keyof Settings)[] = frozen([
  "id",
  "emoncms",
  "emoncmsUrl",
  "emoncmsKey",
  "emoncmsNode",
  "influx",
  "influxUrl",
  "influxBucket",
  "influxOrg",
  "influxUser",
  "influxToken",
]);

/** Other settings: another server is asked at once, and what other modules have read begins anew. */
export function refeed(feed: Feed | null, before: Settings, around: Around): Feed | null {
  const { settings } = around.device;
  if (feed === null) return startFeed(settings);
  const fed = fedBy(settings);
  const { queue, ops } = relaid(feed.queue, feedLayout(settings));
  around.effects.push(...ops);
  const same = WHERE.every((name) => settings[name] === before[name]);
  if (same) return { ...feed, queue };
  if (feed.call !== null) around.effects.push({ kind: "close", id: feed.call.http.id });
  if (fed.length === 0) return null;
  const outlet = (name: FeedName): Outlet | null =>
    fed.includes(name) ? { ...(feed.outlets[name] ?? NEW_OUTLET), ...FRESH } : null;
  const fresh = FEEDS.reduce((last, name) => unsent(last, name), feeding(queue, fed));
  return { ...feed, queue: fresh, call: null, outlets: { emoncms: outlet("emoncms"), influx: outlet("influx") } };
}

const FRESH: Partial<Outlet> = frozen({
  batch: null,
  most: MOST,
  probing: false,
  again: false,
  failures: 0,
  notBefore: ZERO,
  trouble: null,
  published: false,
});

const withOutlet = (feed: Feed, name: FeedName, change: Partial<Outlet>): Feed => {
  const outlet = feed.outlets[name];
  return outlet === null ? feed : { ...feed, outlets: { ...feed.outlets, [name]: { ...outlet, ...change } } };
};

/** What the modules have read, taken once in each slot of the period. */
export function feedReading(
  feed: Feed,
  answers: readonly BusAnswer[],
  load: readonly Milliamps[] | null,
  { device, now }: Around,
): Feed {
  const unix = wallClock(device, now);
  const time = unix ?? Math.floor(now / 1_000);
  const slot = Math.floor(time / device.settings.feedPeriodS);
  if (slot === feed.slot) return feed;
  const sample = sampleFrom(time, answers, load);
  if (sample === null) return feed;
  const known = unix === null ? feed.queue : date(feed.queue, unix, Math.floor(now / 1_000));
  const queue = add(known, sample, unix !== null);
  return { ...feed, slot, queue };
}

/** Reads flash at start, brings samples there, and sends what is due. */
export function feedTick(feed: Feed, around: Around): FeedStep {
  const { effects, now, device } = around;
  if (!isWhole(feed.queue)) return { feed: reads(feed, nextToRead(feed.queue), null, effects), device };
  const unix = wallClock(device, now);
  const dated = unix === null ? feed.queue : date(feed.queue, unix, Math.floor(now / 1_000));
  const { queue, ops } = spill(dated, device.settings.feedPeriodS);
  effects.push(...ops);
  let state: FeedStep = { feed: queue === feed.queue ? feed : { ...feed, queue }, device };
  if (feed.call !== null) state = heard(state, { what: "tick" }, around);
  for (const name of FEEDS)
    if (state.feed !== null) state = sends(state.feed, name, null, { ...around, device: state.device });
  return state;
}

const reads = (feed: Feed, sector: number | null, name: FeedName | null, effects: Effects): Feed => {
  if (sector === null || feed.reading !== null) return feed;
  effects.push({ kind: "read", sector });
  return { ...feed, reading: { sector, name } };
};

/** A sector has come that was asked for. */
export function feedSector(feed: Feed, sector: number, bytes: Uint8Array, around: Around): FeedStep {
  const { device, effects } = around;
  if (feed.reading?.sector !== sector) return { feed, device };
  const { name } = feed.reading;
  const next: Feed = { ...feed, reading: null };
  if (name !== null) return sends(next, name, { sector, bytes }, around);
  const queue = hearSector(next.queue, bytes);
  return { feed: reads({ ...next, queue }, nextToRead(queue), null, effects), device };
}

/** Sends the batch that waits, or makes the next one. */
function sends(
  feed: Feed,
  name: FeedName,
  had: { readonly sector: number; readonly bytes: Uint8Array } | null,
  around: Around,
): FeedStep {
  const { device, effects, now } = around;
  const outlet = feed.outlets[name];
  if (outlet === null || now < outlet.notBefore || !device.linkUp) return { feed, device };
  const byMqtt = isMqtt(name, device.settings);
  if (byMqtt ? !device.online : feed.call !== null) return { feed, device };
  if (outlet.batch !== null) return launch(feed, name, outlet.batch, around);
  const skip = outlet.probing ? 1 : 0;
  const found = find(feed.queue, name, skip, had);
  if (found.kind === "sector") return { feed: reads(feed, found.sector, name, effects), device };
  if (found.kind === "nothing") return { feed: outlet.probing ? alone(feed, name, outlet, now) : feed, device };
  const most = byMqtt ? 1 : outlet.most;
  const made = batchOf(name, found.samples, most, device.settings);
  // What is there cannot be read any more.
  if (made === null) return { feed: { ...feed, queue: passed(feed.queue, name) }, device };
  const { to, ...batch } = made;
  const queue = outlet.again ? feed.queue : sending(feed.queue, name, to);
  return launch(withOutlet({ ...feed, queue }, name, { batch }), name, batch, around);
}

/** There is no later sample to tell by. */
const alone = (feed: Feed, name: FeedName, { failures }: Outlet, now: Millis): Feed =>
  withOutlet(feed, name, { probing: false, failures: failures + 1, notBefore: after(failures, AFTER_REFUSAL, now) });

const after = (failures: number, [first = 0, longest = 0]: readonly number[], now: Millis): Millis =>
  plus(now, millis(Math.min(longest, first * 2 ** Math.min(failures, 10))));

const isMqtt = (name: FeedName, { emoncms }: Settings): boolean => name === "emoncms" && emoncms === "mqtt";

function batchOf(
  name: FeedName,
  samples: Iterable<Positioned>,
  most: number,
  settings: Settings,
): (Batch & { readonly to: number }) | null {
  const parts: string[] = [];
  const marks: FlashOp[] = [];
  let [first, to, length] = [0, 0, 0];
  for (const { sample, layout, to: behind, mark } of samples) {
    if (parts.length === 0) first = sample.time;
    const part =
      name === "influx"
        ? linesOf(settings.id, sample, layout)
        : settings.emoncms === "mqtt"
          ? mqttPayload(sample, layout)
          : bulkEntry(settings.emoncmsNode, sample, layout, first);
    if (parts.length > 0 && length + part.length > BODY_LIMIT) break;
    parts.push(part);
    length += part.length;
    to = behind;
    if (mark !== null) marks.push(mark);
    if (parts.length >= most) break;
  }
  if (parts.length === 0) return null;
  const joined = name === "influx" || settings.emoncms === "mqtt" ? parts.join("") : bulkBody(parts, first);
  return { body: joined, marks, to };
}

function launch(feed: Feed, name: FeedName, batch: Batch, around: Around): FeedStep {
  const { device, effects, now } = around;
  const { settings } = device;
  if (isMqtt(name, settings)) {
    const topic = emoncmsTopic(settings);
    // The session keeps it until the broker has it; of two that wait, one answer would free the wrong one.
    const waits = device.session?.queue.some((one) => one.topic === topic) ?? false;
    if (waits) return { feed, device };
    const sent = publish(device, { topic, payload: batch.body, qos: 1, retain: false }, now);
    effects.push(...sent.effects);
    return {
      feed: withOutlet(feed, name, { published: true, notBefore: plus(now, MESSAGE_LIMIT) }),
      device: sent.device,
    };
  }
  const url = urlOf(name === "emoncms" ? settings.emoncmsUrl : settings.influxUrl);
  if (url === null) {
    return { feed: troubled(feed, name, { why: "address", detail: "" }, AFTER_REFUSAL, around), device };
  }
  const unix = wallClock(device, now);
  const path = name === "emoncms" ? "/input/bulk" : influxPath(settings);
  const lines = name === "emoncms" ? emoncmsHead(settings) : influxHead(settings);
  const usual = url.port === (url.tls ? 443 : 80);
  const body = encodeText(batch.body);
  const head = encodeText(
    [
      `POST ${url.path}${path} HTTP/1.1`,
      `Host: ${url.host}${usual ? "" : `:${url.port}`}`,
      ...lines,
      `Content-Length: ${body.length}`,
      "Connection: close",
      "\r\n",
    ].join("\r\n"),
  );
  const request = new Uint8Array(head.length + body.length);
  request.set(head);
  request.set(body, head.length);
  const id = feed.lastStream + 1;
  const tls = url.tls ? wishOf(url.host, settings, unix) : null;
  effects.push({ kind: "connect", id, host: url.host, port: url.port, tls });
  return { feed: { ...feed, lastStream: id, call: { name, http: startCall(id, request, now) } }, device };
}

/** A stream of ours says something. */
export const feedStream = (feed: Feed, id: number, event: StreamEvent, around: Around): FeedStep =>
  feed.call?.http.id === id ? heard({ feed, device: around.device }, event, around) : { feed, device: around.device };

function heard({ feed, device }: FeedStep, event: StreamEvent | { readonly what: "tick" }, around: Around): FeedStep {
  if (feed === null || feed.call === null) return { feed, device };
  const { name, http } = feed.call;
  const { call, send, answer } = stepCall(http, event, around.now);
  if (send !== null) around.effects.push({ kind: "send", id: http.id, bytes: send });
  if (answer === null) return { feed: call === http ? feed : { ...feed, call: { name, http: call } }, device };
  around.effects.push({ kind: "close", id: http.id });
  return { feed: answered({ ...feed, call: null }, name, answer, around), device };
}

function answered(feed: Feed, name: FeedName, answer: HttpAnswer, around: Around): Feed {
  if (!answer.ok) return troubled(feed, name, { why: answer.why, detail: "" }, AFTER_FAILURE, around);
  const { status, body } = answer;
  const verdict = name === "emoncms" ? emoncmsVerdict(status, body) : influxVerdict(status, body);
  switch (verdict.what) {
    case "taken":
      return delivered(feed, name, around);
    case "failed":
      return troubled(feed, name, verdict, AFTER_FAILURE, around);
    case "barred":
      return troubled(feed, name, verdict, AFTER_REFUSAL, around);
    case "refused":
      return refused(feed, name, verdict, around);
  }
}

/** The broker has a message. */
export function feedPublished(feed: Feed, topic: string, around: Around): Feed {
  const { settings } = around.device;
  if (settings.emoncms !== "mqtt" || topic !== emoncmsTopic(settings)) return feed;
  return feed.outlets.emoncms?.published ? delivered(feed, "emoncms", around) : feed;
}

/** Out of the queue, and out of flash. */
function delivered(feed: Feed, name: FeedName, { effects, now }: Around): Feed {
  const outlet = feed.outlets[name];
  if (outlet === null || outlet.batch === null) return feed;
  effects.push(...outlet.batch.marks);
  // Perhaps the server was put in order in between: then it takes the one before as well.
  if (outlet.probing) return withOutlet(feed, name, { batch: null, probing: false, again: true, most: 1 });
  if (outlet.trouble !== null) effects.push({ kind: "log", text: `${name}: delivers again` });
  return withOutlet({ ...feed, queue: taken(feed.queue, name) }, name, {
    batch: null,
    again: false,
    failures: 0,
    notBefore: ZERO,
    deliveredAt: now,
    most: Math.min(MOST, outlet.most * 2),
    trouble: null,
    published: false,
  });
}

/** The same batch again, later: each wait is twice as long as the one before. */
function troubled(
  feed: Feed,
  name: FeedName,
  { why, detail }: Trouble,
  waits: readonly number[],
  { effects, now }: Around,
): Feed {
  const outlet = feed.outlets[name];
  if (outlet === null) return feed;
  const trouble: Trouble = { why, detail };
  if (outlet.trouble?.why !== why || outlet.trouble.detail !== detail) {
    effects.push({ kind: "log", text: `${name}: ${why}${detail === "" ? "" : `, ${detail}`}` });
  }
  const { failures } = outlet;
  return withOutlet(feed, name, { trouble, failures: failures + 1, notBefore: after(failures, waits, now) });
}

/** The server will not have what it holds: half of it, down to a single sample. That is passed over only once the server takes
 *  the next one and refuses this one still. While it takes none, all wait: then the server has to be put in order. */
function refused(feed: Feed, name: FeedName, trouble: Trouble, around: Around): Feed {
  const outlet = feed.outlets[name];
  if (outlet === null) return feed;
  if (outlet.again) {
    const passedOver = { batch: null, again: false, failures: 0, refused: outlet.refused + 1 };
    return withOutlet({ ...feed, queue: taken(feed.queue, name) }, name, passedOver);
  }
  const queue = unsent(feed.queue, name);
  const back: Feed = withOutlet({ ...feed, queue }, name, { batch: null, probing: false });
  const known = troubled(back, name, trouble, AFTER_REFUSAL, around);
  if (outlet.probing) return known;
  const count = feed.queue.places[name]?.sent ?? 0;
  return withOutlet(known, name, {
    failures: outlet.failures,
    notBefore: plus(around.now, BETWEEN_HALVES),
    most: Math.max(1, Math.floor(count / 2)),
    probing: count <= 1,
  });
}

export interface FeedFact {
  readonly name: FeedName;
  /** Null: nothing yet since boot. */
  readonly deliveredFor: Millis | null;
  readonly waiting: number;
  readonly lost: number;
  readonly refused: number;
  readonly trouble: Trouble | null;
}

/** For the pages. */
export const feedFacts = (feed: Feed | null, now: Millis): readonly FeedFact[] =>
  FEEDS.flatMap((name): readonly FeedFact[] => {
    const outlet = feed?.outlets[name] ?? null;
    if (feed === null || outlet === null) return [];
    const { deliveredAt, refused: passedOver, trouble } = outlet;
    return [
      {
        name,
        deliveredFor: deliveredAt === null ? null : minus(now, deliveredAt),
        waiting: waiting(feed.queue, name),
        lost: feed.queue.places[name]?.lost ?? 0,
        refused: passedOver,
        trouble,
      },
    ];
  });
