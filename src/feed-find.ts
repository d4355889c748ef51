// The samples that a server is to have next, from the flash or the RAM of the queue, one after the other.

import type { FlashOp } from "./boot-count.js";
import { decodePage, type FeedName, type FeedPage, isTaken, PAGE, takenMark } from "./feed-page.js";
import { type FeedQueue, FIRST, isWhole, last, PAGES, pageAt, sectorWith } from "./feed-queue.js";
import { decodeSample, type FeedLayout, type FeedSample, recordSize } from "./feed-sample.js";

/** Samples for a server, the oldest first, after `skip` of them; or the sector that must be read for them. */
export type Found =
  | { readonly kind: "nothing" }
  | { readonly kind: "sector"; readonly sector: number }
  | { readonly kind: "samples"; readonly samples: Iterable<Positioned> };

export interface Positioned {
  readonly sample: FeedSample;
  readonly layout: FeedLayout;
  /** Position behind it. */
  readonly to: number;
  /** The write that says that the server has all of its page, where it is the last of one. */
  readonly mark: FlashOp | null;
}

/** `sector` and `bytes`: the sector that was read last, if any. */
export function find(
  queue: FeedQueue,
  name: FeedName,
  skip: number,
  had: { readonly sector: number; readonly bytes: Uint8Array } | null,
): Found {
  const place = queue.places[name];
  if (place === null || !isWhole(queue)) return { kind: "nothing" };
  const from = place.next + skip;
  if (from >= queue.end) {
    return queue.dated && from < last(queue) ? { kind: "samples", samples: ramFrom(queue, from) } : { kind: "nothing" };
  }
  const index = sectorWith(queue, from);
  if (index === null) return { kind: "samples", samples: ramFrom(queue, queue.end) };
  if (had?.sector !== FIRST + index) return { kind: "sector", sector: FIRST + index };
  return { kind: "samples", samples: flashFrom(had.bytes, had.sector, name, from) };
}

function* ramFrom({ ram, layout, end }: FeedQueue, from: number): Generator<Positioned> {
  const size = recordSize(layout);
  for (let at = (from - end) * size; at < ram.length; at += size) {
    yield { sample: decodeSample(layout, ram, at), layout, to: end + at / size + 1, mark: null };
  }
}

function* flashFrom(bytes: Uint8Array, sector: number, name: FeedName, from: number): Generator<Positioned> {
  for (let slot = 0; slot < PAGES; slot++) {
    const raw = pageAt(bytes, slot);
    const page = decodePage(raw);
    if (page !== null && page.from + page.count > from && !isTaken(page, name))
      yield* pageFrom(page, raw, { sector, slot, name }, from);
  }
}

function* pageFrom(
  { layout, start, size, count, from: first }: FeedPage,
  raw: Uint8Array,
  { sector, slot, name }: { readonly sector: number; readonly slot: number; readonly name: FeedName },
  from: number,
): Generator<Positioned> {
  for (let at = Math.max(0, from - first); at < count; at++) {
    const bytes = Uint8Array.of(takenMark(name));
    const mark: FlashOp | null = at + 1 === count ? { kind: "write", sector, offset: slot * PAGE, bytes } : null;
    yield { sample: decodeSample(layout, raw, start + at * size), layout, to: first + at + 1, mark };
  }
}
