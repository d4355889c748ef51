import assert from "node:assert/strict";
import type { Found } from "../../src/found.js";
import type { ChargerModel, PortalModel } from "../../src/portal/model.js";
import { millis } from "../../src/units.js";
import { CHARGER, METER } from "./model.js";
import { fresh, get, post } from "./pages.js";

const until = millis(7_300_000);
const BROKER: Found = { kind: "broker", name: "<b>Casa", address: "192.168.1.2", port: 1_884, tls: false, until };
const TLS: Found = { ...BROKER, name: "Casa", port: 8_883, tls: true };
const OURS: Found = { kind: "meter", name: "meter-1", address: "192.168.1.21", siteId: "home", until };

const withFound = <Model extends PortalModel>(
  model: Model,
  list: readonly Found[] | null,
  searching = false,
): Model => ({
  ...model,
  wifi: "joined",
  found: list === null ? null : { searching, list },
});
const bodyOf = (target: string, model: PortalModel): string => get(target, model).response.body;
const HOME: ChargerModel = withFound(CHARGER, [BROKER, TLS, OURS, { ...OURS, name: "meter-2", siteId: "vizinhos" }]);
const PICK = "?broker=192.168.1.2-8883-tls";

describe("what the network announces, on the pages", () => {
  it("is searched by whoever opens a page that shows it, once, again when asked, and by no other page", () => {
    const acts = (target: string, model: PortalModel): readonly string[] =>
      get(target, model).acts.map((one) => one.kind);
    const never = withFound(CHARGER, null);
    for (const path of ["/mqtt", "/home"]) {
      assert.deepEqual(
        [acts(path, never), acts(path, HOME), acts(`${path}?again=1`, HOME)],
        [["search"], [], ["search"]],
      );
    }
    assert.deepEqual(acts("/mqtt", { ...never, wifi: "joining" }), []);
    assert.deepEqual(acts("/home", withFound(METER, null)), []);
    for (const path of ["/", "/site", "/network", "/log"]) assert.deepEqual(acts(path, never), [], path);
    for (const step of [4, 5, 7]) assert.deepEqual(acts(`/setup/${step}`, fresh(never)), ["search"]);
  });
  it("is a list of brokers with address and encryption, and picking one fills the form and saves nothing", () => {
    for (const path of ["/mqtt", "/setup/7"]) {
      const model = path === "/mqtt" ? HOME : fresh(HOME);
      const body = bodyOf(path, model);
      assert.ok(body.includes("&lt;b&gt;Casa at 192.168.1.2:1884, not encrypted"), path);
      assert.ok(body.includes(`href="${path}${PICK}#mqttHost">Casa at 192.168.1.2:8883, encrypted<`), path);
      assert.ok(body.includes("anybody on the network can announce a broker"), path);
      assert.ok(!/value="192\.168\.1\.2"/.test(body), path);
      const picked = get(`${path}${PICK}`, model);
      assert.deepEqual([picked.change, picked.acts], [null, []]);
      assert.match(picked.response.body, /name="mqttHost" value="192\.168\.1\.2"/);
      assert.match(picked.response.body, /name="mqttPort" value="8883"/);
      assert.match(picked.response.body, /id="mqttTls".*?value="yes" selected/);
      assert.ok(!picked.response.body.includes('role="alert"'));
    }
  });
  it("fills in no broker that was not found: a link may come from anybody", () => {
    for (const query of ["?broker=10.6.6.6-1883-plain", "?broker=192.168.1.2-8883-plain", "?broker=", "?broker=%00"]) {
      assert.ok(!/name="mqttHost" value="[^"]/.test(bodyOf(`/mqtt${query}`, HOME)), query);
    }
    assert.ok(!/name="mqttHost" value="[^"]/.test(bodyOf(`/mqtt${PICK}`, withFound(CHARGER, null))));
  });
  it("says that a search runs, that none has answered, and loads itself again after another search, without a script", () => {
    assert.match(bodyOf("/mqtt", withFound(CHARGER, [], true)), /Searching the network\./);
    assert.match(bodyOf("/mqtt", withFound(CHARGER, [])), /None has answered\./);
    const again = get("/mqtt?again=1", HOME);
    assert.deepEqual(again.response.headers, [["Refresh", "4;url=/mqtt"]]);
    assert.ok(!again.response.body.includes('<form method="post" action="/mqtt"'));
    assert.deepEqual(get("/setup/7?again=1", fresh(HOME)).response.headers, [["Refresh", "4;url=/setup/7"]]);
    assert.ok(!bodyOf("/mqtt", { ...HOME, wifi: "joining" }).includes("Brokers on this network"));
  });
  it("tells which meter says that it is of this site, in set-up and on the page of the house, of a charger alone", () => {
    for (const body of [bodyOf("/home", HOME), bodyOf("/setup/5", fresh(HOME))]) {
      assert.ok(body.includes("meter-1 at 192.168.1.21 says it is of this site, home."));
      assert.ok(body.includes("meter-2 at 192.168.1.21 says it is of another site, vizinhos."));
    }
    assert.ok(!bodyOf("/home", withFound(METER, [OURS])).includes("meter-1 at"));
    const pt = { ...HOME, settings: { ...HOME.settings, language: "pt" as const } };
    assert.ok(bodyOf("/home", pt).includes("meter-1, em 192.168.1.21, diz ser desta instalação, home."));
  });
  it("stays when what was typed is refused", () => {
    const { response } = post("/mqtt", [["mqttPort", "0"]], HOME);
    assert.equal(response.status, 422);
    assert.ok(response.body.includes("Casa at 192.168.1.2:8883, encrypted"));
  });
});
