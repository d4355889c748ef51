// What announces itself on the local network, on the pages where it is of use: a broker to pick, a meter that is there.
// A link of the list fills a form and saves nothing: who has picked a broker sees its address, and types the password then.

import type { Found, FoundBroker } from "../found.js";
import { frozen } from "../frozen.js";
import { escapeHtml, fieldOf, parseForm } from "./form.js";
import type { Refused } from "./form-page.js";
import type { PortalModel } from "./model.js";
import { filled } from "./texts/texts.js";
import type { View } from "./view.js";

/** In the address of a page: look again, and the broker that was picked. */
const AGAIN = "again";
const BROKER = "broker";
/** Seconds until a page that waits for answers loads itself again. */
const REFRESH_S = 4;

/** By the path of a page, or the name of a step of set-up. */
const BROKERS: readonly string[] = frozen(["/mqtt", "mqtt"]);
const METERS: readonly string[] = frozen(["/home", "meter"]);

export const showsFound = ({ device }: PortalModel, place: string): boolean =>
  BROKERS.includes(place) || (device === "charger" && METERS.includes(place));

const askedOf = (query: string, name: string): string => {
  const parsed = parseForm(query);
  return (parsed.ok ? fieldOf(parsed.fields, name) : null) ?? "";
};

/** Somebody looks, and the network is to be asked: for the first time, or once more. */
export const asksAround = (model: PortalModel, query: string): boolean =>
  model.wifi === "joined" && (model.found === null || waits(model, query));

/** Somebody wants to see what answers now. */
export const waits = ({ wifi }: PortalModel, query: string): boolean =>
  wifi === "joined" && askedOf(query, AGAIN) !== "";

/** As the header Refresh has it. */
export const refreshTo = (path: string): string => `${REFRESH_S};url=${path}`;

export const waiting = ({ texts }: View): string =>
  `<p class="card" role="status">${escapeHtml(texts.found.waiting)}</p>`;

const isBroker = (one: Found): one is FoundBroker => one.kind === "broker";
const keyOf = ({ address, port, tls }: FoundBroker): string => `${address}-${port}-${tls ? "tls" : "plain"}`;

/** The broker that was picked, as the inputs of its form. One that is not in the list came with a link of somebody else. */
export function pickedBroker({ found }: PortalModel, query: string): Refused | null {
  const picked = askedOf(query, BROKER);
  const one = found?.list.filter(isBroker).find((each) => keyOf(each) === picked);
  if (one === undefined) return null;
  const fields = [
    ["mqttHost", one.address],
    ["mqttPort", String(one.port)],
    ["mqttTls", one.tls ? "yes" : "no"],
  ] as const;
  return { fields, errors: [] };
}

/** What was found, where it is of use; empty elsewhere. `place`: the path, or the name of a step. */
export function foundPart(view: View, path: string, place = path): string {
  if (view.model.wifi !== "joined" || !showsFound(view.model, place)) return "";
  const { found } = view.texts;
  return BROKERS.includes(place)
    ? section(view, found.brokers, brokers(view, path), path)
    : section(view, found.meters, meters(view), path);
}

/** Each is a link that fills the form. */
function brokers({ model, texts: { found } }: View, path: string): readonly string[] {
  const list = model.found?.list.filter(isBroker) ?? [];
  const links = list.map((one) => {
    const words = filled(found.broker, one.name, `${one.address}:${one.port}`, one.tls ? found.encrypted : found.plain);
    return `<a class="button second" href="${path}?${BROKER}=${keyOf(one)}#mqttHost">${escapeHtml(words)}</a>`;
  });
  return links.length === 0 ? links : [...links, `<p class="hint">${escapeHtml(found.pick)}</p>`];
}

/** What they say proves nothing: whether one is heard is said elsewhere, by the site's key. */
function meters({ model, texts: { found } }: View): readonly string[] {
  const list = model.found?.list.filter((one) => one.kind === "meter") ?? [];
  return list.map(({ name, address, siteId }) => {
    const words = siteId === model.settings.siteId ? found.ourMeter : found.otherMeter;
    return `<p>${escapeHtml(filled(words, name, address, siteId))}</p>`;
  });
}

function section({ model, texts: { found } }: View, heading: string, lines: readonly string[], path: string): string {
  const none = model.found?.searching === false ? found.none : found.searching;
  const body = lines.length === 0 ? `<p class="hint">${escapeHtml(none)}</p>` : lines.join("");
  return `<div class="card"><p>${escapeHtml(heading)}</p>${body}<p><a href="${path}?${AGAIN}=1">${escapeHtml(found.again)}</a></p></div>`;
}
