// The dashboard of a live site: shows what the timeline and the reports tell, and sends the events of its buttons. Of the site
// it knows only what /site.json and /events say; an event that cannot be is refused there, and the reason stands in the log.

import { buildChargers, showChargers } from "./chargers.js";
import { buildLine, newestReport, showLine, takeReport } from "./line.js";
import { buildNetwork, showArbiter, showConditions } from "./network.js";
import { button, byId, clockOf, element, inAmps, link, log, say, send, setText, site, tenth, worst } from "./page.js";
import { buildPlot, drawPlot, newestSample, takeSample } from "./plot.js";

const OVEN_A = 10;
const KETTLE_A = 4;

const view = { frame: 0, lost: false, turning: null };

// The site's parts

function term(name, shown) {
  return [element("dt", "", name), element("dd", "", shown)];
}

function sentence() {
  const chargers = site.chargers.length === 1 ? "One charger" : `${site.chargers.length} chargers`;
  const phases = site.phases === 1 ? "one phase" : `${site.phases} phases`;
  const meter = site.hasMeter ? `the meter measures the ${site.measures}` : "no meter: a fixed limit";
  return `${chargers}; ${site.contractedA} A contracted on ${phases}, ${site.bufferA} A kept free; ${meter}.`;
}

/** A slider that shows what the site has, but for the time in which somebody turns it. */
function buildSlider(name) {
  const slider = byId(name);
  slider.addEventListener("input", () => {
    view.turning = name;
    byId(`${name}A`).textContent = inAmps(Number(slider.value));
  });
  slider.addEventListener("change", async () => {
    await send({ [name]: Number(slider.value) });
    view.turning = null;
  });
}

function setSlider(name, amps) {
  if (view.turning === name) return;
  byId(name).value = amps;
  setText(byId(`${name}A`), inAmps(amps));
}

/** Appliances are on the first phase. */
function turn(amps) {
  const loads = newestSample()?.houseA ?? [0];
  const changed = loads.map((load, phase) => (phase === 0 ? tenth(Math.max(0, load + amps)) : load));
  return send({ house: changed });
}

function build() {
  byId("site").textContent = sentence();
  byId("appliances").append(
    button(`Oven on (+${OVEN_A} A)`, () => turn(OVEN_A)),
    button(`Oven off (-${OVEN_A} A)`, () => turn(-OVEN_A)),
    button(`Kettle on (+${KETTLE_A} A)`, () => turn(KETTLE_A)),
    button(`Kettle off (-${KETTLE_A} A)`, () => turn(-KETTLE_A)),
  );
  const pages = Object.entries(site.pages).flatMap(([name, url]) => term(name, link(url, url)));
  byId("addresses").append(...pages, ...term("broker", site.broker));
  buildLine();
  buildChargers();
  buildNetwork();
  buildPlot(later);
  buildSlider("house");
  buildSlider("solar");
  log.changed = later;
}

// What the timeline tells

function eventText({ t, kind, ...said }) {
  const words = Object.entries(said).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return words
    .join(",")
    .replace(/["[\]{}]/g, "")
    .replaceAll(":", " ")
    .replaceAll(",", ", ");
}

function take(record) {
  switch (record.kind) {
    case "sample":
      takeSample(record);
      return later();
    case "report":
      takeReport(record);
      return later();
    case "conditions":
      return showConditions(record);
    case "event":
      return say(`${clockOf(record.t)} event: ${eventText(record)}`);
    case "note":
      if (record.device === "main") alarm("The main has tripped: the site is without power. Start it again.");
      return say(`${clockOf(record.t)} ${record.device}: ${record.text}`);
  }
}

function alarm(text) {
  byId("alarm").textContent = text;
}

/** However many records come, the page is drawn once for each frame of the screen. */
function later() {
  if (view.frame !== 0) return;
  view.frame = requestAnimationFrame(() => {
    view.frame = 0;
    show();
  });
}

function show() {
  setText(byId("log"), log.lines.join("\n"));
  const sample = newestSample();
  if (sample === undefined) return;
  setText(byId("clock"), clockOf(sample.t));
  const now = Math.max(sample.t, newestReport()?.t ?? 0);
  showLine(sample, now);
  showChargers(sample, newestReport(), now);
  showArbiter(arbiterOf(sample));
  setSlider("house", worst(sample.houseA));
  setSlider("solar", worst(sample.solarA ?? []));
  drawPlot();
}

/** The charger that says it leads, by the newest report where several do; else the meter. */
function arbiterOf({ chargers }) {
  if (site.meterRuns) return "meter";
  const leading = site.chargers.filter((id) => chargers[id]?.role === "arbiter" && chargers[id].state !== "off");
  const told = newestReport()?.arbiter;
  return leading.includes(told) ? told : (leading[0] ?? null);
}

// The connection

function connected() {
  // It may be another site by now.
  if (view.lost) window.location.reload();
}

function disconnected() {
  view.lost = true;
  alarm("The site does not answer. Was it stopped?");
}

build();
const source = new EventSource("/events");
source.addEventListener("open", connected);
source.addEventListener("error", disconnected);
source.addEventListener("message", (message) => take(JSON.parse(message.data)));
new ResizeObserver(later).observe(byId("plot"));
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", later);
