// A small world for the exhaustive check: an arbiter, two or three chargers, a slow channel and an adversary. It runs the very
// step functions that ship; only the car, the pilot and the clock ticks are modelled, in steps of half a second.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as arbiterModule from "../../src/arbiter.js";
import type * as booksModule from "../../src/books.js";
import type * as limitsModule from "../../src/current-limits.js";
import { freely, NO_RIGHTS } from "../../src/rights.js";
import type * as settingsModule from "../../src/settings.js";
import type * as sharedSiteModule from "../../src/shared-site.js";
import type * as sharingModule from "../../src/sharing.js";
import type * as messageModule from "../../src/sharing-message.js";
import type * as channelModule from "../../src/site-channel.js";
import { deciamps, milliamps, millis } from "../../src/units.js";

/** The modules under check: those of src, or a copy of them with one rule switched off. */
export interface Firmware {
  readonly arbiter: typeof arbiterModule;
  readonly books: typeof booksModule;
  readonly limits: typeof limitsModule;
  readonly settings: typeof settingsModule;
  readonly site: typeof sharedSiteModule;
  readonly sharing: typeof sharingModule;
  readonly message: typeof messageModule;
  readonly channel: typeof channelModule;
}

export async function loadFirmware(folder: string): Promise<Firmware> {
  const load = (name: string) => import(pathToFileURL(join(folder, `${name}.ts`)).href);
  return {
    arbiter: await load("arbiter"),
    books: await load("books"),
    limits: await load("current-limits"),
    settings: await load("settings"),
    site: await load("shared-site"),
    sharing: await load("sharing"),
    message: await load("sharing-message"),
    channel: await load("site-channel"),
  };
}

export const STEP_MS = 500;

export interface Setup {
  readonly chargers: number;
  readonly metered: boolean;
  /** All that cars may have, dA; the house is constant. */
  readonly budget: number;
  /** Step at which each car is plugged in. */
  readonly plugs: readonly number[];
  /** Steps that a car needs to follow a lower offer. */
  readonly carSteps: number;
  /** Judged by what is drawn too: without faults a car has followed before another is raised. */
  readonly judgesDraw: boolean;
  readonly leaseS: number;
  readonly failsafeA: readonly number[];
  readonly modes: readonly ("auto" | "manual")[];
  /** Step at which the arbiter and all chargers but the first are told that the first has no fail-safe current any more. */
  readonly reconfiguresAt: number | null;
  /** Per thousand by which each charger's clock is fast. */
  readonly drift: readonly number[];
}

interface Flight {
  readonly to: number;
  readonly bytes: Uint8Array;
}

interface Node {
  readonly sharing: sharingModule.Sharing | null;
  readonly settings: settingsModule.Settings;
  readonly lease: { readonly amps: number; readonly until: number };
  /** What the car draws, by step, newest last. */
  readonly offers: readonly number[];
  readonly boots: number;
  readonly vote: { readonly term: number; readonly arbiter: number; readonly boot: number };
  readonly hung: boolean;
  readonly cut: boolean;
}

export interface World {
  readonly step: number;
  readonly nodes: readonly Node[];
  readonly meter: booksModule.Arbiter | null;
  readonly meterSettings: settingsModule.Settings;
  readonly meterBoots: number;
  readonly meterCut: boolean;
  readonly flights: readonly Flight[];
  /** A message that the adversary keeps for later. */
  readonly kept: Flight | null;
}

export type Act =
  | { readonly kind: "none" }
  | { readonly kind: "cut" | "heal" | "crash" | "hang"; readonly node: number }
  /** Takes a message from the channel, or only copies it; lets it go later. */
  | { readonly kind: "keep" | "copy"; readonly flight: number }
  | { readonly kind: "release" }
  | { readonly kind: "forge"; readonly node: number };

export const METER_NODE = -1;
const KEY = "0123456789abcdef0123456789abcdef";
const OTHER_KEY = "ffffffffffffffffffffffffffffffff";

function settingsFor(firmware: Firmware, setup: Setup, id: string, own: object): settingsModule.Settings {
  const roster = Array.from({ length: setup.chargers }, (_, index) => ({
    id: `c${index}`,
    wiring: [1],
    failsafeA: setup.failsafeA[index] ?? 0,
  }));
  const houseMaxA = 30 - setup.budget / 10;
  const site = {
    contractedA: 30,
    houseMaxA,
    siteKey: KEY,
    roster,
    meter: setup.metered ? "ours" : "none",
    reportLeaseS: setup.leaseS,
  };
  const parsed = firmware.settings.parse({ ...site, id, ...own });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.errors));
  return parsed.settings;
}

export function startWorld(firmware: Firmware, setup: Setup): World {
  const nodes = Array.from({ length: setup.chargers }, (_, index): Node => {
    const mode = setup.modes[index] ?? "auto";
    return {
      sharing: null,
      settings: settingsFor(firmware, setup, `c${index}`, { mode, manualA: 32 }),
      lease: { amps: 0, until: 0 },
      offers: [],
      boots: 0,
      vote: { term: 0, arbiter: -1, boot: 0 },
      hung: false,
      cut: false,
    };
  });
  return {
    step: 0,
    nodes,
    meter: null,
    meterSettings: settingsFor(firmware, setup, "meter", {}),
    meterBoots: 0,
    meterCut: false,
    flights: [],
    kept: null,
  };
}

/** What the adversary may do now; each but "none", "heal" and "release" is a fault. */
export function actsOf(world: World, setup: Setup, kinds: ReadonlySet<string>): readonly Act[] {
  const acts: Act[] = [{ kind: "none" }];
  world.nodes.forEach((node, index) => {
    if (node.cut) acts.push({ kind: "heal", node: index });
    else if (kinds.has("cut")) acts.push({ kind: "cut", node: index });
    if (kinds.has("crash")) acts.push({ kind: "crash", node: index });
    if (kinds.has("hang") && !node.hung) acts.push({ kind: "hang", node: index });
    if (kinds.has("forge")) acts.push({ kind: "forge", node: index });
  });
  if (setup.metered && kinds.has("crash")) acts.push({ kind: "crash", node: METER_NODE });
  if (world.kept !== null) acts.push({ kind: "release" });
  else {
    world.flights.forEach((_, flight) => {
      if (kinds.has("keep")) acts.push({ kind: "keep", flight });
      if (kinds.has("copy")) acts.push({ kind: "copy", flight });
    });
  }
  return acts;
}

export const isFault = (act: Act): boolean => act.kind !== "none" && act.kind !== "heal" && act.kind !== "release";

const clockOf = (world: World, setup: Setup, index: number): number =>
  Math.floor((world.step * STEP_MS * (1_000 + (setup.drift[index] ?? 0))) / 1_000) + 7 * (index + 1);

/** One step: the adversary, then the channel, then everybody's time. */
export function next(firmware: Firmware, setup: Setup, before: World, act: Act): World {
  let world = adversary(firmware, setup, before, act);
  world = { ...world, step: world.step + 1 };
  const arriving = world.flights;
  world = { ...world, flights: [] };
  for (const flight of arriving) world = deliver(firmware, setup, world, flight);
  if (setup.reconfiguresAt === world.step) world = reconfigure(firmware, setup, world);
  if (setup.metered) world = meterStep(firmware, setup, world);
  world.nodes.forEach((_, index) => {
    world = chargerStep(firmware, setup, world, index);
  });
  return world;
}

const put = (world: World, index: number, change: Partial<Node>): World => ({
  ...world,
  nodes: world.nodes.map((node, at) => (at === index ? { ...node, ...change } : node)),
});

function adversary(firmware: Firmware, setup: Setup, world: World, act: Act): World {
  switch (act.kind) {
    case "none":
      return world;
    case "cut":
    case "heal":
      return put(world, act.node, { cut: act.kind === "cut" });
    case "crash":
      if (act.node === METER_NODE) return { ...world, meter: null };
      return put(world, act.node, { sharing: null, lease: { amps: 0, until: 0 }, hung: false });
    case "hang":
      return put(world, act.node, { hung: true });
    case "keep":
    case "copy": {
      const kept = world.flights[act.flight] ?? null;
      const flights = act.kind === "keep" ? world.flights.filter((_, at) => at !== act.flight) : world.flights;
      return { ...world, kept, flights };
    }
    case "release":
      return world.kept === null ? world : { ...world, kept: null, flights: [...world.flights, world.kept] };
    case "forge":
      return { ...world, flights: [...world.flights, forged(firmware, setup, world, act.node)] };
  }
}

/** A report that would give all to one charger, from somebody without the key. */
function forged(firmware: Firmware, setup: Setup, world: World, node: number): Flight {
  const one = world.nodes[node];
  const member = one?.sharing?.member;
  const now = millis(world.step * STEP_MS);
  const entries = world.nodes.map((_, index) => ({
    nonce: index === node ? (member?.nonce ?? 0) : 0,
    number: index === node ? (member?.number ?? 0) : 0,
    heardAt: now,
    until: millis(now + 3_000),
    amps: deciamps(index === node ? setup.budget : 0),
    ranges: index === node ? [{ phase: 1, from: 0, to: setup.budget }] : [],
    because: "share" as const,
    nextTurnS: null,
    twins: false,
  }));
  const budget = [deciamps(setup.budget)];
  const base = {
    stamp: now,
    sentAt: now,
    version: 9_999,
    budget,
    house: budget,
    solar: null,
    renewsOnly: false,
    entries,
  };
  const term = setup.metered ? 0 : 99;
  const report = { ...base, term, boot: 9_999, arbiter: setup.metered ? firmware.message.METER : 0 };
  const settings = one?.settings ?? world.meterSettings;
  const channel = firmware.channel.openChannel({ ...settings, siteKey: OTHER_KEY }, firmware.message.FORMAT);
  return { to: node, bytes: firmware.channel.seal(channel, { kind: "report", report }) ?? new Uint8Array(0) };
}

function sendAll(world: World, from: number, sends: readonly sharingModule.Outgoing[]): World {
  const cut = from === METER_NODE ? world.meterCut : world.nodes[from]?.cut === true;
  if (cut) return world;
  const flights = sends.flatMap((one): readonly Flight[] => {
    if (one.to === "arbiter") return [{ to: one.place === 255 ? METER_NODE : one.place, bytes: one.bytes }];
    return world.nodes.flatMap((_, to) => (to === from ? [] : [{ to, bytes: one.bytes }]));
  });
  return { ...world, flights: [...world.flights, ...flights] };
}

function deliver(firmware: Firmware, setup: Setup, world: World, { to, bytes }: Flight): World {
  if (to === METER_NODE) {
    if (world.meter === null) return world;
    const channel = firmware.channel.openChannel(world.meterSettings, firmware.message.FORMAT);
    const now = millis(world.step * STEP_MS);
    const opened = firmware.channel.open(channel, bytes, now);
    if (opened.message?.kind !== "demand" || opened.head === null) return world;
    const meter = firmware.books.hearDemand(world.meter, channel.site, opened.head, opened.message.demand, now);
    return { ...world, meter };
  }
  const node = world.nodes[to];
  if (node === undefined || node.cut || node.hung || node.sharing === null) return world;
  const step = firmware.sharing.hearMessage(node.sharing, bytes, millis(clockOf(world, setup, to)));
  const next = put(world, to, { sharing: step.sharing, vote: step.vote ?? node.vote });
  return sendAll(next, to, step.sends);
}

function reconfigure(firmware: Firmware, setup: Setup, world: World): World {
  const changed: Setup = { ...setup, failsafeA: [0, ...setup.failsafeA.slice(1)] };
  const now = millis(world.step * STEP_MS);
  const meterSettings = { ...settingsFor(firmware, changed, "meter", {}), siteVersion: 1 };
  const before = firmware.site.siteOf(world.meterSettings);
  const meter =
    world.meter === null
      ? null
      : firmware.books.reconfigured(world.meter, before, firmware.site.siteOf(meterSettings), now);
  const nodes = world.nodes.map((node, index): Node => {
    if (index === 0 || node.sharing === null) return node;
    const settings = { ...settingsFor(firmware, changed, `c${index}`, {}), siteVersion: 1 };
    const clock = millis(clockOf(world, setup, index));
    return { ...node, settings, sharing: firmware.sharing.resettled(node.sharing, settings, clock) };
  });
  return { ...world, meterSettings, meter, nodes };
}

function meterStep(firmware: Firmware, setup: Setup, world: World): World {
  const now = millis(world.step * STEP_MS);
  const site = firmware.site.siteOf(world.meterSettings);
  if (world.meter === null) {
    const boots = world.meterBoots + 1;
    const identity = { term: 0, boot: boots, place: firmware.message.METER };
    return { ...world, meter: firmware.books.startArbiter(site, identity, null, now), meterBoots: boots };
  }
  const budget = [deciamps(setup.budget)];
  const reading = { stamp: now, budget, house: [deciamps(300 - setup.budget)], solar: null };
  const due = world.step % 2 === 0;
  const read = due ? firmware.arbiter.takeReading(world.meter, site, reading, now) : world.meter;
  const { arbiter, report } = firmware.arbiter.nextReport(firmware.books.passTime(read, site, now), site, now);
  const next = { ...world, meter: arbiter };
  if (report === null) return next;
  const channel = firmware.channel.openChannel(world.meterSettings, firmware.message.FORMAT);
  const bytes = firmware.channel.seal(channel, { kind: "report", report });
  return bytes === null ? next : sendAll(next, METER_NODE, [{ to: "everyone", kind: "report", bytes }]);
}

const offerOf = ({ lease, settings }: Node, now: number): number =>
  now < lease.until ? lease.amps : Math.round(settings.failsafeA * 10);

/** A car goes down some steps after its offer, and up at once. */
const drawOf = ({ offers }: Node, carSteps: number): number => Math.max(...offers.slice(-1 - carSteps), 0);

function chargerStep(firmware: Firmware, setup: Setup, world: World, index: number): World {
  const node = world.nodes[index];
  if (node === undefined) return world;
  const clock = clockOf(world, setup, index);
  const now = millis(clock);
  const plugged = world.step >= (setup.plugs[index] ?? 0);
  const pin = plugged ? offerOf(node, clock) : 0;
  const offers = [...node.offers, pin].slice(-1 - setup.carSteps);
  if (node.hung) return put(world, index, { offers });
  if (node.sharing === null) {
    const boots = node.boots + 1;
    const start = { nonce: 1_000 * (index + 1) + boots, vote: node.vote, format: firmware.message.FORMAT };
    const sharing = firmware.sharing.startSharing(node.settings, start, now);
    return put(world, index, { sharing, boots, offers: [0] });
  }
  const leads = firmware.sharing.leads(node.sharing);
  const read =
    leads && !setup.metered && world.step % 2 === 0
      ? firmware.sharing.hearReading(node.sharing, firmware.sharing.fixedReading(node.sharing, now), now)
      : node.sharing;
  const answer = firmware.limits.siteAnswerOf(node.settings, read, [1], now);
  const draw = drawOf({ ...node, offers }, setup.carSteps);
  const need = deciamps(plugged ? 320 : 0);
  const wants = {
    wiring: [1],
    max: deciamps(320),
    need,
    priority: 0,
    waitingS: 0,
    turn: pin > 0 ? 1 : 0,
    mode: "auto" as const,
  };
  const facts = {
    wants,
    draws: [milliamps(draw * 100)],
    age: millis(0),
    offer: deciamps(pin),
    draw: milliamps(draw * 100),
    known: true,
    news: false,
    uptime: now,
  };
  const step = firmware.sharing.pass(read, facts, answer.amps, now);
  const granted = firmware.limits.siteAnswerOf(node.settings, step.sharing, [1], now);
  const lease = firmware.limits.leaseOf(
    node.settings,
    granted,
    plugged ? freely(node.settings) : NO_RIGHTS,
    milliamps(0),
    now,
  );
  const next = put(world, index, {
    sharing: step.sharing,
    vote: step.vote ?? node.vote,
    lease: { amps: lease.offer, until: lease.until },
    offers: [...offers.slice(0, -1), plugged ? Math.max(0, lease.offer) : 0],
  });
  return sendAll(next, index, step.sends);
}

/** What is offered and drawn together, dA. */
export function totals(world: World, setup: Setup): { readonly offered: number; readonly drawn: number } {
  let offered = 0;
  let drawn = 0;
  world.nodes.forEach((node, index) => {
    if (world.step < (setup.plugs[index] ?? 0)) return;
    offered += offerOf(node, clockOf(world, setup, index));
    drawn += drawOf(node, setup.carSteps);
  });
  return { offered, drawn };
}

/** Worlds with one key go on alike. */
export function keyOf(world: World): string {
  const nodes = world.nodes.map(({ sharing, settings, ...node }) => {
    if (sharing === null) return node;
    const { member, election, arbiter, demandedAt, told } = sharing;
    return [node, member, election, arbiter, demandedAt, told, settings.siteVersion];
  });
  return JSON.stringify([world.step, nodes, world.meter, world.meterBoots, world.flights, world.kept], (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
  );
}
