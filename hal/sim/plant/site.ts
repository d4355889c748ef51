// A site: house, roof, main, meter, chargers with their cars, network and broker, and the events of a scenario.
// Tells the timeline (what people and tools read) and the raw facts (what the judge reads).

import { createAgenda } from "./agenda.js";
import type { ChargerBoard, Machines, MeterBoard, StreamEvent, Words } from "./board.js";
import { createBroker } from "./broker.js";
import { createChance } from "./chance.js";
import { type ChargerDevice, createChargerDevice } from "./charger-device.js";
import type { Fact, TellFact } from "./facts.js";
import { createHouse } from "./house.js";
import { createMeterDevice } from "./meter-device.js";
import { type Carrier, createNetwork, type Stream, TWIN } from "./network.js";
import { createOtherMeter, isReading } from "./other-meter.js";
import { createProtection } from "./protection.js";
import type { ChargerConfig, Scenario, ScenarioEvent } from "./scenario.js";
import { createStrangers, longestMemory } from "./strangers.js";
import { visit } from "./visitors.js";

export interface ChargerSample {
  readonly pilot: string;
  readonly state: string;
  readonly mode: string;
  readonly offeredA: number;
  readonly drawnA: readonly number[];
  readonly contactor: boolean;
  readonly because: string;
  readonly role: string;
}

export type TimelineRecord =
  | {
      readonly t: number;
      readonly kind: "sample";
      readonly houseA: readonly number[];
      readonly gridA: readonly number[];
      readonly solarA?: readonly number[];
      readonly chargers: Readonly<Record<string, ChargerSample>>;
    }
  | { readonly t: number; readonly kind: "event"; readonly [key: string]: unknown }
  | { readonly t: number; readonly kind: "note"; readonly device: string; readonly text: string };

export interface SiteOptions {
  readonly scenario: Scenario;
  readonly makeCharger: (board: ChargerBoard, config: ChargerConfig) => Machines;
  readonly makeMeter: (board: MeterBoard) => Machines;
  /** null: nobody listens. */
  readonly onRecord: ((record: TimelineRecord) => void) | null;
  readonly onFact: (fact: Fact) => void;
  /** Whatever the broker takes of the site's devices. */
  readonly onPublish?: (topic: string, payload: Uint8Array) => void;
  /** Bytes of a page that somebody who visits with a password gets. */
  readonly onAnswer?: (device: string, path: string, bytes: Uint8Array) => void;
  /** Less fine where nothing happens, for many long runs. */
  readonly coarse?: boolean;
  /** Carries streams in place of the simulated network: real sockets of a live site. */
  readonly carrier?: Carrier;
}

const STEP_MS = 100;
/** Each is asked of every run what it would have done. */
const PROTECTIONS = ["rcbo", "smart-meter"] as const;

export type WouldTrip = Readonly<Record<(typeof PROTECTIONS)[number], boolean>>;
const OFF: Words = Object.freeze({ state: "off", mode: "", because: "none", role: "member" });
const hundredth = (amps: number): number => Math.round(amps * 100) / 100;

export type Site = ReturnType<typeof createSite>;

export function createSite(options: SiteOptions) {
  const { scenario, onFact, onRecord } = options;
  const { site } = scenario;
  const agenda = createAgenda();
  const chance = createChance(scenario.seed);
  const network = createNetwork(agenda, chance.fork("network"));
  const carrier = options.carrier ?? network;
  const seconds = (): number => agenda.now() / 1_000;
  const tell: TellFact = (fact) => {
    onFact({ t: agenda.now(), ...fact });
    if (fact.kind === "boot") tellWorld(fact.device);
  };
  const note = (device: string, text: string): void => onRecord?.({ t: seconds(), kind: "note", device, text });
  const hasRoof = scenario.events.some((event) => event.what === "solar");
  const house = createHouse(site.phases);
  const protection = createProtection(site.protection, site.contractedA);
  const watched = PROTECTIONS.map((kind) => ({
    kind,
    protection: createProtection(kind, site.contractedA),
    trips: false,
  }));
  const phases = Array.from({ length: site.phases }, (_, index) => index);
  const members = new Map(scenario.chargers.map((one) => [one.id, one.member]));
  const jumps = new Map<string, number>();
  const linksDown = new Set<string>();
  let settledAt = 0;
  let dirty = true;
  let someRan = true;
  let tripped = false;
  let twins = 0;
  const lastWords = new Map<string, Words>();

  const changed = (): void => {
    dirty = true;
  };
  const ran = (): void => {
    someRan = true;
  };
  const ports = {
    agenda,
    chance,
    carrier,
    note,
    joined: onRadio,
    tell,
    voltageV: site.voltageV,
    coarse: options.coarse ?? false,
    settle,
    changed,
    ran,
  };
  const chargers = new Map<string, ChargerDevice>(
    scenario.chargers.map((config) => [
      config.id,
      createChargerDevice(config, ports, (board) => options.makeCharger(board, config)),
    ]),
  );
  const ours = site.meter?.ours === true ? site.meter : null;
  const meter =
    ours === null
      ? null
      : createMeterDevice({ ...ports, phases: site.phases, measures: ours.measures, hasRoof }, options.makeMeter);
  const otherMeter =
    site.meter === null || site.meter.ours
      ? null
      : createOtherMeter({ agenda, carrier, tell, phases: site.phases, voltageV: site.voltageV, ...site.meter });
  const broker = createBroker(agenda, network, (device, topic, bytes, genuine) => {
    if (!chargers.has(device)) return;
    const what = !genuine ? "other" : topic.endsWith("/report") ? "report" : isReading(topic) ? "reading" : "other";
    tell({ kind: "delivery", charger: device, topic, bytes, what });
  });

  const memoryS = options.carrier === undefined ? longestMemory(scenario.events) : null;
  if (options.onPublish !== undefined) {
    const { onPublish } = options;
    broker.onPublished(({ topic, payload }) => onPublish(topic, payload));
  }
  const strangerPorts = { agenda, chance: chance.fork("strangers"), broker, datagrams: network.datagrams };
  const strangers =
    memoryS === null ? null : createStrangers({ ...strangerPorts, chargers: [...chargers.keys()] }, memoryS);
  const noStranger = (): void => note("site", "no stranger can be heard: the network is not simulated");

  const everyCharger = [...chargers.values()];
  const membersNow = (): readonly ChargerDevice[] => everyCharger.filter((one) => members.get(one.id) === true);
  let atHome = membersNow();

  /** What the members draw on each phase of the site. */
  function carsNow(): number[] {
    const sums = phases.map(() => 0);
    for (const one of atHome) {
      const draws = one.drawNow();
      for (let index = 0; index < draws.length; index++) {
        const phase = (one.config.wiring[index] ?? 1) - 1;
        sums[phase] = (sums[phase] ?? 0) + (draws[index] ?? 0);
      }
    }
    return sums;
  }

  /** Brings every current up to now; what flowed since the last time is added to the meters and the main. */
  function settle(): void {
    const now = agenda.now();
    const ms = now - settledAt;
    const before = ms > 0 ? carsNow() : [];
    const from = settledAt;
    settledAt = now;
    for (const one of everyCharger) one.advance(from, now);
    if (ms <= 0) return;
    const after = carsNow();
    const cars = phases.map((phase) => ((before[phase] ?? 0) + (after[phase] ?? 0)) / 2);
    const loads = house.loads();
    const roof = house.roof();
    const grid = phases.map((phase) => (loads[phase] ?? 0) + (cars[phase] ?? 0) - (roof[phase] ?? 0));
    const measured = (site.meter?.measures === "grid" ? grid : loads).map((amps) => amps * ms);
    meter?.flowed(
      now,
      measured,
      roof.map((amps) => amps * ms),
    );
    otherMeter?.flowed(now, measured);
    const magnitudes = grid.map(Math.abs);
    for (const one of watched) one.trips ||= one.protection.step(ms / 1_000, magnitudes);
    if (!tripped && protection.step(ms / 1_000, magnitudes)) trip(grid);
  }

  function trip(grid: readonly number[]): void {
    tripped = true;
    tell({ kind: "trip", phase: grid.indexOf(Math.max(...grid)) + 1 });
    note("main", "tripped");
    agenda.after(0, () => {
      house.powerLost();
      tellHouse();
      for (const one of atHome) {
        one.mains(false);
        power(one.id, false, "trip");
      }
      if (site.meter !== null) power("meter", false, "trip");
      changed();
    });
  }

  function tellHouse(): void {
    tell({ kind: "house", house: house.loads(), solar: house.roof() });
    changed();
  }

  function power(device: string, on: boolean, cause: "scenario" | "trip"): void {
    settle();
    const supply = device === "meter" ? (meter ?? otherMeter)?.supply : chargers.get(device)?.supply;
    if (
      supply === undefined ||
      supply.powered() === on ||
      (on && tripped && cause !== "trip" && members.get(device) !== false)
    )
      return;
    tell({ kind: "power", device, on, cause });
    if (on) supply.on();
    else supply.off();
    network.link(device, on && isLinked(device));
    if (!on) network.vanish(device);
    changed();
  }

  /** A device has started to run: it learns of its link and, where somebody knows it, of the time. */
  function tellWorld(device: string): void {
    const board = device === "meter" ? meter?.board : chargers.get(device)?.board;
    const supply = device === "meter" ? meter?.supply : chargers.get(device)?.supply;
    if (board === undefined) return;
    agenda.after(1, () => greet(board, supply?.running() === true, device));
  }

  function greet(board: ChargerBoard | MeterBoard, running: boolean, device: string): void {
    if (board.events === null || !running) return;
    if (!board.hasRadio) board.events.link(!linksDown.has(device));
    if (scenario.startsAtUnixS !== null) {
      board.events.clock(scenario.startsAtUnixS + seconds() + (jumps.get(device) ?? 0));
    }
  }

  function link(device: string, up: boolean): void {
    if (up) linksDown.delete(device);
    else linksDown.add(device);
    const one = device === "meter" ? meter : chargers.get(device);
    if (one?.radio) one.radio.link(up);
    else one?.board.events?.link(up);
    network.link(device, isLinked(device));
  }

  const isLinked = (device: string): boolean =>
    !linksDown.has(device) && (device === "meter" || (chargers.get(device)?.radio?.joined() ?? true));

  function onRadio(device: string, joined: boolean): void {
    network.link(device, isLinked(device));
    tell({ kind: "radio", device, joined });
  }

  function set(device: string, settings: Readonly<Record<string, unknown>>): void {
    const machines = device === "meter" ? meter?.machines : chargers.get(device)?.machines;
    const refused = machines?.set(settings) ?? null;
    if (refused !== null) return note(device, `settings refused: ${refused}`);
    if (typeof settings.member === "boolean") {
      settle();
      members.set(device, settings.member);
      atHome = membersNow();
      tell({ kind: "member", charger: device, member: settings.member });
    }
  }

  function openPage(device: string, on: (event: StreamEvent) => void): Stream | null {
    const one = device === "meter" ? meter : chargers.get(device);
    return one?.openPage(on) ?? null;
  }

  /** Somebody on the access point of a device out of the box asks for a name. */
  function askName(device: string, query: Uint8Array, on: (bytes: Uint8Array) => void): void {
    chargers.get(device)?.askName(query, on);
  }

  /** A second device with the firmware and the settings of a charger comes to the site: no car, no part in any figure. */
  function impersonate(id: string): void {
    const config = chargers.get(id)?.config;
    if (config === undefined) return;
    const name = `${id}${TWIN.repeat(++twins)}`;
    const idle = (): void => undefined;
    const hear: TellFact = (fact) => {
      if (fact.kind === "boot") agenda.after(1, () => greet(ghost.board, ghost.supply.running(), name));
    };
    const ghost = createChargerDevice(
      { ...config, id: name },
      { ...ports, tell: hear, settle: idle, changed: idle, ran: idle },
      (board) => options.makeCharger(board, config),
    );
    ghost.supply.on();
  }

  /** Does what an event says, now. */
  function apply(event: ScenarioEvent): void {
    settle();
    const { atS: _, ...said } = event.said;
    onRecord?.({ t: seconds(), kind: "event", ...said });
    tell({ kind: "event", event });
    happen(event);
  }

  function happen(event: ScenarioEvent): void {
    switch (event.what) {
      case "house":
        house.setLoads(event.amps);
        return tellHouse();
      case "solar":
        house.setRoof(event.amps);
        return tellHouse();
      case "plug":
        return chargers.get(event.charger)?.plug(event.car);
      case "unplug":
        return chargers.get(event.charger)?.plug(null);
      case "pilot":
        return chargers.get(event.charger)?.byHand(event.state);
      case "set":
        return set(event.device, event.settings);
      case "person": {
        const refused = machinesOf(event.charger)?.person?.(event.name, event.rights) ?? null;
        return refused === null ? undefined : note(event.charger, `person refused: ${refused}`);
      }
      case "ask":
        return machinesOf(event.charger)?.ask?.(event.wish);
      case "button":
        return chargers.get(event.charger)?.button(event.holdS * 1_000);
      case "card":
        return chargers.get(event.charger)?.card(event.uid);
      case "power":
        return power(event.device, event.on, "scenario");
      case "link":
        return link(event.device, event.up);
      case "network":
        return network.weather(event);
      case "partition":
        return network.partition(event.groups);
      case "broker":
        return broker.up(event.up);
      case "meter":
        return (meter ?? otherMeter)?.spoil(event.fault);
      case "hang":
        return machinesOf(event.device)?.hang(event.restarts);
      case "busy":
        return machinesOf(event.device)?.busy(Math.round(event.forS * 1_000));
      case "visit":
        return visit(agenda, (on) => openPage(event.device, on), {
          path: event.path,
          count: event.count,
          password: event.password,
          form: event.form,
          dripMs: Math.round(event.dripS * 1_000),
          forMs: event.forS * 1_000,
          hear: (bytes) => options.onAnswer?.(event.device, event.path, bytes),
        });
      case "contactor":
        return chargers.get(event.charger)?.spoil(event.fault);
      case "trip":
        return chargers.get(event.charger)?.inputs(event.cause, event.celsius);
      case "clock":
        jumps.set(event.device, (jumps.get(event.device) ?? 0) + event.jumpS);
        return tellWorld(event.device);
      case "forge":
        return strangers === null ? noStranger() : strangers.forge(event.message);
      case "replay":
        return strangers === null ? noStranger() : strangers.replay(event.lastS);
      case "impersonate":
        return impersonate(event.charger);
    }
  }

  const machinesOf = (device: string): Machines | undefined =>
    device === "meter" ? meter?.machines : chargers.get(device)?.machines;

  function wordsOf(one: ChargerDevice): Words {
    if (one.supply.running()) return one.machines.words();
    const last = lastWords.get(one.id);
    return {
      ...OFF,
      mode: last?.mode ?? one.config.mode,
      role: last?.role ?? (one.config.member ? "member" : "alone"),
    };
  }

  const sameWords = (a: Words | undefined, b: Words): boolean =>
    a !== undefined && a.state === b.state && a.mode === b.mode && a.because === b.because && a.role === b.role;

  /** All of a millisecond is over: what it changed becomes one sample. */
  agenda.onAdvance(() => {
    if (someRan) listenTo();
    if (!dirty) return;
    dirty = false;
    sample();
  });

  /** Who has run may have other words now. */
  function listenTo(): void {
    someRan = false;
    for (const one of everyCharger) {
      if (!one.hasRun()) continue;
      const words = wordsOf(one);
      const last = lastWords.get(one.id);
      if (sameWords(last, words)) continue;
      if (last?.state !== words.state || last.because !== words.because) dirty = true;
      lastWords.set(one.id, words);
      tell({ kind: "words", charger: one.id, words });
    }
  }

  function sample(): void {
    // Also when nobody listens: who listens must not change a run.
    settle();
    if (onRecord === null) return;
    const loads = house.loads();
    const roof = house.roof();
    const cars = carsNow();
    const grid = phases.map((phase) => hundredth((loads[phase] ?? 0) + (cars[phase] ?? 0) - (roof[phase] ?? 0)));
    const shown = [...chargers.values()].map((one): [string, ChargerSample] => {
      const { state, mode, because, role } = lastWords.get(one.id) ?? OFF;
      const letter = one.letter();
      return [
        one.id,
        {
          pilot: letter === "E" || letter === "F" ? letter : `${letter}${one.hasPwm() ? 2 : 1}`,
          state,
          mode,
          offeredA: one.offeredA(),
          drawnA: one.drawNow().map(hundredth),
          contactor: one.contactor.closed(),
          because,
          role,
        },
      ];
    });
    const solar = hasRoof ? { solarA: roof.map(hundredth) } : {};
    onRecord({
      t: seconds(),
      kind: "sample",
      houseA: loads.map(hundredth),
      gridA: grid,
      ...solar,
      chargers: Object.fromEntries(shown),
    });
  }

  function step(): void {
    agenda.after(STEP_MS, step);
    settle();
    if (agenda.now() % 1_000 === 0) changed();
  }

  for (const event of scenario.events) agenda.at(event.atS * 1_000, () => apply(event));
  for (const one of chargers.values()) {
    agenda.at(one.config.bootS * 1_000, () => power(one.id, true, "scenario"));
  }
  agenda.at(0, () => {
    tellHouse();
    if (site.meter !== null) power("meter", true, "scenario");
  });
  agenda.after(0, step);

  return {
    agenda,
    apply,
    run: (untilMs: number): void => agenda.run(untilMs),
    tripped: (): boolean => tripped,
    /** What each model of a main would have done; the scenario's own has done it. */
    wouldTrip: (): WouldTrip => ({
      rcbo: watched.some((one) => one.kind === "rcbo" && one.trips),
      "smart-meter": watched.some((one) => one.kind === "smart-meter" && one.trips),
    }),
    devices: (): readonly string[] => [...chargers.keys(), ...(meter === null ? [] : ["meter"])],
    broker,
    network,
    openPage,
    askName,
  };
}
