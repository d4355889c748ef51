// Runs inside a machine: makes the pages of a charger again and again, bytes and all, so that their cost can be counted.

import { NO_CONNECTIONS, type Pages, type PagesEvent, stepPages } from "../../src/portal/connections.js";
import { historyPoints, noted, POINT_PERIOD, POINTS, startHistory } from "../../src/portal/history.js";
import { encodeResponse } from "../../src/portal/http.js";
import { cookieOf, opened, startLogins, type Visitor } from "../../src/portal/logins.js";
import type { ChargerModel } from "../../src/portal/model.js";
import { answer } from "../../src/portal/portal.js";
import { SCRIPT } from "../../src/portal/script.js";
import { STYLE } from "../../src/portal/style.js";
import { DEFAULTS, parse, type Settings } from "../../src/settings.js";
import { encodeText, textLength } from "../../src/text.js";
import { deciamps, milliamps, millis, unixSeconds } from "../../src/units.js";

const OWNER: Visitor = Object.freeze({
  visit: Object.freeze({ token: "0".repeat(32), csrf: "k3y0f7h", seenAt: millis(0) }),
  allowed: true,
  csrf: "k3y0f7h",
});

/** Six hours of a house and a car that never stay the same. */
function history() {
  let all = startHistory();
  for (let at = 0; at < POINTS; at++) {
    const facts = { house: [milliamps(1_000 * (at % 13))], car: [milliamps(1_000 * (at % 29))], limit: deciamps(160) };
    all = noted(all, facts, millis(at * POINT_PERIOD));
  }
  return historyPoints(all);
}

function settingsIn(language: "en" | "pt"): Settings {
  const parsed = parse({ language, setUp: true, portalPassword: "not-told-here", priceCents: 15 });
  return parsed.ok ? parsed.settings : DEFAULTS;
}

function model(language: "en" | "pt"): ChargerModel {
  return {
    device: "charger",
    settings: settingsIn(language),
    now: millis(POINTS * POINT_PERIOD),
    unix: unixSeconds(1_795_300_500),
    radio: null,
    log: [],
    restarted: "power",
    freeMemory: null,
    tallies: [],
    version: "0.1.0",
    refusedMessages: 0,
    warnings: [],
    wifi: "joined",
    address: "192.168.1.20",
    mqtt: "online",
    house: [milliamps(12_340)],
    charger: {
      state: "charging",
      offer: deciamps(90),
      because: "site",
      runnerUp: { name: "rating", amps: deciamps(320) },
      heldFor: millis(12_000),
      draw: [milliamps(8_700)],
      contactorClosed: true,
      fault: null,
      evse: true,
      report: "fresh",
      timer: "none",
      session: { id: 1, name: null, cost: null, currency: 0, since: millis(0), energyWh: 12_340 },
      measured: null,
      reader: { phase: "polling", failures: 0, heardAt: null },
      card: null,
      people: { book: new Uint8Array(0), month: 82, enrolling: null, enrolled: null, refused: [] },
      plan: null,
      kept: 896,
      writing: false,
    },
    history: history(),
  };
}

/** Length of the bytes that a browser would get. */
export function page(path: string, query: string, language: "en" | "pt"): number {
  const request = { method: "GET", path, query, host: "192.168.1.20", headers: [], body: "" };
  return encodeResponse(answer(request, model(language), OWNER).response).length;
}

/** What comes before a page is made, to be taken off. */
export function nothing(_path: string, _query: string, language: "en" | "pt"): number {
  return model(language).history.length;
}

const { logins, visit } = opened(startLogins([1, 2], "a1b2"), millis(0));
const MODEL = model("pt");
/** What the device remembers between two packets. */
const device: { pages: Pages } = { pages: { connections: NO_CONNECTIONS, logins } };

function give(event: Extract<PagesEvent, { kind: "page" }>["event"]): number {
  const { pages, effects } = stepPages(device.pages, { kind: "page", connection: 1, event }, () => MODEL, millis(0));
  device.pages = pages;
  return effects.reduce((sum, one) => (one.kind === "pageSend" ? sum + one.bytes.length : sum), 0);
}

/** Somebody who has logged in begins to post so many bytes, this token of the form's first. */
export function posting(path: string, length: number): void {
  const token = `csrf=${visit.csrf}`;
  const cookie = cookieOf(logins, visit).split(";")[0];
  give({ what: "open" });
  give({
    what: "bytes",
    bytes: encodeText(
      `POST ${path} HTTP/1.1\r\nHost: 192.168.1.20\r\nCookie: ${cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${token.length + length}\r\n\r\n${token}`,
    ),
  });
}

/** One more packet of it. Length of the answer, 0 while there is none. */
export const packet = (text: string): number => give({ what: "bytes", bytes: encodeText(text) });

export const assets = (): readonly number[] => [textLength(STYLE), textLength(SCRIPT)];
