// What a charger's controller and a meter have in common: settings in flash, an MQTT session, and pages.
// It knows neither amps nor PZEMs; whoever composes it gives the view of the pages and takes the messages.

import { countBoot } from "./boot-count.js";
import { logged, NO_LOG } from "./device-log.js";
import { accessPointName, answeredName, reopenedAccessPoint, stepRadio } from "./device-radio.js";
import {
  announce,
  inSession,
  publish,
  reconnect,
  sessionEvent,
  sessionOf,
  speaksAnew,
  withdraw,
} from "./device-session.js";
import type { Device, DeviceBoot, DeviceEffect, DeviceEvent, Outcome, Restart } from "./device-state.js";
import { restartWhenDue, tidyStore } from "./device-store.js";
import { consoleWords, withSecrets } from "./first-secrets.js";
import { FLASH_MAP, inRegion } from "./flash-map.js";
import { type Finding, isOtherPresence, lasting, type Presence, presenceOf, search, withAnswer } from "./found.js";
import { frozen } from "./frozen.js";
import { NOTHING_ANNOUNCED } from "./home-assistant.js";
import { type ChargerAct, isOfCharger } from "./portal/acts.js";
import { answerAsked, type DeviceAct, NO_CONNECTIONS, type PagesEvent, stepPages } from "./portal/connections.js";
import { drawn, startLogins } from "./portal/logins.js";
import type { PortalModel } from "./portal/model.js";
import { change, type Settings, type SettingsError } from "./settings.js";
import { sameValue } from "./settings-checks.js";
import { load } from "./settings-store.js";
import { forget, keep } from "./trust.js";
import { type Millis, millis, minus, plus, unixSeconds } from "./units.js";
import { startWifi, type WifiEvent } from "./wifi.js";

export type {
  Boot,
  Device,
  DeviceBoot,
  DeviceEffect,
  DeviceEvent,
  Outcome,
  Received,
  StreamEvent,
} from "./device-state.js";
export { publish };

export interface DeviceStep {
  readonly device: Device;
  readonly effects: readonly DeviceEffect[];
  readonly outcomes: readonly Outcome[];
}

/** Of the words of a restart: a bug's may be long. */
const RESTARTED_LIMIT = 96;

const WARNINGS = frozen({
  damaged: "The newest settings in flash were damaged; the last good ones are in use.",
  newer: "The newest settings in flash were written by a newer software; the last ones that fit are in use.",
} as const);
const NONE_LEFT = frozen({
  damaged: "All settings in flash were damaged; those that the device was made with are in use.",
  newer: "All settings in flash were written by a newer software; those that the device was made with are in use.",
  absent: null,
} as const);

export function startDevice(
  boot: DeviceBoot,
  now: Millis,
): {
  readonly device: Device;
  readonly effects: readonly DeviceEffect[];
  readonly boots: number;
} {
  const loaded = load(inRegion(boot.sectors, FLASH_MAP.settings));
  const found = loaded.ok ? loaded.settings : boot.initial;
  const logins = startLogins(boot.secret, boot.mac.slice(-4));
  const settings = withSecrets(found, logins, boot.radio);
  const ssid = accessPointName(boot.mac);
  const warning = loaded.ok ? (loaded.warning === null ? null : WARNINGS[loaded.warning]) : NONE_LEFT[loaded.why];
  const counted = countBoot(inRegion(boot.sectors, FLASH_MAP.boots), FLASH_MAP.boots.first);
  const device: Device = {
    kind: boot.kind,
    settings,
    store: loaded.store,
    pageSize: boot.pageSize,
    // What newer software wrote stays the newest until somebody here changes a setting.
    unsaved: settings !== found && !(!loaded.ok && loaded.why === "newer"),
    session: sessionOf(boot.kind, settings, boot.entropy, 0),
    online: false,
    linkUp: false,
    cableUp: false,
    wifi: boot.radio ? startWifi(now) : null,
    mac: boot.mac,
    announcement: NOTHING_ANNOUNCED,
    ssid,
    clock: null,
    connections: NO_CONNECTIONS,
    asked: null,
    logins,
    seed: boot.entropy,
    warnings: warning === null ? [] : [warning],
    log: NO_LOG,
    restarted: boot.restarted.slice(0, RESTARTED_LIMIT),
    lookedAt: null,
    freeMemory: null,
    finding: null,
    restart: null,
  };
  const effects: DeviceEffect[] = [
    { kind: "log", text: `restarted: ${device.restarted}` },
    ...counted.ops,
    ...consoleWords(settings, ssid, boot.radio),
  ];
  if (warning !== null) effects.push({ kind: "log", text: warning });
  return { device: tidyStore(device, true, effects), effects, boots: counted.boot };
}

/** `mayErase`: no contactor is closed, so that an erase may stop the chip, and the device may restart. */
export function stepDevice(device: Device, event: DeviceEvent, mayErase: boolean, now: Millis): DeviceStep {
  const effects: DeviceEffect[] = [];
  const outcomes: Outcome[] = [];
  const next = take(device, event, effects, outcomes, now);
  if (event.kind !== "tick") return { device: next, effects, outcomes };
  const tidy = tidyStore(next, mayErase, effects);
  return { device: mayErase ? restartWhenDue(tidy, effects, now) : tidy, effects, outcomes };
}

/** The device with the lines of these effects in its log; whoever composes it gives all of a step. */
export function withLog(
  device: Device,
  effects: readonly { readonly kind: string; readonly text?: string }[],
  now: Millis,
): Device {
  const log = logged(device.log, effects, now);
  return log === device.log ? device : { ...device, log };
}

function take(device: Device, event: DeviceEvent, effects: DeviceEffect[], outcomes: Outcome[], now: Millis): Device {
  switch (event.kind) {
    case "tick":
      return pages(
        announce(
          inSession(inRadio(withoutOld(device, now), event, effects, now), event, effects, outcomes, now),
          effects,
          now,
        ),
        event,
        effects,
        now,
      );
    case "radio":
    case "called":
      return inRadio(device, event, effects, now);
    case "name":
      effects.push(...answeredName(device, event.from, event.bytes));
      return device;
    case "stream":
      return inSession(device, sessionEvent(event.id, event.event), effects, outcomes, now);
    case "link":
      return linked({ ...device, cableUp: event.up }, effects, now);
    case "page":
      return pages(device, event, effects, now);
    case "datagram":
    case "sector":
      return device;
    case "clock":
      return { ...device, clock: { unix: event.unix, at: now, told: true } };
    case "memory":
      return { ...device, freeMemory: event.free };
    case "found":
      return withFinding(device, withAnswer(device.finding, event.answer, device.settings.id, now));
    case "set":
      return setting(device, event.patch, effects, now);
  }
}

function inRadio(device: Device, event: WifiEvent, effects: DeviceEffect[], now: Millis): Device {
  const next = stepRadio(device, event, effects, now);
  return next === device ? device : linked(next, effects, now);
}

/** The session hears of a link that comes or goes, by the cable or by the radio. */
function linked(device: Device, effects: DeviceEffect[], now: Millis): Device {
  const up = device.cableUp || device.wifi?.station === "joined";
  if (up === device.linkUp) return device;
  effects.push({ kind: "announce", as: up ? presence(device) : null });
  return inSession({ ...device, linkUp: up }, { kind: "link", up }, effects, [], now);
}

const presence = ({ kind, settings, ssid }: Device): Presence => presenceOf(kind, settings, ssid);
const withFinding = (device: Device, finding: Finding | null): Device =>
  finding === device.finding ? device : { ...device, finding };
const withoutOld = (device: Device, now: Millis): Device => withFinding(device, lasting(device.finding, now));

function pages(device: Device, event: PagesEvent, effects: DeviceEffect[], now: Millis): Device {
  const { connections, logins } = device;
  const stepped = stepPages({ connections, logins }, event, now);
  effects.push(...stepped.effects);
  const { asked } = stepped;
  return asked === null && stepped.pages.connections === connections ? device : { ...device, ...stepped.pages, asked };
}

/** Answers what a page was asked for, if anything was. Whoever composes the device calls it once its step is done and not
 *  from within: a page is made deep within, and the device's stack is short. */
export function answerPage(device: Device, model: PortalModel, mayErase: boolean, now: Millis): DeviceStep {
  const effects: DeviceEffect[] = [];
  const outcomes: Outcome[] = [];
  if (device.asked === null) return { device, effects, outcomes };
  const { pages: left, ...answered } = answerAsked(device, device.asked, model, now);
  effects.push(...answered.effects);
  let next: Device = { ...device, ...left, asked: null };
  if (answered.change !== null) next = setting(next, answered.change, effects, now);
  for (const act of answered.acts) {
    if (isOfCharger(act)) outcomes.push({ kind: "asked", act });
    else next = does(next, act, mayErase, effects, now);
  }
  if (next.restart !== device.restart && !mayErase) {
    effects.push({ kind: "log", text: "the restart waits until the contactor is open" });
  }
  return { device: next, effects, outcomes };
}

/** The answer to whoever asked for it still has to leave. */
const RESTART_AFTER: Millis = millis(1_000);

function does(
  device: Device,
  act: Exclude<DeviceAct, ChargerAct>,
  mayErase: boolean,
  effects: DeviceEffect[],
  now: Millis,
): Device {
  switch (act.kind) {
    case "scan":
      return inRadio(device, act, effects, now);
    case "look":
      return looks(device, effects, now);
    case "search":
      return withFinding(device, search(device.finding, effects, now));
    case "clock":
      return byPhone(device, act.unix, now);
    case "restart":
      return { ...device, restart: restartFor(act.kind, now) };
    case "factoryReset": {
      const { settings } = device;
      const gone = withdraw({ ...device, settings: { ...settings, homeAssistant: false } }, settings, effects, now);
      return { ...gone, settings, restart: restartFor(act.kind, now) };
    }
    case "newSiteKey":
      return drawsSetting(device, "siteKey", "site key", effects, now);
    case "newApiToken":
      return drawsSetting(device, "apiToken", "API token", effects, now);
    case "certificates":
      return certificates(device, act, mayErase, effects, now);
  }
}

/** A secret of 128 bits that nobody can foresee. */
function drawsSetting(
  device: Device,
  name: "siteKey" | "apiToken",
  what: string,
  effects: DeviceEffect[],
  now: Millis,
): Device {
  const logins = { ...device.logins, count: device.logins.count + 1 };
  return setting({ ...device, logins }, { [name]: drawn(device.logins, what) }, effects, now);
}

const NONE_KEPT = frozen({ ops: [], kept: "" });

/** An erase would stop the chip while a car charges: then all stays as it is. */
function certificates(
  device: Device,
  { of, parts }: Extract<DeviceAct, { readonly kind: "certificates" }>,
  mayErase: boolean,
  effects: DeviceEffect[],
  now: Millis,
): Device {
  if (!mayErase) {
    effects.push({ kind: "log", text: "certificates stay as they are while the contactor may be closed" });
    return device;
  }
  const { ops, kept } = parts.length === 0 ? NONE_KEPT : keep(of, device.settings[of], parts, device.pageSize);
  effects.push(...ops);
  const next = setting(device, { [of]: kept }, effects, now);
  effects.push(...forget(of, kept));
  return next;
}

/** However many look: the EVSE machine has other things to do. */
const LOOK_PERIOD: Millis = millis(1_000);

function looks(device: Device, effects: DeviceEffect[], now: Millis): Device {
  if (device.lookedAt !== null && minus(now, device.lookedAt) < LOOK_PERIOD) return device;
  effects.push({ kind: "look" });
  return { ...device, lookedAt: now };
}

const restartFor = (asked: "restart" | "factoryReset", now: Millis): Restart => ({
  why: asked === "restart" ? "asked by a page" : "reset to the factory's settings by a page",
  at: plus(now, RESTART_AFTER),
  forgets: asked === "factoryReset",
});

/** The time of somebody's phone is better than none, and no better than the network's. */
const byPhone = (device: Device, unix: number, now: Millis): Device =>
  device.clock?.told === true ? device : { ...device, clock: { unix: unixSeconds(unix), at: now, told: false } };

function setting(device: Device, patch: unknown, effects: DeviceEffect[], now: Millis): Device {
  const changed = change(device.settings, patch);
  if (!changed.ok) {
    effects.push({ kind: "log", text: `settings refused: ${wordsOf(changed.errors)}` });
    return device;
  }
  const { settings } = changed;
  if (sameValue(settings, device.settings)) return device;
  const kept = tidyStore({ ...device, settings, unsaved: true }, false, effects);
  effects.push(...reopenedAccessPoint(kept, device.settings));
  if (kept.linkUp && isOtherPresence(device.settings, settings)) {
    effects.push({ kind: "announce", as: presence(kept) });
  }
  const told = withdraw(kept, device.settings, effects, now);
  const next = joinsAnew(device.settings, settings) ? inRadio(told, { kind: "tick" }, effects, now) : told;
  return speaksAnew(device.settings, settings) ? reconnect(next, effects, now) : next;
}

/** At once: the page that is asked for next tells what became of it, and must not tell of the network before. */
const joinsAnew = (before: Settings, after: Settings): boolean =>
  after.wifiSsid !== before.wifiSsid || after.wifiPassword !== before.wifiPassword;

const wordsOf = (errors: readonly SettingsError[]): string =>
  errors.map(({ field, why }) => `${field}: ${why}`).join("; ");
