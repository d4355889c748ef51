// The broker inside `npm start`: aedes on a real port of this machine.

import { createServer, type Server, type Socket } from "node:net";
import { Aedes } from "aedes";

export interface LiveBroker {
  /** Stops listening and drops everybody, or listens again. */
  up(on: boolean): Promise<void>;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";

export async function startBroker(port: number): Promise<LiveBroker> {
  const aedes = await Aedes.createBroker();
  const sockets = new Set<Socket>();
  let server: Server | null = null;

  function listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      const next = createServer((socket) => {
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
        aedes.handle(socket);
      });
      next.once("error", reject);
      next.listen(port, HOST, resolve);
      server = next;
    });
  }

  function stop(): Promise<void> {
    const last = server;
    server = null;
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => (last === null ? resolve() : last.close(() => resolve())));
  }

  await listen();
  return {
    async up(on) {
      if (on && server === null) await listen();
      if (!on) await stop();
    },
    async close() {
      await stop();
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    },
  };
}
