import assert from "node:assert/strict";
import fc from "fast-check";
import { readBytes, writeBytes } from "../src/bytes.js";

const written = (write: (to: ReturnType<typeof writeBytes>) => void, limit = 64): Uint8Array => {
  const to = writeBytes(limit);
  write(to);
  return to.bytes();
};

describe("bytes", () => {
  it("are written with the high byte first", () => {
    const bytes = written((to) => {
      to.u8(0x12);
      to.u16(0x3456);
      to.u32(0x789a_bcde);
    });
    assert.deepEqual([...bytes], [0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde]);
  });
  it("come back as they were written", () => {
    const u32 = fc.constantFrom(0, 1, 0x7fff_ffff, 0xffff_ffff);
    const f64 = fc.constantFrom(0, 1, 2 ** 32, Number.MAX_SAFE_INTEGER);
    fc.assert(
      fc.property(fc.nat(255), fc.nat(65_535), u32, f64, fc.uint8Array({ maxLength: 8 }), (a, b, c, d, raw) => {
        const from = readBytes(
          written((to) => {
            to.u8(a);
            to.u16(b);
            to.u32(c);
            to.f64(d);
            to.text("charger-1");
            to.raw(raw);
          }),
        );
        assert.deepEqual([from.u8(), from.u16(), from.u32(), from.f64(), from.text()], [a, b, c, d, "charger-1"]);
        assert.deepEqual([...from.raw(raw.length)], [...raw]);
        assert.deepEqual([from.left(), from.short()], [0, false]);
      }),
    );
  });
  it("hold the largest value where a larger is written, and 0 for a negative one", () => {
    const bytes = written((to) => {
      to.u8(256);
      to.u8(-1);
      to.u16(70_000);
      to.u32(2 ** 40);
    });
    assert.deepEqual([...bytes], [255, 0, 255, 255, 255, 255, 255, 255]);
  });
  it("throw when more is written than there may be: that is a bug", () => {
    assert.throws(() => written((to) => to.u32(1), 3), RangeError);
    assert.throws(() => written((to) => to.raw(new Uint8Array(4)), 3), RangeError);
  });
  it("read as 0 past their end, and are short from then on", () => {
    const from = readBytes(Uint8Array.of(1, 2, 3));
    assert.deepEqual([from.u16(), from.short()], [0x0102, false]);
    assert.deepEqual([from.u16(), from.short(), from.left()], [0, true, 0]);
    assert.deepEqual([from.u8(), from.u32(), from.f64(), from.text(), from.raw(1).length], [0, 0, 0, "", 0]);
  });
  it("are short where a number is not whole, negative or too large", () => {
    for (const value of [0.5, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      const from = readBytes(written((to) => to.f64(value)));
      assert.deepEqual([from.f64(), from.short()], [0, true], String(value));
    }
  });
  it("are read without a throw, whatever they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), fc.array(fc.nat(5), { maxLength: 8 }), (bytes, reads) => {
        const from = readBytes(bytes);
        for (const read of reads) {
          [from.u8, from.u16, from.u32, from.f64, from.text, () => from.raw(3)][read]?.();
          assert.ok(from.left() <= bytes.length);
        }
      }),
    );
  });
});
