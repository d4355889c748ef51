import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { nvsImage } from "../tools/nvs-image.js";
import { readNvs } from "./nvs-reader.js";

const SIZE = 4 * 4_096;
const imageOf = (text: string, namespace = "ievcc", key = "factory", size = SIZE): Uint8Array => {
  const made = nvsImage(namespace, key, text, size);
  return typeof made === "string" ? assert.fail(made) : made;
};

describe("an NVS image", () => {
  it("is byte for byte what the ESP-IDF's generator makes of the same text", () => {
    // esp-idf-nvs-partition-gen, from a CSV with the namespace ievcc and the text as the file of the key factory.
    const known = {
      x: "d944f5ca3df7237c269f752d6aa8292322fe91dbcea5d1633cca5cb154ebfc70",
      [`${"z".repeat(31)}`]: "4d22491de1886cc91df235e6dc8be914d47becf475b14005a6c026ffddf7bdb4",
      [`${"z".repeat(32)}`]: "72de0facfee727e8ef32de3b301ed0790e4d5f5df8784435b4cdebca7f1831f9",
      [`${"y".repeat(3_935)}`]: "01056fe2b38f0968c1dfc9e7172696fe06f643a7faa4270a091c5b082efbf098",
    };
    for (const [text, hash] of Object.entries(known)) {
      assert.equal(createHash("sha256").update(imageOf(text)).digest("hex"), hash, `${text.length}`);
    }
  });
  it("holds one text, whole, wherever its bytes end", () => {
    for (const length of [0, 1, 30, 31, 32, 63, 3_934, 3_935]) {
      const text = "a".repeat(length);
      assert.deepEqual(readNvs(imageOf(text)), { "ievcc/factory": text }, String(length));
    }
    const noZero = fc.string({ unit: "grapheme", maxLength: 60 }).filter((text) => !text.includes("\0"));
    fc.assert(
      fc.property(noZero, (text) => {
        const read = readNvs(imageOf(text))["ievcc/factory"];
        assert.equal(read, new TextDecoder().decode(new TextEncoder().encode(text)));
      }),
    );
  });
  it("is of the partition's size, and leaves pages free", () => {
    for (const size of [3 * 4_096, SIZE]) {
      const image = imageOf("a", "ievcc", "factory", size);
      assert.equal(image.length, size);
      assert.ok(image.subarray(4_096).every((byte) => byte === 0xff));
    }
  });
  it("is none of what does not fit, or what no device could ask for", () => {
    const refused = [
      nvsImage("ievcc", "factory", "a".repeat(3_936), SIZE),
      nvsImage("ievcc", "factory", "é".repeat(1_968), SIZE),
      nvsImage("ievcc", "factory", "a\0b", SIZE),
      nvsImage("", "factory", "a", SIZE),
      nvsImage("ievcc", "a".repeat(16), "a", SIZE),
      nvsImage("ievcc", "clé", "a", SIZE),
      nvsImage("ievcc", "factory", "a", 2 * 4_096),
      nvsImage("ievcc", "factory", "a", SIZE - 1),
    ];
    for (const [at, one] of refused.entries()) assert.equal(typeof one, "string", String(at));
  });
  it("is refused by a reader when any bit of what is written has changed", () => {
    const image = imageOf("hush-hush");
    // What fills up the last entry of a text belongs to nothing, nor do the last bits behind those of 126 entries.
    const written = 64 + 2 * 32 + "hush-hush".length + 1;
    for (let bit = 0; bit < 8 * written; bit++) {
      const at = bit >> 3;
      if (bit >= 8 * 32 + 2 * 126 && bit < 8 * 64) continue;
      const broken = image.slice();
      broken[at] = (broken[at] ?? 0) ^ (1 << (bit & 7));
      assert.throws(() => readNvs(broken), `${at}`);
    }
  });
  it("is refused when it was cut", () => {
    const image = imageOf("hush-hush");
    for (const length of [100, 4_096, 8_191]) assert.throws(() => readNvs(image.subarray(0, length)), String(length));
  });
});
