// Datagrams of the local network: each copy is lost, doubled and delayed by itself, none is sent again, none waits for another.

import type { Agenda } from "./agenda.js";
import type { Chance } from "./chance.js";
import type { Weather } from "./network.js";

export interface Datagram {
  readonly from: string;
  /** null: to all others. */
  readonly to: string | null;
  readonly bytes: Uint8Array;
  /** Its sender is who it says; false for what strangers send. */
  readonly genuine: boolean;
}

export type Heard = (datagram: Datagram) => void;

/** The part that a device needs of whoever carries its datagrams. */
export interface DatagramCarrier {
  datagram(from: string, to: string | null, bytes: Uint8Array): void;
  /** From now on `heard` is called for what arrives at a device. */
  hear(device: string, heard: Heard): void;
}

export interface Datagrams {
  send(datagram: Datagram): void;
  hear(device: string, heard: Heard): void;
  /** Called with each datagram that a device sends. */
  onSent(sent: (datagram: Datagram) => void): void;
}

export function createDatagrams(
  agenda: Agenda,
  chance: Chance,
  /** A stranger reaches everybody who is linked. */
  reach: (from: string, to: string) => boolean,
  weather: () => Weather,
): Datagrams {
  const listeners = new Map<string, Heard>();
  let sent: (datagram: Datagram) => void = () => undefined;

  function carry(datagram: Datagram, to: string, heard: Heard): void {
    const { loss, delayS } = weather();
    if (chance.next() < loss) return;
    const [least, most] = delayS;
    agenda.after((least + chance.next() * (most - least)) * 1_000, () => {
      if (reach(datagram.genuine ? datagram.from : to, to)) heard(datagram);
    });
  }

  return {
    hear: (device, heard) => void listeners.set(device, heard),
    onSent(act) {
      sent = act;
    },
    send({ bytes, ...head }) {
      const datagram: Datagram = { ...head, bytes: bytes.slice() };
      if (datagram.genuine) sent(datagram);
      for (const [to, heard] of listeners) {
        if (to === datagram.from || (datagram.to !== null && to !== datagram.to)) continue;
        if (datagram.genuine && !reach(datagram.from, to)) continue;
        carry(datagram, to, heard);
        if (chance.next() < weather().duplicate) carry(datagram, to, heard);
      }
    },
  };
}
