// What all parts of the dashboard use: the site, words and figures for people, elements, and events on their way to the site.

export const site = await fetch("/site.json").then((answer) => answer.json());

const COLOURS = 8;
/** Far from the last one on the colour wheel, however many there are. */
const GOLDEN_ANGLE = 137.508;
const LOG_LIMIT = 300;

export const byId = (id) => document.getElementById(id);
export const worst = (amps) => amps.reduce((most, one) => Math.max(most, one), 0);
export const tenth = (amps) => Math.round(amps * 10) / 10;
export const inAmps = (amps) => `${amps.toFixed(1)} A`;
export const phaseName = (phase) => `L${phase}`;
export const phases = Array.from({ length: site.phases }, (_, at) => at + 1);

/** What a charger draws on one phase of the site. */
export const drawnOn = (id, charger, phase) => charger?.drawnA[site.wiring[id].indexOf(phase)] ?? 0;

export function clockOf(seconds) {
  const parts = [seconds / 3_600, (seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
}

/** 45 s, 12:30 min, 2:05 h */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (part) => String(Math.floor(part)).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)}:${two(whole % 60)} min`;
  return `${Math.floor(whole / 3_600)}:${two((whole % 3_600) / 60)} h`;
}

export const styleOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

/** The colour of a charger, for a style. */
export function carColour(id) {
  const at = site.chargers.indexOf(id);
  if (at < COLOURS) return `var(--car-${at + 1})`;
  return `hsl(${Math.round((at * GOLDEN_ANGLE) % 360)} 55% var(--car-lightness))`;
}

/** The same for a canvas, which knows no custom property. */
export const carPaint = (id) => carColour(id).replace(/var\((--[a-z0-9-]+)\)/, (_, name) => styleOf(name));

/** Short enough for a range of the line: the number in "charger-7", or the place. */
export const numberOf = (id) => /\d+$/.exec(id)?.[0] ?? String(site.chargers.indexOf(id) + 1);

// Elements

export function element(name, className, ...content) {
  const made = document.createElement(name);
  if (className !== "") made.className = className;
  made.append(...content);
  return made;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function link(url, text) {
  const made = element("a", "", text);
  made.href = url;
  return made;
}

export function button(text, act) {
  const made = element("button", "", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

/** A row of buttons, each with the event that it sends. */
export const buttons = (acts) =>
  element("div", "buttons", ...acts.map(([text, event]) => button(text, () => send(event))));

/** A swatch with the charger's number. */
export function swatch(id) {
  const made = element("span", "swatch", numberOf(id));
  made.style.background = carColour(id);
  return made;
}

// The site

export const log = { lines: [], changed: () => undefined };

export function say(line) {
  log.lines.unshift(line);
  log.lines.length = Math.min(log.lines.length, LOG_LIMIT);
  log.changed();
}

/** Resolves when the site has taken the event, or refused it. */
export async function send(event) {
  try {
    const answer = await fetch("/event", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(event),
    });
    if (!answer.ok) say(`refused: ${await answer.text()}`);
  } catch {
    say("refused: the site does not answer");
  }
}
