import assert from "node:assert/strict";
import fc from "fast-check";
import { type Connections, NO_CONNECTIONS, type PageEffect, stepPages } from "../../src/portal/connections.js";
import { encodeForm, type Fields } from "../../src/portal/form.js";
import type { Request } from "../../src/portal/http.js";
import { PALETTES, type Palette, pagesOf } from "../../src/portal/layout.js";
import type { PortalModel } from "../../src/portal/model.js";
import { type Answer, answer, isOurHost, refusal } from "../../src/portal/portal.js";
import { change, DEFAULTS, type Settings } from "../../src/settings.js";
import { encodeText } from "../../src/text.js";
import { millis } from "../../src/units.js";
import { CHARGER, CSRF, METER } from "./model.js";

const GET: Request = { method: "GET", path: "/", query: "", host: "192.168.1.20", headers: [], body: "" };
const FORM_TYPE = ["content-type", "application/x-www-form-urlencoded"] as const;

const get = (path: string, model: PortalModel = CHARGER): Answer => answer({ ...GET, path }, model);
const post = (path: string, fields: Fields, model: PortalModel = CHARGER): Answer =>
  answer({ ...GET, method: "POST", path, headers: [FORM_TYPE], body: encodeForm([["csrf", CSRF], ...fields]) }, model);

function withSettings<Model extends PortalModel>(model: Model, patch: unknown): Model {
  const changed = change(model.settings, patch);
  assert.ok(changed.ok, JSON.stringify(changed));
  return { ...model, settings: changed.settings };
}

/** The fields of a page's form as a browser would send them back untouched. */
function untouched(html: string): Fields {
  const inputs = [...html.matchAll(/<input (?![^>]*checkbox)[^>]*>/g)].map(([tag]): readonly [string, string] => [
    /name="([^"]*)"/.exec(tag)?.[1] ?? "",
    /value="([^"]*)"/.exec(tag)?.[1] ?? "",
  ]);
  const selects = [...html.matchAll(/<select [^>]*name="([^"]*)"[^>]*>(.*?)<[/]select>/g)].map(
    ([, name = "", options = ""]): readonly [string, string] => [
      name,
      /value="([^"]*)" selected/.exec(options)?.[1] ?? "",
    ],
  );
  const texts = [...html.matchAll(/<textarea [^>]*name="([^"]*)"[^>]*>([^<]*)</g)].map(
    ([, name = "", value = ""]): readonly [string, string] => [name, value.replaceAll("\n", "\r\n")],
  );
  return [...inputs, ...selects, ...texts];
}

describe("portal", () => {
  it("shows the charger's status: the offer, the limit that won, the runner-up, since when", () => {
    const { response } = get("/");
    assert.equal(response.status, 200);
    assert.match(
      response.body,
      />9\.0 A<.*Because of what the house leaves free, for 12 s\. Next limit: the rating of this charger, 32\.0 A\./,
    );
    for (const words of ["Charging", "12.3 A", "8.7 A", "Automatic", "10.0 A for manual mode", "Connected", "Timer"]) {
      assert.ok(response.body.includes(words), words);
    }
  });

  it("shows warnings on the status page", () => {
    const { response } = get("/", { ...CHARGER, warnings: ["Settings <damaged>"] });
    assert.ok(response.body.includes("Settings &lt;damaged&gt;"));
  });

  it("shows the meter's status: address, volts, amps, watts and link of each PZEM", () => {
    const { body } = get("/", METER).response;
    for (const words of ["230.1 V", "3.00 A", "690 W", "Working", "No answer", "L1 3.0 A, L2 4.0 A, L3 5.0 A"]) {
      assert.ok(body.includes(words), words);
    }
  });

  it("gives the same facts as JSON", () => {
    const charger = JSON.parse(get("/status.json").response.body);
    assert.equal(charger.offerA, 9);
    assert.equal(charger.because, "site");
    assert.equal(charger.runnerUp, "rating");
    assert.deepEqual(charger.houseA, [12.34]);
    const meter = JSON.parse(get("/status.json", METER).response.body);
    assert.equal(meter.pzems[0].voltageV, 230.1);
    assert.equal(meter.pzems[1].link, "timeout");
  });

  it("has its pages, and no others", () => {
    for (const model of [CHARGER, METER]) {
      for (const { path } of pagesOf(model.device)) assert.equal(get(path, model).response.status, 200, path);
    }
    assert.equal(get("/mode", METER).response.status, 404);
    assert.equal(get("/nothing").response.status, 404);
    assert.equal(get("/__proto__").response.status, 404);
  });

  it("refuses methods that a page does not have, and says which it has", () => {
    const { response } = answer({ ...GET, method: "DELETE", path: "/mode" }, CHARGER);
    assert.equal(response.status, 405);
    assert.deepEqual(response.headers, [["Allow", "GET, POST"]]);
    assert.equal(answer({ ...GET, method: "POST" }, CHARGER).response.status, 405);
  });

  it("answers only to addresses, localhost and names of the local network", () => {
    for (const host of [
      "192.168.1.20",
      "10.0.0.1:8080",
      "localhost",
      "localhost:80",
      "ievcc.local",
      "a.b.LOCAL:81",
      "[fe80::1]:80",
    ]) {
      assert.ok(isOurHost(host), host);
    }
    for (const host of [
      "",
      "evil.example",
      "localhost.evil.example",
      "192.168.1.20.evil.example",
      "local",
      "1.2.3.400",
      ".local",
      "a.local.",
      "[x]",
    ]) {
      assert.ok(!isOurHost(host), host);
      assert.equal(answer({ ...GET, host }, CHARGER).response.status, 403);
    }
  });

  it("changes settings by a form and sends the browser back to the page", () => {
    const { response, change: changed } = post("/mode", [
      ["mode", "manual"],
      ["manualA", "16,5"],
      ["member", "no"],
    ]);
    assert.equal(response.status, 303);
    assert.deepEqual(response.headers, [["Location", "/mode?saved=1"]]);
    assert.deepEqual(changed, { mode: "manual", manualA: 16.5, member: false });
    assert.match(answer({ ...GET, path: "/mode", query: "saved=1" }, CHARGER).response.body, /Saved\./);
  });

  it("saves nothing when one field is wrong, and keeps what was typed with the reason beside it", () => {
    const { response, change: changed } = post("/mode", [
      ["mode", "manual"],
      ["manualA", '5.9">'],
    ]);
    assert.equal(changed, null);
    assert.equal(response.status, 422);
    assert.match(response.body, /value="5\.9&quot;&gt;"[^>]*aria-invalid="true"/);
    assert.match(response.body, /id="manualA-error">must be from 6 to 80 A</);
    assert.match(response.body, /value="manual" selected/);
  });

  it("says at the top what belongs to no field of the form", () => {
    const { response, change: changed } = post("/mode", [["maxA", "80"]]);
    assert.equal(changed, null);
    assert.match(response.body, /unknown field: unknown setting/);
  });

  it("refuses a form without the device's token, or of another kind", () => {
    const wrong: Request = { ...GET, method: "POST", path: "/mode", headers: [FORM_TYPE], body: "mode=manual&csrf=x" };
    assert.equal(answer(wrong, CHARGER).response.status, 403);
    assert.equal(answer({ ...wrong, body: "mode=manual" }, CHARGER).response.status, 403);
    assert.equal(answer({ ...wrong, body: "mode=manual&csrf=" }, { ...CHARGER, csrf: "" }).response.status, 403);
    assert.equal(answer({ ...wrong, headers: [["content-type", "text/plain"]] }, CHARGER).response.status, 400);
    assert.equal(answer({ ...wrong, body: "%" }, CHARGER).response.status, 400);
  });

  it("turns a contracted power into amps by the phases and the voltage typed beside it", () => {
    const one = post("/home", [["contractedKva", "6.9"]]);
    assert.deepEqual(one.change, { contractedA: 30 });
    const three = post("/home", [
      ["contractedKva", "20.7"],
      ["phases", "3"],
    ]);
    assert.deepEqual(three.change, { contractedA: 30, phases: 3 });
    assert.equal(post("/home", [["contractedKva", "7"]]).change, null);
  });

  it("takes an empty house maximum for unknown", () => {
    assert.deepEqual(post("/home", [["houseMaxA", ""]]).change, { houseMaxA: null });
  });

  it("sets the PZEMs of a meter, leaving out rows without an address", () => {
    const { change: changed } = post(
      "/home",
      [
        ["pzem-address-1", "3"],
        ["pzem-role-1", "house"],
        ["pzem-phase-1", "1"],
        ["pzem-address-2", ""],
        ["pzem-role-2", "solar"],
        ["pzem-phase-2", "1"],
      ],
      METER,
    );
    assert.deepEqual(changed, { pzems: [{ address: 3, role: "house", phase: 1 }] });
  });

  it("says beside a row of PZEMs what is wrong with it, whichever rows are empty", () => {
    const { response, change: changed } = post(
      "/home",
      [
        ["pzem-address-1", ""],
        ["pzem-address-2", "1"],
        ["pzem-role-2", "house"],
        ["pzem-phase-2", "1"],
        ["pzem-address-4", "300"],
        ["pzem-role-4", "grid"],
        ["pzem-phase-4", "1"],
      ],
      METER,
    );
    assert.equal(changed, null);
    assert.match(
      response.body,
      /value="300"[^>]* aria-invalid="true" aria-describedby="pzem-address-4-error".*?<[/]div><p class="error" id="pzem-address-4-error">address must be a whole number from 1 to 247</,
    );
    assert.equal(response.body.match(/aria-invalid=/g)?.length, 1);
    assert.doesNotMatch(response.body, /number 2|pzem-address-4: /);
  });

  it("says above the rows of PZEMs what belongs to none of them", () => {
    const twice = [1, 2].flatMap(
      (row): Fields => [
        [`pzem-address-${row}`, "7"],
        [`pzem-role-${row}`, "house"],
        [`pzem-phase-${row}`, String(row)],
      ],
    );
    const { body } = post("/home", twice, METER).response;
    assert.match(body, /<fieldset aria-describedby="pzems-error">/);
    assert.match(body, /id="pzems-error">two PZEMs have the same address</);
  });

  it("sets who may charge: everybody, or known cards, one a line or between commas", () => {
    const cards = "04a1b2c3d4e5f6\r\n 5CBBE5D5,\r\n";
    const { change: changed } = post("/access", [
      ["freeCharging", "no"],
      ["cards", cards],
      ["wakeUp", "no"],
      ["ventilated", "yes"],
    ]);
    assert.deepEqual(changed, {
      freeCharging: false,
      cards: ["04a1b2c3d4e5f6", "5CBBE5D5"],
      wakeUp: false,
      ventilated: true,
    });
    const after = withSettings(CHARGER, changed);
    assert.deepEqual(after.settings.cards, ["04A1B2C3D4E5F6", "5CBBE5D5"]);
    assert.match(get("/access", after).response.body, />04A1B2C3D4E5F6\n5CBBE5D5<[/]textarea>/);
    assert.deepEqual(post("/access", [["cards", " "]], after).change, { cards: [] });
  });

  it("says beside the known cards which of them cannot be, and keeps what was typed", () => {
    const { response, change: changed } = post("/access", [["cards", "5CBBE5D5\r\n</textarea>"]]);
    assert.equal(changed, null);
    assert.match(
      response.body,
      /aria-describedby="cards-hint cards-error">5CBBE5D5\r\n&lt;[/]textarea&gt;<[/]textarea>/,
    );
    assert.match(response.body, /id="cards-error">number 2 must be a UID of 8, 14 or 20 hex digits</);
    assert.equal(post("/access", [["cards", "5CBBE5D5 ".repeat(33)]]).response.status, 422);
  });

  it("says on both devices' pages whose contract rules", () => {
    assert.match(get("/home").response.body, /While the meter reports, the meter&#39;s own value rules/);
    assert.match(get("/home", METER).response.body, /This value rules wherever a charger hears this meter/);
  });

  it("changes nothing when a form is sent back as it came, on every page of both devices", () => {
    const rich = {
      phases: 3,
      wiring: [1, 3, 2],
      houseMaxA: 3.5,
      wifiSsid: `a"b<c>&'`,
      mqttHost: "h",
      wifiPassword: "12345678",
      cards: ["04A1B2C3D4E5F6", "5CBBE5D5"],
      socket: true,
    };
    for (const model of [withSettings(CHARGER, rich), METER]) {
      for (const { path } of pagesOf(model.device).slice(1)) {
        const fields = untouched(get(path, model).response.body)
          .filter(([name]) => name !== "csrf")
          .map(([name, value]): readonly [string, string] => [
            name,
            value
              .replaceAll("&quot;", '"')
              .replaceAll("&lt;", "<")
              .replaceAll("&gt;", ">")
              .replaceAll("&#39;", "'")
              .replaceAll("&amp;", "&"),
          ]);
        const { change: changed, response } = post(path, fields, model);
        assert.equal(response.status, 303, response.body);
        const after = change(model.settings, changed);
        assert.ok(after.ok);
        assert.deepEqual(after.settings, model.settings);
      }
    }
  });

  it("never shows a secret, keeps it when its field is empty, and takes it away when told", () => {
    const model = withSettings(CHARGER, { wifiPassword: "hush-hush-1", mqttPassword: "hush-hush-2" });
    for (const path of ["/", "/mode", "/home", "/access", "/network", "/mqtt", "/status.json"]) {
      assert.doesNotMatch(get(path, model).response.body, /hush/);
    }
    const refused = post("/network", [
      ["wifiPassword", "hush\n"],
      ["id", ""],
    ]);
    assert.equal(refused.response.status, 422);
    assert.doesNotMatch(refused.response.body, /hush/);
    assert.deepEqual(post("/network", [["wifiPassword", ""]], model).change, {});
    assert.deepEqual(post("/network", [["wifiPassword-clear", "yes"]], model).change, { wifiPassword: "" });
  });

  it("labels every input, loads nothing from elsewhere, runs no script, and stays below 12 KB", () => {
    for (const model of [CHARGER, METER]) {
      for (const { path } of pagesOf(model.device)) {
        const { body } = get(path, model).response;
        assert.doesNotMatch(body, /<script|https?:|\bsrc=|@import|url\(/);
        assert.ok(encodeText(body).length < 12_000, `${path}: ${body.length}`);
        for (const [, id = ""] of body.matchAll(/<(?:input|select|textarea) id="([^"]*)"/g)) {
          assert.ok(body.includes(`<label for="${id}"`), id);
        }
        for (const part of ['lang="en"', "width=device-width", "prefers-color-scheme:dark", ":focus-visible"]) {
          assert.ok(body.includes(part), part);
        }
      }
    }
  });

  it("reaches a contrast of 4.5 : 1 for every text, in light and in dark", () => {
    const light = (colour: string): number => {
      const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
        const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const pairs: readonly (readonly [keyof Palette, keyof Palette])[] = [
      ...(["text", "quiet", "accent", "error"] as const).flatMap((ink) => [
        [ink, "back"] as const,
        [ink, "card"] as const,
      ]),
      ["onAccent", "accent"],
    ];
    for (const palette of [PALETTES.light, PALETTES.dark]) {
      for (const [ink, paper] of pairs) {
        const [low = 0, high = 0] = [light(palette[ink]), light(palette[paper])].sort((a, b) => a - b);
        assert.ok((high + 0.05) / (low + 0.05) >= 4.5, `${ink} on ${paper}`);
      }
    }
  });

  it("answers hostile forms without a throw, with whole changes or none", () => {
    const name = fc.constantFrom(
      "mode",
      "manualA",
      "contractedKva",
      "phases",
      "pzem-address-1",
      "pzem-role-1",
      "wiring",
      "cards",
      "wifiSsid",
      "__proto__",
      "csrf",
    );
    const value = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("6", "1e99", "-1", "NaN", "", "<script>", "1 2 3", "auto", "6.9", "3"),
    );
    const path = fc.constantFrom("/mode", "/home", "/access", "/network", "/mqtt");
    fc.assert(
      fc.property(
        path,
        fc.array(fc.tuple(name, value), { maxLength: 8 }),
        fc.constantFrom<PortalModel>(CHARGER, METER),
        (at, fields, model) => {
          const { response, change: changed } = post(at, fields, model);
          assert.doesNotMatch(response.body, /<script/);
          assert.equal(changed !== null, response.status === 303);
          if (changed !== null) assert.ok(change(model.settings, changed).ok);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("says what was wrong with a request that could not be read", () => {
    assert.equal(refusal("headTooLong").status, 431);
    assert.equal(refusal("bodyTooLong").status, 413);
    assert.equal(refusal("chunked").status, 501);
    assert.equal(refusal("version").status, 505);
    assert.equal(refusal("malformed").status, 400);
  });
});

describe("portal connections", () => {
  interface Visit {
    connections: Connections;
    settings: Settings;
  }

  function does(
    visit: Visit,
    connection: number,
    event: Parameters<typeof stepPages>[1] | string,
    at = 0,
  ): readonly PageEffect[] {
    const full =
      typeof event === "string"
        ? ({ kind: "page", connection, event: { what: "bytes", bytes: encodeText(event) } } as const)
        : event;
    const stepped = stepPages(visit.connections, full, () => ({ ...CHARGER, settings: visit.settings }), millis(at));
    visit.connections = stepped.connections;
    for (const patch of stepped.changes) {
      const changed = change(visit.settings, patch);
      assert.ok(changed.ok);
      visit.settings = changed.settings;
    }
    return stepped.effects;
  }

  const open = (connection: number) => ({ kind: "page", connection, event: { what: "open" } }) as const;
  const visit = (): Visit => ({ connections: NO_CONNECTIONS, settings: DEFAULTS });

  it("answers one request and closes", () => {
    const browser = visit();
    does(browser, 7, open(7));
    assert.deepEqual(does(browser, 7, "GET / HTTP/1.1\r\n"), []);
    const effects = does(browser, 7, "Host: 10.0.0.1\r\n\r\n");
    assert.deepEqual(
      effects.map((one) => [one.kind, one.connection]),
      [
        ["pageSend", 7],
        ["pageClose", 7],
      ],
    );
    assert.equal(browser.connections.length, 0);
    assert.deepEqual(does(browser, 7, "GET / HTTP/1.1\r\n"), []);
  });

  it("changes settings once by a posted form", () => {
    const browser = visit();
    const body = encodeForm([
      ["csrf", CSRF],
      ["mode", "manual"],
    ]);
    does(browser, 1, open(1));
    does(
      browser,
      1,
      `POST /mode HTTP/1.1\r\nHost: a.local\r\nContent-Type: ${FORM_TYPE[1]}\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    assert.equal(browser.settings.mode, "manual");
  });

  it("closes a seventh connection at once, and silent ones after 10 s", () => {
    const browser = visit();
    for (let id = 1; id <= 6; id++) assert.deepEqual(does(browser, id, open(id)), []);
    assert.deepEqual(does(browser, 7, open(7)), [{ kind: "pageClose", connection: 7 }]);
    assert.equal(does(browser, 0, { kind: "tick" }, 9_999).length, 0);
    assert.equal(does(browser, 0, { kind: "tick" }, 10_000).length, 6);
    assert.equal(browser.connections.length, 0);
  });
});
