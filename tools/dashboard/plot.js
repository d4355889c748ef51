// The plot of the last ten minutes: lines for one charger; for several, what each draws on top of the house, phase by phase.

import {
  byId,
  carColour,
  carPaint,
  clockOf,
  drawnOn,
  element,
  phaseName,
  phases,
  site,
  styleOf,
  worst,
} from "./page.js";

const WINDOW_S = 600;
const NARROWEST_S = 60;
const SAMPLES_LIMIT = 50_000;
/** More are not named in the legend: their colours are those of their cards. */
const NAMED_MOST = 12;
/** Room around the plot for its scales, px. */
const MARGIN = { left: 46, right: 30, top: 24, bottom: 40 };
const TICK_GAP_PX = 64;
const TICKS_S = [10, 30, 60, 120, 300];
const TICKS_A = [1, 2, 5, 10, 20, 50, 100];

const isStacked = site.chargers.length > 1;
const limit = site.contractedA - site.bufferA;
const plot = { samples: [], hasRoof: false, phase: 1 };

export const newestSample = () => plot.samples.at(-1);

export function buildPlot(changed) {
  const choice = byId("phase");
  choice.append(...phases.map((phase) => element("option", "", phaseName(phase))));
  choice.addEventListener("change", () => {
    plot.phase = choice.selectedIndex + 1;
    changed();
  });
  byId("phase-choice").hidden = !isStacked || site.phases === 1;
  buildLegend();
}

export function takeSample(sample) {
  const { samples } = plot;
  samples.push(sample);
  while (samples.length > SAMPLES_LIMIT || (samples[1]?.t ?? sample.t) < sample.t - WINDOW_S) {
    samples.shift();
  }
  if (plot.hasRoof || sample.solarA === undefined) return;
  plot.hasRoof = true;
  byId("roof").hidden = false;
  buildLegend();
}

/** On the phase that is shown; for one charger the worst of all. */
const here = (amps) => (isStacked ? (amps[plot.phase - 1] ?? 0) : worst(amps));
const house = ({ houseA }) => here(houseA);
const grid = ({ gridA }) => (isStacked ? here(gridA) : Math.max(...gridA));

/** Every line: its name, its colour, its width and dash, and its amps in a sample. */
function lines() {
  const [id] = site.chargers;
  const one = ({ chargers }) => chargers[id];
  const cars = [
    { name: `${id} offered`, colour: carColour(id), width: 1.5, dash: [3, 3], amps: (at) => one(at)?.offeredA ?? 0 },
    { name: `${id} drawn`, colour: carColour(id), width: 3, dash: [], amps: (at) => worst(one(at)?.drawnA ?? []) },
  ];
  const roof = { name: "roof", colour: "var(--solar)", width: 2, dash: [], amps: ({ solarA }) => here(solarA ?? []) };
  return [
    ...(isStacked ? [] : [{ name: "house", colour: "var(--house)", width: 2, dash: [], amps: house }]),
    ...(plot.hasRoof ? [roof] : []),
    { name: "through the main", colour: "var(--main)", width: isStacked ? 1.5 : 1, dash: [], amps: grid },
    ...(isStacked ? [] : cars),
    {
      name: `limit, ${site.contractedA} - ${site.bufferA} A`,
      colour: "var(--limit)",
      width: 2,
      dash: [9, 5],
      amps: () => limit,
    },
  ];
}

/** From the bottom up: the house, and each charger's draw on it. */
function layers() {
  if (!isStacked) return [];
  const cars = site.chargers.map((id) => ({
    name: id,
    colour: carColour(id),
    paint: carPaint(id),
    amps: ({ chargers }) => drawnOn(id, chargers[id], plot.phase),
  }));
  return [{ name: "house", colour: "var(--house)", paint: styleOf("--house"), amps: house }, ...cars];
}

/** `var(--x)` as a canvas understands it. */
const paintOf = (colour) => colour.replace(/var\((--[a-z0-9-]+)\)/, (_, name) => styleOf(name));

function buildLegend() {
  const areas = layers();
  const named = areas.length <= NAMED_MOST + 1 ? areas : areas.slice(0, 1);
  byId("legend").replaceChildren(
    ...named.map(({ name, colour }) => legendEntry({ name, colour, width: 10, dash: [] })),
    ...lines().map(legendEntry),
  );
}

function legendEntry({ name, colour, width, dash }) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const stroke = document.createElementNS("http://www.w3.org/2000/svg", "line");
  svg.setAttribute("aria-hidden", "true");
  stroke.setAttribute("x2", "100%");
  stroke.setAttribute("y1", "50%");
  stroke.setAttribute("y2", "50%");
  stroke.setAttribute("stroke-width", width);
  stroke.setAttribute("stroke-dasharray", dash.join(" "));
  stroke.style.stroke = colour;
  svg.append(stroke);
  return element("li", "", svg, name);
}

/** The least and the most that is reached, with some air above. */
function bounds(all, areas) {
  let low = 0;
  let high = Math.max(10, site.contractedA);
  for (const sample of plot.samples) {
    for (const { amps } of all) {
      low = Math.min(low, amps(sample));
      high = Math.max(high, amps(sample));
    }
  }
  const tallest = areas.reduce((most, { amps }) => most + worst(plot.samples.slice(-1).map(amps)), 0);
  return { low, high: Math.max(high, tallest) * 1.05 };
}

function scalesOf({ low, high }, width, height) {
  const end = plot.samples.at(-1).t;
  const from = Math.max(0, end - WINDOW_S);
  const until = Math.max(end, from + NARROWEST_S);
  const right = width - MARGIN.right;
  const bottom = height - MARGIN.bottom;
  return {
    from,
    until,
    low,
    high,
    right,
    bottom,
    x: (t) => MARGIN.left + ((Math.max(t, from) - from) / (until - from)) * (right - MARGIN.left),
    y: (amps) => bottom - ((amps - low) / (high - low)) * (bottom - MARGIN.top),
  };
}

export function drawPlot() {
  const canvas = byId("plot");
  const { clientWidth: width, clientHeight: height } = canvas;
  if (plot.samples.length === 0 || width === 0) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.font = "12px system-ui, sans-serif";
  const all = lines();
  const areas = layers();
  const scales = scalesOf(bounds(all, areas), width, height);
  drawAmps(pen, scales);
  drawTime(pen, scales);
  drawLayers(pen, scales, areas);
  for (const line of all) {
    drawLine(pen, scales, line);
  }
}

function titleOf() {
  if (isStacked) return site.phases === 1 ? "House and cars (A)" : `House and cars on ${phaseName(plot.phase)} (A)`;
  return site.phases === 1 ? "Current (A)" : "Current of the worst phase (A)";
}

const stepFor = (steps, least) => steps.find((step) => step >= least) ?? steps.at(-1);

function drawAmps(pen, { low, high, right, bottom, y }) {
  const step = stepFor(TICKS_A, (high - low) / ((bottom - MARGIN.top) / 32));
  pen.lineWidth = 1;
  pen.textAlign = "right";
  pen.fillStyle = styleOf("--quiet");
  for (let amps = Math.ceil(low / step) * step; amps <= high; amps += step) {
    pen.strokeStyle = styleOf(amps === 0 ? "--edge" : "--grid");
    pen.beginPath();
    pen.moveTo(MARGIN.left, y(amps));
    pen.lineTo(right, y(amps));
    pen.stroke();
    pen.fillText(`${amps} A`, MARGIN.left - 8, y(amps) + 4);
  }
  pen.textAlign = "left";
  pen.fillText(titleOf(), 4, 14);
}

function drawTime(pen, { from, until, right, bottom, x }) {
  const fit = (right - MARGIN.left) / TICK_GAP_PX;
  const step = stepFor(TICKS_S, (until - from) / fit);
  pen.textAlign = "center";
  for (let t = Math.ceil(from / step) * step; t <= until; t += step) {
    pen.beginPath();
    pen.moveTo(x(t), bottom);
    pen.lineTo(x(t), bottom + 5);
    pen.stroke();
    pen.fillText(step < 60 ? clockOf(t) : clockOf(t).slice(0, 5), x(t), bottom + 18);
  }
  pen.textAlign = "right";
  pen.fillText(step < 60 ? "Time of the site (h:min:s)" : "Time of the site (h:min)", right, bottom + 34);
}

/** A line in steps: a current holds until the next sample. In a pixel that holds many samples it goes through the least
 *  and the greatest of them, so that no peak is lost and the path stays as short as the plot is wide. */
function columnsOf(amps, x) {
  const columns = [];
  for (const sample of plot.samples) {
    const at = Math.round(x(sample.t) * 2) / 2;
    const value = amps(sample);
    const last = columns.at(-1);
    if (last?.at === at) {
      last.low = Math.min(last.low, value);
      last.high = Math.max(last.high, value);
      last.end = value;
    } else {
      columns.push({ at, start: value, low: value, high: value, end: value });
    }
  }
  return columns;
}

function drawLine(pen, { x, y }, { colour, width, dash, amps }) {
  const columns = columnsOf(amps, x);
  pen.beginPath();
  pen.strokeStyle = paintOf(colour);
  pen.lineWidth = width;
  pen.lineJoin = "round";
  pen.setLineDash(dash);
  let held = columns[0].start;
  pen.moveTo(columns[0].at, y(held));
  for (const { at, start, low, high, end } of columns) {
    pen.lineTo(at, y(held));
    if (low !== high || start !== held) pen.lineTo(at, y(start));
    if (low !== high) pen.lineTo(at, y(low));
    if (low !== high) pen.lineTo(at, y(high));
    if (low !== high) pen.lineTo(at, y(end));
    held = end;
  }
  pen.stroke();
  pen.setLineDash([]);
}

/** One sample for each pixel, the last in it. */
function thinned(x) {
  const columns = [];
  for (const sample of plot.samples) {
    const at = Math.round(x(sample.t));
    if (columns.at(-1)?.at === at) columns[columns.length - 1] = { at, sample };
    else columns.push({ at, sample });
  }
  return columns;
}

function drawLayers(pen, { x, y, right }, areas) {
  const columns = thinned(x);
  let below = columns.map(() => 0);
  for (const { paint, amps } of areas) {
    const above = below.map((sum, at) => sum + amps(columns[at].sample));
    pen.fillStyle = paint;
    columns.forEach(({ at }, index) => {
      const until = columns[index + 1]?.at ?? Math.min(right, at + 1);
      pen.fillRect(at, y(above[index]), until - at, y(below[index]) - y(above[index]));
    });
    below = above;
  }
}
