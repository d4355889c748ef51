// The line: every ampere of a phase with its owner, as the newest report says; what the cars draw; and how it came to this.

import {
  byId,
  carColour,
  carPaint,
  drawnOn,
  element,
  inAmps,
  numberOf,
  phaseName,
  phases,
  setText,
  site,
  styleOf,
} from "./page.js";

const PAST_S = 120;
/** A report is not to be trusted after so long: s. */
const SILENT_S = 3;
const TICKS_A = [1, 2, 5, 10, 20];
/** So many, px, for a figure of the scale. */
const TICK_GAP_PX = 40;
/** A number fits into a range as wide as this, in hundredths of the line. */
const NUMBER_FITS = 3.2;

const capacity = site.contractedA - site.bufferA;
const percent = (amps) => `${((amps / site.contractedA) * 100).toFixed(3)}%`;
const rows = new Map();
const past = [];

function place(node, from, to) {
  node.style.left = percent(from);
  node.style.width = percent(Math.max(0, to - from));
}

function part(className, from, to) {
  const made = element("i", className);
  place(made, from, to);
  return made;
}

function scale() {
  const most = byId("phases").clientWidth / TICK_GAP_PX;
  const step = TICKS_A.find((one) => site.contractedA / one <= Math.min(13, most)) ?? 50;
  const ticks = Array.from({ length: Math.floor(site.contractedA / step) + 1 }, (_, at) => at * step);
  return element(
    "div",
    "scale",
    ...ticks.map((amps) => {
      const tick = element("span", amps === site.contractedA ? "end" : "", `${amps}`);
      tick.style.left = percent(amps);
      return tick;
    }),
  );
}

function phaseRow(phase) {
  const free = element("span", "free");
  const house = element("span", "house");
  const track = element("div", "track");
  const held = new Map();
  const taken = part("taken", capacity, capacity);
  const budget = element("b", "budget", "B");
  track.setAttribute("role", "img");
  track.append(part("buffer", capacity, site.contractedA), taken, budget);
  const draws = element("div", "draws");
  const drawn = new Map(site.chargers.map((id) => [id, part("drawn", 0, 0)]));
  for (const [id, node] of drawn) node.style.background = carColour(id);
  const load = part("load", capacity, capacity);
  draws.append(...drawn.values(), load);
  const canvas = element("canvas", "past");
  canvas.setAttribute("aria-hidden", "true");
  rows.set(phase, { free, house, track, held, taken, budget, drawn, load, canvas });
  const name = site.phases === 1 ? [] : [element("strong", "", phaseName(phase))];
  const bars = element("div", "bars", track, draws, scale(), canvas);
  return element("div", "phase", element("p", "ends", ...name, free, house), bars);
}

export function buildLine() {
  byId("phases").append(...phases.map(phaseRow));
}

export function takeReport(report) {
  past.push(report);
  while ((past[0]?.t ?? 0) < report.t - PAST_S) past.shift();
}

export const newestReport = () => past.at(-1);

/** Everybody's ranges of a phase: id, number among its own, from, to. */
function rangesOn(report, phase) {
  return Object.entries(report.chargers).flatMap(([id, { ranges }]) =>
    ranges.filter(([on]) => on === phase).map(([, from, to], at) => ({ id, at, from, to })),
  );
}

/** A range keeps its element while it moves, so that the eye can follow it. */
function showRanges({ track, held }, report, phase, now) {
  const there = new Set();
  for (const { id, at, from, to } of rangesOn(report, phase)) {
    const key = `${id} ${at}`;
    there.add(key);
    let node = held.get(key);
    if (node === undefined) {
      node = part("held", from, to);
      node.style.background = carColour(id);
      node.title = id;
      held.set(key, node);
      track.prepend(node);
    }
    place(node, from, to);
    const wide = ((to - from) / site.contractedA) * 100 >= NUMBER_FITS;
    setText(node, wide ? numberOf(id) : "");
    node.classList.toggle("wide", wide);
    node.classList.toggle("over", report.chargers[id].until <= now);
  }
  for (const [key, node] of held) {
    if (there.has(key)) continue;
    node.remove();
    held.delete(key);
  }
}

function showDraws({ drawn, load }, sample, phase) {
  let at = 0;
  for (const [id, node] of drawn) {
    const amps = drawnOn(id, sample.chargers[id], phase);
    place(node, at, at + amps);
    at += amps;
  }
  const house = Math.max(0, sample.houseA[phase - 1] - (sample.solarA?.[phase - 1] ?? 0));
  place(load, Math.max(0, capacity - house), capacity);
}

function showPhase(phase, report, sample, now) {
  const row = rows.get(phase);
  const amps = report.budgetA[phase - 1] ?? 0;
  const house = report.houseA[phase - 1] ?? 0;
  showRanges(row, report, phase, now);
  showDraws(row, sample, phase);
  place(row.taken, Math.min(amps, capacity), capacity);
  row.budget.style.left = percent(amps);
  setText(row.free, `${inAmps(amps)} for cars (B)`);
  const kept = site.bufferA > 0 ? ` + ${site.bufferA} A kept free` : "";
  setText(row.house, `${houseWords(amps, house)}${kept}`);
  row.track.setAttribute("aria-label", spoken(phase, report, amps, house));
}

const houseWords = (budget, house) =>
  site.hasMeter ? `house ${inAmps(house)}` : `left to the house ${inAmps(Math.max(0, capacity - budget))}`;

function spoken(phase, report, budget, house) {
  const owners = site.chargers.map((id) => {
    const own = rangesOn(report, phase).filter((one) => one.id === id);
    return `${id} ${inAmps(own.reduce((sum, { from, to }) => sum + to - from, 0))}`;
  });
  return `${phaseName(phase)}: ${owners.join(", ")}; ${inAmps(budget)} for cars, ${houseWords(budget, house)}`;
}

/** Who leads, and how old its word is. */
function leadWords(report, now) {
  const age = now - report.t;
  const name = report.arbiter === "meter" ? "the meter" : report.arbiter;
  if (age > SILENT_S) return `No report for ${Math.round(age)} s. The last came from ${name}.`;
  const term = report.term === 0 ? "" : `, elected in term ${report.term}`;
  const learns = report.renewsOnly ? "; it does not know all holders yet: nobody gets more than it held" : "";
  return `The arbiter is ${name}${term}${learns}.`;
}

export function showLine(sample, now) {
  const report = newestReport();
  const lead = byId("lead");
  if (report === undefined) return setText(lead, "No report has been heard yet.");
  const silent = now - report.t > SILENT_S;
  setText(lead, leadWords(report, now));
  lead.classList.toggle("silent", silent);
  byId("phases").classList.toggle("silent", silent);
  for (const phase of phases) {
    showPhase(phase, report, sample, now);
    drawPast(rows.get(phase).canvas, phase, now);
  }
}

/** The same ranges as they were: newest above, two minutes below. */
function drawPast(canvas, phase, now) {
  const { clientWidth: width, clientHeight: height } = canvas;
  if (width === 0) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  const paints = new Map(site.chargers.map((id) => [id, carPaint(id)]));
  const [house, back] = [styleOf("--taken"), styleOf("--grid")];
  const x = (amps) => (amps / site.contractedA) * width;
  const y = (t) => Math.min(height, ((now - t) / PAST_S) * height);
  for (const [index, report] of past.entries()) {
    const top = Math.floor(y(Math.min(past[index + 1]?.t ?? now, report.t + SILENT_S)));
    const bottom = Math.ceil(y(report.t));
    const fill = (colour, from, to) => {
      pen.fillStyle = colour;
      pen.fillRect(x(from), top, x(to) - x(from), bottom - top);
    };
    const amps = Math.min(capacity, report.budgetA[phase - 1] ?? 0);
    fill(back, 0, capacity);
    for (const { id, from, to } of rangesOn(report, phase)) fill(paints.get(id) ?? back, from, Math.min(to, amps));
    fill(house, amps, capacity);
  }
}
