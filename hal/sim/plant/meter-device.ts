// The meter's board: one PZEM for each phase of the house (or the grid), and after them one for each phase of the roof.

import type { Machines, MeterBoard } from "./board.js";
import { createCommon, type DevicePorts } from "./device.js";
import type { TellFact } from "./facts.js";
import { createFlow } from "./flow.js";
import { createSupply } from "./power.js";
import { createPzemBus, type Module } from "./pzem.js";

export interface MeterPlant extends DevicePorts {
  readonly voltageV: number;
  readonly phases: number;
  readonly measures: "house" | "grid";
  readonly hasRoof: boolean;
  readonly tell: TellFact;
}

export type MeterDevice = ReturnType<typeof createMeterDevice>;

export function createMeterDevice(plant: MeterPlant, make: (board: MeterBoard) => Machines) {
  const { agenda, chance, tell, phases, measures } = plant;
  const id = "meter";
  const main = Array.from({ length: phases }, createFlow);
  const roof = Array.from({ length: plant.hasRoof ? phases : 0 }, createFlow);
  const modules: readonly Module[] = [...main, ...roof].map((flow, index) => ({ address: index + 1, flow }));
  const common = createCommon(id, plant, () => board.events);
  const bus = createPzemBus(
    agenda,
    chance.fork("meter pzem"),
    plant.voltageV,
    modules,
    (bytes) => board.events?.serial("pzem", bytes),
    (address, amps) => {
      const isRoof = address > phases;
      tell({
        kind: "meterReply",
        address,
        role: isRoof ? "solar" : measures,
        phase: isRoof ? address - phases : address,
        milliamps: Math.round(amps * 1_000),
        intact: true,
      });
    },
  );
  const board: MeterBoard = {
    id,
    events: null,
    uptimeMs: () => supply.uptimeMs(),
    entropy: common.entropy,
    mac: common.mac,
    hasRadio: common.fresh,
    serial: (_port, bytes) => bus.write(bytes),
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
    ran: () => undefined,
    log: common.log,
    restarted: common.restarted,
    restart(why) {
      common.restarts(why);
      supply.restart();
    },
    text: () => undefined,
  };
  const machines = make(board);
  const supply = createSupply(
    agenda,
    0,
    () => machines,
    () => {
      common.cut();
      bus.power(false);
    },
    (reason) => {
      bus.power(true);
      tell({ kind: "boot", device: id, reason });
    },
  );
  return {
    id,
    machines,
    supply,
    board,
    openPage: common.openPage,
    askName: common.askName,
    radio: common.fresh ? common.radio : null,
    spoil: bus.spoil,
    /** So much charge has flowed on each phase since the last call, A x ms. */
    flowed(toMs: number, mainCharge: readonly number[], roofCharge: readonly number[]): void {
      for (const [phase, flow] of main.entries()) flow.add(toMs, mainCharge[phase] ?? 0);
      for (const [phase, flow] of roof.entries()) flow.add(toMs, roofCharge[phase] ?? 0);
    },
  };
}
