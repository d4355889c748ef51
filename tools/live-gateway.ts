// Where the simulated network of a live site ends and real sockets begin: a stream that has reached a host goes on as TCP.

import { connect, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { ConnectTrouble, StreamEvent, TlsOptions } from "../hal/sim/plant/board.js";
import type { Accept, AcceptedStream } from "../hal/sim/plant/network.js";
import { connectTls, troubleOf } from "./live-tls.js";

export interface Gateway {
  /** What listens in place of a host: each stream becomes a connection to it, and is open once that is. `tls` null: in the
   *  clear. */
  to(host: string, port: number, tls: TlsOptions | null): Accept;
  close(): void;
}

/** `later` puts an act into the site's agenda. `passes` makes, for each stream, what sees the bytes that pass to the host. */
export function createGateway(later: (act: () => void) => void, passes: () => (bytes: Uint8Array) => void): Gateway {
  const sockets = new Set<Socket>();

  function carry(stream: AcceptedStream, socket: Socket): (event: StreamEvent) => void {
    const pass = passes();
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("data", (bytes) => later(() => stream.send(new Uint8Array(bytes))));
    let why: ConnectTrouble | undefined;
    socket.on("error", (error) => {
      if ("code" in error) why = troubleOf(String(error.code), isTls(socket));
      socket.destroy();
    });
    socket.on(isTls(socket) ? "secureConnect" : "connect", () => later(stream.open));
    socket.on("close", () => {
      sockets.delete(socket);
      later(() => stream.close(why));
    });
    return (event) => {
      if (event.what === "closed") socket.end();
      if (event.what !== "bytes" || socket.destroyed) return;
      pass(event.bytes);
      socket.write(event.bytes);
    };
  }

  return {
    to: (host, port, tls) => (stream) => {
      if (tls === null) return carry(stream, connect(port, host));
      // Trust would be judged by this machine's clock: the device's may be wrong, and here it is not set at all.
      if (tls.unix !== null) {
        try {
          return carry(stream, connectTls(host, port, tls));
        } catch {
          later(() => stream.close("badKey"));
        }
      } else later(() => stream.close("noTime"));
      return () => undefined;
    },
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

const isTls = (socket: Socket): socket is TLSSocket => socket instanceof TLSSocket;
