import assert from "node:assert/strict";
import fc from "fast-check";
import { crc16, crcFits, withCrc } from "../src/modbus.js";
import { encodeText } from "../src/text.js";

describe("modbus CRC", () => {
  it("is the CRC-16/MODBUS that everybody else computes", () => {
    assert.equal(crc16(encodeText("123456789"), 9), 0x4b37);
    assert.equal(crc16(new Uint8Array(0), 0), 0xffff);
  });
  it("stands low byte first behind the bytes", () => {
    assert.deepEqual([...withCrc([0x11, 0x03, 0x00, 0x6b, 0x00, 0x03])], [0x11, 3, 0, 0x6b, 0, 3, 0x76, 0x87]);
  });
  it("fits no frame that is too short to have one", () => {
    for (const length of [0, 1, 2]) assert.equal(crcFits(new Uint8Array(length).fill(0xff)), false);
  });
  it("fits its own bytes, and not after any one bit of them has changed", () => {
    const bytes = fc.array(fc.constantFrom(0, 1, 4, 20, 0x7f, 0x80, 0xff), { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat(7), (list, place, bit) => {
        const framed = withCrc(list);
        assert.ok(crcFits(framed));
        const at = place % framed.length;
        framed[at] = (framed[at] ?? 0) ^ (1 << bit);
        assert.ok(!crcFits(framed));
      }),
    );
  });
});
