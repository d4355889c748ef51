// A UART of 8N1: the PZEMs at 9600 baud, a PN532 at 115200. Frames, deadlines and retries are steps in src.

import type { SerialPort } from "../ports.js";
import type { SerialClass } from "./classes.js";

export interface SerialPins {
  readonly port: number;
  readonly receive: number;
  readonly transmit: number;
}

/** `heard` gets what came in, in order and in pieces of any size. Each write first reads: whatever the chip missed while
 *  its FIFO was full, its interrupt is armed again then. A frame that finds no room is lost, as on the wire. */
export function serialOf(
  Serial: SerialClass,
  { port, receive, transmit }: SerialPins,
  baud: number,
  heard: (bytes: Uint8Array) => void,
): SerialPort {
  const serial = new Serial({ port, receive, transmit, baud, format: "buffer", onReadable: () => read() });
  function read(): void {
    const bytes = serial.read();
    if (bytes !== undefined && bytes.byteLength > 0) heard(new Uint8Array(bytes));
  }
  return {
    write(bytes) {
      read();
      try {
        serial.write(bufferOf(bytes));
      } catch {
        // No room: the port's owner hears no answer, and asks again.
      }
    },
  };
}

/** The bytes in a buffer of their own, as the SDK takes them. */
export function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const own = new ArrayBuffer(bytes.length);
  new Uint8Array(own).set(bytes);
  return own;
}
