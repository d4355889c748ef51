// Runs inside a machine: announces a device on the local network and answers a question, as the driver does on the chip, so that
// what this takes of the stack can be seen.

import type { Packet, UdpOptions } from "../../hal/esp32/classes.js";
import { nameBytes } from "../../hal/esp32/dns-packet.js";
import { discoveryOf } from "../../hal/esp32/dnssd.js";
import { bufferOf } from "../../hal/esp32/serial.js";
import { joined } from "../../src/bytes.js";

const inbox: Packet[] = [];
const sent: number[] = [];
const timers: (() => void)[] = [];
const sockets: UdpOptions[] = [];

class UDP {
  constructor(options: UdpOptions) {
    sockets.push(options);
  }
  read(): Packet | undefined {
    return inbox.shift();
  }
  write(bytes: ArrayBuffer): void {
    sent.push(bytes.byteLength);
  }
  add(): void {}
  close(): void {}
}

const Timer = {
  set: (act: () => void): unknown => timers.push(act),
  repeat: (): unknown => 0,
  clear: (): void => undefined,
};

/** Bytes of the announcement. */
export function announced(): number {
  const sdk = { UDP, Timer, trace: (): void => undefined };
  const discovery = discoveryOf(
    sdk,
    () => "192.168.100.200",
    () => undefined,
  );
  const text = ["kind=charger", `id=${"c".repeat(32)}`, `site=${"s".repeat(32)}`, "version=1.0.0"];
  discovery.announce({ host: "ievcc-a1b2", name: "IEVCC-A1B2", text });
  for (const act of [...timers]) act();
  return sent.at(-1) ?? 0;
}

/** Bytes of the answer to somebody who asks for its address. */
export function answered(): number {
  const head = Uint8Array.of(0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0);
  const asked = joined(head, Uint8Array.from(nameBytes(["ievcc-a1b2", "local"])), Uint8Array.of(0, 1, 0x80, 1));
  inbox.push(Object.assign(bufferOf(asked), { address: "192.168.100.7", port: 5_353 }));
  sockets[0]?.onReadable(1);
  return sent.at(-1) ?? 0;
}
