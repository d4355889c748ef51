// What both kinds of board share: flash, streams, pages, Wi-Fi, wall clock and the serial PZEM bus.

import type { Agenda } from "./agenda.js";
import type { BoardEvents, StreamEvent } from "./board.js";
import type { Chance } from "./chance.js";
import type { Datagram } from "./datagrams.js";
import { createFlash } from "./flash.js";
import type { Carrier, Stream } from "./network.js";

export interface DevicePorts {
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly carrier: Carrier;
  readonly note: (device: string, text: string) => void;
}

/** The common part of a board; `events()` are those of the program that runs, null while none does. `heard`: a datagram
 *  has reached the running program. */
export function createCommon(
  id: string,
  ports: DevicePorts,
  events: () => BoardEvents | null,
  heard: (datagram: Datagram) => void = () => undefined,
) {
  const flash = createFlash();
  const streams = new Map<number, Stream>();
  const pages = new Map<number, (event: StreamEvent) => void>();
  let nextPage = 1;
  let boots = 0;
  let noise = ports.chance.fork(`${id} boot 0`);
  ports.carrier.hear(id, (datagram) => {
    const running = events();
    if (running === null) return;
    heard(datagram);
    running.datagram(datagram.from, datagram.bytes);
  });

  return {
    flash,
    /** Everything that a power loss or a restart cuts. */
    cut(): void {
      streams.clear();
      for (const page of [...pages.values()]) page({ what: "closed" });
      pages.clear();
      boots++;
      noise = ports.chance.fork(`${id} boot ${boots}`);
    },
    entropy: (): number => Math.floor(noise.next() * 0x1_0000_0000),
    connect(stream: number, host: string, port: number): void {
      const opened = ports.carrier.connect(id, host, port, (event) => {
        if (streams.get(stream) !== opened) return;
        if (event.what === "closed") streams.delete(stream);
        events()?.stream(stream, event);
      });
      streams.set(stream, opened);
    },
    send: (stream: number, bytes: Uint8Array): void => streams.get(stream)?.send(bytes),
    close(stream: number): void {
      streams.get(stream)?.close();
      streams.delete(stream);
    },
    datagram: (to: string | null, bytes: Uint8Array): void => ports.carrier.datagram(id, to, bytes),
    pageSend: (connection: number, bytes: Uint8Array): void => pages.get(connection)?.({ what: "bytes", bytes }),
    pageClose(connection: number): void {
      pages.get(connection)?.({ what: "closed" });
      pages.delete(connection);
    },
    /** Somebody opens a connection to the device's pages. */
    openPage(on: (event: StreamEvent) => void): Stream {
      const connection = nextPage++;
      pages.set(connection, on);
      events()?.page(connection, { what: "open" });
      if (events() === null) on({ what: "closed" });
      return {
        send: (bytes) => events()?.page(connection, { what: "bytes", bytes }),
        close() {
          if (pages.delete(connection)) events()?.page(connection, { what: "closed" });
        },
      };
    },
    log: (text: string): void => ports.note(id, text),
  };
}
