import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { chargerBoardOf, meterBoardOf } from "../../hal/esp32/board-config.js";
import { fromController, fromEvse } from "../../hal/esp32/crossing.js";
import { FACTORY, factorySettings } from "../../hal/esp32/factory.js";
import { storageOf } from "../../hal/esp32/storage.js";
import { SECTORS } from "../../src/flash-map.js";
import { boards } from "../../tools/build.js";
import { provisionFor, provisionImage } from "../../tools/provision.js";
import { readNvs } from "../nvs-reader.js";
import { twinKeyValue } from "./twins.js";

function chip() {
  const cells = new Uint8Array(6 * 4_096).fill(0xff);
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
    assert.deepEqual([storage.sectors, storage.sectorSize, storage.pageSize], [SECTORS, 4_096, 256]);
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
  it("tells that a write or an erase failed, and does the next; a restart in between finds what was written", () => {
    const cells = new Uint8Array(6 * 4_096).fill(0xff);
    let breaks = true;
    const guarded = (act: () => void): void => {
      if (breaks) throw new Error("ESP_ERR_FLASH_OP_TIMEOUT");
      act();
    };
    const flash = {
      open: () => ({
        read: (count: number, offset: number) => cells.slice(offset, offset + count).buffer,
        write: (bytes: ArrayBuffer, offset: number) => guarded(() => cells.set(new Uint8Array(bytes), offset)),
        eraseBlock: (first: number) => guarded(() => void cells.fill(0xff, first * 4_096, (first + 1) * 4_096)),
      }),
    };
    const storage = storageOf(flash);
    assert.throws(() => storage.write(1, 0, Uint8Array.of(7)), /FLASH_OP_TIMEOUT/);
    assert.throws(() => storage.erase(1), /FLASH_OP_TIMEOUT/);
    breaks = false;
    storage.write(1, 0, Uint8Array.of(7, 8));
    assert.deepEqual([...storageOf(flash).read(1).slice(0, 3)], [7, 8, 0xff]);
  });
  it("is not there when the device was flashed with another table", () => {
    assert.throws(() => storageOf({ open: () => assert.fail("not found") }), /not found/);
  });
  it("refuses what would leave the partition, a sector or a page", () => {
    const { storage, calls } = chip();
    assert.throws(() => storage.erase(SECTORS), RangeError);
    assert.throws(() => storage.read(SECTORS), RangeError);
    assert.throws(() => storage.write(0, 4_095, Uint8Array.of(1, 2)), RangeError);
    assert.throws(() => storage.write(0, 0, new Uint8Array(257)), RangeError);
    assert.deepEqual(calls, []);
  });
});

describe("esp32 factory settings", () => {
  const made = provisionFor("246f2800a1b2", () => 3);
  const from = (text: unknown) => factorySettings(twinKeyValue({ [`${FACTORY.path}/${FACTORY.key}`]: text }));
  it("come from the image that the factory made for this device", () => {
    const found = factorySettings(twinKeyValue(readNvs(provisionImage(made))));
    assert.equal(found.why, null);
    assert.equal(found.settings.portalPassword, made.settings.portalPassword);
  });
  it("are the defaults where nobody wrote any, and nothing is wrong then", () => {
    for (const store of [
      twinKeyValue({}),
      twinKeyValue({ "ievcc/other": "x" }),
      twinKeyValue({ "other/factory": "x" }),
    ])
      assert.equal(factorySettings(store).why, null);
  });
  it("are the defaults and say so when they are damaged, refused, unknown or no text", () => {
    for (const text of ["", "{", '{"settings":{"maxA":9999}}', '{"wrong":1}', "\u0000", '{"settings":3}', 7]) {
      assert.notEqual(from(text).why, null, String(text));
    }
  });
  it("are the defaults and say so when the partition cannot be read, and come with the next start when it can", () => {
    const store = twinKeyValue(readNvs(provisionImage(made)));
    const broken = { open: () => assert.fail("ESP_ERR_NVS_INVALID_STATE") };
    assert.match(factorySettings(broken).why ?? "", /ESP_ERR_NVS_INVALID_STATE/);
    assert.equal(factorySettings(store).why, null);
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
    assert.notEqual(fromController({ kind: "look" }), null);
    assert.notEqual(fromEvse({ kind: "status", status: {} }), null);
    assert.notEqual(fromEvse({ kind: "measured", measured: {} }), null);
    for (const noise of [null, 3, {}, { kind: "inputs" }, { kind: "lease" }, { kind: "measured" }, "lease"]) {
      assert.equal(fromController(noise), null);
      assert.equal(fromEvse(noise), null);
    }
  });
});
