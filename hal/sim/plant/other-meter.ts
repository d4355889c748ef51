// Somebody else's meter: no firmware of ours, it measures as late as a PZEM does and publishes amperes by MQTT.

import { generate } from "mqtt-packet";
import type { Agenda } from "./agenda.js";
import type { StreamEvent } from "./board.js";
import type { TellFact } from "./facts.js";
import { createFlow } from "./flow.js";
import type { Carrier, Stream } from "./network.js";
import type { MeterFault } from "./pzem.js";

/** Where it publishes: a number on one phase, a list on three, A. Not retained. */
export const OTHER_METER = "house-meter/current";

export interface OtherMeterPlant {
  readonly agenda: Agenda;
  readonly carrier: Carrier;
  readonly tell: TellFact;
  readonly phases: number;
  readonly measures: "house" | "grid";
  readonly periodS: number;
}

const ID = "meter";
const MQTT_PORT = 1_883;
const BOOT_MS = 800;
const RECONNECT_MS = 5_000;
/** What it publishes is the mean of what flowed from 2.7 to 1.3 s before. */
const WINDOW_FROM = 2_700;
const WINDOW_TO = 1_300;

const hundredths = (amps: number): number => Math.round(amps * 100) / 100;

export function createOtherMeter({ agenda, carrier, tell, phases, measures, periodS }: OtherMeterPlant) {
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
    const opened = carrier.connect(ID, "broker", MQTT_PORT, (event) => {
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
    const payload = garbled ? "?#~" : JSON.stringify(phases === 1 ? (values[0] ?? 0) : values);
    if (online) {
      stream?.send(generate({ cmd: "publish", topic: OTHER_METER, payload, qos: 0, dup: false, retain: false }));
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
