// Composition root of the EVSE machine: a worker with its own memory, its own task and the higher priority. It alone feeds
// the watchdog. What it decides is src/evse.ts.

import Analog from "embedded:io/analog";
import Digital from "embedded:io/digital";
import PWM from "embedded:io/pwm";
import config from "mc/config";
import FFI from "mc/ffi";
import Time from "time";
import Timer from "timer";
import { contactorClosed, dutyOut, type EvseEffect, type EvseEvent, startEvse, stepEvse } from "../../src/evse.js";
import { slowInputsOf } from "./board.js";
import { chargerBoardOf } from "./board-config.js";
import { contactorOf } from "./contactor.js";
import { fromController, type ToController } from "./crossing.js";
import { pilotOf } from "./pilot.js";
import { residualOf } from "./residual.js";
import { clockOf, shellOf } from "./shell.js";

const PERIOD_MS = 20;

export default function evseMachine(): void {
  const board = chargerBoardOf(config);
  // Before anything else: contactor open, pilot at +12 V.
  const contactor = contactorOf(Digital, board.evse);
  const ticks = (): number => Time.ticks;
  const pilot = pilotOf({ PWM, Analog, ticks }, board.evse, board.calibration);
  const natives = new FFI();
  natives.ievcc_watchdog_leave();
  natives.ievcc_watchdog_join();

  const slow = slowInputsOf(Analog, board.evse);
  const now = clockOf(ticks);
  const tell = (message: ToController): void => self.postMessage(message);
  let feeds = true;

  /** Outputs first: the chip's reset does the same, a few milliseconds later. */
  function restart(why: string): void {
    feeds = false;
    contactor.set(false);
    natives.ievcc_restart(why);
  }

  const shell = shellOf<ReturnType<typeof startEvse>, EvseEvent, EvseEffect>(
    { Timer, now },
    {
      start(at) {
        const state = startEvse(at);
        return {
          state,
          effects: [
            { kind: "setContactor", closed: contactorClosed(state) },
            { kind: "setDuty", duty: dutyOut(state) },
          ],
        };
      },
      step: stepEvse,
      act,
      onBug: (why) => restart(`bug in the EVSE machine: ${why}`),
    },
  );
  const residual =
    board.residual === null
      ? null
      : residualOf(
          { Digital, Timer },
          board.residual,
          (tripped) => shell.post({ kind: "residual", tripped }),
          (ok) => shell.post({ kind: "selfTest", ok }),
        );

  function act(effect: EvseEffect): void {
    switch (effect.kind) {
      case "setContactor":
        return contactor.set(effect.closed);
      case "setDuty":
        return pilot.write(effect.duty);
      case "testResidual":
        return residual?.test();
      case "status":
      case "measured":
        return tell(effect);
      case "restart":
        return restart(effect.why);
    }
  }

  self.onmessage = (message) => {
    const event = fromController(message);
    if (event !== null) shell.post(event);
  };
  Timer.repeat(() => {
    residual?.tripped();
    shell.post({
      kind: "inputs",
      samples: pilot.sample(),
      feedback: contactor.closed(),
      temperature: slow.temperature(),
      proximity: slow.proximity(),
    });
    if (feeds) natives.ievcc_watchdog_feed();
  }, PERIOD_MS);
}
