// Composition root of a charger: the controller machine, and the EVSE machine as a worker of its own.

import Digital from "embedded:io/digital";
import I2C from "embedded:io/i2c";
import Serial from "embedded:io/serial";
import Listener from "embedded:io/socket/listener";
import TCP from "embedded:io/socket/tcp";
import UDP from "embedded:io/socket/udp";
import flash from "embedded:storage/flash";
import keyValue from "embedded:storage/key-value";
import config from "mc/config";
import FFI from "mc/ffi";
// biome-ignore lint/style/useNodejsImportProtocol: the SDK has a module of this name; Node is not here.
import net from "net";
import Time from "time";
import Timer from "timer";
import WiFi from "wifi";
import Worker from "worker";
import {
  type Controller,
  type ControllerEffect,
  type ControllerEvent,
  startController,
  stepController,
} from "../../src/controller.js";
import { chargerBoardOf } from "./board-config.js";
import { EVSE_CREATION, fromEvse } from "./crossing.js";
import { networkOf } from "./network.js";
import { buttonOf, lampOf } from "./panel.js";
import { pn532I2cOf } from "./pn532-i2c.js";
import { serialOf } from "./serial.js";
import { clockOf, shellOf } from "./shell.js";
import { tls } from "./tls-session.js";

const PERIOD_MS = 100;
const PZEM_BAUD = 9_600;
const NFC_BAUD = 115_200;
/** The module of evse-worker.ts, by the name that the manifest gives it. */
const EVSE_MODULE = "hal/esp32/evse-worker";

export default function charger(): void {
  // First: it makes the outputs safe. Its messages come in turns of their own, when all below is there.
  const evse = new Worker(EVSE_MODULE, EVSE_CREATION);
  const natives = new FFI();
  natives.ievcc_watchdog_leave();
  const board = chargerBoardOf(config);
  const now = clockOf(() => Time.ticks);
  const network = networkOf(
    { TCP, UDP, Listener, WiFi, net, Timer, flash, keyValue, natives, tls, trace: (text) => trace(text) },
    board.ethernet,
  );
  const lamp = lampOf(Digital, board.lamp);
  const pzem = serialOf(Serial, board.pzem, PZEM_BAUD, (bytes) => shell.post({ kind: "serial", port: "pzem", bytes }));
  const heardCard = (bytes: Uint8Array): void => shell.post({ kind: "serial", port: "nfc", bytes });
  const { nfc } = board;
  const cardI2c = nfc !== null && "i2c" in nfc ? pn532I2cOf(I2C, nfc.i2c, heardCard) : null;
  const card = nfc !== null && "serial" in nfc ? serialOf(Serial, nfc.serial, NFC_BAUD, heardCard) : cardI2c;

  const shell = shellOf<Controller, ControllerEvent, ControllerEffect>(
    { Timer, now },
    {
      start: (at) => startController(network.boot, at),
      step: stepController,
      act,
      onBug: (why) => natives.ievcc_restart(`bug in the controller machine: ${why}`),
    },
  );

  function act(effect: ControllerEffect): void {
    switch (effect.kind) {
      case "lease":
      case "setup":
        return evse.postMessage(effect);
      case "serial":
        return effect.port === "pzem" ? pzem.write(effect.bytes) : card?.write(effect.bytes);
      case "lamp":
        return lamp.show(effect.show.lamp, effect.show.blinks);
      case "look":
        evse.postMessage(effect);
        return network.act(effect);
      default:
        return network.act(effect);
    }
  }

  evse.onmessage = (message) => {
    const event = fromEvse(message);
    if (event !== null) shell.post(event);
  };
  const button = buttonOf({ Digital, now }, board.button, (pressed) => shell.post({ kind: "button", pressed }));
  network.open((event: ControllerEvent) => shell.post(event));
  Timer.repeat(() => {
    cardI2c?.poll();
    button.look();
    lamp.refresh(now());
    shell.post({ kind: "tick" });
  }, PERIOD_MS);
}
