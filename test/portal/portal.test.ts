import assert from "node:assert/strict";
import fc from "fast-check";
import { formAt } from "../../src/portal/fields.js";
import { encodeForm, type Fields } from "../../src/portal/form.js";
import type { Request } from "../../src/portal/http.js";
import { pagesOf } from "../../src/portal/layout.js";
import type { Visitor } from "../../src/portal/logins.js";
import type { PortalModel } from "../../src/portal/model.js";
import { type Answer, answer, isOurHost, loginRefused, refusal } from "../../src/portal/portal.js";
import { PALETTES, type Palette } from "../../src/portal/style.js";
import { change } from "../../src/settings.js";
import { millis } from "../../src/units.js";
import { CHARGER, CSRF, METER, OWNER, STRANGER } from "./model.js";

const GET: Request = { method: "GET", path: "/", query: "", host: "192.168.1.20", headers: [], body: "" };
const FORM_TYPE = ["content-type", "application/x-www-form-urlencoded"] as const;

function get(target: string, model: PortalModel = CHARGER, visitor: Visitor = OWNER): Answer {
  const [path = "", query = ""] = target.split("?");
  return answer({ ...GET, path, query }, model, visitor);
}
function post(path: string, fields: Fields, model: PortalModel = CHARGER, visitor: Visitor = OWNER): Answer {
  const body = encodeForm([["csrf", CSRF], ...fields]);
  return answer({ ...GET, method: "POST", path, headers: [FORM_TYPE], body }, model, visitor);
}

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
      />Charging 9 A of 32: the house takes 12\.3 A<.*Because of what the house leaves free, for 12 s\. Next limit: the rating of this charger, 32\.0 A\. It grows when the house takes less\.</,
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
    const { response } = answer({ ...GET, method: "DELETE", path: "/mode" }, CHARGER, OWNER);
    assert.equal(response.status, 405);
    assert.deepEqual(response.headers, [["Allow", "GET, POST"]]);
    assert.equal(post("/log", []).response.status, 405);
    assert.equal(post("/", [], METER).response.status, 405);
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
      assert.equal(answer({ ...GET, host }, CHARGER, OWNER).response.status, 403);
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
    assert.match(answer({ ...GET, path: "/mode", query: "saved=1" }, CHARGER, OWNER).response.body, /Saved\./);
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
    assert.match(response.body, /This form has a field that is not known here/);
  });

  it("refuses a form without the device's token, or of another kind", () => {
    const wrong: Request = { ...GET, method: "POST", path: "/mode", headers: [FORM_TYPE], body: "mode=manual&csrf=x" };
    assert.equal(answer(wrong, CHARGER, OWNER).response.status, 403);
    assert.equal(answer({ ...wrong, body: "mode=manual" }, CHARGER, OWNER).response.status, 403);
    assert.equal(answer({ ...wrong, body: "mode=manual&csrf=" }, CHARGER, { ...OWNER, csrf: "" }).response.status, 403);
    assert.equal(answer({ ...wrong, headers: [["content-type", "text/plain"]] }, CHARGER, OWNER).response.status, 400);
    assert.equal(answer({ ...wrong, body: "%" }, CHARGER, OWNER).response.status, 400);
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
    assert.match(body, /<fieldset class="boxed" aria-describedby="pzems-error">/);
    assert.match(body, /id="pzems-error">two PZEMs have the same address</);
  });

  it("sets the cards of nobody in particular, one a line or between commas", () => {
    const cards = "04a1b2c3d4e5f6\r\n 5CBBE5D5,\r\n";
    const { change: changed } = post("/access", [
      ["cards", cards],
      ["wakeUp", "no"],
      ["ventilated", "yes"],
    ]);
    assert.deepEqual(changed, {
      cards: ["04a1b2c3d4e5f6", "5CBBE5D5"],
      wakeUp: false,
      ventilated: true,
    });
    const after = withSettings(CHARGER, changed);
    assert.deepEqual(after.settings.cards, ["04A1B2C3D4E5F6", "5CBBE5D5"]);
    assert.match(get("/access", after).response.body, />04A1B2C3D4E5F6\n5CBBE5D5<[/]textarea>/);
    assert.deepEqual(post("/access", [["cards", " "]], after).change, { cards: [] });
    assert.deepEqual(post("/people", [["freeCharging", "no"]]).change, { freeCharging: false });
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
      for (const { path } of pagesOf(model.device)) {
        if (formAt(model.device, path) === undefined) continue;
        const fields = untouched(get(path, model).response.body)
          .filter(([name]) => name !== "csrf" && name !== "kind")
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
    for (const path of [...pagesOf("charger").map((one) => one.path), "/status.json", "/backup.json"]) {
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
    const path = fc.constantFrom("/mode", "/home", "/access", "/people", "/tariff", "/network", "/mqtt");
    fc.assert(
      fc.property(
        path,
        fc.array(fc.tuple(name, value), { maxLength: 8 }),
        fc.constantFrom<PortalModel>(CHARGER, METER),
        (at, fields, model) => {
          const { response, change: changed } = post(at, fields, model);
          assert.equal(
            response.body.match(/<script/g)?.length ?? 0,
            response.status === 303 || response.status === 404 ? 0 : 1,
          );
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

  it("leads whoever is not let in to the login and back, tells programs so, and gives only looks and script", () => {
    for (const { path } of pagesOf("charger")) {
      const { response } = get(path, CHARGER, STRANGER);
      assert.equal(response.status, 303, path);
      assert.deepEqual(response.headers, [["Location", path === "/" ? "/login" : `/login?to=${path}`]]);
    }
    for (const path of ["/status.json", "/backup.json"])
      assert.equal(get(path, CHARGER, STRANGER).response.status, 401);
    for (const path of ["/style.css", "/app.js"]) assert.equal(get(path, CHARGER, STRANGER).response.status, 200);
    const tried = post("/mode", [["mode", "manual"]], CHARGER, STRANGER);
    assert.deepEqual([tried.response.status, tried.change, tried.acts.length], [401, null, 0]);
    assert.doesNotMatch(get("/login", CHARGER, STRANGER).response.body, /<nav|charging/i);
  });

  it("hands a typed password on, with a page of this device to go to afterwards", () => {
    const login = (to: string) =>
      post(
        "/login",
        [
          ["password", " a b "],
          ["to", to],
        ],
        CHARGER,
        STRANGER,
      ).acts;
    assert.deepEqual(login("/log"), [{ kind: "login", typed: " a b ", to: "/log" }]);
    for (const to of ["//evil.example", "https://evil.example", "log", "/a b", "", "/log\r\nX: y"]) {
      assert.deepEqual(login(to), [{ kind: "login", typed: " a b ", to: "/" }], to);
    }
  });

  it("says whether a password was wrong, or how long none is looked at, and keeps the way", () => {
    const wrong = loginRefused(CHARGER, "/log", { why: "wrong", wait: millis(0) });
    assert.equal(wrong.status, 401);
    assert.match(wrong.body, /That is not the password\.<.*/);
    assert.match(wrong.body, /name="to" value="\/log"/);
    assert.match(loginRefused(CHARGER, "/", { why: "wait", wait: millis(40_000) }).body, /wait 40 s, then try again/);
    const pt = withSettings(CHARGER, { language: "pt" });
    assert.match(
      loginRefused(pt, "/", { why: "wrong", wait: millis(5_000) }).body,
      /não é essa\. Demasiadas .* espere 5 s/,
    );
  });

  it("leads to set-up as long as it is not done", () => {
    const fresh = withSettings(CHARGER, { setUp: false });
    assert.deepEqual(get("/", fresh).response.headers, [["Location", "/setup/1"]]);
    assert.equal(get("/home", fresh).response.status, 200);
  });

  it("sets mode and amps on the first page, by the number or by the slider, whichever was moved", () => {
    const set = (manualA: string, slide: string, at = 10) =>
      post(
        "/",
        [
          ["mode", "manual"],
          ["manualA", manualA],
          ["slide", slide],
        ],
        withSettings(CHARGER, { manualA: at }),
      ).change;
    assert.deepEqual(set("10", "16"), { mode: "manual", manualA: 16 });
    assert.deepEqual(set("12", "10"), { mode: "manual", manualA: 12 });
    assert.deepEqual(set("12,5", "13"), { mode: "manual", manualA: 12.5 });
    assert.deepEqual(set("40", "32", 40), { mode: "manual", manualA: 40 }, "the slider ends at the rating");
    const refused = post("/", [
      ["manualA", "99"],
      ["slide", "10"],
    ]).response;
    assert.equal(refused.status, 422);
    assert.match(refused.body, /id="manualA-error">must be from 6 to 80 A/);
  });

  it("gives a script the parts that change, without the frame", () => {
    const { body } = get("/?live=1").response;
    assert.match(body, /^<div id="warnings" data-live>/);
    assert.doesNotMatch(body, /<html|<form|id="plot"/);
    assert.match(get("/?live=all").response.body, /id="plot"/);
    assert.match(get("/?live=1", METER).response.body, /^<div id="live" data-live>/);
  });

  it("takes the time of a phone once nobody else has told it, with its zone", () => {
    assert.match(get("/", { ...CHARGER, unix: null }).response.body, new RegExp(`<body data-clock="${CSRF}">`));
    assert.match(get("/").response.body, /<body>/);
    const told = post("/clock", [
      ["unix", "1795300500"],
      ["offset", "60"],
    ]);
    assert.deepEqual(told.acts, [{ kind: "clock", unix: 1_795_300_500, offsetMinutes: 60 }]);
    assert.deepEqual(told.change, { utcOffsetMinutes: 60 });
    assert.equal(
      post("/clock", [
        ["unix", "1795300500"],
        ["offset", "0"],
      ]).change,
      null,
    );
    for (const [unix, offset] of [
      ["5", "0"],
      ["1795300500", "900"],
      ["9999999999", "0"],
      ["1795300500", ""],
    ] as const) {
      const { response, acts } = post("/clock", [
        ["unix", unix],
        ["offset", offset],
      ]);
      assert.deepEqual([response.status, acts.length], [400, 0]);
    }
  });

  it("restarts, forgets everything and logs out when asked by its own forms, and not without", () => {
    assert.deepEqual(post("/device", [["go", "restart"]]).acts, [{ kind: "restart" }]);
    assert.deepEqual(post("/reset", [["go", "reset"]]).acts, [{ kind: "factoryReset" }]);
    assert.deepEqual(post("/logout", []).acts, [{ kind: "logout" }]);
    for (const path of ["/device", "/reset"]) assert.deepEqual(post(path, []).acts, []);
    for (const path of ["/device", "/reset", "/logout"]) assert.deepEqual(get(path).acts, []);
    assert.match(get("/reset").response.body, /Forget everything\?/);
  });

  it("lists what happened, newest first, at the local time", () => {
    const { body } = get("/log", withSettings(CHARGER, { utcOffsetMinutes: 60 })).response;
    assert.match(body, /<b>23:33<\/b> MQTT &lt;online&gt;.*<b>21:35<\/b> boot 3/);
    assert.match(get("/log", { ...CHARGER, unix: null }).response.body, /<b>100 s ago<\/b>/);
    assert.match(get("/log", { ...CHARGER, log: [] }).response.body, /Nothing has happened yet/);
  });

  it("shows the pairing code to whoever asks for it by a form, and a new key is made on demand", () => {
    const paired = withSettings(CHARGER, { siteKey: "0123456789abcdef0123456789abcdef" });
    assert.doesNotMatch(get("/site", paired).response.body, /04HMA/);
    assert.match(post("/site", [["go", "code"]], paired).response.body, /class="secret">04HMA-/);
    assert.deepEqual(post("/site", [["go", "newKey"]]).acts, [{ kind: "newSiteKey" }]);
    const long = withSettings(CHARGER, { siteKey: "ab".repeat(32) });
    assert.match(get("/site", long).response.body, /has no code/);
  });

  it("takes a pairing code as the site's key, and says beside it what is wrong with one", () => {
    const typed = (code: string) => post("/site", [["siteKey", code]]);
    assert.deepEqual(typed("04hma sw9nf 6yy09 38nkr k7qksw").change, null);
    assert.match(typed("U").response.body, /U is not a letter of a pairing code/);
    assert.match(typed("0123").response.body, /has 26 letters and digits, not 4/);
    assert.deepEqual(typed("").change, {});
  });

  it("takes the chargers of a site one a line", () => {
    const site = withSettings(CHARGER, { phases: 3, houseMaxA: 0 });
    const { change: changed } = post("/site", [["roster", "charger-1 1 6\r\n b 2,3,1\r\n\r\n"]], site);
    assert.deepEqual(changed, {
      roster: [
        ["charger-1", [1], 6],
        ["b", [2, 3, 1], 0],
      ],
    });
    const kept = withSettings(site, changed);
    assert.match(get("/site", kept).response.body, />charger-1 1 6\nb 2,3,1 0<\/textarea>/);
    assert.match(post("/site", [["roster", "a 1 0 9"]]).response.body, /id="roster-error">number 1 must have/);
  });
});
