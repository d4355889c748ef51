// Set-up in steps: each says what it is for, what will not work without it, and leads to the next.

import { frozen } from "../frozen.js";
import type { Network } from "../wifi.js";
import { PICK_FIELD, type Step, stepsOf } from "./fields.js";
import { escapeHtml, fieldOf } from "./form.js";
import { brokerNews, button, formOf, inputs, pickInput, type Refused, refusal } from "./form-page.js";
import type { PortalModel, RadioView } from "./model.js";
import { GO_FIELD } from "./patch.js";
import { rows } from "./status-page.js";
import { filled, numeral, type Texts } from "./texts/texts.js";
import type { View } from "./view.js";

/** What the address says beside the step: look at the networks again though one is joined. */
export const ANOTHER = "another=1";
/** After a search, whatever it found. */
export const FOUND = "found=1";
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

export function stepPage(view: View, step: Step, query: string, refused: Refused | null): StepPage {
  const heading = view.texts.setup.names[step.name];
  if (step.name === "done") return page(heading, frame(view, step, summary(view, refused)));
  if (step.name !== "wifi") return page(heading, frame(view, step, formOfStep(view, step, refused)));
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
  const { texts } = view;
  const news = step.name === "meter" ? meterNews(view) : "";
  const inside = inputs(view, step.form, refused) + button(texts.setup.next);
  return `${news}${brokerNews(view, step.form)}${refusal(texts, step.form, refused)}${formOf(view, step.form.path, inside)}${skip(view, step)}`;
}

function meterNews({ model, texts }: View): string {
  const heard = model.device === "charger" && model.charger.report === "fresh" && model.settings.meter !== "none";
  return `<p class="card" role="status">${escapeHtml(heard ? texts.setup.meterHeard : texts.setup.meterSilent)}</p>`;
}

function wifiPage(view: View, step: Step, radio: RadioView, query: string, refused: Refused | null): StepPage {
  const { setup } = view.texts;
  const heading = setup.names.wifi;
  const { path } = step.form;
  const chosen = radio.ssid !== "" && query !== ANOTHER && refused === null;
  if (chosen && radio.station === "joined") return page(heading, frame(view, step, joinedPart(view, step, radio)));
  if (chosen && radio.station === "joining" && radio.failed === null && query !== FOUND) {
    const body = said(filled(setup.joining, radio.ssid)) + another(view, path);
    return { heading, body: frame(view, step, body), refresh: JOIN_REFRESH, scan: false };
  }
  if (isSearching(radio, query, refused)) {
    const body = said(setup.scanning) + skip(view, step);
    return { heading, body: frame(view, step, body), refresh: `${SCAN_S};url=${path}?${FOUND}`, scan: !radio.scanning };
  }
  return page(heading, frame(view, step, choosing(view, step, radio, refused)));
}

const said = (words: string): string => `<p class="card" role="status">${escapeHtml(words)}</p>`;

const another = ({ texts }: View, path: string): string =>
  `<p><a href="${path}?${ANOTHER}">${escapeHtml(texts.setup.another)}</a></p>`;

/** The first look begins by itself; while somebody may be typing, no page loads itself again. */
function isSearching(radio: RadioView, query: string, refused: Refused | null): boolean {
  if (refused !== null || radio.failed !== null) return false;
  return query === FOUND ? radio.scanning : radio.networks.length === 0;
}

function joinedPart(view: View, step: Step, radio: RadioView): string {
  const { setup } = view.texts;
  const address = radio.address ?? view.texts.words.unknown;
  const words = escapeHtml(filled(setup.joined, radio.ssid, address));
  const here = escapeHtml(filled(setup.joinedHere, `http://${address}/`));
  return `<div class="card" role="status"><p>${words}</p><p>${here}</p></div>${onward(view, step)}${another(view, step.form.path)}`;
}

function choosing(view: View, step: Step, radio: RadioView, refused: Refused | null): string {
  const { texts } = view;
  const { setup } = texts;
  const failed = radio.failed === null ? "" : joinRefusal(texts, radio.ssid, radio.failed);
  const why =
    failed === "" || refused !== null ? "" : `<p class="card warn error" role="alert">${escapeHtml(failed)}</p>`;
  const scan = button(setup.scan, ` class="second" name="${GO_FIELD}" value="scan" formnovalidate`);
  const inside = `${networkList(view, radio, refused)}${inputs(unlisted(view, radio), step.form, refused)}${button(setup.connect)}${scan}`;
  return `${why}${refusal(texts, step.form, refused)}${formOf(view, step.form.path, inside)}${skip(view, step)}`;
}

/** A network that stands in the list is not typed beside it. */
function unlisted(view: View, radio: RadioView): View {
  const { model } = view;
  if (!radio.networks.some((one) => one.ssid === model.settings.wifiSsid)) return view;
  return { ...view, model: { ...model, settings: { ...model.settings, wifiSsid: "" } } };
}

const joinRefusal = (texts: Texts, ssid: string, failed: NonNullable<RadioView["failed"]>): string =>
  filled(texts.join[failed], ssid);

/** One line for each network, by its signal in words; the last is for one that hides its name. */
function networkList({ texts, model }: View, radio: RadioView, refused: Refused | null): string {
  const { setup } = texts;
  const ssid = refused === null ? model.settings.wifiSsid : fieldOf(refused.fields, PICK_FIELD);
  const lines = radio.networks.map((one) => pickInput(one.ssid, networkWords(texts, one), one.ssid === ssid));
  const isListed = radio.networks.some((one) => one.ssid === ssid);
  const hidden = pickInput("", setup.hidden, !isListed && ssid !== null && ssid !== "");
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
