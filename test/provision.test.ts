import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import encodeQR from "qr";
import decodeQR from "qr/decode.js";
import { parse } from "../src/settings.js";
import { labelHtml, qrSvg, wifiCode } from "../tools/label.js";
import { macIn, provision, provisionFor } from "../tools/provision.js";
import { readNvs } from "./nvs-reader.js";

/** What a camera reads that sees the code of this text, four pixels a module. */
function seen(text: string): string {
  const modules = encodeQR(text, "raw", { ecc: "medium", border: 4, scale: 4 });
  const pixels = modules.flat().flatMap((dark) => [...Array(3).fill(dark ? 0 : 255), 255]);
  const side = modules.length;
  return decodeQR({ width: side, height: side, data: Uint8Array.from(pixels) });
}

describe("a label", () => {
  const LABEL = {
    ssid: "IEVCC-A1B2",
    accessPointPassword: "abcd2345efgh",
    portalPassword: "jkmn6789pqrs",
    mac: "246f2800a1b2",
  };
  it("holds the code that lets a phone join, and all that it says in letters", () => {
    const html = labelHtml(LABEL);
    assert.ok(html.includes(qrSvg("WIFI:T:WPA;S:IEVCC-A1B2;P:abcd2345efgh;;")));
    for (const text of Object.values(LABEL)) assert.ok(html.includes(text));
  });
  it("has a code that a camera reads", () => {
    const text = wifiCode(LABEL.ssid, LABEL.accessPointPassword);
    assert.equal(seen(text), text);
  });
  it("asks for nothing from elsewhere", () => {
    assert.doesNotMatch(labelHtml(LABEL), /(?:src|href)=|url\(|@import/);
  });
  it("escapes what would end a field of the code, or a tag", () => {
    assert.equal(wifiCode('a;b:c,d\\e"', "p;w"), 'WIFI:T:WPA;S:a\\;b\\:c\\,d\\\\e\\";P:p\\;w;;');
    assert.ok(!labelHtml({ ...LABEL, portalPassword: "<script>&" }).includes("<script>"));
  });
});

describe("provisioning", () => {
  it("makes passwords that the device takes, others for each device", () => {
    let next = 0;
    const one = provisionFor("246f2800a1b2", (below) => next++ % below);
    const other = provisionFor("246f2800a1b3", (below) => next++ % below);
    assert.deepEqual([one.accessPoint, other.accessPoint], ["IEVCC-A1B2", "IEVCC-A1B3"]);
    const passwords = [one, other].flatMap(({ settings }) => Object.values(settings));
    assert.equal(new Set(passwords).size, 4);
    assert.ok(passwords.every((text) => /^[a-hjkmnp-z2-9]{12}$/.test(text)));
    assert.ok(parse(one.settings).ok);
  });
  it("knows a hardware address however it is written, and nothing else", () => {
    for (const text of ["24:6F:28:00:A1:B2", "24-6f-28-00-a1-b2", "246f2800a1b2"])
      assert.equal(macIn(text), "246f2800a1b2");
    for (const text of ["", "24:6f:28:00:a1", "24:6f-28:00:a1:b2", "246f2800a1bg", "01:00:5e:00:00:01", "../../../x"]) {
      assert.equal(macIn(text), null, text);
    }
    fc.assert(fc.property(fc.string(), (text) => /^(?:[0-9a-f]{12})?$/.test(macIn(text) ?? "")));
  });

  describe("files", () => {
    let folder = "";
    const run = (...args: readonly string[]) => {
      const lines: string[] = [];
      return { code: provision(args, (line) => lines.push(line)), said: lines.join("\n") };
    };
    before(() => {
      folder = mkdtempSync(join(tmpdir(), "ievcc-provision-"));
    });
    after(() => rmSync(folder, { recursive: true }));

    it("are a label and what a flashing tool takes, for the owner's eyes alone, and no password is said", () => {
      const out = join(folder, "new");
      const { code, said } = run("--out", out, "24:6f:28:00:a1:b2", "246f2800a1b3");
      assert.equal(code, 0);
      assert.deepEqual(readdirSync(out).sort(), [
        "246f2800a1b2.html",
        "246f2800a1b2.json",
        "246f2800a1b2.nvs.bin",
        "246f2800a1b3.html",
        "246f2800a1b3.json",
        "246f2800a1b3.nvs.bin",
      ]);
      for (const name of readdirSync(out)) assert.equal(statSync(join(out, name)).mode & 0o077, 0);
      const { settings, ...rest } = JSON.parse(readFileSync(join(out, "246f2800a1b2.json"), "utf8"));
      assert.deepEqual(rest, { format: 1, mac: "246f2800a1b2", accessPoint: "IEVCC-A1B2" });
      assert.ok(parse(settings).ok);
      const image = readNvs(readFileSync(join(out, "246f2800a1b2.nvs.bin")))["ievcc/factory"] ?? "";
      assert.deepEqual(JSON.parse(image), { ...rest, settings });
      const label = readFileSync(join(out, "246f2800a1b2.html"), "utf8");
      assert.ok(label.includes(settings.accessPointPassword) && label.includes(settings.portalPassword));
      assert.ok(!said.includes(settings.accessPointPassword) && !said.includes(settings.portalPassword));
    });
    it("are never written over", () => {
      const out = join(folder, "twice");
      run("--out", out, "246f2800a1b2");
      const before = readFileSync(join(out, "246f2800a1b2.json"), "utf8");
      assert.equal(run("--out", out, "246f2800a1b2").code, 1);
      assert.equal(readFileSync(join(out, "246f2800a1b2.json"), "utf8"), before);
    });
    it("are none when an address or the folder is missing or wrong", () => {
      for (const args of [[], ["246f2800a1b2"], ["--out", folder], ["--out", folder, "nonsense"], ["--in", folder]]) {
        assert.equal(run(...args).code, 2, args.join(" "));
      }
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith("246")),
        [],
      );
    });
  });
});
