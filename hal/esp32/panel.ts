// The charger's front: a lamp of three colours and a button to ground. What they mean is decided in src/panel.ts and
// src/controller.ts.

import type { Lamp } from "../ports.js";
import type { DigitalClass } from "./classes.js";

export interface LampPins {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

const BLINK_MS = 500;
/** Blinks in a row are faster, and end with a pause in which the lamp shines. */
const COUNT_MS = 250;
const COUNT_PAUSE_MS = 1_500;

type Colour = keyof LampPins;

/** The colour that is lit at this time, null: dark. */
export function litAt(lamp: Lamp, blinks: number, now: number): Colour | null {
  switch (lamp) {
    case "off":
      return null;
    case "blinking-blue":
      return shines(blinks, now, true) ? "blue" : null;
    case "blinking-red":
      return shines(blinks, now, true) ? "red" : null;
    case "green":
    case "blue":
    case "red":
      return shines(blinks, now, false) ? lamp : null;
  }
}

function shines(blinks: number, now: number, always: boolean): boolean {
  if (blinks === 0) return !always || Math.floor(now / BLINK_MS) % 2 === 0;
  const at = now % (2 * COUNT_MS * blinks + COUNT_PAUSE_MS);
  if (at >= 2 * COUNT_MS * blinks) return !always;
  return Math.floor(at / COUNT_MS) % 2 === 1;
}

/** Null: the board has none. `refresh` is to be called about ten times a second. */
export function lampOf(Digital: DigitalClass, pins: LampPins | null) {
  const pin = (number: number) => new Digital({ pin: number, mode: Digital.Output, initialValue: 0 });
  const lights = pins === null ? null : { red: pin(pins.red), green: pin(pins.green), blue: pin(pins.blue) };
  let lamp: Lamp = "off";
  let blinks = 0;
  return {
    show(next: Lamp, count: number): void {
      lamp = next;
      blinks = count;
    },
    refresh(now: number): void {
      if (lights === null) return;
      const lit = litAt(lamp, blinks, now);
      lights.red.write(lit === "red" ? 1 : 0);
      lights.green.write(lit === "green" ? 1 : 0);
      lights.blue.write(lit === "blue" ? 1 : 0);
    },
  };
}

const BOUNCE_MS = 30;

/** A bounce is no press: after a change the button is not believed for 30 ms. `look` is to be called about ten times a second, for a change whose edge was lost. */
export function buttonOf(
  sdk: { readonly Digital: DigitalClass; now(): number },
  pin: number,
  changed: (pressed: boolean) => void,
): { look(): void } {
  const { Digital } = sdk;
  let pressed = false;
  let changedAt = -BOUNCE_MS;
  const button = new Digital({
    pin,
    mode: Digital.InputPullUp,
    edge: Digital.Rising | Digital.Falling,
    onReadable: () => look(),
  });
  function look(): void {
    const now = sdk.now();
    const down = button.read() === 0;
    if (down === pressed || now - changedAt < BOUNCE_MS) return;
    pressed = down;
    changedAt = now;
    changed(down);
  }
  return { look };
}
