// What a charger and a meter have in common: their network, their flash, their console. Every effect of src/device.ts that
// is not about amps ends here, and every fact of the network begins here.

import { hexOf } from "../../src/bytes.js";
import type { Boot, DeviceEffect, DeviceEvent } from "../../src/device-state.js";
import { START_SECTORS } from "../../src/flash-map.js";
import { FORMAT } from "../../src/sharing-message.js";
import { tlsOptions } from "../../src/trust.js";
import { unixSeconds } from "../../src/units.js";
import type {
  FlashModule,
  KeyValueModule,
  ListenerClass,
  Natives,
  Net,
  TcpClass,
  TimerModule,
  TlsModule,
  UdpClass,
  WifiClass,
} from "./classes.js";
import { namesOf, siteDatagramsOf } from "./datagrams.js";
import { discoveryOf } from "./dnssd.js";
import { type EthernetPins, ethernetOf } from "./ethernet.js";
import { factorySettings } from "./factory.js";
import { networkTimeOf } from "./network-time.js";
import { radioOf } from "./radio.js";
import { storageOf } from "./storage.js";
import { pagesOf, streamsOf } from "./streams.js";

export interface NetworkSdk {
  readonly TCP: TcpClass;
  readonly UDP: UdpClass;
  readonly Listener: ListenerClass;
  readonly WiFi: WifiClass;
  readonly net: Net;
  readonly Timer: TimerModule;
  /** Missing in a build without TLS. */
  readonly tls?: TlsModule;
  readonly flash: FlashModule;
  readonly keyValue: KeyValueModule;
  readonly natives: Natives;
  trace(text: string): void;
}

export interface Network {
  readonly boot: Boot;
  /** Opens everything that brings events; not before there is somebody to take them. */
  open(post: (event: DeviceEvent) => void): void;
  act(effect: DeviceEffect): void;
}

const SECRET_WORDS = 4;

/** What the device says of its last restart: what it was told itself, or what the chip calls it. To be asked once. */
export function restartOf(natives: Natives): string {
  const words = natives.ievcc_reset_words();
  return words === "" ? natives.ievcc_reset_reason() : words;
}

function macOf(natives: Natives): string {
  const bytes = new Uint8Array(6);
  natives.ievcc_mac(bytes.buffer);
  return hexOf(bytes);
}

export function networkOf(sdk: NetworkSdk, ethernet: EthernetPins | null): Network {
  const { natives, Timer } = sdk;
  const storage = storageOf(sdk.flash);
  const factory = factorySettings(sdk.keyValue);
  const mac = macOf(natives);
  const log = (text: string): void => sdk.trace(`${text}\n`);
  if (factory.why !== null) log(factory.why);

  let post: (event: DeviceEvent) => void = () => undefined;
  const streams = streamsOf(sdk, (id, event) => post({ kind: "stream", id, event }));
  const radio = ethernet === null ? radioOf(sdk, (event) => post({ kind: "radio", event })) : null;
  const own = (): string | undefined => sdk.net.get("IP", ethernet === null ? "station" : "ethernet");
  const discovery = discoveryOf(sdk, own, (answer) => post({ kind: "found", answer }));
  let datagrams: ReturnType<typeof siteDatagramsOf> | null = null;
  let names: ReturnType<typeof namesOf> | null = null;
  let pages: ReturnType<typeof pagesOf> | null = null;

  function connect({ id, host, port, tls }: Extract<DeviceEffect, { readonly kind: "connect" }>): void {
    const options = tls ? tlsOptions(tls, storage.read) : null;
    if (tls && options === null) post({ kind: "stream", id, event: { what: "closed", why: "gone" } });
    else streams.connect(id, host, port, options);
  }

  return {
    boot: {
      sectors: Array.from({ length: START_SECTORS }, (_, sector) => storage.read(sector)),
      pageSize: storage.pageSize,
      entropy: natives.ievcc_random(),
      secret: Array.from({ length: SECRET_WORDS }, () => natives.ievcc_random()),
      mac,
      radio: ethernet === null,
      restarted: restartOf(natives),
      initial: factory.settings,
      format: FORMAT,
    },
    open(to) {
      post = to;
      datagrams = siteDatagramsOf(sdk.UDP, (from, bytes) => post({ kind: "datagram", from, bytes }));
      names = namesOf(sdk.UDP, (from, bytes) => post({ kind: "name", from, bytes }));
      pages = pagesOf(sdk, (connection, event) => post({ kind: "page", connection, event }));
      networkTimeOf({ ...sdk, random: () => natives.ievcc_random() }, (unixS) =>
        post({ kind: "clock", unix: unixSeconds(unixS) }),
      );
      if (ethernet === null) return;
      const found = ethernetOf({ natives, Timer }, ethernet, (up) => post({ kind: "link", up }));
      if (!found) log("the board's Ethernet does not answer");
    },
    act(effect) {
      switch (effect.kind) {
        case "connect":
          return connect(effect);
        case "send":
          return streams.send(effect.id, effect.bytes);
        case "close":
          return streams.close(effect.id);
        case "datagram":
          return datagrams?.send(effect.to, effect.bytes);
        case "announce":
          return discovery.announce(effect.as);
        case "search":
          return discovery.search();
        case "radio":
          return radio?.act(effect.act);
        case "name":
          return names?.answer(effect.to, effect.bytes);
        case "pageSend":
          return pages?.send(effect.connection, effect.bytes);
        case "pageClose":
          return pages?.close(effect.connection);
        case "write":
          return storage.write(effect.sector, effect.offset, effect.bytes);
        case "erase":
          return storage.erase(effect.sector);
        case "read":
          return post({ kind: "sector", sector: effect.sector, bytes: storage.read(effect.sector) });
        case "restart":
          return natives.ievcc_restart(effect.why);
        case "look":
          return post({ kind: "memory", free: natives.ievcc_free_memory() });
        case "log":
        case "console":
          return log(effect.text);
      }
    },
  };
}
