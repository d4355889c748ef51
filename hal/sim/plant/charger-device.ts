// A charger's board with the car on its cable: pilot line, contactor, the car's own PZEMs, card reader, inputs.

import type { ChargerBoard, Machines } from "./board.js";
import { type Car, createCar } from "./car.js";
import { createContactor } from "./contactor.js";
import { createCommon, type DevicePorts } from "./device.js";
import type { TellFact } from "./facts.js";
import { createFlow } from "./flow.js";
import { createPilotLine, type Line, letterOf } from "./pilot-line.js";
import { createPn532 } from "./pn532.js";
import { createSupply } from "./power.js";
import { createPzemBus } from "./pzem.js";
import { readOf } from "./rules.js";
import type { CarSpec, ChargerConfig, HandState } from "./scenario.js";
import { siteKindOf } from "./site-kind.js";

export interface ChargerPlant extends DevicePorts {
  readonly voltageV: number;
  /** Replies of the PZEMs come in one piece. */
  readonly coarse: boolean;
  readonly tell: TellFact;
  /** Brings all currents up to now; before anything changes that moves them. */
  readonly settle: () => void;
  /** Something that the timeline shows has changed. */
  readonly changed: () => void;
  /** Some charger's firmware has run. */
  readonly ran: () => void;
}

const CARD_HELD_MS = 1_000;
const PROXIMITY_OHMS: Readonly<Record<number, number>> = Object.freeze({ 13: 1_500, 20: 680, 32: 220, 63: 100 });
const PROXIMITY_OPEN = null;
const SELF_TEST_MS = 50;
const ROOM_DECI_C = 250;
const EDGE_MS = 1;
/** Longer than any limit that runs from a change of the line, of the contacts or of the offer. */
const STIRRED_MS = 8_000;
/** An offer grew or shrank. */
const MOVED_MS = 200;
const NO_DIODE_B: Line = Object.freeze({ highV: 9, lowV: -9 });

const sameLine = (a: Line, b: Line): boolean =>
  a === b || (typeof a === "object" && typeof b === "object" && a.highV === b.highV && a.lowV === b.lowV);

interface Drawn {
  readonly amps: number;
  /** Phases that the car uses. */
  readonly used: number;
  readonly list: readonly number[];
}

export type ChargerDevice = ReturnType<typeof createChargerDevice>;

export function createChargerDevice(
  config: ChargerConfig,
  plant: ChargerPlant,
  make: (board: ChargerBoard) => Machines,
) {
  const { agenda, chance, tell } = plant;
  const { id } = config;
  const line = createPilotLine(agenda.now, chance.fork(`${id} adc`));
  const flows = config.wiring.map(createFlow);
  let car: Car | null = null;
  let hand: Line | null = null;
  let residual = false;
  let temperatureDeciC = ROOM_DECI_C;
  let mains = true;
  let floating = true;
  let shown: Line | null = null;
  let hasRun = true;
  let quietAt = 0;
  let drew = false;
  let energyWh = 0;
  let drawn: Drawn = { amps: 0, used: 0, list: config.wiring.map(() => 0) };

  const see = (): void => car?.see(floating ? 10_000 : line.duty(), contactor.closed() && mains);
  const contactor = createContactor(agenda, (closed) => {
    plant.settle();
    stir(STIRRED_MS);
    tell({ kind: "contactor", charger: id, closed, byCoil: contactor.fault() === "none" });
    see();
    plant.changed();
  });
  const common = createCommon(
    id,
    plant,
    () => board.events,
    ({ bytes, genuine }) =>
      tell({
        kind: "delivery",
        charger: id,
        topic: "udp",
        bytes: bytes.length,
        what: genuine && siteKindOf(bytes) === "report" ? "report" : "other",
      }),
    config.fresh,
  );
  const pn532 = createPn532(agenda, (bytes) => board.events?.serial("nfc", bytes));
  const bus = createPzemBus(
    agenda,
    chance.fork(`${id} pzem`),
    plant.voltageV,
    flows.map((flow, index) => ({ address: index + 1, flow })),
    (bytes) => board.events?.serial("pzem", bytes),
    () => undefined,
    plant.coarse,
  );

  const stir = (ms: number): void => {
    quietAt = Math.max(quietAt, agenda.now() + ms);
  };

  function ran(): void {
    hasRun = true;
    plant.ran();
  }

  function lineOf(): Line {
    if (hand !== null) return hand;
    if (car === null) return "A";
    const state = car.state();
    if (car.config.diode) return state;
    return state === "B" ? NO_DIODE_B : "no-diode";
  }

  /** What hangs on the line now; told when it has changed. */
  function present(): void {
    const next = lineOf();
    if (shown !== null && sameLine(next, shown)) return;
    shown = next;
    stir(STIRRED_MS);
    line.present(next);
    const diode = hand === null ? (car?.config.diode ?? true) : hand !== "no-diode";
    tell({ kind: "pilot", charger: id, state: letterOf(next), diode, byHand: hand !== null });
    plant.changed();
  }

  function drive(hundredths: number | null): void {
    plant.settle();
    const began = readOf(hundredths ?? 10_000) > 0 !== readOf(line.duty()) > 0;
    stir(began ? STIRRED_MS : MOVED_MS);
    floating = hundredths === null;
    line.drive(hundredths ?? 10_000);
    tell({ kind: "duty", charger: id, duty: hundredths });
    see();
    plant.changed();
  }

  function takeCar(next: CarSpec | null): void {
    plant.settle();
    const phases = Math.min(next?.phases ?? 1, config.wiring.length);
    car = next === null ? null : createCar({ ...next, phases }, agenda.now(), plant.voltageV);
    hand = null;
    see();
    tell({ kind: "car", charger: id, car: next });
    if (next === null) tellDraw();
    present();
    plant.changed();
  }

  /** The same list as long as it says the same. */
  function drawNow(): readonly number[] {
    const amps = car?.draw() ?? 0;
    const used = amps === 0 ? 0 : (car?.config.phases ?? 0);
    if (amps !== drawn.amps || used !== drawn.used) {
      drawn = { amps, used, list: config.wiring.map((_, index) => (index < used ? amps : 0)) };
    }
    return drawn.list;
  }

  function tellDraw(): void {
    const amps = drawNow();
    const draws = drawn.amps > 0;
    if (draws || drew) {
      tell({ kind: "draw", charger: id, amps, energyWh, socPct: car?.socPct() ?? 0 });
    }
    drew = draws;
  }

  const board: ChargerBoard = {
    id,
    events: null,
    uptimeMs: () => supply.uptimeMs(),
    entropy: common.entropy,
    mac: common.mac,
    hasRadio: common.fresh,
    serial: (port, bytes) => (port === "pzem" ? bus.write(bytes) : pn532.write(bytes)),
    connect: common.connect,
    send: common.send,
    close: common.close,
    datagram: common.datagram,
    announce: common.announce,
    search: common.search,
    radio: common.tellRadio,
    name: common.name,
    pageSend: common.pageSend,
    pageClose: common.pageClose,
    flash: common.flash,
    ran,
    log: common.log,
    restarted: common.restarted,
    restart(why) {
      common.restarts(why);
      tell({ kind: "power", device: id, on: false, cause: "restart" });
      supply.restart();
      tell({ kind: "power", device: id, on: true, cause: "restart" });
    },
    setDuty: drive,
    pilot: line.window,
    setContactor: (closed) => {
      tell({ kind: "coil", charger: id, on: closed });
      contactor.coil(closed);
    },
    contactorClosed: contactor.closed,
    temperatureDeciC: () => temperatureDeciC,
    proximityOhms: () =>
      config.cableA !== config.maxA && car !== null
        ? (PROXIMITY_OHMS[config.cableA] ?? PROXIMITY_OPEN)
        : PROXIMITY_OPEN,
    testResidual: () => void agenda.after(SELF_TEST_MS, () => board.events?.selfTest(true)),
    isQuiet: () => agenda.now() >= quietAt,
    lamp: () => undefined,
  };
  const machines = make(board);
  const supply = createSupply(
    agenda,
    config.clockDriftPct,
    () => machines,
    () => {
      common.cut();
      contactor.coil(false);
      drive(null);
      ran();
    },
    (reason) => {
      ran();
      tell({ kind: "boot", device: id, reason });
      if (residual) board.events?.residual(true);
      plant.changed();
    },
  );

  return {
    id,
    config,
    machines,
    supply,
    board,
    openPage: common.openPage,
    askName: common.askName,
    radio: common.fresh ? common.radio : null,
    flows,
    drawNow,
    contactor,
    /** Whether the firmware has run since this was asked last. */
    hasRun(): boolean {
      const answer = hasRun;
      hasRun = false;
      return answer;
    },
    letter: (): string => (!floating && line.duty() === 0 ? "F" : letterOf(lineOf())),
    hasPwm: (): boolean => !floating && line.duty() > 0 && line.duty() < 10_000,
    offeredA: (): number => (floating ? 0 : Math.round(readOf(line.duty()) * 10) / 10),
    plug: takeCar,
    byHand(state: HandState): void {
      takeCar(null);
      hand = state;
      present();
    },
    /** Brings the car up to now and tells what it draws. */
    advance(fromMs: number, toMs: number): void {
      if (toMs > fromMs) {
        const before = drawNow();
        car?.advance(toMs);
        const after = drawNow();
        for (let index = 0; index < flows.length; index++) {
          const charge = (((before[index] ?? 0) + (after[index] ?? 0)) / 2) * (toMs - fromMs);
          flows[index]?.add(toMs, charge);
          energyWh += (charge * plant.voltageV) / 3_600_000;
        }
      }
      tellDraw();
      present();
    },
    spoil(fault: "welded" | "stuck-open" | "none"): void {
      tell({ kind: "fault", charger: id, contactor: fault });
      contactor.spoil(fault);
    },
    /** One cause leaves the other input as it is; "none" clears both. */
    inputs(cause: "residual" | "temperature" | "none", celsius: number): void {
      const tripped = cause === "residual" || (cause === "temperature" && residual);
      if (tripped !== residual) {
        residual = tripped;
        tell({ kind: "residual", charger: id, tripped });
        agenda.after(EDGE_MS, () => board.events?.residual(tripped));
      }
      stir(STIRRED_MS);
      if (cause === "residual") return;
      temperatureDeciC = cause === "none" ? ROOM_DECI_C : Math.round(celsius * 10);
      tell({ kind: "temperature", charger: id, celsius: temperatureDeciC / 10 });
    },
    button(holdMs: number): void {
      board.events?.button(true);
      agenda.after(holdMs, () => board.events?.button(false));
    },
    card: (uid: string): void => pn532.present(uid, CARD_HELD_MS),
    /** The mains at the contactor. */
    mains(on: boolean): void {
      plant.settle();
      mains = on;
      see();
    },
  };
}
