// Somebody else's meter: no firmware of ours, it measures as late as a PZEM does and publishes by MQTT in the way of its
// make: amperes in one message, a number a topic as a Shelly 3EM does, or kW in and out as a reader of a P1 port.

import { generate } from "mqtt-packet";
import type { Agenda } from "./agenda.js";
import type { StreamEvent } from "./board.js";
import type { TellFact } from "./facts.js";
import { createFlow } from "./flow.js";
import type { Carrier, Stream } from "./network.js";
import type { MeterFault } from "./pzem.js";

export type Make = "amps" | "shelly3em" | "p1";

/** With which all its topics begin, by its make. None of its messages is retained. */
export const OTHER_METER: Readonly<Record<Make, string>> = Object.freeze({
  amps: "house-meter/current",
  shelly3em: "house-meter/shelly",
  p1: "house-meter/reading",
});

export const isReading = (topic: string): boolean => topic.startsWith("house-meter/");

type Said = readonly (readonly [topic: string, payload: string])[];

/** What it publishes of these currents, A. */
function said(make: Make, values: readonly number[], voltageV: number): Said {
  const base = OTHER_METER[make];
  if (make === "amps") return [[base, JSON.stringify(values.length === 1 ? (values[0] ?? 0) : values)]];
  return values.flatMap((amps, phase): Said => {
    const watts = amps * voltageV;
    if (make === "shelly3em") {
      return [
        [`${base}/emeter/${phase}/power`, watts.toFixed(2)],
        [`${base}/emeter/${phase}/pf`, "1.00"],
        [`${base}/emeter/${phase}/current`, Math.abs(amps).toFixed(2)],
        [`${base}/emeter/${phase}/voltage`, voltageV.toFixed(2)],
      ];
    }
    const [ofIn, ofOut] = values.length === 1 ? P1_ONE : P1_EACH;
    const of = values.length === 1 ? "" : `${phase + 1}`;
    return [
      [`${base}/${ofIn}${of}`, (Math.max(0, watts) / 1_000).toFixed(3)],
      [`${base}/${ofOut}${of}`, (Math.max(0, -watts) / 1_000).toFixed(3)],
    ];
  });
}

const P1_ONE = ["electricity_currently_delivered", "electricity_currently_returned"] as const;
const P1_EACH = ["phase_currently_delivered_l", "phase_currently_returned_l"] as const;

export interface OtherMeterPlant {
  readonly agenda: Agenda;
  readonly carrier: Carrier;
  readonly tell: TellFact;
  readonly phases: number;
  readonly measures: "house" | "grid";
  readonly periodS: number;
  readonly speaks: Make;
  readonly voltageV: number;
}

const ID = "meter";
const MQTT_PORT = 1_883;
const BOOT_MS = 800;
const RECONNECT_MS = 5_000;
/** What it publishes is the mean of what flowed from 2.7 to 1.3 s before. */
const WINDOW_FROM = 2_700;
const WINDOW_TO = 1_300;

const hundredths = (amps: number): number => Math.round(amps * 100) / 100;

export function createOtherMeter(plant: OtherMeterPlant) {
  const { agenda, carrier, tell, phases, measures, periodS, speaks, voltageV } = plant;
  const flows = Array.from({ length: phases }, createFlow);
  let fault: MeterFault = "ok";
  let powered = false;
  let stream: Stream | null = null;
  let online = false;
  let last: readonly number[] = flows.map(() => 0);
  /** What was begun before the supply went is not gone on with. */
  let life = 0;

  const whileAlive = (ms: number, act: () => void): void => {
    const begunIn = life;
    agenda.after(ms, () => {
      if (life === begunIn) act();
    });
  };

  function connect(): void {
    const opened = carrier.connect(ID, { host: "broker", port: MQTT_PORT, tls: null }, (event) => {
      if (stream === opened) heard(event);
    });
    stream = opened;
  }

  function heard(event: StreamEvent): void {
    switch (event.what) {
      case "open":
        return stream?.send(generate({ cmd: "connect", clientId: "house-meter", keepalive: 0, clean: true }));
      case "bytes":
        online = true;
        return;
      case "closed":
        online = false;
        stream = null;
        return whileAlive(RECONNECT_MS, connect);
    }
  }

  function valuesNow(): readonly number[] {
    if (fault === "stuck") return last;
    if (fault === "zero") return flows.map(() => 0);
    const now = agenda.now();
    last = flows.map((flow) => hundredths(flow.mean(now - WINDOW_FROM, now - WINDOW_TO)));
    return last;
  }

  function publish(): void {
    whileAlive(periodS * 1_000, publish);
    if (fault === "silent") return;
    const values = valuesNow();
    const garbled = fault === "garbage";
    if (!garbled) {
      for (const [index, amps] of values.entries()) {
        const milliamps = Math.round(amps * 1_000);
        tell({ kind: "meterReply", address: index + 1, role: measures, phase: index + 1, milliamps, intact: true });
      }
    }
    if (!online) return;
    for (const [topic, value] of said(speaks, values, voltageV)) {
      const payload = garbled ? "?#~" : value;
      stream?.send(generate({ cmd: "publish", topic, payload, qos: 0, dup: false, retain: false }));
    }
  }

  return {
    supply: {
      powered: (): boolean => powered,
      on(): void {
        powered = true;
        whileAlive(BOOT_MS, () => {
          connect();
          publish();
        });
      },
      off(): void {
        powered = false;
        life++;
        stream = null;
        online = false;
      },
    },
    spoil(next: MeterFault): void {
      fault = next;
    },
    /** So much charge has flowed on each phase since the last call, A x ms. */
    flowed(toMs: number, charge: readonly number[]): void {
      for (const [phase, flow] of flows.entries()) flow.add(toMs, charge[phase] ?? 0);
    },
  };
}

export type OtherMeter = ReturnType<typeof createOtherMeter>;
