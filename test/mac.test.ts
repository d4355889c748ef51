import assert from "node:assert/strict";
import fc from "fast-check";
import { isMacOf, keyBytes, MAC_SIZE, macKey, macOf } from "../src/mac.js";
import { encodeText } from "../src/text.js";

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

/** RFC 4231, test cases 1-4, 6 and 7: key, message, the first 16 bytes of HMAC-SHA-256. */
const VECTORS: readonly (readonly [Uint8Array, Uint8Array, string])[] = [
  [filled(20, 0x0b), encodeText("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b"],
  [encodeText("Jefe"), encodeText("what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c7"],
  [filled(20, 0xaa), filled(50, 0xdd), "773ea91e36800e46854db8ebd09181a7"],
  [
    keyBytes("0102030405060708090a0b0c0d0e0f10111213141516171819"),
    filled(50, 0xcd),
    "82558a389a443c0ea4cc819899f2083a",
  ],
  [
    filled(131, 0xaa),
    encodeText("Test Using Larger Than Block-Size Key - Hash Key First"),
    "60e431591ee0b67f0d8a26aacbf5b77f",
  ],
  [
    filled(131, 0xaa),
    encodeText(
      "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
    ),
    "9b09ffa71b942fcb27635fbcd5b0e944",
  ],
];

describe("proof of the key", () => {
  it("is the first 16 bytes of HMAC-SHA-256, as the vectors of RFC 4231 say", () => {
    for (const [key, message, mac] of VECTORS) assert.equal(hex(macOf(macKey(key), message)), mac);
    // Test case 5 is cut to 128 bits by the RFC itself.
    assert.equal(
      hex(macOf(macKey(filled(20, 0x0c)), encodeText("Test With Truncation"))),
      "a3b6167473100ee06e0c796c2955552b",
    );
  });
  it("is the same each time a key is used", () => {
    const key = macKey(filled(16, 7));
    const first = hex(macOf(key, encodeText("one")));
    macOf(key, encodeText("another"));
    assert.equal(hex(macOf(key, encodeText("one"))), first);
  });
  it("holds for these bytes, this key and nothing else", () => {
    const key = macKey(filled(16, 7));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.nat(MAC_SIZE * 8 - 1), (bytes, bit) => {
        const mac = macOf(key, bytes);
        assert.ok(isMacOf(key, bytes, mac));
        const turned = mac.slice();
        turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        assert.ok(!isMacOf(key, bytes, turned));
        assert.ok(!isMacOf(macKey(filled(16, 8)), bytes, mac));
        assert.ok(!isMacOf(key, Uint8Array.of(...bytes, 0), mac));
      }),
      { numRuns: 30 },
    );
  });
  it("does not hold for fewer or more bytes than it has", () => {
    const key = macKey(filled(16, 7));
    const mac = macOf(key, encodeText("x"));
    for (const wrong of [new Uint8Array(0), mac.slice(0, 15), Uint8Array.of(...mac, 0)]) {
      assert.ok(!isMacOf(key, encodeText("x"), wrong));
    }
  });
});

describe("key", () => {
  it("is read from its hex digits, upper or lower case", () => {
    assert.deepEqual([...keyBytes("00ffA1a1")], [0, 255, 161, 161]);
    assert.equal(keyBytes("").length, 0);
  });
});
