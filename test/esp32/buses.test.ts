import assert from "node:assert/strict";
import { oledOf } from "../../hal/esp32/oled.js";
import { columnsOf } from "../../hal/esp32/oled-font.js";
import { pn532I2cOf } from "../../hal/esp32/pn532-i2c.js";
import { serialOf } from "../../hal/esp32/serial.js";
import { crc16 } from "../../src/modbus.js";
import { type NfcReader, startReader, stepReader } from "../../src/nfc.js";
import { type BusAnswer, startBus, stepBus } from "../../src/pzem-bus.js";
import { millis } from "../../src/units.js";
import { twinI2c, twinSerial } from "./twins.js";

const PINS = { port: 2, receive: 16, transmit: 17 };

/** A reply of module 1: 230.0 V, 10.000 A. */
function reply(): number[] {
  const body = new Uint8Array(23);
  body.set([1, 4, 20, 0x08, 0xfc, 0x27, 0x10, 0, 0, 0x59, 0xd8, 0, 0, 0, 1, 0, 0, 0x01, 0xf4, 0, 100, 0, 0]);
  const crc = crc16(body, body.length);
  return [...body, crc & 0xff, crc >> 8];
}

/** The bus of src over our port: the program that recovers, and the wire that misbehaves. */
function meter() {
  const uart = twinSerial();
  let bus = startBus([1], millis(1_000), millis(0));
  const answers: BusAnswer[] = [];
  let now = 0;
  const take = (event: Parameters<typeof stepBus>[1]): void => {
    const step = stepBus(bus, event, millis(now));
    bus = step.bus;
    if (step.answer !== null) answers.push(step.answer);
    if (step.send !== null) port.write(step.send);
  };
  const port = serialOf(uart.Serial, PINS, 9_600, (bytes) => take({ kind: "bytes", bytes }));
  return {
    uart,
    answers,
    pass(ms: number): void {
      for (const end = now + ms; now < end; ) {
        now += 100;
        take({ kind: "tick" });
      }
    },
  };
}

describe("esp32 serial, with PZEMs", () => {
  it("brings a reply in pieces of any size", () => {
    const { uart, answers, pass } = meter();
    pass(100);
    const bytes = reply();
    uart.receive(bytes.slice(0, 3));
    uart.receive(bytes.slice(3, 10));
    uart.receive(bytes.slice(10));
    assert.deepEqual(
      answers.map((one) => one.ok),
      [true],
    );
  });
  it("reads the next reply after silence, half a frame, noise and a late answer, without a reboot", () => {
    const { uart, answers, pass } = meter();
    pass(1_000);
    uart.receive(reply().slice(0, 11));
    pass(1_000);
    uart.receive([0xff, 0x01, 0x04, 0x14, 0x00]);
    pass(1_000);
    uart.receive(reply());
    pass(100);
    const before = answers.length;
    pass(1_000);
    uart.receive(reply());
    pass(200);
    assert.ok(answers.length > before);
    assert.ok(answers.slice(before - 1).some((one) => one.ok));
  });
  it("arms its interrupt again with the next request when an event was lost and the FIFO ran over", () => {
    const { uart, answers, pass } = meter();
    pass(100);
    uart.receive(
      Array.from({ length: 300 }, () => 0x55),
      false,
    );
    pass(2_000);
    uart.receive(reply());
    assert.ok(answers.at(-1)?.ok);
  });
  it("loses a request that finds no room, and the next one goes out", () => {
    const { uart, answers, pass } = meter();
    uart.setRoom(3);
    pass(900);
    assert.equal(uart.sent.length, 0);
    uart.setRoom(128);
    pass(300);
    assert.equal(uart.sent.length, 1);
    uart.receive(reply());
    assert.ok(answers.at(-1)?.ok);
  });
  it("begins anew after a restart in the middle of a reply", () => {
    const first = meter();
    first.pass(100);
    first.uart.receive(reply().slice(0, 12));
    const second = meter();
    second.uart.receive(reply().slice(12));
    second.pass(100);
    second.uart.receive(reply());
    second.pass(400);
    second.pass(1_000);
    second.uart.receive(reply());
    assert.ok(second.answers.some((one) => one.ok));
  });
});

const ACK = [0, 0, 0xff, 0, 0xff, 0];
const framed = (...body: readonly number[]): number[] => {
  const sum = body.reduce((total, byte) => total + byte, 0);
  return [0, 0, 0xff, body.length, -body.length & 0xff, ...body, -sum & 0xff, 0];
};
const ANSWERS: Readonly<Record<number, number[]>> = {
  20: framed(0xd5, 0x15),
  50: framed(0xd5, 0x33),
  74: framed(0xd5, 0x4b, 1, 1, 0, 4, 8, 4, 1, 2, 3, 4),
};

/** A PN532 that answers what it was asked, by I2C: a status byte, then a frame. */
function chip() {
  const frames: number[][] = [];
  let answers = true;
  let acknowledges = true;
  const asked: number[] = [];
  const I2C = twinI2c({
    write(bytes) {
      if (!acknowledges) return false;
      assert.deepEqual([...bytes.slice(0, 3)], [0, 0, 0xff]);
      const command = bytes[6] ?? 0;
      asked.push(command);
      frames.length = 0;
      const answer = ANSWERS[command];
      if (answers && answer !== undefined) frames.push(ACK, answer);
      return true;
    },
    read(count) {
      if (!acknowledges) return null;
      const ready = frames.length > 0 ? 1 : 0;
      if (count === 1) return [ready];
      const frame = frames.shift() ?? [];
      return [ready, ...frame, ...new Array<number>(count).fill(0)].slice(0, count);
    },
  });
  return {
    I2C,
    asked,
    frames,
    set: (what: { answers?: boolean; acknowledges?: boolean }) => {
      answers = what.answers ?? answers;
      acknowledges = what.acknowledges ?? acknowledges;
    },
  };
}

function cards() {
  const pn532 = chip();
  let now = 0;
  let reader: NfcReader = startReader(millis(0));
  const presented: string[] = [];
  const take = (event: Parameters<typeof stepReader>[1]): void => {
    const step = stepReader(reader, event, millis(now));
    reader = step.reader;
    if (step.presented !== null) presented.push(step.presented);
    if (step.send !== null) port.write(step.send);
  };
  const port = pn532I2cOf(pn532.I2C, { data: 13, clock: 14 }, (bytes) => take({ kind: "bytes", bytes }));
  return {
    ...pn532,
    presented,
    pass(ms: number): void {
      for (const end = now + ms; now < end; ) {
        now += 50;
        port.poll();
        take({ kind: "tick" });
      }
    },
  };
}

describe("esp32 PN532 on I2C", () => {
  it("wakes, configures and finds a card, by frames without the serial port's wake-up", () => {
    const { asked, presented, pass } = cards();
    pass(2_000);
    assert.deepEqual(asked.slice(0, 3), [0x14, 0x32, 0x4a]);
    assert.deepEqual(presented, ["01020304"]);
  });
  it("finds it after silence, a bus that nobody acknowledges, half a frame and noise, without a reboot", () => {
    const { presented, frames, set, pass } = cards();
    set({ acknowledges: false });
    pass(3_000);
    set({ acknowledges: true, answers: false });
    pass(3_000);
    frames.push(ACK, [0, 0, 0xff, 9], [0x12, 0, 0xff, 0x34]);
    pass(1_000);
    set({ answers: true });
    pass(4_000);
    assert.deepEqual(presented, ["01020304"]);
  });
});

describe("esp32 OLED", () => {
  function display() {
    const writes: Uint8Array[] = [];
    let there = true;
    const I2C = twinI2c({
      read: () => null,
      write(bytes) {
        if (there) writes.push(bytes.slice());
        return there;
      },
    });
    const oled = oledOf(I2C, { data: 13, clock: 14 });
    const settle = (): void => {
      for (let turn = 0; turn < 10; turn++) oled.refresh();
    };
    return { oled, writes, settle, plug: (is: boolean) => (there = is) };
  }
  it("starts the display, writes eight lines once, then only what changes", () => {
    const { oled, writes, settle } = display();
    oled.text(["230.1V 1.20A 276W"]);
    settle();
    assert.equal(writes.length, 1 + 8 * 2);
    oled.text(["230.2V 1.20A 276W"]);
    settle();
    assert.equal(writes.length, 1 + 8 * 2 + 2);
    const pixels = writes.at(-1) ?? new Uint8Array(0);
    assert.deepEqual([pixels.length, pixels[0], ...pixels.slice(1, 6)], [129, 0x40, ...columnsOf("2")]);
  });
  it("writes all of it again to a display that was away", () => {
    const { oled, writes, settle, plug } = display();
    oled.text(["a"]);
    settle();
    plug(false);
    oled.text(["b"]);
    settle();
    const before = writes.length;
    plug(true);
    settle();
    assert.equal(writes.length, before + 17);
  });
  it("has a letter for each of ASCII, and a question mark for the others", () => {
    const letters = Array.from({ length: 95 }, (_, at) => columnsOf(String.fromCharCode(32 + at)).join());
    assert.equal(new Set(letters).size, 95);
    assert.deepEqual(columnsOf("€"), columnsOf("?"));
    for (const letter of letters) assert.ok(letter.split(",").every((byte) => Number(byte) < 128));
  });
});
