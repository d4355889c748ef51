// Names of a device's own access point on a UDP port of this machine: real queries go to the firmware and its answers come back.

import { createSocket } from "node:dgram";
import type { Site } from "../hal/sim/plant/site.js";
import { HOST, type LiveServer } from "./live-server.js";

export function serveNames(
  site: Site,
  device: string,
  port: number,
  later: (act: () => void) => void,
): Promise<LiveServer> {
  const socket = createSocket("udp4");
  let open = true;
  const answer = (bytes: Uint8Array, to: number, host: string): void => {
    if (open) socket.send(bytes, to, host, () => undefined);
  };
  socket.on("message", (query, { port: to, address }) =>
    later(() => site.askName(device, new Uint8Array(query), (bytes) => answer(bytes, to, address))),
  );
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, HOST, () => {
      socket.removeListener("error", reject);
      socket.on("error", () => undefined);
      resolve({
        close: () =>
          new Promise((closed) => {
            open = false;
            socket.close(() => closed());
          }),
      });
    });
  });
}
