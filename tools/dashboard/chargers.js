// A card for each charger: what it offers and why, how long it may, when its turn comes; and what a person can do to it.

import {
  button,
  buttons,
  byId,
  carColour,
  duration,
  element,
  inAmps,
  link,
  send,
  setText,
  site,
  swatch,
  worst,
} from "./page.js";

const CAR = { maxA: 32, batteryKWh: 24, socPct: 33 };
const CARD = "04A1B2C3D4E5F6";
const STRANGE_CARD = "5CBBE5D5";

/** The buttons of a charger: a group's title and its buttons, each with the event that it sends. */
const GROUPS = [
  {
    title: "Car",
    acts: (id) => [
      ["Plug one without a diode", { plug: id, car: { ...carOf(id), diode: false } }],
      ["Plug one that ignores the duty", { plug: id, car: { ...carOf(id), obeys: false } }],
      ["Plug one that never leaves C", { plug: id, car: { ...carOf(id), leavesC: false } }],
      ["Plug a nearly full one", { plug: id, car: { ...carOf(id), socPct: 97 } }],
    ],
  },
  {
    title: "Mode",
    acts: (id) => [
      ["Automatic", { set: id, settings: { mode: "auto" } }],
      ["Manual, 10 A", { set: id, settings: { mode: "manual", manualA: 10 } }],
      ["Manual, 16 A", { set: id, settings: { mode: "manual", manualA: 16 } }],
      ["Solar", { set: id, settings: { mode: "solar" } }],
    ],
  },
  {
    title: "Card and button",
    acts: (id) => [
      ["Press the button", { button: id, holdS: 0.2 }],
      ["Only for known cards", { set: id, settings: { freeCharging: false, cards: [CARD] } }],
      ["For everybody", { set: id, settings: { freeCharging: true } }],
      ["Present the known card", { card: id, uid: CARD }],
      ["Present a strange card", { card: id, uid: STRANGE_CARD }],
    ],
  },
  {
    title: "Faults",
    acts: (id) => [
      ["Residual current", { trip: id, cause: "residual" }],
      ["Board at 82 °C", { trip: id, cause: "temperature", celsius: 82 }],
      ["Board and current normal", { trip: id, cause: "none" }],
      ["Contactor welds", { contactor: id, fault: "welded" }],
      ["Contactor stays open", { contactor: id, fault: "stuck-open" }],
      ["Contactor works", { contactor: id, fault: "none" }],
      ["Hang its controller", { hang: id, restarts: true }],
    ],
  },
];

/** Why it offers what it offers, after "limited by". */
const LIMITS = {
  share: "its share of the site",
  site: "what the house leaves free",
  rating: "its own rating",
  cable: "the rating of its cable",
  manual: "the manual setting",
  solar: "what the roof gives",
  person: "access: a known card has to start it",
  schedule: "its schedule",
  temperature: "the temperature of its board",
  failsafe: "its fail-safe current: the site is silent",
  paused: "a pause",
  fault: "a fault",
};
const STATES = {
  available: "No car",
  preparing: "Preparing",
  charging: "Charging",
  stopping: "Stopping",
  suspendedEV: "The car pauses",
  suspendedEVSE: "No offer",
  finishing: "Finishing",
  faulted: "Faulted",
  off: "Without power",
};

const cards = new Map();
const carOf = (id) => ({ ...CAR, phases: site.wiring[id].length });

function row(name) {
  const shown = element("dd", "");
  return { shown, parts: [element("dt", "", name), shown] };
}

function groups(id) {
  const made = element("details", "more", element("summary", "", "More to do"));
  for (const { title, acts } of GROUPS) made.append(element("h3", "", title), buttons(acts(id)));
  return made;
}

function cardOf(id) {
  const name = element("h2", "", swatch(id), link(site.pages[id], id));
  const badge = element("span", "badge", "arbiter");
  const offer = element("span", "offer");
  const draw = element("span", "draw");
  const why = element("p", "why");
  const lease = element("i", "");
  lease.style.background = carColour(id);
  const [left, turn] = [row("Lease"), row("Turn")];
  const plug = button("Plug a car", () => send(hasCar(id) ? { unplug: id } : { plug: id, car: carOf(id) }));
  cards.set(id, { badge, offer, draw, why, lease, left, turn, plug, state: "off", longest: 1 });
  const card = element(
    "section",
    "card charger",
    element("header", "", name, badge, plug),
    element("p", "say", offer, draw),
    why,
    element("div", "lease", lease),
    element("dl", "", ...left.parts, ...turn.parts),
    groups(id),
  );
  card.id = `charger-${id}`;
  return card;
}

export function buildChargers() {
  byId("chargers").append(...site.chargers.map(cardOf));
}

const hasCar = (id) => !["available", "off"].includes(cards.get(id).state);

export function showChargers(sample, report, now) {
  for (const id of site.chargers) {
    const charger = sample.chargers[id];
    if (charger !== undefined) showCharger(id, charger, report?.chargers[id], now);
  }
}

function showCharger(id, charger, entry, now) {
  const card = cards.get(id);
  card.state = charger.state;
  card.badge.hidden = charger.role !== "arbiter" || charger.state === "off";
  setText(card.offer, `${inAmps(charger.offeredA)} offered`);
  setText(card.draw, `${inAmps(worst(charger.drawnA))} drawn`);
  setText(card.why, whyOf(charger));
  setText(card.plug, hasCar(id) ? "Unplug" : "Plug a car");
  const leaseS = Math.max(0, (entry?.until ?? 0) - now);
  card.longest = Math.max(card.longest, leaseS);
  card.lease.style.width = `${((leaseS / card.longest) * 100).toFixed(1)}%`;
  setText(card.left.shown, leaseWords(charger, entry, leaseS));
  setText(card.turn.shown, turnWords(charger, entry, now));
}

function whyOf({ state, because, mode, role }) {
  const limit = LIMITS[because];
  const said = limit === undefined || state === "available" || state === "off" ? "" : `, limited by ${limit}`;
  const by = mode === "manual" ? "; manual" : mode === "solar" ? "; solar" : "";
  return `${STATES[state] ?? state}${said}${by}${role === "alone" ? "; not on this site" : ""}.`;
}

function leaseWords({ state, role }, entry, leaseS) {
  if (state === "off" || role === "alone") return "-";
  if (entry === undefined || !entry.heard) return "not heard by the arbiter";
  if (entry.twins) return "two devices go by this id";
  if (leaseS === 0) return "over";
  return entry.shareA === 0 ? "no amperes" : `${inAmps(entry.shareA)} for ${leaseS.toFixed(0)} s more`;
}

/** Whose turn it is, or how long it has waited and when its turn comes, as the arbiter foresees it. */
function turnWords({ state, offeredA }, entry, now) {
  if (offeredA > 0) return "now";
  if (entry === undefined || entry.waitsSince === null || ["available", "off", "faulted"].includes(state)) return "-";
  const since = duration(now - entry.waitsSince);
  if (entry.because === "none") return `without an offer for ${since}, asks for none now`;
  const waited = `has waited ${since}`;
  if (entry.nextTurnS === null) return waited;
  return entry.nextTurnS === 0 ? `${waited}, comes next` : `${waited}, next turn in ${duration(entry.nextTurnS)}`;
}
