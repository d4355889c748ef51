import assert from "node:assert/strict";
import fc from "fast-check";
import { COMMANDS, LEASE_S, readCommand, resultJson } from "../src/commands.js";
import { encodeText } from "../src/text.js";
import { unixSeconds } from "../src/units.js";

const NOW = unixSeconds(1_800_000_000);
const read = (name: string, payload: string, unix: typeof NOW | null = NOW) =>
  readCommand(name, encodeText(payload), unix);

/** The order; a refusal fails the test. */
function order(name: string, payload: string) {
  const { asked } = read(name, payload);
  assert.ok(asked.ok, JSON.stringify(asked));
  return asked.order;
}

function refusal(name: string, payload: string, unix: typeof NOW | null = NOW): string {
  const { asked } = read(name, payload, unix);
  assert.ok(!asked.ok, JSON.stringify(asked));
  return `${asked.field}: ${asked.why}`;
}

const leaseMs = (payload: string): number => {
  const one = order("current", payload);
  assert.ok(one.kind === "outside");
  return one.lease;
};

describe("a command", () => {
  it("is a bare value, or an object with a value and an id that comes back", () => {
    assert.deepEqual(order("mode", "solar"), { kind: "settings", patch: { mode: "solar" } });
    assert.deepEqual(order("mode", '"solar"'), { kind: "settings", patch: { mode: "solar" } });
    for (const id of [7, "x-1", 0]) {
      const told = read("mode", JSON.stringify({ id, value: "auto" }));
      assert.deepEqual(told, { id, asked: { ok: true, order: { kind: "settings", patch: { mode: "auto" } } } });
    }
    assert.equal(read("mode", "auto").id, null);
  });
  it("takes a current in A with decimals, rounded down to 0.1 A: 0, or 6 to 80", () => {
    const amps = (payload: string) => {
      const one = order("current", payload);
      return one.kind === "outside" && "amps" in one.said ? one.said.amps : null;
    };
    assert.deepEqual(["0", "6", "8.27", "16.0", "80", '{"value":9.99}'].map(amps), [0, 60, 82, 160, 800, 99]);
    for (const bad of ["5.9", "0.1", "-1", "80.1", "true", "null", '"16"', "sixteen"]) {
      assert.equal(refusal("current", bad), "current: must be 0, or from 6 to 80 A");
    }
  });
  it("leads for 60 s, or for as long as it says, a day at most", () => {
    assert.equal(leaseMs("16"), LEASE_S * 1_000);
    assert.equal(leaseMs('{"value":16,"leaseS":5}'), 5_000);
    assert.equal(leaseMs('{"value":16,"leaseS":86400}'), 86_400_000);
    for (const bad of ["0", "86401", "1.5", '"9"'])
      assert.match(refusal("current", `{"value":16,"leaseS":${bad}}`), /^leaseS: must be a whole number/);
  });
  it("enables and boosts by true and false alone", () => {
    assert.deepEqual(order("enable", "false"), { kind: "outside", said: { enabled: false }, lease: 60_000 });
    assert.deepEqual(order("boost", "true"), { kind: "shot", shot: { boost: true } });
    for (const name of ["enable", "boost"])
      for (const bad of ["1", "on", "TRUE", "null", "[]"])
        assert.equal(refusal(name, bad), `${name}: must be true or false`);
  });
  it("delays until a time, and takes that back", () => {
    assert.deepEqual(order("delay_until", "1800003600"), { kind: "shot", shot: { delayUntil: 1_800_003_600 } });
    assert.deepEqual(order("delay_until", "null"), { kind: "shot", shot: { delayUntil: null } });
    assert.match(refusal("delay_until", "1800003600000"), /^delay_until: must be a whole number/);
    assert.equal(refusal("delay_until", "1800003600", null), "delay_until: the charger does not know the time");
    assert.ok(read("delay_until", "null", null).asked.ok);
  });
  it("names a departure with the energy that is needed by then, and takes it back", () => {
    const shot = { departure: { by: 1_800_030_000, need: 12_000 } };
    const plain = '{"by":1800030000,"needWh":12000}';
    assert.deepEqual(order("departure", plain), { kind: "shot", shot });
    assert.deepEqual(order("departure", `{"id":1,"value":${plain}}`), { kind: "shot", shot });
    assert.deepEqual(order("departure", '{"id":1,"by":1800030000,"needWh":12000}'), { kind: "shot", shot });
    assert.deepEqual(order("departure", "null"), { kind: "shot", shot: { departure: null } });
    assert.equal(refusal("departure", '{"by":1800000000,"needWh":1}'), "by: is over");
    assert.match(refusal("departure", '{"by":1800030000}'), /^needWh: must be a whole number/);
    assert.match(refusal("departure", '{"by":1800030000,"needWh":0}'), /^needWh: must be a whole number/);
    assert.equal(refusal("departure", "9"), "departure: must have by and needWh, or be null");
    assert.equal(refusal("departure", plain, null), "by: the charger does not know the time");
  });
  it("of settings is a patch of those that are changed daily, and of no other", () => {
    assert.deepEqual(order("set", '{"id":3,"manualA":12.5,"priority":2}'), {
      kind: "settings",
      patch: { manualA: 12.5, priority: 2 },
    });
    for (const name of ["maxA", "failsafeA", "siteKey", "cards", "__proto__", "portalPassword"])
      assert.equal(refusal("set", `{"mode":"auto","${name}":1}`), `${name}: cannot be set here`);
    assert.match(refusal("set", "{}"), /^: must have one of mode/);
    assert.match(refusal("set", '{"id":3}'), /^: must have one of mode/);
    assert.equal(refusal("set", "12"), ": must be an object of settings");
  });
  it("is refused by the field that is wrong: unknown, without a value, no JSON, no text, too long, an id that is none", () => {
    assert.equal(refusal("explode", "1"), "explode: unknown command");
    assert.equal(refusal("toString", "1"), "toString: unknown command");
    assert.equal(refusal("mode", "{}"), "value: is missing");
    assert.equal(refusal("mode", '{"valeu":1}'), "valeu: cannot be set here");
    for (const bad of ["", "{", '{"value":1', "1 2", "<xml>"]) assert.equal(refusal("mode", bad), ": is no JSON");
    assert.equal(refusal("mode", `"${"x".repeat(600)}"`), ": is over 512 bytes");
    assert.deepEqual(readCommand("mode", Uint8Array.of(0xff), NOW).asked, { ok: false, field: "", why: "is no text" });
    assert.match(refusal("mode", '{"id":{},"value":1}'), /^id: must be a number, or text/);
    assert.match(refusal("mode", `{"id":"${"x".repeat(41)}","value":1}`), /^id: must be a number, or text/);
  });
  it("never throws, whatever comes", () => {
    const names = fc.constantFrom("set", "x", ...Object.keys(COMMANDS));
    const value = fc.oneof(fc.json(), fc.string(), fc.constantFrom("true", "1e999", '{"value":{}}', '{"by":[]}'));
    fc.assert(
      fc.property(names, value, fc.boolean(), (name, payload, knows) => {
        const { asked, id } = read(name, payload, knows ? NOW : null);
        const answer = JSON.parse(resultJson(name, id, asked.ok ? null : asked));
        assert.equal(answer.ok, asked.ok);
        if (!asked.ok) assert.ok(answer.why.length > 0 && answer.field.length <= 40);
      }),
    );
  });
});
