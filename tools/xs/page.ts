// Runs inside a machine: makes the pages of a charger again and again, bytes and all, so that their cost can be counted.

import { enterPerson, parsePerson } from "../../src/people.js";
import { answerAsked, NO_CONNECTIONS, type Pages, type PagesEvent, stepPages } from "../../src/portal/connections.js";
import { historyPoints, noted, POINT_PERIOD, POINTS, startHistory } from "../../src/portal/history.js";
import { encodeResponse } from "../../src/portal/http.js";
import { cookieOf, opened, startLogins, type Visitor } from "../../src/portal/logins.js";
import type { ChargerModel } from "../../src/portal/model.js";
import { answer } from "../../src/portal/portal.js";
import { SCRIPT } from "../../src/portal/script.js";
import { STYLE } from "../../src/portal/style.js";
import { DEFAULTS, parse, type Settings } from "../../src/settings.js";
import { type Book, merged } from "../../src/site-book.js";
import { encodeText, textLength } from "../../src/text.js";
import { deciamps, milliamps, millis, unixSeconds, wattHours } from "../../src/units.js";
import { usageRecord } from "../../src/usage.js";

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

const MONTH = 82;
const PEOPLE = 100;

/** A hundred people, each with two cards and rights, and what they used at two chargers: as full as a site's book may be. */
function crowd(): Book {
  let book: Book = new Uint8Array(0);
  for (let at = 0; at < PEOPLE; at++) {
    const cards = at % 3 === 0 ? [`04A1B2C3D4E${100 + at}`, `5CBBE${100 + at}`] : [];
    const parsed = parsePerson({ name: `Maria da Silva ${at}`, cards, maxA: 16, monthlyKWh: 100 });
    const entered = parsed.ok ? enterPerson(book, parsed.person, { chance: at * 7 }) : parsed;
    if (!entered.ok) throw new Error(entered.errors.map(({ field, why }) => `${field} ${why}`).join());
    book = merged(book, entered.records).book;
    const used = at % 2 === 0 ? usageRecord(1, entered.id, MONTH, wattHours(12_340)) : null;
    if (used !== null) book = merged(book, used).book;
  }
  return book;
}

const HOURS = { days: "12345", from: "22:00", to: "08:00", limitA: 10 };
const SCHEDULE = {
  windows: Array.from({ length: 14 }, () => HOURS),
  departures: Array.from({ length: 7 }, () => ({ days: "12345", at: "07:30", needWh: 12_000 })),
};
const TARIFF = { currency: "EUR", vatPct: 23, plan: "pt-tri-weekly", prices: [0.09, 0.15, 0.2] };

function settingsIn(language: "en" | "pt"): Settings {
  const own = { timeZone: "Europe/Lisbon", freeCharging: false, tariff: TARIFF, schedule: SCHEDULE };
  const parsed = parse({ language, setUp: true, portalPassword: "not-told-here", priceCents: 15, ...own });
  return parsed.ok ? parsed.settings : DEFAULTS;
}

/** Made before a page is counted, and the same for each. */
const CROWD = crowd();

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
    otherMeter: null,
    warnings: [],
    wifi: "joined",
    address: "192.168.1.20",
    host: "ievcc-a1b2.local",
    mqtt: "online",
    mqttTrouble: null,
    found: null,
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
      card: { uid: "1122AABB", answer: "unknown", at: millis(POINTS * POINT_PERIOD) },
      people: { book: CROWD, month: MONTH, enrolling: null, enrolled: null, refused: [] },
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
  const { pages, asked } = stepPages(device.pages, { kind: "page", connection: 1, event }, millis(0));
  device.pages = pages;
  if (asked === null) return 0;
  const answered = answerAsked(pages, asked, MODEL, millis(0));
  device.pages = answered.pages;
  return answered.effects.reduce((sum, one) => (one.kind === "pageSend" ? sum + one.bytes.length : sum), 0);
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

/** Somebody who has logged in asks for a page: as the device answers, from the packet on. Length of the answer. */
export function looked(target: string): number {
  const cookie = cookieOf(logins, visit).split(";")[0];
  give({ what: "open" });
  return give({
    what: "bytes",
    bytes: encodeText(`GET ${target} HTTP/1.1\r\nHost: 192.168.1.20\r\nCookie: ${cookie}\r\n\r\n`),
  });
}

/** One more packet of it. Length of the answer, 0 while there is none. */
export const packet = (text: string): number => give({ what: "bytes", bytes: encodeText(text) });

export const assets = (): readonly number[] => [textLength(STYLE), textLength(SCRIPT)];
