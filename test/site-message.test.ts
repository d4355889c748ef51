import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Demand,
  decodeDemand,
  decodeReport,
  encodeDemand,
  encodeReport,
  type Report,
} from "../src/site-message.js";
import { deciamps, milliamps, millis } from "../src/units.js";

const REPORT: Report = {
  boot: 3,
  stamp: millis(5_000),
  version: 9,
  until: millis(15_000),
  budget: [deciamps(120)],
  house: [deciamps(100)],
  solar: [deciamps(0)],
  echoes: [{ id: "charger-1", number: 4_000_000_000, heardAt: millis(4_900) }],
};
const DEMAND: Demand = {
  id: "charger-1",
  nonce: 1,
  number: 2,
  age: millis(40),
  draw: [milliamps(15_900)],
  offer: deciamps(160),
};

describe("site messages", () => {
  it("come back as they were sent", () => {
    assert.deepEqual(decodeReport(encodeReport(REPORT)), { ok: true, value: REPORT });
    assert.deepEqual(decodeReport(encodeReport({ ...REPORT, solar: null })), {
      ok: true,
      value: { ...REPORT, solar: null },
    });
    assert.deepEqual(decodeDemand(encodeDemand(DEMAND)), { ok: true, value: DEMAND });
  });
  it("are refused with the reason", () => {
    const why = (text: string) => {
      const decoded = decodeReport(text);
      return decoded.ok ? "ok" : decoded.why;
    };
    assert.equal(why("nonsense"), "notJson");
    assert.equal(why('[1,{"name":1}]'), "notJson");
    assert.equal(why("[2,1,1,1,1,[1],[1],0,[]]"), "otherFormat");
    assert.equal(why("[1,1,9,1,8,[1],[1],0,[]]"), "malformed");
    assert.equal(why("[1,1,1,1,8,[1,2],[1,2],0,[]]"), "malformed");
    assert.equal(why("[1,1,1,1,8,[-1],[1],0,[]]"), "malformed");
    assert.equal(why("[1,1,1,1,8,[1],[1],0,[[1,2,3]]]"), "malformed");
  });
  it("take any text without a throw", () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.array(fc.jsonValue()).map((list) => JSON.stringify([1, ...list])),
    );
    fc.assert(
      fc.property(
        text,
        (one) => typeof decodeReport(one).ok === "boolean" && typeof decodeDemand(one).ok === "boolean",
      ),
    );
  });
});
