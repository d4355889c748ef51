// A plain charger behind a Manager, with the plant's car: offers what it is granted, closes when the car asks, and opens when
// it has stopped. None of the pauses and spacings of a real one: the figures are to show the Manager, not the charger.

import type { StreamEvent } from "../../hal/sim/plant/board.js";
import { type Car, createCar } from "../../hal/sim/plant/car.js";
import type { TellFact } from "../../hal/sim/plant/facts.js";
import type { CarSpec, ChargerConfig } from "../../hal/sim/plant/scenario.js";
import { dutyFor } from "../../src/pilot.js";
import { fromAmps, milliamps } from "../../src/units.js";
import type { Wire } from "./connection.js";
import { createMember } from "./member.js";

export interface ManagedCharger {
  readonly id: string;
  plug(car: CarSpec | null): void;
  /** Brings the car up to now, and then acts: to be called each 100 ms. */
  step(): void;
  /** A car is there that is not full, and draws nothing. */
  waits(): boolean;
}

export interface ManagedSurroundings {
  readonly voltageV: number;
  readonly nowMs: () => number;
  readonly open: (events: (event: StreamEvent) => void) => Wire;
  readonly tell: TellFact;
}

const SECOND = 1_000;
const NO_OFFER = 10_000;
const MIN_A = 6;
/** What the judge need not be told at once, A. */
const FINE = 0.02;

export function createManagedCharger(config: ChargerConfig, world: ManagedSurroundings): ManagedCharger {
  const { nowMs, tell } = world;
  const { id } = config;
  const member = createMember({ device: "charger", id, topic: `ievcc/${id}` }, nowMs, world.open);
  let car: Car | null = null;
  let isFull = false;
  let closed = false;
  let duty = NO_OFFER;
  let told = 0;

  function contacts(close: boolean): void {
    if (close === closed) return;
    closed = close;
    tell({ kind: "contactor", charger: id, closed, byCoil: true });
  }

  /** A car that leaves C by itself, while it is offered current, is full. */
  function act(one: Car): void {
    const offer = Math.min(member.grantedA(), config.maxA, config.cableA);
    const hundredths = dutyFor(fromAmps(offer));
    if (hundredths !== duty) tell({ kind: "duty", charger: id, duty: hundredths });
    duty = hundredths;
    const asks = one.state() === "C";
    if (closed && !asks && offer >= MIN_A) isFull = true;
    contacts(asks && (closed || offer >= MIN_A));
    one.see(duty, closed);
  }

  function tellDraw(one: Car): void {
    const amps = one.draw();
    const second = nowMs() % SECOND === 0;
    if (amps === told || (Math.abs(amps - told) < FINE && !second && amps > 0)) return;
    told = amps;
    const draws = Array.from({ length: one.config.phases }, () => amps);
    tell({ kind: "draw", charger: id, amps: draws, energyWh: 0, socPct: one.socPct() });
  }

  function speak(): void {
    member.tick();
    const used = car?.config.phases ?? 0;
    const load = config.wiring.map((_, index) => milliamps(index < used ? Math.ceil(SECOND * (car?.draw() ?? 0)) : 0));
    member.tell({ kind: "charger", wants: car !== null && !isFull, load });
  }

  return {
    id,
    plug(spec) {
      car = spec === null ? null : createCar(spec, nowMs(), world.voltageV);
      isFull = false;
      tell({ kind: "car", charger: id, car: spec });
      if (car !== null) return;
      contacts(false);
      tell({ kind: "duty", charger: id, duty: NO_OFFER });
      tell({ kind: "draw", charger: id, amps: [0], energyWh: 0, socPct: 0 });
      duty = NO_OFFER;
      told = 0;
    },
    step() {
      if (car !== null) {
        car.advance(nowMs());
        act(car);
        tellDraw(car);
      }
      if (nowMs() % SECOND === 0) speak();
    },
    waits: () => car !== null && !isFull && car.draw() <= 0 && car.socPct() < 100,
  };
}
