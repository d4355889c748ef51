import assert from "node:assert/strict";
import type { PortalModel } from "../../src/portal/model.js";
import { authority } from "../certificate-maker.js";
import { CHARGER, METER } from "./model.js";
import { get, post } from "./pages.js";

const home = authority("Home");
const device = home.issue({ name: "charger-1" });
const OPEN: PortalModel = { ...CHARGER, charger: { ...CHARGER.charger, contactorClosed: false } };
const OWN = [
  ["go", "mqttOwn"],
  ["certificate", device.certificate],
  ["key", device.key],
] as const;

describe("page of the certificates", () => {
  it("says what is stored by its check, or that the public authorities count", () => {
    const none = get("/certificates", METER).response.body;
    assert.match(none, /None stored: the public authorities in the software/);
    const settings = { ...METER.settings, mqttCa: "1-01ab23cd" };
    assert.match(get("/certificates", { ...METER, settings }).response.body, /Stored, check 01ab23cd\./);
  });
  it("takes certificates that were pasted, and the device's own with its key", () => {
    const ca = post(
      "/certificates",
      [
        ["go", "mqttCa"],
        ["ca", home.certificate],
      ],
      METER,
    );
    assert.equal(ca.response.status, 303);
    assert.ok(ca.acts[0]?.kind === "certificates" && ca.acts[0].of === "mqttCa" && ca.acts[0].parts.length === 1);
    const own = post("/certificates", OWN, OPEN);
    assert.ok(own.acts[0]?.kind === "certificates" && own.acts[0].of === "mqttOwn" && own.acts[0].parts.length === 2);
  });
  it("forgets what is stored when that is asked for", () => {
    assert.deepEqual(post("/certificates", [["go", "removeCa"]], METER).acts, [
      { kind: "certificates", of: "mqttCa", parts: [] },
    ]);
  });
  it("stores nothing while a car charges, and says why", () => {
    const { response, acts } = post("/certificates", OWN, CHARGER);
    assert.equal(response.status, 422);
    assert.match(response.body, /cannot be changed while a car charges/);
    assert.deepEqual(acts, []);
  });
  it("tells what is wrong beside its input, and never shows again what was pasted", () => {
    const key = device.key.split("\n")[5] ?? "";
    const { response } = post(
      "/certificates",
      [
        ["go", "mqttOwn"],
        ["certificate", "x"],
        ["key", device.key],
      ],
      OPEN,
    );
    assert.equal(response.status, 422);
    assert.match(response.body, /id="certificate-error">must be certificates/);
    assert.ok(!response.body.includes(key));
    const many = Array.from({ length: 7 }, () => home.certificate).join("");
    const long = post(
      "/certificates",
      [
        ["go", "mqttCa"],
        ["ca", many],
      ],
      METER,
    ).response;
    assert.match(long.body, /id="ca-error">is \d+ bytes long, more than 4000/);
  });
});
