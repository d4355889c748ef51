// A charger before its site: hears its messages, tells what the car wants and draws, and says what the site allows.
// It knows no pilot, no card and no lease; a configuration that the site has agreed on is handed on, not taken.

import { drawnOn, houseWithout, withDraw, withoutSilent } from "./car-draws.js";
import { sendBySite } from "./carriers.js";
import type { Controller, ControllerEffect } from "./controller-state.js";
import { siteAnswerOf } from "./current-limits.js";
import type { Received } from "./device.js";
import { drawMoved, siteDraw } from "./draw.js";
import { steadyTenths } from "./house.js";
import { manage, onlineEvents } from "./managed.js";
import { grantOf, type ManagerClient } from "./manager-client.js";
import type { MemberAnswer } from "./member.js";
import { hearMeter, readingOf } from "./other-meter.js";
import { budgetOf } from "./shared-site.js";
import { type Facts, fixedReading, hearMessage, hearReading, leads, pass, type SharingStep } from "./sharing.js";
import { deciamps, type Millis, millis, minus } from "./units.js";
import { keepVote } from "./vote-log.js";
import { drawNow, phasesOf, wantsNow, watchWants } from "./wants.js";

const SAMPLE_PERIOD: Millis = millis(1_000);

/** What the site allows now; under a central Manager what that grants. */
export function answerNow({ device, managed, sharing, wants }: Controller, now: Millis): MemberAnswer {
  const { settings } = device;
  if (managed === null || !settings.member) return siteAnswerOf(settings, sharing, phasesOf(wants, settings), now);
  const { amps, until } = grantOf(managed, now);
  return { amps, because: "share", until, freshness: until > now ? "fresh" : "none" };
}

export interface HeardOfSite {
  readonly state: Controller;
  /** Settings that the site has agreed on, as JSON; null: none. */
  readonly config: string | null;
  /** What somebody says of the site's book of people; null: nothing. */
  readonly book: Uint8Array | null;
  /** A report of our site came, whether it can be obeyed or not. */
  readonly reported: boolean;
}

/** A message of the site, by the broker (`from` is null), or from an address of the local network. */
export function hearSite(
  state: Controller,
  bytes: Uint8Array,
  from: string | null,
  effects: ControllerEffect[],
  now: Millis,
): HeardOfSite {
  const step = hearMessage(state.sharing, bytes, now);
  const obeys = step.sharing.member.leader !== state.sharing.member.leader;
  const isReport = step.sharing.member.obeyedAt === now && obeys;
  const owesDraw = state.owesDraw || (isReport && state.device.settings.measures === "grid");
  const arbiterAddress = from !== null && obeys ? from : state.arbiterAddress;
  const same = owesDraw === state.owesDraw && arbiterAddress === state.arbiterAddress;
  const heard = same ? state : { ...state, owesDraw, arbiterAddress };
  return { state: shared(heard, step, effects, now), config: step.config, book: step.book, reported: step.reported };
}

/** What a sharing step asks for: a promise into flash before anything is sent, then messages and logs. Without room for
 *  the promise the whole step is dropped. */
function shared(state: Controller, step: SharingStep, effects: ControllerEffect[], now: Millis): Controller {
  const kept = step.vote === null ? null : keepVote(state.votes, step.vote);
  if (step.vote !== null && kept === null) {
    effects.push({ kind: "log", text: "no room in flash for a promise until the next restart" });
    return state;
  }
  if (kept !== null) effects.push(kept.op);
  for (const text of step.logs) effects.push({ kind: "log", text });
  const votes = kept?.log ?? state.votes;
  const known = withoutSilent(state.cars, now);
  const cars =
    step.demand === null || state.device.settings.measures !== "grid"
      ? known
      : withDraw(known, step.demand, { site: step.sharing.channel.site, boot: step.sharing.boot }, now);
  const device =
    step.sends.length === 0 ? state.device : sendBySite(state.device, step.sends, state.arbiterAddress, effects, now);
  return { ...state, sharing: step.sharing, votes, cars, device };
}

export interface SpokenWithSite {
  readonly state: Controller;
  /** What the site allows now. */
  readonly answer: MemberAnswer;
}

/** Follows the car, and speaks with the site: its own demand when one is due, and the arbiter's work while it leads. */
export function speakWithSite(last: Controller, effects: ControllerEffect[], now: Millis): SpokenWithSite {
  const { settings } = last.device;
  const wants = watchWants(last.wants, last.status, last.draw, settings, now);
  const watched = wants === last.wants ? last : { ...last, wants };
  if (watched.managed !== null) {
    const state = tellManager(watched, watched.managed, effects, now);
    return { state, answer: answerNow(state, now) };
  }
  const state = leads(watched.sharing) && settings.meter === "none" ? fixed(watched, now) : watched;
  const answer = answerNow(state, now);
  if (!settings.member) return { state, answer };
  const facts = factsForSite(state, now);
  const step = pass(state.sharing, facts, answer.amps, now);
  const passed = shared(state, step, effects, now);
  const spoke = step.sharing.demandedAt === now;
  const next = spoke ? { ...passed, owesDraw: passed.owesDraw && !facts.news, told: state.draw } : passed;
  return { state: next, answer: isAnsweredAlike(state, next) ? answer : answerNow(next, now) };
}

/** Nothing has changed of what an answer of the site is made of. */
const isAnsweredAlike = (a: Controller, b: Controller): boolean =>
  a.sharing.member === b.sharing.member && a.sharing.channel === b.sharing.channel;

/** Under a Manager: that the car wants, and what it draws. */
function tellManager(state: Controller, client: ManagerClient, effects: ControllerEffect[], now: Millis): Controller {
  const { status, draw, wants, rights, device } = state;
  const { need } = wantsNow(wants, status, rights, device.settings, now);
  const load = siteDraw(device.settings, draw);
  const events = [
    ...onlineEvents(client, device.online),
    { kind: "charger", wants: need > 0, load },
    { kind: "tick" },
  ] as const;
  return manage(state, client, events, effects, now);
}

function factsForSite(state: Controller, now: Millis): Facts {
  const { status, draw, wants, rights, device } = state;
  const { settings } = device;
  const measured = draw !== null && draw.at === now;
  const onGrid = settings.measures === "grid" && settings.meter !== "none";
  return {
    wants: wantsNow(wants, status, rights, settings, now),
    draws: siteDraw(settings, draw),
    age: draw === null ? millis(0) : minus(now, draw.at),
    offer: status?.offer ?? deciamps(0),
    draw: drawNow(status, draw, now),
    known: status !== null,
    news: onGrid && measured && (state.owesDraw || drawMoved(draw, state.told)),
    uptime: now,
  };
}

/** Without a meter the limit is fixed, and is there each second. */
function fixed(state: Controller, now: Millis): Controller {
  if (state.readAt !== null && minus(now, state.readAt) < SAMPLE_PERIOD) return state;
  return { ...state, readAt: now, sharing: hearReading(state.sharing, fixedReading(state.sharing, now), now) };
}

/** Somebody else's meter speaks there. */
export const isOfMeter = ({ device, meter }: Controller, topic: string): boolean =>
  device.settings.meter === "other" && meter.source?.topics.includes(topic) === true;

/** Somebody else's meter has spoken: its value is as old as its way here, which nobody can know. */
export function otherMeter(
  state: Controller,
  { topic, payload }: Received,
  effects: ControllerEffect[],
  now: Millis,
): Controller {
  const { settings } = state.device;
  const onGrid = settings.measures === "grid";
  const draws = onGrid ? [0, 1, 2].map((phase) => drawnOn(state.cars, phase)) : null;
  const { meter, reading } = readingOf(hearMeter(state.meter, topic, payload, now), draws, now);
  if (meter.stuck && !state.meter.stuck) {
    effects.push({ kind: "log", text: "the meter says the same whatever the cars draw: not believed until it moves" });
  }
  const heard = { ...state, meter };
  if (reading === null) return heard;
  const house = onGrid ? houseWithout(state.cars, reading.currents, state.house, reading.at) : reading.currents;
  const tenths = house.map((amps) => steadyTenths(null, amps));
  const budget = tenths.map((amps) => budgetOf(settings, amps));
  const taken = { stamp: reading.since, budget, house: tenths, solar: null };
  return { ...heard, house, sharing: hearReading(state.sharing, taken, now) };
}
