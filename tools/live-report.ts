// What the site's newest report says, for people: read with the site's key from what the broker and the local network carry.

import { packetSize, readPublish } from "../hal/sim/plant/mqtt-publish.js";
import type { TimelineRecord } from "../hal/sim/plant/site.js";
import { keyBytes, macKey } from "../src/mac.js";
import type { Settings } from "../src/settings.js";
import { siteOf } from "../src/shared-site.js";
import { decode, type Entry, METER, type Report } from "../src/sharing-message.js";
import { chargerTopics } from "../src/topics.js";

export interface ShownEntry {
  /** Phase, and from where to where on its line, A. */
  readonly ranges: readonly (readonly [phase: number, fromA: number, toA: number])[];
  readonly shareA: number;
  readonly because: string;
  /** 0 for who has its turn, null when none can be foreseen. */
  readonly nextTurnS: number | null;
  /** In the site's time, s: the end of its lease, by the arbiter's clock. */
  readonly until: number;
  /** Since when a car stands there without an offer, null while none does. */
  readonly waitsSince: number | null;
  /** The arbiter has heard it within a lease. */
  readonly heard: boolean;
  /** Two devices go by this id. */
  readonly twins: boolean;
}

export interface ReportRecord {
  readonly t: number;
  readonly kind: "report";
  readonly arbiter: string;
  /** 0 where the site has a meter of ours. */
  readonly term: number;
  readonly version: number;
  /** The arbiter does not know all holders yet: nobody gets more than it held. */
  readonly renewsOnly: boolean;
  readonly budgetA: readonly number[];
  readonly houseA: readonly number[];
  readonly chargers: Readonly<Record<string, ShownEntry>>;
}

/** After so much silence an older boot is believed as well, s. */
const FORGETS_S = 15;
/** A publish is no longer than the firmware's longest message with its topic. */
const PACKET_LIMIT = 8_192;
const WITHOUT_CAR: readonly string[] = ["available", "faulted", "off"];

type Sample = Extract<TimelineRecord, { kind: "sample" }>;

const toA = (tenths: number): number => tenths / 10;

/** `now`: the site's time, s. `tell` is called with each report that is newer than the last. */
export function createReportReader(settings: Settings, now: () => number, tell: (record: ReportRecord) => void) {
  const key = macKey(keyBytes(settings.siteKey));
  const { roster } = siteOf(settings);
  const topic = chargerTopics(settings).report;
  const waits = new Map<string, number>();
  const seen = new WeakSet<Uint8Array>();
  let last: { readonly report: Report; readonly at: number } | null = null;

  function isNewer(report: Report): boolean {
    if (last === null || now() - last.at > FORGETS_S) return true;
    const order = (one: Report): readonly number[] => [one.term, one.boot, one.stamp, one.version];
    const before = order(last.report);
    const after = order(report);
    const at = after.findIndex((value, index) => value !== before[index]);
    return at >= 0 && (after[at] ?? 0) > (before[at] ?? 0);
  }

  function shown(id: string, entry: Entry, { sentAt }: Report): ShownEntry {
    return {
      ranges: entry.ranges.map(({ phase, from, to }) => [phase, toA(from), toA(to)]),
      shareA: toA(entry.amps),
      because: entry.because,
      nextTurnS: entry.nextTurnS,
      until: Math.round(now() * 1_000 + Math.max(0, entry.until - sentAt)) / 1_000,
      waitsSince: waits.get(id) ?? null,
      heard: entry.heardAt !== null && entry.until > sentAt,
      twins: entry.twins,
    };
  }

  function take(bytes: Uint8Array): void {
    const decoded = decode(bytes, key);
    if (!decoded.ok || decoded.message.kind !== "report" || !isNewer(decoded.message.report)) return;
    const { report } = decoded.message;
    last = { report, at: now() };
    const entries = report.entries.map((entry, place) => {
      const id = roster[place]?.id ?? `charger ${place + 1}`;
      return [id, shown(id, entry, report)] as const;
    });
    tell({
      t: now(),
      kind: "report",
      arbiter: report.arbiter === METER ? "meter" : (roster[report.arbiter]?.id ?? "a stranger"),
      term: report.term,
      version: report.version,
      renewsOnly: report.renewsOnly,
      budgetA: report.budget.map(toA),
      houseA: report.house.map(toA),
      chargers: Object.fromEntries(entries),
    });
  }

  return {
    /** A datagram; the copies for its other hearers are the same bytes. */
    hear(bytes: Uint8Array): void {
      if (seen.has(bytes)) return;
      seen.add(bytes);
      take(bytes);
    },
    /** Makes what reads one stream of MQTT packets to the broker, byte by byte as they come. */
    onStream(): (bytes: Uint8Array) => void {
      let pending: Buffer = Buffer.alloc(0);
      return (bytes) => {
        pending = Buffer.concat([pending, bytes]);
        for (let size = packetSize(pending); size !== null && size <= pending.length; size = packetSize(pending)) {
          const publish = readPublish(pending.subarray(0, size));
          pending = pending.subarray(size);
          if (publish?.topic === topic) take(publish.payload);
        }
        if (pending.length > PACKET_LIMIT) pending = Buffer.alloc(0);
      };
    },
    /** Who waits is seen at the pilots, whoever leads. */
    see({ t, chargers }: Sample): void {
      for (const [id, { state, offeredA }] of Object.entries(chargers)) {
        if (WITHOUT_CAR.includes(state) || offeredA > 0) waits.delete(id);
        else if (!waits.has(id)) waits.set(id, t);
      }
    },
  };
}
