// A charger in its site: member, voter, and where no meter of ours leads, perhaps the arbiter itself.
// It knows no topic, no socket and no pilot: messages as bytes go in and out, and an answer says what may be offered.

import { nextReport, takeReading } from "./arbiter.js";
import { type Arbiter, hearDemand, passTime, type Reading, reconfigured, startArbiter } from "./books.js";
import {
  type Election,
  type ElectionStep,
  hearCall,
  hearLeader,
  hearPromise,
  mayObey,
  sameVote,
  startElection,
  tickElection,
  type Vote,
} from "./election.js";
import {
  acknowledge,
  answerOf,
  demanded,
  follow,
  hearReport,
  held,
  type Member,
  type MemberAnswer,
  startMember,
} from "./member.js";
import { siteHash } from "./roster.js";
import type { Settings } from "./settings.js";
import type { Site } from "./shared-site.js";
import type { Call, Demand, Head, Report, SiteMessage } from "./sharing-message.js";
import { type Channel, configMessage, headOf, open, openChannel, reopened, seal } from "./site-channel.js";
import { type Deciamps, deciamps, lower, type Milliamps, type Millis, millis, minus } from "./units.js";

export interface Sharing {
  readonly channel: Channel;
  readonly settings: Settings;
  readonly member: Member;
  readonly election: Election;
  /** The books, while this charger leads. */
  readonly arbiter: Arbiter | null;
  /** Names this boot, to those it leads: of two terms the higher is the newer, so it need not count. */
  readonly boot: number;
  readonly demandedAt: Millis | null;
  /** What the last demand said of offer and need. */
  readonly told: { readonly offer: Deciamps; readonly need: Deciamps } | null;
  /** The newest reading of the house that this charger could lead with. */
  readonly reading: Reading | null;
}

/** To everybody, or to the arbiter (its place in the roster, METER for a meter). */
export type Outgoing =
  | { readonly to: "everyone"; readonly kind: "report" | "call" | "config" | "book"; readonly bytes: Uint8Array }
  | { readonly to: "arbiter"; readonly place: number; readonly bytes: Uint8Array };

export interface SharingStep {
  readonly sharing: Sharing;
  readonly sends: readonly Outgoing[];
  readonly logs: readonly string[];
  /** Settings that the site has agreed on, as JSON. */
  readonly config: string | null;
  /** What somebody says of the site's book of people. */
  readonly book: Uint8Array | null;
  /** A promise that must be in flash before anything is sent. */
  readonly vote: Vote | null;
  /** What a car draws, told to who leads. */
  readonly demand: Demand | null;
  /** A report of our site came, whether it can be obeyed or not. */
  readonly reported: boolean;
}

/** What the charger itself knows as it speaks. */
export interface Facts {
  readonly wants: Demand["wants"];
  readonly draws: readonly Milliamps[];
  readonly age: Millis;
  readonly offer: Deciamps;
  /** The largest phase, null while it is not known, 0 with the contactor open. */
  readonly draw: Milliamps | null;
  /** The EVSE machine has been heard, so that its offer is known. */
  readonly known: boolean;
  /** A reading of the draw came that the arbiter should hear of. */
  readonly news: boolean;
  readonly uptime: Millis;
}

const DEMAND_PERIOD: Millis = millis(2_000);
/** With a short lease a charger speaks more often: it must be heard anew, and hear of it, well before the end. */
const demandPeriod = ({ lease, period }: Site): Millis =>
  lower(DEMAND_PERIOD, millis(Math.floor((lease - period) / 3)));
/** A change of need or offer is told no more often than this; an acknowledgement is. */
const NEWS_APART: Millis = millis(300);

export function startSharing(
  settings: Settings,
  start: { readonly nonce: number; readonly vote: Vote; readonly format: number },
  now: Millis,
): Sharing {
  return {
    channel: openChannel(settings, start.format),
    settings,
    member: startMember(start.nonce),
    election: startElection(start.vote, start.nonce, now),
    arbiter: null,
    boot: start.nonce,
    demandedAt: null,
    told: null,
    reading: null,
  };
}

/** Nothing but the settings has changed: another key, another site, or only something that does not matter here. */
export function resettled(sharing: Sharing, settings: Settings, now: Millis): Sharing {
  const { channel, arbiter } = sharing;
  const sameSite = siteHash(settings) === channel.site.hash && settings.siteVersion === channel.site.version;
  if (sameSite && settings.siteKey === sharing.settings.siteKey && settings.id === sharing.settings.id) {
    return { ...sharing, settings };
  }
  const opened = reopened(channel, settings);
  const led = arbiter === null ? null : reconfigured(arbiter, channel.site, opened.site, now);
  const next = { ...sharing, settings, channel: opened, arbiter: led };
  return settings.siteId === sharing.settings.siteId ? next : moved(next);
}

/** Another site has other amperes: what the last one gave is nothing here, and nobody here has promised us anything. */
const moved = (sharing: Sharing): Sharing => ({
  ...sharing,
  member: { ...startMember(sharing.member.nonce), number: sharing.member.number },
  election: { ...sharing.election, calling: null, leads: false },
  arbiter: null,
  reading: null,
});

/** What may be offered on these phases now. */
export const shareOf = ({ member, channel }: Sharing, phases: readonly number[], now: Millis): MemberAnswer =>
  answerOf(member, channel.site, phases, now);

export const leads = ({ arbiter }: Sharing): boolean => arbiter !== null;

interface Work {
  sharing: Sharing;
  readonly sends: Outgoing[];
  readonly logs: string[];
  config: string | null;
  book: Uint8Array | null;
  vote: Vote | null;
  demand: Demand | null;
  reported: boolean;
}

const begin = (sharing: Sharing): Work => ({
  sharing,
  sends: [],
  logs: [],
  config: null,
  book: null,
  vote: null,
  demand: null,
  reported: false,
});

/** A message came, by any carrier. */
export function hearMessage(sharing: Sharing, bytes: Uint8Array, now: Millis): SharingStep {
  const work = begin(sharing);
  const opened = open(sharing.channel, bytes, now);
  work.sharing = { ...sharing, channel: opened.channel };
  if (opened.log !== null) work.logs.push(opened.log);
  if (opened.tells) send(work, configMessage(sharing.settings));
  if (opened.message !== null && opened.head !== null) take(work, opened.message, opened.head, now);
  return work;
}

function send(work: Work, message: Exclude<SiteMessage, { kind: "demand" }>): void {
  const bytes = seal(work.sharing.channel, message);
  if (bytes !== null) work.sends.push({ to: "everyone", kind: message.kind, bytes });
}

function take(work: Work, message: SiteMessage, head: Head, now: Millis): void {
  const { site } = work.sharing.channel;
  switch (message.kind) {
    case "report":
      return takeReport(work, message.report, now);
    case "demand":
      return takeDemand(work, head, message.demand, now);
    case "call":
      return site.metered ? undefined : takeCall(work, message.call, now);
    case "config":
      work.config = message.json;
      return;
    case "book":
      work.book = message.bytes;
  }
}

function takeReport(work: Work, report: Report, now: Millis): void {
  const { sharing } = work;
  const { site } = sharing.channel;
  if (site.metered !== (report.term === 0) || site.place < 0) return;
  work.reported = true;
  if (!site.metered) {
    if (!mayObey(sharing.election, report.term)) return;
    const { term, arbiter, boot } = report;
    if (arbiter === site.place && boot === sharing.boot) return;
    if (isNews(sharing, report)) voted(work, hearLeader(sharing.election, { term, arbiter, boot }, site, now));
  }
  obey(work, report, now);
}

/** Whoever leads or calls has sent nothing later that we know of. A recorded message, sent again by anybody, is no sign that
 *  the dead live. */
const isNews = ({ member }: Sharing, { term, boot, sentAt }: Report | Call): boolean =>
  term !== member.leader.term || boot !== member.leader.boot || sentAt > member.leader.echo;

function obey(work: Work, report: Report, now: Millis): void {
  const member = hearReport(work.sharing.member, report, work.sharing.channel.site, now);
  if (member.twins && !work.sharing.member.twins) {
    work.logs.push(`two devices go by the id ${work.sharing.settings.id}: neither shares until one has another`);
  }
  work.sharing = { ...work.sharing, member };
}

/** A new promise goes into flash before a word of it is said; who leads no more closes its books. */
function voted(work: Work, election: Election): void {
  if (!sameVote(election.vote, work.sharing.election.vote)) work.vote = election.vote;
  work.sharing = { ...work.sharing, election, arbiter: election.leads ? work.sharing.arbiter : null };
}

function elected(work: Work, step: ElectionStep, now: Millis): void {
  voted(work, step.election);
  const { channel, boot, election, reading } = work.sharing;
  if (step.asks !== null) {
    send(work, { kind: "call", call: { term: step.asks, boot, arbiter: channel.site.place, sentAt: now } });
  }
  if (!step.won) return;
  const identity = { term: election.vote.term, boot, place: channel.site.place };
  const fresh = startArbiter(channel.site, identity, null, now);
  const leader = { term: identity.term, boot, arbiter: identity.place, echo: now };
  work.sharing = {
    ...work.sharing,
    arbiter: reading === null ? fresh : takeReading(fresh, channel.site, reading, now),
    member: follow(work.sharing.member, leader),
    demandedAt: null,
  };
}

/** A call that is answered names the caller in the demands from now on. */
function takeCall(work: Work, call: Call, now: Millis): void {
  const { channel, election, member } = work.sharing;
  if (member.twins || !isNews(work.sharing, call)) return;
  elected(work, hearCall(election, call, channel.site, now), now);
  if (!sameVote(work.sharing.election.vote, call)) return;
  const leader = { term: call.term, boot: call.boot, arbiter: call.arbiter, echo: call.sentAt };
  work.sharing = { ...work.sharing, member: follow(member, leader), demandedAt: null };
}

function takeDemand(work: Work, head: Head, demand: Demand, now: Millis): void {
  const { channel, election, boot } = work.sharing;
  const { site } = channel;
  if (demand.arbiter === site.place && demand.boot === boot) {
    const place = site.roster.findIndex((row) => row.id === demand.id);
    elected(work, hearPromise(election, place, demand.term, site), now);
  }
  const books = work.sharing.arbiter;
  if (books === null) return;
  work.demand = demand;
  work.sharing = { ...work.sharing, arbiter: hearDemand(books, site, head, demand, now) };
}

/** A reading of the house for a site that a charger leads; everybody keeps the newest, whoever leads. */
export function hearReading(sharing: Sharing, reading: Reading, now: Millis): Sharing {
  const arbiter = sharing.arbiter === null ? null : takeReading(sharing.arbiter, sharing.channel.site, reading, now);
  return { ...sharing, reading, arbiter };
}

/** Time passes, or something of the charger itself has changed. */
export function pass(sharing: Sharing, facts: Facts, granted: Deciamps, now: Millis): SharingStep {
  const work = begin(sharing);
  const { site } = sharing.channel;
  const alone = site.roster.length === 1; // It needs no key to share with itself.
  if ((sharing.channel.key === null && !alone) || site.place < 0) return work;
  const member = facts.known ? acknowledge(sharing.member, granted, facts.offer, facts.draw) : sharing.member;
  if (member !== sharing.member) work.sharing = { ...sharing, member };
  if (!site.metered && !member.twins) elected(work, tickElection(work.sharing.election, site, now), now);
  if (facts.known && isDue(work.sharing, facts, now)) demand(work, facts, now);
  lead(work, now);
  return work;
}

function isDue({ demandedAt, member, told, channel }: Sharing, { offer, wants, news }: Facts, now: Millis): boolean {
  if (demandedAt === null || minus(now, demandedAt) >= demandPeriod(channel.site) || news) return true;
  if (member.owesWord && member.accepted === member.report?.version) return true;
  const moved = told === null || (told.offer === 0) !== (offer === 0) || Math.abs(told.need - wants.need) >= 5;
  return moved && minus(now, demandedAt) >= NEWS_APART;
}

function demand(work: Work, facts: Facts, now: Millis): void {
  const { sharing } = work;
  const member = demanded(sharing.member, now);
  const { channel, settings } = sharing;
  const { wants, draws, age, offer, uptime } = facts;
  const said: Demand = {
    ...member.leader,
    id: settings.id,
    nonce: member.nonce,
    number: member.number,
    accepted: member.accepted,
    held: held(member, now),
    wants,
    draws,
    age,
    offer,
    uptime,
  };
  work.sharing = { ...sharing, member, demandedAt: now, told: { offer, need: wants.need } };
  if (sharing.arbiter !== null && said.arbiter === channel.site.place) {
    return takeDemand(work, headOf(channel), said, now);
  }
  const bytes = seal(channel, { kind: "demand", demand: said });
  if (bytes !== null) work.sends.push({ to: "arbiter", place: said.arbiter, bytes });
}

/** The work of an arbiter: what time ends, and the report that is due. It obeys its own like everybody else. */
function lead(work: Work, now: Millis): void {
  const { arbiter, channel } = work.sharing;
  if (arbiter === null) return;
  const next = nextReport(passTime(arbiter, channel.site, now), channel.site, now);
  work.sharing = { ...work.sharing, arbiter: next.arbiter };
  if (next.report === null) return;
  send(work, { kind: "report", report: next.report });
  obey(work, next.report, now);
}

/** On a site whose limit is fixed nothing is read: what is assured is there each second. */
export const fixedReading = ({ channel }: Sharing, now: Millis): Reading => {
  const { site } = channel;
  const all = (amps: Deciamps): readonly Deciamps[] => Array.from({ length: site.phases }, () => amps);
  return { stamp: now, budget: all(site.assured), house: all(deciamps(0)), solar: null };
};
