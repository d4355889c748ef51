// Set-up in steps: each says what it is for, what will not work without it, and leads to the next.

import { frozen } from "../frozen.js";
import type { Network } from "../wifi.js";
import { PICK_FIELD, type Step, stepsOf } from "./fields.js";
import { encodeForm, escapeHtml, fieldOf, parseForm } from "./form.js";
import { button, formOf, inputs, pickInput, type Refused, refusal, silentBroker } from "./form-page.js";
import { foundPart, pickedBroker, refreshTo, showsFound, waiting, waits } from "./found-page.js";
import type { PortalModel, RadioView } from "./model.js";
import { GO_FIELD } from "./patch.js";
import { rows } from "./status-page.js";
import { filled, numeral, type Texts } from "./texts/texts.js";
import type { View } from "./view.js";

/** What the address says beside the step: look at the networks again though one is joined. */
const ANOTHER = "another";
/** After a search, whatever it found. */
const FOUND = "found";
/** What was typed as the name of a hidden network before the search. */
const NAME = "name";
/** A broker was typed; "1": just now, "2": some seconds ago. */
const TRIED = "tried";
/** Seconds until a page loads itself again. */
const JOIN_REFRESH = "2";
/** A search of all channels takes about so long. */
const SCAN_S = 4;

export interface StepPage {
  readonly heading: string;
  readonly body: string;
  /** Seconds, and where to go then, as the header Refresh has them: it works without a script. */
  readonly refresh?: string;
  /** The networks in reach have to be looked for. */
  readonly scan: boolean;
}

const page = (heading: string, body: string): StepPage => ({ heading, body, scan: false });

/** Where a search of networks leads; the name of a hidden one that was typed goes with it. */
export const foundPath = (step: Step, typed: string): string =>
  `${step.form.path}?${encodeForm([[FOUND, "1"], ...(typed === "" ? [] : [[NAME, typed] as const])])}`;

/** Where the name of a broker leads: whether it answers is told there. */
export const triedPath = (step: Step, look: 1 | 2 = 1): string => `${step.form.path}?${TRIED}=${look}`;

/** Of the address; empty when it does not say. */
function asked(query: string, name: string): string {
  const parsed = parseForm(query);
  return (parsed.ok ? fieldOf(parsed.fields, name) : null) ?? "";
}

export function stepPage(view: View, step: Step, query: string, refused: Refused | null): StepPage {
  const heading = view.texts.setup.names[step.name];
  if (step.name === "done") return page(heading, frame(view, step, summary(view, refused)));
  if (showsFound(view.model, step.name) && refused === null && waits(view.model, query)) {
    return { heading, body: frame(view, step, waiting(view)), refresh: refreshTo(step.form.path), scan: false };
  }
  if (step.name === "mqtt" && refused === null) return mqttPage(view, step, query);
  if (step.name !== "wifi") {
    const form = formOfStep(view, step, refused);
    return page(heading, frame(view, step, form));
  }
  const { radio } = view.model;
  if (radio === null) {
    return page(
      heading,
      frame(view, step, `<p class="card">${escapeHtml(view.texts.setup.cable)}</p>${onward(view, step)}`),
    );
  }
  return wifiPage(view, step, radio, query, refused);
}

/** What is the same around each step. */
function frame(view: View, step: Step, body: string): string {
  const { setup } = view.texts;
  const steps = stepsOf(view.model.device);
  const at = steps.indexOf(step);
  const count = escapeHtml(filled(setup.step, String(at + 1), String(steps.length)));
  const before = steps[at - 1];
  const back = before === undefined ? "" : `<a href="${before.form.path}">${escapeHtml(setup.back)}</a>`;
  return `<div class="steps"><span>${count}</span>${back}</div><p>${escapeHtml(setup.intro[step.name])}</p>${body}`;
}

const after = ({ model }: View, step: Step): Step | undefined => {
  const steps = stepsOf(model.device);
  return steps[steps.indexOf(step) + 1];
};

/** Where a step leads, whether something was saved in it or not. */
export const nextPath = (view: View, step: Step): string => after(view, step)?.form.path ?? "/";

const isSkippable = (name: Step["name"], texts: Texts): name is keyof Texts["setup"]["without"] =>
  Object.hasOwn(texts.setup.without, name);

function skip(view: View, step: Step): string {
  const { texts } = view;
  const without = isSkippable(step.name, texts) ? texts.setup.without[step.name] : "";
  return `<a class="button second" href="${nextPath(view, step)}">${escapeHtml(texts.setup.skip)}</a><p class="hint">${escapeHtml(without)}</p>`;
}

const onward = (view: View, step: Step): string =>
  `<a class="button" href="${nextPath(view, step)}">${escapeHtml(view.texts.setup.next2)}</a>`;

function formOfStep(view: View, step: Step, refused: Refused | null): string {
  // First of all: the stack of XS is small, and the inputs go deep.
  const fields = inputs(view, step.form, refused);
  return stepForm(view, step, refused, fields);
}

function stepForm(view: View, step: Step, refused: Refused | null, fields: string): string {
  const { texts } = view;
  const news = (step.name === "meter" ? meterNews(view) : "") + foundPart(view, step.form.path, step.name);
  const inside = fields + button(texts.setup.next);
  return `${news}${refusal(texts, step.form, refused)}${formOf(view, step.form.path, inside)}${skip(view, step)}`;
}

/** What became of the broker is told before somebody goes on: nobody can tell from its name alone. */
function mqttPage(view: View, step: Step, query: string): StepPage {
  const { texts, model } = view;
  const { setup } = texts;
  const { mqttHost } = model.settings;
  const heading = setup.names.mqtt;
  const tried = asked(query, TRIED);
  if (mqttHost === "" || tried === "") {
    const fields = inputs(view, step.form, pickedBroker(model, query));
    return page(heading, frame(view, step, stepForm(view, step, null, fields)));
  }
  if (model.mqtt === "online") {
    return page(heading, frame(view, step, said(filled(texts.words.brokerAnswers, mqttHost)) + onward(view, step)));
  }
  if (model.wifi !== "joined") {
    const body = said(filled(setup.brokerLater, mqttHost)) + onward(view, step);
    return page(heading, frame(view, step, body));
  }
  if (tried === "1") {
    const body = said(filled(setup.joining, mqttHost));
    return { heading, body: frame(view, step, body), refresh: `${SCAN_S};url=${triedPath(step, 2)}`, scan: false };
  }
  const fields = inputs(view, step.form, silentBroker(texts, mqttHost, model.mqttTrouble));
  return page(heading, frame(view, step, stepForm(view, step, null, fields)));
}

function meterNews({ model, texts }: View): string {
  const heard = model.device === "charger" && model.charger.report === "fresh" && model.settings.meter !== "none";
  return `<p class="card" role="status">${escapeHtml(heard ? texts.setup.meterHeard : texts.setup.meterSilent)}</p>`;
}

function wifiPage(view: View, step: Step, radio: RadioView, query: string, refused: Refused | null): StepPage {
  const { setup } = view.texts;
  const heading = setup.names.wifi;
  const { path } = step.form;
  const found = asked(query, FOUND) !== "";
  const name = asked(query, NAME);
  const chosen = radio.ssid !== "" && asked(query, ANOTHER) === "" && name === "" && refused === null;
  if (chosen && radio.station === "joined") return page(heading, frame(view, step, joinedPart(view, step, radio)));
  if (chosen && radio.station === "joining" && radio.failed === null && !found) {
    const body = said(filled(setup.joining, radio.ssid)) + another(view, path);
    return { heading, body: frame(view, step, body), refresh: JOIN_REFRESH, scan: false };
  }
  if (isSearching(radio, found, refused)) {
    const body = said(setup.scanning) + skip(view, step);
    const refresh = `${SCAN_S};url=${foundPath(step, name)}`;
    return { heading, body: frame(view, step, body), refresh, scan: !radio.scanning };
  }
  return page(heading, frame(view, step, choosing(view, step, radio, refused, name)));
}

const said = (words: string): string => `<p class="card" role="status">${escapeHtml(words)}</p>`;

const another = ({ texts }: View, path: string): string =>
  `<p><a href="${path}?${ANOTHER}=1">${escapeHtml(texts.setup.another)}</a></p>`;

/** The first look begins by itself; while somebody may be typing, no page loads itself again. */
function isSearching(radio: RadioView, found: boolean, refused: Refused | null): boolean {
  if (refused !== null) return false;
  if (found) return radio.scanning;
  return radio.networks.length === 0 && radio.failed === null;
}

function joinedPart(view: View, step: Step, radio: RadioView): string {
  const { setup } = view.texts;
  const address = radio.address ?? view.texts.words.unknown;
  const words = escapeHtml(filled(setup.joined, radio.ssid, address));
  const here = escapeHtml(filled(setup.joinedHere, `http://${address}/`));
  return `<div class="card" role="status"><p>${words}</p><p>${here}</p></div>${onward(view, step)}${another(view, step.form.path)}`;
}

/** `name`: of a hidden network, typed before a search. */
function choosing(view: View, step: Step, radio: RadioView, refused: Refused | null, name: string): string {
  const { texts } = view;
  const { setup } = texts;
  const failed = radio.failed === null || refused !== null ? "" : filled(texts.join[radio.failed], radio.ssid);
  const why = failed === "" ? "" : `<p class="card warn error" role="alert">${escapeHtml(failed)}</p>`;
  const scan = button(setup.scan, ` class="second" name="${GO_FIELD}" value="scan" formnovalidate`);
  const typed = refused ?? typedBefore(name);
  const picked = pickedOf(view, radio, typed);
  const errors = typed?.errors ?? (radio.failed === "password" ? [{ field: "wifiPassword", why: failed }] : []);
  // A network that stands in the list is not typed beside it.
  const hidden = picked.listed ? "" : (fieldOf(typed?.fields ?? [], "wifiSsid") ?? view.model.settings.wifiSsid);
  const shown: Refused = { fields: [["wifiSsid", hidden]], errors };
  const inside = `${networkList(texts, radio, picked)}${inputs(view, step.form, shown)}${button(setup.connect)}${scan}`;
  return `${why}${refusal(texts, step.form, refused)}${formOf(view, step.form.path, inside)}${skip(view, step)}`;
}

const typedBefore = (name: string): Refused | null => {
  const fields = [
    [PICK_FIELD, ""],
    ["wifiSsid", name],
  ] as const;
  return name === "" ? null : { fields, errors: [] };
};

interface Picked {
  /** Null: none. */
  readonly ssid: string | null;
  readonly listed: boolean;
}

/** As it was sent, or else as it is set; empty for a hidden one. */
function pickedOf({ model }: View, radio: RadioView, typed: Refused | null): Picked {
  const { wifiSsid } = model.settings;
  const isListed = (ssid: string | null): boolean => radio.networks.some((one) => one.ssid === ssid);
  const set = wifiSsid === "" ? null : isListed(wifiSsid) ? wifiSsid : "";
  const ssid = typed === null ? set : fieldOf(typed.fields, PICK_FIELD);
  return { ssid, listed: isListed(ssid) };
}

/** One line for each network, by its signal in words; the last is for one that hides its name. */
function networkList(texts: Texts, radio: RadioView, { ssid }: Picked): string {
  const { setup } = texts;
  const lines = radio.networks.map((one) => pickInput(one.ssid, networkWords(texts, one), one.ssid === ssid));
  const hidden = pickInput("", setup.hidden, ssid === "");
  const none = radio.networks.length === 0 ? `<p>${escapeHtml(setup.noNetworks)}</p>` : "";
  return `<fieldset class="pick"><legend>${escapeHtml(setup.list)}</legend>${none}${lines.join("")}${hidden}</fieldset>`;
}

const networkWords = ({ setup }: Texts, { ssid, rssi, open }: Network): string =>
  `${ssid} (${setup.signals[signalOf(rssi)]}${open ? `, ${setup.open}` : ""})`;

/** dBm at which a connection is reliable, usual, slow. */
const SIGNALS = frozen([
  [-60, "strong"],
  [-70, "good"],
  [-80, "weak"],
] as const);

const signalOf = (rssi: number): keyof Texts["setup"]["signals"] =>
  SIGNALS.find(([least]) => rssi >= least)?.[1] ?? "poor";

function summary(view: View, refused: Refused | null): string {
  const { texts, model } = view;
  const { settings } = model;
  const { fields, setup } = texts;
  const none = setup.summaryNone;
  const table = rows([
    [setup.names.wifi, settings.wifiSsid === "" ? (model.radio === null ? "-" : none) : settings.wifiSsid],
    [fields.contractedA.label, `${settings.phases} × ${numeral(texts, settings.contractedA)} A`],
    ...meterRow(texts, model),
    [setup.names.site, settings.siteKey === "" ? setup.summaryAlone : setup.summaryPaired],
    [fields.mqttHost.label, settings.mqttHost === "" ? none : `${settings.mqttHost} (${texts.mqtt[model.mqtt]})`],
    ...accessPointRow(texts, model),
  ]);
  const wrong = refused === null ? "" : doneRefusal(refused);
  return `${table}${wrong}${formOf(view, stepsOf(model.device).at(-1)?.form.path ?? "/", button(setup.finish, ` name="${GO_FIELD}" value="finish"`))}`;
}

const doneRefusal = ({ errors }: Refused): string =>
  `<p class="card warn error" role="alert">${errors.map((one) => escapeHtml(one.why)).join("<br>")} <a href="/setup/2">2</a></p>`;

const meterRow = (texts: Texts, model: PortalModel): readonly (readonly [string, string])[] =>
  model.device === "charger" ? [[texts.setup.names.meter, texts.choices.meter[model.settings.meter]]] : [];

/** How the device is reached without a house; its password is told while set-up is not done, and never again. */
const accessPointRow = (texts: Texts, { radio, settings }: PortalModel): readonly (readonly [string, string])[] =>
  radio === null || settings.setUp
    ? []
    : [[texts.setup.accessPoint, filled(texts.setup.accessPointIs, radio.name, radio.password)]];
