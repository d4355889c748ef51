import assert from "node:assert/strict";
import { SALT_SIZE, seal, unseal } from "../src/seal.js";
import { decodeText, encodeText } from "../src/text.js";

const SALT = Uint8Array.from({ length: SALT_SIZE }, (_, at) => 7 * at);
const sealed = (words: string, passphrase = "correct horse"): Uint8Array => seal(passphrase, SALT, encodeText(words));

describe("secrets under a passphrase", () => {
  it("come back with the same passphrase, and with no other", () => {
    const opened = unseal("correct horse", sealed("hush"));
    assert.ok(opened);
    assert.deepEqual(decodeText(opened, 99), { ok: true, text: "hush" });
    for (const passphrase of ["", "correct Horse", "correct horse "])
      assert.equal(unseal(passphrase, sealed("hush")), null);
  });
  it("do not open when any byte was changed, or some are missing", () => {
    const whole = sealed("hush");
    for (let at = 0; at < whole.length; at++) {
      const changed = whole.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      assert.equal(unseal("correct horse", changed), null, String(at));
    }
    for (const length of [0, SALT_SIZE, 31, whole.length - 1])
      assert.equal(unseal("correct horse", whole.slice(0, length)), null);
  });
  it("look different under another salt, and begin with it", () => {
    const other = seal("correct horse", new Uint8Array(SALT_SIZE), encodeText("hush"));
    assert.deepEqual(sealed("hush").slice(0, SALT_SIZE), SALT);
    assert.ok(other.slice(SALT_SIZE).some((byte, at) => byte !== sealed("hush")[SALT_SIZE + at]));
  });
  it("say nothing of what they are", () => {
    assert.doesNotMatch(String.fromCharCode(...sealed("hush hush")), /hush/);
  });
});
