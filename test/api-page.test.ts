import assert from "node:assert/strict";
import { writeBackup } from "../src/backup.js";
import { apiBody, apiPosted } from "../src/portal/api-page.js";
import { ALONE, brokerDesk } from "./broker-desk.js";
import { CHARGER, METER, viewOf } from "./portal/model.js";
import { program, TOKEN } from "./program.js";
import { settingsOf } from "./site.js";
import { visitor } from "./visitor.js";

const PASSWORD = "sol-e-chuva";
const on = { ...CHARGER, settings: { ...CHARGER.settings, apiToken: TOKEN } };

describe("page of the interface for programs", () => {
  it("says whether it is on, in both languages and at both devices, and shows no token unasked", () => {
    assert.match(apiBody(viewOf(METER), false, false), /Off: no program is answered\..*>Make a token</);
    assert.match(apiBody(viewOf(on), false, false), /On: whoever has the token.*>Show the token<.*>Switch off</);
    const pt = viewOf({ ...on, settings: { ...on.settings, language: "pt" } });
    assert.match(apiBody(pt, false, false), /Ligada.*>Mostrar o token</);
    for (const view of [viewOf(on), pt]) assert.ok(!apiBody(view, true, false).includes(TOKEN));
    assert.ok(apiBody(viewOf(on), false, true).includes(TOKEN));
  });
  it("knows no other button", () => {
    assert.equal(apiPosted(viewOf(on), "").response.status, 404);
    assert.deepEqual(apiPosted(viewOf(on), "off").change, { apiToken: "" });
  });
  it("makes a token of 128 bits that opens the interface, another one each time, and ends it", () => {
    const desk = brokerDesk({ ...ALONE, setUp: true, portalPassword: PASSWORD });
    const owner = visitor({
      give: (connection, event) => desk.give({ kind: "page", connection, event }),
      sent: () => desk.log.flatMap((one) => (one.kind === "pageSend" ? [one.bytes] : [])).at(-1),
    });
    owner.logIn(PASSWORD);
    const press = (go: string): string => {
      const csrf = /name="csrf" value="([^"]+)"/.exec(owner.get("/api"))?.[1] ?? "";
      return owner.post("/api", [
        ["csrf", csrf],
        ["go", go],
      ]);
    };
    const shown = (): string => /class="secret">([^<]*)/.exec(press("token"))?.[1] ?? "";
    const { get } = program(desk);
    const statusWith = (token: string): number => get("/api/state", `Authorization: Bearer ${token}\r\n`).status;
    press("newToken");
    const first = shown();
    assert.match(first, /^[0-9a-f]{32}$/);
    assert.equal(statusWith(first), 200);
    press("newToken");
    const second = shown();
    assert.notEqual(second, first);
    assert.deepEqual([statusWith(first), statusWith(second)], [401, 200]);
    assert.ok(!owner.get("/api").includes(second) && !owner.get("/backup").includes(second));
    desk.waits(20_000);
    assert.ok(!JSON.stringify([desk.said(), desk.state().device.log]).includes(second));
    const told = desk.log.flatMap((one) => (one.kind === "log" || one.kind === "console" ? [one.text] : []));
    assert.ok(!told.some((text) => text.includes(second)));
    press("off");
    assert.equal(statusWith(second), 404);
    assert.equal(desk.state().device.settings.apiToken, "");
  });
  it("is in no backup but one with a passphrase", () => {
    const settings = settingsOf({ apiToken: TOKEN });
    for (const pass of [null, { passphrase: "sol e chuva, sol", salt: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }])
      assert.ok(!JSON.stringify(writeBackup(settings, "charger", "0.1.0", pass)).includes(TOKEN));
  });
});
