// Where the simulated network of a live site ends and real sockets begin: a stream that has reached a host goes on as TCP.

import { connect, type Socket } from "node:net";
import type { Accept } from "../hal/sim/plant/network.js";

export interface Gateway {
  /** What listens in place of a host: each stream becomes a connection to it. */
  to(host: string, port: number): Accept;
  close(): void;
}

/** `later` puts an act into the site's agenda. `passes` makes, for each stream, what sees the bytes that pass to the host. */
export function createGateway(later: (act: () => void) => void, passes: () => (bytes: Uint8Array) => void): Gateway {
  const sockets = new Set<Socket>();
  return {
    to: (host, port) => (stream) => {
      const pass = passes();
      const socket = connect(port, host);
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("data", (bytes) => later(() => stream.send(new Uint8Array(bytes))));
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        later(() => stream.close());
      });
      return (event) => {
        if (event.what === "closed") socket.end();
        if (event.what !== "bytes" || socket.destroyed) return;
        pass(event.bytes);
        socket.write(event.bytes);
      };
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
