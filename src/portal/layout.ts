// The frame of every page: head, navigation, heading. Nothing is loaded from elsewhere.

import { frozen } from "../frozen.js";
import { escapeHtml } from "./form.js";
import type { PortalModel } from "./model.js";
import { SCRIPT_LINK } from "./script.js";
import { STYLE_LINK } from "./style.js";
import type { Texts } from "./texts/texts.js";
import type { View } from "./view.js";

export interface Page {
  readonly path: string;
  readonly title: keyof Texts["titles"];
}

const page = (path: string, title: keyof Texts["titles"]): Page => frozen({ path, title });

export const STATUS: Page = page("/", "status");
export const SETTINGS: Page = page("/settings", "settings");
export const LOGIN: Page = page("/login", "login");
export const SETUP: Page = page("/setup/1", "setup");
export const RESTORE: Page = page("/restore", "restore");
export const RESET: Page = page("/reset", "reset");
const MODE: Page = page("/mode", "mode");
const HOME: Page = page("/home", "home");
export const ACCESS: Page = page("/access", "access");
const NETWORK: Page = page("/network", "network");
const MQTT: Page = page("/mqtt", "mqtt");
const FEEDS: Page = page("/feeds", "feeds");
export const CERTIFICATES: Page = page("/certificates", "certificates");
export const API: Page = page("/api", "api");
export const SITE: Page = page("/site", "site");
export const LOG: Page = page("/log", "log");
export const BACKUP: Page = page("/backup", "backup");
export const DEVICE: Page = page("/device", "device");
export const DIAGNOSTICS: Page = page("/diagnostics", "diagnostics");
export const PEOPLE: Page = page("/people", "people");
export const SESSIONS: Page = page("/sessions", "sessions");
export const TARIFF: Page = page("/tariff", "tariff");
export const SCHEDULE: Page = page("/schedule", "schedule");

/** Those that are always one touch away. */
const NAVIGATION: Readonly<Record<PortalModel["device"], readonly Page[]>> = frozen({
  charger: [STATUS, SETTINGS, SITE, LOG],
  meter: [STATUS, NETWORK, MQTT, SETTINGS],
});
/** Of a charger that asks for a card: whoever looks after it has to do with people more often than with the site. */
const OF_PEOPLE: readonly Page[] = frozen([STATUS, PEOPLE, SESSIONS, SETTINGS]);

const LISTED: Readonly<Record<PortalModel["device"], readonly Page[]>> = frozen({
  charger: [
    MODE,
    SCHEDULE,
    PEOPLE,
    SESSIONS,
    TARIFF,
    HOME,
    ACCESS,
    SITE,
    NETWORK,
    MQTT,
    CERTIFICATES,
    API,
    BACKUP,
    LOG,
    DEVICE,
    SETUP,
  ],
  meter: [HOME, SITE, NETWORK, MQTT, CERTIFICATES, FEEDS, API, BACKUP, LOG, DEVICE, SETUP],
});

/** `free`: no card is needed. */
export const navigationOf = (device: PortalModel["device"], free = true): readonly Page[] =>
  device === "charger" && !free ? OF_PEOPLE : NAVIGATION[device];

/** The pages behind the list of settings, in its order. */
export const listedPages = (device: PortalModel["device"]): readonly Page[] => LISTED[device];

/** Pages that anybody finds who looks for them: not the steps, not those that ask whether. */
export const pagesOf = (device: PortalModel["device"]): readonly Page[] => [
  STATUS,
  SETTINGS,
  ...LISTED[device].filter((one) => one !== SETUP),
  RESTORE,
  DIAGNOSTICS,
];

export interface Frame {
  readonly page: Page;
  /** Heading, where it is not the page's title. */
  readonly heading?: string;
  /** To be printed: without navigation. */
  readonly bare?: true;
}

/** A whole page around a body that is HTML already. */
export const layout = (view: View, frame: Frame, body: string): string => pageStart(view, frame) + body + PAGE_END;

export const PAGE_END = "</main></body></html>";

/** A page up to its heading. */
export function pageStart(view: View, { page, heading, bare }: Frame): string {
  const { model, texts } = view;
  const title = heading ?? texts.titles[page.title];
  const name = escapeHtml(model.settings.id);
  const clock = model.unix === null && view.csrf !== "" ? ` data-clock="${escapeHtml(view.csrf)}"` : "";
  return `<!DOCTYPE html><html lang="${texts.lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escapeHtml(title)} - ${name}</title><link rel="icon" href="data:,"><link rel="stylesheet" href="${STYLE_LINK}"><script src="${SCRIPT_LINK}" defer></script></head><body${clock}>${bare ? "" : navigation(view, page)}<main><h1>${escapeHtml(title)} <small>${name}</small></h1>`;
}

/** None for those who are not let in, and none before set-up is done: its steps lead on. */
function navigation({ model, texts, csrf }: View, current: Page): string {
  if (csrf === "" || !model.settings.setUp) return "";
  const all = navigationOf(model.device, model.settings.freeCharging).map(
    (one) =>
      `<a href="${one.path}"${one === current ? ' aria-current="page"' : ""}>${escapeHtml(texts.titles[one.title])}</a>`,
  );
  return `<nav aria-label="${escapeHtml(texts.words.pages)}">${all.join("")}</nav>`;
}

/** The list of settings: every page with what lies behind it. */
export function settingsBody({ model, texts }: View): string {
  const items = LISTED[model.device].map(({ path, title }) => {
    const about = isAbout(texts, title) ? texts.about[title] : "";
    return `<li><a href="${path}">${escapeHtml(texts.titles[title])}<small>${escapeHtml(about)}</small></a></li>`;
  });
  return `<ul class="list">${items.join("")}</ul>`;
}

const isAbout = (texts: Texts, title: string): title is keyof Texts["about"] => Object.hasOwn(texts.about, title);
