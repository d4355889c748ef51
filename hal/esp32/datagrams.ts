// UDP: the site's messages, and the names of the access point.

import type { NamePort } from "../ports.js";
import type { UdpClass } from "./classes.js";
import { bufferOf } from "./serial.js";

export interface DatagramPort {
  /** Null: to everybody on the local network. */
  send(to: string | null, bytes: Uint8Array): void;
}

/** The letters IEVCC on a telephone's keys. */
export const SITE_PORT = 43_822;
const NAME_PORT = 53;
const EVERYBODY = "255.255.255.255";
/** A site's message is smaller; anything longer is not ours. */
const LONGEST = 1_472;
/** So many in one go, then the machine does something else: the event comes again for the rest. */
const BURST = 32;

type Heard = (address: string, port: number, bytes: Uint8Array) => void;

/** A socket that loses what cannot be sent, as the network may do anyway. */
export function udpOf(UDP: UdpClass, port: number | null, heard: Heard) {
  const socket = new UDP({
    ...(port === null ? {} : { port }),
    onReadable(packets) {
      for (let left = Math.min(packets, BURST); left > 0; left--) {
        const packet = socket.read();
        if (packet === undefined) return;
        if (packet.byteLength > 0 && packet.byteLength <= LONGEST) {
          heard(packet.address, packet.port, new Uint8Array(packet));
        }
      }
    },
  });
  return {
    send(address: string, to: number, bytes: Uint8Array): void {
      try {
        socket.write(bufferOf(bytes), address, to);
      } catch {
        // No link or no memory: whoever speaks in datagrams counts with loss.
      }
    },
    join: (group: string): void => socket.add(group),
    close: () => socket.close(),
  };
}

export function siteDatagramsOf(UDP: UdpClass, heard: (from: string, bytes: Uint8Array) => void): DatagramPort {
  const socket = udpOf(UDP, SITE_PORT, (address, _port, bytes) => heard(address, bytes));
  return { send: (to, bytes) => socket.send(to ?? EVERYBODY, SITE_PORT, bytes) };
}

/** Who asked is written as address:port, and gets the answer there. */
export function namesOf(UDP: UdpClass, asked: (from: string, bytes: Uint8Array) => void): NamePort {
  const socket = udpOf(UDP, NAME_PORT, (address, port, bytes) => asked(`${address}:${port}`, bytes));
  return {
    answer(to, bytes) {
      const at = to.lastIndexOf(":");
      const port = Number(to.slice(at + 1));
      if (at > 0 && port > 0) socket.send(to.slice(0, at), port, bytes);
    },
  };
}
