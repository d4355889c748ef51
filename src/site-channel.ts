// What both kinds of device do with the site's messages: seal and open them with the key, count what is refused, and bring
// a newer configuration to those who go by an older one. It knows no topic and no socket.

import { frozen } from "./frozen.js";
import { keyBytes, type MacKey, macKey } from "./mac.js";
import { sitePatch } from "./roster.js";
import type { Settings } from "./settings.js";
import { type Site, siteOf } from "./shared-site.js";
import { decode, encode, type Head, METER, REFUSALS, type Refusal, type SiteMessage } from "./sharing-message.js";
import { type Millis, millis, minus } from "./units.js";

export interface Channel {
  readonly site: Site;
  /** null: no key was set, so nothing is sent and nothing is heard. */
  readonly key: MacKey | null;
  /** The format spoken. */
  readonly format: number;
  /** How many messages were refused, in the order of REFUSALS. */
  readonly refused: readonly number[];
  /** When a refusal was logged last. */
  readonly loggedAt: Millis | null;
  /** When the configuration was told last. */
  readonly toldAt: Millis | null;
}

/** Strangers may be many: one line of the log a minute says so. */
const LOG_EVERY: Millis = millis(60_000);
const TELL_EVERY: Millis = millis(3_000);

export const openChannel = (settings: Settings, format: number): Channel => ({
  site: siteOf(settings),
  key: settings.siteKey === "" ? null : macKey(keyBytes(settings.siteKey)),
  format,
  refused: REFUSALS.map(() => 0),
  loggedAt: null,
  toldAt: null,
});

/** The same after the settings changed. */
export const reopened = (channel: Channel, settings: Settings): Channel => ({
  ...openChannel(settings, channel.format),
  refused: channel.refused,
  loggedAt: channel.loggedAt,
});

/** What every message of ours begins with. */
export const headOf = ({ format, site }: Channel): Head => ({ format, site: site.hash, siteVersion: site.version });

/** The bytes of a message; null without a key. */
export const seal = (channel: Channel, message: SiteMessage): Uint8Array | null =>
  channel.key === null ? null : encode(headOf(channel), message, channel.key);

export interface Opened {
  readonly channel: Channel;
  /** null: refused. */
  readonly message: SiteMessage | null;
  readonly head: Head | null;
  readonly log: string | null;
  /** Somebody goes by an older configuration: it should be told ours. */
  readonly tells: boolean;
}

/** Opens a message: what is not of this site, or not of this configuration, changes nothing and is counted. A newer
 *  configuration itself is let through. */
export function open(channel: Channel, bytes: Uint8Array, now: Millis): Opened {
  const { key, site } = channel;
  if (key === null) return { channel, message: null, head: null, log: null, tells: false };
  const decoded = decode(bytes, key, site.place);
  if (!decoded.ok) return refuse(channel, decoded.why, decoded.sender ?? null, now);
  const { head, message } = decoded;
  if (message.kind === "config") {
    return { channel, message: ageOf(head, site) > 0 ? message : null, head, log: null, tells: false };
  }
  if (head.site === site.hash) return { channel, message, head, log: null, tells: false };
  const tells = ageOf(head, site) < 0 && (channel.toldAt === null || minus(now, channel.toldAt) >= TELL_EVERY);
  const refused = refuse(channel, "otherSite", null, now);
  return { ...refused, tells, channel: tells ? { ...refused.channel, toldAt: now } : refused.channel };
}

/** Above 0 when whoever wrote the head goes by a newer configuration than ours, below 0 by an older, 0 by the same. Of two
 *  changes made at once the greater hash counts as newer, everywhere. */
const ageOf = (head: Head, site: Site): number =>
  head.site === site.hash ? 0 : head.siteVersion - site.version || head.site - site.hash;

const WORDS: Readonly<Record<Refusal, string>> = frozen({
  noMessage: "no message of ours",
  tooLong: "too long",
  forged: "without proof of the site's key",
  otherFormat: "of a format that this software cannot read",
  otherSite: "of another configuration",
  malformed: "malformed",
  twoOwners: "gives one ampere to two chargers",
});

function refuse(channel: Channel, why: Refusal, sender: number | null, now: Millis): Opened {
  const refused = channel.refused.map((count, index) => (REFUSALS[index] === why ? count + 1 : count));
  const due = sender !== null || channel.loggedAt === null || minus(now, channel.loggedAt) >= LOG_EVERY;
  const what = sender === null ? "" : `report of ${senderOf(channel.site, sender)} `;
  const log = due ? `message refused: ${what}${WORDS[why]}` : null;
  return {
    channel: { ...channel, refused, loggedAt: due ? now : channel.loggedAt },
    message: null,
    head: null,
    log,
    tells: false,
  };
}

const senderOf = ({ roster }: Site, place: number): string =>
  place === METER ? "the meter" : (roster[place]?.id ?? "a stranger");

export const configMessage = (settings: Settings): Extract<SiteMessage, { kind: "config" }> => ({
  kind: "config",
  json: JSON.stringify(sitePatch(settings)),
});

export const refusedInAll = ({ refused }: Channel): number => refused.reduce((sum, one) => sum + one, 0);
