// The broker inside `npm start`: aedes on a real port of this machine.

import { createServer } from "node:net";
import { Aedes } from "aedes";
import { type LiveServer, listenOn } from "./live-server.js";

export interface LiveBroker {
  /** Stops listening and drops everybody, or listens again; calls are done one after the other. Rejects when the port has
   *  been taken meanwhile. */
  up(on: boolean): Promise<void>;
  close(): Promise<void>;
}

export async function startBroker(port: number): Promise<LiveBroker> {
  const aedes = await Aedes.createBroker();
  const listen = (): Promise<LiveServer> => listenOn(createServer(aedes.handle), port);
  let server: LiveServer | null = await listen();

  async function stop(): Promise<void> {
    const last = server;
    server = null;
    await last?.close();
  }

  async function turn(on: boolean): Promise<void> {
    if (!on) await stop();
    else server ??= await listen();
  }

  let last: Promise<void> = Promise.resolve();
  function up(on: boolean): Promise<void> {
    const next = () => turn(on);
    last = last.then(next, next);
    return last;
  }

  return {
    up,
    async close() {
      await up(false);
      await new Promise<void>((resolve) => aedes.close(() => resolve()));
    },
  };
}
