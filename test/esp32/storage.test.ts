import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { chargerBoardOf, meterBoardOf } from "../../hal/esp32/board-config.js";
import { fromController, fromEvse } from "../../hal/esp32/crossing.js";
import { factorySettings } from "../../hal/esp32/factory.js";
import { FACTORY_SECTOR, storageOf } from "../../hal/esp32/storage.js";
import { boards } from "../../tools/build.js";
import { factoryImage } from "../../tools/flash.js";
import { provisionFor } from "../../tools/provision.js";

function chip() {
  const cells = new Uint8Array(8 * 4_096).fill(0xff);
  const calls: string[] = [];
  const partition = {
    read: (count: number, offset: number) => cells.slice(offset, offset + count).buffer,
    write(bytes: ArrayBuffer, offset: number): void {
      calls.push(`write ${offset}`);
      for (const [at, byte] of new Uint8Array(bytes).entries()) cells[offset + at] = (cells[offset + at] ?? 0) & byte;
    },
    eraseBlock(first: number): void {
      calls.push(`erase ${first}`);
      cells.fill(0xff, first * 4_096, (first + 1) * 4_096);
    },
  };
  return {
    calls,
    storage: storageOf({
      open({ path, mode }) {
        assert.deepEqual([path, mode], ["ievcc", "r+"]);
        return partition;
      },
    }),
  };
}

describe("esp32 storage", () => {
  it("reads, writes and erases sectors where they are, and touches nothing unasked", () => {
    const { storage, calls } = chip();
    assert.deepEqual([storage.sectors, storage.sectorSize, storage.pageSize], [6, 4_096, 256]);
    storage.write(2, 16, Uint8Array.of(1, 2));
    assert.deepEqual([...storage.read(2).slice(15, 19)], [0xff, 1, 2, 0xff]);
    storage.erase(2);
    assert.equal(storage.read(2)[16], 0xff);
    assert.deepEqual(calls, ["write 8208", "erase 2"]);
  });
  it("writes the bytes of a view, and not of the buffer behind it", () => {
    const { storage } = chip();
    storage.write(0, 0, Uint8Array.of(9, 1, 2, 9).subarray(1, 3));
    assert.deepEqual([...storage.read(0).slice(0, 3)], [1, 2, 0xff]);
  });
  it("refuses what would leave the partition, a sector or a page", () => {
    const { storage, calls } = chip();
    assert.throws(() => storage.erase(8), RangeError);
    assert.throws(() => storage.write(0, 4_095, Uint8Array.of(1, 2)), RangeError);
    assert.throws(() => storage.write(0, 0, new Uint8Array(257)), RangeError);
    assert.deepEqual(calls, []);
  });
});

describe("esp32 factory settings", () => {
  const image = (text: string): Uint8Array => {
    const made = factoryImage(text);
    return typeof made === "string" ? assert.fail(made) : made;
  };
  it("come from the file that the factory made for this device", () => {
    const { settings } = provisionFor("246f2800a1b2", () => 3);
    const found = factorySettings(
      image(
        JSON.stringify(
          provisionFor("246f2800a1b2", () => 3),
          null,
          2,
        ),
      ),
    );
    assert.equal(found.why, null);
    assert.equal(found.settings.portalPassword, settings.portalPassword);
  });
  it("are the defaults without one, and say so when it is damaged, refused or unknown", () => {
    assert.equal(factorySettings(new Uint8Array(4_096).fill(0xff)).why, null);
    for (const text of ["{", '{"settings":{"maxA":9999}}', '{"wrong":1}', "\u0000", '{"settings":3}']) {
      assert.notEqual(factorySettings(image(text)).why, null, text);
    }
  });
  it("do not fit when they are too long or not ASCII", () => {
    assert.equal(typeof factoryImage("x".repeat(4_097)), "string");
    assert.equal(typeof factoryImage("é"), "string");
  });
  it("lie behind the sectors that the programs know", () => {
    assert.ok(FACTORY_SECTOR >= chip().storage.sectors);
  });
});

describe("esp32 boards", () => {
  const pinsIn = (value: unknown): number[] => {
    if (typeof value === "number") return [value];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([name, inner]) => (["port", "address"].includes(name) ? [] : pinsIn(inner)));
  };
  const configOf = (board: string): Record<string, unknown> =>
    JSON.parse(readFileSync(`hal/esp32/boards/${board}/manifest.json`, "utf8")).config;
  /** ADC1; ADC2 is dead while the radio is on. */
  const analog = (board: string): readonly number[] =>
    board === "esp32-c3" ? [0, 1, 2, 3, 4] : [32, 33, 34, 35, 36, 37, 38, 39];

  for (const board of boards()) {
    it(`${board}: has every pin that both apps need, each once`, () => {
      const config = configOf(board);
      const { evse, residual, pzem, nfc, lamp, button, ethernet } = chargerBoardOf(config);
      meterBoardOf(config);
      const pins = pinsIn({ evse, residual, pzem, nfc, lamp, button, ethernet });
      assert.equal(new Set(pins).size, pins.length, pins.join());
    });
    it(`${board}: measures on pins that can, drives none that cannot, and keeps off the flash`, () => {
      const { evse, residual, pzem, lamp, nfc } = chargerBoardOf(configOf(board));
      for (const pin of [evse.pilotSense, evse.temperature, ...(evse.proximity === null ? [] : [evse.proximity])]) {
        assert.ok(analog(board).includes(pin), `analog ${pin}`);
      }
      const driven = [
        evse.pilot,
        evse.contactor,
        pzem.transmit,
        ...pinsIn(lamp),
        ...pinsIn(nfc),
        residual?.test ?? evse.pilot,
      ];
      for (const pin of driven) {
        const limit = board === "esp32-c3" ? 21 : 33;
        assert.ok(pin <= limit && !(board !== "esp32-c3" && pin >= 6 && pin <= 11), `output ${pin}`);
      }
    });
    it(`${board}: has a contactor pin that no boot loader drives or pulls high`, () => {
      const { contactor } = chargerBoardOf(configOf(board)).evse;
      const high = board === "esp32-c3" ? [2, 8, 9, 18, 19, 20, 21] : [0, 1, 3, 5, 14, 15];
      assert.ok(!high.includes(contactor), String(contactor));
    });
  }
  it("says what a board lacks", () => {
    assert.throws(() => chargerBoardOf({}), /board has no nfcSerial/);
    assert.throws(() => meterBoardOf({ pzem: { port: "2" } }), /pzem\.port/);
    assert.throws(() => chargerBoardOf(null), /board has no/);
  });
});

describe("esp32 messages between the machines", () => {
  it("are leases and set-ups one way, status the other, and nothing else", () => {
    assert.notEqual(fromController({ kind: "lease", lease: {} }), null);
    assert.notEqual(fromController({ kind: "setup", setup: {} }), null);
    assert.notEqual(fromEvse({ kind: "status", status: {} }), null);
    for (const noise of [null, 3, {}, { kind: "inputs" }, { kind: "lease" }, "lease"]) {
      assert.equal(fromController(noise), null);
      assert.equal(fromEvse(noise), null);
    }
  });
});
