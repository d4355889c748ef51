// A server of the live site on a port of this machine, whose closing waits for nobody: it drops whoever is connected.

import type { Server, Socket } from "node:net";

export const HOST = "127.0.0.1";

export interface LiveServer {
  close(): Promise<void>;
}

/** Rejects when the port cannot be opened. */
export function listenOn(server: Server, port: number): Promise<LiveServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () =>
      resolve({
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const socket of sockets) socket.destroy();
          }),
      }),
    );
  });
}
