// Composition root of a simulated meter: one machine on its board.

import type { MeterEffect, MeterEvent } from "../../src/meter-node.js";
import { change, type Settings } from "../../src/settings.js";
import { millis, unixSeconds } from "../../src/units.js";
import { bootOf, openStream, startedOr } from "./boot.js";
import { flashWriter } from "./flash.js";
import { createMachine, every, type Machine, type Timer } from "./machine.js";
import type { Machines, MeterBoard } from "./plant/board.js";
import type { DeviceWords, Engine } from "./programs.js";

const PERIOD = 100;

interface Running {
  readonly machine: Machine<MeterEvent>;
  words(): DeviceWords;
  stop(): void;
}

export function simMeter(engine: Engine, timer: () => Timer, board: MeterBoard, initial: Settings): Machines {
  let running: Running | null = null;
  let hangs = false;
  return {
    start(reason) {
      if (reason === "power") hangs = false;
      running?.stop();
      running = startedOr(timer(), board, () => run(engine, timer(), board, initial));
      if (hangs) running?.machine.hang();
    },
    stop() {
      running?.stop();
      running = null;
    },
    hang(curedByRestart) {
      hangs = !curedByRestart;
      running?.machine.hang();
    },
    busy: (ms) => running?.machine.block(ms),
    set(patch) {
      if (running === null) return "the device is off";
      const [settings] = running.words();
      const changed = change(settings, patch);
      if (!changed.ok) return changed.errors.map(({ field, why }) => `${field}: ${why}`).join("; ");
      running.machine.post({ kind: "set", patch });
      return null;
    },
    words: () => ({ state: running === null ? "off" : "on", mode: "auto", because: "none", role: "arbiter" }),
  };
}

function run(engine: Engine, timer: Timer, board: MeterBoard, initial: Settings): Running {
  const uptime = (): number => Math.floor(board.uptimeMs());
  const brain = engine.meter(bootOf(board, initial), millis(uptime()));
  const machine = createMachine<MeterEvent, MeterEffect>(timer, {
    brain,
    act: (effect) => act(effect),
    onBug: (why) => board.restart(`bug in the meter: ${why}`),
    uptime,
  });
  const flash = flashWriter(
    timer,
    board.flash,
    (ms) => machine.block(ms),
    (sector, bytes) => machine.post({ kind: "sector", sector, bytes }),
  );

  function act(effect: MeterEffect): void {
    switch (effect.kind) {
      case "serial":
        return board.serial("pzem", effect.bytes);
      case "text":
        return board.text(effect.lines);
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
      case "look":
        return;
      case "log":
      case "console":
        return board.log(effect.text);
    }
  }

  board.events = {
    residual: () => undefined,
    selfTest: () => undefined,
    button: () => undefined,
    serial: (_port, bytes) => machine.post({ kind: "serial", bytes }),
    stream: (id, event) => machine.post({ kind: "stream", id, event }),
    page: (connection, event) => machine.post({ kind: "page", connection, event }),
    link: (up) => machine.post({ kind: "link", up }),
    radio: (event) => machine.post({ kind: "radio", event }),
    name: (from, bytes) => machine.post({ kind: "name", from, bytes }),
    clock: (unixS) => machine.post({ kind: "clock", unix: unixSeconds(Math.floor(unixS)) }),
    datagram: (from, bytes) => machine.post({ kind: "datagram", from, bytes }),
    found: (answer) => machine.post({ kind: "found", answer }),
  };
  for (const effect of brain.effects) act(effect);
  const stopTicks = every(timer, PERIOD, PERIOD, () => machine.post({ kind: "tick" }));
  return {
    machine,
    words: brain.words,
    stop() {
      machine.stop();
      flash.stop();
      stopTicks();
      board.events = null;
    },
  };
}
