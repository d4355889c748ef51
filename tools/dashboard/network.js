// Devices, links and the network between them: who has power, who reaches whom, and what a person can break and mend.

import { button, buttons, byId, element, link, send, setText, site } from "./page.js";

const READINGS = [
  ["Right", "ok"],
  ["Silent", "silent"],
  ["Stuck", "stuck"],
  ["Garbage", "garbage"],
  ["Zero", "zero"],
];

const meters = site.hasMeter ? ["meter"] : [];
const devices = [...meters, ...site.chargers];
const runners = site.meterRuns ? devices : site.chargers;
const rows = new Map();
const state = {
  conditions: { off: [], cut: [], groups: [], loss: 0, delayS: [0.01, 0.01], broker: "up" },
  arbiter: null,
};

const isOff = (device) => state.conditions.off.includes(device);
const isCut = (device) => state.conditions.cut.includes(device);

/** The first half has the meter, the broker and the greater half of the chargers. */
function halves() {
  const first = Math.ceil(site.chargers.length / 2);
  return [[...meters, "broker", ...site.chargers.slice(0, first)], site.chargers.slice(first)];
}

function reviveAll() {
  for (const device of state.conditions.off) send({ power: device, on: true });
}

function deviceRow(device) {
  const power = button("Kill", () => send({ power: device, on: isOff(device) }));
  const wire = button("Cut link", () => send({ link: device, up: isCut(device) }));
  const half = element("td", "half");
  rows.set(device, { power, wire, half });
  const name = site.pages[device] === undefined ? device : link(site.pages[device], device);
  const head = element("th", "", name);
  head.scope = "row";
  return element("tr", "", head, element("td", "", power), element("td", "", wire), half);
}

function buildWeather() {
  const sendWeather = () => {
    const most = Number(byId("delay").value);
    const loss = Number(byId("loss").value) / 100;
    return send({ network: { loss, delayS: [Math.min(0.01, most), most] } });
  };
  for (const name of ["loss", "delay"]) {
    byId(name).addEventListener("input", showWeatherWords);
    byId(name).addEventListener("change", sendWeather);
  }
  byId("calm").append(button("Good network", () => send({ network: {} })));
}

function showWeatherWords() {
  setText(byId("lossPct"), `${byId("loss").value} %`);
  setText(byId("delayS"), `up to ${Number(byId("delay").value).toFixed(2)} s`);
}

function showWeather({ loss, delayS }) {
  byId("loss").value = Math.round(loss * 100);
  byId("delay").value = delayS[1];
  showWeatherWords();
}

const nodes = {};

export function buildNetwork() {
  nodes.kill = button("Kill the arbiter", () => state.arbiter !== null && send({ power: state.arbiter, on: false }));
  nodes.revive = button("Revive all", reviveAll);
  nodes.split = button("Split in two halves", () =>
    send({ partition: state.conditions.groups.length > 0 ? [] : halves() }),
  );
  byId("breaks").append(nodes.kill, nodes.revive, nodes.split);
  byId("devices").append(...devices.map(deviceRow));
  if (site.hasOwnBroker) {
    nodes.broker = element("p", "why");
    const acts = [
      ["Broker down", { broker: "down" }],
      ["Broker up", { broker: "up" }],
    ];
    byId("brokers").append(element("h3", "", "Broker"), nodes.broker, buttons(acts));
  }
  if (site.hasMeter) {
    nodes.meter = element("p", "why");
    const acts = READINGS.map(([text, meter]) => [text, { meter }]);
    const hang = runners.includes("meter") ? [["Hang it", { hang: "meter", restarts: true }]] : [];
    byId("readings").append(element("h3", "", "Meter reads"), nodes.meter, buttons([...acts, ...hang]));
  }
  buildWeather();
  showConditions(state.conditions);
}

export function showConditions(conditions) {
  state.conditions = { ...state.conditions, ...conditions };
  const { off, groups, broker, meter } = state.conditions;
  for (const [device, { power, wire, half }] of rows) {
    setText(power, isOff(device) ? "Revive" : "Kill");
    setText(wire, isCut(device) ? "Restore link" : "Cut link");
    power.classList.toggle("broken", isOff(device));
    wire.classList.toggle("broken", isCut(device));
    const at = groups.findIndex((group) => group.includes(device));
    setText(half, groups.length === 0 ? "" : at < 0 ? "on its own" : `half ${at + 1}`);
  }
  nodes.revive.disabled = off.length === 0;
  setText(nodes.split, groups.length > 0 ? "Heal the split" : "Split in two halves");
  nodes.split.classList.toggle("broken", groups.length > 0);
  if (nodes.broker) setText(nodes.broker, broker === "up" ? `Up, at ${site.broker}` : "Down");
  if (nodes.meter)
    setText(nodes.meter, meter === undefined || meter === "ok" ? "What flows" : `Nothing right: ${meter}`);
  showWeather(state.conditions);
}

/** Whoever leads now, null while nobody does. */
export function showArbiter(device) {
  state.arbiter = device;
  setText(nodes.kill, device === null ? "Kill the arbiter" : `Kill the arbiter (${device})`);
  nodes.kill.disabled = device === null || isOff(device);
}
