// The dashboard of a live site: draws what the timeline tells, and sends the events of its buttons. Of the site it knows
// only what /site.json and /events say; an event that cannot be is refused there, and the reason stands in the log.

const WINDOW_S = 600;
const NARROWEST_S = 60;
const SAMPLES_LIMIT = 50_000;
const LOG_LIMIT = 300;
const CAR_COLOURS = 4;
/** Room around the plot for its scales, px. */
const MARGIN = { left: 46, right: 30, top: 24, bottom: 40 };
const TICK_GAP_PX = 64;
const TICKS_S = [10, 30, 60, 120, 300];
const TICKS_A = [1, 2, 5, 10, 20, 50, 100];

const OVEN_A = 10;
const CAR = { maxA: 32, batteryKWh: 24, socPct: 33 };
const CARD = "04A1B2C3D4E5F6";
const STRANGE_CARD = "5CBBE5D5";

/** The buttons of a charger: a group's title and its buttons, each with the event that it sends. */
const CHARGER_GROUPS = [
  {
    title: "Car",
    acts: (id) => [
      ["Plug a car", { plug: id, car: CAR }],
      ["Unplug", { unplug: id }],
      ["Plug one without a diode", { plug: id, car: { ...CAR, diode: false } }],
      ["Plug one that ignores the duty", { plug: id, car: { ...CAR, obeys: false } }],
      ["Plug one that never leaves C", { plug: id, car: { ...CAR, leavesC: false } }],
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
  { title: "Power and links", acts: powerAndLinks },
];

const METER_GROUPS = [
  {
    title: "Readings",
    acts: () => [
      ["Right", { meter: "ok" }],
      ["Silent", { meter: "silent" }],
      ["Stuck", { meter: "stuck" }],
      ["Garbage", { meter: "garbage" }],
      ["Zero", { meter: "zero" }],
    ],
  },
  {
    title: "Power and links of the meter",
    acts: (id) => [...powerAndLinks(id), ["Hang it", { hang: id, restarts: true }]],
  },
];

const BROKER_GROUPS = [
  {
    title: "Broker",
    acts: () => [
      ["Broker down", { broker: "down" }],
      ["Broker up", { broker: "up" }],
    ],
  },
];

function powerAndLinks(id) {
  return [
    ["Power off", { power: id, on: false }],
    ["Power on", { power: id, on: true }],
    ["Cut its Wi-Fi", { link: id, up: false }],
    ["Mend its Wi-Fi", { link: id, up: true }],
  ];
}

const byId = (id) => document.getElementById(id);
const worst = (amps) => amps.reduce((most, one) => Math.max(most, one), 0);
const tenth = (amps) => Math.round(amps * 10) / 10;
const inAmps = (amps) => `${amps.toFixed(1)} A`;

function clockOf(seconds) {
  const parts = [seconds / 3_600, (seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
}

const site = await fetch("/site.json").then((answer) => answer.json());
const view = { samples: [], lines: [], frame: 0, hasRoof: false, lost: false, turning: null };

// Events

/** Resolves when the site has taken the event, or refused it. */
async function send(event) {
  try {
    const answer = await fetch("/event", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(event),
    });
    if (!answer.ok) log(`refused: ${await answer.text()}`);
  } catch {
    log("refused: the site does not answer");
  }
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function buttons(acts) {
  const row = document.createElement("div");
  row.className = "buttons";
  row.append(...acts.map(([text, event]) => button(text, () => send(event))));
  return row;
}

function group({ title, acts }, device, isOpen) {
  const details = document.createElement("details");
  details.open = isOpen;
  const summary = document.createElement("summary");
  summary.textContent = title;
  details.append(summary, buttons(acts(device)));
  return details;
}

// The site's parts

function paragraph(className) {
  const made = document.createElement("p");
  made.className = className;
  return made;
}

function chargerCard(id) {
  const card = document.createElement("section");
  card.className = "card";
  card.id = `charger-${id}`;
  const heading = document.createElement("h2");
  heading.append(link(site.pages[id], id));
  const groups = CHARGER_GROUPS.map((one, at) => group(one, id, at < 2));
  card.append(heading, paragraph("say"), paragraph("why"), ...groups);
  return card;
}

function link(url, text) {
  const made = document.createElement("a");
  made.href = url;
  made.textContent = text;
  return made;
}

function term(name, shown) {
  const dt = document.createElement("dt");
  const dd = document.createElement("dd");
  dt.textContent = name;
  dd.append(shown);
  return [dt, dd];
}

function buildInfrastructure() {
  const meterGroups = site.hasMeter ? METER_GROUPS : [];
  const brokerGroups = site.hasOwnBroker ? BROKER_GROUPS : [];
  byId("infrastructure").append(
    ...meterGroups.map((one, at) => group(one, "meter", at === 0)),
    ...brokerGroups.map((one) => group(one, "", true)),
  );
  const pages = Object.entries(site.pages).flatMap(([name, url]) => term(name, link(url, url)));
  byId("addresses").append(...pages, ...term("broker", site.broker));
}

function sentence() {
  const phases = site.phases === 1 ? "one phase" : `${site.phases} phases`;
  const meter = site.hasMeter ? `the meter measures the ${site.measures}` : "no meter: a fixed limit";
  return `${site.contractedA} A contracted on ${phases}, ${site.bufferA} A kept free; ${meter}.`;
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
  byId(`${name}A`).textContent = inAmps(amps);
}

/** The oven is on the first phase. */
function turnOven(amps) {
  const loads = view.samples.at(-1)?.houseA ?? [0];
  const changed = loads.map((load, phase) => (phase === 0 ? tenth(Math.max(0, load + amps)) : load));
  return send({ house: changed });
}

function build() {
  byId("site").textContent = sentence();
  byId("chargers").append(...site.chargers.map(chargerCard));
  byId("appliances").append(
    button(`Oven on (+${OVEN_A} A)`, () => turnOven(OVEN_A)),
    button(`Oven off (-${OVEN_A} A)`, () => turnOven(-OVEN_A)),
  );
  buildInfrastructure();
  buildSlider("house");
  buildSlider("solar");
  buildLegend();
}

// What the timeline tells

function log(line) {
  view.lines.unshift(line);
  view.lines.length = Math.min(view.lines.length, LOG_LIMIT);
  later();
}

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
      return takeSample(record);
    case "event":
      return log(`${clockOf(record.t)} event: ${eventText(record)}`);
    case "note":
      if (record.device === "main") alarm("The main has tripped: the site is without power. Start it again.");
      return log(`${clockOf(record.t)} ${record.device}: ${record.text}`);
  }
}

function takeSample(sample) {
  const { samples } = view;
  samples.push(sample);
  while (samples.length > SAMPLES_LIMIT || (samples[1]?.t ?? sample.t) < sample.t - WINDOW_S) {
    samples.shift();
  }
  if (!view.hasRoof && sample.solarA !== undefined) {
    view.hasRoof = true;
    byId("roof").hidden = false;
    buildLegend();
  }
  later();
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
  byId("log").textContent = view.lines.join("\n");
  const sample = view.samples.at(-1);
  if (sample === undefined) return;
  byId("clock").textContent = clockOf(sample.t);
  for (const id of site.chargers) {
    showCharger(id, sample.chargers[id]);
  }
  setSlider("house", worst(sample.houseA));
  setSlider("solar", worst(sample.solarA ?? []));
  draw();
}

function showCharger(id, charger) {
  const card = byId(`charger-${id}`);
  if (charger === undefined) return;
  const { state, drawnA, offeredA, because, mode, pilot, contactor } = charger;
  card.querySelector(".say").textContent = `${inAmps(worst(drawnA))} drawn, ${inAmps(offeredA)} offered`;
  card.querySelector(".why").textContent =
    `${state}; limited by: ${because}; mode ${mode}, pilot ${pilot}, contactor ${contactor ? "closed" : "open"}`;
}

// The plot: the worst phase of each

/** Every line: its name, the custom property with its colour, its width and dash, and its amps in a sample. */
function lines() {
  const limit = site.contractedA - site.bufferA;
  const cars = site.chargers.flatMap((id, at) => {
    const colour = `--car-${(at % CAR_COLOURS) + 1}`;
    return [
      { name: `${id} offered`, colour, width: 1.5, dash: [3, 3], amps: ({ chargers }) => chargers[id]?.offeredA ?? 0 },
      { name: `${id} drawn`, colour, width: 3, dash: [], amps: ({ chargers }) => worst(chargers[id]?.drawnA ?? []) },
    ];
  });
  const roof = { name: "roof", colour: "--solar", width: 2, dash: [], amps: ({ solarA }) => worst(solarA ?? []) };
  return [
    { name: "house", colour: "--house", width: 2, dash: [], amps: ({ houseA }) => worst(houseA) },
    ...(view.hasRoof ? [roof] : []),
    { name: "through the main", colour: "--main", width: 1, dash: [], amps: ({ gridA }) => Math.max(...gridA) },
    ...cars,
    {
      name: `limit, ${site.contractedA} - ${site.bufferA} A`,
      colour: "--limit",
      width: 2,
      dash: [9, 5],
      amps: () => limit,
    },
  ];
}

function buildLegend() {
  byId("legend").replaceChildren(...lines().map(legendEntry));
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
  stroke.style.stroke = `var(${colour})`;
  svg.append(stroke);
  const entry = document.createElement("li");
  entry.append(svg, name);
  return entry;
}

/** The least and the most that any line reaches, with some air above. */
function bounds(all) {
  let low = 0;
  let high = Math.max(10, site.contractedA);
  for (const sample of view.samples) {
    for (const { amps } of all) {
      low = Math.min(low, amps(sample));
      high = Math.max(high, amps(sample));
    }
  }
  return { low, high: high * 1.05 };
}

function scalesOf({ low, high }, width, height) {
  const end = view.samples.at(-1).t;
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

const colourOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

function draw() {
  const canvas = byId("plot");
  const { clientWidth: width, clientHeight: height } = canvas;
  if (view.samples.length === 0 || width === 0) return;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.font = "12px system-ui, sans-serif";
  const all = lines();
  const scales = scalesOf(bounds(all), width, height);
  drawAmps(pen, scales);
  drawTime(pen, scales);
  for (const line of all) {
    drawLine(pen, scales, line);
  }
}

const stepFor = (steps, least) => steps.find((step) => step >= least) ?? steps.at(-1);

function drawAmps(pen, { low, high, right, bottom, y }) {
  const step = stepFor(TICKS_A, (high - low) / ((bottom - MARGIN.top) / 32));
  pen.lineWidth = 1;
  pen.textAlign = "right";
  pen.fillStyle = colourOf("--quiet");
  for (let amps = Math.ceil(low / step) * step; amps <= high; amps += step) {
    pen.strokeStyle = colourOf(amps === 0 ? "--edge" : "--grid");
    pen.beginPath();
    pen.moveTo(MARGIN.left, y(amps));
    pen.lineTo(right, y(amps));
    pen.stroke();
    pen.fillText(`${amps} A`, MARGIN.left - 8, y(amps) + 4);
  }
  pen.textAlign = "left";
  pen.fillText(site.phases === 1 ? "Current (A)" : "Current of the worst phase (A)", 4, 14);
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
  for (const sample of view.samples) {
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
  pen.strokeStyle = colourOf(colour);
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
