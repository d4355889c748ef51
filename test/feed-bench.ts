// A meter's feed on a bench: its flash, its two servers and its link, in steps of a tick, with readings that carry their number
// in the energy register, so that each value at a server can be led back to the moment of its reading.

import { type Device, type DeviceEffect, startDevice } from "../src/device.js";
import { FEED_STREAMS, feedReading, feedSector, feedStream, feedTick, refeed, startFeed } from "../src/feed.js";
import { isWhole } from "../src/feed-queue.js";
import { decodeSample, recordSize } from "../src/feed-sample.js";
import { type Around, type Feed, feedFacts } from "../src/feed-state.js";
import type { BusAnswer } from "../src/pzem-bus.js";
import type { Settings } from "../src/settings.js";
import { decivolts, deciwatts, milliamps, millis, unixSeconds, wattHours } from "../src/units.js";
import { type FeedServer, fakeEmoncms, fakeInflux, KEY, TOKEN } from "./feed-servers.js";
import { flashModel } from "./flash-model.js";
import { bootOf, settingsOf } from "./site.js";

export const UNIX = 1_795_000_050;
export const BOTH = {
  id: "meter-1",
  emoncms: "http",
  emoncmsUrl: "http://emon.home/emoncms/",
  emoncmsKey: KEY,
  emoncmsNode: "main",
  influx: "2",
  influxUrl: "http://influx.home:8086",
  influxBucket: "ho me",
  influxOrg: "us",
  influxToken: TOKEN,
};
export const PZEMS = [
  { address: 1, role: "house", phase: 1 },
  { address: 2, role: "solar", phase: 1 },
];

export interface BenchOptions {
  readonly patch?: object;
  /** Between two looks, ms. */
  readonly tick?: number;
  /** The time is known so many ms after a start. */
  readonly clockAfter?: number;
}

export function feedBench({ patch = {}, tick = 1_000, clockAfter = 0 }: BenchOptions = {}) {
  const flash = flashModel();
  const emoncms = fakeEmoncms();
  let influx: FeedServer = fakeInflux("2");
  const settings: Settings = settingsOf({ ...BOTH, pzems: PZEMS, ...patch });
  /** ms since the bench began, and when the device was started. */
  let [now, startedAt] = [0, 0];
  let device: Device = withPower();
  let feed: Feed | null = startFeed(device.settings);
  /** Before the step that goes on. */
  let before: Feed | null = null;
  let linkUp = true;
  let skew = 0;
  let number = 0;
  /** Of each reading that was offered as a sample: when it was made. */
  const readAt = new Map<number, number>();
  /** Numbers that were in RAM alone when the power went. */
  const gone = new Set<number>();
  const logs: string[] = [];
  let due: { readonly at: number; readonly does: () => void }[] = [];
  let conversation: { readonly id: number; readonly server: FeedServer; heard: Uint8Array } | null = null;
  /** The power goes within the next operation of flash, after so many of its bytes. */
  let cut: number | null = null;

  function withPower(): Device {
    return { ...startDevice({ ...bootOf(settings, 3), kind: "meter" }, millis(0)).device, settings, linkUp: true };
  }

  const around = (effects: DeviceEffect[]): Around => ({ device, effects, now: millis(now - startedAt) });

  function step(act: (feed: Feed, here: Around) => Feed | { feed: Feed | null; device: Device }): void {
    if (feed === null) return;
    const effects: DeviceEffect[] = [];
    before = feed;
    const made = act(feed, around(effects));
    if ("outlets" in made) feed = made;
    else ({ feed, device } = made);
    for (const effect of effects) if (!does(effect)) return;
  }

  const later = (ms: number, act: () => void): void => void due.push({ at: now + ms, does: act });
  const say = (id: number, event: Parameters<typeof feedStream>[2]): void =>
    step((one, here) => feedStream(one, id, event, here));

  /** False: the power went. */
  function does(effect: DeviceEffect): boolean {
    switch (effect.kind) {
      case "write":
      case "erase":
        if (cut !== null) {
          const whole = effect.kind === "write" && cut >= effect.bytes.length;
          flash.apply(effect, cut);
          cut = null;
          restart(whole ? feed : before);
          return false;
        }
        flash.apply(effect);
        return true;
      case "read":
        later(20, () => step((one, here) => feedSector(one, effect.sector, flash.read(effect.sector), here)));
        return true;
      case "connect": {
        const server = effect.host === "emon.home" ? emoncms : influx;
        conversation = { id: effect.id, server, heard: new Uint8Array(0) };
        if (linkUp) later(20, () => say(effect.id, { what: "open" }));
        return true;
      }
      case "send":
        speak(effect.id, effect.bytes);
        return true;
      case "close":
        if (conversation?.id === effect.id) conversation = null;
        return true;
      case "log":
        logs.push(effect.text);
        return true;
      default:
        return true;
    }
  }

  function speak(id: number, bytes: Uint8Array): void {
    if (conversation?.id !== id || !linkUp) return;
    const heard = new Uint8Array(conversation.heard.length + bytes.length);
    heard.set(conversation.heard);
    heard.set(bytes, conversation.heard.length);
    conversation.heard = heard;
    const reply = conversation.server.answer(heard);
    if (reply === null) return;
    later(reply.afterMs, () => {
      if (conversation?.id !== id || !linkUp) return;
      if (reply.bytes.length > 0) say(id, { what: "bytes", bytes: reply.bytes });
      if (reply.closes && conversation?.id === id) say(id, { what: "closed" });
    });
  }

  /** The supply comes back: what was in RAM is gone. */
  function restart(last: Feed | null = feed): void {
    if (last !== null) {
      const { ram, layout } = last.queue;
      for (let at = 0; at < ram.length; at += recordSize(layout)) {
        const energy = decodeSample(layout, ram, at).values[0]?.energy;
        if (energy !== undefined) gone.add(energy);
      }
    }
    startedAt = now;
    conversation = null;
    due = [];
    device = withPower();
    feed = startFeed(device.settings);
  }

  const trueTime = (): number => UNIX + Math.floor((now + skew) / 1_000);

  function read(): void {
    number++;
    const answer = (address: number): BusAnswer => ({
      ok: true,
      address,
      voltage: decivolts(2_300 + (number % 7)),
      current: milliamps(number % 600_000),
      power: deciwatts(number % 100_000),
      energy: wattHours(number),
      frequency: 500,
      powerFactor: 97,
      alarm: false,
    });
    const last = feed;
    const answers = settings.pzems.map(({ address }) => answer(address));
    step((one, here) => feedReading(one, answers, [milliamps(number % 600_000)], here));
    if (feed !== null && last !== null && feed.queue !== last.queue) readAt.set(number, trueTime());
  }

  function run(ms: number): void {
    for (const end = now + ms; now < end; ) {
      now += tick;
      if (device.clock === null && now - startedAt >= clockAfter) setClock();
      for (
        let ready = due.filter((one) => one.at <= now);
        ready.length > 0;
        ready = due.filter((one) => one.at <= now)
      ) {
        const first = ready.reduce((least, one) => (one.at < least.at ? one : least));
        due = due.filter((one) => one !== first);
        first.does();
      }
      device = { ...device, linkUp };
      if (now % 5_000 < tick) read();
      step((one, here) => feedTick(one, here));
    }
  }

  const setClock = (): void => {
    device = { ...device, clock: { unix: unixSeconds(trueTime()), at: millis(now - startedAt), told: true } };
  };

  return {
    flash,
    emoncms,
    influx: () => influx,
    useInflux(server: FeedServer): void {
      influx = server;
    },
    run,
    restart: () => restart(),
    logs,
    readAt,
    gone,
    cutNext(bytes: number): void {
      cut = bytes;
    },
    link(up: boolean): void {
      linkUp = up;
    },
    /** The clock is told anew, so many seconds away from the truth. */
    clock(offS: number): void {
      skew = offS * 1_000;
      setClock();
    },
    set(more: object): void {
      const was = device.settings;
      device = { ...device, settings: settingsOf(more, was) };
      const effects: DeviceEffect[] = [];
      feed = refeed(feed, was, around(effects));
      for (const effect of effects) does(effect);
    },
    facts: () => feedFacts(feed, millis(now - startedAt)),
    fact: (name: "emoncms" | "influx") => feedFacts(feed, millis(now - startedAt)).find((one) => one.name === name),
    ram: () => (feed === null ? 0 : feed.queue.ram.length),
    isWhole: () => feed !== null && isWhole(feed.queue),
    inCall: () => (feed?.call?.http.id ?? 0) >= FEED_STREAMS,
    /** Numbers of readings that a server has, with the second of each. */
    has(server: FeedServer): ReadonlyMap<number, number> {
      const found = new Map<number, number>();
      for (const [key, value] of server.store.values) {
        if (/house.*(?:_Wh|energy_Wh)/.test(key)) found.set(value, Number(key.slice(key.lastIndexOf(" "))));
      }
      return found;
    },
  };
}
export type FeedBench = ReturnType<typeof feedBench>;
