// What becomes of a batch by the server's answer: out of the queue, sent once more as it was, or in halves.

import { emoncmsVerdict } from "./emoncms.js";
import type { FeedName } from "./feed-page.js";
import { taken, unsent } from "./feed-queue.js";
import { type Around, type Feed, MOST, type Outlet, type Trouble, withOutlet } from "./feed-state.js";
import { frozen } from "./frozen.js";
import type { HttpAnswer } from "./http-client.js";
import { influxVerdict } from "./influx.js";
import { type Millis, millis, plus } from "./units.js";

/** The first wait and the longest. */
export const AFTER_FAILURE = frozen([5_000, 300_000]);
export const AFTER_REFUSAL = frozen([60_000, 900_000]);
const BETWEEN_HALVES: Millis = millis(1_000);
const ZERO: Millis = millis(0);

export function answered(feed: Feed, name: FeedName, answer: HttpAnswer, around: Around): Feed {
  if (!answer.ok) return troubled(feed, name, { why: answer.why, detail: "" }, AFTER_FAILURE, around);
  const { status, body } = answer;
  const verdict = name === "emoncms" ? emoncmsVerdict(status, body) : influxVerdict(status, body);
  switch (verdict.what) {
    case "taken":
      return delivered(feed, name, around);
    case "partly": {
      const refusedBefore = feed.outlets[name]?.refused ?? 0;
      return withOutlet(delivered(feed, name, around), name, { refused: refusedBefore + verdict.without });
    }
    case "failed":
      return troubled(feed, name, verdict, AFTER_FAILURE, around);
    case "barred":
      return troubled(feed, name, verdict, AFTER_REFUSAL, around);
    case "refused":
      return refused(feed, name, verdict, around);
  }
}

/** Out of the queue, and out of flash. */
export function delivered(feed: Feed, name: FeedName, { effects, now }: Around): Feed {
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
export function troubled(
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
    around.effects.push(...(outlet.batch?.marks ?? []));
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

/** There is no later sample to tell by. */
export const alone = (feed: Feed, name: FeedName, { failures }: Outlet, now: Millis): Feed =>
  withOutlet(feed, name, { probing: false, failures: failures + 1, notBefore: after(failures, AFTER_REFUSAL, now) });

const after = (failures: number, [first = 0, longest = 0]: readonly number[], now: Millis): Millis =>
  plus(now, millis(Math.min(longest, first * 2 ** Math.min(failures, 10))));
