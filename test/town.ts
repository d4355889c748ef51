// Several chargers of one site, wired to each other by hand: each with a clock of its own, and a network that can lose,
// delay, double and cut. What a car would do is left out: an offer is taken at once and drawn in full.

import type { Vote } from "../src/election.js";
import { held } from "../src/member.js";
import type { Ranges } from "../src/ranges.js";
import type { Settings } from "../src/settings.js";
import {
  fixedReading,
  hearMessage,
  hearReading,
  leads,
  type Outgoing,
  pass,
  resettled,
  type Sharing,
  type SharingStep,
  shareOf,
  startSharing,
} from "../src/sharing.js";
import { FORMAT, METER } from "../src/sharing-message.js";
import { deciamps, type Millis, milliamps, millis } from "../src/units.js";
import { memberOf, NO_VOTE, type Row, settingsOf, wantsOf } from "./site.js";

export interface Charger {
  sharing: Sharing;
  alive: boolean;
  /** What its car needs, dA. */
  need: number;
  /** Of the pilot, dA. */
  offer: number;
  /** What is kept in flash. */
  vote: Vote;
  settings: Settings;
  /** Its clock is ahead of the world's by this, and runs at this many thousandths of it. */
  ahead: number;
  pace: number;
  nonce: number;
  readAt: number;
}

export interface Sent {
  readonly at: number;
  readonly from: number;
  readonly to: number;
  readonly bytes: Uint8Array;
  readonly kind: string;
}

export interface Network {
  /** What becomes of a message: after how many ms it comes, once for each number. */
  fate(from: number, to: number): readonly number[];
}

const STEP = 50;
const FINE: Network = { fate: () => [10] };

export function town(roster: readonly Row[], patch: object = {}, network: Network = FINE) {
  let net = network;
  let now = 0;
  let air: readonly Sent[] = [];
  const sent: Sent[] = [];
  const logs: string[] = [];
  const clock = ({ ahead, pace }: Charger): Millis => millis(ahead + Math.floor((now * pace) / 1_000));
  const begin = (settings: Settings, vote: Vote, nonce: number, at: Millis): Sharing =>
    startSharing(settings, { nonce, vote, format: FORMAT }, at);
  const chargers = roster.map(({ id }, place): Charger => {
    const settings = memberOf(roster, { id, meter: "none", houseMaxA: 0, ...patch });
    const ahead = 5_000 * (place + 1);
    return {
      sharing: begin(settings, NO_VOTE, place + 1, millis(ahead)),
      alive: true,
      need: 320,
      offer: 0,
      vote: NO_VOTE,
      settings,
      ahead,
      pace: 1_000,
      nonce: place + 1,
      readAt: -1_000,
    };
  });
  const send = (from: number, one: Outgoing): void => {
    const everyone = one.to === "everyone" || one.place === METER;
    for (const to of chargers.keys()) {
      if (to === from || !(everyone || (one.to === "arbiter" && one.place === to))) continue;
      const kind = one.to === "everyone" ? one.kind : "demand";
      for (const delay of net.fate(from, to)) {
        const message = { at: now + delay, from, to, bytes: one.bytes, kind };
        sent.push(message);
        air = [...air, message];
      }
    }
  };
  const took = (place: number, charger: Charger, step: SharingStep): void => {
    charger.sharing = step.sharing;
    if (step.vote !== null) charger.vote = step.vote;
    logs.push(...step.logs);
    for (const one of step.sends) send(place, one);
    if (step.config === null) return;
    charger.settings = settingsOf(JSON.parse(step.config), charger.settings);
    charger.sharing = resettled(charger.sharing, charger.settings, clock(charger));
  };
  const hear = (place: number, bytes: Uint8Array): void => {
    const charger = chargers[place];
    if (charger?.alive) took(place, charger, hearMessage(charger.sharing, bytes, clock(charger)));
  };
  const tick = (place: number, charger: Charger): void => {
    const at = clock(charger);
    if (leads(charger.sharing) && at - charger.readAt >= 1_000) {
      charger.readAt = at;
      charger.sharing = hearReading(charger.sharing, fixedReading(charger.sharing, at), at);
    }
    const { amps } = shareOf(charger.sharing, charger.settings.wiring, at);
    const wants = wantsOf({ need: deciamps(charger.need), wiring: charger.settings.wiring });
    charger.offer = charger.need > 0 && amps >= 60 ? Math.min(amps, charger.need) : 0;
    const facts = {
      wants,
      draws: [0, 0, 0].slice(0, charger.settings.phases).map(milliamps),
      age: millis(0),
      offer: deciamps(charger.offer),
      draw: milliamps(charger.offer * 100),
      known: true,
      news: false,
      uptime: at,
    };
    took(place, charger, pass(charger.sharing, facts, amps, at));
  };
  /** Lets time pass; `each` is called after every step of it. */
  const run = (ms: number, each: () => void = () => undefined): void => {
    for (const end = now + ms; now < end; ) {
      now += STEP;
      const due = air.filter((one) => one.at <= now);
      air = air.filter((one) => one.at > now);
      for (const { to, bytes } of due) hear(to, bytes);
      for (const [place, charger] of chargers.entries()) if (charger.alive) tick(place, charger);
      each();
    }
  };
  const at = (place: number): Charger => {
    const charger = chargers[place];
    if (charger === undefined) throw new Error(`no charger ${place}`);
    return charger;
  };
  const kill = (place: number): void => {
    Object.assign(at(place), { alive: false, offer: 0 });
  };
  /** Off and on again: what is not in flash is forgotten, and its clock begins anew. */
  const boot = (place: number): void => {
    const charger = at(place);
    const nonce = charger.nonce + 100;
    const ahead = -Math.floor((now * charger.pace) / 1_000);
    Object.assign(charger, { alive: true, offer: 0, nonce, ahead, readAt: -1_000 });
    charger.sharing = begin(charger.settings, charger.vote, nonce, clock(charger));
  };
  return {
    run,
    at,
    hear,
    kill,
    boot,
    sent,
    logs,
    now: () => now,
    network: (next: Network) => {
      net = next;
    },
    set: (place: number, change: object) => {
      const charger = at(place);
      charger.settings = settingsOf(change, charger.settings);
      charger.sharing = resettled(charger.sharing, charger.settings, clock(charger));
    },
    leaders: () => [...chargers.keys()].filter((place) => at(place).alive && leads(at(place).sharing)),
    offers: () => chargers.map(({ offer }) => offer),
    /** What each holds now, by its own clock. */
    held: (): readonly Ranges[] => chargers.map((one) => (one.alive ? held(one.sharing.member, clock(one)) : [])),
    answer: (place: number) => shareOf(at(place).sharing, at(place).settings.wiring, clock(at(place))),
    refused: (place: number) => at(place).sharing.channel.refused.reduce((sum, one) => sum + one, 0),
  };
}
