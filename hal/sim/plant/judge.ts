// Judges a run by what the plant saw, and adds up its figures. Imports nothing of the firmware.

import { createCalm } from "./judge-calm.js";
import { createClairvoyant } from "./judge-ideal.js";
import { createOffersRule } from "./judge-offers.js";
import { createOverload } from "./judge-overload.js";
import { createReactions, type Reactions } from "./judge-reactions.js";
import { createSharesRule } from "./judge-shares.js";
import { createWaitsRule } from "./judge-waits.js";
import { createView, type JudgedCharger, type JudgedSite, type Seen, tenths } from "./judged.js";
import { type Broken, type ChargerRules, chargerRules, readOf, type Worst } from "./rules.js";
import type { CarSpec, ScenarioEvent } from "./scenario.js";

export interface Figures {
  readonly energyKWh: Readonly<Record<string, number>>;
  readonly idealKWh: number;
  readonly utilisation: number | null;
  readonly overAs: number;
  readonly overMaxA: number;
  readonly overMaxS: number;
  readonly avoidableAs: number;
  readonly tripped: boolean;
  readonly contactorCycles: Readonly<Record<string, number>>;
  readonly reactionMs: Reactions;
  readonly messages: number;
  readonly broken: readonly Broken[];
}

const BUTTON_A = [6, 8, 10, 13, 16, 20, 25, 32];
const HOT_C = 60;

const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));

export function createJudge(site: JudgedSite, chargers: readonly JudgedCharger[]) {
  const broken: Broken[] = [];
  const broke = (one: Broken): void => void broken.push(one);
  const view = createView(site, chargers);
  const { phases, get } = view;
  const rules = new Map<string, ChargerRules>(chargers.map((config) => [config.id, chargerRules(config, broke)]));
  const offers = createOffersRule(view, broke);
  const overload = createOverload(view);
  const calm = createCalm(view);
  const shares = createSharesRule(view, calm, broke);
  const waits = createWaitsRule(view, calm, broke);
  const clairvoyant = createClairvoyant(view, chargers);
  const reactions = createReactions(view);
  let roof: readonly number[] = phases.map(() => 0);
  let second = 0;
  let messages = 0;
  let tripped = false;

  /** Adds up a stretch in which nothing changed. */
  function pass(ms: number): void {
    const seconds = ms / 1_000;
    overload.pass(seconds);
    for (const one of view.everyone) {
      if (one.drawn > 0) one.energyKWh += (one.drawn * site.voltageV * seconds) / 3_600_000;
    }
  }

  /** Moves on to `ms`; everything that the plant tells about that time comes after. */
  function until(ms: number): void {
    for (let now = view.now(); now < ms; now = view.now()) {
      const next = Math.min(ms, second + 1_000);
      pass(next - now);
      view.moveTo(next);
      if (next !== second + 1_000) continue;
      second = next;
      overload.second();
      if (tripped) continue;
      clairvoyant.second(roof);
      shares.second();
      waits.second();
    }
    offers.judge();
  }

  function houseIs(amps: readonly number[]): void {
    offers.houseChanges();
    overload.houseChanges();
    calm.houseChanges(amps);
    view.houseIs(amps);
    offers.judge();
  }

  /** Does what changes a charger's part in the sum of offers. */
  function change(id: string, act: (one: Seen) => void): void {
    const one = get(id);
    if (one === undefined) return;
    offers.changing(one);
    act(one);
    view.offersChanged();
  }

  function dutyIs(id: string, hundredths: number): void {
    rules.get(id)?.duty(view.now(), hundredths);
    const offer = tenths(readOf(hundredths));
    change(id, (one) => {
      if (offer < one.offer) reactions.fell();
      one.offer = offer;
    });
    offers.judge();
  }

  function drawsAre(id: string, amps: readonly number[], socPct: number): void {
    const one = get(id);
    if (one === undefined) return;
    one.socPct = socPct;
    if (one.draws === amps) return;
    one.draws = amps;
    one.drawn = amps.reduce((a, b) => a + b, 0);
    view.drawsChanged();
    const used = amps.filter((amp) => amp > 0).length;
    if (used > 0 && used !== one.carPhases) change(id, () => void Object.assign(one, { carPhases: used }));
  }

  function carIs(id: string, car: CarSpec | null): void {
    calm.changed();
    change(id, (one) => {
      // A car that leaves takes its phases with it: what is still offered is offered to nobody on the others.
      if (car !== null) one.carPhases = null;
      one.car = car;
      one.socPct = car?.socPct ?? 0;
      clairvoyant.plug(one, car);
    });
  }

  function powerIs(device: string, on: boolean): void {
    calm.changed();
    if (device === "meter") calm.meterPower(on);
    change(device, (one) => {
      one.powered = on;
      if (!on) one.offer = 0;
    });
    rules.get(device)?.power(view.now(), on);
  }

  /** What a person set: mode, amps, membership. */
  function set(id: string, settings: Readonly<Record<string, unknown>>): void {
    change(id, (one) => {
      if (typeof settings.mode === "string") one.mode = settings.mode;
      if (typeof settings.manualA === "number") one.manualA = settings.manualA;
      if (typeof settings.member === "boolean") one.member = settings.member;
    });
    if (typeof settings.member === "boolean") view.membersChanged();
  }

  /** A press takes the next of the published amps within the rating. */
  function button(id: string): void {
    const one = get(id);
    if (one === undefined) return;
    const steps = BUTTON_A.filter((amps) => amps <= one.config.maxA);
    one.manualA = steps.find((amps) => amps > one.manualA) ?? steps[0] ?? one.manualA;
  }

  const deaf = (id: string, until: number): void =>
    change(id, (one) => {
      one.deafUntil = Math.max(one.deafUntil, until);
    });

  const hang = (id: string, again: boolean): void =>
    change(id, (one) => {
      one.deafUntil = Number.POSITIVE_INFINITY;
      one.hangsAgain = again;
    });

  function happened(event: ScenarioEvent): void {
    calm.happened(event);
    if ("device" in event && event.device === "meter") offers.meterStops();
    switch (event.what) {
      case "set":
        return set(event.device, event.settings);
      case "meter":
        return offers.meter(event.fault);
      case "network":
        return offers.network(event.loss, event.delayS[1]);
      case "button":
        return button(event.charger);
      case "hang":
        return hang(event.device, !event.restarts);
      case "busy":
        return deaf(event.device, view.now() + event.forS * 1_000);
      case "link":
        return change(event.device, (one) => {
          one.linked = event.up;
        });
      case "impersonate":
        return change(event.charger, (one) => {
          one.hasTwin = true;
        });
      default:
        return undefined;
    }
  }

  function ill(id: string, name: string, is: boolean): void {
    const ills = get(id)?.ills;
    if (is) ills?.add(name);
    else ills?.delete(name);
  }

  return {
    until,
    happened,
    set,
    house: houseIs,
    roof: (amps: readonly number[]): void => {
      roof = amps;
    },
    duty: dutyIs,
    line: (id: string, letter: string): void => rules.get(id)?.line(view.now(), letter),
    contacts(id: string, closed: boolean): void {
      const one = get(id);
      if (one === undefined) return;
      rules.get(id)?.contacts(view.now(), closed);
      if (closed && !one.closed) one.cycles++;
      one.closed = closed;
    },
    residual(id: string, on: boolean): void {
      rules.get(id)?.residual(view.now(), on);
      ill(id, "residual", on);
    },
    spoiled(id: string, on: boolean): void {
      rules.get(id)?.spoiled(view.now(), on);
      ill(id, "contactor", on);
    },
    temperature: (id: string, celsius: number): void => ill(id, "hot", celsius >= HOT_C),
    power: powerIs,
    /** The firmware starts afresh: a machine that hung or was busy hears again, as far as that cures it. */
    boot(device: string, reason: "power" | "restart"): void {
      calm.changed();
      change(device, (one) => {
        if (reason === "restart" && one.hangsAgain) return;
        one.deafUntil = Number.NEGATIVE_INFINITY;
        one.hangsAgain = false;
      });
    },
    words: (id: string, words: Seen["words"]): void => change(id, (one) => void Object.assign(one, { words })),
    draws: drawsAre,
    plug: carIs,
    /** A message reached a charger. */
    message(id: string, what: "report" | "reading" | "other"): void {
      const one = get(id);
      if (one === undefined) return;
      messages++;
      if (what === "report") offers.report(one);
      if (what === "reading") offers.reading();
    },
    /** Last byte of a reply at the meter: what it says of a phase, A. */
    meterReply: reactions.reply,
    trip(): void {
      tripped = true;
    },
    worst: (): Readonly<Record<string, Worst>> => Object.fromEntries([...rules].map(([id, { worst }]) => [id, worst])),
    /** The longest that each car waited without 6 A that it could have had by itself, s. */
    longestWaitS: waits.longest,
    figures(): Figures {
      for (const one of rules.values()) one.end(view.now());
      const energies = view.everyone.map((one) => [one.config.id, rounded(one.energyKWh, 4)] as const);
      const energy = view.everyone.reduce((sum, one) => sum + one.energyKWh, 0);
      const best = clairvoyant.energyKWh();
      const over = overload.figures();
      return {
        energyKWh: Object.fromEntries(energies),
        idealKWh: rounded(best, 4),
        utilisation: best > 0 ? rounded(energy / best, 4) : null,
        overAs: rounded(over.as, 2),
        overMaxA: rounded(over.maxA, 2),
        overMaxS: rounded(over.maxS, 2),
        avoidableAs: rounded(over.avoidable, 2),
        tripped,
        contactorCycles: Object.fromEntries(view.everyone.map((one) => [one.config.id, one.cycles])),
        reactionMs: reactions.figures(),
        messages,
        broken: [...broken].sort((a, b) => a.t - b.t),
      };
    },
  };
}

export type Judge = ReturnType<typeof createJudge>;
