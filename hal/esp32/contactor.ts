// The contactor's coil and its auxiliary contact. When it may close is decided in src/contactor.ts.

import type { ContactorPort } from "../ports.js";
import type { DigitalClass } from "./classes.js";

export interface ContactorPins {
  readonly contactor: number;
  /** An auxiliary contact to ground that follows the main contacts; null: there is none. */
  readonly feedback: number | null;
}

/** The coil is off when this returns, whatever the pin was. */
export function contactorOf(Digital: DigitalClass, pins: ContactorPins): ContactorPort {
  const coil = new Digital({ pin: pins.contactor, mode: Digital.Output, initialValue: 0 });
  coil.write(0);
  const feedback = pins.feedback === null ? null : new Digital({ pin: pins.feedback, mode: Digital.InputPullUp });
  return {
    set: (closed) => coil.write(closed ? 1 : 0),
    closed: () => (feedback === null ? null : feedback.read() === 0),
  };
}
