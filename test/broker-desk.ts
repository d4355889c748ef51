// A charger's controller beside a broker, on a desk: what it is told by MQTT, what it says, and the leases that come of it.

import {
  type Controller,
  type ControllerEffect,
  type ControllerEvent,
  startController,
  stepController,
} from "../src/controller.js";
import type { EvseStatus, Lease } from "../src/lease.js";
import { encode, readPackets } from "../src/mqtt.js";
import { decodeText } from "../src/text.js";
import { millis, unixSeconds } from "../src/units.js";
import { blankFlash, bootOf, CHARGING, settingsOf } from "./site.js";

/** At 10 A of its own, without a site that could give less. */
export const ALONE = { id: "c1", mqttHost: "broker", member: false, mode: "manual", manualA: 20 };

export interface Said {
  readonly topic: string;
  readonly text: string;
  readonly retain: boolean;
  readonly qos: number;
}

const textOf = (bytes: Uint8Array): string => {
  const decoded = decodeText(bytes, 10_000);
  return decoded.ok ? decoded.text : "";
};

/** `hears`: of each effect, for a broker that answers. */
export function brokerDesk(patch: object = ALONE, hears: (effect: ControllerEffect) => void = () => undefined) {
  let { state } = startController(bootOf(settingsOf(patch), 77, blankFlash()), millis(0));
  let now = 0;
  const log: ControllerEffect[] = [];
  const give = (event: ControllerEvent): void => {
    const step = stepController(state, event, millis(now));
    state = step.state;
    log.push(...step.effects);
    for (const effect of step.effects) hears(effect);
  };
  /** Time passes, and nothing else. */
  const ticks = (ms: number): void => {
    now += ms;
    give({ kind: "tick" });
  };
  const stream = (bytes: Uint8Array): void =>
    give({ kind: "stream", id: state.device.session?.id ?? 0, event: { what: "bytes", bytes } });
  const online = (): void => {
    give({ kind: "link", up: true });
    give({ kind: "stream", id: state.device.session?.id ?? 0, event: { what: "open" } });
    stream(Uint8Array.of(0x20, 2, 0, 0));
  };
  const waits = (ms: number): void => {
    for (const end = now + ms; now < end; ) {
      now = Math.min(end, now + 100);
      give({ kind: "tick" });
      if (now % 10_000 === 0) stream(Uint8Array.of(0xd0, 0)); // an answer to its pings
    }
  };
  const status = (over: Partial<EvseStatus> = {}): void => give({ kind: "status", status: { ...CHARGING, ...over } });
  give({ kind: "clock", unix: unixSeconds(1_800_000_000) });
  online();
  status();
  return {
    give,
    online,
    waits,
    ticks,
    stream,
    status,
    log,
    state: (): Controller => state,
    now: () => now,
    /** Somebody publishes to what it listens to. */
    hears: (topic: string, payload: string, retain = false): void =>
      stream(encode({ cmd: "publish", topic, payload, qos: 0, retain, dup: false })),
    /** The broker has all that waits for it. */
    acknowledges: (): void => {
      for (const { messageId } of state.device.session?.queue ?? [])
        stream(Uint8Array.of(0x40, 2, messageId >> 8, messageId & 255));
    },
    closes: (): void => give({ kind: "stream", id: state.device.session?.id ?? 0, event: { what: "closed" } }),
    said: (): readonly Said[] =>
      log.flatMap((effect) => {
        if (effect.kind !== "send" || (effect.bytes[0] ?? 0) >> 4 !== 3) return [];
        const qos = ((effect.bytes[0] ?? 0) >> 1) & 3;
        return readPackets(new Uint8Array(0), effect.bytes).packets.flatMap((one) =>
          one.cmd === "publish" ? [{ topic: one.topic, text: textOf(one.payload), retain: one.retain, qos }] : [],
        );
      }),
    lease: (): Lease => {
      if (state.lease === null) throw new Error("no lease yet");
      return state.lease;
    },
    logged: (words: RegExp): boolean => log.some((one) => one.kind === "log" && words.test(one.text)),
  };
}
