// The devices' datagrams as UDP on loopback: each device has a port of its own there.

import { createSocket, type Socket } from "node:dgram";
import type { Heard } from "../hal/sim/plant/datagrams.js";
import { HOST } from "./live-server.js";

interface Port {
  readonly heard: Heard;
  /** null while the device is cut off. */
  socket: Socket | null;
  /** null until the system has given one. */
  number: number | null;
}

/** `later` puts an act into the site's agenda. Ports are free ones; a device's address is its name, as on the simulated
 *  network, and a stranger's is its port. */
export function createLiveDatagrams(later: (act: () => void) => void) {
  const ports = new Map<string, Port>();

  const nameOf = (number: number): string =>
    [...ports].find(([, port]) => port.number === number)?.[0] ?? `${HOST}:${number}`;

  function open(device: string, port: Port): void {
    const socket = createSocket("udp4");
    port.socket = socket;
    socket.on("error", () => close(port));
    socket.on("message", (bytes, { port: from }) => {
      const datagram = { from: nameOf(from), to: device, bytes: new Uint8Array(bytes), genuine: true };
      later(() => {
        if (port.socket === socket) port.heard(datagram);
      });
    });
    socket.unref();
    socket.bind(0, HOST, () => {
      if (port.socket === socket) port.number = socket.address().port;
    });
  }

  function close(port: Port): void {
    port.socket?.close();
    port.socket = null;
    port.number = null;
  }

  return {
    hear(device: string, heard: Heard): void {
      const port: Port = { heard, socket: null, number: null };
      ports.set(device, port);
      open(device, port);
    },
    send(from: string, to: string, bytes: Uint8Array): void {
      const socket = ports.get(from)?.socket;
      const number = ports.get(to)?.number;
      if (socket === undefined || socket === null || number === undefined || number === null) return;
      socket.send(bytes, number, HOST, () => undefined);
    },
    reach(device: string, up: boolean): void {
      const port = ports.get(device);
      if (port === undefined) return;
      if (!up) close(port);
      else if (port.socket === null) open(device, port);
    },
  };
}
