import assert from "node:assert/strict";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import fc from "fast-check";
import { certificatesIn, rsaKeyIn } from "../src/pem.js";
import { authority } from "./certificate-maker.js";

const home = authority("Home");
const device = home.issue({ name: "charger-1" });
const der = (pem: string): Uint8Array => new Uint8Array(new X509Certificate(pem).raw);
const why = (read: { readonly ok: boolean; readonly why?: string }): string => (read.ok ? "taken" : (read.why ?? ""));
const WANTED = "must be certificates, each from -----BEGIN CERTIFICATE----- to its end";

describe("PEM", () => {
  it("gives certificates as DER in the order of the text, whatever stands between them and however lines end", () => {
    const text = `subject=CN = charger-1\n${device.certificate}\nissuer\n${home.certificate}`;
    for (const one of [text, text.replaceAll("\n", "\r\n"), text.replaceAll("\n", "  \n")]) {
      const read = certificatesIn(one);
      assert.ok(read.ok);
      assert.deepEqual(read.value, Uint8Array.of(...der(device.certificate), ...der(home.certificate)));
    }
  });
  it("gives an RSA key in PKCS #8 that no passphrase encrypts", () => {
    const read = rsaKeyIn(device.key);
    assert.ok(read.ok && Buffer.from(read.value).toString("base64") === device.key.replace(/-----[^-]*-----|\n/g, ""));
  });
  it("says what is wrong with a text that was not copied whole", () => {
    const { certificate } = device;
    const lines = certificate.split("\n");
    assert.equal(why(certificatesIn("")), WANTED);
    assert.equal(why(certificatesIn("hello")), WANTED);
    assert.equal(why(certificatesIn(certificate + device.key)), WANTED);
    assert.equal(why(certificatesIn(lines.slice(0, -2).join("\n"))), "block 1 has no end");
    assert.equal(why(certificatesIn(`${lines.slice(0, -2).join("\n")}\n${home.certificate}`)), "block 1 has no end");
    const damaged = "block 2 is damaged: copy it once more, whole";
    const without = [...lines.slice(0, 3), ...lines.slice(4)].join("\n");
    assert.equal(why(certificatesIn(home.certificate + without)), damaged);
    assert.equal(why(certificatesIn(home.certificate + certificate.replace(lines[3] ?? "", "*".repeat(64)))), damaged);
  });
  it("names what kind of key it wants", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey;
    const curve = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
    const wanted = "must be one key in PKCS #8 without a passphrase: openssl pkcs8 -topk8 -nocrypt makes it";
    const locked = { format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "x" } as const;
    for (const text of [
      "",
      rsa.export({ format: "pem", type: "pkcs1" }).toString(),
      rsa.export(locked).toString(),
      device.key + device.key,
      device.certificate,
    ]) {
      assert.equal(why(rsaKeyIn(text)), wanted);
    }
    const small = curve.export({ format: "pem", type: "pkcs8" }).toString();
    assert.match(why(rsaKeyIn(small)), /RSA|damaged/);
  });
  it("takes or refuses any text without a throw, and repeats nothing of it", () => {
    const part = fc.constantFrom(
      "-----BEGIN CERTIFICATE-----\n",
      "-----END CERTIFICATE-----\n",
      "-----BEGIN PRIVATE KEY-----\n",
      "-----END PRIVATE KEY-----\n",
      "MIIB",
      "secret",
      "=",
      "\n",
      device.certificate,
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string())), (parts) => {
        for (const read of [certificatesIn(parts.join("")), rsaKeyIn(parts.join(""))]) {
          assert.ok(read.ok || !read.why.includes("secret"));
        }
      }),
    );
  });
});
