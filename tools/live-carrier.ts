// Carries the devices' MQTT streams and their datagrams over real sockets. What arrives is put into the site's agenda, so
// that the firmware runs where it always runs.

import { connect, type Socket } from "node:net";
import type { StreamEvent } from "../hal/sim/plant/board.js";
import type { Carrier } from "../hal/sim/plant/network.js";
import { createLiveDatagrams } from "./live-datagrams.js";

export interface LiveCarrier extends Carrier {
  /** A device's Wi-Fi or power: false cuts its streams and its datagrams, and refuses new ones. */
  reach(device: string, up: boolean): void;
}

/** `later` puts an act into the site's agenda; the firmware's host name "broker" is `host` and `port`. */
export function createLiveCarrier(host: string, port: number, later: (act: () => void) => void): LiveCarrier {
  const cut = new Set<string>();
  const sockets = new Map<Socket, string>();
  const datagrams = createLiveDatagrams(later);
  return {
    datagram: datagrams.send,
    hear: datagrams.hear,
    connect(from, name, asked, events) {
      const tell = (event: StreamEvent): void => later(() => events(event));
      if (cut.has(from)) {
        tell({ what: "closed" });
        return { send: () => undefined, close: () => undefined };
      }
      const socket = name === "broker" ? connect(port, host) : connect(asked, name);
      sockets.set(socket, from);
      socket.setNoDelay(true);
      socket.on("connect", () => tell({ what: "open" }));
      socket.on("data", (bytes) => tell({ what: "bytes", bytes: new Uint8Array(bytes) }));
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        tell({ what: "closed" });
      });
      return {
        send: (bytes) => void (socket.destroyed || socket.write(bytes)),
        close: () => socket.end(),
      };
    },
    reach(device, up) {
      if (up) cut.delete(device);
      else cut.add(device);
      if (!up) for (const [socket, from] of sockets) if (from === device) socket.destroy();
      datagrams.reach(device, up);
    },
  };
}
