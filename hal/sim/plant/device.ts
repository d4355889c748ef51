// What both kinds of board share: flash, streams, pages, Wi-Fi, wall clock and the serial PZEM bus.

import type { Agenda } from "./agenda.js";
import type { BoardEvents, Presence, RadioAct, StreamEvent, TlsOptions } from "./board.js";
import type { Chance } from "./chance.js";
import type { Datagram } from "./datagrams.js";
import { createFlash } from "./flash.js";
import type { Carrier, Stream } from "./network.js";
import { createRadio } from "./radio.js";

export interface DevicePorts {
  readonly agenda: Agenda;
  readonly chance: Chance;
  readonly carrier: Carrier;
  readonly note: (device: string, text: string) => void;
  /** The radio of a device is on the site's network now, or is not. */
  readonly joined: (device: string, joined: boolean) => void;
}

const MAC_PREFIX = "02005e";
/** What the chip calls a start after its supply was off. */
const POWER = "power";
const HOUSE_ADDRESS = "192.168.1.20";
/** Of whoever asks a name on the device's own access point. */
const GUEST = "192.168.4.2";

const macOf = (id: string, chance: Chance): string =>
  `${MAC_PREFIX}${chance.fork(`${id} mac`).whole(0, 0xff_ffff).toString(16).padStart(6, "0")}`;

/** The common part of a board; `events()` are those of the program that runs, null while none does. `heard`: a datagram
 *  has reached the running program. `fresh`: it is out of the box, and its radio is its only link. */
export function createCommon(
  id: string,
  ports: DevicePorts,
  events: () => BoardEvents | null,
  heard: (datagram: Datagram) => void = () => undefined,
  fresh = false,
) {
  const flash = createFlash();
  const streams = new Map<number, Stream>();
  const pages = new Map<number, (event: StreamEvent) => void>();
  const asked = new Map<string, (bytes: Uint8Array) => void>();
  const radio = createRadio(
    ports.agenda,
    HOUSE_ADDRESS,
    (event) => events()?.radio(event),
    (joined) => ports.joined(id, joined),
  );
  const canBeReached = (): boolean => !fresh || radio.joined() || radio.accessPoint();
  let nextPage = 1;
  let boots = 0;
  /** Why it starts next, and why it has started. */
  let told: string | null = null;
  let restarted = POWER;
  let noise = ports.chance.fork(`${id} boot 0`);
  ports.carrier.hear(id, (datagram) => {
    const running = events();
    if (running === null) return;
    heard(datagram);
    running.datagram(datagram.from, datagram.bytes);
  });

  return {
    flash,
    radio,
    fresh,
    mac: macOf(id, ports.chance),
    tellRadio: (act: RadioAct): void => (fresh ? radio.act(act) : undefined),
    /** Everything that a power loss or a restart cuts. */
    cut(): void {
      streams.clear();
      asked.clear();
      radio.cut();
      for (const page of [...pages.values()]) page({ what: "closed" });
      pages.clear();
      boots++;
      restarted = told ?? POWER;
      told = null;
      noise = ports.chance.fork(`${id} boot ${boots}`);
    },
    restarted: (): string => restarted,
    /** Its supply cuts it next, because of this. */
    restarts(why: string): void {
      ports.note(id, `restart: ${why}`);
      told = why;
    },
    entropy: (): number => Math.floor(noise.next() * 0x1_0000_0000),
    connect(stream: number, host: string, port: number, tls: TlsOptions | null): void {
      const opened = ports.carrier.connect(id, { host, port, tls }, (event) => {
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
    announce: (as: Presence | null): void => ports.carrier.announce(id, as),
    search: (): void => ports.carrier.search(id, (answer) => events()?.found(answer)),
    pageSend: (connection: number, bytes: Uint8Array): void => pages.get(connection)?.({ what: "bytes", bytes }),
    pageClose(connection: number): void {
      pages.get(connection)?.({ what: "closed" });
      pages.delete(connection);
    },
    /** Somebody opens a connection to the device's pages. */
    openPage(on: (event: StreamEvent) => void): Stream {
      const connection = nextPage++;
      const hears = canBeReached() ? events() : null;
      pages.set(connection, on);
      hears?.page(connection, { what: "open" });
      if (hears === null) on({ what: "closed" });
      return {
        send: (bytes) => events()?.page(connection, { what: "bytes", bytes }),
        close() {
          if (pages.delete(connection)) events()?.page(connection, { what: "closed" });
        },
      };
    },
    /** Somebody on the device's own access point asks for a name; `on` gets the answer, if there is one. */
    askName(query: Uint8Array, on: (bytes: Uint8Array) => void): void {
      if (!radio.accessPoint()) return;
      asked.set(GUEST, on);
      events()?.name(GUEST, query);
    },
    name: (to: string, bytes: Uint8Array): void => asked.get(to)?.(bytes),
    log: (text: string): void => ports.note(id, text),
  };
}
