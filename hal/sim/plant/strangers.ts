// People at the same broker and on the same network who have no key: they make messages up, and send again what they heard.

import type { Agenda } from "./agenda.js";
import type { Broker, Publish } from "./broker.js";
import type { Chance } from "./chance.js";
import type { Datagram, Datagrams } from "./datagrams.js";
import type { ScenarioEvent } from "./scenario.js";
import { siteKindOf } from "./site-kind.js";

export interface StrangerPorts {
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly broker: Broker;
  readonly datagrams: Datagrams;
  readonly chargers: readonly string[];
}

type Made = "report" | "demand";

interface Overheard {
  readonly at: number;
  readonly publish: Publish | null;
  readonly datagram: Datagram | null;
}

const STRANGER = "stranger";
const PREFIX = "ievcc/";
const SITE = "ievcc/home";
const RANDOM_SIZE = 96;
const OVERSIZED = 6_000;
const REPLAYED_IN_MS = 1_000;

/** How far back anything of these events reaches, s; null when no stranger comes at all. */
export function longestMemory(events: readonly ScenarioEvent[]): number | null {
  const reaches = events.flatMap((event) =>
    event.what === "replay" ? [event.lastS] : event.what === "forge" ? [0] : [],
  );
  return reaches.length === 0 ? null : Math.max(...reaches);
}

/** `memoryS`: as `longestMemory` says. */
export function createStrangers({ agenda, chance, broker, datagrams, chargers }: StrangerPorts, memoryS: number) {
  let heard: Overheard[] = [];
  const newest = new Map<Made, Uint8Array>();
  const topics = new Map<Made, Set<string>>([
    ["report", new Set([`${SITE}/report`])],
    ["demand", new Set(chargers.map((id) => `${SITE}/demand/${id}`))],
  ]);

  function remember(one: Omit<Overheard, "at">): void {
    const now = agenda.now();
    heard.push({ at: now, ...one });
    const from = now - memoryS * 1_000;
    const first = heard[0];
    // Forgotten in large pieces, so that remembering stays cheap.
    if (first !== undefined && first.at < from - memoryS * 1_000 - 1_000) heard = heard.filter((old) => old.at >= from);
  }

  function madeOf(topic: string): Made | null {
    if (topic.endsWith("/report")) return "report";
    return topic.includes("/demand/") ? "demand" : null;
  }

  broker.onPublished((publish) => {
    const { topic, payload } = publish;
    if (!topic.startsWith(PREFIX)) return;
    remember({ publish, datagram: null });
    const kind = madeOf(topic);
    if (kind === null) return;
    newest.set(kind, payload);
    topics.get(kind)?.add(topic);
  });
  datagrams.onSent((datagram) => {
    remember({ publish: null, datagram });
    const kind = siteKindOf(datagram.bytes);
    if (kind === "report" || kind === "demand") newest.set(kind, datagram.bytes);
  });

  const noise = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => chance.whole(0, 255));

  /** Noise, a part of a genuine message, one with a bit changed, and one that is far too long. */
  function madeUp(kind: Made): readonly Uint8Array[] {
    const genuine = newest.get(kind);
    if (genuine === undefined || genuine.length < 2) return [noise(RANDOM_SIZE), noise(OVERSIZED)];
    const flipped = genuine.slice();
    const at = chance.whole(0, flipped.length - 1);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << chance.whole(0, 7));
    const long = noise(OVERSIZED);
    long.set(genuine.subarray(0, OVERSIZED));
    return [noise(RANDOM_SIZE), genuine.slice(0, chance.whole(1, genuine.length - 1)), flipped, long];
  }

  return {
    forge(kind: Made): void {
      for (const bytes of madeUp(kind)) {
        for (const topic of topics.get(kind) ?? []) broker.forge(topic, bytes);
        datagrams.send({ from: STRANGER, to: null, bytes, genuine: false });
      }
    },
    /** All that was said in the last so many seconds, once more, in order, within a second and as if by those who said it. */
    replay(lastS: number): void {
      const from = agenda.now() - lastS * 1_000;
      const again = heard.filter((one) => one.at >= from);
      for (const [index, { publish, datagram }] of again.entries()) {
        agenda.after((REPLAYED_IN_MS * index) / again.length, () => {
          if (publish !== null) broker.forge(publish.topic, publish.payload);
          if (datagram !== null) datagrams.send({ ...datagram, genuine: false });
        });
      }
    },
  };
}
