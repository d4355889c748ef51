// Composition root of a meter: one machine.

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
import { type MeterEffect, type MeterEvent, type MeterNode, startMeter, stepMeter } from "../../src/meter-node.js";
import { meterBoardOf } from "./board-config.js";
import { networkOf } from "./network.js";
import { oledOf } from "./oled.js";
import { serialOf } from "./serial.js";
import { clockOf, shellOf } from "./shell.js";
import { tls } from "./tls-session.js";

const PERIOD_MS = 100;
const PZEM_BAUD = 9_600;

export default function meter(): void {
  const natives = new FFI();
  natives.ievcc_watchdog_leave();
  natives.ievcc_watchdog_join();
  const board = meterBoardOf(config);
  const now = clockOf(() => Time.ticks);
  const network = networkOf(
    { TCP, UDP, Listener, WiFi, net, Timer, flash, keyValue, natives, tls, trace: (text) => trace(text) },
    board.ethernet,
  );
  const oled = board.oled === null ? null : oledOf(I2C, board.oled);
  const pzem = serialOf(Serial, board.pzem, PZEM_BAUD, (bytes) => shell.post({ kind: "serial", bytes }));

  const shell = shellOf<MeterNode, MeterEvent, MeterEffect>(
    { Timer, now },
    {
      start: (at) => startMeter(network.boot, at),
      step: stepMeter,
      act,
      onBug: (why) => natives.ievcc_restart(`bug in the meter: ${why}`),
    },
  );

  function act(effect: MeterEffect): void {
    switch (effect.kind) {
      case "serial":
        return pzem.write(effect.bytes);
      case "text":
        return oled?.text(effect.lines);
      default:
        return network.act(effect);
    }
  }

  network.open((event: MeterEvent) => shell.post(event));
  Timer.repeat(() => {
    oled?.refresh();
    shell.post({ kind: "tick" });
    natives.ievcc_watchdog_feed();
  }, PERIOD_MS);
}
