import assert from "node:assert/strict";
import fc from "fast-check";
import { type Form, formAt, stepsOf } from "../../src/portal/fields.js";
import type { Fields } from "../../src/portal/form.js";
import { pagesOf } from "../../src/portal/layout.js";
import { clearName, patchOf } from "../../src/portal/patch.js";
import { change, DEFAULTS } from "../../src/settings.js";

function formOf(path: string, device: "charger" | "meter" = "charger"): Form {
  const form = formAt(device, path);
  assert.ok(form);
  return form;
}
const patch = (path: string, fields: Fields, device: "charger" | "meter" = "charger") =>
  patchOf(formOf(path, device), fields, DEFAULTS);

describe("change of settings from a form", () => {
  it("is empty for an empty form, on every page", () => {
    for (const device of ["charger", "meter"] as const) {
      for (const { path } of pagesOf(device)) {
        if (formAt(device, path) !== undefined) assert.deepEqual(patch(path, [], device), {});
      }
    }
  });
  it("takes numbers with a point or a comma and spaces around them, and leaves what is none as it was typed", () => {
    const typed = (value: string) => patch("/mode", [["manualA", value]]).manualA;
    assert.deepEqual([" 6.3 ", "6,3", "-1", "007", "16"].map(typed), [6.3, 6.3, -1, 7, 16]);
    for (const text of ["", "1e3", "0x10", "6.", ".5", "6 3", "NaN", "Infinity", "1234567", "6.00001"]) {
      assert.equal(typed(text), text);
    }
  });
  it("takes the broker's password away with its address, unless one was typed for the new one", () => {
    const set = { ...DEFAULTS, mqttHost: "broker.home", mqttPassword: "sol-e-chuva" };
    const typed = (fields: Fields) => patchOf(formOf("/mqtt"), fields, set).mqttPassword;
    assert.equal(
      typed([
        ["mqttHost", "broker.home"],
        ["mqttPort", "1883"],
        ["mqttPassword", ""],
      ]),
      undefined,
    );
    assert.equal(
      typed([
        ["mqttHost", "192.168.1.66"],
        ["mqttPassword", ""],
      ]),
      "",
    );
    assert.equal(typed([["mqttTls", "yes"]]), "");
    assert.equal(
      typed([
        ["mqttPort", "8883"],
        ["mqttPassword", "new"],
      ]),
      "new",
    );
  });
  it("takes yes and no, and leaves anything else to be refused", () => {
    const member = (value: string) => patch("/mode", [["member", value]]).member;
    assert.deepEqual(["yes", "no", "maybe", ""].map(member), [true, false, "maybe", ""]);
  });
  it("takes lists, and an empty house maximum for unknown", () => {
    assert.deepEqual(patch("/home", [["wiring", "2 3 1"]]), { wiring: [2, 3, 1] });
    assert.deepEqual(patch("/home", [["wiring", ""]]), { wiring: [""] });
    assert.deepEqual(patch("/home", [["houseMaxA", " "]]), { houseMaxA: null });
  });
  it("keeps text as it was typed, spaces included", () => {
    assert.deepEqual(patch("/network", [["wifiSsid", " my net "]]), { wifiSsid: " my net " });
  });
  it("keeps a secret whose field is empty, and takes it away when that is ticked", () => {
    assert.deepEqual(patch("/network", [["wifiPassword", ""]]), {});
    assert.deepEqual(patch("/network", [["wifiPassword", " 12345678"]]), { wifiPassword: " 12345678" });
    const both: Fields = [
      ["wifiPassword", "12345678"],
      [clearName("wifiPassword"), "yes"],
    ];
    assert.deepEqual(patch("/network", both), { wifiPassword: "" });
  });
  it("keeps a password whose field is empty, which nothing takes away", () => {
    assert.deepEqual(patch("/network", [["portalPassword", ""]]), {});
    assert.deepEqual(patch("/network", [["portalPassword", " 12345678"]]), { portalPassword: " 12345678" });
    assert.ok(!change(DEFAULTS, patch("/network", [[clearName("portalPassword"), "yes"]])).ok);
  });
  it("takes the network that was picked, or else the one that was typed", () => {
    const wifi = (picked: string, typed: string) => {
      const step = stepsOf("charger").find(({ form }) => form.networks);
      assert.ok(step);
      const fields: Fields = [
        ["wifiPick", picked],
        ["wifiSsid", typed],
      ];
      return patchOf(step.form, fields, DEFAULTS).wifiSsid;
    };
    assert.deepEqual([wifi("Casa", "x"), wifi("", " hidden "), wifi("", "")], ["Casa", " hidden ", ""]);
  });
  it("takes the first of a field that was sent twice", () => {
    const twice: Fields = [
      ["mode", "solar"],
      ["mode", "auto"],
    ];
    assert.deepEqual(patch("/mode", twice), { mode: "solar" });
  });
  it("puts a contracted power in the place of the current, by what is typed beside it", () => {
    assert.deepEqual(patch("/home", [["contractedKva", "6.9"]]), { contractedA: 30 });
    assert.deepEqual(patch("/home", [["contractedKva", ""]]), {});
    const typed: Fields = [
      ["contractedKva", "6.9"],
      ["contractedA", "12"],
      ["voltageV", "200"],
    ];
    assert.deepEqual(patch("/home", typed), { contractedA: 34.5, voltageV: 200 });
  });
  it("is refused as a whole for a power that no contract has, or a field that the form does not have", () => {
    for (const [path, name, value] of [
      ["/home", "contractedKva", "7"],
      ["/mode", "maxA", "80"],
      ["/mode", "__proto__", "1"],
      ["/mode", "wifiPassword-clear", "yes"],
      ["/home", "pzem-address-1", "3"],
    ] as const) {
      assert.ok(!change(DEFAULTS, patch(path, [[name, value]])).ok, name);
    }
  });
  it("lists the PZEMs of all rows with an address, and changes them only when rows were sent", () => {
    const rows: Fields = [
      ["pzem-address-1", ""],
      ["pzem-address-4", " 9 "],
      ["pzem-role-4", "solar"],
      ["pzem-phase-4", "2"],
    ];
    assert.deepEqual(patch("/home", rows, "meter").pzems, [{ address: 9, role: "solar", phase: 2 }]);
    assert.deepEqual(patch("/home", [["pzem-address-1", ""]], "meter").pzems, []);
    assert.equal("pzems" in patch("/home", [["roof", "yes"]], "meter"), false);
  });
  it("takes any fields without a throw, and never more than the form has", () => {
    const name = fc.constantFrom("mode", "manualA", "member", "maxA", "contractedKva", "__proto__", "toString", "csrf");
    const value = fc.oneof(fc.string(), fc.constantFrom("6,9", "1e99", "yes", "", "1 2 3", "99999"));
    fc.assert(
      fc.property(
        fc.constantFrom("/mode", "/home"),
        fc.array(fc.tuple(name, value), { maxLength: 6 }),
        (path, fields) => {
          const form = formOf(path);
          const known: readonly string[] = [...form.fields.map((one) => one.name), "contractedKva", "unknown field"];
          for (const key of Object.keys(patchOf(form, fields, DEFAULTS))) assert.ok(known.includes(key), key);
        },
      ),
    );
  });
});
