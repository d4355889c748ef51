import assert from "node:assert/strict";
import { formAt, kvaChoices, pzemInput, pzemShown, shownValue, stepsOf } from "../../src/portal/fields.js";
import { pagesOf } from "../../src/portal/layout.js";
import { textsOf } from "../../src/portal/texts/texts.js";
import { change, DEFAULTS, type Settings } from "../../src/settings.js";
import { SECRETS, SETTING_NAMES } from "../../src/settings-fields.js";

const EN = textsOf("en");

function settings(patch: object): Settings {
  const changed = change(DEFAULTS, patch);
  assert.ok(changed.ok, JSON.stringify(changed));
  return changed.settings;
}

/** How a setting of a form is shown. */
function shown(path: string, name: string, patch: object = {}): string {
  const field = formAt("charger", path)?.fields.find((one) => one.name === name);
  assert.ok(field, name);
  return shownValue(field, settings(patch));
}

describe("fields of the forms", () => {
  it("stand on the pages that the device has, and on no others", () => {
    for (const device of ["charger", "meter"] as const) {
      const withForm = pagesOf(device).filter(({ path }) => formAt(device, path) !== undefined);
      assert.equal(withForm.length, device === "charger" ? 8 : 5);
    }
    for (const path of ["/", "/nothing", "/__proto__", "", "/log"]) assert.equal(formAt("charger", path), undefined);
    assert.equal(formAt("meter", "/mode"), undefined);
  });
  it("stand on one page each", () => {
    for (const device of ["charger", "meter"] as const) {
      const names = pagesOf(device).flatMap(({ path }) => (formAt(device, path)?.fields ?? []).map(({ name }) => name));
      assert.equal(new Set(names).size, names.length);
    }
  });
  it("show values as people type them", () => {
    assert.equal(shown("/mode", "member"), "yes");
    assert.equal(shown("/mode", "member", { member: false }), "no");
    assert.equal(shown("/mode", "manualA", { manualA: 6.3 }), "6.3");
    assert.deepEqual([shown("/home", "houseMaxA"), shown("/home", "houseMaxA", { houseMaxA: 0 })], ["", "0"]);
    assert.equal(shown("/home", "wiring", { phases: 3, wiring: [2, 3, 1] }), "2 3 1");
  });
  it("offer every setting that a person may turn: the rest belongs to the board, the other device, or pages of their own", () => {
    const offered = (device: "charger" | "meter") =>
      pagesOf(device).flatMap(({ path }) => (formAt(device, path)?.fields ?? []).map(({ name }) => name));
    const missing = SETTING_NAMES.filter((name) => ![...offered("charger"), ...offered("meter")].includes(name));
    const elsewhere = ["mqttCa", "mqttOwn", "setUp", "priceCents", "tariff", "schedule", "apiToken"];
    assert.deepEqual(missing, ["residualFitted", "pzems", "siteVersion", ...elsewhere]);
    assert.ok(formAt("meter", "/home")?.pzems);
  });
  it("show no secret", () => {
    assert.deepEqual(SECRETS, [
      "wifiPassword",
      "mqttPassword",
      "siteKey",
      "portalPassword",
      "accessPointPassword",
      "emoncmsKey",
      "influxToken",
      "apiToken",
    ]);
    assert.equal(shown("/network", "wifiPassword", { wifiPassword: "hush-hush" }), "");
    assert.equal(shown("/mqtt", "mqttPassword", { mqttPassword: "hush" }), "");
    assert.equal(shown("/network", "portalPassword", { portalPassword: "hush-hush" }), "");
    assert.equal(shown("/site", "siteKey", { siteKey: "ab".repeat(16) }), "");
  });
  it("ask for a setting in one step of set-up at most, from the language to the end", () => {
    for (const device of ["charger", "meter"] as const) {
      const steps = stepsOf(device);
      assert.deepEqual([steps[0]?.name, steps.at(-1)?.name], ["language", "done"]);
      assert.deepEqual(
        steps.map(({ form }) => form.path),
        steps.map((_, at) => `/setup/${at + 1}`),
      );
      const names = steps.flatMap(({ form }) => form.fields.map(({ name }) => name));
      assert.equal(new Set(names).size, names.length);
    }
    assert.equal(
      stepsOf("meter").some(({ name }) => name === "meter"),
      false,
    );
  });
  it("give each contracted power with the current it comes to, by phases and voltage", () => {
    assert.deepEqual(kvaChoices(EN, settings({}))[4], ["6.9", "6.9 kVA, 30 A"]);
    assert.deepEqual(kvaChoices(EN, settings({ phases: 3 }))[8], ["20.7", "20.7 kVA, 30 A"]);
    assert.equal(kvaChoices(EN, settings({}))[0]?.[0], "");
  });
  it("name the inputs of a PZEM by its row", () => {
    assert.equal(pzemInput("role", 3), "pzem-role-3");
    assert.deepEqual(
      (["address", "role", "phase"] as const).map((part) => pzemShown(DEFAULTS.pzems[0], part)),
      ["1", "house", "1"],
    );
    assert.equal(pzemShown(undefined, "address"), "");
  });
});
