import assert from "node:assert/strict";
import { stepsOf } from "../../src/portal/fields.js";
import type { ChargerModel, RadioView } from "../../src/portal/model.js";
import { CHARGER, METER } from "./model.js";
import { fresh, get, post, withRadio } from "./pages.js";

const FRESH = fresh(CHARGER);
const WIFI = "/setup/3";
const wifi = (radio: Partial<RadioView>, query = "") => get(`${WIFI}${query}`, withRadio(FRESH, radio));
const refreshOf = ({ response }: ReturnType<typeof get>) => response.headers.find(([name]) => name === "Refresh")?.[1];

describe("set-up in steps", () => {
  it("says at each step where it is, what will not work without it, and how to go on or back", () => {
    for (const model of [FRESH, fresh(METER)]) {
      const steps = stepsOf(model.device);
      for (const [at, { form, name }] of steps.entries()) {
        const { status, body } = get(form.path, model).response;
        assert.equal(status, 200);
        assert.ok(body.includes(`Step ${at + 1} of ${steps.length}`), name);
        if (at > 0) assert.ok(body.includes(`href="/setup/${at}"`), name);
        if (name === "done") continue;
        assert.match(body, /class="hint">Skipped: /, name);
        assert.ok(body.includes(`href="/setup/${at + 2}"`), name);
      }
    }
  });

  it("saves and goes on, in the language that was chosen", () => {
    const { response, change } = post("/setup/1", [["language", "pt"]], FRESH);
    assert.deepEqual(response.headers, [["Location", "/setup/2"]]);
    assert.deepEqual(change, { language: "pt" });
    const model: ChargerModel = { ...FRESH, settings: { ...FRESH.settings, language: "pt" } };
    assert.match(get("/setup/2", model).response.body, /<html lang="pt">.*Nova palavra-passe/);
  });

  it("says absurd values beside their field, in both languages, and loses nothing of what was typed", () => {
    const typed = [
      ["contractedA", "9999"],
      ["phases", "3"],
      ["maxA", "abc"],
      ["cableA", "63"],
    ] as const;
    const { response, change } = post("/setup/4", typed, FRESH);
    assert.deepEqual([response.status, change], [422, null]);
    assert.match(response.body, /value="9999"[^>]*aria-invalid="true"/);
    assert.match(response.body, /id="contractedA-error">must be from 1 to 630 A</);
    assert.match(response.body, /value="abc"[^>]*aria-invalid/);
    assert.match(response.body, /value="3" selected/);
    const pt = post("/setup/4", typed, { ...FRESH, settings: { ...FRESH.settings, language: "pt" } });
    assert.match(pt.response.body, /id="contractedA-error">tem de ser de 1 a 630 A</);
  });

  it("takes a broker that is none as a wrong value beside its field", () => {
    const { response } = post("/setup/7", [["mqttHost", "my broker!"]], FRESH);
    assert.match(response.body, /value="my broker!"[^>]*aria-invalid="true"/);
    assert.match(response.body, /id="mqttHost-error">must be a host name or an address/);
  });

  it("tells whether the broker that was set answers, at its step, on its page and at the end", () => {
    const told = (mqtt: ChargerModel["mqtt"], target: string, wifi: ChargerModel["wifi"] = "joined") => {
      const settings = { ...FRESH.settings, mqttHost: "my-broker" };
      return get(target, { ...FRESH, mqtt, wifi, settings });
    };
    const bodyOf = (...of: Parameters<typeof told>): string => told(...of).response.body;
    const silent = /aria-invalid="true"[^>]*mqttHost-error.*id="mqttHost-error">The broker my-broker does not answer/;
    assert.deepEqual(post("/setup/7", [["mqttHost", "my-broker"]], FRESH).response.headers, [
      ["Location", "/setup/7?tried=1"],
    ]);
    assert.equal(refreshOf(told("connecting", "/setup/7?tried=1")), "4;url=/setup/7?tried=2");
    assert.match(bodyOf("connecting", "/setup/7?tried=2"), silent);
    assert.match(bodyOf("connecting", "/setup/7?tried=2"), /href="\/setup\/8"/);
    assert.match(bodyOf("online", "/setup/7?tried=1"), /The broker my-broker answers\..*href="\/setup\/8"/);
    assert.match(bodyOf("connecting", "/setup/7?tried=1", "off"), /tried as soon as the device is on the network/);
    assert.match(bodyOf("connecting", "/mqtt"), silent);
    assert.match(bodyOf("connecting", "/mqtt?saved=1"), /Connecting to the broker my-broker\./);
    assert.match(bodyOf("online", "/mqtt"), /The broker my-broker answers\./);
    assert.match(bodyOf("connecting", "/setup/8"), /my-broker \(Connecting\)/);
    assert.doesNotMatch(get("/setup/7", FRESH).response.body, /The broker/);
  });

  it("looks for networks by itself, and then shows them by their signal in words", () => {
    const first = wifi({ networks: [] });
    assert.deepEqual(first.acts, [{ kind: "scan" }]);
    assert.equal(refreshOf(first), "4;url=/setup/3?found=1");
    assert.deepEqual(wifi({ networks: [], scanning: true }).acts, []);
    const { response, acts } = wifi({});
    assert.deepEqual(acts, []);
    for (const words of [
      "Casa (strong)",
      "Vizinhos &lt;3 (good)",
      "Café (very weak, open)",
      "Another, hidden network",
    ]) {
      assert.ok(response.body.includes(words), words);
    }
  });

  it("waits for a search that was asked for, and says when there was nothing", () => {
    const asked = post(WIFI, [["go", "scan"]], FRESH);
    assert.deepEqual([asked.acts, asked.change], [[{ kind: "scan" }], null]);
    assert.deepEqual(asked.response.headers, [["Location", "/setup/3?found=1"]]);
    assert.ok(refreshOf(wifi({ scanning: true }, "?found=1")));
    const none = wifi({ networks: [] }, "?found=1");
    assert.equal(refreshOf(none), undefined);
    assert.match(none.response.body, /No network was found.*Name of the hidden network/);
  });

  it("tries what was chosen, and tells on the same page what became of it", () => {
    const tried = post(
      WIFI,
      [
        ["wifiPick", "Casa"],
        ["wifiPassword", "12345678"],
      ],
      FRESH,
    );
    assert.deepEqual(tried.change, { wifiPassword: "12345678", wifiSsid: "Casa" });
    assert.deepEqual(tried.response.headers, [["Location", WIFI]]);
    const joining = wifi({ ssid: "Casa", station: "joining" });
    assert.equal(refreshOf(joining), "2");
    assert.match(joining.response.body, /Connecting to Casa/);
    const joined = wifi({ ssid: "Casa", station: "joined", address: "192.168.1.20" });
    assert.equal(refreshOf(joined), undefined);
    assert.match(
      joined.response.body,
      /Connected to Casa, address 192\.168\.1\.20.*http:\/\/192\.168\.1\.20\/.*href="\/setup\/4"/,
    );
    for (const [failed, words] of [
      ["password", "Wrong password for Casa"],
      ["notFound", "There is no network Casa in reach"],
      ["noAddress", "Casa gave no address"],
      ["refused", "Casa refused the device"],
    ] as const) {
      const page = wifi({ ssid: "Casa", station: "joining", failed });
      assert.equal(refreshOf(page), undefined);
      assert.ok(page.response.body.includes(words), words);
      assert.match(page.response.body, /Networks found/);
    }
  });

  it("keeps the chosen network when the password cannot be one", () => {
    const { response } = post(
      WIFI,
      [
        ["wifiPick", "Casa"],
        ["wifiPassword", "short"],
      ],
      FRESH,
    );
    assert.equal(response.status, 422);
    assert.match(response.body, /value="Casa" checked/);
    assert.match(response.body, /id="wifiPassword-error">must be 8 to 63 plain characters/);
  });

  it("says a wrong password beside its field too, with the network still chosen", () => {
    const settings = { ...FRESH.settings, wifiSsid: "Casa" };
    const model = withRadio({ ...FRESH, settings }, { ssid: "Casa", station: "joining", failed: "password" });
    const { body } = get(WIFI, model).response;
    assert.match(body, /value="Casa" checked/);
    assert.match(body, /id="wifiPassword"[^>]*aria-invalid="true".*id="wifiPassword-error">Wrong password for Casa\./);
    assert.match(body, /id="wifiSsid" name="wifiSsid" value=""/);
  });

  it("leaves the name of a hidden network there over a search, a wrong password and a mistake", () => {
    const asked = post(
      WIFI,
      [
        ["wifiPick", ""],
        ["wifiSsid", "é & net"],
        ["go", "scan"],
      ],
      FRESH,
    );
    const path = "/setup/3?found=1&name=%C3%A9+%26+net";
    const to = path.replace("+", "%20").replace("+", "%20");
    assert.deepEqual(asked.response.headers, [["Location", to]]);
    assert.equal(refreshOf(wifi({ scanning: true }, to.slice(WIFI.length))), `4;url=${to}`);
    const kept = /value="" checked.*id="wifiSsid" name="wifiSsid" value="é &amp; net"/;
    assert.match(wifi({}, to.slice(WIFI.length)).response.body, kept);
    assert.match(wifi({}, path.slice(WIFI.length)).response.body, kept);
    const typed = [
      ["wifiPick", ""],
      ["wifiSsid", "é & net"],
      ["wifiPassword", "short"],
    ] as const;
    assert.match(post(WIFI, typed, FRESH).response.body, kept);
    const settings = { ...FRESH.settings, wifiSsid: "é & net" };
    const model = withRadio({ ...FRESH, settings }, { ssid: "é & net", station: "joining", failed: "notFound" });
    assert.match(get(WIFI, model).response.body, kept);
  });

  it("types no hidden name beside a network that is chosen in the list", () => {
    const typed = [
      ["wifiPick", "Casa"],
      ["wifiSsid", "another"],
      ["wifiPassword", "short"],
    ] as const;
    assert.match(post(WIFI, typed, FRESH).response.body, /value="Casa" checked.*name="wifiSsid" value=""/);
    const scan = post(WIFI, [...typed, ["go", "scan"]], FRESH);
    assert.deepEqual(scan.response.headers, [["Location", "/setup/3?found=1"]]);
  });

  it("does not take nothing for a network: it says what to do, beside the field", () => {
    const { response, change } = post(WIFI, [["wifiSsid", ""]], FRESH);
    assert.deepEqual([response.status, change], [422, null]);
    assert.match(response.body, /id="wifiSsid-error">choose a network above, type the name/);
  });

  it("takes a hidden network by its name, and lets another be chosen while one is joined", () => {
    assert.equal(
      post(
        WIFI,
        [
          ["wifiPick", ""],
          ["wifiSsid", "secret net"],
        ],
        FRESH,
      ).change?.wifiSsid,
      "secret net",
    );
    const other = wifi({ ssid: "Casa", station: "joined", address: "192.168.1.20" }, "?another=1");
    assert.match(other.response.body, /Networks found/);
  });

  it("has nothing to ask about Wi-Fi on a cable", () => {
    assert.match(get(WIFI, { ...FRESH, radio: null }).response.body, /on a cable.*href="\/setup\/4"/);
  });

  it("says whether a meter is heard", () => {
    const heard = (report: ChargerModel["charger"]["report"]) =>
      get("/setup/5", { ...FRESH, charger: { ...FRESH.charger, report } }).response.body;
    assert.match(heard("fresh"), /A meter is heard now/);
    assert.match(heard("none"), /No meter is heard yet/);
  });

  it("ends with a summary, and only with a portal password", () => {
    const { body } = get("/setup/8", FRESH).response;
    assert.match(body, /IEVCC-4F2A, password fluffy-kiwi-7/);
    assert.deepEqual(post("/setup/8", [["go", "finish"]], FRESH).change, { setUp: true });
    const bare = { ...FRESH, settings: { ...FRESH.settings, portalPassword: "" } };
    const refused = post("/setup/8", [["go", "finish"]], bare);
    assert.deepEqual([refused.response.status, refused.change], [422, null]);
    assert.match(refused.response.body, /Set a portal password first/);
    assert.doesNotMatch(get("/setup/8").response.body, /fluffy/, "never again once it is set up");
  });
});
