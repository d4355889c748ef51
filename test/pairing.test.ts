import assert from "node:assert/strict";
import fc from "fast-check";
import { CODE_LENGTH, keyOfPairing, pairingCode } from "../src/pairing.js";

const KEY = "0123456789abcdef0123456789abcdef";
const CODE = pairingCode(KEY) ?? "";
const hexKey = fc
  .array(fc.integer({ min: 0, max: 15 }), { minLength: 32, maxLength: 32 })
  .map((digits) => digits.map((one) => one.toString(16)).join(""));

describe("pairing code", () => {
  it("has 26 letters and digits in groups, none of which looks like another", () => {
    assert.match(CODE, /^(?:[0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]{6}$/);
    assert.equal(CODE.replaceAll("-", "").length, CODE_LENGTH);
  });
  it("gives the key back, for every key", () => {
    fc.assert(fc.property(hexKey, (key) => assert.deepEqual(keyOfPairing(pairingCode(key) ?? ""), { ok: true, key })));
  });
  it("is read in any case and spacing, O as 0, I and L as 1", () => {
    const zeros = pairingCode("0".repeat(32)) ?? "";
    for (const typed of [CODE.toLowerCase(), CODE.replaceAll("-", " "), `  ${CODE.replaceAll("-", "")}\n`]) {
      assert.deepEqual(keyOfPairing(typed), { ok: true, key: KEY });
    }
    assert.deepEqual(keyOfPairing(zeros.replaceAll("0", "o")), { ok: true, key: "0".repeat(32) });
    assert.deepEqual(keyOfPairing(CODE.replaceAll("1", "l")), { ok: true, key: KEY });
    assert.deepEqual(keyOfPairing(CODE.replaceAll("1", "I")), { ok: true, key: KEY });
  });
  it("names a letter that no code has, and a length that none has", () => {
    assert.deepEqual(keyOfPairing(CODE.replace("4", "U")), { ok: false, why: "letter", letter: "U" });
    assert.deepEqual(keyOfPairing("É"), { ok: false, why: "letter", letter: "É" });
    assert.deepEqual(keyOfPairing(CODE.slice(1)), { ok: false, why: "length", length: 25 });
    assert.deepEqual(keyOfPairing(`${CODE}0`), { ok: false, why: "length", length: 27 });
    assert.deepEqual(keyOfPairing(""), { ok: false, why: "length", length: 0 });
  });
  it("catches most slips of one letter", () => {
    const letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let [caught, all] = [0, 0];
    for (let at = 0; at < CODE.length; at++) {
      if (CODE.charAt(at) === "-") continue;
      for (const letter of letters) {
        if (letter === CODE.charAt(at)) continue;
        all++;
        if (!keyOfPairing(CODE.slice(0, at) + letter + CODE.slice(at + 1)).ok) caught++;
      }
    }
    assert.ok(caught / all > 0.7, `${caught} of ${all}`);
  });
  it("is for keys of 16 bytes alone", () => {
    assert.equal(pairingCode(""), null);
    assert.equal(pairingCode("ab".repeat(32)), null);
  });
});
