import assert from "node:assert/strict";
import { pn532I2cOf } from "../../hal/esp32/pn532-i2c.js";
import { encodeCommand, type NfcEvent, nextFrame, startReader, stepReader, uidOf } from "../../src/nfc.js";
import { millis } from "../../src/units.js";
import { twinI2c } from "./twins.js";

const PINS = { data: 13, clock: 14 };
const ACK = [0, 0, 0xff, 0, 0xff, 0];
const CARD_10 = [0, 0, 0xff, 0x12, 0xee, 0xd5, 0x4b, 1, 1, 0, 0x84, 0, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x10, 0x13, 0];
const SHORT = (command: number) => [0, 0, 0xff, 2, 0xfe, 0xd5, command, -(0xd5 + command) & 0xff, 0];
const ANSWERS: Readonly<Record<number, readonly number[]>> = { 20: SHORT(0x15), 50: SHORT(0x33), 74: CARD_10 };
/** Nine bits each at 100 kHz. */
const BYTE_MS = 0.09;

/** A chip whose frames are ready `laterMs` after its acknowledgement; `status` stands before each. */
function chip(status: number, laterMs = 0) {
  let now = 0;
  let bytesOnBus = 0;
  let ready: { readonly at: number; readonly frame: readonly number[] }[] = [];
  const heard: Uint8Array[] = [];
  const I2C = twinI2c({
    write(bytes) {
      bytesOnBus += 1 + bytes.length;
      const frame = ANSWERS[bytes[bytes.indexOf(0xff) + 4] ?? 0] ?? [];
      ready = [
        { at: now, frame: ACK },
        { at: now + laterMs, frame },
      ];
      return true;
    },
    read(count) {
      bytesOnBus += 1 + count;
      const [first] = ready;
      const is = first !== undefined && first.at <= now;
      if (count === 1 || !is) return new Array<number>(count).fill(is ? status : 0);
      ready = ready.slice(1);
      return [status, ...first.frame, ...new Array<number>(count).fill(0)].slice(0, count);
    },
  });
  return {
    I2C,
    heard,
    pass: (ms: number): void => {
      now += ms;
    },
    now: () => now,
    bus: () => bytesOnBus * BYTE_MS,
  };
}

describe("esp32 PN532 on I2C, byte by byte", () => {
  it("takes a frame behind the ready byte 1 and behind no other value", () => {
    for (let status = 0; status < 256; status++) {
      const { I2C, heard } = chip(status);
      const port = pn532I2cOf(I2C, PINS, (bytes) => heard.push(bytes));
      port.write(encodeCommand(0x4a, [2, 0]));
      port.poll();
      const uids = heard
        .map((bytes) => nextFrame(bytes).frame)
        .map((frame) => (frame?.kind === "reply" ? uidOf(frame.payload) : null));
      assert.deepEqual(uids, status === 1 ? [null, "01020304050607080910"] : [], `${status}`);
    }
  });
  it("takes no frame whose ready byte is another than the one that was asked for just before", () => {
    let count = 0;
    const heard: Uint8Array[] = [];
    const I2C = twinI2c({ write: () => true, read: (bytes) => (bytes === 1 ? [1] : [++count & 0xfe, ...CARD_10]) });
    const port = pn532I2cOf(I2C, PINS, (bytes) => heard.push(bytes));
    port.write(encodeCommand(0x4a, [2, 0]));
    for (let at = 0; at < 10; at++) port.poll();
    assert.equal(heard.length, 0);
  });
  it("keeps the bus busy for at most 30 ms in any second, whenever the chip has its answer", () => {
    for (const laterMs of [0, 30, 90, 150, 190, 400]) {
      const { I2C, pass, now, bus } = chip(1, laterMs);
      let reader = startReader(millis(0));
      const take = (event: NfcEvent): void => {
        const step = stepReader(reader, event, millis(now()));
        reader = step.reader;
        if (step.send !== null) port.write(step.send);
      };
      const port = pn532I2cOf(I2C, PINS, (bytes) => take({ kind: "bytes", bytes }));
      const seconds: number[] = [];
      for (let at = 0; at < 200; at++) {
        const before = bus();
        port.poll();
        take({ kind: "tick" });
        seconds.push(bus() - before);
        pass(100);
      }
      for (let at = 20; at + 10 < seconds.length; at++) {
        const busy = seconds.slice(at, at + 10).reduce((sum, one) => sum + one, 0);
        assert.ok(busy <= 30, `${busy} ms at ${at}, ${laterMs} ms`);
      }
    }
  });
});
