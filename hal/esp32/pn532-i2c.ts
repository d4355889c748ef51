// A PN532 on I2C, in the words of its serial port: frames are the same, but it is asked whether it has one.

import type { SerialPort } from "../ports.js";
import type { I2cClass } from "./classes.js";
import { bufferOf } from "./serial.js";

export interface I2cPins {
  readonly data: number;
  readonly clock: number;
}

export interface Pn532I2c extends SerialPort {
  /** To be called about ten times a second. */
  poll(): void;
}

const ADDRESS = 0x24;
/** The chip stretches the clock; 100 kHz is its slowest speed and any cable's. */
const HZ = 100_000;
const READY = 1;
const ACK = 6;
/** An answer with the UIDs of two cards, and what cards of ISO 14443-4 say of themselves. */
const FRAME = 64;
const WAKE_UP = 0x55;

export function pn532I2cOf(I2C: I2cClass, pins: I2cPins, heard: (bytes: Uint8Array) => void): Pn532I2c {
  const chip = new I2C({ ...pins, hz: HZ, address: ADDRESS });
  let asked = false;
  let acknowledged = false;

  /** What the chip has ready, if anything: its acknowledgement comes first, and the rest only when that was taken. */
  function take(): boolean {
    const status = tried(() => chip.read(1));
    if (status === null || new Uint8Array(status)[0] !== READY) return false;
    const frame = tried(() => chip.read(1 + (acknowledged ? FRAME : ACK)));
    if (frame === null || new Uint8Array(frame)[0] !== READY) return false;
    acknowledged = true;
    heard(new Uint8Array(frame).slice(1));
    return true;
  }

  return {
    write(bytes) {
      const from = bytes[0] === WAKE_UP ? frameStart(bytes) : 0;
      acknowledged = false;
      asked = tried(() => chip.write(bufferOf(bytes.subarray(from)))) !== null;
    },
    poll() {
      if (asked && take()) take();
    },
  };
}

/** Behind what wakes a chip on its serial port: the preamble of the frame. */
function frameStart(bytes: Uint8Array): number {
  const found = bytes.findIndex((byte, at) => byte === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 0xff);
  return Math.max(found, 0);
}

/** Null: nobody acknowledged. Whoever waits for an answer has a deadline of its own. */
function tried<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}
