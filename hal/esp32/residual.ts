// The residual-current device's output and its test input. What follows from a trip is decided in src/evse.ts.

import type { DigitalClass, TimerModule } from "./classes.js";

export interface ResidualPins {
  /** High while it has tripped; a broken wire is pulled high. */
  readonly trip: number;
  readonly test: number;
}

export interface ResidualPort {
  tripped(): boolean;
  test(): void;
}

/** The device answers a test within 300 ms by its output, and must let go after it. */
const TEST_MS = 300;
const RELEASE_MS = 300;

/** `changed` gets each change of the output, `answered` the end of each self-test: tripped while it was asked, and not after. */
export function residualOf(
  sdk: { readonly Digital: DigitalClass; readonly Timer: TimerModule },
  pins: ResidualPins,
  changed: (tripped: boolean) => void,
  answered: (ok: boolean) => void,
): ResidualPort {
  const { Digital, Timer } = sdk;
  const test = new Digital({ pin: pins.test, mode: Digital.Output, initialValue: 0 });
  let last = false;
  let testing = false;
  const trip = new Digital({
    pin: pins.trip,
    mode: Digital.InputPullUp,
    edge: Digital.Rising | Digital.Falling,
    onReadable: () => look(),
  });
  function look(): boolean {
    const now = trip.read() === 1;
    if (now !== last) {
      last = now;
      changed(now);
    }
    return now;
  }
  return {
    tripped: look,
    test() {
      if (testing) return;
      testing = true;
      test.write(1);
      Timer.set(() => {
        const seen = look();
        test.write(0);
        Timer.set(() => {
          testing = false;
          answered(seen && !look());
        }, RELEASE_MS);
      }, TEST_MS);
    },
  };
}
