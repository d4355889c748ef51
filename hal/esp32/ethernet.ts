// The cable of a board with the chip's own Ethernet. The C behind it is ours: the SDK's knows only boards whose PHY brings
// the clock.

import type { Natives, TimerModule } from "./classes.js";

export interface EthernetPins {
  readonly address: number;
  readonly power: number;
  readonly mdc: number;
  readonly mdio: number;
  /** The chip gives the PHY its 50 MHz here. */
  readonly clock: number;
}

const LOOK_MS = 200;
const START_AGAIN_MS = 10_000;

/** `linked` gets each change, at the latest 200 ms after it. False: the PHY does not answer now; it is asked again each 10 s. */
export function ethernetOf(
  sdk: { readonly natives: Natives; readonly Timer: TimerModule },
  { address, power, mdc, mdio, clock }: EthernetPins,
  linked: (up: boolean) => void,
): boolean {
  const start = (): boolean => {
    const started = sdk.natives.ievcc_ethernet_start(address, power, mdc, mdio, clock) === 0;
    if (!started) sdk.Timer.set(start, START_AGAIN_MS);
    return started;
  };
  let last = false;
  sdk.Timer.repeat(() => {
    const up = sdk.natives.ievcc_ethernet_up() === 1;
    if (up === last) return;
    last = up;
    linked(up);
  }, LOOK_MS);
  return start();
}
