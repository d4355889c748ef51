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

/** What is wrong with the chip or its wires. */
interface Trouble {
  readonly silent?: boolean;
  /** I2C: nobody acknowledges. */
  readonly absent?: boolean;
  /** What it says instead of a whole answer. */
  readonly says?: (answer: readonly number[]) => readonly number[];
  readonly delayMs?: number;
}

/** A PN532 that answers what it was asked, and whoever reads cards with it; both outlive no `restart` of the reader. */
function cards(bus: "I2C" | "HSU") {
  let now = 0;
  let trouble: Trouble = {};
  let due: { readonly at: number; readonly bytes: readonly number[] }[] = [];
  let ready: (readonly number[])[] = [];
  const asked: number[] = [];
  const uart = twinSerial();

  function ask(bytes: Uint8Array): void {
    const start = bytes.indexOf(0xff);
    const command = bytes[start + 4] ?? 0;
    asked.push(command);
    ready = [];
    const answer = ANSWERS[command] ?? [];
    if (trouble.silent) return;
    const at = now + (trouble.delayMs ?? 0);
    due.push({ at, bytes: ACK }, { at, bytes: trouble.says?.(answer) ?? answer });
  }
  const I2C = twinI2c({
    write(bytes) {
      if (trouble.absent) return false;
      assert.deepEqual([...bytes.slice(0, 3)], [0, 0, 0xff]);
      ask(bytes);
      return true;
    },
    read(count) {
      if (trouble.absent) return null;
      const is = ready.length > 0 ? 1 : 0;
      if (count === 1) return [is];
      return [is, ...(ready.shift() ?? []), ...new Array<number>(count).fill(0)].slice(0, count);
    },
  });

  function reading(presented: string[]) {
    let reader: NfcReader = startReader(millis(now));
    const heard = (bytes: Uint8Array): void => take({ kind: "bytes", bytes });
    const i2c = bus === "I2C" ? pn532I2cOf(I2C, { data: 13, clock: 14 }, heard) : null;
    const port = i2c ?? serialOf(uart.Serial, PINS, 115_200, heard);
    function take(event: Parameters<typeof stepReader>[1]): void {
      const step = stepReader(reader, event, millis(now));
      reader = step.reader;
      if (step.presented !== null) presented.push(step.presented);
      if (step.send === null) return;
      port.write(step.send);
      if (bus === "HSU") ask(uart.sent.at(-1) ?? new Uint8Array(0));
    }
    return { poll: () => i2c?.poll(), tick: () => take({ kind: "tick" }) };
  }
  const presented: string[] = [];
  let reader = reading(presented);
  return {
    asked,
    presented,
    set: (what: Trouble) => {
      trouble = what;
    },
    restart: () => {
      reader = reading(presented);
    },
    pass(ms: number): void {
      for (const end = now + ms; now < end; ) {
        now += 50;
        const comes = due.filter((one) => one.at <= now);
        due = due.filter((one) => one.at > now);
        for (const { bytes } of comes) {
          if (bus === "I2C") ready.push(bytes);
          else uart.receive(bytes);
        }
        reader.poll();
        reader.tick();
      }
    },
  };
}

const TROUBLES: Readonly<Record<string, Trouble>> = {
  silence: { silent: true },
  "half a frame": { says: (answer) => answer.slice(0, 7) },
  noise: { says: () => [0x12, 0, 0xff, 0x34, 0, 0, 0xff, 200, 3, 0xd5] },
  "a damaged sum": { says: (answer) => answer.map((byte, at) => (at === answer.length - 2 ? byte ^ 1 : byte)) },
  "answers that come too late": { delayMs: 350 },
};

for (const bus of ["I2C", "HSU"] as const) {
  describe(`esp32 PN532 on ${bus}`, () => {
    it("wakes, configures and finds a card", () => {
      const { asked, presented, pass } = cards(bus);
      pass(2_000);
      assert.deepEqual(asked.slice(0, 3), [0x14, 0x32, 0x4a]);
      assert.deepEqual(presented, ["01020304"]);
    });
    const troubles = bus === "I2C" ? { ...TROUBLES, "a bus that nobody acknowledges": { absent: true } } : TROUBLES;
    for (const [name, trouble] of Object.entries(troubles)) {
      it(`finds no card with ${name}, from the start or in the middle, and the card after it, without a reboot`, () => {
        const atStart = cards(bus);
        atStart.set(trouble);
        atStart.pass(5_000);
        assert.deepEqual(atStart.presented, []);
        atStart.set({});
        atStart.pass(4_000);
        const later = cards(bus);
        later.pass(100);
        later.set(trouble);
        later.pass(5_000);
        later.set({});
        later.pass(4_000);
        assert.deepEqual([atStart.presented, later.presented], [["01020304"], ["01020304"]]);
      });
    }
    it("begins anew after a restart in the middle of an answer", () => {
      const { presented, set, restart, pass } = cards(bus);
      set({ delayMs: 150, says: (answer) => answer.slice(0, 9) });
      pass(75);
      restart();
      set({});
      pass(4_000);
      assert.deepEqual(presented, ["01020304"]);
    });
  });
}

describe("esp32 OLED", () => {
  function display() {
    const writes: Uint8Array[] = [];
    let refuses = (_bytes: Uint8Array): boolean => false;
    const I2C = twinI2c({
      read: () => null,
      write(bytes) {
        if (refuses(bytes)) return false;
        writes.push(bytes.slice());
        return true;
      },
    });
    const refuse = (what: typeof refuses): void => {
      refuses = what;
    };
    const oled = oledOf(I2C, { data: 13, clock: 14 });
    const settle = (): void => {
      for (let turn = 0; turn < 10; turn++) oled.refresh();
    };
    return { oled, writes, settle, refuse };
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
    const { oled, writes, settle, refuse } = display();
    oled.text(["a"]);
    settle();
    refuse(() => true);
    oled.text(["b"]);
    settle();
    const before = writes.length;
    refuse(() => false);
    settle();
    assert.equal(writes.length, before + 17);
  });
  it("writes a line again whose pixels nobody took, and all of it after a restart in the middle", () => {
    const { oled, writes, settle, refuse } = display();
    oled.text(["a", "b"]);
    oled.refresh();
    refuse((bytes) => bytes[0] === 0x40);
    settle();
    refuse(() => false);
    const before = writes.length;
    settle();
    assert.equal(writes.length, before + 17);
    const again = display();
    again.oled.text(["a"]);
    again.settle();
    assert.equal(again.writes[0]?.length, 1 + 25);
  });
  it("has a letter for each of ASCII, and a question mark for the others", () => {
    const letters = Array.from({ length: 95 }, (_, at) => columnsOf(String.fromCharCode(32 + at)).join());
    assert.equal(new Set(letters).size, 95);
    assert.deepEqual(columnsOf("€"), columnsOf("?"));
    for (const letter of letters) assert.ok(letter.split(",").every((byte) => Number(byte) < 128));
  });
});
