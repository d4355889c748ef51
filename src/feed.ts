// What feeds emoncms and InfluxDB from the meter: samples go into the queue, and leave it a batch at a time, once the server has
// said that it has them. What was sent and not answered is sent again as it was: both servers go by name and time, so that
// nothing is there twice. Pure; HTTP by a stream of its own, MQTT by the device's session.

import { type Device, publish, type StreamEvent } from "./device.js";
import { wallClock } from "./device-state.js";
import { batchOf, isMqtt, requestOf } from "./feed-batch.js";
import { find } from "./feed-find.js";
import { AFTER_REFUSAL, alone, answered, delivered, troubled } from "./feed-outcome.js";
import type { FeedName } from "./feed-page.js";
import {
  add,
  date,
  FEEDS,
  feeding,
  hearSector,
  isWhole,
  nextToRead,
  passed,
  relaid,
  sending,
  spill,
  startQueue,
  unsent,
} from "./feed-queue.js";
import { feedLayout, sampleFrom } from "./feed-sample.js";
import { type Around, type Batch, type Feed, FRESH, NEW_OUTLET, type Outlet, withOutlet } from "./feed-state.js";
import { frozen } from "./frozen.js";
import { startCall, stepCall } from "./http-client.js";
import { urlOf } from "./http-url.js";
import type { BusAnswer } from "./pzem-bus.js";
import type { Settings } from "./settings.js";
import { emoncmsTopic } from "./topics.js";
import { wishOf } from "./trust.js";
import { type Milliamps, type Millis, millis, minus, plus } from "./units.js";

/** Streams of feeds are numbered from here, far from those of the broker. */
export const FEED_STREAMS = 1_000_001;

/** Flash answers within milliseconds; a machine that is behind may lose the event. */
const READ_LIMIT: Millis = millis(5_000);
/** A message that the session has lost by then is said again. */
const MESSAGE_LIMIT: Millis = millis(60_000);

interface FeedStep {
  readonly feed: Feed | null;
  readonly device: Device;
}

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
  "mqttCa",
  "mqttOwn",
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
  if (!isWhole(feed.queue)) return { feed: reads(feed, nextToRead(feed.queue), null, around), device };
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

/** One sector at a time; one that does not come is asked for again. */
const reads = (feed: Feed, sector: number | null, name: FeedName | null, { effects, now }: Around): Feed => {
  const waits = feed.reading !== null && minus(now, feed.reading.since) < READ_LIMIT;
  if (sector === null || waits) return feed;
  effects.push({ kind: "read", sector });
  return { ...feed, reading: { sector, name, since: now } };
};

/** A sector has come that was asked for. */
export function feedSector(feed: Feed, sector: number, bytes: Uint8Array, around: Around): FeedStep {
  const { device } = around;
  if (feed.reading?.sector !== sector) return { feed, device };
  const { name } = feed.reading;
  const next: Feed = { ...feed, reading: null };
  if (name !== null) return sends(next, name, { sector, bytes }, around);
  const queue = hearSector(next.queue, bytes);
  return { feed: reads({ ...next, queue }, nextToRead(queue), null, around), device };
}

/** Sends the batch that waits, or makes the next one. */
function sends(
  feed: Feed,
  name: FeedName,
  had: { readonly sector: number; readonly bytes: Uint8Array } | null,
  around: Around,
): FeedStep {
  const { device, now } = around;
  const outlet = feed.outlets[name];
  if (outlet === null || now < outlet.notBefore || !device.linkUp) return { feed, device };
  const byMqtt = isMqtt(name, device.settings);
  if (byMqtt ? !device.online : feed.call !== null) return { feed, device };
  if (outlet.batch !== null) return launch(feed, name, outlet.batch, around);
  const skip = outlet.probing ? 1 : 0;
  const found = find(feed.queue, name, skip, had);
  if (found.kind === "sector") return { feed: reads(feed, found.sector, name, around), device };
  if (found.kind === "nothing") return { feed: outlet.probing ? alone(feed, name, outlet, now) : feed, device };
  const most = byMqtt ? 1 : outlet.most;
  const made = batchOf(name, found.samples, most, device.settings);
  // What is there cannot be read any more.
  if (made === null) return { feed: { ...feed, queue: passed(feed.queue, name) }, device };
  const { to, ...batch } = made;
  const queue = outlet.again ? feed.queue : sending(feed.queue, name, to);
  return launch(withOutlet({ ...feed, queue }, name, { batch }), name, batch, around);
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
  const request = requestOf(name, url, batch.body, settings);
  const id = feed.lastStream + 1;
  const tls = url.tls ? wishOf(url.host, settings, wallClock(device, now)) : null;
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

/** The broker has a message. */
export function feedPublished(feed: Feed, topic: string, around: Around): Feed {
  const { settings } = around.device;
  if (settings.emoncms !== "mqtt" || topic !== emoncmsTopic(settings)) return feed;
  return feed.outlets.emoncms?.published ? delivered(feed, "emoncms", around) : feed;
}
