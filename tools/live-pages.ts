// Each device's own pages on a port of this machine: bytes go to the firmware and come back from it, nothing else.

import { createServer } from "node:net";
import type { Site } from "../hal/sim/plant/site.js";
import { type LiveServer, listenOn } from "./live-server.js";

export function servePages(
  site: Site,
  device: string,
  port: number,
  later: (act: () => void) => void,
): Promise<LiveServer> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    later(() => {
      const page = site.openPage(device, (event) => {
        if (event.what === "bytes") socket.write(event.bytes);
        else if (event.what === "closed") socket.end();
      });
      if (page === null) {
        socket.destroy();
        return;
      }
      socket.on("data", (bytes) => later(() => page.send(new Uint8Array(bytes))));
      socket.on("close", () => later(() => page.close()));
    });
  });
  return listenOn(server, port);
}
