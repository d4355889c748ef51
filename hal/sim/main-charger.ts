// Composition root of a simulated charger: the EVSE machine and the controller machine on one board.

import type { ControllerEffect, ControllerEvent } from "../../src/controller.js";
import type { EvseEffect, EvseEvent } from "../../src/evse.js";
import { parsePerson } from "../../src/people.js";
import { change, type Settings } from "../../src/settings.js";
import { decicelsius, millis, ohms, pilotMillivolts, unixSeconds, wattHours } from "../../src/units.js";
import { bootOf, openStream, startedOr } from "./boot.js";
import { flashWriter } from "./flash.js";
import { createMachine, every, type Machine, type Timer } from "./machine.js";
import type { BoardEvents, ChargerBoard, Machines, PilotWindow } from "./plant/board.js";
import type { DeviceWords, Engine, EvseWords } from "./programs.js";

const EVSE_PERIOD = 20;
/** Sampling keeps the EVSE machine busy for the last 6 ms of each period. */
const SAMPLING = 6;
const CONTROLLER_PERIOD = 100;
/** One of so many periods is enough, in a coarse run while nothing happens. */
const COARSE_SAMPLES = 5;
const COARSE_TICKS = 2;
/** A message from one machine to the other. */
const CROSSING = 1;

interface Running {
  readonly controller: Machine<ControllerEvent>;
  evseWords(): EvseWords;
  controllerWords(): DeviceWords;
  /** By the clock that it was told last. */
  unixS(): number;
  stop(): void;
}

/** `version`: how much newer the format is that it speaks to its site. `coarse`: while nothing happens at the board the
 *  machines are asked less often. */
export function simCharger(
  engine: Engine,
  timer: () => Timer,
  board: ChargerBoard,
  initial: Settings,
  version = 0,
  coarse = false,
): Machines {
  let running: Running | null = null;
  let hangs = false;

  function start(): void {
    running?.stop();
    running = startedOr(timer(), board, () => run(engine, timer(), board, initial, version, coarse));
    if (hangs) running?.controller.hang();
  }

  return {
    start(reason) {
      if (reason === "power") hangs = false;
      start();
    },
    stop() {
      running?.stop();
      running = null;
    },
    hang(curedByRestart) {
      hangs = !curedByRestart;
      running?.controller.hang();
    },
    busy: (ms) => running?.controller.block(ms),
    person(name, rights) {
      if (running === null) return "the device is off";
      const parsed = parsePerson({ name, ...rights });
      if (!parsed.ok) return parsed.errors.map(({ field, why }) => `${field}: ${why}`).join("; ");
      running.controller.post({ kind: "asked", act: { kind: "person", id: "byName", person: parsed.person } });
      return null;
    },
    ask({ boost, delayS, needKWh, withinS }) {
      const wall = running?.unixS() ?? 0;
      const by = needKWh > 0 ? { by: unixSeconds(wall + withinS), need: wattHours(needKWh * 1_000) } : null;
      const delayUntil = delayS > 0 ? unixSeconds(wall + delayS) : null;
      running?.controller.post({ kind: "asked", act: { kind: "shot", shot: { boost, delayUntil, departure: by } } });
    },
    set(patch) {
      if (running === null) return "the device is off";
      const [settings] = running.controllerWords();
      const changed = change(settings, patch);
      if (!changed.ok) return changed.errors.map(({ field, why }) => `${field}: ${why}`).join("; ");
      running.controller.post({ kind: "set", patch });
      return null;
    },
    words() {
      if (running === null) return { state: "off", mode: initial.mode, because: "none", role: "member" };
      const [{ mode, member }, leads] = running.controllerWords();
      const [state, because] = running.evseWords();
      return { state, mode, because, role: member ? (leads ? "arbiter" : "member") : "alone" };
    },
  };
}

function run(
  engine: Engine,
  timer: Timer,
  board: ChargerBoard,
  initial: Settings,
  version: number,
  coarse: boolean,
): Running {
  const uptime = (): number => Math.floor(board.uptimeMs());
  const now = millis(uptime());
  let on = true;
  const cross = (act: () => void): void => {
    timer.after(CROSSING, () => {
      if (on) act();
    });
  };

  const evseBrain = engine.evse(null, now);
  const startedAt = timer.now();
  const evse = createMachine<EvseEvent, EvseEffect>(timer, {
    brain: evseBrain,
    act: (effect) => actEvse(effect),
    onBug: (why) => board.restart(`bug in the EVSE machine: ${why}`),
    uptime,
    ran: board.ran,
    busyFor: () => {
      const into = (timer.now() - startedAt) % EVSE_PERIOD;
      return into > EVSE_PERIOD - SAMPLING ? EVSE_PERIOD - into : 0;
    },
  });

  for (const effect of evseBrain.effects) actEvse(effect);
  const controllerBrain = openOr(() => engine.controller(bootOf(board, initial, version), now), evse.stop);
  const controller = createMachine<ControllerEvent, ControllerEffect>(timer, {
    brain: controllerBrain,
    act: (effect) => actController(effect),
    onBug: (why) => board.restart(`bug in the controller machine: ${why}`),
    uptime,
    ran: board.ran,
  });
  const flash = flashWriter(
    timer,
    board.flash,
    (ms) => {
      evse.block(ms);
      controller.block(ms);
    },
    (sector, bytes) => controller.post({ kind: "sector", sector, bytes }),
  );

  function actEvse(effect: EvseEffect): void {
    switch (effect.kind) {
      case "setContactor":
        return board.setContactor(effect.closed);
      case "setDuty":
        return board.setDuty(effect.duty);
      case "testResidual":
        return board.testResidual();
      case "status":
        return cross(() => controller.post({ kind: "status", status: effect.status }));
      case "measured":
        return cross(() => controller.post({ kind: "measured", measured: effect.measured }));
      case "restart":
        return board.restart(effect.why);
    }
  }

  function actController(effect: ControllerEffect): void {
    switch (effect.kind) {
      case "lease":
        return cross(() => evse.post({ kind: "lease", lease: effect.lease }));
      case "setup":
        return cross(() => evse.post({ kind: "setup", setup: effect.setup }));
      case "look":
        return cross(() => evse.post({ kind: "look" }));
      case "serial":
        return board.serial(effect.port, effect.bytes);
      case "lamp":
        return board.lamp(effect.show.lamp, effect.show.blinks);
      case "connect":
        return openStream(flash, board, effect);
      case "send":
        return board.send(effect.id, effect.bytes);
      case "close":
        return board.close(effect.id);
      case "datagram":
        return board.datagram(effect.to, effect.bytes);
      case "announce":
        return board.announce(effect.as);
      case "search":
        return board.search();
      case "radio":
        return board.radio(effect.act);
      case "name":
        return board.name(effect.to, effect.bytes);
      case "pageSend":
        return board.pageSend(effect.connection, effect.bytes);
      case "pageClose":
        return board.pageClose(effect.connection);
      case "write":
      case "erase":
      case "read":
        return flash.add(effect);
      case "restart":
        return flash.afterwards(() => board.restart(effect.why));
      case "log":
      case "console":
        return board.log(effect.text);
    }
  }

  let told = { unixS: 0, at: 0 };
  const events: BoardEvents = {
    residual: (tripped) => evse.post({ kind: "residual", tripped }),
    selfTest: (ok) => evse.post({ kind: "selfTest", ok }),
    button: (pressed) => controller.post({ kind: "button", pressed }),
    serial: (port, bytes) => controller.post({ kind: "serial", port, bytes }),
    stream: (id, event) => controller.post({ kind: "stream", id, event }),
    page: (connection, event) => controller.post({ kind: "page", connection, event }),
    link: (up) => controller.post({ kind: "link", up }),
    radio: (event) => controller.post({ kind: "radio", event }),
    name: (from, bytes) => controller.post({ kind: "name", from, bytes }),
    clock(unixS) {
      told = { unixS: Math.floor(unixS), at: timer.now() };
      controller.post({ kind: "clock", unix: unixSeconds(told.unixS) });
    },
    datagram: (from, bytes) => controller.post({ kind: "datagram", from, bytes }),
    found: (answer) => controller.post({ kind: "found", answer }),
  };
  board.events = events;
  for (const effect of controllerBrain.effects) actController(effect);

  const sample = (): void =>
    evse.post({
      kind: "inputs",
      samples: samplesOf(board.pilot()),
      feedback: board.contactorClosed(),
      temperature: decicelsius(Math.round(board.temperatureDeciC())),
      proximity: proximityOf(board),
    });
  const tick = (): void => controller.post({ kind: "tick" });
  const oneOf = (turns: number, act: () => void): (() => void) => (coarse ? seldom(board.isQuiet, turns, act) : act);
  const stopSampling = every(timer, EVSE_PERIOD, EVSE_PERIOD, oneOf(COARSE_SAMPLES, sample));
  const stopTicks = every(timer, CONTROLLER_PERIOD, CONTROLLER_PERIOD, oneOf(COARSE_TICKS, tick));

  return {
    controller,
    evseWords: evseBrain.words,
    controllerWords: controllerBrain.words,
    unixS: () => told.unixS + Math.floor((timer.now() - told.at) / 1_000),
    stop() {
      on = false;
      evse.stop();
      controller.stop();
      flash.stop();
      stopSampling();
      stopTicks();
      board.events = null;
    },
  };
}

/** Does `act` each time, or while it is quiet one of so many times. */
function seldom(isQuiet: () => boolean, turns: number, act: () => void): () => void {
  let turn = 0;
  return () => {
    turn = (turn + 1) % turns;
    if (turn === 0 || !isQuiet()) act();
  };
}

/** What opens; when it does not, what was opened before is stopped. */
function openOr<Opened>(open: () => Opened, stop: () => void): Opened {
  try {
    return open();
  } catch (error) {
    stop();
    throw error;
  }
}

const samplesOf = ({ count, high, low }: PilotWindow) => ({
  count,
  high: [pilotMillivolts(high[0]), pilotMillivolts(high[1]), pilotMillivolts(high[2])] as const,
  low: [pilotMillivolts(low[0]), pilotMillivolts(low[1]), pilotMillivolts(low[2])] as const,
});

function proximityOf(board: ChargerBoard) {
  const resistance = board.proximityOhms();
  return resistance === null ? null : ohms(Math.round(resistance));
}
