import assert from "node:assert/strict";
import fc from "fast-check";
import { currencyOf, decimals, money, moneyOf, moneyText, parseMoney, priceUpTo } from "../src/money.js";

const price = (value: unknown): number | string => {
  const checked = priceUpTo(100)(value);
  return checked.ok ? moneyOf(checked.value) : checked.why;
};

describe("money", () => {
  it("is whole ten-thousandths and nothing else", () => {
    assert.equal(money(1_534), 1_534);
    for (const wrong of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
      assert.throws(() => money(wrong), RangeError);
  });
  it("is read from text with a point or a comma", () => {
    for (const [text, value] of [
      ["0.1534", 1_534],
      ["0,1534", 1_534],
      ["12", 120_000],
      ["12.5", 125_000],
      ["-0.01", -100],
      ["-0", 0],
      ["0.0001", 1],
      ["999999999.9999", 9_999_999_999_999],
    ] as const)
      assert.equal(parseMoney(text), value, text);
  });
  it("is not read from anything else", () => {
    for (const text of [
      "",
      ".5",
      "1.",
      "1.23456",
      "1e3",
      "+1",
      "1 000",
      "1.000,5",
      "1234567890",
      "0x1",
      "NaN",
      "1.2.3",
    ])
      assert.equal(parseMoney(text), null, text);
  });
  it("takes a price as number or as text, exactly, within its bounds", () => {
    assert.equal(price(0.1534), 1_534);
    assert.equal(price("0.1534"), 1_534);
    assert.equal(price(0), 0);
    assert.equal(price(100), 1_000_000);
    assert.equal(price("100,0000"), 1_000_000);
    for (const wrong of [-0.0001, 100.0001, "100.0001", "", "a", null, {}, Number.NaN])
      assert.equal(price(wrong), "must be from 0 to 100");
    assert.equal(price(0.12345), "must have at most four decimals");
  });
  it("gives a typed price back unchanged", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (steps) => {
        const checked = priceUpTo(100)(decimals(money(steps)));
        assert.ok(checked.ok);
        assert.equal(moneyOf(checked.value), steps);
        assert.deepEqual(priceUpTo(100)(JSON.parse(JSON.stringify(checked.value))), checked);
      }),
    );
  });
  it("is shown with two decimals, and with more rather than rounded", () => {
    for (const [value, shown] of [
      [0, "0.00"],
      [12_300, "1.23"],
      [1_534, "0.1534"],
      [1_530, "0.153"],
      [100, "0.01"],
      [1, "0.0001"],
      [-12_300, "-1.23"],
      [12_345_678_900, "1234567.89"],
    ] as const)
      assert.equal(decimals(money(value)), shown);
    assert.equal(decimals(money(12_300), ","), "1,23");
    assert.equal(moneyText(money(12_300), "EUR", ","), "1,23 €");
    assert.equal(moneyText(money(12_300), "BRL"), "1.23 R$");
  });
  it("is read again from what is shown", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), fc.constantFrom(".", ","), (value, sign) => {
        assert.equal(parseMoney(decimals(money(value), sign)), value);
      }),
    );
  });
  it("knows its currencies", () => {
    assert.ok(currencyOf("EUR").ok);
    for (const wrong of ["eur", "XXX", "", null, "toString"]) assert.equal(currencyOf(wrong).ok, false);
  });
});
