// What a feed is made of: the queue, a way out of it for each server, and the request that is under way.

import type { FlashOp } from "./boot-count.js";
import type { Device, DeviceEffect } from "./device.js";
import type { Refusal } from "./emoncms.js";
import type { FeedName } from "./feed-page.js";
import { FEEDS, type FeedQueue, waiting } from "./feed-queue.js";
import { frozen } from "./frozen.js";
import type { HttpCall, HttpTrouble } from "./http-client.js";
import { type Millis, millis, minus } from "./units.js";

export interface Trouble {
  readonly why: Refusal | HttpTrouble | "address";
  /** What the server said of it. */
  readonly detail: string;
}

export interface Batch {
  readonly body: string;
  /** Pages of flash that are done with once it is taken. */
  readonly marks: readonly FlashOp[];
}

export interface Outlet {
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
  readonly reading: { readonly sector: number; readonly name: FeedName | null; readonly since: Millis } | null;
  /** Slot of time of the newest sample. */
  readonly slot: number;
}

/** Whoever composes the meter has more kinds of them. */
export interface Effects {
  push(...effects: readonly DeviceEffect[]): unknown;
}

/** What it looks at and what it asks for. */
export interface Around {
  readonly device: Device;
  readonly effects: Effects;
  readonly now: Millis;
}

/** Samples of a batch at most. */
export const MOST = 30;
const ZERO: Millis = millis(0);

/** What an outlet forgets when its server is another one. */
export const FRESH: Omit<Outlet, "deliveredAt" | "refused"> = frozen({
  batch: null,
  most: MOST,
  probing: false,
  again: false,
  failures: 0,
  notBefore: ZERO,
  trouble: null,
  published: false,
});

export const NEW_OUTLET: Outlet = frozen({ ...FRESH, deliveredAt: null, refused: 0 });

export const withOutlet = (feed: Feed, name: FeedName, change: Partial<Outlet>): Feed => {
  const outlet = feed.outlets[name];
  return outlet === null ? feed : { ...feed, outlets: { ...feed.outlets, [name]: { ...outlet, ...change } } };
};

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
