import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeText, encodeText, textLength } from "../src/text.js";

describe("text", () => {
  it("gives the same bytes as the platform's encoder for every string", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        assert.deepEqual(encodeText(text), new TextEncoder().encode(text));
        assert.equal(textLength(text), new TextEncoder().encode(text).length);
      }),
    );
  });

  it("gives the same for long texts, whose pieces begin within a pair of surrogates, or half of one", () => {
    const letter = fc.constantFrom("a", "é", "€", "😀", "\ud83d", "\ude00");
    fc.assert(
      fc.property(fc.nat(66), fc.array(letter, { maxLength: 140 }), (plain, letters) => {
        const text = "x".repeat(plain) + letters.join("");
        assert.deepEqual(encodeText(text), new TextEncoder().encode(text));
        assert.equal(textLength(text), encodeText(text).length);
      }),
    );
  });

  it("writes half a surrogate pair as the replacement character", () => {
    assert.deepEqual(encodeText("a\ud800b"), new TextEncoder().encode("a\ufffdb"));
  });

  it("accepts exactly the bytes that the platform's strict decoder accepts, and reads the same", () => {
    const byte = fc.oneof(
      fc.nat(255),
      fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xa0, 0xf0, 0xf4, 0x90),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 12 }), (list) => {
        const bytes = Uint8Array.from(list);
        const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
        let expected: string | null = null;
        try {
          expected = strict.decode(bytes);
        } catch (error) {
          assert.ok(error instanceof TypeError);
        }
        const decoded = decodeText(bytes, 100);
        assert.deepEqual(decoded, expected === null ? { ok: false, why: "notText" } : { ok: true, text: expected });
      }),
      { numRuns: 3_000 },
    );
  });

  it("reads back what it wrote", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 100 }), (text) => {
        assert.deepEqual(decodeText(encodeText(text), 10_000), { ok: true, text });
      }),
    );
  });

  it("refuses more bytes than its limit", () => {
    assert.deepEqual(decodeText(new Uint8Array(5), 4), { ok: false, why: "long" });
    assert.deepEqual(decodeText(encodeText("abcd"), 4), { ok: true, text: "abcd" });
  });
});
