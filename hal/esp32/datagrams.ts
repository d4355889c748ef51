// UDP: the site's messages, the names of the access point, and the device's own name on the local network.

import type { NamePort } from "../ports.js";
import type { DnssdClass, UdpClass } from "./classes.js";
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

/** The device as ievcc-a1b2.local, and its pages as a service (mDNS). With a link. A name that is taken, or a network that refuses it, leaves the device reachable by its address alone. */
export function announce(sdk: { readonly DNSSD: DnssdClass; readonly UDP: UdpClass }, name: string): { end(): void } {
  const host = name.toLowerCase();
  try {
    const dnssd = new sdk.DNSSD({ socket: { io: sdk.UDP } });
    dnssd.claim({
      host,
      onReady: () => {
        dnssd.advertise({ serviceType: "_http._tcp", host, name, port: 80 });
      },
    });
    return { end: () => dnssd.close() };
  } catch {
    return { end: () => undefined };
  }
}
