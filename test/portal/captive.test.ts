import assert from "node:assert/strict";
import { captiveAnswer } from "../../src/portal/captive.js";
import type { Request } from "../../src/portal/http.js";
import type { PortalModel } from "../../src/portal/model.js";
import { settingsOf } from "../site.js";
import { CHARGER, RADIO } from "./model.js";

const model = (setUp: boolean, accessPoint = true): PortalModel => ({
  ...CHARGER,
  settings: settingsOf({ setUp }),
  radio: { ...RADIO, accessPoint },
});
const NEW = model(false);
const DONE = model(true);

function ask(url: string, from: PortalModel) {
  const [, host = "", path = "/"] = /^http:\/\/([^/]+)(\/[^?]*)/.exec(url) ?? [];
  const request: Request = { method: "GET", path, query: "", host, headers: [], body: "" };
  return captiveAnswer(request, from);
}

const PROBES = [
  ["http://connectivitycheck.gstatic.com/generate_204", 204, ""],
  ["http://www.google.com/gen_204", 204, ""],
  [
    "http://captive.apple.com/hotspot-detect.html",
    200,
    "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>",
  ],
  ["http://www.msftconnecttest.com/connecttest.txt", 200, "Microsoft Connect Test"],
  ["http://www.msftncsi.com/ncsi.txt", 200, "Microsoft NCSI"],
  ["http://detectportal.firefox.com/success.txt", 200, "success\n"],
  [
    "http://detectportal.firefox.com/canonical.html",
    200,
    '<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>',
  ],
  ["http://nmcheck.gnome.org/check_network_status.txt", 200, "NetworkManager is online\n"],
] as const;

describe("captive answers", () => {
  it("lead each system's question to the pages until set-up is done, so that its sheet opens", () => {
    for (const [url] of PROBES) {
      const response = ask(url, NEW);
      assert.deepEqual([response?.status, response?.headers], [302, [["Location", "http://192.168.4.1/"]]], url);
    }
  });
  it("are what each system expects once set-up is done, so that its sheet closes", () => {
    for (const [url, status, body] of PROBES) {
      const response = ask(url, DONE);
      assert.deepEqual([response?.status, response?.body], [status, body], url);
    }
  });
  it("answer a system's question on our own address too", () => {
    assert.equal(ask("http://192.168.4.1/generate_204", NEW)?.status, 302);
    assert.equal(ask("http://192.168.4.1/generate_204", DONE)?.status, 204);
  });
  it("lead any other name to the pages", () => {
    for (const from of [NEW, DONE]) {
      assert.equal(ask("http://example.com/", from)?.status, 302);
      assert.equal(ask("http://example.com/settings", from)?.status, 302);
    }
  });
  it("leave the device's own names and addresses to its pages", () => {
    for (const host of ["192.168.4.1", "192.168.4.1:80", "ievcc.local", "localhost:8081", "[fe80::1]"]) {
      for (const from of [NEW, DONE, model(true, false), CHARGER])
        assert.equal(ask(`http://${host}/`, from), null, host);
    }
  });
  it("say by RFC 8908 whether there is a page to see, and where", () => {
    for (const [from, captive] of [
      [NEW, true],
      [DONE, false],
    ] as const) {
      const response = ask("http://192.168.4.1/captive-portal/api", from);
      assert.equal(response?.type, "application/captive+json");
      assert.deepEqual(JSON.parse(response?.body ?? ""), { captive, "user-portal-url": "http://192.168.4.1/" });
    }
  });
  it("refuse a stranger's name while the access point is closed, and on a board without one", () => {
    for (const from of [model(true, false), model(false, false), { ...CHARGER, radio: null }]) {
      for (const [url] of PROBES) assert.equal(ask(url, from)?.status, 403);
      assert.equal(ask("http://evil.example/", from)?.status, 403);
    }
  });
});
